//! What V1's `POST /bookings` becomes: a booking, or the move of one.

use serde_json::{Map, Value, json};

use super::{NoForm, location, object, says_nothing, table::fit};
use crate::{
    raw::types,
    v1::{
        Converted, Why,
        loss::Losses,
        shape::Object,
        types::{CreateBooking, Time, Users},
    },
};

/// A call of V2 that does what V1's `POST /bookings` asks for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum BookingCall {
    /// `POST /v2/bookings`.
    Create(Box<types::CreateBooking>),
    /// `POST /v2/bookings/{uid}/reschedule`.
    Reschedule {
        /// What is moved.
        uid: String,
        /// Where to.
        body: types::RescheduleBooking,
    },
}

/// What `POST /bookings` becomes.
///
/// `lengths` are those that the event type lets one choose from, where it lets one and it is known: V2 refuses a length
/// for any other.
///
/// # Errors
///
/// Where something required is missing.
pub fn create(booking: &CreateBooking, lengths: Option<&[i64]>) -> Result<Converted<BookingCall>, NoForm> {
    let mut losses = Losses::default();
    let from = object(booking);
    let Some(start) = booking.start.map(|start| first_start(start, booking)) else {
        return Err(NoForm("start is missing".to_owned()));
    };
    for (field, why) in NOT_IN_V2 {
        if from.get(field).is_some_and(|value| !says_nothing(value) && *value != Value::Bool(false)) {
            losses.add(field, Why::Dropped(why));
        }
    }
    let answers = answers(booking, &from, &mut losses);
    let call = match &booking.reschedule_uid {
        Some(uid) => {
            let body = reschedule(booking, start, &from, &answers, &mut losses);
            BookingCall::Reschedule { uid: uid.clone(), body }
        }
        None => {
            let body = body(booking, start, &from, answers, lengths, &mut losses);
            BookingCall::Create(Box::new(fit(body, &mut losses).map_err(|error| NoForm(error.to_string()))?))
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

/// V1 made a series by a request for each occurrence; V2 makes it of the first.
fn first_start(start: Time, booking: &CreateBooking) -> Time {
    let all = booking.all_recurring_dates.iter().flatten().filter_map(occurrence);
    all.chain([start]).min().unwrap_or(start)
}

/// V1 took the dates of a series bare, or with their end.
pub(crate) fn occurrence(date: &Value) -> Option<Time> {
    Time::of_json(date.get("start").unwrap_or(date))
}

/// The answers to the booking form, from either of V1's two forms of them.
fn answers(booking: &CreateBooking, from: &Object, losses: &mut Losses) -> Object {
    if let Some(responses) = &booking.responses {
        return responses.clone();
    }
    let twins = ["name", "email", "guests", "notes", "location", "smsReminderNumber", "rescheduleReason"].into_iter();
    let mut answers: Object = twins.filter_map(|name| Some((name.to_owned(), from.get(name)?.clone()))).collect();
    for input in booking.custom_inputs.iter().flatten() {
        match (input.get("label").and_then(Value::as_str), input.get("value")) {
            (Some(label), Some(value)) => _ = answers.insert(label.to_owned(), value.clone()),
            _ => losses.add("customInputs[]", Why::NotExpressible("it is no label with a value")),
        }
    }
    answers
}

fn text<'a>(answers: &'a Object, name: &str) -> Option<&'a str> {
    answers.get(name)?.as_str().filter(|text| !text.is_empty())
}

fn full_name(answers: &Object) -> String {
    match answers.get("name") {
        Some(Value::Object(parts)) => {
            let parts = ["firstName", "lastName"].into_iter().filter_map(|part| text(parts, part));
            parts.collect::<Vec<_>>().join(" ")
        }
        Some(Value::String(name)) => name.clone(),
        _ => String::new(),
    }
}

fn body(
    booking: &CreateBooking,
    start: Time,
    from: &Object,
    mut answers: Object,
    lengths: Option<&[i64]>,
    losses: &mut Losses,
) -> Object {
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| _ = body.insert(name.to_owned(), value);
    put("start", json!(start));
    put("attendee", Value::Object(attendee(booking, &answers, losses)));
    for name in ["name", "email", "attendeePhoneNumber", "smsReminderNumber"] {
        answers.remove(name);
    }
    if let Some(guests) = answers.remove("guests").filter(|guests| !says_nothing(guests)) {
        put("guests", guests);
    }
    if let Some(place) = answers.remove("location").filter(|place| !says_nothing(place)) {
        match location::chosen(&place) {
            Ok(place) => put("location", place),
            Err(why) => losses.add("responses.location", why),
        }
    }
    answers.retain(|_, answer| !says_nothing(answer));
    if !answers.is_empty() {
        put("bookingFieldsResponses", Value::Object(answers));
    }
    if let Some(metadata) = booking.metadata.as_ref().filter(|metadata| !metadata.is_empty()) {
        put("metadata", Value::Object(texts(metadata, losses)));
    }
    what(booking, &mut put, losses);
    if let Some(minutes) = length(booking, lengths, losses) {
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
                losses.add(name, Why::Dropped("V2 wants routedTeamMemberIds with it"));
            }
        }
    }
    for name in ["seatReferenceUid", "rescheduledBy"] {
        if from.contains_key(name) {
            losses.add(name, Why::Dropped("nothing is moved"));
        }
    }
    body
}

