//! V1's `POST /bookings`, which creates or reschedules a booking.

use serde_json::{Map, Value, json};

use super::{ConversionError, is_blank, lenient::deserialize_lenient, location, to_object};
use crate::{
    raw::types,
    v1::{
        Converted, LossReason,
        loss::Losses,
        schema::JsonObject,
        types::{CreateBooking, Time, UserNames, international_phone_number},
    },
};

/// The V2 request that executes a `POST /bookings`.
///
/// ```
/// use calcom::v1::{convert::{self, BookingRequest}, types::{CreateBooking, Time}};
///
/// # fn main() -> Result<(), convert::ConversionError> {
/// let start = Time::parse("2030-01-15T10:00:00Z").expect("a time");
/// let booking = CreateBooking::new(1, start, "Erika Muster", "erika@example.com");
/// let converted = convert::create_booking(&booking, None)?;
/// assert!(matches!(converted.value, BookingRequest::Create(_)));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum BookingRequest {
    /// `POST /v2/bookings`.
    Create(Box<types::CreateBooking>),
    /// `POST /v2/bookings/{uid}/reschedule`.
    Reschedule {
        /// The uid of the booking to reschedule.
        uid: String,
        /// The new start and the reason.
        body: types::RescheduleBooking,
    },
}

/// Converts the body of `POST /bookings`.
///
/// `lengths` are the lengths that the event type offers, in minutes, if they are known. V2 accepts a length only if the
/// event type offers several.
///
/// # Errors
///
/// A required field is missing, or a phone number is not in international form.
pub fn create(booking: &CreateBooking, lengths: Option<&[i64]>) -> Result<Converted<BookingRequest>, ConversionError> {
    let mut losses = Losses::default();
    let from = to_object(booking);
    let Some(start) = booking.start.map(|start| earliest_start(start, booking)) else {
        return Err(ConversionError("start is missing".to_owned()));
    };
    for (field, reason) in NOT_IN_V2 {
        if from.get(field).is_some_and(|value| !is_blank(value) && *value != Value::Bool(false)) {
            losses.add(field, LossReason::Dropped(reason));
        }
    }
    let answers = form_answers(booking, &from, &mut losses);
    let call = match &booking.reschedule_uid {
        Some(uid) => {
            let body = reschedule_body(booking, start, &from, &answers, &mut losses);
            BookingRequest::Reschedule { uid: uid.clone(), body }
        }
        None => {
            let body = create_body(booking, start, &from, answers, lengths, &mut losses)?;
            BookingRequest::Create(Box::new(
                deserialize_lenient(body, &mut losses).map_err(|error| ConversionError(error.to_string()))?,
            ))
        }
    };
    Ok(Converted::new(call, losses))
}

const NOT_IN_V2: [(&str, &str); 6] = [
    ("hasHashedBookingLink", "V2 cannot book by a private link"),
    ("hashedLink", "V2 cannot book by a private link"),
    ("noEmail", "V2 always sends the mails"),
    ("title", "V2 makes the title"),
    ("description", "V2 makes the description"),
    ("status", "V2 decides the status"),
];

/// The start of the first occurrence. V1 took a request for each occurrence; V2 creates the series from the first.
fn earliest_start(start: Time, booking: &CreateBooking) -> Time {
    let all = booking.all_recurring_dates.iter().flatten().filter_map(occurrence_start);
    all.chain([start]).min().unwrap_or(start)
}

/// The start of an occurrence. V1 took the dates of a series as times, or as objects with start and end.
pub(crate) fn occurrence_start(date: &Value) -> Option<Time> {
    Time::from_json(date.get("start").unwrap_or(date))
}

/// The answers to the booking form: `responses`, or the fields of the older form.
fn form_answers(booking: &CreateBooking, from: &JsonObject, losses: &mut Losses) -> JsonObject {
    if let Some(responses) = &booking.responses {
        return responses.clone();
    }
    let legacy = ["name", "email", "guests", "notes", "location", "smsReminderNumber", "rescheduleReason"].into_iter();
    let mut answers: JsonObject = legacy.filter_map(|name| Some((name.to_owned(), from.get(name)?.clone()))).collect();
    for input in booking.custom_inputs.iter().flatten() {
        match (input.get("label").and_then(Value::as_str), input.get("value")) {
            (Some(label), Some(value)) => _ = answers.insert(label.to_owned(), value.clone()),
            _ => losses.add("customInputs[]", LossReason::NotExpressible("it is no label with a value")),
        }
    }
    answers
}

fn non_empty_text<'a>(answers: &'a JsonObject, name: &str) -> Option<&'a str> {
    answers.get(name)?.as_str().filter(|text| !text.is_empty())
}

