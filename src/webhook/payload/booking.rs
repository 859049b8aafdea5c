//! The booking that nine triggers carry, and that others have the shape of.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    define::payload,
    participants::{BookingTeam, Organizer, WebhookAttendee},
    payment::WebhookPayment,
    responses::FormResponses,
};
use crate::model::BookingStatus;

payload! {
    /// A booking, as `BOOKING_CREATED`, `_REQUESTED`, `_RESCHEDULED`, `_CANCELLED`, `_REJECTED`,
    /// `_PAYMENT_INITIATED`, `_PAID`, `_LOCATION_UPDATED` and `_REASSIGNED` carry it.
    ///
    /// No trigger sends all fields, and the documented payload has only a few. Fields that a delivery lacks are `None` or
    /// empty. [`Event::booking`](crate::webhook::Event::booking) also reads the payload of any other trigger as this type, if
    /// it has the shape of a booking.
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
        /// The event type's slug. Events about payments have the title of the event type here.
        event_type_slug: Option<String> = "type",
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
        /// How the hosts of a team share its bookings: `COLLECTIVE`, `ROUND_ROBIN`, `MANAGED`.
        scheduling_type: Option<String> = "schedulingType" shown,
        /// The team of the event type, with the further hosts of the booking.
        team: Option<BookingTeam> = "team" shown,
        /// The ids of the users who became hosts, in `BOOKING_REASSIGNED`.
        added_host_user_ids: Vec<i64> = "addedHostUserIds" shown,
        /// The ids of the users who are no longer hosts, in `BOOKING_REASSIGNED`.
        removed_host_user_ids: Vec<i64> = "removedHostUserIds" shown,
        /// The reasons for which a routing form chose the host.
        assignment_reasons: Vec<AssignmentReason> = "assignmentReason" shown,
        /// The booker first, then the guests. If a seat was booked or cancelled, only its holder.
        attendees: Vec<WebhookAttendee> = "attendees",
        /// All answers of the booking form.
        responses: FormResponses = "responses" shown,
        /// The answers to the questions that the host added.
        user_fields_responses: FormResponses = "userFieldsResponses" shown,
        /// The location: an address, a link, a telephone number, or the key of a video integration.
        location: Option<String> = "location",
        /// The location before the change, in `BOOKING_LOCATION_UPDATED`.
        previous_location: Option<String> = "previousLocation",
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
        /// The attendee's calendar entry in the form of iCalendar, from version `2026-07-27` on. The service leaves it out if
        /// the settings of calendar or privacy say so.
        attendee_ics_content: Option<String> = "attendeeIcsContent",
        /// The host's calendar entry in the form of iCalendar, from version `2026-07-27` on.
        organizer_ics_content: Option<String> = "organizerIcsContent",
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
        /// The payment, in `BOOKING_PAYMENT_INITIATED` and `BOOKING_PAID`.
        payment_data: Option<WebhookPayment> = "paymentData" shown,
        /// The price in the currency's smallest unit (cents).
        price: Option<i64> = "price" shown,
        /// The currency's ISO 4217 code, in either case.
        currency: Option<String> = "currency" shown,
        /// The id of the organization.
        organization_id: Option<i64> = "organizationId" shown,
        /// The telephone number for reminders.
        sms_reminder_number: Option<String> = "smsReminderNumber",
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

    /// The link of the video call, if the booking has one: that of the call, that of the metadata, or a location that is a
    /// link.
    #[must_use]
    pub fn video_call_url(&self) -> Option<&str> {
        let call = self.video_call.as_ref().and_then(|call| call.url.as_deref());
        first_link([call, link_of_metadata(&self.metadata), self.location.as_deref()])
    }

    /// Reads any JSON as a booking. What it does not hold is absent.
    ///
    /// If the object names no booking, but holds one as `booking`, that one is read.
    pub(crate) fn of_json(json: &Value) -> Self {
        let json = json.get("booking").filter(|_| !names_booking(json)).unwrap_or(json);
        let mut booking = Self::deserialize(json).unwrap_or_default();
        let text = |key: &str| json.get(key).and_then(Value::as_str).map(str::to_owned);
        booking.uid = text("bookingUid").or(booking.uid);
        let row_id = json.get("id").filter(|_| booking.uid.is_some()).and_then(Value::as_i64);
        booking.booking_id = booking.booking_id.or(row_id);
        booking
    }

    /// Whether it was made of the payload of a booking: it has a uid or an id, and a start, a status or a host.
    pub(crate) fn has_shape(&self) -> bool {
        let is_named = self.uid.is_some() || self.booking_id.is_some();
        is_named && (self.start_time.is_some() || self.status.is_some() || self.organizer.is_some())
    }
}

