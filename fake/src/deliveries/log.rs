//! The log of deliveries.

use jiff::Timestamp;

use super::super::state::{Meeting, WebhookDelivery};

/// The sent deliveries, and the meetings that are to be announced.
#[derive(Debug, Default)]
pub(crate) struct DeliveryLog {
    pub(crate) sent: Vec<WebhookDelivery>,
    in_flight: usize,
    pub(crate) scheduled: Vec<Meeting>,
}

impl DeliveryLog {
    /// Whether no delivery is in progress and none is due at `now`.
    pub(crate) fn is_idle(&self, now: Timestamp) -> bool {
        self.in_flight == 0 && self.scheduled.iter().all(|meeting| meeting.at > now)
    }

    pub(crate) fn begin(&mut self, mut delivery: WebhookDelivery) -> (usize, WebhookDelivery) {
        let index = self.sent.len();
        delivery.number = index as u64 + 1;
        self.sent.push(delivery.clone());
        self.in_flight += 1;
        (index, delivery)
    }

    pub(crate) fn end(&mut self, index: usize, status: Option<u16>) {
        self.in_flight -= 1;
        if let Some(delivery) = self.sent.get_mut(index) {
            delivery.status = status;
        }
    }
}
