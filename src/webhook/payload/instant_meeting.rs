//! Payloads of instant meetings: requested, and accepted by a host.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    booking::{first_link, link_of_metadata},
    define::payload,
    participants::{Organizer, WebhookAttendee},
    responses::FormResponses,
};
use crate::model::BookingStatus;

payload! {
    /// A request for an instant meeting: `INSTANT_MEETING`.
    ///
    /// ```
    /// use calcom::webhook::{Event, Payload};
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"INSTANT_MEETING",
    ///         "payload":{"uid":"u","responses":{"name":"Alice"}}}"#,
    /// )?;
    /// let Payload::InstantMeeting(meeting) = event.payload() else { panic!() };
    /// assert_eq!(meeting.responses.text("name"), Some("Alice"));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
    InstantMeetingPayload {
        /// The booking's uid.
        uid: Option<String> = "uid" shown,
        /// The id of the event type.
        event_type_id: Option<i64> = "eventTypeId" shown,
        /// The event type's title.
        event_type_title: Option<String> = "eventTypeTitle",
        /// The link with which a host accepts the meeting. It is a secret: it gives access without credentials.
        connect_and_join_url: Option<String> = "connectAndJoinUrl",
        /// The answers, without labels.
        responses: FormResponses = "responses" shown,
        /// The trigger, repeated in the payload.
        trigger_event: Option<String> = "triggerEvent" shown,
        /// The title of the notification for hosts, which some servers send in the place of all above.
        title: Option<String> = "title",
        /// The text of the notification.
        body: Option<String> = "body",
        /// The link of the notification with which a host accepts the meeting. It is a secret too.
        url: Option<String> = "url",
        /// The buttons of the notification, in the service's own form.
        actions: Option<Value> = "actions",
    }
}

payload! {
    /// An instant meeting that a host accepted, the first one who did: `INSTANT_MEETING_ACCEPTED`.
    ///
    /// ```
    /// use calcom::webhook::{Event, Payload};
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"INSTANT_MEETING_ACCEPTED","payload":{"bookingUid":"kgiKeoVgk6NpALrVxDhWeY","bookingId":7,
    ///         "status":"ACCEPTED","metadata":{"videoCallUrl":"https://video.example.com/7"}}}"#,
    /// )?;
    /// let Payload::InstantMeetingAccepted(meeting) = event.payload() else { panic!() };
    /// assert_eq!(meeting.booking_uid.as_deref(), Some("kgiKeoVgk6NpALrVxDhWeY"));
    /// assert_eq!(meeting.video_call_url(), Some("https://video.example.com/7"));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
    AcceptedMeetingPayload {
        /// The booking's uid.
        booking_uid: Option<String> = "bookingUid" shown,
        /// The id of the booking.
        booking_id: Option<i64> = "bookingId" shown,
        /// The status of the booking.
        status: Option<BookingStatus> = "status" shown,
        /// The id of the event type.
        event_type_id: Option<i64> = "eventTypeId" shown,
        /// The booking's title.
        title: Option<String> = "title",
        /// When it starts.
        start_time: Option<Timestamp> = "startTime" shown,
        /// When it ends.
        end_time: Option<Timestamp> = "endTime" shown,
        /// The host who accepted.
        organizer: Option<Organizer> = "organizer",
        /// The booker and the guests.
        attendees: Vec<WebhookAttendee> = "attendees",
        /// The answers of the booking form.
        responses: FormResponses = "responses" shown,
        /// The location: the key of a video integration, or a link.
        location: Option<String> = "location",
        /// The metadata of the booking.
        metadata: Map<String, Value> = "metadata",
    }
}

impl AcceptedMeetingPayload {
    /// The link of the video call, if the booking has one: that of the metadata, or a location that is a link.
    #[must_use]
    pub fn video_call_url(&self) -> Option<&str> {
        first_link([link_of_metadata(&self.metadata), self.location.as_deref()])
    }
}
