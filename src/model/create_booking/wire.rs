//! Makes bodies in the wire form of requests in the documented form. Input that the service would refuse for its form is
//! refused before it is sent: one error with all problems, each with the documented name of its field.

use std::{collections::BTreeMap, num::NonZeroU64};

use serde_json::{Map, Value};

use super::{CreateBooking, RescheduleBooking};
use crate::{
    Result,
    error::{FieldError, refused},
    generated::types,
    model::{CancelBooking, address::check_address, normalize_phone_number, zone::check_time_zone},
};

/// Keys of metadata that are properties of every JavaScript object: the service answers 500, or drops them.
const RESERVED_METADATA_KEYS: [&str; 2] = ["constructor", "__proto__"];
/// The service's limit on the number of keys in metadata.
const MAX_METADATA_KEYS: usize = 50;
const MAX_KEY_UTF16_UNITS: usize = 40;
const MAX_VALUE_UTF16_UNITS: usize = 500;

impl CreateBooking {
    /// The body of `POST /v2/bookings`.
    pub(crate) fn to_wire(&self) -> Result<types::CreateBooking> {
        let mut problems = Vec::new();
        let mut attendee = types::NewBookingAttendee::new(self.responses.name.clone(), self.time_zone.clone());
        if self.responses.name.trim().is_empty() {
            problems.push(FieldError::new("responses.name", "must not be empty"));
        }
        problems.extend(check_time_zone("timeZone", &self.time_zone));
        attendee.email = Some(self.responses.email.trim().to_owned()).filter(|email| !email.is_empty());
        problems.extend(attendee.email.as_deref().and_then(|email| check_address("responses.email", email)));
        attendee.phone_number = self
            .responses
            .phone
            .as_deref()
            .and_then(|phone| ok_or_record(normalize_phone_number(phone), &mut problems));
        if attendee.email.is_none() && attendee.phone_number.is_none() {
            problems.push(FieldError::new("responses.email", "is required, unless there is a phone number"));
        }
        attendee.language = self.language.as_deref().and_then(|code| ok_or_record(language(code), &mut problems));
        let mut body = types::CreateBooking::new(self.start, attendee);
        body.event_type_id = Some(self.event_type_id.0);
        body.guests = self.responses.guests.iter().map(|guest| guest.trim().to_owned()).collect();
        for (at, guest) in body.guests.iter().enumerate() {
            problems.extend(check_address(format!("responses.guests[{at}]"), guest));
        }
        body.metadata = metadata(&self.metadata, &mut problems);
        body.booking_fields_responses = self.responses.fields.clone().into_iter().collect();
        if let Some(notes) = &self.responses.notes {
            body.booking_fields_responses.insert("notes".to_owned(), notes.clone().into());
        }
        body.length_in_minutes = positive("lengthInMinutes", self.length_in_minutes, &mut problems);
        body.recurrence_count = positive("recurrenceCount", self.recurrence_count, &mut problems);
        body.email_verification_code.clone_from(&self.email_verification_code);
        body.location = self.location.as_ref().and_then(|place| ok_or_record(place.to_new_booking(), &mut problems));
        if i32::try_from(self.event_type_id.0).is_err() {
            problems.push(FieldError::new("eventTypeId", "is larger than any id of the service"));
        }
        self.refuse_nul(&mut problems);
        if problems.is_empty() { Ok(body) } else { Err(refused(problems)) }
    }

    /// Refuses texts with the character NUL, to which the service always answers 500.
    fn refuse_nul(&self, problems: &mut Vec<FieldError>) {
        let responses = &self.responses;
        // The name of a field is formatted only if its text is refused.
        let mut check = |field: &dyn Fn() -> String, text: &str| {
            if text.contains('\0') {
                problems.push(FieldError::new(field(), "must not hold the character NUL"));
            }
        };
        check(&|| "responses.name".to_owned(), &responses.name);
        check(&|| "responses.email".to_owned(), &responses.email);
        check(&|| "emailVerificationCode".to_owned(), self.email_verification_code.as_deref().unwrap_or_default());
        check(&|| "responses.notes".to_owned(), responses.notes.as_deref().unwrap_or_default());
        for (at, guest) in responses.guests.iter().enumerate() {
            check(&|| format!("responses.guests[{at}]"), guest);
        }
        for (slug, answer) in &responses.fields {
            check(&|| format!("responses.{}", slug.replace('\0', "?")), slug);
            visit_texts(answer, &mut |text| check(&|| format!("responses.{slug}"), text));
        }
        for (key, value) in &self.metadata {
            check(&|| format!("metadata.{}", key.replace('\0', "?")), key);
            visit_texts(value, &mut |text| check(&|| format!("metadata.{key}"), text));
        }
        let address = self.location.as_ref().and_then(|it| it.address.as_deref());
        check(&|| "location".to_owned(), address.unwrap_or_default());
    }
}

