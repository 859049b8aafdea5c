//! Moving and cancelling.

use jiff::tz::TimeZone;
use serde_json::Value;
use tokio::time::Instant;

use super::{
    arguments::{self, CancelAppointment, MoveAppointment},
    reply::ToolReply,
    session::Tools,
    text,
};
use crate::{
    model::{Attendee, Booking, CancelBooking, RescheduleBooking},
    service::{IDEMPOTENCY_KEY_FIELD, Outcome, Service},
};

impl Tools {
    pub(super) async fn reschedule(&self, arguments: Value) -> Result<ToolReply, ToolReply> {
        let began = Instant::now();
        let MoveAppointment { uid, start, reason } = arguments::parse(arguments)?;
        let start = arguments::instant("start", &start)?;
        let current = self.visible(&uid).await?;
        let (person, zone) = (self.seat(&current)?, self.zone_of(&current));
        let mut to = RescheduleBooking::to(start);
        to.reschedule_reason = arguments::given(reason);
        to.seat_uid = person.and_then(Attendee::seat_uid);
        // An earlier uid tells a repeated call from a new one; a seat is in the present booking only.
        let uid = if to.seat_uid.is_some() { current.uid.clone() } else { uid.trim().into() };
        match self.within(began).reschedule(uid, &to).await {
            Outcome::Done(moved) => {
                let how = if moved.already_done { "It was there already." } else { "Moved." };
                Ok(ToolReply::done(format!("{how} {}", text::booking(&moved.booking, &zone))))
            }
            Outcome::NotDone(why) => Err(text::not_done("Not moved", &why, &zone)),
            Outcome::Unknown(_) => Err(text::unknown("the appointment is moved")),
        }
    }

    pub(super) async fn cancel(&self, arguments: Value) -> Result<ToolReply, ToolReply> {
        let began = Instant::now();
        let CancelAppointment { uid, reason } = arguments::parse(arguments)?;
        let current = self.visible(&uid).await?;
        let person = self.seat(&current)?;
        let how = CancelBooking {
            cancellation_reason: arguments::given(reason),
            seat_uid: person.and_then(Attendee::seat_uid),
            ..CancelBooking::default()
        };
        let uid = if how.seat_uid.is_some() { current.uid.clone() } else { uid.trim().into() };
        match self.within(began).cancel(uid, &how).await {
            Outcome::Done(cancelled) => {
                let metadata = person.and_then(Attendee::metadata).unwrap_or(&current.metadata);
                if let Some(key) = metadata.get(IDEMPOTENCY_KEY_FIELD).and_then(Value::as_str) {
                    self.release_key(key);
                }
                let how = if cancelled.already_done { "It was cancelled before." } else { "Cancelled." };
                Ok(ToolReply::done(how))
            }
            Outcome::NotDone(why) => Err(text::not_done("Not cancelled", &why, &self.zone_of(&current))),
            Outcome::Unknown(_) => Err(text::unknown("the appointment is cancelled")),
        }
    }

    /// The service with what is left of the deadline of a call.
    fn within(&self, began: Instant) -> Service {
        let left = self.service.call_duration().saturating_sub(began.elapsed());
        self.service.clone().with_deadline(left)
    }

    /// Of a booking with seats the attendee whose seat is changed: that of the session, or the only one. `None` if it has no
    /// seats.
    fn seat<'a>(&self, booking: &'a Booking) -> Result<Option<&'a Attendee>, ToolReply> {
        let seats: Vec<&Attendee> = booking.attendees.iter().filter(|it| it.seat_uid().is_some()).collect();
        let own = match &self.attendee {
            Some(attendee) => seats.iter().find(|it| text::same_address(&it.email, attendee)),
            None if seats.len() > 1 => seats.iter().find(|it| self.has_booked(booking, it)),
            None => seats.first(),
        };
        if own.is_none() && !seats.is_empty() {
            return Err(ToolReply::failed(
                "This appointment is one of several people, and the session does not know which of them this person is. \
                 Nothing was done. Tell the person that it has to be done another way.",
            ));
        }
        Ok(own.copied())
    }

    /// Whether the session has booked this seat at the booking's time.
    fn has_booked(&self, booking: &Booking, seat: &Attendee) -> bool {
        let key = seat.metadata().and_then(|metadata| metadata.get(IDEMPOTENCY_KEY_FIELD)?.as_str());
        let own = booking.event_type_id().map(|id| self.key(id, booking.start_time, &seat.email));
        key.is_some() && key == own.as_deref()
    }

    /// The zone of the person, or UTC.
    pub(super) fn zone_of(&self, booking: &Booking) -> TimeZone {
        let is_person =
            |it: &&Attendee| self.attendee.as_deref().is_none_or(|person| text::same_address(&it.email, person));
        let zone = booking.attendees.iter().find(is_person).and_then(|it| TimeZone::get(&it.time_zone).ok());
        zone.unwrap_or(TimeZone::UTC)
    }
}
