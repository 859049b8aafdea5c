//! Assertions on what the fake was asked and what it did. A failure says what was expected, what happened, and every
//! request that came.

use super::change::{Change, Happened};
use super::fake::FakeCalcom;

impl FakeCalcom {
    /// Asserts how many bookings were made through the API, confirmed or pending, and whatever became of them.
    ///
    /// A series counts once, a seat counts once, and moving a booking does not count.
    ///
    /// # Panics
    /// When it was another number.
    #[track_caller]
    pub fn expect_booked(&self, expected: usize) {
        let history = self.history();
        let made = made(&history);
        if made.len() != expected {
            self.fail(&format!("expected {expected} booking(s), {} were made\n{}", made.len(), lines(&made)));
        }
    }

    /// Asserts how many bookings were cancelled through the API, each occurrence of a series by itself.
    ///
    /// # Panics
    /// When it was another number.
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

    /// Asserts how many requests matched an operation, such as `create_booking`, and takes them as accounted for.
    ///
    /// # Panics
    /// When it was another number.
    #[track_caller]
    pub fn expect_requests(&self, operation: &'static str, expected: usize) {
        let found = self.requests_of(operation).len();
        if found != expected {
            self.fail(&format!("expected {expected} request(s) {operation}, {found} came\n"));
        }
        self.shared().lock().log.accounted.insert(operation);
    }

    /// Asserts that every request belongs to an operation that [`Self::expect_requests`] has named.
    ///
    /// # Panics
    /// When there were others.
    #[track_caller]
    pub fn expect_no_other_requests(&self) {
        let others: Vec<String> = {
            let core = self.shared().lock();
            let known = |operation: Option<&'static str>| operation.is_some_and(|o| core.log.accounted.contains(o));
            core.log.requests.iter().filter(|r| !known(r.operation)).map(|r| format!("  {r:?}\n")).collect()
        };
        if !others.is_empty() {
            self.fail(&format!("{} request(s) that nobody expected:\n{}", others.len(), others.concat()));
        }
    }

    /// Asserts that no request went past all routes: wrong path, wrong method or wrong version.
    ///
    /// # Panics
    /// When there was one; the message says what would have been known.
    #[track_caller]
    pub fn expect_all_routed(&self) {
        let lost = self.requests().iter().filter(|request| request.hint.is_some()).count();
        if lost > 0 {
            self.fail(&format!("{lost} request(s) matched no route\n"));
        }
    }

    /// Asserts that every fault given to this fake has struck as often as it was meant to; one that strikes always or by
    /// chance, at least once.
    ///
    /// # Panics
    /// When one has not.
    #[track_caller]
    pub fn expect_faults_struck(&self) {
        if let Some(message) = self.shared().faults.unused_message() {
            self.fail(&message);
        }
    }

    #[track_caller]
    fn fail(&self, what: &str) {
        let listing = self.shared().lock().log.listing();
        #[expect(clippy::panic, reason = "an assertion of a test")]
        {
            panic!("{what}requests so far:\n{listing}");
        }
    }
}

fn by(happened: &Happened) -> String {
    happened.request.map_or_else(String::new, |number| format!(" by request #{number}"))
}

fn lines(list: &[String]) -> String {
    list.iter().map(|line| format!("  {line}\n")).collect()
}

/// One line for each booking, series or seat that was made.
fn made(history: &[Happened]) -> Vec<String> {
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
