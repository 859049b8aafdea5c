//! Data about a booking in calendars and video apps, and its reassignment to another host.
//!
//! In JSON these types have the names of the wire form, and its times in epoch seconds.

use jiff::Timestamp;

use super::{
    BookingUid, UserId,
    documented::{documented, reads_wire},
    one_form::null_as_default,
};
use crate::redact::debug_shows;

documented! {
    /// A link that adds a booking to a calendar.
    #[serde(rename_all = "camelCase")]
    pub struct CalendarLink {
        /// The calendar: `googleCalendar`, `microsoftOffice`, `microsoftOutlook` or `ics`.
        pub id: Option<String>,
        /// The name of the calendar, for people.
        pub label: Option<String>,
        /// The address; for `ics` a calendar file as a data URL.
        pub link: String,
    }
    wire_names: [],
    nested: [],
    read_wire: ("bookings", crate::model::wire::read_wire::<Self>),
}

documented! {
    /// A reference from a booking to its event in a calendar or a video app.
    #[serde(rename_all = "camelCase")]
    pub struct BookingReference {
        /// Its number.
        pub id: i64,
        /// The app: `google_calendar`, `daily_video`.
        #[serde(rename = "type")]
        pub app: String,
        /// The uid of the event in the app.
        pub event_uid: Option<String>,
        /// The calendar that holds the event.
        pub destination_calendar_id: Option<String>,
    }
    wire_names: [],
    nested: [],
    read_wire: ("bookings", crate::model::wire::read_wire::<Self>),
}

documented! {
    /// A Cal Video recording of a booking.
    #[serde(rename_all = "camelCase")]
    pub struct Recording {
        /// The id of the recording.
        pub id: String,
        /// The name of the room.
        pub room_name: Option<String>,
        /// The time at which it started.
        #[serde(rename = "startTs", default, with = "super::epoch")]
        #[cfg_attr(feature = "schemars", schemars(with = "Option<i64>"))]
        pub start: Option<Timestamp>,
        /// The length in seconds.
        pub duration: Option<i64>,
        /// The status: `finished`, `in-progress`.
        pub status: Option<String>,
        /// The largest number of participants at one time.
        pub max_participants: Option<i64>,
        /// The URL of the download. It needs no credential.
        pub download_link: Option<String>,
        /// The reason of a missing [`download_link`](Self::download_link).
        pub error: Option<String>,
    }
    wire_names: [],
    nested: [],
    read_wire: ("bookings", crate::model::wire::read_wire::<Self>),
}

documented! {
    /// A Cal Video session of a booking.
    #[serde(rename_all = "camelCase")]
    pub struct VideoSession {
        /// The id of the session.
        pub id: String,
        /// The name of the room.
        pub room: Option<String>,
        /// The time at which it started.
        #[serde(rename = "startTime", default, with = "super::epoch")]
        #[cfg_attr(feature = "schemars", schemars(with = "Option<i64>"))]
        pub start: Option<Timestamp>,
        /// The length in seconds.
        pub duration: Option<i64>,
        /// Whether the session is still open.
        pub ongoing: Option<bool>,
        /// The largest number of participants at one time.
        pub max_participants: Option<i64>,
        /// The participants.
        #[serde(default, deserialize_with = "null_as_default")]
        pub participants: Vec<SessionParticipant>,
    }
    wire_names: [],
    nested: [participants as "participants"],
    read_wire: ("bookings", crate::model::wire::read_wire::<Self>),
}

documented! {
    /// A participant of a Cal Video session.
    #[serde(rename_all = "camelCase")]
    pub struct SessionParticipant {
        /// The id of the participant in the video app.
        pub user_id: Option<String>,
        /// The name.
        pub user_name: Option<String>,
        /// The time at which the participant joined.
        #[serde(rename = "joinTime", default, with = "super::epoch")]
        #[cfg_attr(feature = "schemars", schemars(with = "Option<i64>"))]
        pub joined: Option<Timestamp>,
        /// The time that the participant stayed, in seconds.
        pub duration: Option<i64>,
    }
    wire_names: [],
    nested: [],
    read_wire: ("bookings", crate::model::wire::read_wire::<Self>),
}

