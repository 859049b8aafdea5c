//! Payloads about meetings: start and end, recordings, no-shows.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    booking::{first_link, link_of_metadata},
    define::payload,
    participants::{Organizer, WebhookAttendee, WebhookUser},
    payment::WebhookPayment,
    responses::FormResponses,
};
use crate::model::{BookingStatus, Trigger};

payload! {
    /// The booking of a meeting that started or ended: `MEETING_STARTED` and `MEETING_ENDED`.
    ///
    /// The service sends the booking flat, without `payload`. Its `createdAt` is the time of the *booking*, see
    /// [`Event::created_at`](crate::webhook::Event::created_at).
    ///
    /// ```
    /// use calcom::webhook::{Event, MeetingPayload, Payload};
    ///
    /// let mut meeting = MeetingPayload::default();
    /// meeting.start_time = Some("2026-11-24T10:00:00Z".parse().unwrap());
    /// let event = Event::new("2026-11-23T09:00:00Z".parse().unwrap(), Payload::MeetingStarted(meeting.into()));
    /// assert_eq!(event.occurred_at(), Some("2026-11-24T10:00:00Z".parse().unwrap()));
    /// ```
    MeetingPayload {
        /// The id of the booking.
        id: Option<i64> = "id" shown,
        /// The booking's uid.
        uid: Option<String> = "uid" shown,
        /// The service's own idempotency key; the same in both events of a meeting.
        idempotency_key: Option<String> = "idempotencyKey" shown,
        /// The status of the booking.
        status: Option<BookingStatus> = "status" shown,
        /// The id of the event type.
        event_type_id: Option<i64> = "eventTypeId" shown,
        /// The id of the host.
        user_id: Option<i64> = "userId" shown,
        /// The host's e-mail address.
        user_primary_email: Option<String> = "userPrimaryEmail",
        /// The host.
        user: Option<WebhookUser> = "user",
        /// The booking's title.
        title: Option<String> = "title",
        /// The booking's description.
        description: Option<String> = "description",
        /// When it starts.
        start_time: Option<Timestamp> = "startTime" shown,
        /// When it ends.
        end_time: Option<Timestamp> = "endTime" shown,
        /// When the booking last changed.
        updated_at: Option<Timestamp> = "updatedAt" shown,
        /// The location.
        location: Option<String> = "location",
        /// The booker and the guests.
        attendees: Vec<WebhookAttendee> = "attendees",
        /// The answers of the booking form.
        responses: FormResponses = "responses" shown,
        /// The metadata that the booker attached.
        metadata: Map<String, Value> = "metadata",
        /// Whether it has been paid.
        paid: Option<bool> = "paid" shown,
        /// The payments.
        payment: Vec<WebhookPayment> = "payment" shown,
        /// The entries in calendars and video apps, in the service's own form.
        references: Option<Value> = "references",
        /// Whether the host did not come.
        no_show_host: Option<bool> = "noShowHost" shown,
        /// Whether the meeting is recorded.
        is_recorded: Option<bool> = "isRecorded" shown,
        /// The uid of the booking before the reschedule.
        from_reschedule: Option<String> = "fromReschedule" shown,
        /// The id of the series.
        recurring_event_id: Option<String> = "recurringEventId" shown,
        /// The UID of the calendar entry.
        ical_uid: Option<String> = "iCalUID" shown,
        /// The revision of the calendar entry.
        ical_sequence: Option<i64> = "iCalSequence" shown,
        /// The channel of the booking: `API_V2`, `WEBAPP`.
        creation_source: Option<String> = "creationSource" shown,
    }
}

impl MeetingPayload {
    /// The link of the video call, if the booking has one: that of the metadata, that of an entry in a video app, or a
    /// location that is a link.
    #[must_use]
    pub fn video_call_url(&self) -> Option<&str> {
        let entries = self.references.as_ref().and_then(Value::as_array).into_iter().flatten();
        let entries = entries.map(|entry| entry.get("meetingUrl").and_then(Value::as_str));
        let metadata = std::iter::once(link_of_metadata(&self.metadata));
        first_link(metadata.chain(entries).chain([self.location.as_deref()]))
    }
}

