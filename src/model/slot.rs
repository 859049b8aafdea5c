//! Slots: times that can be booked.

#[cfg(feature = "slots")]
mod query;
#[cfg(feature = "slots")]
mod reservation;

use std::{collections::BTreeMap, iter::Flatten};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::{BookingUid, RawValueRef, ToWireJson, documented::documented, from_documented::FromDocumented};
use crate::redact::debug_shows;

#[cfg(feature = "slots")]
pub use self::{
    query::{SlotFormat, SlotQuery},
    reservation::{Reservation, ReserveSlot},
};

/// Slots, the times that can be booked, by date: `{"slots": {"2025-01-15": [...]}}`, in the
/// [documented form](crate::model#the-two-forms-of-json).
///
/// The dates are those of the time zone of the query; default UTC. Dates without a free slot are missing.
///
/// serde writes the documented fields of the slots. [`to_wire_json`](super::ToWireJson::to_wire_json) writes everything,
/// also the slots that could not be read.
///
/// ```
/// use calcom::model::Slots;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let slots: Slots = serde_json::from_str(
///     r#"{"slots": {"2025-01-15": [{"time": "2025-01-15T09:00:00Z", "attendees": 0, "bookingUid": null, "users": []}]}}"#,
/// )?;
/// for slot in &slots {
///     println!("{}", slot.time);
/// }
/// # assert_eq!(slots.first().map(|slot| slot.time), Some("2025-01-15T09:00:00Z".parse()?));
/// # Ok(()) }
/// ```
#[derive(Clone, Default, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Slots {
    /// The slots of every date that has any, in order of time.
    #[cfg_attr(feature = "schemars", schemars(with = "BTreeMap<String, Vec<Slot>>"))]
    pub slots: BTreeMap<Date, Vec<Slot>>,
    /// The undocumented fields beside the slots.
    #[serde(skip)]
    undocumented: Map<String, Value>,
    /// The slots that could not be read.
    #[cfg(feature = "slots")]
    #[serde(skip)]
    unread: Vec<crate::pipeline::UnreadItem>,
}

impl PartialEq for Slots {
    fn eq(&self, other: &Self) -> bool {
        #[cfg(feature = "slots")]
        if self.unread != other.unread {
            return false;
        }
        self.slots == other.slots && self.undocumented == other.undocumented
    }
}

debug_shows!(Slots { slots });

documented! {
    /// A slot, a time that can be booked, in the [documented form](crate::model#the-two-forms-of-json).
    ///
    /// The service sends `attendees` and `bookingUid` for event types with seats only, and does not send `users` in its current
    /// versions; they are read if a response has them.
    ///
    /// ```
    /// use calcom::model::Slot;
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let json = r#"{"start": "2030-01-15T09:00:00Z", "end": "2030-01-15T09:30:00Z", "seatsTotal": 3, "seatsBooked": 1}"#;
    /// let slot: Slot = serde_json::from_str(json)?;
    /// assert_eq!(slot.end().map(|end| end.to_string()).as_deref(), Some("2030-01-15T09:30:00Z"));
    /// assert_eq!(slot.seats().map(|seats| seats.remaining), Some(2));
    /// # Ok(()) }
    /// ```
    #[serde(rename_all = "camelCase")]
    pub struct Slot {
        /// The start.
        #[serde(alias = "startTime", alias = "start")]
        #[cfg_attr(feature = "schemars", schemars(with = "String"))]
        pub time: Timestamp,
        /// The number of taken seats; 0 if it has no seats.
        #[serde(default, deserialize_with = "null_is_none")]
        pub attendees: u32,
        /// The booking of the taken seats.
        #[serde(default)]
        pub booking_uid: Option<BookingUid>,
        /// The names of the users that are free.
        #[serde(default, deserialize_with = "user_names")]
        pub users: Vec<String>,
    }
    wire_names: ["start", "startTime", "attendeesCount", "seatsBooked"],
    nested: [],
    read_wire: ("slots", Self::read_wire),
}

/// The numbers of seats of a slot.
///
/// ```no_run
/// # fn example(slot: calcom::model::Slot) {
/// if let Some(seats) = slot.seats() {
///     println!("{} of {} seats are free", seats.remaining, seats.total);
/// }
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Seats {
    /// The number of taken seats.
    pub booked: u32,
    /// The number of free seats.
    pub remaining: u32,
    /// The number of all seats.
    pub total: u32,
}

