//! The booking that seven triggers carry.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    participants::{Organizer, WebhookAttendee},
    read::payload,
    responses::FormResponses,
};
use crate::model::BookingStatus;

payload! {
    /// A booking, as `BOOKING_CREATED`, `_REQUESTED`, `_RESCHEDULED`, `_CANCELLED`, `_REJECTED`,
    /// `_PAYMENT_INITIATED` and `_PAID` carry it.
    ///
    /// No trigger sends all fields, and the documented payload has only a few. Fields that a delivery lacks are `None` or
    /// empty.
    ///
    /// ```
    /// use calcom::webhook::{BookingPayload, Event, Payload};
    ///
    /// let mut booking = BookingPayload::default();
    /// booking.uid = Some("kgiKeoVgk6NpALrVxDhWeY".to_owned());
    /// let event = Event::new("2026-11-23T09:00:00Z".parse().unwrap(), Payload::BookingCreated(booking.into()));
    /// assert_eq!(event.booking_uid(), Some("kgiKeoVgk6NpALrVxDhWeY"));
    /// ```
    BookingPayload {
        /// The booking's uid; the new one after a reschedule. The documented payload has none.
        uid: Option<String> = "uid" shown,
        /// The id of the booking.
        booking_id: Option<i64> = "bookingId" shown,
        /// The status of the booking.
        status: Option<BookingStatus> = "status" shown,
        /// The id of the event type.
        event_type_id: Option<i64> = "eventTypeId" shown,
        /// The event type's slug.
        event_type_slug: Option<String> = "type" shown,
        /// The event type's title.
        event_title: Option<String> = "eventTitle",
        /// The event type's description.
        event_description: Option<String> = "eventDescription",
        /// The booking's title: event type, host and booker.
        title: Option<String> = "title",
        /// The event type's description, or the booker's notes.
        description: Option<String> = "description",
        /// The booker's notes.
        additional_notes: Option<String> = "additionalNotes",
        /// When it starts.
        start_time: Option<Timestamp> = "startTime" shown,
        /// When it ends.
        end_time: Option<Timestamp> = "endTime" shown,
        /// The length of the event type, in minutes.
        length: Option<i64> = "length" shown,
        /// The host.
        organizer: Option<Organizer> = "organizer",
        /// The booker first, then the guests. If a seat was booked or cancelled, only its holder.
        attendees: Vec<WebhookAttendee> = "attendees",
        /// All answers of the booking form.
        responses: FormResponses = "responses" shown,
        /// The answers to the questions that the host added.
        user_fields_responses: FormResponses = "userFieldsResponses" shown,
        /// The location: an address, a link, a telephone number, or the key of a video integration.
        location: Option<String> = "location",
        /// The metadata that the booker attached.
        metadata: Map<String, Value> = "metadata",
        /// The video call, with its password.
        video_call: Option<VideoCall> = "videoCallData",
        /// The calendars that the booking is written to. The service sends null, one, or a list.
        destination_calendars: Vec<DestinationCalendar> = "destinationCalendar",
        /// The results of the apps that were notified of the booking.
        apps_status: Vec<AppStatus> = "appsStatus" shown,
        /// The UID of the calendar entry.
        ical_uid: Option<String> = "iCalUID" shown,
        /// The revision of the calendar entry.
        ical_sequence: Option<i64> = "iCalSequence" shown,
        /// Whether the host has to confirm.
        requires_confirmation: Option<bool> = "requiresConfirmation" shown,
        /// A secret with which a request can be confirmed or rejected; in `BOOKING_REQUESTED`.
        one_time_password: Option<String> = "oneTimePassword",
        /// The rule of the series, in `BOOKING_CREATED` of an occurrence.
        recurring_event: Option<RecurrenceRule> = "recurringEvent" shown,
        /// The number of seats.
        seats_per_time_slot: Option<i64> = "seatsPerTimeSlot" shown,
        /// The uid of the seat that the event is about. The seats of a time share the uid of the booking.
        attendee_seat_id: Option<String> = "attendeeSeatId" shown,
        /// The uid of the booking before the reschedule.
        reschedule_uid: Option<String> = "rescheduleUid" shown,
        /// The id of the booking before the reschedule.
        reschedule_id: Option<i64> = "rescheduleId" shown,
        /// The start before the reschedule.
        reschedule_start_time: Option<Timestamp> = "rescheduleStartTime" shown,
        /// The end before the reschedule.
        reschedule_end_time: Option<Timestamp> = "rescheduleEndTime" shown,
        /// The e-mail address of the person who rescheduled the booking.
        rescheduled_by: Option<String> = "rescheduledBy",
        /// The reason of the cancellation.
        cancellation_reason: Option<String> = "cancellationReason",
        /// The e-mail address of the person who cancelled the booking.
        cancelled_by: Option<String> = "cancelledBy",
        /// Whether the booker is asked for another time.
        request_reschedule: Option<bool> = "requestReschedule" shown,
        /// The reason of the rejection.
        rejection_reason: Option<String> = "rejectionReason",
        /// The id of the payment.
        payment_id: Option<i64> = "paymentId" shown,
        /// The price in the currency's smallest unit (cents).
        price: Option<i64> = "price" shown,
        /// The currency's ISO 4217 code, in either case.
        currency: Option<String> = "currency" shown,
        /// The id of the organization.
        organization_id: Option<i64> = "organizationId" shown,
        /// The base URL of the host's booking pages.
        booker_url: Option<String> = "bookerUrl",
    }
}

