//! Under which name an answer is kept, by which tags it is made stale, and which tags a write makes stale.
//!
//! A name begins with the reference's key (`calcom:event_types:{teamId}`, `calcom:slots:{eventTypeId}:{date}`,
//! `calcom:user`, `calcom:schedules:{id}`); the same keys are tags, so that what the reference forgets by key can be
//! forgotten here.

use std::{fmt::Write, sync::Arc};

use serde::Deserialize;

use crate::{
    operation::Operation,
    state::kept::{EVERYTHING, UNKNOWN},
};

/// What of a request decides where its answer is kept.
pub(crate) struct Asked<'a> {
    pub(crate) operation: &'static Operation,
    pub(crate) version: Option<&'a str>,
    /// The path, without what stands before `/v2`.
    pub(crate) path: &'a str,
    /// The query as it is sent.
    pub(crate) query: &'a str,
}

/// More days than this in one question for slots are not named one by one.
const MOST_DAYS: usize = 31;

impl Asked<'_> {
    /// The name under which the answer is kept: the same for two requests that differ in the order of their query only.
    pub(crate) fn name(&self, tag: &str) -> Arc<str> {
        let mut name = self.reference_key(tag);
        let _ = write!(name, "|{}|{}|{}", self.version.unwrap_or_default(), self.operation.id, self.path);
        if !self.query.is_empty() {
            let mut pairs: Vec<&str> = self.query.split('&').collect();
            pairs.sort_unstable();
            for (n, pair) in pairs.into_iter().enumerate() {
                name.push(if n == 0 { '?' } else { '&' });
                name.push_str(pair);
            }
        }
        name.into()
    }

    /// The tags by which the answer is made stale.
    pub(crate) fn tags(&self, tag: &str) -> Vec<String> {
        let word = word(tag);
        let mut tags = vec![EVERYTHING.to_owned(), word.to_owned()];
        if word != "slots" {
            tags.extend(self.subject().map(|subject| format!("{word}:{subject}")));
            return tags;
        }
        // Slots that were asked for by a slug may be anybody's: they go stale with those of every event type.
        let event_type = self.value("eventTypeId").unwrap_or(UNKNOWN);
        tags.push(format!("slots:{event_type}"));
        let day = |name| self.value(name).and_then(|time| time.get(..10)).and_then(|day| day.parse().ok());
        let first: Option<jiff::civil::Date> = day("start").or_else(|| day("startTime"));
        let last = day("end").or_else(|| day("endTime")).or(first);
        if let (Some(first), Some(last)) = (first, last) {
            let days = first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last).take(MOST_DAYS);
            tags.extend(days.map(|day| format!("slots:{event_type}:{day}")));
        }
        tags
    }

    fn reference_key(&self, tag: &str) -> String {
        let word = word(tag);
        let mut key = String::with_capacity(96);
        let _ = write!(key, "calcom:{word}");
        if word == "slots" {
            let _ = write!(key, ":{}", self.value("eventTypeId").unwrap_or(UNKNOWN));
            if let Some(day) = self.value("start").or_else(|| self.value("startTime")).and_then(|time| time.get(..10)) {
                let _ = write!(key, ":{day}");
            }
        } else if let Some(subject) = self.subject() {
            let _ = write!(key, ":{subject}");
        }
        key
    }

    /// The first id in the path, or the team or user in the query.
    fn subject(&self) -> Option<&str> {
        let in_path = self.operation.values(self.path).map(|(_, value)| value).next();
        in_path.or_else(|| self.value("teamId")).or_else(|| self.value("userId"))
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }
}

/// The reference calls the caller's own profile `user`, the document `me`.
pub(crate) fn word(tag: &str) -> &str {
    if tag == "me" { "user" } else { tag }
}

