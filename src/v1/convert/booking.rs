//! Bookings of responses.

use serde_json::{Map, Value, json};

use super::{
    ConversionError, convert_by_table,
    location::is_url,
    table::{
        ConversionDirection, ConversionOutput, FieldMapping, Purpose, group, name, nested, only_v1, only_v1_as,
        only_v2, only_v2_as, renamed, same, value,
    },
};
use crate::{
    model::BookingStatus,
    raw::types,
    v1::{
        Converted, LossReason,
        loss::Losses,
        schema::JsonObject,
        types::{Booking, CreatedBooking, Time},
    },
};

const NOT_IN_V2: &str = "V2 does not return it";
const NOT_IN_V1: &str = "V1 does not know it";

pub(super) const TABLE: &[FieldMapping] = &[
    same(name!("id")),
    same(name!("uid")),
    same(name!("title")),
    same(name!("description")),
    group(&["startTime", "endTime"], &["start", "end", "duration"], times_to_v2, times_to_v1),
    group(&["userId", "user"], name!("hosts"), host_to_v2, host_to_v1),
    group(&["eventTypeId", "eventType"], &["eventTypeId", "eventType"], event_type_to_v2, event_type_to_v1),
    nested(name!("attendees"), name!("attendees"), ATTENDEE),
    value(name!("status"), name!("status"), status_to_v2, status_to_v1),
    group(name!("metadata"), &["metadata", "location", "meetingUrl"], location_to_v2, location_to_v1),
    renamed(name!("responses"), name!("bookingFieldsResponses")),
    renamed(name!("fromReschedule"), name!("rescheduledFromUid")),
    value(name!("cancelledBy"), name!("cancelledByEmail"), cancelled_by_to_v2, cancelled_by_to_v1),
    renamed(name!("rescheduledBy"), name!("rescheduledByEmail")),
    same(name!("createdAt")),
    only_v1_as(name!("payment"), NOT_IN_V2, || json!([])),
    only_v1(name!("timeZone"), "V1 itself never stored it"),
    only_v2_as(name!("absentHost"), NOT_IN_V1, || false.into()),
    only_v2(
        &[
            "cancellationReason",
            "guests",
            "icsUid",
            "isPlatformManagedUserBooking",
            "rating",
            "recurringBookingUid",
            "reschedulingReason",
            "rescheduledToUid",
            "seatUid",
            "updatedAt",
        ],
        NOT_IN_V1,
    ),
];

const ATTENDEE: &[FieldMapping] = &[
    same(name!("email")),
    same(name!("name")),
    same(name!("timeZone")),
    renamed(name!("locale"), name!("language")),
    only_v1(name!("id"), "V2 returns it on a route of its own"),
    only_v2_as(name!("absent"), NOT_IN_V1, || false.into()),
    only_v2(&["displayEmail", "phoneNumber", "seatUid", "metadata", "bookingFieldsResponses"], NOT_IN_V1),
];

fn time(from: &JsonObject, name: &str) -> Option<Time> {
    from.get(name).and_then(Time::from_json)
}

fn times_to_v2(booking: &JsonObject, out: &mut ConversionOutput) {
    let (Some(start), Some(end)) = (time(booking, "startTime"), time(booking, "endTime")) else { return };
    out.put("start", json!(start));
    out.put("end", json!(end));
    out.put("duration", end.timestamp().duration_since(start.timestamp()).as_mins());
}

fn times_to_v1(booking: &JsonObject, out: &mut ConversionOutput) {
    out.put("startTime", json!(time(booking, "start")));
    out.put("endTime", json!(time(booking, "end")));
}

/// The host id in V2 if the user is deleted.
const DELETED_USER_ID: &str = "unknown";

