//! The host's word on a pending booking: confirming and declining it, once each.

use std::time::Duration;

use super::{
    NotDone, Outcome, Problem, Service,
    change::{Change, Stand, nul},
    lineage::succession,
};
use crate::{
    Client, Result,
    model::{Booking, BookingStatus, BookingUid},
};

/// A booking that has been confirmed or declined.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Decided {
    /// The booking as it is now.
    pub booking: Booking,
    /// Whether it was so already.
    pub already: bool,
}

impl Service {
    /// Confirms a pending booking; of a series, one occurrence confirms all. That it is confirmed already is success.
    ///
    /// A declined booking is [`Problem::Declined`]: the service would bring it back to life, and so would a repetition
    /// that comes late. Who wants that asks [`Bookings::confirm`](crate::facade::Bookings::confirm).
    pub async fn confirm(&self, uid: impl Into<BookingUid>) -> Outcome<Decided> {
        Box::pin(self.carry_out(Decide { uid: uid.into(), word: Word::Confirm })).await
    }

    /// Declines a pending booking. That it is declined already is success.
    pub async fn decline(&self, uid: impl Into<BookingUid>, reason: Option<&str>) -> Outcome<Decided> {
        if let Some(problem) = nul("rejectionReason", reason) {
            return NotDone::because(problem).into();
        }
        Box::pin(self.carry_out(Decide { uid: uid.into(), word: Word::Decline(reason.map(str::to_owned)) })).await
    }
}

enum Word {
    Confirm,
    Decline(Option<String>),
}

struct Decide {
    uid: BookingUid,
    word: Word,
}

impl Change for Decide {
    type Done = Decided;

    fn uid(&self) -> &BookingUid {
        &self.uid
    }

    async fn stands(&mut self, client: &Client, sent: bool) -> Result<Stand<Decided>> {
        let booking = client.bookings().get(&self.uid).await?;
        let booking = succession(client, booking).await?.present;
        self.uid = booking.uid.clone();
        let problem = match (&booking.status, &self.word) {
            (BookingStatus::Accepted, Word::Confirm) | (BookingStatus::Rejected, Word::Decline(_)) => {
                return Ok(Stand::Done(Decided { booking, already: !sent }));
            }
            (BookingStatus::Accepted, Word::Decline(_)) => Problem::AlreadyConfirmed,
            (BookingStatus::Rejected, Word::Confirm) => Problem::Declined,
            (BookingStatus::Cancelled, _) => Problem::Cancelled,
            _ => return Ok(Stand::Open),
        };
        Ok(Stand::NotDone(NotDone::because(problem).with(booking)))
    }

    async fn send(&mut self, client: &Client) -> Result<Decided> {
        let booking = match &self.word {
            Word::Confirm => client.bookings().confirm(&self.uid).await?,
            Word::Decline(reason) => client.bookings().decline(&self.uid, reason.as_deref()).await?,
        };
        Ok(Decided { booking, already: false })
    }

    /// It is only sent to what a look has just shown to be pending.
    fn wait(&self, service: &Service) -> Duration {
        service.settings().resend_plain
    }

    async fn tidy(&mut self, _: &Client, done: Decided) -> Result<Decided> {
        Ok(done)
    }
}
