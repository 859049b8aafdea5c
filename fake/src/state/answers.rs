//! Answers that a test gives to operations: the next ones, and the one for all others.

use std::collections::{HashMap, VecDeque};

use crate::reply::Reply;

/// The answers of a test, by operation.
#[derive(Clone, Debug, Default)]
pub(crate) struct ScriptedResponses(HashMap<&'static str, OperationResponses>);

#[derive(Clone, Debug, Default)]
struct OperationResponses {
    /// The answers to the next requests, each with the number of requests that it is for.
    next: VecDeque<(usize, Reply)>,
    /// The answer to all other requests.
    always: Option<Reply>,
}

impl ScriptedResponses {
    /// Sets the answer to the next requests of an operation, or to all others.
    pub(crate) fn set(&mut self, operation: &'static str, times: Option<usize>, reply: Reply) {
        let answers = self.0.entry(operation).or_default();
        match times {
            Some(0) => {}
            Some(times) => answers.next.push_back((times, reply)),
            None => answers.always = Some(reply),
        }
    }

    /// Removes all answers of an operation.
    pub(crate) fn clear(&mut self, operation: &str) {
        self.0.remove(operation);
    }

    /// Whether the test has an answer to the next request of an operation.
    pub(crate) fn has(&self, operation: &str) -> bool {
        self.0.get(operation).is_some_and(|answers| !answers.next.is_empty() || answers.always.is_some())
    }

    /// The answer to a request of an operation.
    pub(crate) fn take(&mut self, operation: &str) -> Option<Reply> {
        let answers = self.0.get_mut(operation)?;
        let Some((left, reply)) = answers.next.front_mut() else { return answers.always.clone() };
        let reply = reply.clone();
        *left -= 1;
        if *left == 0 {
            answers.next.pop_front();
        }
        Some(reply)
    }
}
