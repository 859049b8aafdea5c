//! Moving an appointment, once.
//!
//! The service answers a repetition on the old uid by naming the new one, and takes a repetition on the *new* uid for
//! another move. So what is compared is the start, and what is sent is only ever the uid that stood when this began.

use std::time::Duration;

use jiff::SignedDuration;

use super::{
    MARKER, NotDone, Outcome, Problem, Service,
    change::{Change, Stand, nul},
    lineage::{Succession, succession},
    lookup::{all, is_live},
    once::Why,
};
use crate::{
    Client, Error, Result,
    facade::BookingFilter,
    model::{Attendee, Booking, BookingStatus, BookingUid, CancelBooking, RescheduleBooking, SeatUid},
};

/// A booking that has been moved.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Moved {
    /// The booking at its new time, with its new uid.
    pub booking: Booking,
    /// The seat, where only one was moved; it has a new uid too.
    pub seat: Option<SeatUid>,
    /// Whether it was there already, moved by an earlier call.
    pub already: bool,
}

impl Service {
    /// Moves an appointment to another time, once, however often this is called.
    ///
    /// Any uid that the appointment ever had will do: where it was moved before it is followed. If it stands at the wanted
    /// time already, that is success and nothing is sent. If it *stood* there and was moved on since, that is
    /// [`Problem::MovedOn`], with the booking as it is now.
    ///
    /// Of a seated booking one seat is moved ([`RescheduleBooking::seat`]); without a seat it is
    /// [`Problem::MissingField`] `seatUid`. A seat that moved leaves no trace, so that a
    /// later call with its old uid finds no such seat; within one call it is found at its new time.
    pub async fn reschedule(&self, uid: impl Into<BookingUid>, to: &RescheduleBooking) -> Outcome<Moved> {
        let uid = uid.into();
        if let Some(problem) = nul("rescheduleReason", to.reschedule_reason.as_deref()) {
            return NotDone::because(problem).into();
        }
        match &to.seat_uid {
            Some(seat) => {
                let change = MoveSeat { uid, seat: seat.clone(), to: to.clone(), attendee: None };
                Box::pin(self.carry_out(change)).await
            }
            None => Box::pin(self.carry_out(Move { uid, to: to.clone(), target: None })).await,
        }
    }
}

/// Moving a booking, or one occurrence of a series.
struct Move {
    uid: BookingUid,
    to: RescheduleBooking,
    /// The uid that is sent: what stood when this began. Never what came of sending it.
    target: Option<BookingUid>,
}

impl Change for Move {
    type Done = Moved;

    fn uid(&self) -> &BookingUid {
        &self.uid
    }

    async fn stands(&mut self, client: &Client, sent: bool) -> Result<Stand<Moved>> {
        let first = client.bookings().get(self.target.as_ref().unwrap_or(&self.uid)).await?;
        let Succession { earlier, present } = succession(client, first).await?;
        let passed = earlier.iter().any(|it| it.start_time == self.to.start && it.uid != self.uid);
        if !is_live(&present) {
            let problem =
                if present.status == BookingStatus::Rejected { Problem::Declined } else { Problem::Cancelled };
            return Ok(Stand::NotDone(NotDone::because(problem).with(present)));
        }
        if present.start_time == self.to.start {
            return Ok(Stand::Done(Moved { booking: present, seat: None, already: !sent }));
        }
        if passed || (sent && Some(&present.uid) != self.target.as_ref()) {
            return Ok(Stand::NotDone(NotDone::because(Problem::MovedOn).with(present)));
        }
        self.target = Some(present.uid);
        Ok(Stand::Open)
    }

    async fn send(&mut self, client: &Client) -> Result<Moved> {
        let target = self.target.as_ref().unwrap_or(&self.uid);
        let booking = client.bookings().reschedule(target, &self.to).await?;
        Ok(Moved { booking, seat: None, already: false })
    }

    fn wait(&self, service: &Service) -> Duration {
        service.settings().settle
    }

