//! Questions of booking forms.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

use super::documented::{documented, reads_wire};
use crate::redact::debug_shows;

documented! {
    /// A question of the booking form of an event type. The documented form does not have it: the fields are those of the
    /// [wire form](crate::model#the-two-forms-of-json).
    ///
    /// A field that cannot be read has its default; [`extra`](Self::extra) returns what was sent.
    ///
    /// ```no_run
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// let event_type = client.event_types().get(2026361).await?;
    /// for question in event_type.booking_fields().iter().filter(|question| question.required) {
    ///     println!("{}: {:?}", question.slug, question.label);
    /// }
    /// # Ok(()) }
    /// ```
    #[serde(rename_all = "camelCase")]
    pub struct BookingField {
        /// The key of the answer among the answers of a booking.
        pub slug: String,
        /// The kind of answer: `name`, `email`, `phone`, `address`, `text`, `number`, `textarea`, `select`,
        /// `multiselect`, `multiemail`, `checkbox`, `radio`, `radioInput`, `boolean` or `url`. The hosted service sends it for
        /// [custom](Self::field) questions only.
        #[serde(rename = "type", default, deserialize_with = "readable", skip_serializing_if = "Option::is_none")]
        pub kind: Option<String>,
        /// The meaning of the question, on the hosted service: `name` or `email` for instance, `custom` for a question of the
        /// owner, `unknown` for one that the version does not know.
        #[serde(default, deserialize_with = "readable", skip_serializing_if = "Option::is_none")]
        pub field: Option<String>,
        /// Whether every event type has the question, `false` for one of the owner. Self-hosted servers send it.
        #[serde(default, deserialize_with = "readable", skip_serializing_if = "Option::is_none")]
        pub is_default: Option<bool>,
        /// The text of the question, if the owner has set one.
        #[serde(default, deserialize_with = "readable")]
        pub label: Option<String>,
        /// The placeholder of the empty field.
        #[serde(default, deserialize_with = "readable")]
        pub placeholder: Option<String>,
        /// Whether an answer is required; `false` if the response does not say.
        #[serde(default, deserialize_with = "readable")]
        pub required: bool,
        /// Whether the form hides the question; `false` if the response does not say.
        #[serde(default, deserialize_with = "readable")]
        pub hidden: bool,
        /// Whether the attendee cannot change an answer that the link fills in; `false` if the response does not say.
        #[serde(default, deserialize_with = "readable")]
        pub disable_on_prefill: bool,
        /// The options to choose from; empty for kinds without a choice.
        #[serde(default, deserialize_with = "readable")]
        pub options: Vec<String>,
    }
    wire_names: [],
    nested: [],
}

reads_wire!("event-types", BookingField => crate::generated::types::EventTypeBookingField);
debug_shows!(BookingField { kind, field, is_default, required, hidden });

/// Reads the value; the default if it is of another kind.
fn readable<'de, T: DeserializeOwned + Default, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let json = Value::deserialize(deserializer)?;
    Ok(T::deserialize(json).unwrap_or_default())
}
