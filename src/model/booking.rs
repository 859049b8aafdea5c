//! Bookings, their attendees and their hosts.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{
    AttendeeId, BookingId, BookingStatus, BookingUid, EventTypeId, Location, Metadata, SeatUid, UserId,
    documented::{Documented, documented, reads_wire},
};
use crate::redact::debug_shows;

documented! {
    /// A booking, in the [documented form](crate::model#the-two-forms-of-json).
    ///
    /// The service sends more fields. Methods read the most used ones, [`wire`](Self::wire) returns all of them typed (feature
    /// `bookings`), and [`extra`](Self::extra) reads one by its name. With serde, the type reads the documented form, and the
    /// value of `data` in a response to version 2024-08-13 or later. It writes the documented fields alone;
    /// [`to_wire_json`](Self::to_wire_json) and [`wire_json`](super::wire_json) write all.
    ///
    /// ```no_run
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// let booking = client.bookings().get("kgiKeoVgk6NpALrVxDhWeY").await?;
    /// println!("{} to {}, {}", booking.start_time, booking.end_time, booking.status);
    /// for attendee in &booking.attendees {
    ///     println!("{} in {}", attendee.name, attendee.time_zone);
    /// }
    /// if let Some(newer) = booking.rescheduled_to_uid() {
    ///     println!("moved to {:?}", client.bookings().get(newer).await?.start_time);
    /// }
    /// # Ok(()) }
    /// ```
    #[serde(rename_all = "camelCase")]
    pub struct Booking {
        /// The id of the booking.
        pub id: BookingId,
        /// The identifier with which it is read, rescheduled and cancelled. A reschedule creates a booking with a new one.
        pub uid: BookingUid,
        /// The title, made of the names of the event type, the hosts and the attendees.
        pub title: String,
        /// The description.
        pub description: Option<String>,
        /// The time at which the booking starts.
        #[cfg_attr(feature = "schemars", schemars(with = "String"))]
        pub start_time: Timestamp,
        /// The time at which the booking ends.
        #[cfg_attr(feature = "schemars", schemars(with = "String"))]
        pub end_time: Timestamp,
        /// The attendees. Empty if the event type hides them from the caller.
        pub attendees: Vec<Attendee>,
        /// The first host; [`hosts`](Self::hosts) returns all.
        pub user: Option<Host>,
        /// The location. The service sends one text, which is read by [`Location::from_text`].
        #[serde(default, deserialize_with = "Location::deserialize_of_booking")]
        pub location: Option<Location>,
        /// The status.
        #[cfg_attr(feature = "schemars", schemars(with = "String"))]
        pub status: BookingStatus,
        /// The uid of the booking that this one replaced by a reschedule.
        pub reschedule_uid: Option<BookingUid>,
        /// The reason of the cancellation.
        pub cancellation_reason: Option<String>,
        /// The reason of the rejection.
        #[serde(default)]
        pub rejection_reason: Option<String>,
        /// The metadata that was attached when it was booked. Empty for a seated booking, of which each attendee has
        /// [metadata](Attendee::metadata) of its own.
        #[serde(default)]
        pub metadata: Metadata,
    }
    wire_names: ["start", "end", "rescheduledFromUid"],
    nested: [attendees as "attendees", user as "user"],
    read_wire: ("bookings", crate::model::wire::read_wire::<Self>),
}

documented! {
    /// An attendee of a booking.
    #[serde(rename_all = "camelCase")]
    pub struct Attendee {
        /// The e-mail address; empty if the response has none.
        #[serde(deserialize_with = "null_is_empty")]
        pub email: String,
        /// The name.
        pub name: String,
        /// The time zone, an IANA name.
        pub time_zone: String,
    }
    wire_names: [],
    nested: [],
    read_wire: ("bookings", crate::model::wire::read_wire::<Self>),
}

documented! {
    /// A host of a booking.
    #[serde(rename_all = "camelCase")]
    pub struct Host {
        /// The e-mail address; empty if the response has none.
        #[serde(deserialize_with = "null_is_empty")]
        pub email: String,
        /// The name.
        pub name: Option<String>,
        /// The time zone, an IANA name. Missing if the booking was read by a seat.
        pub time_zone: Option<String>,
    }
    wire_names: [],
    nested: [],
    read_wire: ("bookings", Self::read_wire),
}

