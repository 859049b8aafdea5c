//! Answers that a test gives to operations: the next ones, and the one for all others.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use super::super::fake::FakeCalcom;
use super::super::reply::{Reply, ReplyBody};
use super::super::suggestions::nearest;
use super::{DOCUMENT, named, names};

/// The answers of a test, by operation.
#[derive(Clone, Debug, Default)]
pub(crate) struct ScriptedAnswers(HashMap<&'static str, OperationAnswers>);

#[derive(Clone, Debug, Default)]
struct OperationAnswers {
    /// The answers to the next requests, each with the number of requests that it is for.
    next: VecDeque<(usize, Reply)>,
    /// The answer to all other requests.
    always: Option<Reply>,
}

impl ScriptedAnswers {
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

/// The answer of a test to an operation: [`FakeCalcom::on`] makes it, [`Self::answer`] sets it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> calcom::Result<()> {
/// use calcom::{ApiKey, Client};
/// use calcom_fake::FakeCalcom;
/// use serde_json::json;
///
/// let fake = FakeCalcom::start().await;
/// // The first list is refused, all others are empty.
/// fake.on("list_organization_users").times(1).status(403).answer(json!({"message": "no member"}));
/// fake.on("list_organization_users").answer(json!({"status": "success", "data": []}));
///
/// let client = Client::builder().api_url(fake.url()).credentials(ApiKey::new(fake.api_key())).build()?;
/// let users = || client.request(calcom::http::Method::GET, "/v2/organizations/1/users");
/// assert!(users().await.is_err());
/// assert_eq!(users().await?["data"], json!([]));
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "an answer is set by `answer`"]
pub struct AnswerBuilder<'a> {
    fake: &'a FakeCalcom,
    operation: &'static str,
    status: u16,
    headers: Vec<(HeaderName, HeaderValue)>,
    times: Option<usize>,
}

impl AnswerBuilder<'_> {
    /// Sets the HTTP status. Default: that of the operation's success.
    ///
    /// # Panics
    /// If it is not between 200 and 599.
    #[track_caller]
    pub fn status(mut self, status: u16) -> Self {
        assert!((200..600).contains(&status), "{status} is no status of an answer");
        self.status = status;
        self
    }

    /// Adds a header, such as `retry-after`.
    ///
    /// # Panics
    /// If name or value is not valid in a header.
    #[track_caller]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) => self.headers.push((name, value)),
            #[expect(clippy::panic, reason = "a test with a header that cannot be sent cannot go on, and says so")]
            _ => panic!("`{name}: {value}` is no header"),
        }
        self
    }

    /// Sets the number of requests that the answer is for. Default: all. Answers for a number of requests come first, in the
    /// order in which they were set. Zero sets nothing.
    pub fn times(mut self, times: usize) -> Self {
        self.times = Some(times);
        self
    }

    /// Sets the answer, a whole body. `null` is an answer without a body. Without [`Self::times`] it replaces the last one for
    /// all requests.
    pub fn answer(self, body: impl Into<Value>) {
        let reply = reply(self.status, &body.into(), &self.headers);
        let mut core = self.fake.shared().lock();
        let answers = core.state.answers.0.entry(self.operation).or_default();
        match self.times {
            Some(0) => {}
            Some(times) => answers.next.push_back((times, reply)),
            None => answers.always = Some(reply),
        }
    }

    /// Removes all answers of the operation. From now on the fake answers by itself.
    pub fn clear(self) {
        self.fake.shared().lock().state.answers.0.remove(self.operation);
    }
}

impl FakeCalcom {
    /// Chooses an operation by its name in the document, such as `list_organization_users`, to answer it in place of the fake.
    ///
    /// An operation that the fake does not play is answered with its recorded example unless the test gives an answer. Path,
    /// version, credentials, query and body are checked in either case; a request that the document does not allow gets 400, and
    /// the message names the fields.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use calcom_fake::FakeCalcom;
    /// use serde_json::json;
    ///
    /// let fake = FakeCalcom::start().await;
    /// fake.on("list_team_memberships").header("x-test", "1").answer(json!({"status": "success", "data": []}));
    /// # }
    /// ```
    ///
    /// # Panics
    /// If no operation has this name. The message lists the names.
    #[track_caller]
    pub fn on(&self, operation: &str) -> AnswerBuilder<'_> {
        let Some(operation) = named(operation) else {
            let near = nearest(operation, names().into_iter().map(str::to_owned));
            #[expect(clippy::panic, reason = "a test of an operation that does not exist cannot go on, and says so")]
            {
                panic!("`{operation}` is no operation; the nearest are {near}; there are: {}", names().join(", "))
            }
        };
        let status = DOCUMENT.operations.get(operation).map_or(200, |known| known.status);
        AnswerBuilder { fake: self, operation, status, headers: Vec::new(), times: None }
    }
}

/// The response with this body. An empty text and `null` are no body.
pub(super) fn reply(status: u16, body: &Value, headers: &[(HeaderName, HeaderValue)]) -> Reply {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = match body {
        Value::Null => ReplyBody::Empty,
        Value::String(text) if text.is_empty() => ReplyBody::Empty,
        Value::String(text) => ReplyBody::Raw(Bytes::from(text.clone())),
        json => ReplyBody::Json(json.clone()),
    };
    let mut reply = Reply::of(status, body);
    reply.headers.extend(headers.iter().cloned());
    reply
}
