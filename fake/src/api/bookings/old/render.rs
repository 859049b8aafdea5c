//! The three forms of a booking's row: in responses to create, get and list.

use serde_json::{Map, Value, json};

use super::super::super::super::reply::millis;
use super::super::super::super::state::{Attendee, Booking, BookingStatus, State, User};
use super::super::super::event_types::old_fields::{booking_fields, columns};

/// The metadata with the meeting link, which the table contains once the booking is complete.
fn metadata(booking: &Booking) -> Value {
    let mut metadata = booking.metadata.clone();
    if let Some(url) = booking.location.as_ref().filter(|location| location.starts_with("http")) {
        metadata.insert("videoCallUrl".to_owned(), url.clone().into());
    }
    metadata.into()
}

fn responses(booking: &Booking) -> Value {
    if booking.seated { Value::Null } else { booking.responses.clone().into() }
}

fn description(booking: &Booking) -> Value {
    if booking.seated { Value::Null } else { booking.description.clone().into() }
}

/// The common fields of the three forms.
fn common(state: &State, booking: &Booking) -> Map<String, Value> {
    let email = state.user(booking.host).map(|user| user.email.clone());
    let json = json!({
        "id": booking.id,
        "uid": booking.uid,
        "title": booking.title,
        "description": description(booking),
        "customInputs": {},
        "userPrimaryEmail": email,
        "startTime": millis(booking.start),
        "endTime": millis(booking.end),
        "metadata": metadata(booking),
        "responses": responses(booking),
        "recurringEventId": booking.recurring,
        "location": booking.location,
        "status": booking.status.upper(),
        "fromReschedule": booking.from_uid,
        "rescheduled": booking.to_uid.as_ref().map(|_| true),
        "rescheduledBy": booking.rescheduled_by,
        "cancelledBy": booking.cancelled_by,
        "cancellationReason": booking.cancellation_reason,
        "rejectionReason": booking.rejection_reason,
    });
    json.as_object().cloned().unwrap_or_default()
}

fn with(common: Map<String, Value>, more: &Value) -> Value {
    let mut all = common;
    all.extend(more.as_object().cloned().unwrap_or_default());
    all.into()
}