/// # Errors
///
/// [`Error::Validation`](crate::Error::Validation) for what the service would refuse for its form.
impl TryFrom<&CreateBooking> for types::CreateBooking {
    type Error = crate::Error;

    fn try_from(booking: &CreateBooking) -> Result<Self> {
        booking.to_wire()
    }
}

/// Calls `found` for every text in a value, names of fields included.
fn visit_texts(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => found(text),
        Value::Array(items) => items.iter().for_each(|item| visit_texts(item, found)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            found(name);
            visit_texts(value, found);
        }),
        _ => {}
    }
}

impl RescheduleBooking {
    /// The body of `POST /v2/bookings/{uid}/reschedule`.
    pub(crate) fn to_wire(&self) -> Result<types::RescheduleBooking> {
        let mut body = types::RescheduleBooking::new(self.start);
        if let Some(problem) = self.rescheduled_by.as_deref().and_then(|email| check_address("rescheduledBy", email)) {
            return Err(refused(vec![problem]));
        }
        body.rescheduling_reason.clone_from(&self.reschedule_reason);
        body.rescheduled_by.clone_from(&self.rescheduled_by);
        body.seat_uid = self.seat_uid.as_ref().map(|seat| seat.as_str().to_owned());
        Ok(body)
    }
}

impl CancelBooking {
    /// The body of `POST /v2/bookings/{uid}/cancel`.
    pub(crate) fn to_wire(&self) -> types::CancelBooking {
        let mut body = types::CancelBooking::new();
        body.cancellation_reason.clone_from(&self.cancellation_reason);
        body.seat_uid = self.seat_uid.as_ref().map(|seat| seat.as_str().to_owned());
        body.cancel_subsequent_bookings = self.cancel_subsequent_bookings.then_some(true);
        body
    }
}

fn ok_or_record<T>(result: Result<T, FieldError>, problems: &mut Vec<FieldError>) -> Option<T> {
    result.map_err(|problem| problems.push(problem)).ok()
}

/// Converts scalars to the texts that the service stores; null is left out.
fn metadata(metadata: &Map<String, Value>, problems: &mut Vec<FieldError>) -> BTreeMap<String, String> {
    if metadata.len() > MAX_METADATA_KEYS {
        problems.push(FieldError::new("metadata", format!("must not have more than {MAX_METADATA_KEYS} keys")));
    }
    let mut texts = BTreeMap::new();
    for (key, value) in metadata {
        let at = || format!("metadata.{key}");
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Array(_) | Value::Object(_) => {
                problems.push(FieldError::new(at(), "must be a text, a number or a boolean"));
                continue;
            }
        };
        if key.encode_utf16().count() > MAX_KEY_UTF16_UNITS {
            problems.push(FieldError::new(
                at(),
                format!("the key must not be longer than {MAX_KEY_UTF16_UNITS} UTF-16 units"),
            ));
        }
        if RESERVED_METADATA_KEYS.contains(&key.as_str()) {
            problems.push(FieldError::new(at(), "cannot be a key: the service fails on it"));
        }
        if text.encode_utf16().count() > MAX_VALUE_UTF16_UNITS {
            problems
                .push(FieldError::new(at(), format!("must not be longer than {MAX_VALUE_UTF16_UNITS} UTF-16 units")));
        }
        texts.insert(key.clone(), text);
    }
    texts
}

fn language(code: &str) -> Result<types::BookingLanguage, FieldError> {
    let is_tag = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !code.split('-').all(is_tag) {
        return Err(FieldError::new("language", "must be the code of a language, such as `de` or `pt-BR`"));
    }
    Ok(code.into())
}

fn positive(field: &str, number: Option<u32>, problems: &mut Vec<FieldError>) -> Option<NonZeroU64> {
    let number = number?;
    NonZeroU64::new(number.into()).or_else(|| {
        problems.push(FieldError::new(field, "must be at least 1"));
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nulls_are_read_as_missing_fields() {
        let json = r#"{"start":"2030-02-01T10:00:00Z","eventTypeId":3,"metadata":null,
            "responses":{"name":"N","email":"n@example.com","guests":null,"notes":null}}"#;
        let read: CreateBooking = serde_json::from_str(json).unwrap();
        let wire = serde_json::to_value(read.to_wire().unwrap()).unwrap();
        assert!(wire.get("metadata").is_none_or(|it| it.as_object().is_some_and(Map::is_empty)), "{wire}");
        assert!(wire.get("guests").is_none_or(|it| it.as_array().is_some_and(Vec::is_empty)), "{wire}");
    }
}
