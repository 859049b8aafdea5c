//! The booking that seven triggers carry.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    people::{Attendee, Organizer},
    read::payload,
    responses::Responses,
};
use crate::model::BookingStatus;

payload! {
    /// A booking, as `BOOKING_CREATED`, `_REQUESTED`, `_RESCHEDULED`, `_CANCELLED`, `_REJECTED`,
    /// `_PAYMENT_INITIATED` and `_PAID` carry it.
    ///
    /// No trigger sends every field, and the documented payload has only few: what a delivery does
    /// not have is `None`, or empty.
    BookingPayload {
        /// The booking's uid; after a reschedule the new one. The documented payload has none.
        uid: Option<String> = "uid" shown,
        /// The booking's number.
        booking_id: Option<i64> = "bookingId" shown,
        /// Where the booking stands.
        status: Option<BookingStatus> = "status" shown,
        /// The event type's number.
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
        /// Minutes that the event type lasts.
        length: Option<i64> = "length" shown,
        /// The host.
        organizer: Option<Organizer> = "organizer",
        /// The booker first, then the guests. Of a seat that was taken or given back only its holder.
        attendees: Vec<Attendee> = "attendees",
        /// Every answer of the booking form.
        responses: Responses = "responses" shown,
        /// The answers to the questions that the host added.
        user_fields_responses: Responses = "userFieldsResponses" shown,
        /// Where it takes place: an address, a link, a number, or the key of a video integration.
        location: Option<String> = "location",
        /// What whoever booked attached to it.
        metadata: Map<String, Value> = "metadata",
        /// The video call, with its password.
        video_call: Option<VideoCall> = "videoCallData",
        /// The calendars it is written to; the service sends null, one, or a list.
        destination_calendars: Vec<DestinationCalendar> = "destinationCalendar",
        /// How the apps that were told of it did.
        apps_status: Vec<AppStatus> = "appsStatus" shown,
        /// The UID of the calendar entry.
        ical_uid: Option<String> = "iCalUID" shown,
        /// The revision of the calendar entry.
        ical_sequence: Option<i64> = "iCalSequence" shown,
        /// Whether the host has to confirm.
        requires_confirmation: Option<bool> = "requiresConfirmation" shown,
        /// Whoever has it may confirm or reject a request: a secret. `BOOKING_REQUESTED`.
        one_time_password: Option<String> = "oneTimePassword",
        /// The series, in `BOOKING_CREATED` of an occurrence.
        recurring_event: Option<RecurringEvent> = "recurringEvent" shown,
        /// How many seats there are.
        seats_per_time_slot: Option<i64> = "seatsPerTimeSlot" shown,
        /// The seat that this delivery is about; bookings with seats share a uid.
        attendee_seat_id: Option<String> = "attendeeSeatId" shown,
        /// The uid that the booking had before it was moved.
        reschedule_uid: Option<String> = "rescheduleUid" shown,
        /// The number that the booking had before it was moved.
        reschedule_id: Option<i64> = "rescheduleId" shown,
        /// When it started before it was moved.
        reschedule_start_time: Option<Timestamp> = "rescheduleStartTime" shown,
        /// When it ended before it was moved.
        reschedule_end_time: Option<Timestamp> = "rescheduleEndTime" shown,
        /// The e-mail address of whoever moved it.
        rescheduled_by: Option<String> = "rescheduledBy",
        /// Why it was cancelled.
        cancellation_reason: Option<String> = "cancellationReason",
        /// The e-mail address of whoever cancelled it.
        cancelled_by: Option<String> = "cancelledBy",
        /// Whether the booker is asked for another time.
        request_reschedule: Option<bool> = "requestReschedule" shown,
        /// Why it was rejected.
        rejection_reason: Option<String> = "rejectionReason",
        /// The number of the payment.
        payment_id: Option<i64> = "paymentId" shown,
        /// The price in the currency's smallest unit (cents).
        price: Option<i64> = "price" shown,
        /// The currency's ISO 4217 code, in either case.
        currency: Option<String> = "currency" shown,
        /// The number of the organization.
        organization_id: Option<i64> = "organizationId" shown,
        /// Where bookers of this host go.
        booker_url: Option<String> = "bookerUrl",
    }
}

impl BookingPayload {
    /// Who gave a seat back, where a cancellation is of one seat only.
    ///
    /// The service sends `BOOKING_CANCELLED` with the booking's uid and the status `CANCELLED` for it, too; the booking
    /// stands. The difference is in the attendee, who has an id then (recording `webhook-deliveries/104`).
    #[must_use]
    pub fn cancelled_seat(&self) -> Option<&Attendee> {
        let [attendee] = self.attendees.as_slice() else { return None };
        let is_seat = self.status == Some(BookingStatus::Cancelled) && self.seats_per_time_slot.is_some();
        Some(attendee).filter(|attendee| is_seat && attendee.booking_id.is_some())
    }

    /// The link of the video call, where the booking has one.
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
        /// Its number.
        id: Option<i64> = "id" shown,
        /// The integration: `google_calendar`.
        integration: Option<String> = "integration" shown,
        /// The calendar's id at the integration, which can be an e-mail address.
        external_id: Option<String> = "externalId",
        /// The e-mail address of the account.
        primary_email: Option<String> = "primaryEmail",
        /// The user it belongs to.
        user_id: Option<i64> = "userId" shown,
        /// The event type it belongs to.
        event_type_id: Option<i64> = "eventTypeId" shown,
        /// The credential it is written with.
        credential_id: Option<i64> = "credentialId" shown,
    }
}

payload! {
    /// How an app that was told of a booking did.
    AppStatus {
        /// The app's name.
        app_name: Option<String> = "appName" shown,
        /// The app's type.
        kind: Option<String> = "type" shown,
        /// How often it worked.
        success: Option<i64> = "success" shown,
        /// How often it failed.
        failures: Option<i64> = "failures" shown,
        /// What it said when it failed.
        errors: Vec<String> = "errors",
        /// What it said otherwise.
        warnings: Vec<String> = "warnings",
    }
}

payload! {
    /// The rule of a series.
    RecurringEvent {
        /// 0 for years, 1 for months, 2 for weeks, 3 for days.
        freq: Option<i64> = "freq" shown,
        /// How many occurrences.
        count: Option<i64> = "count" shown,
        /// Every how many years, months, weeks or days.
        interval: Option<i64> = "interval" shown,
    }
}