    /// Two at once both move it where a guest moves what the host has to confirm. The one that the old booking names is
    /// kept, because whoever follows it comes there.
    async fn tidy(&mut self, client: &Client, done: Moved) -> Result<Moved> {
        let Some(target) = &self.target else { return Ok(done) };
        let Some(attendee) = done.booking.attendees.first() else { return Ok(done) };
        let filter = BookingFilter { attendee_email: Some(attendee.email.clone()), ..BookingFilter::default() };
        let mut twins: Vec<Booking> = match all(client, &filter, None).await {
            Ok(listed) => {
                listed.into_iter().filter(|it| is_live(it) && it.reschedule_uid.as_ref() == Some(target)).collect()
            }
            Err(Error::Permission(_) | Error::Authentication(_)) => return Ok(done),
            Err(error) => return Err(error),
        };
        if twins.len() < 2 {
            return Ok(done);
        }
        let named = client.bookings().get(target).await?.rescheduled_to_uid();
        twins.sort_by_key(|twin| (Some(&twin.uid) != named.as_ref(), twin.created_at(), twin.id));
        let kept = twins.remove(0);
        for twin in twins {
            client.bookings().cancel(&twin.uid, &CancelBooking::because(Why::Twice.reason(Some(&kept.uid)))).await?;
        }
        Ok(Moved { booking: kept, ..done })
    }
}

/// Moving one seat of a seated booking.
struct MoveSeat {
    uid: BookingUid,
    seat: SeatUid,
    to: RescheduleBooking,
    /// Whose seat it is, and for how long.
    attendee: Option<(Attendee, SignedDuration)>,
}

impl MoveSeat {
    /// The seat at the new time: that of the same address, with the same marker.
    async fn at_new_time(&self, client: &Client, booking: &Booking) -> Result<Option<Moved>> {
        let Some((attendee, length)) = &self.attendee else { return Ok(None) };
        let filter = BookingFilter {
            start_time: Some(self.to.start),
            end_time: self.to.start.checked_add(*length).ok(),
            attendee_email: Some(attendee.email.clone()),
            event_type_id: booking.event_type_id(),
            ..BookingFilter::default()
        };
        let marker = |attendee: &Attendee| attendee.metadata().and_then(|metadata| metadata.get(MARKER).cloned());
        for booking in all(client, &filter, None).await? {
            let same = |it: &&Attendee| it.email == attendee.email && marker(it) == marker(attendee);
            let seat = booking.attendees.iter().find(same).and_then(Attendee::seat_uid);
            if is_live(&booking) && seat.is_some() {
                return Ok(Some(Moved { booking, seat, already: false }));
            }
        }
        Ok(None)
    }
}

impl Change for MoveSeat {
    type Done = Moved;

    fn uid(&self) -> &BookingUid {
        &self.uid
    }

    async fn stands(&mut self, client: &Client, sent: bool) -> Result<Stand<Moved>> {
        let booking = client.bookings().get(&self.uid).await?;
        let held = booking.attendees.iter().find(|attendee| attendee.seat_uid().as_ref() == Some(&self.seat));
        if let Some(attendee) = held.filter(|_| is_live(&booking)) {
            if booking.start_time == self.to.start {
                let seat = Some(self.seat.clone());
                return Ok(Stand::Done(Moved { booking, seat, already: !sent }));
            }
            let length = booking.end_time.duration_since(booking.start_time);
            self.attendee = Some((attendee.clone(), length));
            return Ok(Stand::Open);
        }
        match self.at_new_time(client, &booking).await? {
            Some(moved) => Ok(Stand::Done(Moved { already: !sent, ..moved })),
            // The seat is gone from here and not yet there, or it was never here.
            None if sent => Ok(Stand::Open),
            None => Ok(Stand::NotDone(NotDone::because(Problem::NoSuchSeat).with(booking))),
        }
    }

    async fn send(&mut self, client: &Client) -> Result<Moved> {
        let booking = client.bookings().reschedule(&self.uid, &self.to).await?;
        let seat = booking.seat_uid();
        Ok(Moved { booking, seat, already: false })
    }

    fn wait(&self, service: &Service) -> Duration {
        service.settings().settle
    }

    /// A seat was never seen to move twice (24 of 24).
    async fn tidy(&mut self, _: &Client, done: Moved) -> Result<Moved> {
        Ok(done)
    }
}
