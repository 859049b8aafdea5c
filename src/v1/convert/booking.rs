//! Bookings, as they are read.

use serde_json::{Map, Value, json};

use super::{
    NoForm, by_table,
    location::is_url,
    table::{
        Out, Row, Use, Way, name, nested, only_v1, only_v1_as, only_v2, only_v2_as, renamed, same, several, value,
    },
};
use crate::{
    model::BookingStatus,
    raw::types,
    v1::{
        Converted, Why,
        loss::Losses,
        shape::Object,
        types::{Booking, CreatedBooking, Time},
    },
};

const UNTOLD: &str = "V2 does not tell it";
const NEWER: &str = "V1 does not know it";

pub(super) const TABLE: &[Row] = &[
    same(name!("id")),
    same(name!("uid")),
    same(name!("title")),
    same(name!("description")),
    several(&["startTime", "endTime"], &["start", "end", "duration"], times_to_v2, times_to_v1),
    several(&["userId", "user"], name!("hosts"), host_to_v2, host_to_v1),
    several(&["eventTypeId", "eventType"], &["eventTypeId", "eventType"], event_type_to_v2, event_type_to_v1),
    nested(name!("attendees"), name!("attendees"), ATTENDEE),
    value(name!("status"), name!("status"), status_to_v2, status_to_v1),
    several(name!("metadata"), &["metadata", "location", "meetingUrl"], place_to_v2, place_to_v1),
    renamed(name!("responses"), name!("bookingFieldsResponses")),
    renamed(name!("fromReschedule"), name!("rescheduledFromUid")),
    value(name!("cancelledBy"), name!("cancelledByEmail"), canceller_to_v2, canceller_to_v1),
    renamed(name!("rescheduledBy"), name!("rescheduledByEmail")),
    same(name!("createdAt")),
    only_v1_as(name!("payment"), UNTOLD, || json!([])),
    only_v1(name!("timeZone"), "V1 itself never stored it"),
    only_v2_as(name!("absentHost"), NEWER, || false.into()),
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
        NEWER,
    ),
];

const ATTENDEE: &[Row] = &[
    same(name!("email")),
    same(name!("name")),
    same(name!("timeZone")),
    renamed(name!("locale"), name!("language")),
    only_v1(name!("id"), "V2 tells it on a route of its own"),
    only_v2_as(name!("absent"), NEWER, || false.into()),
    only_v2(&["displayEmail", "phoneNumber", "seatUid", "metadata", "bookingFieldsResponses"], NEWER),
];

fn time(from: &Object, name: &str) -> Option<Time> {
    from.get(name).and_then(Time::of_json)
}

fn times_to_v2(booking: &Object, out: &mut Out) {
    let (Some(start), Some(end)) = (time(booking, "startTime"), time(booking, "endTime")) else { return };
    out.put("start", json!(start));
    out.put("end", json!(end));
    out.put("duration", end.timestamp().duration_since(start.timestamp()).as_mins());
}

fn times_to_v1(booking: &Object, out: &mut Out) {
    out.put("startTime", json!(time(booking, "start")));
    out.put("endTime", json!(time(booking, "end")));
}

/// What V2 writes where the user is gone.
const GONE: &str = "unknown";

fn host_to_v2(booking: &Object, out: &mut Out) {
    let id = booking.get("userId").filter(|id| !id.is_null());
    let user = booking.get("user").and_then(Value::as_object);
    if id.is_none() && user.is_none() {
        return out.put("hosts", json!([]));
    }
    let of = |name: &str| user.and_then(|user| user.get(name)).filter(|value| !value.is_null()).cloned();
    let mut host = Map::from_iter([
        ("id".to_owned(), id.cloned().unwrap_or_else(|| GONE.into())),
        ("email".to_owned(), of("email").unwrap_or_else(|| "".into())),
    ]);
    for name in ["name", "timeZone"] {
        host.extend(of(name).map(|value| (name.to_owned(), value)));
    }
    if of("locale").is_some() {
        out.lose("user.locale", Why::Dropped(UNTOLD));
    }
    if of("email").is_some_and(|email| email == "") {
        out.lose("user.email", Why::NotExpressible("V2 does not tell an empty address from none"));
    }
    if user.is_some() && host.len() == 2 && host["email"] == "" {
        out.lose("user", Why::NotExpressible("V2 knows no host without an address"));
    }
    out.put("hosts", json!([host]));
}

fn host_to_v1(booking: &Object, out: &mut Out) {
    let hosts = booking.get("hosts").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if hosts.len() > 1 {
        out.lose("hosts[]", Why::Dropped("V1 tells one host"));
    }
    let Some(host) = hosts.first().and_then(Value::as_object) else {
        out.put("userId", Value::Null);
        return out.put("user", Value::Null);
    };
    let of = |name: &str| host.get(name).filter(|value| !value.is_null()).cloned();
    let id = of("id").filter(Value::is_number);
    if id.is_none() {
        out.lose("hosts[].id", Why::NotExpressible("V1's users have numbers, and this one is gone"));
    }
    out.put("userId", id.unwrap_or_default());
    let email = of("email").filter(|email| email != "");
    let (name, zone) = (of("name"), of("timeZone"));
    if email.is_none() && name.is_none() && zone.is_none() {
        return out.put("user", Value::Null);
    }
    out.put("user", json!({"email": email, "name": name, "timeZone": zone, "locale": null}));
    out.lose("user.locale", Why::MadeUp(UNTOLD));
    let same = |name: &str| of(name) == of("email");
    out.lose_others("hosts[].", host, &["id", "email", "name", "timeZone", "displayEmail"], NEWER);
    if host.contains_key("displayEmail") && !same("displayEmail") {
        out.lose("hosts[].displayEmail", Why::Dropped(NEWER));
    }
}

