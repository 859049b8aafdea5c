//! Cancelling an appointment, once. A booking that is cancelled already is a success.

use std::time::Duration;

use super::{
    NotDone, Outcome, Problem, Service,
    change::{BookingChange, ChangeStatus, nul_problem},
    lookup::is_active,
    reschedule_history::follow_reschedules,
    scope::LookupClient,
};
use crate::{
    Client, Result,
    model::{Booking, BookingUid, CancelBooking},
};

/// The result of a cancellation.
///
/// ```no_run
/// # async fn example(service: calcom::service::Service) {
/// use calcom::model::CancelBooking;
///
/// if let Some(cancelled) = service.cancel("booking-uid", &CancelBooking::with_reason("ill")).await.done() {
///     println!("{} booking(s), cancelled before: {}", cancelled.bookings.len(), cancelled.already_done);
/// }
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CancelResult {
    /// What was to be cancelled, as it is now: the booking; the occurrences of a series; the booking of a seat.
    pub bookings: Vec<Booking>,
    /// Whether it was cancelled before, by an earlier call or by a person.
    pub already_done: bool,
}

impl Service {
    /// Cancels an appointment: a booking, one seat of it, an occurrence of a series with all later ones, or a whole
    /// series by its [`recurring_booking_uid`](Booking::recurring_booking_uid).
    ///
    /// Any uid that the appointment ever had will do: reschedules are followed, and the current booking is cancelled.
    /// The service alone answers to an old uid that the booking is "cancelled already", and leaves the current one
    /// active.
    ///
    /// A seat that is not found is [`Problem::NoSuchSeat`]: the service does not say whether it was given back or
    /// moved.
    ///
    /// ```no_run
    /// use calcom::{model::CancelBooking, service::{Outcome, Service}};
    ///
    /// # async fn example(service: Service) {
    /// match service.cancel("booking-uid", &CancelBooking::with_reason("ill")).await {
    ///     Outcome::Done(result) => println!("{} booking(s) cancelled", result.bookings.len()),
    ///     other => println!("{other:?}"),
    /// }
    /// # }
    /// ```
    pub async fn cancel(&self, uid: impl Into<BookingUid>, input: &CancelBooking) -> Outcome<CancelResult> {
        let uid = uid.into();
        if let Some(problem) = nul_problem("cancellationReason", input.cancellation_reason.as_deref()) {
            return self.reject_change(&uid, problem);
        }
        Box::pin(self.run_change(CancelChange { uid, input: input.clone() })).await
    }
}

struct CancelChange {
    /// The uid that is sent; after a reschedule, that of the current booking.
    uid: BookingUid,
    input: CancelBooking,
}

impl CancelChange {
    /// The bookings that are to be cancelled.
    async fn rows(&mut self, client: &LookupClient) -> Result<Vec<Booking>> {
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

    async fn check(&mut self, client: &LookupClient, sent: bool) -> Result<ChangeStatus<CancelResult>> {
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

    /// A repetition has no further effect (10 of 10).
    fn resend_delay(&self, service: &Service) -> Duration {
        service.settings().plain_resend_delay
    }

    async fn clean_up(&mut self, _: &LookupClient, done: CancelResult) -> Result<CancelResult> {
        Ok(done)
    }
}
