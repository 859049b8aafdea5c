//! Finding times, and looking appointments up.

use std::fmt::Write;

use futures_core::Stream;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;
use std::{future::poll_fn, pin::pin};

use super::{
    arguments::{self, FindSlots, LookUpAppointment},
    reply::ToolReply,
    session::Tools,
    text,
};
use crate::{
    Error,
    facade::BookingFilter,
    model::{Booking, BookingStatus, EventTypeId},
};

/// The longest range of days.
const MAX_DAYS: i32 = 31;
/// The most times, and the most appointments, of one reply.
const MAX_TIMES: usize = 60;
const MAX_LISTED: usize = 10;
/// The most appointments that are read for a list.
const MAX_READ: usize = 500;

impl Tools {
    pub(super) async fn find_slots(&self, arguments: Value) -> Result<ToolReply, ToolReply> {
        let FindSlots { event_type_id, from, to, time_zone } = arguments::parse(arguments)?;
        let event_type = EventTypeId(event_type_id);
        self.check_event_type(event_type)?;
        let (from, to) = (arguments::date("from", &from)?, arguments::date("to", &to)?);
        let zone = arguments::zone(&time_zone)?;
        let days = from.until(to).map(|span| span.get_days()).unwrap_or(i32::MAX);
        if !(0..=MAX_DAYS).contains(&days) {
            return Err(ToolReply::failed("to: must be the same day as `from`, or at most 31 days later."));
        }
        let found = self.service.find_slots(event_type, from..=to, &zone).await;
        let days = found.map_err(|error| text::failure(&error))?;
        let count: usize = days.iter().map(|day| day.slots.len()).sum();
        let today = (self.service.settings().now)().to_zoned_datetime(zone).date();
        if count == 0 && to < today {
            return Ok(ToolReply::done(format!("These days are past: today is {today}. Ask for other days.")));
        }
        if count == 0 {
            return Ok(ToolReply::done("No time is free on these days. Ask for other days."));
        }
        let mut reply = String::from("Free times:");
        let mut left = MAX_TIMES;
        for day in days {
            let shown: Vec<String> = day.slots.iter().take(left).map(|slot| text::time(&slot.start)).collect();
            if shown.is_empty() {
                break;
            }
            left -= shown.len();
            // Writing to a String cannot fail.
            let _ = write!(reply, "\n{}: {}", day.date.strftime("%A %Y-%m-%d"), shown.join(", "));
        }
        if count > MAX_TIMES {
            let _ = write!(reply, "\n{} more are not shown; ask for fewer days.", count - MAX_TIMES);
        }
        Ok(ToolReply::done(reply))
    }

    pub(super) async fn look_up(&self, arguments: Value) -> Result<ToolReply, ToolReply> {
        let LookUpAppointment { uid, time_zone } = arguments::parse(arguments)?;
        let zone = arguments::given(time_zone).as_deref().map(arguments::zone).transpose()?;
        match arguments::given(uid) {
            Some(uid) => Ok(ToolReply::done(self.shown(&self.visible(&uid).await?, zone.as_ref()))),
            None => self.list(zone.as_ref()).await,
        }
    }

    /// A booking in this zone, or in that of the person.
    fn shown(&self, booking: &Booking, zone: Option<&TimeZone>) -> String {
        match zone {
            Some(zone) => text::booking(booking, zone),
            None => text::booking(booking, &self.zone_of(booking)),
        }
    }

    /// The booking, as it is now, if the session may see it.
    pub(super) async fn visible(&self, uid: &str) -> Result<Booking, ToolReply> {
        let history = self.service.reschedule_history(uid.trim()).await.map_err(|error| match error {
            Error::NotFound(_) => no_such_booking(),
            error => text::failure(&error),
        })?;
        if self.may_see(&history.current) { Ok(history.current) } else { Err(no_such_booking()) }
    }

    /// The upcoming appointments of the session's attendee.
    async fn list(&self, zone: Option<&TimeZone>) -> Result<ToolReply, ToolReply> {
        let Some(attendee) = &self.attendee else {
            return Err(ToolReply::failed("uid: is required, because the session does not know who the person is."));
        };
        let deadline = self.service.call_duration();
        let read = tokio::time::timeout(deadline, self.upcoming(attendee)).await;
        let mut found = read.map_err(|_| text::no_answer())??;
        found.sort_by_key(|booking| (booking.start_time, booking.id));
        let mut lines: Vec<String> = found.iter().take(MAX_LISTED).map(|booking| self.shown(booking, zone)).collect();
        match found.len().saturating_sub(MAX_LISTED) {
            0 if lines.is_empty() => lines.push("The person has no upcoming appointment.".to_owned()),
            0 => {}
            more => lines.push(format!("{more} later ones are not shown.")),
        }
        Ok(ToolReply::done(lines.join("\n")))
    }

    /// The active bookings from now on. The service compares addresses letter by letter, and the tools book in lower case.
    async fn upcoming(&self, attendee: &str) -> Result<Vec<Booking>, ToolReply> {
        let now: Timestamp = (self.service.settings().now)();
        let client = self.service.client().with_deadline(self.service.call_duration());
        let mut spellings = vec![attendee.to_owned(), attendee.to_lowercase()];
        spellings.dedup();
        let mut found: Vec<Booking> = Vec::new();
        for address in spellings {
            let filter =
                BookingFilter { attendee_email: Some(address), start_time: Some(now), ..BookingFilter::default() };
            let mut stream = pin!(client.bookings().stream(&filter));
            while let Some(booking) = poll_fn(|cx| stream.as_mut().poll_next(cx)).await {
                let booking = booking.map_err(|error| text::failure(&error))?;
                let is_active = matches!(booking.status, BookingStatus::Accepted | BookingStatus::Pending);
                let is_known = found.iter().any(|known| known.uid == booking.uid);
                if is_active && !is_known && self.may_see(&booking) {
                    found.push(booking);
                }
                if found.len() == MAX_READ {
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }
}

/// The reply for a booking that does not exist, and for one that the session may not see.
fn no_such_booking() -> ToolReply {
    ToolReply::failed("There is no such appointment. Check the uid.")
}
