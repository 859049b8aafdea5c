//! The payloads about a booking, with the keys of the recorded ones.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value, json};

use super::super::{
    reply::millis,
    state::{Attendee, Booking, EventType, State, User},
};

/// The event that a delivery about a booking reports.
#[derive(Clone, Copy)]
pub(super) enum BookingEvent<'a> {
    /// It was made. `seat` is the booked seat, if the event type has seats.
    Created { seat: Option<&'a str> },
    /// It waits for the confirmation of its host.
    Requested,
    /// Its host confirmed it.
    Confirmed,
    /// Its host rejected it.
    Rejected,
    /// It replaced another booking.
    Rescheduled { from: &'a Booking },
    /// It was cancelled.
    Cancelled,
    /// One of its seats was cancelled.
    SeatCancelled { seat: &'a str },
}

impl BookingEvent<'_> {
    pub(super) fn trigger(self) -> &'static str {
        match self {
            Self::Created { .. } | Self::Confirmed => "BOOKING_CREATED",
            Self::Requested => "BOOKING_REQUESTED",
            Self::Rejected => "BOOKING_REJECTED",
            Self::Rescheduled { .. } => "BOOKING_RESCHEDULED",
            Self::Cancelled | Self::SeatCancelled { .. } => "BOOKING_CANCELLED",
        }
    }

    /// The keys of this event in addition to the common ones.
    fn keys(self) -> &'static [&'static str] {
        const CREATION_KEYS: &[&str] = &[
            "disableCancelling",
            "disableRescheduling",
            "hashedLink",
            "hideCalendarEventDetails",
            "hideCalendarNotes",
            "iCalSequence",
            "iCalUID",
            "metadata",
            "oneTimePassword",
            "schedulingType",
            "seatsShowAvailabilityCount",
        ];
        const DECISION_KEYS: &[&str] = &[
            "assignmentReason",
            "disableCancelling",
            "disableRescheduling",
            "hideCalendarEventDetails",
            "hideCalendarNotes",
            "organizationId",
        ];
        match self {
            Self::Created { .. } | Self::Requested | Self::Rescheduled { .. } => CREATION_KEYS,
            Self::Confirmed | Self::Rejected => DECISION_KEYS,
            Self::Cancelled | Self::SeatCancelled { .. } => &["iCalSequence", "iCalUID", "schedulingType"],
        }
    }

    fn time(self, at: Timestamp) -> String {
        match self {
            Self::Created { .. } | Self::Rescheduled { .. } => at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            Self::Requested | Self::Confirmed | Self::Rejected => millis(at),
            Self::Cancelled | Self::SeatCancelled { .. } => at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string(),
        }
    }
}

/// The payload. `None` if the host or the event type was deleted.
pub(super) fn payload(state: &State, booking: &Booking, event_kind: BookingEvent<'_>) -> Option<Value> {
    let (host, event) = (state.user(booking.host)?, state.event_type(booking.event_type)?);
    let attendees = attendees(booking, event_kind);
    let link = booking.location.as_deref().filter(|location| location.starts_with("http"));
    let mut metadata = booking.metadata.clone();
    metadata.extend(link.map(|link| ("videoCallUrl".to_owned(), Value::from(link))));
    let seats = event.seats;
    let is_live =
        matches!(event_kind, BookingEvent::Created { .. } | BookingEvent::Requested | BookingEvent::Rescheduled { .. });

    let mut all = object(json!({
        "additionalNotes": booking.description,
        "attendees": attendees,
        "bookerUrl": state.booker_url,
        "bookingId": booking.id,
        "currency": "usd",
        "customInputs": {},
        "customReplyToEmail": null,
        "description": booking.description,
        "destinationCalendar": if is_live { Value::Null } else { json!([]) },
        "endTime": event_kind.time(booking.end),
        "eventDescription": event.description,
        "eventTitle": event.title,
        "eventTypeId": event.id,
        "hideBranding": false,
        "hideOrganizerEmail": false,
        "length": booking.minutes(),
        "location": booking.location,
        "organizer": organizer(host, booking.start),
        "price": if matches!(event_kind, BookingEvent::Cancelled) { Value::Null } else { json!(0) },
        "requiresConfirmation":
            if matches!(event_kind, BookingEvent::Cancelled) { Value::Null } else { event.confirmation.is_some().into() },
        "responses": responses(booking, event),
        "seatsPerTimeSlot": seats.map(|seats| seats.per_slot),
        "seatsShowAttendees": seats.map_or(is_live, |seats| seats.show_attendees),
        "startTime": event_kind.time(booking.start),
        "status": if matches!(event_kind, BookingEvent::SeatCancelled { .. }) { "CANCELLED" } else { booking.status.upper() },
        "title": booking.title,
        "type": event.slug,
        "uid": booking.uid,
        "userFieldsResponses": own_responses(booking, event),
    }));
    let some = object(json!({
        "assignmentReason": null,
        "disableCancelling": false,
        "disableRescheduling": false,
        "hashedLink": null,
        "hideCalendarEventDetails": false,
        "hideCalendarNotes": false,
        "iCalSequence": sequence(booking, event_kind),
        "iCalUID": booking.ics_uid,
        "metadata": metadata,
        "oneTimePassword": null,
        "organizationId": null,
        "schedulingType": null,
        "seatsShowAvailabilityCount": seats.is_none_or(|seats| seats.show_count),
    }));
    // A rescheduled booking has the sequence of its calendar entry, and not its uid.
    let excluded = matches!(event_kind, BookingEvent::Rescheduled { .. }).then_some("iCalUID");
    let included = |key: &str| event_kind.keys().contains(&key) && excluded != Some(key);
    all.extend(some.into_iter().filter(|(key, _)| included(key)));
    all.extend(specific_fields(state, booking, event, event_kind, &metadata));
    Some(Value::Object(all))
}

