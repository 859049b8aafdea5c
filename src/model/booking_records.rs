//! What a booking left elsewhere: in calendars, in video apps, with another host.
//!
//! The JSON of these types has the names of the wire form, which has times in epoch seconds.

use jiff::Timestamp;

use super::{
    BookingUid, UserId,
    documented::{documented, reads_wire},
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
    /// What a booking is in a calendar or in a video app.
    #[serde(rename_all = "camelCase")]
    pub struct BookingReference {
        /// The number of the reference.
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
        /// When it started.
        #[serde(rename = "startTs", default, with = "super::epoch")]
        #[cfg_attr(feature = "schemars", schemars(with = "Option<i64>"))]
        pub start: Option<Timestamp>,
        /// How long it is, in seconds.
        pub duration: Option<i64>,
        /// Where it stands: `finished`, `in-progress`.
        pub status: Option<String>,
        /// How many people were there at most at one time.
        pub max_participants: Option<i64>,
        /// Where it can be downloaded. Who knows the address can do so.
        pub download_link: Option<String>,
        /// Why there is no [`download_link`](Self::download_link).
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
        /// When it started.
        #[serde(rename = "startTime", default, with = "super::epoch")]
        #[cfg_attr(feature = "schemars", schemars(with = "Option<i64>"))]
        pub start: Option<Timestamp>,
        /// How long it lasted, in seconds.
        pub duration: Option<i64>,
        /// Whether it goes on.
        pub ongoing: Option<bool>,
        /// How many people were there at most at one time.
        pub max_participants: Option<i64>,
        /// Who was there.
        #[serde(default)]
        pub participants: Vec<SessionParticipant>,
    }
    wire_names: [],
    nested: [participants as "participants"],
    read_wire: ("bookings", crate::model::wire::read_wire::<Self>),
}

documented! {
    /// A person in a Cal Video session.
    #[serde(rename_all = "camelCase")]
    pub struct SessionParticipant {
        /// The id of the person in the video app.
        pub user_id: Option<String>,
        /// The name.
        pub user_name: Option<String>,
        /// When the person came.
        #[serde(rename = "joinTime", default, with = "super::epoch")]
        #[cfg_attr(feature = "schemars", schemars(with = "Option<i64>"))]
        pub joined: Option<Timestamp>,
        /// How long the person stayed, in seconds.
        pub duration: Option<i64>,
    }
    wire_names: [],
    nested: [],
    read_wire: ("bookings", crate::model::wire::read_wire::<Self>),
}

documented! {
    /// The host who has a booking after a reassignment.
    #[serde(rename_all = "camelCase")]
    pub struct Reassignment {
        /// The booking.
        pub booking_uid: BookingUid,
        /// The number of the host who has it now.
        pub host_id: UserId,
        /// The name of that host.
        pub host_name: Option<String>,
        /// The e-mail address of that host.
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
        model::{Extra, FromWire, Key},
    };

    /// Epoch seconds; a number that is no time is none.
    fn time(seconds: Option<i64>) -> Option<Timestamp> {
        seconds.and_then(|seconds| Timestamp::from_second(seconds).ok())
    }

    /// How a type whose values stand side by side is made of the generated one.
    macro_rules! from_wire {
        ($($name:ident <- $wire:ident: |$today:ident| { $($field:ident: $value:expr),+ $(,)? }),+ $(,)?) => {$(
            impl FromWire for $name {
                type Wire = types::$wire;

                fn from_wire($today: types::$wire, extra: Extra) -> Self {
                    Self { $($field: $value,)+ extra }
                }
            }
        )+};
    }

    from_wire!(
        CalendarLink <- BookingCalendarLink: |today| { id: today.id, label: today.label, link: today.link },
        BookingReference <- BookingReference: |today| {
            id: today.id,
            app: today.type_,
            event_uid: today.event_uid,
            destination_calendar_id: today.destination_calendar_id,
        },
        Recording <- BookingRecording: |today| {
            id: today.id,
            room_name: today.room_name,
            start: time(today.start_ts),
            duration: today.duration,
            status: today.status,
            max_participants: today.max_participants,
            download_link: today.download_link,
            error: today.error,
        },
        SessionParticipant <- BookingSessionParticipant: |today| {
            user_id: today.user_id,
            user_name: today.user_name,
            joined: time(today.join_time),
            duration: today.duration,
        },
        Reassignment <- BookingReassignment: |today| {
            booking_uid: today.booking_uid.into(),
            host_id: UserId(today.reassigned_to.id),
            host_name: today.reassigned_to.name,
            host_email: today.reassigned_to.email,
        },
    );

    impl FromWire for VideoSession {
        type Wire = types::BookingSession;

        fn from_wire(today: types::BookingSession, extra: Extra) -> Self {
            let participants = today.participants.unwrap_or_default();
            Self {
                id: today.id,
                room: today.room,
                start: time(today.start_time),
                duration: today.duration,
                ongoing: today.ongoing,
                max_participants: today.max_participants,
                participants: SessionParticipant::from_wire_list(participants, &extra.key(Key::Participants)),
                extra,
            }
        }
    }
}
