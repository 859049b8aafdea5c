//! Validation of the requests that create, reschedule and cancel a booking. These routes reject unknown properties, and
//! return all violations in one message.

use serde_json::{Map, Value};

use super::super::super::check::{Checker, ValidationRule, is_email};
use super::super::super::reply::Reply;

const LANGUAGES: &[&str] = &[
    "ar", "ca", "de", "es", "eu", "he", "id", "ja", "lv", "pl", "ro", "sr", "th", "vi", "az", "cs", "el", "es-419",
    "fi", "hr", "it", "km", "nl", "pt", "ru", "sv", "tr", "zh-CN", "bg", "da", "en", "et", "fr", "hu", "iw", "ko",
    "no", "pt-BR", "sk", "ta", "uk", "zh-TW", "bn",
];
/// The types of location that can be requested, and the property that each needs.
const LOCATIONS: [(&str, Option<&str>); 8] = [
    ("address", None),
    ("attendeeAddress", Some("address")),
    ("attendeeDefined", Some("location")),
    ("attendeePhone", Some("phone")),
    ("integration", Some("integration")),
    ("link", None),
    ("phone", None),
    ("organizersDefaultApp", None),
];
const CREATE: &[&str] = &[
    "start",
    "lengthInMinutes",
    "attendee",
    "eventTypeId",
    "eventTypeSlug",
    "username",
    "teamSlug",
    "organizationSlug",
    "guests",
    "meetingUrl",
    "location",
    "metadata",
    "bookingFieldsResponses",
    "routing",
    "emailVerificationCode",
    "recurrenceCount",
];
const METADATA: &str =
    "Metadata must have at most 50 keys, each key up to 40 characters, and string values up to 500 characters.";

/// Checks the body of a create.
pub(super) fn check_create(body: &Value) -> Result<(), Reply> {
    let mut checker = Checker::of(body);
    checker.only(CREATE);
    checker
        .required("start", &[ValidationRule::Date])
        .optional("lengthInMinutes", &[ValidationRule::Min(1), ValidationRule::Int]);
    checker.nested("attendee", true, |attendee| {
        attendee.only(&["name", "email", "timeZone", "phoneNumber", "language"]);
        attendee
            .required("name", &[ValidationRule::String])
            .optional("email", &[ValidationRule::Custom("isEmail", is_address, "Invalid email format")])
            .required("timeZone", &[ValidationRule::TimeZone])
            .optional("phoneNumber", &[ValidationRule::Custom("isPhoneNumber", is_phone, PHONE)])
            .optional("language", &[ValidationRule::Enum(LANGUAGES)]);
        if !attendee.has("email") && !attendee.has("phoneNumber") {
            let text = "Attendee must have at least one contact method (email or phone number)";
            attendee.push("attendee email or phone", vec![("RequireEmailOrPhone", text.to_owned())], Vec::new());
        }
    });
    checker.optional("bookingFieldsResponses", &[ValidationRule::Object]);
    if body.get("eventTypeId").is_some() {
        checker.required("eventTypeId", &[ValidationRule::Int]);
    }
    checker.optional("eventTypeSlug", &[ValidationRule::String]).optional("username", &[ValidationRule::String]);
    checker.optional("teamSlug", &[ValidationRule::String]).optional("organizationSlug", &[ValidationRule::String]);
    checker.optional("guests", &[ValidationRule::EachString, ValidationRule::Array]);
    checker.optional("meetingUrl", &[ValidationRule::Url]);
    check_location(&mut checker, body.get("location"));
    checker
        .optional("metadata", &[ValidationRule::Custom("isMetadata", is_metadata, METADATA), ValidationRule::Object]);
    checker.optional("recurrenceCount", &[ValidationRule::Min(1), ValidationRule::Int]);
    let has = |name: &str| body.get(name).is_some_and(|value| !value.is_null());
    if !has("eventTypeId") && !(has("eventTypeSlug") && (has("username") || has("teamSlug"))) {
        let text = "Either eventTypeId or eventTypeSlug + username or eventTypeSlug + teamSlug must be provided";
        checker.push(
            "eventTypeId or eventTypeSlug + username",
            vec![("RequireEventTypeIdentification", text.to_owned())],
            Vec::new(),
        );
    }
    checker.commas()
}

const PHONE: &str = "Invalid phone number format. Please use international format.";

fn is_address(value: &Value) -> bool {
    value.as_str().is_some_and(is_email)
}

fn is_phone(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        text.strip_prefix('+')
            .is_some_and(|digits| (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()))
    })
}

