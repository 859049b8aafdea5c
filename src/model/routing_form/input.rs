//! The request to submit a routing form.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{model::TimeZoneName, redact::debug_shows};

/// The answers to a routing form, and the days whose slots are read for the event type that they lead to.
///
/// ```
/// use calcom::model::SubmitRoutingForm;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let answers = SubmitRoutingForm::new("2026-12-16T00:00:00Z".parse()?, "2026-12-18T00:00:00Z".parse()?)
///     .answer("name", "John Doe")
///     .answer("department", "Sales")
///     .time_zone("Europe/Berlin");
/// // client.organization(1).routing_forms().submit("11111111-1111-4111", &answers).await?;
/// # assert_eq!(answers.answers["name"], "John Doe");
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct SubmitRoutingForm {
    /// The start of the slots that are read.
    pub start: Timestamp,
    /// The end of the slots that are read.
    pub end: Timestamp,
    /// The answers by the identifiers of the fields. A select field takes the label or the id of an option.
    #[serde(default, deserialize_with = "crate::model::null_as_none")]
    pub answers: Map<String, Value>,
    /// The time zone of the slots, an IANA name; default UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The length of the appointment in minutes, for event types with several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<u32>,
}

debug_shows!(SubmitRoutingForm { start, end, time_zone, duration });

impl SubmitRoutingForm {
    /// No answers yet, and the slots between these times.
    #[must_use]
    pub fn new(start: Timestamp, end: Timestamp) -> Self {
        Self { start, end, answers: Map::new(), time_zone: None, duration: None }
    }

    /// Adds the answer to the field with this identifier.
    #[must_use]
    pub fn answer(mut self, field: impl Into<String>, answer: impl Into<Value>) -> Self {
        self.answers.insert(field.into(), answer.into());
        self
    }

    /// Sets the time zone of the slots, as an IANA name or a [`TimeZone`](jiff::tz::TimeZone).
    #[must_use]
    pub fn time_zone(mut self, zone: impl Into<TimeZoneName>) -> Self {
        self.time_zone = Some(TimeZoneName::text(zone));
        self
    }

    /// Sets the length of the appointment in minutes.
    #[must_use]
    pub fn duration(mut self, minutes: u32) -> Self {
        self.duration = Some(minutes);
        self
    }
}