fn null_is_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

reads_wire!("bookings", Booking => crate::generated::types::Booking, Attendee => crate::generated::types::BookingAttendee, Host => crate::generated::types::BookingHost);
debug_shows!(Booking { id, uid, start_time, end_time, status, reschedule_uid });
debug_shows!(Attendee { time_zone });
debug_shows!(Host { time_zone });

impl Host {
    /// The id of the user. `None` if the user was deleted, or if the booking was read by a seat.
    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        self.extra("id")?.as_i64().map(UserId)
    }
}

impl Booking {
    /// The event type of the booking.
    #[must_use]
    pub fn event_type_id(&self) -> Option<EventTypeId> {
        let id = self.extra("eventTypeId").or_else(|| self.extra("eventType")?.get("id"))?;
        id.as_i64().map(EventTypeId)
    }

    /// The uid of the booking that replaced this one by a reschedule.
    #[must_use]
    pub fn rescheduled_to_uid(&self) -> Option<BookingUid> {
        self.text("rescheduledToUid").map(BookingUid::from)
    }

    /// The uid of the series, if this booking is an occurrence of one.
    #[must_use]
    pub fn recurring_booking_uid(&self) -> Option<BookingUid> {
        self.text("recurringBookingUid").map(BookingUid::from)
    }

    /// The seat that the request booked. The service sends it in responses to booking and rescheduling only.
    #[must_use]
    pub fn seat_uid(&self) -> Option<SeatUid> {
        self.text("seatUid").map(SeatUid::from)
    }

    /// All hosts; [`user`](Self::user) is the first.
    #[must_use]
    pub fn hosts(&self) -> Vec<Host> {
        let hosts = self.extra("hosts").and_then(Value::as_array).into_iter().flatten();
        let hosts: Vec<Host> = hosts.filter_map(|host| Host::read_alone(host.clone()).ok()).collect();
        if hosts.is_empty() { self.user.clone().into_iter().collect() } else { hosts }
    }

    /// The length in minutes.
    #[must_use]
    pub fn duration(&self) -> Option<i64> {
        self.extra("duration")?.as_i64()
    }

    /// The e-mail addresses of the guests that the attendee invited.
    #[must_use]
    pub fn guests(&self) -> Vec<&str> {
        let guests = self.extra("guests").and_then(Value::as_array);
        guests.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// The answers to the questions of the booking form, by the slug of the question.
    #[must_use]
    pub fn answers(&self) -> Option<&Map<String, Value>> {
        self.extra("bookingFieldsResponses")?.as_object()
    }

    /// Whether the host was marked as absent; `None` if the response does not say.
    #[must_use]
    pub fn is_host_absent(&self) -> Option<bool> {
        self.extra("absentHost")?.as_bool()
    }

    /// The time of the last change.
    #[must_use]
    pub fn updated_at(&self) -> Option<Timestamp> {
        self.text("updatedAt")?.parse().ok()
    }

    /// The time at which it was booked.
    #[must_use]
    pub fn created_at(&self) -> Option<Timestamp> {
        self.text("createdAt")?.parse().ok()
    }

    fn text(&self, field: &str) -> Option<&str> {
        self.extra(field)?.as_str().filter(|text| !text.is_empty())
    }
}

impl Attendee {
    /// The id of the attendee. The service sends it only if attendees are listed, read or added by themselves.
    #[must_use]
    pub fn id(&self) -> Option<AttendeeId> {
        self.extra("id")?.as_i64().map(AttendeeId)
    }

    /// Whether the attendee was marked as absent; `None` if the response does not say.
    #[must_use]
    pub fn is_absent(&self) -> Option<bool> {
        self.extra("absent")?.as_bool()
    }

    /// The phone number.
    #[must_use]
    pub fn phone_number(&self) -> Option<&str> {
        self.extra("phoneNumber")?.as_str()
    }

    /// The language of mails to the attendee, as its code.
    #[must_use]
    pub fn language(&self) -> Option<&str> {
        self.extra("language")?.as_str()
    }