fn host_to_v2(booking: &JsonObject, out: &mut ConversionOutput) {
    let id = booking.get("userId").filter(|id| !id.is_null());
    let user = booking.get("user").and_then(Value::as_object);
    if id.is_none() && user.is_none() {
        return out.put("hosts", json!([]));
    }
    let user_field = |name: &str| user.and_then(|user| user.get(name)).filter(|value| !value.is_null()).cloned();
    let mut host = Map::from_iter([
        ("id".to_owned(), id.cloned().unwrap_or_else(|| DELETED_USER_ID.into())),
        ("email".to_owned(), user_field("email").unwrap_or_else(|| "".into())),
    ]);
    for name in ["name", "timeZone"] {
        host.extend(user_field(name).map(|value| (name.to_owned(), value)));
    }
    if user_field("locale").is_some() {
        out.report_loss("user.locale", LossReason::Dropped(NOT_IN_V2));
    }
    if user_field("email").is_some_and(|email| email == "") {
        out.report_loss(
            "user.email",
            LossReason::NotExpressible("V2 does not distinguish an empty address from a missing one"),
        );
    }
    if user.is_some() && host.len() == 2 && host["email"] == "" {
        out.report_loss("user", LossReason::NotExpressible("V2 knows no host without an address"));
    }
    out.put("hosts", json!([host]));
}

fn host_to_v1(booking: &JsonObject, out: &mut ConversionOutput) {
    let hosts = booking.get("hosts").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if hosts.len() > 1 {
        out.report_loss("hosts[]", LossReason::Dropped("V1 returns one host"));
    }
    let Some(host) = hosts.first().and_then(Value::as_object) else {
        out.put("userId", Value::Null);
        return out.put("user", Value::Null);
    };
    let of = |name: &str| host.get(name).filter(|value| !value.is_null()).cloned();
    let id = of("id").filter(Value::is_number);
    if id.is_none() {
        out.report_loss("hosts[].id", LossReason::NotExpressible("V1's users have numbers, and this one is gone"));
    }
    out.put("userId", id.unwrap_or_default());
    let email = of("email").filter(|email| email != "");
    let (name, zone) = (of("name"), of("timeZone"));
    if email.is_none() && name.is_none() && zone.is_none() {
        return out.put("user", Value::Null);
    }
    out.put("user", json!({"email": email, "name": name, "timeZone": zone, "locale": null}));
    out.report_loss("user.locale", LossReason::MadeUp(NOT_IN_V2));
    let same = |name: &str| of(name) == of("email");
    out.report_unmapped("hosts[].", host, &["id", "email", "name", "timeZone", "displayEmail"], NOT_IN_V1);
    if host.contains_key("displayEmail") && !same("displayEmail") {
        out.report_loss("hosts[].displayEmail", LossReason::Dropped(NOT_IN_V1));
    }
}

fn event_type_to_v2(booking: &JsonObject, out: &mut ConversionOutput) {
    let id = booking.get("eventTypeId").filter(|id| !id.is_null());
    if let Some(id) = id {
        out.put("eventTypeId", id.clone());
    }
    let Some(event_type) = booking.get("eventType").and_then(Value::as_object) else { return };
    match id {
        Some(id) => {
            out.put("eventType", json!({"id": id, "slug": event_type.get("slug")}));
            out.report_unmapped("eventType.", event_type, &["slug"], NOT_IN_V2);
        }
        None => out.report_loss("eventType", LossReason::NotExpressible("V2 names event types by number")),
    }
}

fn event_type_to_v1(booking: &JsonObject, out: &mut ConversionOutput) {
    let event_type = booking.get("eventType").and_then(Value::as_object);
    let number = |from: &JsonObject, name: &str| from.get(name).filter(|id| id.is_number()).cloned();
    let id = event_type.and_then(|event_type| number(event_type, "id")).or_else(|| number(booking, "eventTypeId"));
    out.put("eventTypeId", id.unwrap_or_default());
    let Some(event_type) = event_type else { return out.put("eventType", Value::Null) };
    out.put("eventType", json!({"title": null, "slug": event_type.get("slug"), "team": null}));
    for part in ["eventType.title", "eventType.team"] {
        out.report_loss(part, LossReason::MadeUp(NOT_IN_V2));
    }
    out.report_unmapped("eventType.", event_type, &["id", "slug"], NOT_IN_V1);
}

fn status_to_v2(value: &Value, _: &mut ConversionOutput) -> Option<Value> {
    value.as_str().map(|status| match BookingStatus::from(status) {
        BookingStatus::Other(status) => status.into(),
        known => known.as_str().to_ascii_lowercase().into(),
    })
}

