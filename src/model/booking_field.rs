//! The questions of a booking form.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

use super::documented::{documented, reads_wire};
use crate::redact::debug_shows;

documented! {
    /// A question of the booking form of an event type, as the service has it today; the documented interface has none.
    ///
    /// A part that cannot be read is as if it was missing; [`extra`](Self::extra) has it.
    #[serde(rename_all = "camelCase")]
    pub struct BookingField {
        /// The key of the answer in a booking.
        pub slug: String,
        /// What kind of answer it takes: `name`, `email`, `phone`, `address`, `text`, `number`, `textarea`, `select`,
        /// `multiselect`, `multiemail`, `checkbox`, `radio`, `radioInput`, `boolean` or `url`. The hosted service tells it of
        /// [custom](Self::field) questions only.
        #[serde(rename = "type", default, deserialize_with = "readable", skip_serializing_if = "Option::is_none")]
        pub kind: Option<String>,
        /// What the question stands for, on the hosted service: `name` or `email` for instance, `custom` for one of the
        /// owner's, `unknown` for one that the version does not know.
        #[serde(default, deserialize_with = "readable", skip_serializing_if = "Option::is_none")]
        pub field: Option<String>,
        /// Whether it is one that every event type has, not one of the owner's; servers of one's own tell it.
        #[serde(default, deserialize_with = "readable", skip_serializing_if = "Option::is_none")]
        pub is_default: Option<bool>,
        /// The question, if the owner has worded it.
        #[serde(default, deserialize_with = "readable")]
        pub label: Option<String>,
        /// What stands in the empty field.
        #[serde(default, deserialize_with = "readable")]
        pub placeholder: Option<String>,
        /// Whether it has to be answered; `false` if the answer does not say.
        #[serde(default, deserialize_with = "readable")]
        pub required: bool,
        /// Whether the form does not show it; `false` if the answer does not say.
        #[serde(default, deserialize_with = "readable")]
        pub hidden: bool,
        /// Whether it cannot be changed if the link fills it in; `false` if the answer does not say.
        #[serde(default, deserialize_with = "readable")]
        pub disable_on_prefill: bool,
        /// The answers to choose from; empty for kinds without a choice.
        #[serde(default, deserialize_with = "readable")]
        pub options: Vec<String>,
    }
    wire_names: [],
    nested: [],
}

reads_wire!("event-types", BookingField => crate::generated::types::EventTypeBookingField);
debug_shows!(BookingField { kind, field, is_default, required, hidden });

/// The value, or the default if it is of another kind.
fn readable<'de, T: DeserializeOwned + Default, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let json = Value::deserialize(deserializer)?;
    Ok(T::deserialize(json).unwrap_or_default())
}
