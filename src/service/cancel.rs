//! Calling an appointment off, once. That it is called off already is success.

use std::time::Duration;

use super::{
    NotDone, Outcome, Problem, Service,
    change::{Change, Stand, nul},
    lineage::succession,
    lookup::is_live,
};
use crate::{
    Client, Result,
    model::{Booking, BookingUid, CancelBooking},
};

/// An appointment that has been called off.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Cancelled {
    /// What was asked for, as it is now: the booking; the occurrences of a series; the booking that a seat was in.
    pub bookings: Vec<Booking>,
    /// Whether it was called off already, by an earlier call or by somebody else.
    pub already: bool,
}

impl Service {
    /// Calls an appointment off: a booking, one seat of it, an occurrence of a series with all later ones, or a whole
    /// series by its [`recurring_booking_uid`](Booking::recurring_booking_uid).
    ///
    /// Any uid that the appointment ever had will do: where it was moved it is followed, and what stands is cancelled. The
    /// service alone would say of the old uid that it is "cancelled already", and leave the appointment standing.
    ///
    /// A seat that is not there is [`Problem::NoSuchSeat`]: whether it was given back or moved cannot be told.
    pub async fn cancel(&self, uid: impl Into<BookingUid>, how: &CancelBooking) -> Outcome<Cancelled> {
        if let Some(problem) = nul("cancellationReason", how.cancellation_reason.as_deref()) {
            return NotDone::because(problem).into();
        }
        Box::pin(self.carry_out(Cancel { uid: uid.into(), how: how.clone() })).await
    }
}

struct Cancel {
    /// What is sent; where the booking was moved, what it was moved to.
    uid: BookingUid,
    how: CancelBooking,
}

impl Cancel {
    /// The rows that are to be cancelled.
    async fn rows(&mut self, client: &Client) -> Result<Vec<Booking>> {
        let mut rows = client.bookings().get_series(&self.uid).await?;
        if let [only] = rows.as_slice()
            && only.uid == self.uid
        {
            let present = succession(client, only.clone()).await?.present;
            self.uid = present.uid.clone();
            rows = vec![present];
        }
        if let [row] = rows.as_slice()
            && self.how.cancel_subsequent_bookings
            && let Some(series) = row.recurring_booking_uid()
        {
            let from = row.start_time;
            rows = client.bookings().get_series(series).await?;
            rows.retain(|row| row.start_time >= from);
        }
        Ok(rows)
    }
}

impl Change for Cancel {
    type Done = Cancelled;

    fn uid(&self) -> &BookingUid {
        &self.uid
    }

    async fn stands(&mut self, client: &Client, sent: bool) -> Result<Stand<Cancelled>> {
        let rows = self.rows(client).await?;
        let Some(seat) = &self.how.seat_uid else {
            let stands = rows.iter().any(is_live);
            return Ok(if stands { Stand::Open } else { Stand::Done(Cancelled { bookings: rows, already: !sent }) });
        };
        let has_seat = |booking: &Booking| booking.attendees.iter().any(|it| it.seat_uid().as_ref() == Some(seat));
        if rows.iter().any(|row| is_live(row) && has_seat(row)) {
            return Ok(Stand::Open);
        }
        if sent {
            return Ok(Stand::Done(Cancelled { bookings: rows, already: false }));
        }
        Ok(Stand::NotDone(NotDone::because(Problem::NoSuchSeat)))
    }

    async fn send(&mut self, client: &Client) -> Result<Cancelled> {
        let cancelled = client.bookings().cancel(&self.uid, &self.how).await?;
        Ok(Cancelled { bookings: cancelled.bookings, already: false })
    }

    /// Done twice it leaves the same (10 of 10).
    fn wait(&self, service: &Service) -> Duration {
        service.settings().resend_plain
    }

    async fn tidy(&mut self, _: &Client, done: Cancelled) -> Result<Cancelled> {
        Ok(done)
    }
}
