//! Calling an appointment off, once. That it is called off already is success.

use std::time::Duration;

use super::{
    NotDone, Outcome, Problem, Service,
    change::{BookingChange, ChangeStatus, nul_problem},
    lookup::is_active,
    reschedule_history::follow_reschedules,
};
use crate::{
    Client, Result,
    model::{Booking, BookingUid, CancelBooking},
};

/// An appointment that has been called off.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CancelResult {
    /// What was asked for, as it is now: the booking; the occurrences of a series; the booking that a seat was in.
    pub bookings: Vec<Booking>,
    /// Whether it was called off already, by an earlier call or by somebody else.
    pub already_done: bool,
}

impl Service {
    /// Calls an appointment off: a booking, one seat of it, an occurrence of a series with all later ones, or a whole
    /// series by its [`recurring_booking_uid`](Booking::recurring_booking_uid).
    ///
    /// Any uid that the appointment ever had will do: where it was moved it is followed, and what stands is cancelled. The
    /// service alone would say of the old uid that it is "cancelled already", and leave the appointment standing.
    ///
    /// A seat that is not there is [`Problem::NoSuchSeat`]: whether it was given back or moved cannot be told.
    pub async fn cancel(&self, uid: impl Into<BookingUid>, input: &CancelBooking) -> Outcome<CancelResult> {
        if let Some(problem) = nul_problem("cancellationReason", input.cancellation_reason.as_deref()) {
            return NotDone::new(problem).into();
        }
        Box::pin(self.run_change(CancelChange { uid: uid.into(), input: input.clone() })).await
    }
}

struct CancelChange {
    /// What is sent; where the booking was moved, what it was moved to.
    uid: BookingUid,
    input: CancelBooking,
}

impl CancelChange {
    /// The rows that are to be cancelled.
    async fn rows(&mut self, client: &Client) -> Result<Vec<Booking>> {
        let mut rows = client.bookings().get_series(&self.uid).await?;
        if let [only] = rows.as_slice()
            && only.uid == self.uid
        {
            let current = follow_reschedules(client, only.clone()).await?.current;
            self.uid = current.uid.clone();
            rows = vec![current];
        }
        if let [row] = rows.as_slice()
            && self.input.cancel_subsequent_bookings
            && let Some(series) = row.recurring_booking_uid()
        {
            let from = row.start_time;
            rows = client.bookings().get_series(series).await?;
            rows.retain(|row| row.start_time >= from);
        }
        Ok(rows)
    }
}

impl BookingChange for CancelChange {
    type Done = CancelResult;

    fn uid(&self) -> &BookingUid {
        &self.uid
    }

    async fn check(&mut self, client: &Client, sent: bool) -> Result<ChangeStatus<CancelResult>> {
        let rows = self.rows(client).await?;
        let Some(seat) = &self.input.seat_uid else {
            let is_standing = rows.iter().any(is_active);
            return Ok(if is_standing {
                ChangeStatus::Pending
            } else {
                ChangeStatus::Done(CancelResult { bookings: rows, already_done: !sent })
            });
        };
        let has_seat = |booking: &Booking| booking.attendees.iter().any(|it| it.seat_uid().as_ref() == Some(seat));
        if rows.iter().any(|row| is_active(row) && has_seat(row)) {
            return Ok(ChangeStatus::Pending);
        }
        if sent {
            return Ok(ChangeStatus::Done(CancelResult { bookings: rows, already_done: false }));
        }
        Ok(ChangeStatus::NotDone(NotDone::new(Problem::NoSuchSeat)))
    }

    async fn send(&mut self, client: &Client) -> Result<CancelResult> {
        let cancelled = client.bookings().cancel(&self.uid, &self.input).await?;
        Ok(CancelResult { bookings: cancelled.bookings, already_done: false })
    }

    /// Done twice it leaves the same (10 of 10).
    fn resend_delay(&self, service: &Service) -> Duration {
        service.settings().plain_resend_delay
    }

    async fn clean_up(&mut self, _: &Client, done: CancelResult) -> Result<CancelResult> {
        Ok(done)
    }
}