fn full_name(answers: &JsonObject) -> String {
    match answers.get("name") {
        Some(Value::Object(parts)) => {
            let parts = ["firstName", "lastName"].into_iter().filter_map(|part| non_empty_text(parts, part));
            parts.collect::<Vec<_>>().join(" ")
        }
        Some(Value::String(name)) => name.clone(),
        _ => String::new(),
    }
}

fn create_body(
    booking: &CreateBooking,
    start: Time,
    from: &JsonObject,
    mut answers: JsonObject,
    lengths: Option<&[i64]>,
    losses: &mut Losses,
) -> Result<JsonObject, ConversionError> {
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| _ = body.insert(name.to_owned(), value);
    put("start", json!(start));
    put("attendee", Value::Object(attendee_object(booking, &answers, losses)?));
    for name in ["name", "email", "attendeePhoneNumber", "smsReminderNumber"] {
        answers.remove(name);
    }
    let guests = match answers.remove("guests") {
        Some(Value::Array(guests)) => guests,
        guests => guests.into_iter().collect(),
    };
    // A form without guests has empty texts in their place.
    let guests: Vec<Value> = guests.into_iter().filter(|guest| !is_blank(guest)).collect();
    if !guests.is_empty() {
        put("guests", guests.into());
    }
    if let Some(place) = answers.remove("location").filter(|place| !is_blank(place)) {
        match location::attendee_location_to_v2(&place) {
            Ok(place) => put("location", place),
            Err(reason) => losses.add("responses.location", reason),
        }
    }
    answers.retain(|_, answer| !is_blank(answer));
    if !answers.is_empty() {
        put("bookingFieldsResponses", Value::Object(answers));
    }
    if let Some(metadata) = booking.metadata.as_ref().filter(|metadata| !metadata.is_empty()) {
        put("metadata", Value::Object(metadata_texts(metadata, losses)));
    }
    put_event_type(booking, &mut put, losses);
    if let Some(minutes) = length_minutes(booking, lengths, losses) {
        put("lengthInMinutes", minutes.into());
    }
    let dates = booking.all_recurring_dates.as_ref().map(Vec::len).and_then(|count| i64::try_from(count).ok());
    if let Some(count) = booking.recurring_count.or(dates) {
        put("recurrenceCount", count.into());
    }
    if let Some(members) = &booking.routed_team_member_ids {
        let named = [
            ("responseId", "routingFormResponseId"),
            ("skipContactOwner", "skipContactOwner"),
            ("teamMemberEmail", "teamMemberEmail"),
            ("crmAppSlug", "crmAppSlug"),
            ("crmOwnerRecordType", "crmOwnerRecordType"),
        ];
        let mut routing = Map::from_iter([("teamMemberIds".to_owned(), json!(members))]);
        routing.extend(named.iter().filter_map(|(v2, v1)| Some(((*v2).to_owned(), from.get(*v1)?.clone()))));
        put("routing", Value::Object(routing));
    } else {
        for name in ["routingFormResponseId", "skipContactOwner", "teamMemberEmail", "crmAppSlug", "crmOwnerRecordType"]
        {
            if from.contains_key(name) {
                losses.add(name, LossReason::Dropped("V2 wants routedTeamMemberIds with it"));
            }
        }
    }
    for name in ["seatReferenceUid", "rescheduledBy"] {
        if from.contains_key(name) {
            losses.add(name, LossReason::Dropped("nothing is moved"));
        }
    }
    Ok(body)
}

fn attendee_object(
    booking: &CreateBooking,
    answers: &JsonObject,
    losses: &mut Losses,
) -> Result<JsonObject, ConversionError> {
    let mut attendee = Map::from_iter([
        ("name".to_owned(), full_name(answers).into()),
        ("timeZone".to_owned(), booking.time_zone.clone().into()),
    ]);
    if let Some(email) = non_empty_text(answers, "email") {
        attendee.insert("email".to_owned(), email.into());
    }
    let attendees = phone_number(answers, "attendeePhoneNumber")?;
    let sms = phone_number(answers, "smsReminderNumber")?;
    if let Some(phone) = attendees.as_ref().or(sms.as_ref()) {
        attendee.insert("phoneNumber".to_owned(), phone.clone().into());
    }
    if attendees.is_some() && sms.is_some() && attendees != sms {
        losses.add(
            "responses.smsReminderNumber",
            LossReason::Dropped("V2 takes one number, and puts it into both fields"),
        );
    }
    if let Some(language) = booking.language.as_deref().filter(|language| !language.is_empty()) {
        match types::BookingLanguage::from(language) {
            language if language.is_known() => _ = attendee.insert("language".to_owned(), json!(language)),
            _ => losses.add("language", LossReason::NotExpressible("V2 does not know it; the mails are in English")),
        }
    }
    Ok(attendee)
}