debug_shows!(Slot { time, attendees });

impl Slot {
    /// The end; only if the query asks for it ([`SlotQuery::with_ends`]).
    #[must_use]
    pub fn end(&self) -> Option<Timestamp> {
        self.extra("end").or_else(|| self.extra("endTime"))?.as_str()?.parse().ok()
    }

    /// The seats; only if the event type has them.
    #[must_use]
    pub fn seats(&self) -> Option<Seats> {
        let count = |field| self.extra(field).and_then(Value::as_u64).and_then(|count| u32::try_from(count).ok());
        let total = count("seatsTotal")?;
        let booked = count("seatsBooked").unwrap_or(self.attendees);
        Some(Seats { booked, remaining: count("seatsRemaining").unwrap_or(total.saturating_sub(booked)), total })
    }
}

impl Slots {
    fn of(slots: BTreeMap<Date, Vec<Slot>>) -> Self {
        Self {
            slots,
            #[cfg(feature = "slots")]
            unread: Vec::new(),
            undocumented: Map::new(),
        }
    }

    /// The slots that could not be read, each with its date as `key`, and dates whose value is not a list. The others are in
    /// `slots`. A response of which no slot could be read is an error.
    #[cfg(feature = "slots")]
    #[must_use]
    pub fn unread(&self) -> &[crate::pipeline::UnreadItem] {
        &self.unread
    }

    /// Iterates over all slots, the earliest first.
    pub fn iter(&self) -> Flatten<std::collections::btree_map::Values<'_, Date, Vec<Slot>>> {
        self.slots.values().flatten()
    }

    /// The slots of one date in the time zone of the query.
    #[must_use]
    pub fn on(&self, date: Date) -> &[Slot] {
        self.slots.get(&date).map_or(&[], Vec::as_slice)
    }

    /// The earliest slot.
    #[must_use]
    pub fn first(&self) -> Option<&Slot> {
        self.iter().next()
    }

    /// The number of slots on all dates.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.values().map(Vec::len).sum()
    }

    /// Whether there is no slot.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first().is_none()
    }
}

/// Reads the documented form, `{"slots": {DATE: [..]}}`, or the wire form, `{DATE: [..]}`.
impl<'de> Deserialize<'de> for Slots {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Value::deserialize(deserializer)?;
        let read = match json.get("slots") {
            Some(_) => Self::from_documented(&json, &RawValueRef::default()),
            None => SlotsByDate::deserialize(&json).map(|dates| Self::of(dates.0)),
        };
        read.map_err(serde::de::Error::custom)
    }
}

impl FromDocumented for Slots {
    fn from_documented(json: &Value, _: &RawValueRef) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct DocumentedSlots {
            slots: SlotsByDate,
            #[serde(flatten)]
            undocumented: Map<String, Value>,
        }

        #[cfg_attr(not(feature = "slots"), allow(unused_mut))]
        let DocumentedSlots { slots, mut undocumented } = DocumentedSlots::deserialize(json)?;
        Ok(Self {
            slots: slots.0,
            #[cfg(feature = "slots")]
            unread: crate::pipeline::take_unread(&mut undocumented),
            undocumented,
        })
    }
}

/// Slots under dates of the form `2025-01-15`.
#[derive(Deserialize)]
#[serde(try_from = "BTreeMap<String, Vec<Slot>>")]
struct SlotsByDate(BTreeMap<Date, Vec<Slot>>);

impl TryFrom<BTreeMap<String, Vec<Slot>>> for SlotsByDate {
    type Error = &'static str;

    fn try_from(dates: BTreeMap<String, Vec<Slot>>) -> Result<Self, Self::Error> {
        let dates = dates.into_iter().map(|(text, slots)| Some((date_of(&text)?, slots)));
        dates.collect::<Option<_>>().map(Self).ok_or("expected dates of the form 2025-01-15 as keys")
    }
}

/// Reads a key. Another form of a date is refused: two forms of one date would be one key, and the slots of one would be lost.
fn date_of(key: &str) -> Option<Date> {
    key.parse().ok().filter(|date: &Date| date.to_string() == key)
}

/// The slots are written in the form in which they were sent, in the documented `{"slots": {DATE: [..]}}`. Those that could not
/// be read are written in a field `unread`.
impl crate::reveal::FullJson for Slots {
    fn full_json(&self) -> Value {
        self.to_wire_json()
    }
}