fn check_location(checker: &mut Checker<'_>, location: Option<&Value>) {
    const WHO: &str = "BookingInputLocationValidator_2024_08_13";
    let text = |location: &Value, name: &str| location.get(name).and_then(Value::as_str).map(str::to_owned);
    // Older callers send a link, a number or an address as a text.
    let Some(location) = location.filter(|location| !location.is_null() && !location.is_string()) else { return };
    let violation_message = match text(location, "type") {
        None => format!("{WHO} - Location type is required."),
        Some(kind) => match LOCATIONS.iter().find(|(known, _)| *known == kind) {
            None => format!(
                "{WHO} - Unsupported booking location type '{kind}'. Valid types are address, attendeeAddress, \
                 attendeeDefined, attendeePhone, integration, link, phone and organizersDefaultApp."
            ),
            Some((_, Some(needed))) if text(location, needed).is_none() => {
                format!("{WHO} - Validation failed for {kind} location: {needed} must be a string")
            }
            Some(_) => return,
        },
    };
    checker.push("location", vec![("ValidateBookingLocation", violation_message)], Vec::new());
}

/// At most 50 keys of 40 UTF-16 units with texts of 500.
fn is_metadata(value: &Value) -> bool {
    let Some(map) = value.as_object() else { return true };
    let short = |value: &Value| match value {
        Value::String(text) => text.encode_utf16().count() <= 500,
        Value::Number(_) | Value::Bool(_) => true,
        _ => false,
    };
    map.len() <= 50 && map.iter().all(|(key, value)| key.encode_utf16().count() <= 40 && short(value))
}

/// Texts that the service's database does not store.
pub(super) fn storable(body: &Value) -> Result<(), Reply> {
    let refused = |message: &str| Err(Reply::bare(500, message));
    let metadata = body.get("metadata").and_then(Value::as_object);
    if metadata.is_some_and(|metadata| metadata.contains_key("constructor")) {
        return refused("Internal server error");
    }
    if metadata.is_some_and(|metadata| metadata.values().any(has_nul)) {
        return refused("unsupported Unicode escape sequence");
    }
    if has_nul(body) { refused("invalid byte sequence for encoding \"UTF8\": 0x00") } else { Ok(()) }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(list) => list.iter().any(has_nul),
        Value::Object(map) => map.values().any(has_nul),
        _ => false,
    }
}

/// The message of the form's schema for metadata that is not text.
pub(super) fn metadata_types(metadata: &Map<String, Value>) -> Result<(), Reply> {
    let wrong = |(key, value): (&String, &Value)| {
        let kind = match value {
            Value::String(_) => return None,
            Value::Number(_) => "number",
            Value::Bool(_) => "boolean",
            _ => "object",
        };
        Some(format!("metadata.{key} - Expected string, received {kind}, "))
    };
    let violations: String = metadata.iter().filter_map(wrong).collect();
    if violations.is_empty() { Ok(()) } else { Err(Reply::coded(400, "BAD_REQUEST", violations)) }
}

/// `null` is no list of guests.
pub(super) fn no_null_guests(body: &Value) -> Result<(), Reply> {
    match body.get("guests") {
        Some(Value::Null) => Err(Reply::coded(400, "BAD_REQUEST", "responses - {guests}Invalid input, ")),
        _ => Ok(()),
    }
}

/// Checks the body of a reschedule.
pub(super) fn check_reschedule(body: &Value) -> Result<(), Reply> {
    let seat = body.get("seatUid").is_some();
    let known: &[&str] = if seat {
        &["start", "seatUid", "rescheduledBy", "emailVerificationCode"]
    } else {
        &["start", "reschedulingReason", "rescheduledBy", "emailVerificationCode"]
    };
    let mut checker = Checker::of(body);
    checker.only(known);
    checker.required("start", &[ValidationRule::Date]);
    if seat {
        checker.required("seatUid", &[ValidationRule::String]);
    }
    checker
        .optional("reschedulingReason", &[ValidationRule::String])
        .optional("rescheduledBy", &[ValidationRule::Email])
        .optional("emailVerificationCode", &[ValidationRule::String])
        .commas()
}

/// Checks the body of a cancel.
pub(super) fn check_cancel(body: &Value) -> Result<(), Reply> {
    let seat = body.get("seatUid").is_some();
    let known: &[&str] =
        if seat { &["seatUid", "cancellationReason"] } else { &["cancellationReason", "cancelSubsequentBookings"] };
    let mut checker = Checker::of(body);
    checker.only(known);
    if seat {
        checker.required("seatUid", &[ValidationRule::String]);
    }
    checker
        .optional("cancellationReason", &[ValidationRule::String])
        .optional("cancelSubsequentBookings", &[ValidationRule::Boolean])
        .commas()
}
