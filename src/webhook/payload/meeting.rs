//! What is sent around the meeting itself: its start and end, its recording, who stayed away.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    people::{Attendee, Organizer, User},
    read::payload,
    responses::Responses,
};
use crate::model::BookingStatus;

payload! {
    /// A booking whose time has come, or is over: `MEETING_STARTED` and `MEETING_ENDED`.
    ///
    /// The service sends the booking's row flat, without `payload`. Its `createdAt` is the time of the *booking*, see
    /// [`Event::created_at`](crate::webhook::Event::created_at).
    MeetingPayload {
        /// The booking's number.
        id: Option<i64> = "id" shown,
        /// The booking's uid.
        uid: Option<String> = "uid" shown,
        /// The service's key against booking twice; the same in both events of a meeting.
        idempotency_key: Option<String> = "idempotencyKey" shown,
        /// Where the booking stands.
        status: Option<BookingStatus> = "status" shown,
        /// The event type's number.
        event_type_id: Option<i64> = "eventTypeId" shown,
        /// The host's number.
        user_id: Option<i64> = "userId" shown,
        /// The host's e-mail address.
        user_primary_email: Option<String> = "userPrimaryEmail",
        /// The host.
        user: Option<User> = "user",
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
        /// Where it takes place.
        location: Option<String> = "location",
        /// The booker and the guests.
        attendees: Vec<Attendee> = "attendees",
        /// The answers of the booking form.
        responses: Responses = "responses" shown,
        /// What whoever booked attached to it.
        metadata: Map<String, Value> = "metadata",
        /// Whether it has been paid.
        paid: Option<bool> = "paid" shown,
        /// The payments, as the service keeps them.
        payment: Option<Value> = "payment",
        /// The entries in calendars and video apps, as the service keeps them.
        references: Option<Value> = "references",
        /// Whether the host did not come.
        no_show_host: Option<bool> = "noShowHost" shown,
        /// Whether it is recorded.
        is_recorded: Option<bool> = "isRecorded" shown,
        /// The uid that the booking had before it was moved.
        from_reschedule: Option<String> = "fromReschedule" shown,
        /// The id of the series.
        recurring_event_id: Option<String> = "recurringEventId" shown,
        /// The UID of the calendar entry.
        ical_uid: Option<String> = "iCalUID" shown,
        /// The revision of the calendar entry.
        ical_sequence: Option<i64> = "iCalSequence" shown,
        /// Which way the booking came in: `API_V2`, `WEBAPP`.
        creation_source: Option<String> = "creationSource" shown,
    }
}

payload! {
    /// What can be downloaded of a meeting: `RECORDING_READY` and `RECORDING_TRANSCRIPTION_GENERATED`.
    ///
    /// The links let whoever has them in.
    RecordingPayload {
        /// The booking's uid.
        uid: Option<String> = "uid" shown,
        /// The booking's number.
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
        attendees: Vec<Attendee> = "attendees",
        /// The recording, in `RECORDING_READY`.
        download_link: Option<String> = "downloadLink",
        /// Recording and transcripts, in `RECORDING_TRANSCRIPTION_GENERATED`.
        download_links: Option<DownloadLinks> = "downloadLinks",
    }
}

payload! {
    /// A recording and its transcripts.
    DownloadLinks {
        /// The transcript, in every format there is.
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
        /// Where it is.
        link: Option<String> = "link",
    }
}

payload! {
    /// Somebody asks for a meeting now: `INSTANT_MEETING`.
    InstantMeetingPayload {
        /// The booking's uid.
        uid: Option<String> = "uid" shown,
        /// The event type's number.
        event_type_id: Option<i64> = "eventTypeId" shown,
        /// The event type's title.
        event_type_title: Option<String> = "eventTypeTitle",
        /// Where a host takes the meeting; the link lets whoever has it in.
        connect_and_join_url: Option<String> = "connectAndJoinUrl",
        /// The answers, without labels.
        responses: Responses = "responses" shown,
        /// `INSTANT_MEETING` once more.
        trigger_event: Option<String> = "triggerEvent" shown,
    }
}

payload! {
    /// Somebody was marked as absent, or unmarked: `BOOKING_NO_SHOW_UPDATED`.
    NoShowPayload {
        /// The booking's uid.
        booking_uid: Option<String> = "bookingUid" shown,
        /// The booking's number.
        booking_id: Option<i64> = "bookingId" shown,
        /// Who was marked, in a sentence.
        message: Option<String> = "message",
        /// The attendees who were marked or unmarked; empty where the host was.
        attendees: Vec<NoShowAttendee> = "attendees",
    }
}

payload! {
    /// An attendee, present or absent.
    NoShowAttendee {
        /// The e-mail address.
        email: Option<String> = "email",
        /// Whether the attendee did not come.
        no_show: Option<bool> = "noShow" shown,
    }
}

payload! {
    /// Nobody joined a video call: `AFTER_HOSTS_CAL_VIDEO_NO_SHOW` and `AFTER_GUESTS_CAL_VIDEO_NO_SHOW`.
    VideoNoShowPayload {
        /// The booking's uid.
        booking_uid: Option<String> = "bookingUid" shown,
        /// The booking's number.
        booking_id: Option<i64> = "bookingId" shown,
        /// The booking's title.
        title: Option<String> = "title",
        /// When it starts.
        start_time: Option<Timestamp> = "startTime" shown,
        /// When it ends.
        end_time: Option<Timestamp> = "endTime" shown,
        /// Who was missed, in a sentence.
        message: Option<String> = "message",
        /// The host's e-mail address, in `AFTER_HOSTS_CAL_VIDEO_NO_SHOW`.
        host_email: Option<String> = "hostEmail",
        /// Whether the host did not come, in `AFTER_HOSTS_CAL_VIDEO_NO_SHOW`.
        no_show_host: Option<bool> = "noShowHost" shown,
        /// The booker and the guests.
        attendees: Vec<Attendee> = "attendees",
        /// The guests who did not come, in `AFTER_GUESTS_CAL_VIDEO_NO_SHOW`.
        guests: Vec<Attendee> = "guests",
        /// Who joined, as the video app tells it.
        participants: Option<Value> = "participants",
        /// The webhook that asked to be told.
        webhook: Option<NoShowWebhook> = "webhook" shown,
    }
}

payload! {
    /// How long a webhook waits for somebody to join.
    NoShowWebhook {
        /// The webhook's id.
        id: Option<String> = "id" shown,
        /// How many units after the start.
        time: Option<i64> = "time" shown,
        /// The unit: `MINUTE`, `HOUR`, `DAY`.
        time_unit: Option<String> = "timeUnit" shown,
        /// Where the webhook goes.
        subscriber_url: Option<String> = "subscriberUrl",
    }
}
