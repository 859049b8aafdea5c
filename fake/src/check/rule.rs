//! The rules for a property, with the service's key and message of each.

use serde_json::Value;

/// A rule. An absent value violates every rule.
#[derive(Clone, Copy)]
pub(crate) enum ValidationRule {
    String,
    Int,
    Number,
    Boolean,
    Array,
    Object,
    Email,
    Url,
    TimeZone,
    /// ISO 8601, with the message of `isDateString`.
    Date,
    Min(i64),
    Max(i64),
    /// One of these values, with the message of `isIn`.
    In(&'static [&'static str]),
    EachIn(&'static [&'static str]),
    Enum(&'static [&'static str]),
    /// Values of the first list, or of the second, which the message does not name.
    EachEnum(&'static [&'static str], &'static [&'static str]),
    EachString,
    EachInt,
    EachMin(i64),
    ArrayUnique,
    ArrayNotEmpty,
    /// `HH:MM`.
    TimeOfDay,
    /// A custom rule: key, test, and message, in which `$property` is replaced by the name.
    Custom(&'static str, fn(&Value) -> bool, &'static str),
}

impl ValidationRule {
    /// Key and message of the violation. `None` if the value is valid.
    pub(crate) fn violation_message(&self, name: &str, value: Option<&Value>) -> Option<(&'static str, String)> {
        let text = value.and_then(Value::as_str);
        let number = value.and_then(Value::as_f64);
        let list = value.and_then(Value::as_array);
        let is = |kind: &'static str, ok: bool, words: String| (!ok).then_some((kind, words));
        match self {
            Self::String => is("isString", text.is_some(), format!("{name} must be a string")),
            Self::Int => {
                let ok = number.is_some_and(|n| n.fract() == 0.0);
                is("isInt", ok, format!("{name} must be an integer number"))
            }
            Self::Number => is(
                "isNumber",
                number.is_some(),
                format!("{name} must be a number conforming to the specified constraints"),
            ),
            Self::Boolean => {
                let ok = value.is_some_and(Value::is_boolean);
                is("isBoolean", ok, format!("{name} must be a boolean value"))
            }
            Self::Array => is("isArray", list.is_some(), format!("{name} must be an array")),
            Self::Object => {
                let ok = value.is_some_and(Value::is_object);
                is("isObject", ok, format!("{name} must be an object"))
            }
            Self::Email => is("isEmail", text.is_some_and(is_email), format!("{name} must be an email")),
            Self::Url => is("isUrl", text.is_some_and(is_url), format!("{name} must be a URL address")),
            Self::TimeZone => {
                is("isTimeZone", text.is_some_and(is_time_zone), format!("{name} must be a valid IANA time-zone"))
            }
            Self::Date => {
                let ok = text.is_some_and(is_iso_date);
                is("isDateString", ok, format!("{name} must be a valid ISO 8601 date string"))
            }
            Self::Min(least) => {
                let ok = number.is_some_and(|n| n >= *least as f64);
                is("min", ok, format!("{name} must not be less than {least}"))
            }
            Self::Max(most) => {
                let ok = number.is_some_and(|n| n <= *most as f64);
                is("max", ok, format!("{name} must not be greater than {most}"))
            }
            Self::In(known) => {
                is("isIn", value.is_some_and(|v| known.contains(&plain(v).as_str())), one_of(name, known))
            }
            Self::Enum(known) => is("isEnum", text.is_some_and(|t| known.contains(&t)), one_of(name, known)),
            Self::EachIn(known) => is(
                "isIn",
                all(value, |v| known.contains(&plain(v).as_str())),
                format!("each value in {}", one_of(name, known)),
            ),
            Self::EachEnum(known, more) => is(
                "isEnum",
                all(value, |v| known.iter().chain(*more).any(|known| *known == plain(v))),
                format!("each value in {}", one_of(name, known)),
            ),
            Self::EachString => {
                is("isString", all(value, Value::is_string), format!("each value in {name} must be a string"))
            }
            Self::EachInt => {
                let ok = all(value, |v| v.as_f64().is_some_and(|n| n.fract() == 0.0));
                is("isInt", ok, format!("each value in {name} must be an integer number"))
            }
            Self::EachMin(least) => {
                let ok = all(value, |v| v.as_f64().is_some_and(|n| n >= *least as f64));
                is("min", ok, format!("each value in {name} must not be less than {least}"))
            }
            Self::ArrayUnique => {
                let ok = list.is_some_and(|l| l.iter().enumerate().all(|(i, v)| !l[..i].contains(v)));
                is("arrayUnique", ok, format!("All {name}'s elements must be unique"))
            }
            Self::ArrayNotEmpty => {
                is("arrayNotEmpty", list.is_some_and(|l| !l.is_empty()), format!("{name} should not be empty"))
            }
            Self::TimeOfDay => {
                let ok = text.is_some_and(|t| t.len() == 5 && crate::state::schedule::minutes(t).is_some());
                is("matches", ok, format!("{name} must be a valid time format HH:MM"))
            }
            Self::Custom(kind, test, words) => is(kind, value.is_some_and(test), words.replace("$property", name)),
        }
    }
}

/// Whether each value passes. A value that is no list is tested itself, as the service does it.
fn all(value: Option<&Value>, test: impl Fn(&Value) -> bool) -> bool {
    match value {
        Some(Value::Array(list)) => list.iter().all(test),
        Some(other) => test(other),
        None => false,
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn one_of(name: &str, known: &[&str]) -> String {
    format!("{name} must be one of the following values: {}", known.join(", "))
}

pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    !local.is_empty()
        && !text.contains(char::is_whitespace)
        && !local.contains('@')
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty())
        && domain.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
}

pub(crate) fn is_url(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https" | "ftp") && url.has_host())
}

pub(crate) fn is_time_zone(text: &str) -> bool {
    text == "UTC" || (text.contains('/') || text.len() <= 3) && jiff::tz::TimeZone::get(text).is_ok()
}

/// A calendar date, with or without a time, with or without an offset.
pub(crate) fn is_iso_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 8 && bytes[..4].iter().all(u8::is_ascii_digit) && super::super::instant::parse(text).is_some()
}