fn event_type_to_v2(booking: &Object, out: &mut Out) {
    let id = booking.get("eventTypeId").filter(|id| !id.is_null());
    if let Some(id) = id {
        out.put("eventTypeId", id.clone());
    }
    let Some(event_type) = booking.get("eventType").and_then(Value::as_object) else { return };
    match id {
        Some(id) => {
            out.put("eventType", json!({"id": id, "slug": event_type.get("slug")}));
            out.lose_others("eventType.", event_type, &["slug"], UNTOLD);
        }
        None => out.lose("eventType", Why::NotExpressible("V2 names event types by number")),
    }
}

fn event_type_to_v1(booking: &Object, out: &mut Out) {
    let event_type = booking.get("eventType").and_then(Value::as_object);
    let number = |from: &Object, name: &str| from.get(name).filter(|id| id.is_number()).cloned();
    let id = event_type.and_then(|event_type| number(event_type, "id")).or_else(|| number(booking, "eventTypeId"));
    out.put("eventTypeId", id.unwrap_or_default());
    let Some(event_type) = event_type else { return out.put("eventType", Value::Null) };
    out.put("eventType", json!({"title": null, "slug": event_type.get("slug"), "team": null}));
    for part in ["eventType.title", "eventType.team"] {
        out.lose(part, Why::MadeUp(UNTOLD));
    }
    out.lose_others("eventType.", event_type, &["id", "slug"], NEWER);
}

fn status_to_v2(found: &Value, _: &mut Out) -> Option<Value> {
    found.as_str().map(|status| match BookingStatus::from(status) {
        BookingStatus::Other(status) => status.into(),
        known => known.as_str().to_ascii_lowercase().into(),
    })
}

fn status_to_v1(found: &Value, _: &mut Out) -> Option<Value> {
    found.as_str().map(|status| json!(BookingStatus::from(status)))
}

/// V2 tells an empty text where it does not know, V1 told null.
fn canceller_to_v2(found: &Value, out: &mut Out) -> Option<Value> {
    if found == "" {
        out.lose("cancelledBy", Why::NotExpressible("V2 does not tell an empty address from none"));
    }
    Some(found.clone())
}

fn canceller_to_v1(found: &Value, _: &mut Out) -> Option<Value> {
    Some(found.clone()).filter(|found| found != "")
}

/// In V1's `metadata`: the link of the meeting, which V2 has as `location`.
const VIDEO: &str = "videoCallUrl";

fn place_to_v2(booking: &Object, out: &mut Out) {
    let Some(Value::Object(metadata)) = booking.get("metadata") else { return };
    let mut metadata = metadata.clone();
    if metadata.get(VIDEO).and_then(Value::as_str).is_some_and(is_url)
        && let Some(url) = metadata.remove(VIDEO)
    {
        out.put("location", url);
    }
    out.put("metadata", metadata);
}

fn place_to_v1(booking: &Object, out: &mut Out) {
    let mut metadata = booking.get("metadata").and_then(Value::as_object).cloned();
    let location = booking.get("location").and_then(Value::as_str).unwrap_or_default();
    if is_url(location) {
        metadata.get_or_insert_default().insert(VIDEO.to_owned(), location.into());
    } else if !location.is_empty() {
        out.lose("location", Why::Dropped("V1 tells links, in metadata.videoCallUrl, and what the booker answered"));
    }
    if booking.get("meetingUrl").is_some_and(|url| !url.is_null() && url != location) {
        out.lose("meetingUrl", Why::Dropped(NEWER));
    }
    out.put("metadata", metadata.map_or(Value::Null, Value::Object));
}

/// V2's booking as V1 told it.
///
/// # Errors
///
/// Where V2's lacks what V1 must have.
pub fn to_v1(booking: &types::Booking) -> Result<Converted<Booking>, NoForm> {
    by_table(TABLE, Way::ToV1, Use::Read, booking)
}

/// V1's booking as V2 tells it.
///
/// # Errors
///
/// Where V1's lacks what V2 must have.
pub fn to_v2(booking: &Booking) -> Result<Converted<types::Booking>, NoForm> {
    by_table(TABLE, Way::ToV2, Use::Read, booking)
}

/// What V1 answered to booking: the booking, without the host's address, and what its handler added.
#[must_use]
pub fn created_to_v1(booking: Converted<Booking>, seat: Option<String>) -> Converted<CreatedBooking> {
    let mut losses = Losses::default();
    let mut booking = booking.into(&mut losses);
    if let Some(user) = &mut booking.user
        && user.email.take().is_some()
    {
        losses.add("user.email", Why::Dropped("V1 did not tell it in this answer"));
    }
    for made_up in ["paymentRequired", "luckyUsers", "references"] {
        losses.add(made_up, Why::MadeUp(UNTOLD));
    }
    let video = booking.metadata.as_ref().and_then(|metadata| metadata.get(VIDEO)?.as_str().map(str::to_owned));
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