fn names_booking(json: &Value) -> bool {
    ["uid", "bookingUid", "bookingId"].iter().any(|key| json.get(key).is_some_and(|value| !value.is_null()))
}

/// The link of a video call that the service writes into metadata.
pub(super) fn link_of_metadata(metadata: &Map<String, Value>) -> Option<&str> {
    metadata.get("videoCallUrl").and_then(Value::as_str)
}

/// The first of the texts that is a web address.
pub(super) fn first_link<'a>(texts: impl IntoIterator<Item = Option<&'a str>>) -> Option<&'a str> {
    let is_link = |text: &&str| ["https://", "http://"].iter().any(|scheme| text.trim_start().starts_with(scheme));
    texts.into_iter().flatten().find(is_link)
}

payload! {
    /// A reason for which a routing form chose the host of a booking.
    ///
    /// ```
    /// use calcom::webhook::Event;
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"BOOKING_CREATED",
    ///         "payload":{"uid":"u","assignmentReason":[{"reasonEnum":"ROUTING_FORM_ROUTING"}]}}"#,
    /// )?;
    /// let booking = event.booking().unwrap();
    /// assert_eq!(booking.assignment_reasons[0].kind.as_deref(), Some("ROUTING_FORM_ROUTING"));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
    AssignmentReason {
        /// The kind of reason: `ROUTING_FORM_ROUTING`.
        kind: Option<String> = "reasonEnum" shown,
        /// The reason in words, which can hold answers of the booker.
        text: Option<String> = "reasonString",
    }
}

payload! {
    /// A video call.
    ///
    /// ```
    /// use calcom::webhook::Event;
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"BOOKING_CREATED",
    ///         "payload":{"uid":"u","videoCallData":{"type":"daily_video","url":"https://v.example"}}}"#,
    /// )?;
    /// let booking = event.booking().unwrap();
    /// let call = booking.video_call.as_ref().unwrap();
    /// assert_eq!(call.kind.as_deref(), Some("daily_video"));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
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
    ///
    /// ```
    /// use calcom::webhook::Event;
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"BOOKING_CREATED",
    ///         "payload":{"uid":"u","destinationCalendar":{"integration":"google_calendar"}}}"#,
    /// )?;
    /// let booking = event.booking().unwrap();
    /// let calendar = &booking.destination_calendars[0];
    /// assert_eq!(calendar.integration.as_deref(), Some("google_calendar"));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
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
    ///
    /// ```
    /// use calcom::webhook::Event;
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"BOOKING_CREATED",
    ///         "payload":{"uid":"u","appsStatus":[{"type":"google_calendar","success":1}]}}"#,
    /// )?;
    /// let booking = event.booking().unwrap();
    /// assert_eq!(booking.apps_status[0].success, Some(1));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
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
    ///
    /// ```
    /// use calcom::webhook::Event;
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"BOOKING_CREATED",
    ///         "payload":{"uid":"u","recurringEvent":{"freq":2,"count":6,"interval":1}}}"#,
    /// )?;
    /// let booking = event.booking().unwrap();
    /// assert_eq!(booking.recurring_event.as_ref().unwrap().count, Some(6));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
    RecurrenceRule {
        /// The frequency: 0 for years, 1 for months, 2 for weeks, 3 for days.
        freq: Option<i64> = "freq" shown,
        /// The number of occurrences.
        count: Option<i64> = "count" shown,
        /// The number of years, months, weeks or days from one occurrence to the next.
        interval: Option<i64> = "interval" shown,
    }
}
