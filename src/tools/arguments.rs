//! The arguments of the tools. Their comments are the descriptions that a model reads.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::reply::ToolReply;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub(super) struct FindSlots {
    /// The number of the event type.
    pub(super) event_type_id: i64,
    /// The first day, as YYYY-MM-DD in the time zone.
    pub(super) from: String,
    /// The last day, as YYYY-MM-DD; at most 31 days after the first.
    pub(super) to: String,
    /// The IANA time zone of the person, such as Europe/Berlin.
    pub(super) time_zone: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub(super) struct BookAppointment {
    /// The number of the event type.
    pub(super) event_type_id: i64,
    /// The start, exactly as find_slots returned it, such as 2030-01-15T10:00:00+01:00.
    pub(super) start: String,
    /// The full name of the person. Ask for it; never make one up.
    pub(super) name: String,
    /// The e-mail address of the person. Ask for it; never make one up.
    pub(super) email: String,
    /// The IANA time zone of the person, such as Europe/Berlin.
    pub(super) time_zone: String,
    /// The telephone number with its country code, if the person gave one.
    pub(super) phone: Option<String>,
    /// What the person wants the host to know.
    pub(super) notes: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub(super) struct MoveAppointment {
    /// The uid of the appointment.
    pub(super) uid: String,
    /// The new start, exactly as find_slots returned it.
    pub(super) start: String,
    /// The reason, if the person gave one.
    pub(super) reason: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub(super) struct CancelAppointment {
    /// The uid of the appointment.
    pub(super) uid: String,
    /// The reason; some hosts require one.
    pub(super) reason: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub(super) struct LookUpAppointment {
    /// The uid of the appointment. Without it the upcoming appointments of the session's attendee are listed, if it has one.
    pub(super) uid: Option<String>,
    /// The IANA time zone in which times are shown; default: that of the appointment.
    pub(super) time_zone: Option<String>,
}

/// The longest name of an argument that a failure repeats.
const MAX_NAME: usize = 40;

/// The arguments of a call. A failure names the argument, and does not repeat its value.
pub(super) fn parse<T: DeserializeOwned + JsonSchema>(arguments: Value) -> Result<T, ToolReply> {
    // Some models send no object for no arguments.
    let arguments = if arguments.is_null() { Value::Object(serde_json::Map::new()) } else { arguments };
    let unreadable = |what: &str| ToolReply::failed(format!("The arguments cannot be read: {what}. Nothing was done."));
    // A list would be read as the arguments in their order.
    let Value::Object(given) = &arguments else { return Err(unreadable("they must be an object")) };
    let given: Vec<String> = given.keys().cloned().collect();
    serde_path_to_error::deserialize(arguments).map_err(|error| {
        let (path, said) = (error.path().to_string(), error.inner().to_string());
        if said.starts_with("missing field ") {
            return unreadable(&format!("missing {}", missing::<T>(&given)));
        }
        let what = problem(&said);
        // The text about an unknown argument names it.
        let is_named = said.starts_with("unknown field ") || !is_name(&path);
        unreadable(&if is_named { what } else { format!("{path}: {what}") })
    })
}

/// The required arguments that are not given, all of them: a model asks the person once.
fn missing<T: JsonSchema>(given: &[String]) -> String {
    let schema = schemars::schema_for!(T);
    let required = schema.get("required").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let missing = required.iter().filter_map(Value::as_str).filter(|name| given.iter().all(|it| it != name));
    missing.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_NAME && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// What serde says of an argument, without the value.
fn problem(text: &str) -> String {
    let Some((said, expected)) = text.rsplit_once(", expected ") else { return text.to_owned() };
    if let Some(name) = said.strip_prefix("unknown field ") {
        let is_short = is_name(name.trim_matches('`'));
        return format!("{}, expected {expected}", if is_short { said } else { "there is no such argument" });
    }
    let expected = match expected {
        "i64" => "a whole number",
        "a string" => "a text",
        other => other,
    };
    format!("must be {expected}")
}

/// An optional argument, which some models send empty.
pub(super) fn given(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

pub(super) fn date(field: &str, text: &str) -> Result<Date, ToolReply> {
    text.trim().parse().map_err(|_| ToolReply::failed(format!("{field}: must be a day such as 2030-01-15.")))
}

pub(super) fn instant(field: &str, text: &str) -> Result<Timestamp, ToolReply> {
    let failed = |what: &str| ToolReply::failed(format!("{field}: must be {what}. Nothing was done."));
    let at: Timestamp =
        text.trim().parse().map_err(|_| failed("a time with its offset, such as 2030-01-15T10:00:00+01:00"))?;
    // A leap second, for example, would be booked as the second before.
    if at.as_second() % 60 != 0 || at.subsec_nanosecond() != 0 {
        return Err(failed("a whole minute, exactly as find_slots returned it"));
    }
    Ok(at)
}

pub(super) fn zone(text: &str) -> Result<TimeZone, ToolReply> {
    TimeZone::get(text.trim())
        .map_err(|_| ToolReply::failed("timeZone: must be an IANA name such as Europe/Berlin. Nothing was done."))
}