/// The keys of this trigger only, or of this kind of booking only.
fn specific_fields(
    state: &State,
    booking: &Booking,
    event: &EventType,
    event_kind: BookingEvent<'_>,
    metadata: &Map<String, Value>,
) -> Map<String, Value> {
    let mut more = object(match event_kind {
        BookingEvent::Created { seat: Some(seat) } => json!({ "attendeeSeatId": seat }),
        BookingEvent::Created { seat: None } => json!({}),
        BookingEvent::Confirmed => json!({ "metadata": metadata }),
        BookingEvent::Requested => json!({
            "assignmentReason": [],
            "oneTimePassword": password(booking),
            "organizationId": null,
            "platformBookingUrl": "",
            "platformCancelUrl": "",
            "platformClientId": "",
            "platformRescheduleUrl": "",
        }),
        BookingEvent::Rejected => json!({}),
        BookingEvent::Rescheduled { from } => json!({
            "appsStatus": [],
            "rescheduleEndTime": event_kind.time(from.end),
            "rescheduleId": from.id,
            "rescheduleStartTime": event_kind.time(from.start),
            "rescheduleUid": from.uid,
        }),
        BookingEvent::Cancelled | BookingEvent::SeatCancelled { .. } => {
            json!({ "cancellationReason": booking.cancellation_reason, "requestReschedule": booking.reschedule_requested })
        }
    });
    let mut put = |key: &str, value: Option<Value>| more.extend(value.map(|value| (key.to_owned(), value)));
    match event_kind {
        BookingEvent::Rejected => put("rejectionReason", booking.rejection_reason.clone().map(Value::from)),
        BookingEvent::Rescheduled { .. } => put("rescheduledBy", booking.rescheduled_by.clone().map(Value::from)),
        BookingEvent::Created { .. } | BookingEvent::Cancelled => {
            let series = booking.recurring.as_deref().map(|series| state.series(series).len());
            let rule = series.zip(event.recurrence.as_ref());
            put(
                "recurringEvent",
                rule.map(|(count, rule)| {
                    let freq =
                        ["yearly", "monthly", "weekly", "daily"].iter().position(|known| *known == rule.frequency);
                    json!({ "freq": freq.unwrap_or(2), "count": count, "interval": rule.interval })
                }),
            );
        }
        _ => {}
    }
    more
}

