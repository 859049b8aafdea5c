//! Looks again after a call has ended: what was sent first, or by another caller, may show itself only then.

use tokio::time::{Instant, sleep};

use super::{
    IdempotencyKey, Service, Settings,
    deadline::Deadline,
    lookup::{Lookup, Row},
    once::{Evidence, State, Why, untidy},
    report::Subject,
    withdraw::{stands, withdraw},
};

/// A watch over one appointment.
pub(super) struct Watch {
    pub(super) service: Service,
    pub(super) key: IdempotencyKey,
    pub(super) lookup: Lookup,
    /// How many rows make it whole.
    pub(super) wanted: Option<usize>,
    pub(super) evidence: Evidence,
    pub(super) sends: u32,
}

impl Watch {
    /// Looks four times in the background, and withdraws what is there too often.
    pub(super) fn start(mut self) {
        let background = self.service.shared.background.clone();
        background.spawn(async move { self.look_four_times().await });
    }

    async fn look_four_times(&mut self) {
        let Settings { settle, watch, .. } = *self.service.settings();
        // A part of a series is judged by two looks that are the settling time apart.
        let ends = [settle / 4, settle.saturating_add(settle / 4), watch / 2, watch];
        let began = Instant::now();
        let mut before = None;
        for end in ends {
            let wait = end.saturating_sub(began.elapsed());
            sleep(wait).await;
            let stable = |live: &Vec<_>| before.as_ref() == Some(live) && wait >= settle / 2;
            if self.look(stable).await {
                before = Some(self.live());
            }
        }
    }

    fn live(&self) -> Vec<super::lookup::RowName> {
        self.evidence.live().iter().map(Row::name).collect()
    }

    /// Looks once, and withdraws what is untidy; whether all that was to be read could be.
    async fn look(&mut self, is_stable: impl Fn(&Vec<super::lookup::RowName>) -> bool) -> bool {
        let (service, lookup) = (&self.service, &self.lookup);
        let deadline = Deadline::within(service.budget());
        let most = service.settings().lookup;
        let asked = Instant::now();
        let client = service.lookup_client(&deadline);
        let Ok(sight) = deadline.run(lookup.look(&client, false)).await else { return false };
        self.evidence.looked(asked, Instant::now(), Ok(sight));
        let Some(untidy) = untidy(&self.evidence, self.wanted, is_stable(&self.live())) else { return true };
        let Ok(read) = stands(service.client(), &deadline, most, lookup, &untidy).await else { return false };
        let mut new = false;
        for (uid, rows) in read {
            new |= self.evidence.read(&uid, rows);
        }
        if !new {
            let state = if untidy.why == Why::Twice { State::Found } else { State::Part };
            let subject = Subject { key: self.key.as_str(), state: state.as_str(), sends: self.sends };
            service.report(subject, "withdraw");
            let failure = withdraw(service.client(), &deadline, most, &untidy).await;
            self.evidence.withdrew(Instant::now(), &untidy.rows, untidy.why, failure);
        }
        true
    }
}
