//! Rescheduling an appointment, once.
//!
//! The service answers a repetition on the old uid with the new one, and takes a repetition on the *new* uid for
//! another reschedule. So the start is compared, and only the uid that was current when the call began is sent.

use std::time::Duration;

use jiff::SignedDuration;

use super::{
    IDEMPOTENCY_KEY_FIELD, NotDone, Outcome, Problem, Service,
    change::{BookingChange, ChangeStatus, nul_problem},
    lookup::{is_active, list_all},
    machine::CancelReason,
    reschedule_history::{RescheduleChain, follow_reschedules},
    scope::LookupClient,
};
use crate::{
    Client, Error, Result,
    facade::BookingFilter,
    model::{Attendee, Booking, BookingStatus, BookingUid, CancelBooking, RescheduleBooking, SeatUid},
};

/// The result of a reschedule.
///
/// ```no_run
/// # async fn example(service: calcom::service::Service) -> Result<(), Box<dyn std::error::Error>> {
/// use calcom::model::RescheduleBooking;
///
/// let to = RescheduleBooking::to("2030-01-16T11:00:00Z".parse()?);
/// if let Some(moved) = service.reschedule("booking-uid", &to).await.done() {
///     println!("{} at {}", moved.booking.uid, moved.booking.start_time);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RescheduleResult {
    /// The booking at its new time, with its new uid.
    pub booking: Booking,
    /// The seat, if only one was moved; it has a new uid too.
    pub seat: Option<SeatUid>,
    /// Whether it was at this time before the call, rescheduled by an earlier one.
    pub already_done: bool,
}

impl Service {
    /// Reschedules an appointment to another time, once, however often this is called.
    ///
    /// Any uid that the appointment ever had will do: earlier reschedules are followed. If it is at the wanted time already,
    /// that is a success and nothing is sent. If it *was* at this time and was rescheduled since, that is [`Problem::MovedOn`],
    /// with the current booking.
    ///
    /// Of a seated booking one seat is moved ([`RescheduleBooking::seat`]); without a seat it is [`Problem::MissingField`]
    /// `seatUid`. The service keeps no record of a rescheduled seat: a later call with its old uid finds no such seat. Within
    /// one call it is found at its new time.
    ///
    /// ```no_run
    /// use calcom::{model::RescheduleBooking, service::{Outcome, Service}};
    ///
    /// # async fn example(service: Service, start: jiff::Timestamp) {
    /// match service.reschedule("booking-uid", &RescheduleBooking::to(start)).await {
    ///     Outcome::Done(result) => println!("now {}", result.booking.uid),
    ///     Outcome::NotDone(not_done) => println!("not moved: {not_done}"),
    ///     Outcome::Unknown(_) => println!("not known: repeat the call"),
    /// }
    /// # }
    /// ```
    pub async fn reschedule(&self, uid: impl Into<BookingUid>, to: &RescheduleBooking) -> Outcome<RescheduleResult> {
        let uid = uid.into();
        if let Some(problem) = nul_problem("rescheduleReason", to.reschedule_reason.as_deref()) {
            return self.reject_change(&uid, problem);
        }
        match &to.seat_uid {
            Some(seat) => {
                let change = SeatReschedule { uid, seat: seat.clone(), to: to.clone(), attendee: None };
                Box::pin(self.run_change(change)).await
            }
            None => Box::pin(self.run_change(BookingReschedule { uid, to: to.clone(), target: None })).await,
        }
    }
}

/// A reschedule of a booking, or of one occurrence of a series.
struct BookingReschedule {
    uid: BookingUid,
    to: RescheduleBooking,
    /// The uid that is sent: the current one when the call began, never one that the reschedule made.
    target: Option<BookingUid>,
}

impl BookingChange for BookingReschedule {
    type Done = RescheduleResult;

    fn uid(&self) -> &BookingUid {
        &self.uid
    }

    async fn check(&mut self, client: &LookupClient, sent: bool) -> Result<ChangeStatus<RescheduleResult>> {
        let first = client.bookings().get(self.target.as_ref().unwrap_or(&self.uid)).await?;
        let RescheduleChain { previous, current } = follow_reschedules(client, first).await?;
        let was_there = previous.iter().any(|it| it.start_time == self.to.start && it.uid != self.uid);
        if !is_active(&current) {
            let problem =
                if current.status == BookingStatus::Rejected { Problem::Declined } else { Problem::Cancelled };
            return Ok(ChangeStatus::NotDone(NotDone::new(problem).with_booking(current)));
        }
        if current.start_time == self.to.start {
            return Ok(ChangeStatus::Done(RescheduleResult { booking: current, seat: None, already_done: !sent }));
        }
        if was_there || (sent && Some(&current.uid) != self.target.as_ref()) {
            return Ok(ChangeStatus::NotDone(NotDone::new(Problem::MovedOn).with_booking(current)));
        }
        self.target = Some(current.uid);
        Ok(ChangeStatus::Pending)
    }