payload! {
    /// The recording and transcripts of a meeting: `RECORDING_READY` and `RECORDING_TRANSCRIPTION_GENERATED`.
    ///
    /// The links are secrets: they give access without credentials.
    ///
    /// ```
    /// use calcom::webhook::{Event, Payload};
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"RECORDING_READY",
    ///         "payload":{"uid":"u","downloadLink":"https://files.example.com/1"}}"#,
    /// )?;
    /// let Payload::RecordingReady(recording) = event.payload() else { panic!() };
    /// assert_eq!(recording.download_link.as_deref(), Some("https://files.example.com/1"));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
    RecordingPayload {
        /// The booking's uid.
        uid: Option<String> = "uid" shown,
        /// The id of the booking.
        booking_id: Option<i64> = "bookingId" shown,
        /// The booking's title.
        title: Option<String> = "title",
        /// When the meeting started.
        start_time: Option<Timestamp> = "startTime" shown,
        /// When the meeting ended.
        end_time: Option<Timestamp> = "endTime" shown,
        /// The host.
        organizer: Option<Organizer> = "organizer",
        /// The booker and the guests.
        attendees: Vec<WebhookAttendee> = "attendees",
        /// The recording, in `RECORDING_READY`.
        download_link: Option<String> = "downloadLink",
        /// Recording and transcripts, in `RECORDING_TRANSCRIPTION_GENERATED`.
        download_links: Option<DownloadLinks> = "downloadLinks",
    }
}

payload! {
    /// A recording and its transcripts.
    ///
    /// ```
    /// use calcom::webhook::{Event, Payload};
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"RECORDING_TRANSCRIPTION_GENERATED",
    ///         "payload":{"downloadLinks":{"transcription":[{"format":"srt"}]}}}"#,
    /// )?;
    /// let Payload::RecordingTranscriptionGenerated(recording) = event.payload() else { panic!() };
    /// let links = recording.download_links.as_ref().unwrap();
    /// assert!(links.recording.is_none());
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
    DownloadLinks {
        /// The transcript, in each available format.
        transcription: Vec<TranscriptLink> = "transcription" shown,
        /// The recording.
        recording: Option<String> = "recording",
    }
}

payload! {
    /// A transcript in one format.
    ///
    /// ```
    /// use calcom::webhook::{Event, Payload};
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"RECORDING_TRANSCRIPTION_GENERATED",
    ///         "payload":{"downloadLinks":{"transcription":[{"format":"srt"}]}}}"#,
    /// )?;
    /// let Payload::RecordingTranscriptionGenerated(recording) = event.payload() else { panic!() };
    /// let links = recording.download_links.as_ref().unwrap();
    /// assert_eq!(links.transcription[0].format.as_deref(), Some("srt"));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
    TranscriptLink {
        /// The format: `json`, `srt`, `txt`, `vtt`.
        format: Option<String> = "format" shown,
        /// The link.
        link: Option<String> = "link",
    }
}

payload! {
    /// A changed no-show of a host or of attendees: `BOOKING_NO_SHOW_UPDATED`.
    ///
    /// ```
    /// use calcom::webhook::{Event, Payload};
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"BOOKING_NO_SHOW_UPDATED",
    ///         "payload":{"bookingUid":"u","attendees":[{"noShow":true}]}}"#,
    /// )?;
    /// let Payload::BookingNoShowUpdated(no_show) = event.payload() else { panic!() };
    /// assert_eq!(no_show.booking_uid.as_deref(), Some("u"));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
    NoShowPayload {
        /// The booking's uid.
        booking_uid: Option<String> = "bookingUid" shown,
        /// The id of the booking.
        booking_id: Option<i64> = "bookingId" shown,
        /// A sentence that names who was marked.
        message: Option<String> = "message",
        /// The attendees who were marked or unmarked; empty if it was the host.
        attendees: Vec<NoShowAttendee> = "attendees",
    }
}

payload! {
    /// An attendee who was marked as a no-show, or unmarked.
    ///
    /// ```
    /// use calcom::webhook::{Event, Payload};
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"BOOKING_NO_SHOW_UPDATED",
    ///         "payload":{"bookingUid":"u","attendees":[{"noShow":true}]}}"#,
    /// )?;
    /// let Payload::BookingNoShowUpdated(no_show) = event.payload() else { panic!() };
    /// assert_eq!(no_show.attendees[0].no_show, Some(true));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
    NoShowAttendee {
        /// The e-mail address.
        email: Option<String> = "email",
        /// Whether the attendee did not come.
        no_show: Option<bool> = "noShow" shown,
    }
}

