//! The faults that are waiting for their requests.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Befallen, Fault};

/// All that were given and are not used up, in the order in which they were given.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: Mutex<Vec<Waiting>>,
}

#[derive(Debug)]
struct Waiting {
    fault: Fault,
    /// How many requests it was meant for.
    met: u32,
    struck: u32,
}

impl Faults {
    fn lock(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, fault: Fault) {
        self.lock().push(Waiting { fault, met: 0, struck: 0 });
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// What befalls a request, if anything does. Every fault that is meant for it counts it, the first that is due strikes.
    pub(crate) fn strike(&self, method: &str, path: &str, operation: Option<&str>) -> Option<Befallen> {
        let mut befallen = None;
        for waiting in self.lock().iter_mut() {
            if !waiting.fault.target.is(method, path, operation) {
                continue;
            }
            waiting.met += 1;
            if befallen.is_none() && waiting.is_due() {
                waiting.struck += 1;
                befallen = Some(waiting.fault.befallen.clone());
            }
        }
        befallen
    }

    /// What to tell a test whose faults have not all struck.
    pub(crate) fn unused_message(&self) -> Option<String> {
        let unused = self.unused();
        (!unused.is_empty()).then(|| format!("{} fault(s) have not struck:\n  {}\n", unused.len(), unused.join("\n  ")))
    }

    /// The faults that have not struck as often as they were meant to.
    fn unused(&self) -> Vec<String> {
        let waiting = self.lock();
        let unused = waiting.iter().filter(|w| w.struck < w.fault.most.unwrap_or(1));
        unused.map(|w| format!("{} (struck {} of {} requests)", w.fault, w.struck, w.met)).collect()
    }
}

impl Waiting {
    fn is_due(&mut self) -> bool {
        let fault = &mut self.fault;
        let due = self.met > fault.skip && fault.most.is_none_or(|most| self.struck < most);
        due && fault.chance.as_mut().is_none_or(|(share, random)| random.f64() < *share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn struck(fault: Fault, requests: usize) -> Vec<bool> {
        let faults = Faults::default();
        faults.add(fault);
        (0..requests).map(|_| faults.strike("GET", "/v2/me", Some("get_me")).is_some()).collect()
    }

    #[test]
    fn a_fault_strikes_as_often_as_it_says() {
        assert_eq!(struck(Fault::status(500), 3), [true, false, false]);
        assert_eq!(struck(Fault::status(500).times(2), 3), [true, true, false]);
        assert_eq!(struck(Fault::status(500).always(), 3), [true, true, true]);
        assert_eq!(struck(Fault::status(500).nth(2), 3), [false, true, false]);
        assert_eq!(struck(Fault::status(500).nth(2).always(), 3), [false, true, true]);
        assert_eq!(struck(Fault::status(500).on("list_bookings"), 2), [false, false]);
    }

    #[test]
    fn chance_is_the_same_in_every_run() {
        let by = |seed| struck(Fault::status(500).chance(0.3, seed), 1000);
        assert_eq!(by(7), by(7));
        assert_ne!(by(7), by(8));
        let hits = by(7).into_iter().filter(|hit| *hit).count();
        assert!((200..400).contains(&hits), "{hits}");
        assert_eq!(struck(Fault::status(500).chance(1.0, 1).times(2), 3), [true, true, false]);
    }

    #[test]
    fn the_first_that_is_due_strikes_and_what_did_not_is_named() {
        let faults = Faults::default();
        faults.add(Fault::status(500).on("get_me"));
        faults.add(Fault::empty(502).on("/v2/me").times(2));
        faults.add(Fault::silence().on("create_booking"));
        let strike = || faults.strike("GET", "/v2/me", Some("get_me")).map(|befallen| befallen.to_string());
        assert_eq!(strike().as_deref(), Some("500"));
        assert_eq!(strike().as_deref(), Some("502 without a body"));
        assert_eq!(
            faults.unused(),
            [
                "502 without a body on /v2/me, 2 times (struck 1 of 2 requests)",
                "silence on create_booking (struck 0 of 0 requests)"
            ]
        );
    }
}