fn status_to_v1(value: &Value, _: &mut ConversionOutput) -> Option<Value> {
    value.as_str().map(|status| json!(BookingStatus::from(status)))
}

/// V2 has an empty text for an unknown address, V1 had null.
fn cancelled_by_to_v2(value: &Value, out: &mut ConversionOutput) -> Option<Value> {
    if value == "" {
        out.report_loss(
            "cancelledBy",
            LossReason::NotExpressible("V2 does not distinguish an empty address from a missing one"),
        );
    }
    Some(value.clone())
}

fn cancelled_by_to_v1(value: &Value, _: &mut ConversionOutput) -> Option<Value> {
    Some(value.clone()).filter(|value| value != "")
}

/// The key in V1's `metadata` of the link of the meeting, which V2 has as `location`.
const VIDEO_URL_KEY: &str = "videoCallUrl";

fn location_to_v2(booking: &JsonObject, out: &mut ConversionOutput) {
    let Some(Value::Object(metadata)) = booking.get("metadata") else { return };
    let mut metadata = metadata.clone();
    if metadata.get(VIDEO_URL_KEY).and_then(Value::as_str).is_some_and(is_url)
        && let Some(url) = metadata.remove(VIDEO_URL_KEY)
    {
        out.put("location", url);
    }
    out.put("metadata", metadata);
}

fn location_to_v1(booking: &JsonObject, out: &mut ConversionOutput) {
    let mut metadata = booking.get("metadata").and_then(Value::as_object).cloned();
    let location = booking.get("location").and_then(Value::as_str).unwrap_or_default();
    if is_url(location) {
        metadata.get_or_insert_default().insert(VIDEO_URL_KEY.to_owned(), location.into());
    } else if !location.is_empty() {
        out.report_loss(
            "location",
            LossReason::Dropped("V1 has links, metadata.videoCallUrl, and the booker's answers"),
        );
    }
    if booking.get("meetingUrl").is_some_and(|url| !url.is_null() && url != location) {
        out.report_loss("meetingUrl", LossReason::Dropped(NOT_IN_V1));
    }
    out.put("metadata", metadata.map_or(Value::Null, Value::Object));
}

/// Converts a booking of V2 to V1's form.
///
/// [`convert`](crate::v1::convert) has an example.
///
/// # Errors
///
/// A field that V1 requires is missing.
pub fn to_v1(booking: &types::Booking) -> Result<Converted<Booking>, ConversionError> {
    convert_by_table(TABLE, ConversionDirection::ToV1, Purpose::Read, booking)
}

/// Converts a booking of V1 to V2's form.
///
/// [`convert`](crate::v1::convert) has an example.
///
/// # Errors
///
/// A field that V2 requires is missing.
pub fn to_v2(booking: &Booking) -> Result<Converted<types::Booking>, ConversionError> {
    convert_by_table(TABLE, ConversionDirection::ToV2, Purpose::Read, booking)
}

/// Builds V1's response to `POST /bookings`: the booking without the host's address, and the fields that V1 added.
///
/// [`convert`](crate::v1::convert) has an example.
#[must_use]
pub fn created_to_v1(booking: Converted<Booking>, seat: Option<String>) -> Converted<CreatedBooking> {
    let mut losses = Losses::default();
    let mut booking = booking.unpack(&mut losses);
    if let Some(user) = &mut booking.user
        && user.email.take().is_some()
    {
        losses.add("user.email", LossReason::Dropped("V1 did not return it in this response"));
    }
    for field in ["paymentRequired", "luckyUsers", "references"] {
        losses.add(field, LossReason::MadeUp(NOT_IN_V2));
    }
    let video = booking.metadata.as_ref().and_then(|metadata| metadata.get(VIDEO_URL_KEY)?.as_str().map(str::to_owned));
    let created = CreatedBooking {
        booking,
        payment_required: false,
        lucky_users: Vec::new(),
        is_dry_run: false,
        references: Vec::new(),
        seat_reference_uid: seat,
        video_call_url: video,
    };
    Converted::new(created, losses)
}