/// A UUID derived from a text, always the same, in place of the service's for a user or a booked time.
fn made_up_uuid(text: &str) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(text.as_bytes());
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-5{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

/// The response to create.
pub(in super::super) fn created(state: &State, booking: &Booking) -> Value {
    let user = state.user(booking.host);
    let user_uuid = made_up_uuid(&format!("user {}", booking.host));
    let accepted = booking.status == BookingStatus::Accepted;
    let key = format!("{}.{}.{}", booking.start, booking.end, booking.host);
    let previous = booking.from_uid.as_ref().and_then(|uid| state.booking(uid));
    let mut value = with(
        common(state, booking),
        &json!({
            "idempotencyKey": accepted.then(|| made_up_uuid(&key)),
            "userId": booking.host,
            "eventTypeId": booking.event_type,
            "createdAt": millis(booking.created),
            "updatedAt": millis(booking.created),
            "paid": false,
            "destinationCalendarId": null,
            "reassignReason": null,
            "reassignById": null,
            "dynamicEventSlugRef": null,
            "dynamicGroupSlugRef": null,
            "smsReminderNumber": null,
            "scheduledJobs": [],
            "isRecorded": false,
            "iCalUID": booking.ics_uid,
            "iCalSequence": i64::from(previous.is_some()),
            "rating": null,
            "ratingFeedback": null,
            "noShowHost": booking.absent_host,
            "oneTimePassword": (!accepted).then(|| made_up_uuid(&booking.uid)),
            "creationSource": "API_V2",
            "user": {
                "uuid": user_uuid,
                "email": null,
                "name": user.map(|user| &user.name),
                "timeZone": user.map(|user| &user.time_zone),
                "username": user.map(|user| &user.username),
                "isPlatformManaged": false,
            },
            "attendees": booking.attendees.iter().map(|a| attendee_row(a, booking.id)).collect::<Vec<_>>(),
            "payment": [],
            "references": [],
            "userUuid": user_uuid,
            "paymentRequired": false,
            "luckyUsers": [],
            "isDryRun": false,
            "videoCallUrl": booking.location.as_ref().filter(|location| location.starts_with("http")),
            "previousBooking": previous.map(|old| {
                json!({ "uid": old.uid, "startTime": millis(old.start), "endTime": millis(old.end) })
            }),
        }),
    );
    if previous.is_some() {
        value["appsStatus"] = json!([]);
    } else {
        // The service writes the link into the metadata after the response.
        value["metadata"] = booking.metadata.clone().into();
    }
    value
}

fn attendee_row(attendee: &Attendee, booking: i64) -> Value {
    json!({
        "id": attendee.id,
        "email": attendee.email,
        "name": attendee.name,
        "timeZone": attendee.time_zone,
        "phoneNumber": attendee.phone,
        "locale": attendee.language,
        "bookingId": booking,
        "noShow": attendee.absent,
    })
}

fn user(user: &User) -> Value {
    json!({
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "username": user.username,
        "timeZone": user.time_zone,
        "avatarUrl": user.avatar_url,
    })
}

fn seats(booking: &Booking) -> Vec<Value> {
    let seats = booking.attendees.iter().filter_map(|attendee| Some((attendee, attendee.seat.as_ref()?)));
    seats.map(|(a, seat)| json!({ "referenceUid": seat.uid, "attendee": { "email": a.email } })).collect()
}

/// The response to get.
pub(super) fn read(state: &State, booking: &Booking) -> Value {
    let event = state.event_type(booking.event_type);
    let attendees: Vec<Value> = booking
        .attendees
        .iter()
        .map(|a| json!({ "name": a.name, "email": a.email, "timeZone": a.time_zone, "phoneNumber": a.phone }))
        .collect();
    with(
        common(state, booking),
        &json!({
            "smsReminderNumber": null,
            "user": state.user(booking.host).map(user),
            "attendees": attendees,
            "eventTypeId": booking.event_type,
            "eventType": event.map(|event| json!({
                "eventName": event.rest.get("customName"),
                "slug": event.slug,
                "timeZone": null,
                "schedulingType": null,
                "hideOrganizerEmail": false,
            })),
            "seatsReferences": seats(booking),
            "tracking": null,
            "assignmentReason": [],
        }),
    )
}

fn references(booking: &Booking) -> Value {
    if !super::super::links::has_video(booking) {
        return json!([]);
    }
    json!([{
        "id": booking.id, "type": "daily_video", "uid": "", "bookingId": booking.id, "meetingId": null,
        "meetingPassword": null, "meetingUrl": null, "deleted": null, "externalCalendarId": null, "credentialId": null,
        "thirdPartyRecurringEventId": null, "delegationCredentialId": null,
    }])
}

/// An item of a list.
pub(super) fn listed(state: &State, booking: &Booking) -> Value {
    let attendees: Vec<Value> = booking
        .attendees
        .iter()
        .map(|attendee| {
            let mut row = attendee_row(attendee, booking.id);
            row["user"] = json!({ "name": null, "email": attendee.email, "avatarUrl": null, "username": null });
            row
        })
        .collect();
    with(
        common(state, booking),
        &json!({
            "createdAt": millis(booking.created),
            "updatedAt": millis(booking.updated),
            "paid": false,
            "isRecorded": false,
            "eventType": listed_event_type(state, booking),
            "references": references(booking),
            "payment": [],
            "user": state.user(booking.host).map(user),
            "attendees": attendees,
            "seatsReferences": seats(booking),
            "assignmentReasonSortedByCreatedAt": [],
            "report": null,
            "rescheduler": null,
        }),
    )
}

fn listed_event_type(state: &State, booking: &Booking) -> Value {
    const SHOWN: [&str; 11] = [
        "slug",
        "id",
        "title",
        "eventName",
        "recurringEvent",
        "metadata",
        "disableGuests",
        "seatsPerTimeSlot",
        "seatsShowAttendees",
        "seatsShowAvailabilityCount",
        "length",
    ];
    let mut shown = json!({
        "price": 0,
        "currency": "usd",
        "eventTypeColor": null,
        "customReplyToEmail": null,
        "allowReschedulingPastBookings": false,
        "hideOrganizerEmail": false,
        "disableCancelling": false,
        "disableRescheduling": false,
        "minimumRescheduleNotice": null,
        "teamId": null,
        "parentId": null,
        "schedulingType": null,
        "hosts": [],
        "team": null,
        "hostGroups": [],
    });
    let Some(event) = state.event_type(booking.event_type) else { return shown };
    let mut columns = columns(event);
    for name in SHOWN.into_iter().chain(["eventTypeColor"]) {
        shown[name] = columns.remove(name).unwrap_or_default();
    }
    shown["bookingFields"] = booking_fields(event, false);
    shown
}
