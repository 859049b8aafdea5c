//! Event types: what can be booked.

use serde_json::Value;

use super::{
    EventTypeId, Location, RecurringEvent, ScheduleId, TeamId, UserId,
    documented::{documented, reads_wire},
};
use crate::redact::debug_shows;

documented! {
    /// A kind of appointment that can be booked, in the [documented form](crate::model#the-two-forms-of-json).
    ///
    /// The service sends more fields: methods read the most used ones, [`wire`](Self::wire) returns all of them typed (feature
    /// `event-types`), [`extra`](Self::extra) reads one by its name.
    ///
    /// ```no_run
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// let event_type = client.event_types().get(2026361).await?;
    /// println!("{}: {} min, at {:?}", event_type.title, event_type.length, event_type.booking_url());
    /// println!("{:?} min before the start", event_type.extra("minimumBookingNotice"));
    /// # Ok(()) }
    /// ```
    #[serde(rename_all = "camelCase")]
    pub struct EventType {
        /// The id of the event type.
        pub id: EventTypeId,
        /// The name in links to the booking page: `30min`.
        pub slug: String,
        /// The title.
        pub title: String,
        /// The description.
        pub description: Option<String>,
        /// The length of an appointment in minutes; the default if it offers [several lengths](Self::length_options).
        pub length: i64,
        /// The locations that it offers.
        #[serde(default)]
        pub locations: Vec<Location>,
        /// The price in the smallest unit of the currency; 0 if the service sends none. Whole numbers are written without a
        /// fraction.
        #[serde(default, with = "price")]
        #[cfg_attr(feature = "schemars", schemars(with = "f64"))]
        pub price: f64,
        /// The code of the currency, three letters; the service writes them in lower case: `usd`. Empty if the service sends
        /// none.
        #[serde(default)]
        pub currency: String,
        /// Whether a booking is pending until the host confirms it, always or at short notice.
        #[serde(default)]
        pub requires_confirmation: bool,
        /// The recurrence; `None` if it takes place once.
        pub recurring_event: Option<RecurringEvent>,
        /// Questions of the booking form in the documented form. The service has replaced them by
        /// [`booking_fields`](Self::booking_fields), and does not send them in its current versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub custom_inputs: Option<Vec<Value>>,
    }
    wire_names: ["lengthInMinutes", "recurrence", "confirmationPolicy"],
    nested: [],
    read_wire: ("event-types", crate::model::wire::read_wire::<Self>),
}

documented! {
    /// The result of deleting an event type: what it was.
    #[serde(rename_all = "camelCase")]
    pub struct DeletedEventType {
        /// The id of the event type.
        pub id: Option<EventTypeId>,
        /// The name in links to the booking page.
        pub slug: Option<String>,
        /// The title.
        pub title: Option<String>,
        /// The length of an appointment in minutes.
        pub length: Option<i64>,
    }
    wire_names: ["lengthInMinutes"],
    nested: [],
    read_wire: ("event-types", crate::model::wire::read_wire::<Self>),
}

reads_wire!("event-types", EventType => crate::generated::types::EventType, DeletedEventType => crate::generated::types::DeletedEventType);
debug_shows!(DeletedEventType { id, length });
debug_shows!(EventType { id, length, price, currency, requires_confirmation, recurring_event });

impl EventType {
    /// Whether it is hidden from the public profile. Its link still works.
    #[must_use]
    pub fn hidden(&self) -> bool {
        self.extra("hidden").and_then(Value::as_bool).unwrap_or(false)
    }

    /// The lengths in minutes that an attendee can choose from; empty if there is only one.
    #[must_use]
    pub fn length_options(&self) -> Vec<i64> {
        let options = self.extra("lengthInMinutesOptions").or_else(|| self.extra("metadata")?.get("multipleDuration"));
        options.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_i64).collect()
    }

    /// The number of seats in a slot; `None` if it has no seats.
    #[must_use]
    pub fn seats_per_time_slot(&self) -> Option<i64> {
        let seats = self.extra("seats").filter(|seats| seats["disabled"] != true);
        seats.and_then(|seats| seats.get("seatsPerTimeSlot")).or_else(|| self.extra("seatsPerTimeSlot"))?.as_i64()
    }

    /// The user that owns it; an event type of a team can have none.
    #[must_use]
    pub fn owner_id(&self) -> Option<UserId> {
        self.extra("ownerId").or_else(|| self.extra("userId"))?.as_i64().map(UserId)
    }

    /// The team that owns it.
    #[must_use]
    pub fn team_id(&self) -> Option<TeamId> {
        self.extra("teamId")?.as_i64().map(TeamId)
    }

    /// The schedule with its hours; `None` if it uses the default schedule of its owner.
    #[must_use]
    pub fn schedule_id(&self) -> Option<ScheduleId> {
        self.extra("scheduleId").or_else(|| self.extra("schedule"))?.as_i64().map(ScheduleId)
    }

    /// The URL of the booking page.
    #[must_use]
    pub fn booking_url(&self) -> Option<&str> {
        self.extra("bookingUrl")?.as_str()
    }

    /// Whether this user owns it or is one of its hosts; `false` if the response does not say.
    #[must_use]
    pub fn belongs_to(&self, user: impl Into<UserId>) -> bool {
        self.names_user(user.into()) == Some(true)
    }

    /// Whether the response lists this user as owner or host; `None` if it lists no user, or if one of the others has no number
    /// and can be this user.
    pub(crate) fn names_user(&self, user: UserId) -> Option<bool> {
        let among = |list: &str, id: &'static str| {
            let people = self.extra(list).and_then(Value::as_array);
            people.into_iter().flatten().map(move |person| person[id].as_i64().map(UserId))
        };
        let owner = self.owner_id().into_iter().map(Some);
        let named: Vec<_> = owner.chain(among("users", "id")).chain(among("hosts", "userId")).collect();
        if named.contains(&Some(user)) {
            return Some(true);
        }
        (!named.is_empty() && named.iter().all(Option::is_some)).then_some(false)
    }
}

