//! Pairs that were sent at the same moment, or so many milliseconds apart. Which of the two wins is the server's
//! accident; what they come to together is not, so they are compared as a pair.

use std::io;

use super::{Stage, compare, pairs::lag};
use calcom_fake::__conformance::Exchange;
use calcom_fake::{__conformance::with_state, Pace};

impl Stage {
    /// Sends both, the second after its lag, and compares them either way round.
    pub(super) async fn race(&mut self, one: &Exchange, other: &Exchange) -> io::Result<()> {
        let (first, second) = if one.name < other.name { (one, other) } else { (other, one) };
        self.prepare(first);
        with_state(&self.fake, |state| self.facts.expect_of(state, second));
        self.fake.set_pace(Pace::recorded());
        let (early, late) = {
            let this = &*self;
            let late = async {
                tokio::time::sleep(lag(&first.name)).await;
                this.send(second, None).await
            };
            tokio::try_join!(this.send(first, None), late)?
        };
        self.fake.set_pace(Pace::instant());
        let straight = (compare::differences(first, &early), compare::differences(second, &late));
        let crossed = (compare::differences(first, &late), compare::differences(second, &early));
        let agrees = |exchange: &Exchange, found: &[String]| found.is_empty() || !self.judged.contains(&exchange.name);
        let agree = |pair: &(Vec<String>, Vec<String>)| agrees(first, &pair.0) && agrees(second, &pair.1);
        let (of_first, of_second) = if agree(&crossed) { crossed } else { straight };
        self.note(first, of_first);
        self.note(second, of_second);
        Ok(())
    }
}