/// The tag that a key or a tag names, as a caller writes it: with or without `calcom:` before it.
pub(crate) fn as_tag(written: &str) -> String {
    let short = written.strip_prefix("calcom:").unwrap_or(written);
    match short.split_once(':') {
        Some((tag, rest)) => format!("{}:{rest}", word(tag)),
        None => word(short).to_owned(),
    }
}

/// The tags that a write makes stale. What is known of the event type is in the path, in the request or in the answer.
pub(crate) fn stale_tags(operation: &'static Operation, path: &str, request: &[u8], answer: &[u8]) -> Vec<String> {
    let mut tags = Vec::new();
    for tag in operation.invalidates {
        if *tag != "slots" {
            tags.push(word(tag).to_owned());
            continue;
        }
        let mut ids: Vec<i64> = operation
            .values(path)
            .filter(|(name, _)| *name == "eventTypeId")
            .filter_map(|(_, value)| value.parse().ok())
            .collect();
        if !operation.invalidates.contains(&"schedules") {
            ids.extend(event_types(request));
            ids.extend(event_types(answer));
        }
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            tags.push("slots".to_owned());
        } else {
            tags.extend(ids.iter().map(|id| format!("slots:{id}")));
            tags.push(format!("slots:{UNKNOWN}"));
        }
    }
    tags
}

/// The event types that a booking's request or answer names.
fn event_types(body: &[u8]) -> Vec<i64> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        // First, because a struct would be read from a list too.
        Many(Vec<Named>),
        One(Named),
    }

    #[derive(Deserialize, Default)]
    #[serde(rename_all = "camelCase", default)]
    struct Named {
        event_type_id: Option<i64>,
        event_type: Option<Id>,
    }

    #[derive(Deserialize)]
    struct Id {
        id: Option<i64>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Body {
        event_type_id: Option<i64>,
        data: Option<OneOrMany>,
    }

    let Ok(body) = serde_json::from_slice::<Body>(body) else { return Vec::new() };
    let named = match body.data {
        Some(OneOrMany::One(one)) => vec![one],
        Some(OneOrMany::Many(many)) => many,
        None => Vec::new(),
    };
    let within = named.iter().filter_map(|named| named.event_type_id.or_else(|| named.event_type.as_ref()?.id));
    body.event_type_id.into_iter().chain(within).collect()
}

