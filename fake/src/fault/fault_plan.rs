//! The faults that are configured and not used up.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Fault, FaultInjection};

/// The configured faults, in the order in which they were added.
#[derive(Debug, Default)]
pub(crate) struct FaultPlan {
    entries: Mutex<Vec<FaultEntry>>,
}

#[derive(Debug)]
struct FaultEntry {
    fault: Fault,
    /// The number of requests that it matched.
    matched: u32,
    injected: u32,
}

impl FaultPlan {
    fn lock(&self) -> MutexGuard<'_, Vec<FaultEntry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, fault: Fault) {
        self.lock().push(FaultEntry { fault, matched: 0, injected: 0 });
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// The faults, each with the numbers of requests that it matched and was injected into.
    pub(crate) fn describe(&self) -> Vec<(String, u32, u32)> {
        self.lock().iter().map(|entry| (entry.fault.to_string(), entry.matched, entry.injected)).collect()
    }

    /// Chooses the fault to inject into a request, if any. Each fault that matches counts the request; the first one that is due
    /// is injected.
    pub(crate) fn inject(&self, method: &str, path: &str, operation: Option<&str>) -> Option<FaultInjection> {
        let mut injection = None;
        for entry in self.lock().iter_mut() {
            if !entry.fault.target.matches(method, path, operation) {
                continue;
            }
            entry.matched += 1;
            if injection.is_none() && entry.is_due() {
                entry.injected += 1;
                injection = Some(entry.fault.injection.clone());
            }
        }
        injection
    }

    /// The failure message for faults that were not injected as often as configured.
    pub(crate) fn unused_message(&self) -> Option<String> {
        let unused = self.unused();
        (!unused.is_empty()).then(|| {
            format!("{} fault(s) were not injected as often as configured:\n  {}\n", unused.len(), unused.join("\n  "))
        })
    }

    /// The faults that were not injected as often as configured.
    fn unused(&self) -> Vec<String> {
        let entries = self.lock();
        let unused = entries.iter().filter(|w| w.injected < w.fault.max.unwrap_or(1));
        unused
            .map(|w| format!("{} (injected into {} of {} matching requests)", w.fault, w.injected, w.matched))
            .collect()
    }
}

impl FaultEntry {
    fn is_due(&mut self) -> bool {
        let fault = &mut self.fault;
        let due = self.matched > fault.skip && fault.max.is_none_or(|max| self.injected < max);
        due && fault.chance.as_mut().is_none_or(|(share, random)| random.f64() < *share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn injected(fault: Fault, requests: usize) -> Vec<bool> {
        let faults = FaultPlan::default();
        faults.add(fault);
        (0..requests).map(|_| faults.inject("GET", "/v2/me", Some("get_me")).is_some()).collect()
    }

    #[test]
    fn a_fault_applies_to_as_many_requests_as_it_is_set_to() {
        assert_eq!(injected(Fault::status(500), 3), [true, false, false]);
        assert_eq!(injected(Fault::status(500).times(2), 3), [true, true, false]);
        assert_eq!(injected(Fault::status(500).always(), 3), [true, true, true]);
        assert_eq!(injected(Fault::status(500).nth(2), 3), [false, true, false]);
        assert_eq!(injected(Fault::status(500).nth(2).always(), 3), [false, true, true]);
        assert_eq!(injected(Fault::status(500).on("list_bookings"), 2), [false, false]);
    }

    #[test]
    fn a_random_fault_applies_to_the_same_requests_for_the_same_seed() {
        let by = |seed| injected(Fault::status(500).chance(0.3, seed), 1000);
        assert_eq!(by(7), by(7));
        assert_ne!(by(7), by(8));
        let hits = by(7).into_iter().filter(|hit| *hit).count();
        assert!((200..400).contains(&hits), "{hits}");
        assert_eq!(injected(Fault::status(500).chance(1.0, 1).times(2), 3), [true, true, false]);
    }

    #[test]
    fn the_first_matching_fault_with_uses_left_applies_and_unused_faults_are_listed() {
        let faults = FaultPlan::default();
        faults.add(Fault::status(500).on("get_me"));
        faults.add(Fault::empty(502).on("/v2/me").times(2));
        faults.add(Fault::no_response().on("create_booking"));
        let inject = || faults.inject("GET", "/v2/me", Some("get_me")).map(|injection| injection.to_string());
        assert_eq!(inject().as_deref(), Some("500"));
        assert_eq!(inject().as_deref(), Some("502 without a body"));
        assert_eq!(
            faults.unused(),
            [
                "502 without a body on /v2/me, 2 times (injected into 1 of 2 matching requests)",
                "no response on create_booking (injected into 0 of 0 matching requests)"
            ]
        );
    }
}
