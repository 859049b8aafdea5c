//! What became of deliveries.

use jiff::Timestamp;

use super::super::state::{Meeting, WebhookDelivery};

/// What was sent, and what waits for its time.
#[derive(Debug, Default)]
pub(crate) struct Deliveries {
    pub(crate) made: Vec<WebhookDelivery>,
    under_way: usize,
    pub(crate) waiting: Vec<Meeting>,
}

impl Deliveries {
    /// Whether nothing is under way, and nothing is due at `now`.
    pub(crate) fn are_settled(&self, now: Timestamp) -> bool {
        self.under_way == 0 && self.waiting.iter().all(|meeting| meeting.at > now)
    }

    pub(crate) fn begin(&mut self, mut delivery: WebhookDelivery) -> (usize, WebhookDelivery) {
        let index = self.made.len();
        delivery.number = index as u64 + 1;
        self.made.push(delivery.clone());
        self.under_way += 1;
        (index, delivery)
    }

    pub(crate) fn end(&mut self, index: usize, status: Option<u16>) {
        self.under_way -= 1;
        if let Some(delivery) = self.made.get_mut(index) {
            delivery.status = status;
        }
    }
}