payload! {
    /// A video call that hosts or guests did not join: `AFTER_HOSTS_CAL_VIDEO_NO_SHOW` and `AFTER_GUESTS_CAL_VIDEO_NO_SHOW`.
    ///
    /// ```
    /// use calcom::webhook::{Event, Payload};
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"AFTER_HOSTS_CAL_VIDEO_NO_SHOW",
    ///         "payload":{"noShowHost":true,"eventType":{"id":8},"webhook":{"time":10}}}"#,
    /// )?;
    /// let Payload::AfterHostsCalVideoNoShow(no_show) = event.payload() else { panic!() };
    /// assert_eq!(no_show.no_show_host, Some(true));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
    VideoNoShowPayload {
        /// The booking's uid.
        booking_uid: Option<String> = "bookingUid" shown,
        /// The id of the booking.
        booking_id: Option<i64> = "bookingId" shown,
        /// The booking's title.
        title: Option<String> = "title",
        /// When it starts.
        start_time: Option<Timestamp> = "startTime" shown,
        /// When it ends.
        end_time: Option<Timestamp> = "endTime" shown,
        /// A sentence that names who did not join.
        message: Option<String> = "message",
        /// The host's e-mail address, in `AFTER_HOSTS_CAL_VIDEO_NO_SHOW`.
        host_email: Option<String> = "hostEmail",
        /// Whether the host did not come, in `AFTER_HOSTS_CAL_VIDEO_NO_SHOW`.
        no_show_host: Option<bool> = "noShowHost" shown,
        /// The booker and the guests.
        attendees: Vec<WebhookAttendee> = "attendees",
        /// The guests who did not come, in `AFTER_GUESTS_CAL_VIDEO_NO_SHOW`.
        guests: Vec<WebhookAttendee> = "guests",
        /// The participants, in the form of the video app.
        participants: Option<Value> = "participants",
        /// The event type.
        event_type: Option<NoShowEventType> = "eventType" shown,
        /// The webhook that this event is sent for.
        webhook: Option<NoShowWebhook> = "webhook" shown,
    }
}

payload! {
    /// The waiting time of a webhook for participants to join.
    ///
    /// ```
    /// use calcom::webhook::{Event, Payload};
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"AFTER_HOSTS_CAL_VIDEO_NO_SHOW",
    ///         "payload":{"noShowHost":true,"eventType":{"id":8},"webhook":{"time":10}}}"#,
    /// )?;
    /// let Payload::AfterHostsCalVideoNoShow(no_show) = event.payload() else { panic!() };
    /// assert_eq!(no_show.webhook.as_ref().unwrap().time, Some(10));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
    NoShowWebhook {
        /// The webhook's id.
        id: Option<String> = "id" shown,
        /// The number of units after the start.
        time: Option<i64> = "time" shown,
        /// The unit: `MINUTE`, `HOUR`, `DAY`.
        time_unit: Option<String> = "timeUnit" shown,
        /// The URL of the webhook.
        subscriber_url: Option<String> = "subscriberUrl",
        /// The events that it subscribes to.
        triggers: Vec<Trigger> = "eventTriggers" shown,
    }
}

payload! {
    /// The event type of a video call that participants did not join.
    ///
    /// ```
    /// use calcom::webhook::{Event, Payload};
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"AFTER_HOSTS_CAL_VIDEO_NO_SHOW",
    ///         "payload":{"noShowHost":true,"eventType":{"id":8},"webhook":{"time":10}}}"#,
    /// )?;
    /// let Payload::AfterHostsCalVideoNoShow(no_show) = event.payload() else { panic!() };
    /// assert_eq!(no_show.event_type.as_ref().unwrap().id, Some(8));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
    NoShowEventType {
        /// The id.
        id: Option<i64> = "id" shown,
        /// The id of its team.
        team_id: Option<i64> = "teamId" shown,
        /// The id of the managed event type that it was made from.
        parent_id: Option<i64> = "parentId" shown,
    }
}
