//! Makes bodies in the wire form of requests in the documented form. Input that the service would refuse for its form is
//! refused before it is sent: one error with all problems, each with the documented name of its field.

use std::num::NonZeroU64;

use super::{CreateEventType, UpdateEventType};
use crate::{
    Error, Result,
    error::{FieldError, refused},
    generated::types,
    model::{Location, RecurringEvent, apps, normalize_phone_number},
    patch::Patch,
};

impl TryFrom<&CreateEventType> for types::CreateEventType {
    type Error = Error;

    /// The body of `POST /v2/event-types`.
    fn try_from(input: &CreateEventType) -> Result<Self> {
        let mut problems = Vec::new();
        check_text("title", Some(&input.title), &mut problems);
        check_text("slug", Some(&input.slug), &mut problems);
        let length = length(input.length, &mut problems).unwrap_or(NonZeroU64::MIN);
        let mut body = Self::new(input.title.clone(), input.slug.clone(), length);
        body.description.clone_from(&input.description);
        body.locations = locations(&input.locations, &mut problems);
        body.confirmation_policy = input.requires_confirmation.filter(|required| *required).map(confirmation);
        body.recurrence = input.recurring_event.as_ref().map(|how| recurrence(how, &mut problems));
        body.hidden = input.hidden;
        if problems.is_empty() { Ok(body) } else { Err(refused(problems)) }
    }
}

impl TryFrom<&UpdateEventType> for types::UpdateEventType {
    type Error = Error;

    /// The body of `PATCH /v2/event-types/{eventTypeId}`.
    fn try_from(input: &UpdateEventType) -> Result<Self> {
        let mut problems = Vec::new();
        let mut body = Self::new();
        check_text("title", input.title.as_ref(), &mut problems);
        check_text("slug", input.slug.as_ref(), &mut problems);
        body.title.clone_from(&input.title);
        body.slug.clone_from(&input.slug);
        body.length_in_minutes = input.length.and_then(|minutes| length(minutes, &mut problems));
        body.description.clone_from(&input.description);
        body.locations = input.locations.as_ref().map(|places| locations(places, &mut problems));
        body.confirmation_policy = input.requires_confirmation.map(confirmation);
        body.recurrence = match &input.recurring_event {
            Patch::Keep => None,
            Patch::Clear => Some(types::EventTypeRecurrenceInput::Off(off())),
            Patch::Set(how) => Some(recurrence(how, &mut problems)),
        };
        body.hidden = input.hidden;
        if problems.is_empty() { Ok(body) } else { Err(refused(problems)) }
    }
}

fn off() -> types::EventTypeOff {
    types::EventTypeOff { disabled: true }
}

fn check_text(field: &str, text: Option<&String>, problems: &mut Vec<FieldError>) {
    if text.is_some_and(|text| text.trim().is_empty()) {
        problems.push(FieldError::new(field, "must not be empty"));
    }
}

fn length(minutes: u32, problems: &mut Vec<FieldError>) -> Option<NonZeroU64> {
    let length = NonZeroU64::new(minutes.into());
    if length.is_none() {
        problems.push(FieldError::new("length", "must be at least 1"));
    }
    length
}

fn confirmation(required: bool) -> types::EventTypeConfirmationInput {
    if required {
        let always = types::EventTypeConfirmationRuleType::Always;
        types::EventTypeConfirmationInput::ConfirmationRule(types::EventTypeConfirmationRule::new(always, false))
    } else {
        types::EventTypeConfirmationInput::Off(off())
    }
}

fn recurrence(how: &RecurringEvent, problems: &mut Vec<FieldError>) -> types::EventTypeRecurrenceInput {
    let frequency = how.freq.as_str().parse().unwrap_or_else(|_| {
        problems.push(FieldError::new("recurringEvent.freq", "must be weekly, monthly or yearly"));
        types::EventTypeRepeatFrequency::Weekly
    });
    for (field, number) in [("recurringEvent.interval", how.interval), ("recurringEvent.count", how.count)] {
        if number < 1 {
            problems.push(FieldError::new(field, "must be at least 1"));
        }
    }
    let repeat = types::EventTypeRepeat { frequency, interval: how.interval, occurrences: how.count };
    types::EventTypeRecurrenceInput::Repeat(repeat)
}

fn locations(places: &[Location], problems: &mut Vec<FieldError>) -> Vec<types::EventTypeLocationInput> {
    let mut taken = Vec::with_capacity(places.len());
    for (at, place) in places.iter().enumerate() {
        match location(place) {
            Ok(location) => taken.push(location),
            Err((field, message)) => problems.push(FieldError::new(format!("locations[{at}].{field}"), message)),
        }
    }
    taken
}

/// Converts a location, whose kind has a name of the documented form, the wire form or the service's first version.
fn location(place: &Location) -> Result<types::EventTypeLocationInput, (&'static str, &'static str)> {
    use types::{
        EventTypeAttendeeLocationType as AttendeeSays,
        EventTypeLocationInput::{AddressLocation, AppLocation, AttendeeLocation, LinkLocation, PhoneLocation},
    };

    let text = place.address.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let address = || text.map(str::to_owned).ok_or(("address", "is required for this type"));
    let attendee = |type_| Ok(AttendeeLocation(types::EventTypeAttendeeLocation { type_ }));
    let public = false;
    match place.kind.as_str() {
        "inPerson" | "address" => {
            let type_ = types::EventTypeAddressLocationType::Address;
            Ok(AddressLocation(types::EventTypeAddressLocation { type_, address: address()?, public }))
        }
        "link" => {
            let type_ = types::EventTypeLinkLocationType::Link;
            Ok(LinkLocation(types::EventTypeLinkLocation { type_, link: address()?, public }))
        }
        "phone" | "userPhone" => {
            let phone = normalize_phone_number(&address()?)
                .map_err(|_| ("address", "must be a phone number in international form"))?;
            let type_ = types::EventTypePhoneLocationType::Phone;
            Ok(PhoneLocation(types::EventTypePhoneLocation { type_, phone, public }))
        }
        "attendeeAddress" | "attendeeInPerson" => attendee(AttendeeSays::AttendeeAddress),
        "attendeePhone" => attendee(AttendeeSays::AttendeePhone),
        "attendeeDefined" | "somewhereElse" => attendee(AttendeeSays::AttendeeDefined),
        kind => {
            let app = kind.strip_prefix("integrations:").or(text.filter(|_| kind == "integration"));
            let app = app.filter(|app| !app.trim().is_empty());
            let app = app.ok_or(("type", "must be a kind that the service takes"))?;
            let integration = apps::request_name(app).into();
            let type_ = types::EventTypeAppLocationType::Integration;
            Ok(AppLocation(types::EventTypeAppLocation { type_, integration }))
        }
    }
}