/// Whether an answer holds nothing: `data` is empty, or has nothing but empty lists.
pub(crate) fn is_empty(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Body {
        data: Option<Data>,
        slots: Option<Data>,
    }

    struct Data(bool);

    impl<'de> Deserialize<'de> for Data {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Empty;
            impl<'de> serde::de::Visitor<'de> for Empty {
                type Value = Data;

                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("anything")
                }

                fn visit_unit<E>(self) -> Result<Data, E> {
                    Ok(Data(true))
                }

                fn visit_bool<E>(self, _: bool) -> Result<Data, E> {
                    Ok(Data(false))
                }

                fn visit_i64<E>(self, _: i64) -> Result<Data, E> {
                    Ok(Data(false))
                }

                fn visit_u64<E>(self, _: u64) -> Result<Data, E> {
                    Ok(Data(false))
                }

                fn visit_f64<E>(self, _: f64) -> Result<Data, E> {
                    Ok(Data(false))
                }

                fn visit_str<E>(self, _: &str) -> Result<Data, E> {
                    Ok(Data(false))
                }

                fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<Data, A::Error> {
                    let mut empty = true;
                    while items.next_element::<serde::de::IgnoredAny>()?.is_some() {
                        empty = false;
                    }
                    Ok(Data(empty))
                }

                fn visit_map<A: serde::de::MapAccess<'de>>(self, mut fields: A) -> Result<Data, A::Error> {
                    let mut empty = true;
                    while let Some((serde::de::IgnoredAny, Data(nothing))) = fields.next_entry()? {
                        empty &= nothing;
                    }
                    Ok(Data(empty))
                }
            }
            deserializer.deserialize_any(Empty)
        }
    }

    serde_json::from_slice::<Body>(body).is_ok_and(|body| match (body.data, body.slots) {
        (None, None) => false,
        (data, slots) => data.is_none_or(|data| data.0) && slots.is_none_or(|slots| slots.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked<'a>(id: &str, path: &'a str, query: &'a str) -> Asked<'a> {
        let operation = Operation::find(id).unwrap();
        Asked { operation, version: operation.version, path, query }
    }

    #[test]
    fn names_begin_with_the_keys_of_the_reference() {
        for (id, path, query, key) in [
            ("list_team_event_types", "/v2/teams/123/event-types", "", "calcom:event_types:123"),
            ("get_event_type", "/v2/event-types/7", "", "calcom:event_types:7"),
            (
                "list_slots",
                "/v2/slots",
                "end=2025-01-16&eventTypeId=2026361&start=2025-01-15T00%3A00%3A00Z",
                "calcom:slots:2026361:2025-01-15",
            ),
            ("get_me", "/v2/me", "", "calcom:user"),
            ("get_schedule", "/v2/schedules/789", "", "calcom:schedules:789"),
        ] {
            let asked = asked(id, path, query);
            let tag = asked.operation.cache.unwrap().tag;
            assert!(asked.name(tag).starts_with(&format!("{key}|")), "{} for {key}", asked.name(tag));
            assert!(key == "calcom:user" || asked.tags(tag).contains(&as_tag(key)), "{:?}", asked.tags(tag));
        }
    }

    #[test]
    fn the_order_of_the_query_does_not_matter_and_everything_else_does() {
        let name = |query| asked("list_slots", "/v2/slots", query).name("slots");
        assert_eq!(name("eventTypeId=1&start=2025-01-15"), name("start=2025-01-15&eventTypeId=1"));
        assert_ne!(name("eventTypeId=1&start=2025-01-15"), name("eventTypeId=1&start=2025-01-16"));
        let mut old = asked("list_slots", "/v2/slots", "");
        old.version = Some("2024-08-13");
        assert_ne!(old.name("slots"), asked("list_slots", "/v2/slots", "").name("slots"));
    }

    #[test]
    fn a_booking_makes_stale_the_slots_of_its_event_type_and_those_asked_for_by_slug() {
        let create = Operation::find("create_booking").unwrap();
        let request = br#"{"start":"2025-01-15T10:00:00Z","eventTypeId":5,"attendee":{"name":"x"}}"#;
        assert_eq!(stale_tags(create, "/v2/bookings", request, b"{}"), ["slots:5", "slots:?"]);
        let cancel = Operation::find("cancel_booking").unwrap();
        let answer = br#"{"status":"success","data":[{"uid":"a","eventType":{"id":6,"slug":"s"}},{"eventTypeId":7}]}"#;
        assert_eq!(stale_tags(cancel, "/v2/bookings/a/cancel", b"", answer), ["slots:6", "slots:7", "slots:?"]);
        assert_eq!(stale_tags(cancel, "/v2/bookings/a/cancel", b"", b"<html>"), ["slots"]);
    }

    #[test]
    fn an_answer_is_empty_when_there_is_nothing_in_it() {
        for empty in [
            r#"{"data":{},"status":"success"}"#,
            r#"{"data":[]}"#,
            r#"{"data":{"2026-12-01":[]}}"#,
            r#"{"data":{"slots":{}}}"#,
            r#"{"data":{"slots":{"2026-12-01":[]}}}"#,
        ] {
            assert!(is_empty(empty.as_bytes()), "{empty}");
        }
        for full in [
            r#"{"data":{"2026-12-01":[{"start":"2026-12-01T08:00:00.000Z"}]},"status":"success"}"#,
            r#"{"data":[1]}"#,
            r#"{"status":"success"}"#,
            r#"{"data":{"slots":{"2026-12-01":[{"time":"x"}]}}}"#,
            "<html>",
        ] {
            assert!(!is_empty(full.as_bytes()), "{full}");
        }
    }
}
