//! Pairs of requests that were sent at the same moment, or some milliseconds apart. Either of them can succeed, so they
//! are compared as a pair.

use std::io;

use super::{AgreementRun, compare, pairs::lag};
use calcom_fake::__conformance::RecordedExchange;
use calcom_fake::{__conformance::with_state, Latency};

impl AgreementRun {
    /// Sends both, the second after its lag, and compares the responses in both orders.
    pub(super) async fn race(&mut self, one: &RecordedExchange, other: &RecordedExchange) -> io::Result<()> {
        let (first, second) = if one.name < other.name { (one, other) } else { (other, one) };
        self.prepare(first);
        with_state(&self.fake, |state| self.facts.set_next_ids(state, second));
        self.fake.set_latency(Latency::recorded());
        let (early, late) = {
            let this = &*self;
            let late = async {
                tokio::time::sleep(lag(&first.name)).await;
                this.send(second, None).await
            };
            tokio::try_join!(this.send(first, None), late)?
        };
        self.fake.set_latency(Latency::instant());
        let straight = (compare::differences(first, &early), compare::differences(second, &late));
        let crossed = (compare::differences(first, &late), compare::differences(second, &early));
        let agrees =
            |exchange: &RecordedExchange, found: &[String]| found.is_empty() || !self.judged.contains(&exchange.name);
        let agree = |pair: &(Vec<String>, Vec<String>)| agrees(first, &pair.0) && agrees(second, &pair.1);
        let (of_first, of_second) = if agree(&crossed) { crossed } else { straight };
        self.count(first, of_first);
        self.count(second, of_second);
        Ok(())
    }
}
