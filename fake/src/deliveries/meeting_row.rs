//! The fields of `MEETING_STARTED` and `MEETING_ENDED`, beside the trigger.

use serde_json::{Value, json};

use super::super::{
    reply::millis,
    state::{Booking, State},
};
use super::compose::responses;

/// The row of the booking. `None` if the host or the event type was deleted.
pub(super) fn render(state: &State, booking: &Booking) -> Option<Value> {
    let (host, event) = (state.user(booking.host)?, state.event_type(booking.event_type)?);
    let attendees: Vec<Value> = booking
        .attendees
        .iter()
        .map(|attendee| {
            json!({
                "id": attendee.id,
                "email": attendee.email,
                "name": attendee.name,
                "timeZone": attendee.time_zone,
                "phoneNumber": attendee.phone,
                "locale": attendee.language,
                "bookingId": booking.id,
                "noShow": attendee.absent,
            })
        })
        .collect();
    let uuid = format!("00000000-0000-4000-8000-{:012}", host.id);
    Some(json!({
        "id": booking.id,
        "uid": booking.uid,
        "idempotencyKey": format!("00000000-0000-5000-8000-{:012}", booking.id),
        "userId": host.id,
        "userPrimaryEmail": host.email,
        "eventTypeId": booking.event_type,
        "title": booking.title,
        "description": booking.description,
        "customInputs": {},
        "responses": responses(booking, event),
        "startTime": millis(booking.start),
        "endTime": millis(booking.end),
        "location": booking.location,
        "createdAt": millis(booking.created),
        "updatedAt": millis(booking.updated),
        "status": booking.status.upper(),
        "paid": false,
        "destinationCalendarId": null,
        "cancellationReason": booking.cancellation_reason,
        "rejectionReason": booking.rejection_reason,
        "reassignReason": null,
        "reassignById": null,
        "dynamicEventSlugRef": null,
        "dynamicGroupSlugRef": null,
        "rescheduled": null,
        "fromReschedule": booking.from_uid,
        "recurringEventId": booking.recurring,
        "smsReminderNumber": null,
        "scheduledJobs": [],
        "metadata": booking.metadata,
        "isRecorded": false,
        "iCalUID": booking.ics_uid,
        "iCalSequence": i64::from(booking.from_uid.is_some()),
        "rating": null,
        "ratingFeedback": null,
        "noShowHost": booking.absent_host,
        "oneTimePassword": null,
        "cancelledBy": booking.cancelled_by,
        "rescheduledBy": booking.rescheduled_by,
        "creationSource": "API_V2",
        "user": {
            "uuid": uuid,
            "email": host.email,
            "name": host.name,
            "timeZone": host.time_zone,
            "username": host.username,
            "isPlatformManaged": false,
        },
        "attendees": attendees,
        "payment": [],
        "references": [],
        "userUuid": uuid,
    }))
}