/// The phone number that an answer contains, in international form.
fn phone_number(answers: &JsonObject, name: &str) -> Result<Option<String>, ConversionError> {
    let Some(text) = non_empty_text(answers, name).filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    let number = international_phone_number(text);
    number.map(Some).ok_or_else(|| ConversionError(format!("{name} is no phone number in international form")))
}

/// Converts metadata to texts, because V2 stores texts only.
fn metadata_texts(metadata: &JsonObject, losses: &mut Losses) -> JsonObject {
    let text = |(name, value): (&String, &Value)| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => {
                losses.add(format!("metadata.{name}"), LossReason::NotExpressible("V2 keeps texts"));
                return None;
            }
        };
        if !value.is_string() {
            losses.add(format!("metadata.{name}"), LossReason::NotExpressible("V2 keeps it as a text"));
        }
        Some((name.clone(), text.into()))
    };
    metadata.iter().filter_map(text).collect()
}

/// Names the event type: by id, or by slug and owner.
fn put_event_type(booking: &CreateBooking, put: &mut impl FnMut(&str, Value), losses: &mut Losses) {
    if let Some(id) = booking.event_type_id {
        put("eventTypeId", id.into());
        let others = [
            ("eventTypeSlug", booking.event_type_slug.is_some()),
            ("orgSlug", booking.org_slug.is_some()),
            ("user", booking.user.is_some()),
        ];
        for (name, _) in others.into_iter().filter(|(_, is_set)| *is_set) {
            losses.add(name, LossReason::Dropped("eventTypeId names what is booked"));
        }
        return;
    }
    if let Some(slug) = &booking.event_type_slug {
        put("eventTypeSlug", slug.clone().into());
    }
    if let Some(organization) = &booking.org_slug {
        put("organizationSlug", organization.clone().into());
    }
    let (first, others) = match &booking.user {
        Some(UserNames::One(name)) => (Some(name), 0),
        Some(UserNames::Several(names)) => (names.first(), names.len().saturating_sub(1)),
        None => (None, 0),
    };
    if let Some(name) = first {
        put("username", name.clone().into());
    }
    if others > 0 {
        losses.add("user", LossReason::NotExpressible("V2 books with one user"));
    }
}

/// The length in minutes, if V2 accepts one.
fn length_minutes(booking: &CreateBooking, lengths: Option<&[i64]>, losses: &mut Losses) -> Option<i64> {
    let (start, end) = (booking.start?.timestamp(), booking.end?.timestamp());
    let minutes = end.duration_since(start).as_mins();
    match lengths {
        Some([]) | None => losses.add("end", LossReason::Dropped("the event type decides the length")),
        Some([only]) if *only == minutes => {}
        Some([_]) => losses.add("end", LossReason::NotExpressible("the event type has another length, and only one")),
        Some(_) => return Some(minutes),
    }
    None
}

/// The body of a reschedule request. V2 takes the start and the reason only.
fn reschedule_body(
    booking: &CreateBooking,
    start: Time,
    from: &JsonObject,
    answers: &JsonObject,
    losses: &mut Losses,
) -> types::RescheduleBooking {
    let mut body = types::RescheduleBooking::new(start.timestamp());
    body.seat_uid.clone_from(&booking.seat_reference_uid);
    body.rescheduled_by.clone_from(&booking.rescheduled_by);
    match (non_empty_text(answers, "rescheduleReason"), &body.seat_uid) {
        (Some(_), Some(_)) => {
            losses.add("responses.rescheduleReason", LossReason::Dropped("V2 takes no reason for moving a seat"));
        }
        (reason, _) => body.rescheduling_reason = reason.map(str::to_owned),
    }
    const NOT_CHANGED: &str = "V2 keeps what the moved booking says";
    let transferred =
        ["start", "rescheduleUid", "rescheduledBy", "seatReferenceUid", "responses", "rescheduleReason", "eventTypeId"];
    let reported = NOT_IN_V2.map(|(name, _)| name);
    for (name, value) in from {
        let name = name.as_str();
        if !transferred.contains(&name) && !reported.contains(&name) && !is_blank(value) && *value != Value::Bool(false)
        {
            losses.add(name, LossReason::Dropped(NOT_CHANGED));
        }
    }
    if booking.responses.is_some() {
        for (name, value) in answers {
            if name != "rescheduleReason" && !is_blank(value) {
                losses.add(format!("responses.{name}"), LossReason::Dropped(NOT_CHANGED));
            }
        }
    }
    body
}