fn attendee(booking: &CreateBooking, answers: &Object, losses: &mut Losses) -> Object {
    let mut attendee = Map::from_iter([
        ("name".to_owned(), full_name(answers).into()),
        ("timeZone".to_owned(), booking.time_zone.clone().into()),
    ]);
    if let Some(email) = text(answers, "email") {
        attendee.insert("email".to_owned(), email.into());
    }
    let (attendees, sms) = (text(answers, "attendeePhoneNumber"), text(answers, "smsReminderNumber"));
    if let Some(phone) = attendees.or(sms) {
        attendee.insert("phoneNumber".to_owned(), phone.into());
    }
    if attendees.is_some() && sms.is_some() && attendees != sms {
        losses.add("responses.smsReminderNumber", Why::Dropped("V2 takes one number, and puts it into both fields"));
    }
    if let Some(language) = booking.language.as_deref().filter(|language| !language.is_empty()) {
        match types::BookingLanguage::from(language) {
            language if language.is_known() => _ = attendee.insert("language".to_owned(), json!(language)),
            _ => losses.add("language", Why::NotExpressible("V2 does not know it; the mails are in English")),
        }
    }
    attendee
}

/// V2 keeps texts.
fn texts(metadata: &Object, losses: &mut Losses) -> Object {
    let text = |(name, value): (&String, &Value)| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => {
                losses.add(format!("metadata.{name}"), Why::NotExpressible("V2 keeps texts"));
                return None;
            }
        };
        if !value.is_string() {
            losses.add(format!("metadata.{name}"), Why::NotExpressible("V2 keeps it as a text"));
        }
        Some((name.clone(), text.into()))
    };
    metadata.iter().filter_map(text).collect()
}

/// What is booked: V2 takes a number, or a slug with its owner.
fn what(booking: &CreateBooking, put: &mut impl FnMut(&str, Value), losses: &mut Losses) {
    if let Some(id) = booking.event_type_id {
        put("eventTypeId", id.into());
        let others = [
            ("eventTypeSlug", booking.event_type_slug.is_some()),
            ("orgSlug", booking.org_slug.is_some()),
            ("user", booking.user.is_some()),
        ];
        for (name, _) in others.into_iter().filter(|(_, told)| *told) {
            losses.add(name, Why::Dropped("eventTypeId names what is booked"));
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
        Some(Users::One(name)) => (Some(name), 0),
        Some(Users::Several(names)) => (names.first(), names.len().saturating_sub(1)),
        None => (None, 0),
    };
    if let Some(name) = first {
        put("username", name.clone().into());
    }
    if others > 0 {
        losses.add("user", Why::NotExpressible("V2 books with one user"));
    }
}

/// The length, where V2 takes one.
fn length(booking: &CreateBooking, lengths: Option<&[i64]>, losses: &mut Losses) -> Option<i64> {
    let (start, end) = (booking.start?.timestamp(), booking.end?.timestamp());
    let minutes = end.duration_since(start).as_mins();
    match lengths {
        Some([]) | None => losses.add("end", Why::Dropped("the event type decides the length")),
        Some([only]) if *only == minutes => {}
        Some([_]) => losses.add("end", Why::NotExpressible("the event type has another length, and only one")),
        Some(_) => return Some(minutes),
    }
    None
}

/// Of a move only the start and the reason get through.
fn reschedule(
    booking: &CreateBooking,
    start: Time,
    from: &Object,
    answers: &Object,
    losses: &mut Losses,
) -> types::RescheduleBooking {
    let mut body = types::RescheduleBooking::new(start.timestamp());
    body.seat_uid.clone_from(&booking.seat_reference_uid);
    body.rescheduled_by.clone_from(&booking.rescheduled_by);
    match (text(answers, "rescheduleReason"), &body.seat_uid) {
        (Some(_), Some(_)) => {
            losses.add("responses.rescheduleReason", Why::Dropped("V2 takes no reason for moving a seat"));
        }
        (reason, _) => body.rescheduling_reason = reason.map(str::to_owned),
    }
    const STAYS: &str = "V2 keeps what the moved booking says";
    let kept =
        ["start", "rescheduleUid", "rescheduledBy", "seatReferenceUid", "responses", "rescheduleReason", "eventTypeId"];
    let reported = NOT_IN_V2.map(|(name, _)| name);
    for (name, value) in from {
        let name = name.as_str();
        if !kept.contains(&name) && !reported.contains(&name) && !says_nothing(value) && *value != Value::Bool(false) {
            losses.add(name, Why::Dropped(STAYS));
        }
    }
    if booking.responses.is_some() {
        for (name, value) in answers {
            if name != "rescheduleReason" && !says_nothing(value) {
                losses.add(format!("responses.{name}"), Why::Dropped(STAYS));
            }
        }
    }
    body
}