    /// The attendee's seat, in a seated booking.
    #[must_use]
    pub fn seat_uid(&self) -> Option<SeatUid> {
        self.extra("seatUid")?.as_str().map(SeatUid::from)
    }

    /// The metadata of the attendee's seat, in a seated booking.
    #[must_use]
    pub fn metadata(&self) -> Option<&Map<String, Value>> {
        self.extra("metadata")?.as_object()
    }
}

#[cfg(feature = "bookings")]
mod from_wire {
    use super::*;
    use crate::{
        generated::types,
        model::{FromWire, PathKey, RawValueRef},
    };

    impl FromWire for Booking {
        type Wire = types::BookingParts;

        fn from_wire(wire: types::BookingParts, extra: RawValueRef) -> Self {
            let attendees = extra.key(PathKey::Attendees);
            Self {
                id: BookingId(wire.id),
                uid: wire.uid.into(),
                title: wire.title,
                description: non_empty(wire.description),
                start_time: wire.start,
                end_time: wire.end,
                attendees: Attendee::from_wire_list(wire.attendees, &attendees),
                user: match wire.hosts.into_iter().next() {
                    Some(host) => Some(Host::from_wire_host(host, extra.key(PathKey::Hosts).into_index(0))),
                    None => wire.user.and_then(|user| Host::from_documented_user(user, &extra)),
                },
                location: non_empty(wire.location).map(Location::from_text),
                status: wire.status,
                reschedule_uid: non_empty(wire.rescheduled_from_uid)
                    .or_else(|| non_empty(wire.reschedule_uid))
                    .map(BookingUid::from),
                cancellation_reason: non_empty(wire.cancellation_reason),
                rejection_reason: non_empty(wire.rejection_reason),
                metadata: wire.metadata.into(),
                extra,
            }
        }
    }

    impl Host {
        fn from_wire_host(wire: types::BookingHostParts, extra: RawValueRef) -> Self {
            Self { email: wire.email.unwrap_or_default(), name: wire.name, time_zone: wire.time_zone, extra }
        }

        pub(super) fn read_wire(json: &Value, extra: &RawValueRef) -> Result<Self, serde_json::Error> {
            types::BookingHostParts::deserialize(json).map(|host| Self::from_wire_host(host, extra.clone()))
        }

        /// Reads the documented `user` of the booking at `booking`.
        fn from_documented_user(user: Value, booking: &RawValueRef) -> Option<Self> {
            let host: Self = serde_json::from_value(user).ok()?;
            Some(Self { extra: booking.key(PathKey::User), ..host })
        }
    }

    impl FromWire for Attendee {
        type Wire = types::BookingAttendeeParts;

        fn from_wire(wire: types::BookingAttendeeParts, extra: RawValueRef) -> Self {
            Self { email: wire.email.unwrap_or_default(), name: wire.name, time_zone: wire.time_zone, extra }
        }
    }

    impl Attendee {
        /// Converts an attendee that was listed, read or added by itself.
        pub(crate) fn from_entry(wire: types::BookingAttendeeEntry, extra: RawValueRef) -> Self {
            Self { email: wire.email, name: wire.name, time_zone: wire.time_zone, extra }
        }

        /// Converts an attendee that was removed from a booking.
        pub(crate) fn from_removed(removed: types::RemovedBookingAttendee, extra: RawValueRef) -> Self {
            let (name, time_zone) = (removed.name.unwrap_or_default(), removed.time_zone.unwrap_or_default());
            Self { email: removed.email.unwrap_or_default(), name, time_zone, extra }
        }
    }

    impl Booking {
        /// Converts one booking, or the occurrences of a series.
        pub(crate) fn from_booking_or_series(wire: types::BookingOrSeriesParts, extra: &RawValueRef) -> Vec<Self> {
            match wire {
                types::BookingOrSeriesParts::Parts(booking) => vec![Self::from_wire(booking, extra.clone())],
                types::BookingOrSeriesParts::SeriesParts(series) => Self::from_wire_list(series.0, extra),
            }
        }
    }

    /// The service sends an empty text for a missing one.
    fn non_empty(text: Option<String>) -> Option<String> {
        text.filter(|text| !text.is_empty())
    }
}