fn object(json: Value) -> Map<String, Value> {
    match json {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// The revision of the calendar entry.
fn sequence(booking: &Booking, event_kind: BookingEvent<'_>) -> i64 {
    let moved = i64::from(booking.from_uid.is_some());
    moved + i64::from(matches!(event_kind, BookingEvent::Cancelled | BookingEvent::SeatCancelled { .. }))
}

/// A value derived from the booking, so that each run has the same.
fn password(booking: &Booking) -> String {
    format!("00000000-0000-4000-8000-{:012}", booking.id)
}

pub(super) fn utc_offset(zone: &str, at: Timestamp) -> i64 {
    TimeZone::get(zone).map_or(0, |zone| i64::from(zone.to_offset(at).seconds()) / 60)
}

fn organizer(host: &User, at: Timestamp) -> Value {
    json!({
        "id": host.id,
        "name": host.name,
        "email": host.email,
        "username": host.username,
        "timeZone": host.time_zone,
        "language": { "locale": host.locale },
        "timeFormat": if host.time_format == 24 { "HH:mm" } else { "h:mma" },
        "utcOffset": utc_offset(&host.time_zone, at),
    })
}

/// The attendees. If a seat was booked or cancelled, only its holder.
fn attendees(booking: &Booking, event_kind: BookingEvent<'_>) -> Vec<Value> {
    let of_seat = match event_kind {
        BookingEvent::Created { seat: Some(seat) } | BookingEvent::SeatCancelled { seat } => Some(seat),
        _ => None,
    };
    let holds = |attendee: &&Attendee| match of_seat {
        Some(wanted) => attendee.seat.as_ref().is_some_and(|seat| seat.uid == wanted),
        None => true,
    };
    booking.attendees.iter().filter(holds).map(|who| attendee(who, booking, event_kind)).collect()
}

fn attendee(who: &Attendee, booking: &Booking, event_kind: BookingEvent<'_>) -> Value {
    let mut shown = object(json!({
        "email": who.email,
        "name": who.name,
        "timeZone": who.time_zone,
        "language": { "locale": who.language },
        "utcOffset": utc_offset(&who.time_zone, booking.start),
    }));
    let more = match event_kind {
        BookingEvent::Created { .. } | BookingEvent::Rescheduled { .. } => {
            shown.extend(who.phone.clone().map(|phone| ("phoneNumber".to_owned(), phone.into())));
            json!({ "firstName": "", "lastName": "" })
        }
        BookingEvent::Requested => {
            let (first, last) = who.name.split_once(' ').unwrap_or((&who.name, ""));
            json!({ "firstName": first, "lastName": last, "phoneNumber": who.phone, "bookingSeat": null })
        }
        // The row of the database table, as it was recorded.
        BookingEvent::SeatCancelled { .. } => json!({
            "id": who.id,
            "phoneNumber": who.phone,
            "locale": who.language,
            "bookingId": booking.id,
            "noShow": who.absent,
        }),
        _ => json!({ "phoneNumber": who.phone }),
    };
    shown.extend(object(more));
    Value::Object(shown)
}

/// The questions that every event type has, with their labels.
const QUESTIONS: [(&str, &str); 4] = [
    ("attendeePhoneNumber", "phone_number"),
    ("name", "your_name"),
    ("email", "email_address"),
    ("location", "location"),
];
const LAST_QUESTIONS: [(&str, &str); 4] = [
    ("title", "what_is_this_meeting_about"),
    ("notes", "additional_notes"),
    ("guests", "additional_guests"),
    ("rescheduleReason", "reason_for_reschedule"),
];

pub(super) fn responses(booking: &Booking, event: &EventType) -> Value {
    let mut answers = Map::new();
    for (slug, label) in QUESTIONS.into_iter().chain(LAST_QUESTIONS) {
        let value = match slug {
            "location" => booking.location.as_ref().map(|place| json!({ "value": place, "optionValue": "" })),
            "guests" => Some(booking.guests()).filter(|guests| !guests.is_empty()).map(Value::from),
            slug => booking.responses.get(slug).cloned().filter(|answer| !answer.is_null()),
        };
        let is_hidden = matches!(slug, "attendeePhoneNumber" | "title");
        answers.insert(slug.to_owned(), answer(label, value, is_hidden));
    }
    answers.extend(object(own_responses(booking, event)));
    Value::Object(answers)
}

/// The answers to the questions that the owner added.
fn own_responses(booking: &Booking, event: &EventType) -> Value {
    let known = |slug: &str| QUESTIONS.iter().chain(&LAST_QUESTIONS).any(|(name, _)| *name == slug);
    let own = event.fields.iter().filter_map(|field| {
        let slug = field.get("slug").or_else(|| field.get("name"))?.as_str().filter(|slug| !known(slug))?;
        let label = field.get("label").and_then(Value::as_str).unwrap_or(slug);
        Some((slug.to_owned(), answer(label, booking.responses.get(slug).cloned(), false)))
    });
    Value::Object(own.collect())
}

fn answer(label: &str, value: Option<Value>, is_hidden: bool) -> Value {
    let mut answer = object(json!({ "label": label, "isHidden": is_hidden }));
    answer.extend(value.map(|value| ("value".to_owned(), value)));
    Value::Object(answer)
}
