//! A booked appointment.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{
    AttendeeId, BookingId, BookingStatus, BookingUid, EventTypeId, Location, Metadata, SeatUid,
    documented::{Documented, documented, reads_wire},
};
use crate::redact::debug_shows;

documented! {
    /// A booking, in the [documented form](crate::model#the-documented-interface).
    ///
    /// The service's answer holds more: the methods name what is needed most, [`wire`](Self::wire) has every field typed
    /// (feature `bookings`), [`extra`](Self::extra) reads any. It is read from the documented form, and from what stands under
    /// `data` in a response to version 2024-08-13 or later. Written with serde it has the documented fields alone;
    /// [`to_wire_json`](Self::to_wire_json) and [`wire_json`](super::wire_json) keep all.
    #[serde(rename_all = "camelCase")]
    pub struct Booking {
        /// The number of the booking.
        pub id: BookingId,
        /// What finds, moves and cancels it. A reschedule gives a new one.
        pub uid: BookingUid,
        /// The title, made of the event type's and the people's names.
        pub title: String,
        /// The description.
        pub description: Option<String>,
        /// When it starts.
        #[cfg_attr(feature = "schemars", schemars(with = "String"))]
        pub start_time: Timestamp,
        /// When it ends.
        #[cfg_attr(feature = "schemars", schemars(with = "String"))]
        pub end_time: Timestamp,
        /// Who comes. Empty where the event type hides the attendees from the caller.
        pub attendees: Vec<Attendee>,
        /// Who hosts it: the first host.
        pub user: Option<Host>,
        /// Where it takes place. One text, as the service has it, is read as [`Location::from_text`] says.
        #[serde(default, deserialize_with = "Location::of_booking")]
        pub location: Option<Location>,
        /// Where it stands.
        #[cfg_attr(feature = "schemars", schemars(with = "String"))]
        pub status: BookingStatus,
        /// The uid of the booking that this one replaced.
        pub reschedule_uid: Option<BookingUid>,
        /// Why it was cancelled.
        pub cancellation_reason: Option<String>,
        /// Why it was rejected.
        #[serde(default)]
        pub rejection_reason: Option<String>,
        /// What the caller attached. Empty for a seated booking, where each attendee has its own.
        #[serde(default)]
        pub metadata: Metadata,
    }
    wire_names: ["start", "end", "rescheduledFromUid"],
    nested: [attendees as "attendees", user as "user"],
    read_wire: ("bookings", crate::model::wire::read_wire::<Self>),
}

