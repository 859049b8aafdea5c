//! Moving and cancelling.

use jiff::tz::TimeZone;
use serde_json::Value;

use super::{
    arguments::{self, CancelAppointment, MoveAppointment},
    find::no_such_booking,
    reply::ToolReply,
    session::Tools,
    text,
};
use crate::{
    model::{Booking, CancelBooking, RescheduleBooking},
    service::{IDEMPOTENCY_KEY_FIELD, Outcome},
};

impl Tools {
    pub(super) async fn reschedule(&self, arguments: Value) -> Result<ToolReply, ToolReply> {
        let MoveAppointment { uid, start, reason } = arguments::parse(arguments)?;
        let start = arguments::instant("start", &start)?;
        let current = self.visible(&uid).await?;
        let zone = zone_of(&current);
        let mut to = RescheduleBooking::to(start);
        to.reschedule_reason = reason;
        match self.service.reschedule(uid, &to).await {
            Outcome::Done(moved) => {
                let how = if moved.already_done { "It was there already." } else { "Moved." };
                Ok(ToolReply::done(format!("{how} {}", text::booking(&moved.booking, &zone))))
            }
            Outcome::NotDone(why) => Err(text::not_done("Not moved", &why, &zone)),
            Outcome::Unknown(_) => Err(text::unknown("the appointment is moved")),
        }
    }

    pub(super) async fn cancel(&self, arguments: Value) -> Result<ToolReply, ToolReply> {
        let CancelAppointment { uid, reason } = arguments::parse(arguments)?;
        let current = self.visible(&uid).await?;
        let how = CancelBooking { cancellation_reason: reason, ..CancelBooking::default() };
        match self.service.cancel(uid, &how).await {
            Outcome::Done(cancelled) => {
                if let Some(key) = current.metadata.get(IDEMPOTENCY_KEY_FIELD).and_then(Value::as_str) {
                    self.release_key(key);
                }
                let how = if cancelled.already_done { "It was cancelled before." } else { "Cancelled." };
                Ok(ToolReply::done(how))
            }
            Outcome::NotDone(why) => Err(text::not_done("Not cancelled", &why, &zone_of(&current))),
            Outcome::Unknown(_) => Err(text::unknown("the appointment is cancelled")),
        }
    }

    /// The booking, as it is now, if the session may see it.
    async fn visible(&self, uid: &str) -> Result<Booking, ToolReply> {
        let history = self.service.reschedule_history(uid).await.map_err(|error| text::failure(&error))?;
        if self.may_see(&history.current) { Ok(history.current) } else { Err(no_such_booking()) }
    }
}

/// The zone of the attendee, or UTC.
fn zone_of(booking: &Booking) -> TimeZone {
    let zone = booking.attendees.first().and_then(|attendee| TimeZone::get(&attendee.time_zone).ok());
    zone.unwrap_or(TimeZone::UTC)
}
