//! Successful responses as documented types: each field of the response is available, the documented JSON contains nothing
//! that the response lacks, and it can be read again.
//!
//! To add a type, add it to [`problems`] and implement [`DocumentedType`].

use bytes::Bytes;
use calcom::{
    __conformance::{self as library, FromData},
    model::{
        Attendee, Booking, BookingReference, CalendarLink, DeletedEventType, EventType, Host, PrivateLink,
        Reassignment, Recording as VideoRecording, Reservation, Schedule, SessionParticipant, Slot, Slots, ToWireJson,
        User, VideoSession, Webhook,
    },
    operation::Operation,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{compare::same, recording::Recording};

/// The problems of the documented type of an operation, if it has one.
pub(super) fn problems(recording: &Recording, operation: &'static Operation) -> Vec<String> {
    let wire = &recording.answer["data"];
    match operation.id {
        "get_me" | "update_me" => check(recording, one::<User>, wire),
        "list_bookings" => check(recording, Booking::list, wire),
        "reschedule_booking" | "mark_booking_absent" => check(recording, one::<Booking>, wire),
        "create_booking"
        | "get_booking"
        | "get_booking_by_seat"
        | "cancel_booking"
        | "confirm_booking"
        | "decline_booking"
        | "update_booking_location"
        | "add_booking_guests" => check(recording, library::booking_or_series, wire),
        "create_event_type" | "get_event_type" | "update_event_type" => check(recording, one::<EventType>, wire),
        "list_event_types" | "list_team_event_types" => check(recording, EventType::list, wire),
        "delete_event_type" => check(recording, one::<DeletedEventType>, wire),
        "list_booking_calendar_links" => check(recording, CalendarLink::list, wire),
        "list_booking_references" => check(recording, BookingReference::list, wire),
        "list_booking_recordings" => check(recording, VideoRecording::list, wire),
        "list_booking_sessions" => check(recording, VideoSession::list, wire),
        "reassign_booking" | "reassign_booking_to_user" => check(recording, one::<Reassignment>, wire),
        "create_private_link" | "update_private_link" => check(recording, one::<PrivateLink>, wire),
        "list_private_links" => check(recording, PrivateLink::list, wire),
        "list_slots" => {
            let read = |body| library::slots(body).map(|slots| slots.map(each_slot).unwrap_or_default());
            check(recording, read, &all_dates(wire))
        }
        "list_available_slots" => check(recording, |body| Slots::one(body).map(each_slot), &all_dates(&wire["slots"])),
        // A null response has no documented type.
        "get_slot_reservation" if wire.is_null() => Vec::new(),
        "get_slot_reservation" | "reserve_slot" | "update_slot_reservation" => {
            check(recording, one::<Reservation>, wire)
        }
        "list_schedules" => check(recording, |body| library::schedules(body).map(Option::unwrap_or_default), wire),
        "get_schedule" | "get_default_schedule" | "create_schedule" | "update_schedule" => {
            check(recording, |body| library::schedule(body).map(Vec::from_iter), wire)
        }
        "list_webhooks" | "list_event_type_webhooks" => check(recording, Webhook::list, wire),
        "get_webhook"
        | "create_webhook"
        | "update_webhook"
        | "delete_webhook"
        | "get_event_type_webhook"
        | "create_event_type_webhook"
        | "update_event_type_webhook"
        | "delete_event_type_webhook" => check(recording, one::<Webhook>, wire),
        _ => Vec::new(),
    }
}

fn each_slot(slots: Slots) -> Vec<Slot> {
    slots.into_iter().collect()
}

/// The slots of all dates in one list.
fn all_dates(dates: &Value) -> Value {
    dates.as_object().into_iter().flatten().filter_map(|(_, slots)| slots.as_array()).flatten().cloned().collect()
}

/// A documented type that the replay checks.
pub(super) trait DocumentedType: Serialize + DeserializeOwned + PartialEq + ToWireJson {
    /// Fields whose documented value differs from the wire form by design. `[]` is any item.
    const TRANSLATED_FIELDS: &[&str] = &[];

    fn extra_field(&self, name: &str) -> Option<&Value>;

    /// Adds the problems of nested documented types. `wire` is the JSON of this value.
    fn check_nested(&self, _wire: &Value, _path: &str, _found: &mut Vec<String>) {}
}

pub(super) fn one<D: FromData>(body: Bytes) -> Result<Vec<D>, serde_json::Error> {
    D::one(body).map(|value| vec![value])
}

/// Reads `data` as the facade does, and compares each documented value with that of the wire form.
pub(super) fn check<D: DocumentedType>(
    recording: &Recording,
    read: impl FnOnce(Bytes) -> Result<Vec<D>, serde_json::Error>,
    wire: &Value,
) -> Vec<String> {
    let values = match read(Bytes::from(recording.body())) {
        Ok(values) => values,
        Err(error) => return vec![format!("facade: {error}")],
    };
    let wires = wire.as_array().map_or(std::slice::from_ref(wire), Vec::as_slice);
    if values.len() != wires.len() {
        return vec![format!("facade: {} of {} values are there", values.len(), wires.len())];
    }
    let mut found = Vec::new();
    for (at, (value, wire)) in values.iter().zip(wires).enumerate() {
        compare(value, wire, &format!("data[{at}]"), &mut found);
    }
    found
}

pub(super) fn compare<D: DocumentedType>(value: &D, wire: &Value, path: &str, found: &mut Vec<String>) {
    for (key, field) in wire.as_object().into_iter().flatten() {
        if value.extra_field(key) != Some(field) {
            found.push(format!("facade: {path}.{key} is out of reach"));
        }
    }
    match serde_json::to_value(value) {
        Ok(json) => {
            let mut places = Vec::new();
            find_invented(&json, wire, "", &mut places);
            let unexpected = places.iter().filter(|place| !D::TRANSLATED_FIELDS.contains(&any_item(place).as_str()));
            found.extend(unexpected.map(|place| format!("facade: {path}.{place} is not what came")));
            let again = serde_json::from_value::<D>(json.clone()).and_then(serde_json::to_value);
            if again.ok().as_ref() != Some(&json) {
                found.push(format!("facade: the documented JSON of {path} does not come back the same"));
            }
        }
        Err(error) => found.push(format!("facade: {path}: {error}")),
    }
    if value.to_wire_json() != *wire {
        found.push(format!("facade: the wire JSON of {path} is not what came"));
    }
    match serde_json::from_value::<D>(wire.clone()) {
        Ok(again) if again == *value => {}
        Ok(_) => found.push(format!("facade: {path} read by itself is another value")),
        Err(error) => found.push(format!("facade: {path} read by itself: {error}")),
    }
    value.check_nested(wire, path, found);
}

/// Writes `locations[2].type` as `locations[].type`.
fn any_item(place: &str) -> String {
    let mut inside = false;
    place
        .chars()
        .filter(|c| {
            inside = *c == '[' || inside && *c != ']';
            !inside || *c == '['
        })
        .collect()
}

/// Adds each scalar of `json` that is not in `wire`, and each field whose value differs from the field of the same name.
fn find_invented(json: &Value, wire: &Value, path: &str, found: &mut Vec<String>) {
    match json {
        Value::Object(fields) => {
            for (key, field) in fields {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                match wire.get(key).filter(|_| !field.is_object() && !field.is_array()) {
                    // The wire form has an empty text if the documented form has null.
                    Some(theirs) if is_same_value(field, theirs) || field.is_null() && *theirs == "" => {}
                    Some(_) => found.push(path),
                    None => find_invented(field, wire, &path, found),
                }
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| find_invented(item, wire, &format!("{path}[{at}]"), found));
        }
        scalar if scalar.is_null() || holds(wire, scalar) => {}
        _ => found.push(path.to_owned()),
    }
}

/// Compares two values. The documented form has statuses in capitals.
fn is_same_value(ours: &Value, theirs: &Value) -> bool {
    same(ours, theirs)
        || matches!((ours.as_str(), theirs.as_str()), (Some(ours), Some(theirs)) if ours == theirs.to_uppercase())
}

fn holds(wire: &Value, scalar: &Value) -> bool {
    match wire {
        Value::Object(fields) => fields.values().any(|field| holds(field, scalar)),
        Value::Array(items) => items.iter().any(|item| holds(item, scalar)),
        theirs => same(theirs, scalar),
    }
}

/// Compares nested documented values with those of the wire form, in number and one by one.
pub(super) fn each<D: DocumentedType>(values: &[D], wire: &Value, path: &str, found: &mut Vec<String>) {
    let wires = wire.as_array().map_or(&[][..], Vec::as_slice);
    if values.len() != wires.len() {
        found.push(format!("facade: {path} has {} of {} values", values.len(), wires.len()));
    }
    for (at, (value, wire)) in values.iter().zip(wires).enumerate() {
        compare(value, wire, &format!("{path}[{at}]"), found);
    }
}

macro_rules! has_extra {
    () => {
        fn extra_field(&self, name: &str) -> Option<&Value> {
            self.extra(name)
        }
    };
}

impl DocumentedType for User {
    has_extra!();
}

impl DocumentedType for Attendee {
    has_extra!();
}

impl DocumentedType for Host {
    has_extra!();
}

impl DocumentedType for Booking {
    const TRANSLATED_FIELDS: &[&str] = &["location.type"];

    has_extra!();

    fn check_nested(&self, wire: &Value, path: &str, found: &mut Vec<String>) {
        each(&self.attendees, &wire["attendees"], &format!("{path}.attendees"), found);
        if let (Some(host), Some(wire)) = (&self.user, wire["hosts"].get(0)) {
            compare(host, wire, &format!("{path}.hosts[0]"), found);
        }
    }
}

impl DocumentedType for EventType {
    const TRANSLATED_FIELDS: &[&str] = &["locations[].type", "requiresConfirmation", "recurringEvent.freq"];

    has_extra!();
}

impl DocumentedType for PrivateLink {
    has_extra!();
}

impl DocumentedType for Slot {
    const TRANSLATED_FIELDS: &[&str] = &["attendees"];

    has_extra!();
}

impl DocumentedType for Reservation {
    has_extra!();
}

impl DocumentedType for Schedule {
    const TRANSLATED_FIELDS: &[&str] = &["schedule[].days[]"];

    has_extra!();
}

impl DocumentedType for DeletedEventType {
    has_extra!();
}

impl DocumentedType for CalendarLink {
    has_extra!();
}

impl DocumentedType for BookingReference {
    has_extra!();
}

impl DocumentedType for VideoRecording {
    has_extra!();
}

impl DocumentedType for VideoSession {
    has_extra!();

    fn check_nested(&self, wire: &Value, path: &str, found: &mut Vec<String>) {
        each(&self.participants, &wire["participants"], &format!("{path}.participants"), found);
    }
}

impl DocumentedType for SessionParticipant {
    has_extra!();
}

impl DocumentedType for Reassignment {
    has_extra!();
}

impl DocumentedType for Webhook {
    has_extra!();
}
