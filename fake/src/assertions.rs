//! Assertions on the requests and changes of a fake. A failure message contains the expected and the actual result, and
//! all requests.

use super::change::{Change, ChangeRecord};
use super::fake::FakeCalcom;

impl FakeCalcom {
    /// Asserts the number of bookings that were made through the API, confirmed or pending, later cancelled ones included.
    ///
    /// A series counts once, a seat counts once, and a reschedule does not count.
    ///
    /// # Panics
    /// If the number differs.
    #[track_caller]
    pub fn expect_booked(&self, expected: usize) {
        let history = self.history();
        let made = made(&history);
        if made.len() != expected {
            self.fail(&format!("expected {expected} booking(s), {} were made\n{}", made.len(), lines(&made)));
        }
    }

    /// Asserts the number of bookings that were cancelled through the API. Each occurrence of a series counts.
    ///
    /// # Panics
    /// If the number differs.
    #[track_caller]
    pub fn expect_cancelled(&self, expected: usize) {
        let history = self.history();
        let cancelled: Vec<String> = history
            .iter()
            .filter_map(|happened| match &happened.change {
                Change::Cancelled { uid } => Some(format!("{uid}{}", by(happened))),
                Change::SeatCancelled { uid, .. } => Some(format!("a seat in {uid}{}", by(happened))),
                _ => None,
            })
            .collect();
        if cancelled.len() != expected {
            let were = cancelled.len();
            self.fail(&format!(
                "expected {expected} cancelled booking(s), {were} were cancelled\n{}",
                lines(&cancelled)
            ));
        }
    }

    /// Asserts the number of requests of an operation, such as `create_booking`, and marks them as expected.
    ///
    /// # Panics
    /// When it was another number, and if there is no such operation.
    #[track_caller]
    pub fn expect_requests(&self, operation: &'static str, expected: usize) {
        let found = self.requests_of(operation).len();
        if found != expected {
            self.fail(&format!("expected {expected} request(s) {operation}, {found} came\n"));
        }
        self.shared().lock().log.expected_operations.insert(operation);
    }

    /// Asserts that every request belongs to an operation for which [`Self::expect_requests`] was called.
    ///
    /// # Panics
    /// If there were other requests.
    #[track_caller]
    pub fn expect_no_other_requests(&self) {
        let others: Vec<String> = {
            let core = self.shared().lock();
            let known =
                |operation: Option<&'static str>| operation.is_some_and(|o| core.log.expected_operations.contains(o));
            core.log.requests.iter().filter(|r| !known(r.operation)).map(|r| format!("  {r:?}\n")).collect()
        };
        if !others.is_empty() {
            self.fail(&format!("{} unexpected request(s):\n{}", others.len(), others.concat()));
        }
    }

    /// Asserts that every request matched a route in path, method and version.
    ///
    /// # Panics
    /// If one did not. The message names the nearest routes.
    #[track_caller]
    pub fn expect_all_routed(&self) {
        let unrouted = self.requests().iter().filter(|request| !request.routed && request.hint.is_some()).count();
        if unrouted > 0 {
            self.fail(&format!("{unrouted} request(s) matched no route\n"));
        }
    }

    /// Asserts that every fault of this fake was injected as often as configured. A fault without a number, or with a chance,
    /// has to be injected at least once.
    ///
    /// # Panics
    /// If one was not.
    #[track_caller]
    pub fn expect_all_faults_injected(&self) {
        if let Some(message) = self.shared().faults.unused_message() {
            self.fail(&message);
        }
    }

    #[track_caller]
    fn fail(&self, what: &str) {
        let listing = self.shared().lock().log.to_lines();
        #[expect(clippy::panic, reason = "an assertion of a test")]
        {
            panic!("{what}requests so far:\n{listing}");
        }
    }
}

fn by(happened: &ChangeRecord) -> String {
    happened.request.map_or_else(String::new, |number| format!(" by request #{number}"))
}

fn lines(list: &[String]) -> String {
    list.iter().map(|line| format!("  {line}\n")).collect()
}

/// One line for each booking, series or seat that was made.
fn made(history: &[ChangeRecord]) -> Vec<String> {
    let mut series: Vec<(&str, Option<u64>)> = Vec::new();
    let mut lines = Vec::new();
    for happened in history {
        let Change::Booked { uid, recurring_uid, seat_uid } = &happened.change else { continue };
        let by = by(happened);
        match (recurring_uid, seat_uid) {
            (Some(recurring), _) => {
                if !series.contains(&(recurring.as_str(), happened.request)) {
                    series.push((recurring, happened.request));
                    lines.push(format!("series {recurring}{by}"));
                }
            }
            (None, Some(_)) => lines.push(format!("a seat in {uid}{by}")),
            (None, None) => lines.push(format!("{uid}{by}")),
        }
    }
    lines
}
