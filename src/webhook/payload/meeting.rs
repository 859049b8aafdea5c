//! Payloads about meetings: start and end, recordings, absences, instant meetings.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    participants::{Organizer, WebhookAttendee, WebhookUser},
    read::payload,
    responses::FormResponses,
};
use crate::model::BookingStatus;

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
        /// The payments, in the service's own form.
        payment: Option<Value> = "payment",
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

payload! {
    /// The recording and transcripts of a meeting: `RECORDING_READY` and `RECORDING_TRANSCRIPTION_GENERATED`.
    ///
    /// The links are secrets: they give access without credentials.
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
    DownloadLinks {
        /// The transcript, in each available format.
        transcription: Vec<TranscriptLink> = "transcription" shown,
        /// The recording.
        recording: Option<String> = "recording",
    }
}

payload! {
    /// A transcript in one format.
    TranscriptLink {
        /// The format: `json`, `srt`, `txt`, `vtt`.
        format: Option<String> = "format" shown,
        /// The link.
        link: Option<String> = "link",
    }
}

payload! {
    /// A request for an instant meeting: `INSTANT_MEETING`.
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
    }
}

payload! {
    /// A changed absence of a host or of attendees: `BOOKING_NO_SHOW_UPDATED`.
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
    /// An attendee who was marked as absent, or unmarked.
    NoShowAttendee {
        /// The e-mail address.
        email: Option<String> = "email",
        /// Whether the attendee did not come.
        no_show: Option<bool> = "noShow" shown,
    }
}

payload! {
    /// A video call that hosts or guests did not join: `AFTER_HOSTS_CAL_VIDEO_NO_SHOW` and `AFTER_GUESTS_CAL_VIDEO_NO_SHOW`.
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
        /// The webhook that this event is sent for.
        webhook: Option<NoShowWebhook> = "webhook" shown,
    }
}

payload! {
    /// The waiting time of a webhook for participants to join.
    NoShowWebhook {
        /// The webhook's id.
        id: Option<String> = "id" shown,
        /// The number of units after the start.
        time: Option<i64> = "time" shown,
        /// The unit: `MINUTE`, `HOUR`, `DAY`.
        time_unit: Option<String> = "timeUnit" shown,
        /// The URL of the webhook.
        subscriber_url: Option<String> = "subscriberUrl",
    }
}
