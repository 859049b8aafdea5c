//! What can be booked.

use serde_json::Value;

use super::{
    EventTypeId, Location, RecurringEvent, ScheduleId, TeamId, UserId,
    documented::{documented, reads_wire},
};
use crate::redact::debug_shows;

documented! {
    /// A kind of appointment that can be booked, in the [documented form](crate::model#the-documented-interface).
    ///
    /// The service's answer holds more: [`extra`](Self::extra) reads it, and the methods name what is needed most.
    #[serde(rename_all = "camelCase")]
    pub struct EventType {
        /// The number of the event type.
        pub id: EventTypeId,
        /// Its name in links to the booking page: `30min`.
        pub slug: String,
        /// The title.
        pub title: String,
        /// The description.
        pub description: Option<String>,
        /// How long an appointment is, in minutes; the default where there are [several lengths](Self::length_options).
        pub length: i64,
        /// Where it can take place.
        #[serde(default)]
        pub locations: Vec<Location>,
        /// What it costs, as the service counts: in the smallest unit of the currency. Whole numbers are written as such.
        #[serde(default, with = "price")]
        #[cfg_attr(feature = "schemars", schemars(with = "f64"))]
        pub price: f64,
        /// The currency's three letters; the service writes them in lower case: `usd`.
        #[serde(default)]
        pub currency: String,
        /// Whether a booking waits until the host confirms it, always or when it comes at short notice.
        #[serde(default)]
        pub requires_confirmation: bool,
        /// How it repeats; `None` where it takes place once.
        pub recurring_event: Option<RecurringEvent>,
        /// Questions of the booking form in their old form. The service has replaced them by
        /// [`booking_fields`](Self::booking_fields), and sends none in its answers today.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub custom_inputs: Option<Vec<Value>>,
    }
    wire_names: ["lengthInMinutes", "recurrence"],
    nested: [],
    read_wire: ("event-types", crate::model::wire::read_wire::<Self>),
}

documented! {
    /// What an event type was that is deleted.
    #[serde(rename_all = "camelCase")]
    pub struct DeletedEventType {
        /// The number that it had.
        pub id: Option<EventTypeId>,
        /// Its name in links to the booking page.
        pub slug: Option<String>,
        /// The title.
        pub title: Option<String>,
        /// How long an appointment was, in minutes.
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
    /// Whether it is hidden from the public profile; who knows the link can still book it.
    #[must_use]
    pub fn hidden(&self) -> bool {
        self.extra("hidden").and_then(Value::as_bool).unwrap_or(false)
    }

    /// The lengths in minutes that a booker can choose from; empty where there is only one.
    #[must_use]
    pub fn length_options(&self) -> Vec<i64> {
        let options = self.extra("lengthInMinutesOptions").or_else(|| self.extra("metadata")?.get("multipleDuration"));
        options.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_i64).collect()
    }

    /// How many attendees share a slot; `None` where a slot is for one.
    #[must_use]
    pub fn seats_per_time_slot(&self) -> Option<i64> {
        let seats = self.extra("seats").filter(|seats| seats["disabled"] != true);
        seats.and_then(|seats| seats.get("seatsPerTimeSlot")).or_else(|| self.extra("seatsPerTimeSlot"))?.as_i64()
    }

    /// Whose it is; a team's may have none.
    #[must_use]
    pub fn owner_id(&self) -> Option<UserId> {
        self.extra("ownerId").or_else(|| self.extra("userId"))?.as_i64().map(UserId)
    }

    /// The team that owns it.
    #[must_use]
    pub fn team_id(&self) -> Option<TeamId> {
        self.extra("teamId")?.as_i64().map(TeamId)
    }

    /// The schedule whose hours it has; `None` where it has those of its owner's default schedule.
    #[must_use]
    pub fn schedule_id(&self) -> Option<ScheduleId> {
        self.extra("scheduleId").or_else(|| self.extra("schedule"))?.as_i64().map(ScheduleId)
    }

    /// The page where it is booked.
    #[must_use]
    pub fn booking_url(&self) -> Option<&str> {
        self.extra("bookingUrl")?.as_str()
    }

    /// Whether this user owns it or hosts its appointments; `false` if the answer does not say.
    #[must_use]
    pub fn is_of(&self, user: impl Into<UserId>) -> bool {
        self.names_user(user.into()) == Some(true)
    }

    /// Whether this user is among those whom the answer names as owner or hosts; `None` if it names nobody, or if one of
    /// the others has no number and may be this user.
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

/// A price comes back as it was: `0` and not `0.0`; what is no number of JSON is a text, `"NaN"` or `"inf"`.
mod price {
    use serde::{Deserialize, Deserializer, Serializer, de};

    #[allow(clippy::trivially_copy_pass_by_ref, clippy::cast_possible_truncation)]
    pub(super) fn serialize<S: Serializer>(price: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        /// The numbers between these are whole in both types.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if !price.is_finite() {
            serializer.collect_str(price)
        } else if price.fract() == 0.0 && price.abs() <= EXACT && !(*price == 0.0 && price.is_sign_negative()) {
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
        model::{BookingField, Extra, FromWire, documented::Documented},
    };

    impl EventType {
        /// The questions of the booking form, those without a slug left out; empty in an answer of the service's old form.
        #[must_use]
        pub fn booking_fields(&self) -> Vec<BookingField> {
            let fields = self.extra("bookingFields").and_then(Value::as_array);
            fields.into_iter().flatten().filter_map(|field| BookingField::read_alone(field.clone()).ok()).collect()
        }
    }

    impl FromWire for EventType {
        type Wire = types::EventType;

        #[allow(clippy::cast_precision_loss)]
        fn from_wire(today: types::EventType, extra: Extra) -> Self {
            Self {
                id: EventTypeId(today.id),
                slug: today.slug,
                title: today.title,
                description: today.description.filter(|text| !text.is_empty()),
                length: today.length_in_minutes,
                locations: today.locations.into_iter().map(Location::from).collect(),
                price: today.price.unwrap_or_default() as f64,
                currency: today.currency.unwrap_or_default(),
                requires_confirmation: match today.confirmation_policy {
                    Some(policy) => is_on(&policy),
                    None => today.requires_confirmation.unwrap_or_default(),
                },
                recurring_event: match today.recurrence {
                    Some(recurrence) => RecurringEvent::from_wire(recurrence),
                    None => today.recurring_event.and_then(|event| serde_json::from_value(event).ok()),
                },
                custom_inputs: today.custom_inputs,
                extra,
            }
        }
    }

    impl FromWire for DeletedEventType {
        type Wire = types::DeletedEventType;

        fn from_wire(gone: types::DeletedEventType, extra: Extra) -> Self {
            Self {
                id: gone.id.map(EventTypeId),
                slug: gone.slug,
                title: gone.title,
                length: gone.length_in_minutes,
                extra,
            }
        }
    }

    /// A policy that is off says so; one that is on says when it holds.
    fn is_on(policy: &types::EventTypeConfirmation) -> bool {
        policy.disabled.map_or(policy.type_.is_some(), |disabled| !disabled)
    }
}