    async fn send(&mut self, client: &Client) -> Result<RescheduleResult> {
        let target = self.target.as_ref().unwrap_or(&self.uid);
        let booking = client.bookings().reschedule(target, &self.to).await?;
        Ok(RescheduleResult { booking, seat: None, already_done: false })
    }

    fn resend_delay(&self, service: &Service) -> Duration {
        service.settings().settling_time
    }

    /// Two concurrent requests both move it if a guest moves a booking that needs confirmation. The booking that the
    /// old one names is kept, because following the old uid leads to it.
    async fn clean_up(&mut self, client: &LookupClient, done: RescheduleResult) -> Result<RescheduleResult> {
        let Some(target) = &self.target else { return Ok(done) };
        let Some(attendee) = done.booking.attendees.first() else { return Ok(done) };
        let filter = BookingFilter { attendee_email: Some(attendee.email.clone()), ..BookingFilter::default() };
        let mut duplicates: Vec<Booking> = match list_all(client, &filter, None).await {
            Ok(listed) => {
                listed.into_iter().filter(|it| is_active(it) && it.reschedule_uid.as_ref() == Some(target)).collect()
            }
            Err(Error::Permission(_) | Error::Authentication(_)) => return Ok(done),
            Err(error) => return Err(error),
        };
        if duplicates.len() < 2 {
            return Ok(done);
        }
        let named = client.bookings().get(target).await?.rescheduled_to_uid();
        duplicates
            .sort_by_key(|duplicate| (Some(&duplicate.uid) != named.as_ref(), duplicate.created_at(), duplicate.id));
        let kept = duplicates.remove(0);
        for duplicate in duplicates {
            client
                .bookings()
                .cancel(&duplicate.uid, &CancelBooking::with_reason(CancelReason::Duplicate.text(Some(&kept.uid))))
                .await?;
        }
        Ok(RescheduleResult { booking: kept, ..done })
    }
}

/// A reschedule of one seat of a seated booking.
struct SeatReschedule {
    uid: BookingUid,
    seat: SeatUid,
    to: RescheduleBooking,
    /// The attendee of the seat, and its length.
    attendee: Option<(Attendee, SignedDuration)>,
}

impl SeatReschedule {
    /// The seat at the new time: that of the same address, with the same key.
    async fn at_new_time(&self, client: &LookupClient, booking: &Booking) -> Result<Option<RescheduleResult>> {
        let Some((attendee, length)) = &self.attendee else { return Ok(None) };
        let filter = BookingFilter {
            start_time: Some(self.to.start),
            end_time: self.to.start.checked_add(*length).ok(),
            attendee_email: Some(attendee.email.clone()),
            event_type_id: booking.event_type_id(),
            ..BookingFilter::default()
        };
        let key =
            |attendee: &Attendee| attendee.metadata().and_then(|metadata| metadata.get(IDEMPOTENCY_KEY_FIELD).cloned());
        for booking in list_all(client, &filter, None).await? {
            let same = |it: &&Attendee| it.email == attendee.email && key(it) == key(attendee);
            let seat = booking.attendees.iter().find(same).and_then(Attendee::seat_uid);
            if is_active(&booking) && seat.is_some() {
                return Ok(Some(RescheduleResult { booking, seat, already_done: false }));
            }
        }
        Ok(None)
    }
}

impl BookingChange for SeatReschedule {
    type Done = RescheduleResult;

    fn uid(&self) -> &BookingUid {
        &self.uid
    }

    async fn check(&mut self, client: &LookupClient, sent: bool) -> Result<ChangeStatus<RescheduleResult>> {
        let booking = client.bookings().get(&self.uid).await?;
        let held = booking.attendees.iter().find(|attendee| attendee.seat_uid().as_ref() == Some(&self.seat));
        if let Some(attendee) = held.filter(|_| is_active(&booking)) {
            if booking.start_time == self.to.start {
                let seat = Some(self.seat.clone());
                return Ok(ChangeStatus::Done(RescheduleResult { booking, seat, already_done: !sent }));
            }
            let length = booking.end_time.duration_since(booking.start_time);
            self.attendee = Some((attendee.clone(), length));
            return Ok(ChangeStatus::Pending);
        }
        match self.at_new_time(client, &booking).await? {
            Some(moved) => Ok(ChangeStatus::Done(RescheduleResult { already_done: !sent, ..moved })),
            // The seat has left this booking and is not at the new time yet, or it was never in it.
            None if sent => Ok(ChangeStatus::Pending),
            None => Ok(ChangeStatus::NotDone(NotDone::new(Problem::NoSuchSeat).with_booking(booking))),
        }
    }

    async fn send(&mut self, client: &Client) -> Result<RescheduleResult> {
        let booking = client.bookings().reschedule(&self.uid, &self.to).await?;
        let seat = booking.seat_uid();
        Ok(RescheduleResult { booking, seat, already_done: false })
    }

    fn resend_delay(&self, service: &Service) -> Duration {
        service.settings().settling_time
    }

    /// A seat never moved twice (24 of 24).
    async fn clean_up(&mut self, _: &LookupClient, done: RescheduleResult) -> Result<RescheduleResult> {
        Ok(done)
    }
}