impl ToWireJson for Slots {
    fn to_wire_json(&self) -> Value {
        let dates = self.slots.iter().map(|(date, slots)| (date.to_string(), slots.to_wire_json()));
        let mut json = self.undocumented.clone();
        #[cfg(feature = "slots")]
        crate::pipeline::write_unread(&mut json, &self.unread);
        json.insert("slots".to_owned(), Value::Object(dates.collect()));
        Value::Object(json)
    }
}

impl<'s> IntoIterator for &'s Slots {
    type Item = &'s Slot;
    type IntoIter = Flatten<std::collections::btree_map::Values<'s, Date, Vec<Slot>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Slots {
    type Item = Slot;
    type IntoIter = Flatten<std::collections::btree_map::IntoValues<Date, Vec<Slot>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.slots.into_values().flatten()
    }
}

fn null_is_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Reads users: names, or the objects with a `username` that older servers send.
fn user_names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let users: Option<Vec<Value>> = Option::deserialize(deserializer)?;
    Ok(names_of(&users.unwrap_or_default()))
}

fn names_of(users: &[Value]) -> Vec<String> {
    let name = |user: &Value| user.as_str().or_else(|| user.get("username")?.as_str()).map(str::to_owned);
    users.iter().filter_map(name).collect()
}

#[cfg(feature = "slots")]
mod from_wire {
    use super::*;
    use crate::{
        generated::types,
        model::{FromWire, InvalidValue},
        operation::ItemsPath,
        pipeline::UnreadItem,
    };

    impl FromWire for Slots {
        type Wire = Self;

        const DOCUMENTED_ITEMS: Option<ItemsPath> = Some(ItemsPath::ByKey(&["data", "slots"]));

        fn from_wire(mut wire: Self, extra: RawValueRef) -> Self {
            wire.attach_raw(&extra);
            wire
        }

        fn attach_unread(&mut self, unread: Vec<UnreadItem>, read: usize) -> bool {
            self.unread = unread;
            read > 0
        }
    }

    impl Slots {
        /// Converts the wire form. The result does not refer to the response yet.
        pub(crate) fn parse_wire(dates: BTreeMap<String, Vec<types::Slot>>) -> Result<Self, InvalidValue> {
            let slots = dates.into_iter().map(|(text, slots)| {
                let date =
                    date_of(&text).ok_or_else(|| InvalidValue::new("data", "dates of the form 2025-01-15 as keys"))?;
                let slots = slots.into_iter().enumerate().map(|(at, slot)| {
                    Slot::parse_wire(slot).map_err(|invalid| invalid.within(&format!("data.{text}[{at}]")))
                });
                Ok((date, slots.collect::<Result<_, _>>()?))
            });
            Ok(Self::of(slots.collect::<Result<_, InvalidValue>>()?))
        }

        fn attach_raw(&mut self, dates: &RawValueRef) {
            for (date, slots) in &mut self.slots {
                let date = dates.date(*date);
                for (at, slot) in slots.iter_mut().enumerate() {
                    slot.extra = date.index(at);
                }
            }
        }
    }

    impl Slot {
        pub(super) fn read_wire(json: &Value, extra: &RawValueRef) -> Result<Self, serde_json::Error> {
            let slot = Self::parse_wire(Deserialize::deserialize(json)?).map_err(InvalidValue::into_json_error)?;
            Ok(Self { extra: extra.clone(), ..slot })
        }

        fn parse_wire(slot: types::Slot) -> Result<Self, InvalidValue> {
            let counts = [
                ("attendeesCount", slot.attendees_count),
                ("seatsBooked", slot.seats_booked),
                ("attendees", slot.attendees),
            ];
            let attendees = counts.into_iter().find_map(|(name, count)| Some((name, count?)));
            let attendees = attendees.map_or(Ok(0), |(name, count)| {
                u32::try_from(count).map_err(|_| InvalidValue::new(name, "a number from 0 to 4294967295"))
            });
            Ok(Self {
                time: slot.start.parse().map_err(|_| InvalidValue::new("start", "an ISO 8601 time"))?,
                attendees: attendees?,
                booking_uid: slot.booking_uid.map(BookingUid::from),
                users: names_of(&slot.users.unwrap_or_default()),
                extra: RawValueRef::default(),
            })
        }
    }
}