documented! {
    /// Somebody who comes to a booking.
    #[serde(rename_all = "camelCase")]
    pub struct Attendee {
        /// The e-mail address; empty where the answer has none.
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
    /// Somebody who hosts a booking.
    #[serde(rename_all = "camelCase")]
    pub struct Host {
        /// The e-mail address; empty where the answer has none.
        #[serde(deserialize_with = "null_is_empty")]
        pub email: String,
        /// The name.
        pub name: Option<String>,
        /// The time zone, an IANA name. Missing where the booking was found by a seat.
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

impl Booking {
    /// The event type that was booked.
    #[must_use]
    pub fn event_type_id(&self) -> Option<EventTypeId> {
        let id = self.extra("eventTypeId").or_else(|| self.extra("eventType")?.get("id"))?;
        id.as_i64().map(EventTypeId)
    }

    /// The booking that replaced this one, after a reschedule.
    #[must_use]
    pub fn rescheduled_to_uid(&self) -> Option<BookingUid> {
        self.text("rescheduledToUid").map(BookingUid::from)
    }

    /// The series that this booking is an occurrence of.
    #[must_use]
    pub fn recurring_booking_uid(&self) -> Option<BookingUid> {
        self.text("recurringBookingUid").map(BookingUid::from)
    }

    /// The seat that was just booked; the service names it in the answers to booking and rescheduling only.
    #[must_use]
    pub fn seat_uid(&self) -> Option<SeatUid> {
        self.text("seatUid").map(SeatUid::from)
    }

    /// Everybody who hosts it; [`user`](Self::user) is the first.
    #[must_use]
    pub fn hosts(&self) -> Vec<Host> {
        let hosts = self.extra("hosts").and_then(Value::as_array).into_iter().flatten();
        let hosts: Vec<Host> = hosts.filter_map(|host| Host::read_alone(host.clone()).ok()).collect();
        if hosts.is_empty() { self.user.clone().into_iter().collect() } else { hosts }
    }

    /// How long it is, in minutes.
    #[must_use]
    pub fn duration(&self) -> Option<i64> {
        self.extra("duration")?.as_i64()
    }

    /// The e-mail addresses of the guests whom the attendee brings along.
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

    /// Whether the host did not appear; `None` if the answer does not say.
    #[must_use]
    pub fn is_host_absent(&self) -> Option<bool> {
        self.extra("absentHost")?.as_bool()
    }

    /// When it was last changed.
    #[must_use]
    pub fn updated_at(&self) -> Option<Timestamp> {
        self.text("updatedAt")?.parse().ok()
    }

    /// When it was booked.
    #[must_use]
    pub fn created_at(&self) -> Option<Timestamp> {
        self.text("createdAt")?.parse().ok()
    }

    fn text(&self, field: &str) -> Option<&str> {
        self.extra(field)?.as_str().filter(|text| !text.is_empty())
    }
}

impl Attendee {
    /// The number of the attendee; only where attendees are read or added by themselves.
    #[must_use]
    pub fn id(&self) -> Option<AttendeeId> {
        self.extra("id")?.as_i64().map(AttendeeId)
    }

    /// Whether the attendee did not appear; `None` if the answer does not say.
    #[must_use]
    pub fn is_absent(&self) -> Option<bool> {
        self.extra("absent")?.as_bool()
    }

    /// The phone number.
    #[must_use]
    pub fn phone_number(&self) -> Option<&str> {
        self.extra("phoneNumber")?.as_str()
    }

    /// The language of the mails to the attendee.
    #[must_use]
    pub fn language(&self) -> Option<&str> {
        self.extra("language")?.as_str()
    }

    /// The attendee's seat, in a seated booking.
    #[must_use]
    pub fn seat_uid(&self) -> Option<SeatUid> {
        self.extra("seatUid")?.as_str().map(SeatUid::from)
    }

    /// What the caller attached to this attendee's seat, in a seated booking.
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
        model::{Extra, FromWire, Key},
    };

    impl FromWire for Booking {
        type Wire = types::Booking;

        fn from_wire(today: types::Booking, extra: Extra) -> Self {
            let attendees = extra.key(Key::Attendees);
            let hosts = extra.key(Key::Hosts);
            Self {
                id: BookingId(today.id),
                uid: today.uid.into(),
                title: today.title,
                description: said(today.description),
                start_time: today.start,
                end_time: today.end,
                attendees: Attendee::from_wire_list(today.attendees, &attendees),
                user: match today.hosts.into_iter().next() {
                    Some(host) => Some(Host::of_wire(host, hosts.index(0))),
                    None => today.user.and_then(|user| Host::of_json(user, &extra)),
                },
                location: said(today.location).map(Location::from_text),
                status: today.status.into(),
                reschedule_uid: said(today.rescheduled_from_uid)
                    .or_else(|| said(today.reschedule_uid))
                    .map(BookingUid::from),
                cancellation_reason: said(today.cancellation_reason),
                rejection_reason: said(today.rejection_reason),
                metadata: today.metadata.into(),
                extra,
            }
        }
    }

    impl Host {
        fn of_wire(today: types::BookingHost, extra: Extra) -> Self {
            Self { email: today.email.unwrap_or_default(), name: today.name, time_zone: today.time_zone, extra }
        }

        pub(super) fn read_wire(json: &Value, extra: &Extra) -> Result<Self, serde_json::Error> {
            types::BookingHost::deserialize(json).map(|host| Self::of_wire(host, extra.clone()))
        }

        /// From the documented `user` of the booking at `booking`.
        fn of_json(user: Value, booking: &Extra) -> Option<Self> {
            let host: Self = serde_json::from_value(user).ok()?;
            Some(Self { extra: booking.key(Key::User), ..host })
        }
    }

    impl FromWire for Attendee {
        type Wire = types::BookingAttendee;

        fn from_wire(today: types::BookingAttendee, extra: Extra) -> Self {
            Self { email: today.email.unwrap_or_default(), name: today.name, time_zone: today.time_zone, extra }
        }
    }

    impl Attendee {
        /// From an attendee that was read or added by itself.
        pub(crate) fn of_entry(today: types::BookingAttendeeEntry, extra: Extra) -> Self {
            Self { email: today.email, name: today.name, time_zone: today.time_zone, extra }
        }

        /// From an attendee that was taken off a booking.
        pub(crate) fn removed(gone: types::RemovedBookingAttendee, extra: Extra) -> Self {
            let (name, time_zone) = (gone.name.unwrap_or_default(), gone.time_zone.unwrap_or_default());
            Self { email: gone.email.unwrap_or_default(), name, time_zone, extra }
        }
    }

    impl Booking {
        /// One booking, or the occurrences of a series.
        pub(crate) fn one_or_many(today: types::BookingOrSeries, extra: &Extra) -> Vec<Self> {
            match today {
                types::BookingOrSeries::Booking(booking) => vec![Self::from_wire(booking, extra.clone())],
                types::BookingOrSeries::BookingSeries(series) => Self::from_wire_list(series.0, extra),
            }
        }
    }

    /// The service writes an empty text where there is none.
    fn said(text: Option<String>) -> Option<String> {
        text.filter(|text| !text.is_empty())
    }
}