/// Serializes prices without loss: `0` is not written as `0.0`; a value that JSON numbers cannot express is a text, `"NaN"` or
/// `"inf"`.
mod price {
    use serde::{Deserialize, Deserializer, Serializer, de};

    #[allow(clippy::trivially_copy_pass_by_ref, clippy::cast_possible_truncation)]
    pub(super) fn serialize<S: Serializer>(price: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        /// Every whole number up to this one has an exact `f64`.
        const MAX_EXACT_INTEGER: f64 = 9_007_199_254_740_992.0;
        if !price.is_finite() {
            serializer.collect_str(price)
        } else if price.fract() == 0.0
            && price.abs() <= MAX_EXACT_INTEGER
            && !(*price == 0.0 && price.is_sign_negative())
        {
            serializer.serialize_i64(*price as i64)
        } else {
            serializer.serialize_f64(*price)
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a number")]
        enum NumberOrText {
            Number(f64),
            Text(String),
        }

        match NumberOrText::deserialize(deserializer)? {
            NumberOrText::Number(price) => Ok(price),
            NumberOrText::Text(text) => text.parse().map_err(|_| de::Error::custom("expected a number")),
        }
    }
}

#[cfg(feature = "event-types")]
mod from_wire {
    use super::*;
    use crate::{
        generated::types,
        model::{BookingField, FromWire, RawValueRef, documented::Documented},
    };

    impl EventType {
        /// The questions of the booking form, without those that have no slug; empty if the response has the form of the
        /// service's first version.
        #[must_use]
        pub fn booking_fields(&self) -> Vec<BookingField> {
            let fields = self.extra("bookingFields").and_then(Value::as_array);
            fields.into_iter().flatten().filter_map(|field| BookingField::read_alone(field.clone()).ok()).collect()
        }
    }

    impl FromWire for EventType {
        type Wire = types::EventTypeParts;

        #[allow(clippy::cast_precision_loss)]
        fn from_wire(wire: types::EventTypeParts, extra: RawValueRef) -> Self {
            Self {
                id: EventTypeId(wire.id),
                slug: wire.slug,
                title: wire.title,
                description: wire.description.filter(|text| !text.is_empty()),
                length: wire.length_in_minutes,
                locations: wire.locations.into_iter().map(Location::from).collect(),
                price: wire.price.unwrap_or_default() as f64,
                currency: wire.currency.unwrap_or_default(),
                requires_confirmation: match wire.confirmation_policy {
                    Some(policy) => is_on(&policy),
                    None => wire.requires_confirmation.unwrap_or_default(),
                },
                recurring_event: match wire.recurrence {
                    Some(recurrence) => RecurringEvent::from_wire(recurrence),
                    None => wire.recurring_event.and_then(|event| serde_json::from_value(event).ok()),
                },
                custom_inputs: wire.custom_inputs,
                extra,
            }
        }
    }

    impl FromWire for DeletedEventType {
        type Wire = types::DeletedEventType;

        fn from_wire(deleted: types::DeletedEventType, extra: RawValueRef) -> Self {
            Self {
                id: deleted.id.map(EventTypeId),
                slug: deleted.slug,
                title: deleted.title,
                length: deleted.length_in_minutes,
                extra,
            }
        }
    }

    /// Whether the policy applies: `disabled` decides; if it is missing, the policy applies if it has a type.
    fn is_on(policy: &types::EventTypeConfirmationParts) -> bool {
        policy.disabled.map_or(policy.type_.is_some(), |disabled| !disabled)
    }
}