documented! {
    /// The result of a reassignment: the booking and its new host.
    #[serde(rename_all = "camelCase")]
    pub struct Reassignment {
        /// The booking.
        pub booking_uid: BookingUid,
        /// The id of the new host.
        pub host_id: UserId,
        /// The name of the new host.
        pub host_name: Option<String>,
        /// The e-mail address of the new host.
        pub host_email: Option<String>,
    }
    wire_names: ["reassignedTo"],
    nested: [],
    read_wire: ("bookings", crate::model::wire::read_wire::<Self>),
}

reads_wire!(
    "bookings",
    CalendarLink => crate::generated::types::BookingCalendarLink,
    BookingReference => crate::generated::types::BookingReference,
    Recording => crate::generated::types::BookingRecording,
    VideoSession => crate::generated::types::BookingSession,
    SessionParticipant => crate::generated::types::BookingSessionParticipant,
    Reassignment => crate::generated::types::BookingReassignment,
);
debug_shows!(CalendarLink { id });
debug_shows!(BookingReference { id, app });
debug_shows!(Recording { id, start, duration, status });
debug_shows!(VideoSession { id, start, duration, ongoing });
debug_shows!(SessionParticipant { joined, duration });
debug_shows!(Reassignment { booking_uid, host_id });

#[cfg(feature = "bookings")]
mod from_wire {
    use super::*;
    use crate::{
        generated::types,
        model::{FromWire, PathKey, RawValueRef},
    };

    /// Reads epoch seconds; `None` for a number that is outside of the range of times.
    fn time(seconds: Option<i64>) -> Option<Timestamp> {
        seconds.and_then(|seconds| Timestamp::from_second(seconds).ok())
    }

    /// Implements `FromWire` for types without nested documented types.
    macro_rules! from_wire {
        ($($name:ident <- $wire:ident: |$value_name:ident| { $($field:ident: $value:expr),+ $(,)? }),+ $(,)?) => {$(
            impl FromWire for $name {
                type Wire = types::$wire;

                fn from_wire($value_name: types::$wire, extra: RawValueRef) -> Self {
                    Self { $($field: $value,)+ extra }
                }
            }
        )+};
    }

    from_wire!(
        CalendarLink <- BookingCalendarLink: |wire| { id: wire.id, label: wire.label, link: wire.link },
        BookingReference <- BookingReference: |wire| {
            id: wire.id,
            app: wire.type_,
            event_uid: wire.event_uid,
            destination_calendar_id: wire.destination_calendar_id,
        },
        Recording <- BookingRecording: |wire| {
            id: wire.id,
            room_name: wire.room_name,
            start: time(wire.start_ts),
            duration: wire.duration,
            status: wire.status,
            max_participants: wire.max_participants,
            download_link: wire.download_link,
            error: wire.error,
        },
        SessionParticipant <- BookingSessionParticipant: |wire| {
            user_id: wire.user_id,
            user_name: wire.user_name,
            joined: time(wire.join_time),
            duration: wire.duration,
        },
        Reassignment <- BookingReassignment: |wire| {
            booking_uid: wire.booking_uid.into(),
            host_id: UserId(wire.reassigned_to.id),
            host_name: wire.reassigned_to.name,
            host_email: wire.reassigned_to.email,
        },
    );

    impl FromWire for VideoSession {
        type Wire = types::BookingSession;

        fn from_wire(wire: types::BookingSession, extra: RawValueRef) -> Self {
            let participants = wire.participants.unwrap_or_default();
            Self {
                id: wire.id,
                room: wire.room,
                start: time(wire.start_time),
                duration: wire.duration,
                ongoing: wire.ongoing,
                max_participants: wire.max_participants,
                participants: SessionParticipant::from_wire_list(participants, &extra.key(PathKey::Participants)),
                extra,
            }
        }
    }
}