impl BookingPayload {
    /// The attendee of a cancelled seat, if only one seat was cancelled.
    ///
    /// The service sends `BOOKING_CANCELLED` with the uid of the booking and the status `CANCELLED` for a seat too, although
    /// the booking itself is not cancelled. Only then the attendee has an id (recording `webhook-deliveries/104`).
    #[must_use]
    pub fn cancelled_seat(&self) -> Option<&WebhookAttendee> {
        let [attendee] = self.attendees.as_slice() else { return None };
        let is_seat = self.status == Some(BookingStatus::Cancelled) && self.seats_per_time_slot.is_some();
        Some(attendee).filter(|attendee| is_seat && attendee.booking_id.is_some())
    }

    /// The link of the video call, if the booking has one.
    #[must_use]
    pub fn video_call_url(&self) -> Option<&str> {
        let call = self.video_call.as_ref().and_then(|call| call.url.as_deref());
        call.or_else(|| self.metadata.get("videoCallUrl").and_then(Value::as_str))
    }
}

payload! {
    /// A video call.
    VideoCall {
        /// The integration: `daily_video`.
        kind: Option<String> = "type" shown,
        /// The call's id.
        id: Option<String> = "id",
        /// The call's password.
        password: Option<String> = "password",
        /// The call's link.
        url: Option<String> = "url",
    }
}

payload! {
    /// A calendar that a booking is written to.
    DestinationCalendar {
        /// The id.
        id: Option<i64> = "id" shown,
        /// The integration: `google_calendar`.
        integration: Option<String> = "integration" shown,
        /// The calendar's id at the integration, which can be an e-mail address.
        external_id: Option<String> = "externalId",
        /// The e-mail address of the account.
        primary_email: Option<String> = "primaryEmail",
        /// The id of its user.
        user_id: Option<i64> = "userId" shown,
        /// The id of its event type.
        event_type_id: Option<i64> = "eventTypeId" shown,
        /// The id of the credential for it.
        credential_id: Option<i64> = "credentialId" shown,
    }
}

payload! {
    /// The result of an app that was notified of a booking.
    AppStatus {
        /// The app's name.
        app_name: Option<String> = "appName" shown,
        /// The app's type.
        kind: Option<String> = "type" shown,
        /// The number of successes.
        success: Option<i64> = "success" shown,
        /// The number of failures.
        failures: Option<i64> = "failures" shown,
        /// The error texts.
        errors: Vec<String> = "errors",
        /// The warnings.
        warnings: Vec<String> = "warnings",
    }
}

payload! {
    /// The recurrence rule of a series.
    RecurrenceRule {
        /// The frequency: 0 for years, 1 for months, 2 for weeks, 3 for days.
        freq: Option<i64> = "freq" shown,
        /// The number of occurrences.
        count: Option<i64> = "count" shown,
        /// The number of years, months, weeks or days from one occurrence to the next.
        interval: Option<i64> = "interval" shown,
    }
}
