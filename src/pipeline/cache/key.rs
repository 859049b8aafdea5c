//! Under which name an answer is kept, by which tags it is made stale, and which tags a write makes stale.
//!
//! A name begins with the reference's key (`calcom:event_types:{teamId}`, `calcom:slots:{eventTypeId}:{date}`,
//! `calcom:user`, `calcom:schedules:{id}`); the same keys are tags, so that what the reference forgets by key can be
//! forgotten here.

use std::sync::Arc;

use super::body::named;
use crate::{
    operation::{CachePolicy, Operation},
    pipeline::request::ApiRequest,
    state::kept::{EVERYTHING, UNKNOWN},
};

/// What of a request decides where its answer is kept.
pub(in crate::pipeline) struct CacheRequest<'a> {
    pub(in crate::pipeline) operation: &'static Operation,
    pub(in crate::pipeline) version: Option<&'a str>,
    /// The path from `/v2` on.
    pub(in crate::pipeline) path: &'a str,
    /// The query as it is sent.
    pub(in crate::pipeline) query: &'a str,
}

/// More days than this in one question are not named one by one.
const MOST_DAYS: usize = 31;

impl CacheRequest<'_> {
    /// The name under which the answer is kept: the same for two requests that differ in the order of their query only.
    pub(crate) fn key(&self, policy: CachePolicy) -> Arc<str> {
        let mut name = String::with_capacity(160);
        name.push_str(EVERYTHING);
        let day = policy.days.and_then(|(first, _)| self.value(first)?.get(..10));
        for part in [Some(policy.tag), self.part(policy), day].into_iter().flatten() {
            name.push(':');
            name.push_str(part);
        }
        for part in [self.version.unwrap_or_default(), self.operation.id, self.path] {
            name.push('|');
            name.push_str(part);
        }
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
    pub(crate) fn tags(&self, policy: CachePolicy) -> Vec<String> {
        let tag = policy.tag;
        let mut tags = vec![EVERYTHING.to_owned(), tag.to_owned()];
        let Some(part) = self.part(policy) else { return tags };
        tags.push(format!("{tag}:{part}"));
        let Some((first, last)) = policy.days else { return tags };
        let day = |name| self.value(name).and_then(|time| time.get(..10)?.parse::<jiff::civil::Date>().ok());
        if let Some(first) = day(first) {
            let last = day(last).unwrap_or(first);
            let days = first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last).take(MOST_DAYS);
            tags.extend(days.map(|day| format!("{tag}:{part}:{day}")));
        }
        tags
    }

    /// What the answer is part of: the value of the parameter that splits the tag, or the first id in the path.
    ///
    /// Where the splitting parameter is not said the answer may belong to any part, and goes stale with each of them.
    fn part(&self, policy: CachePolicy) -> Option<&str> {
        match policy.by {
            Some(by) => Some(self.value(by).unwrap_or(UNKNOWN)),
            None if self.operation.path.contains('{') => {
                self.operation.values(self.path).map(|(_, value)| value).next()
            }
            None => None,
        }
    }

    fn value(&self, name: &str) -> Option<&str> {
        let in_path = self.operation.values(self.path).find(|(known, _)| *known == name).map(|(_, value)| value);
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        in_path.or_else(|| pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value))
    }
}

/// The tag that a key or a tag names, as a caller writes it: with or without `calcom:` before it.
pub(crate) fn parse_tag(text: &str) -> String {
    text.strip_prefix(EVERYTHING).and_then(|rest| rest.strip_prefix(':')).unwrap_or(text).to_owned()
}

/// The tags that a write makes stale; of a tag that is split the part that the path, the request or the answer names.
pub(crate) fn stale_tags(request: &ApiRequest, answer: &[u8]) -> Vec<String> {
    let mut tags = Vec::new();
    for tag in request.operation.invalidates {
        let parts = Operation::splits(tag).map_or_else(Vec::new, |by| stale_parts(by, request, answer));
        if parts.is_empty() {
            tags.push((*tag).to_owned());
        } else {
            tags.extend(parts.iter().map(|part| format!("{tag}:{part}")));
            tags.push(format!("{tag}:{UNKNOWN}"));
        }
    }
    tags
}

fn stale_parts(by: &str, request: &ApiRequest, answer: &[u8]) -> Vec<i64> {
    if let Some(part) = request.cache_partition {
        return vec![part];
    }
    let in_path = request.operation.values(&request.path).filter(|(name, _)| *name == by);
    let in_path: Vec<i64> = in_path.filter_map(|(_, value)| value.parse().ok()).collect();
    if !in_path.is_empty() {
        return in_path;
    }
    let in_request = named(by, request.body.as_deref().unwrap_or_default());
    if in_request.is_empty() { named(by, answer) } else { in_request }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked<'a>(id: &str, path: &'a str, query: &'a str) -> CacheRequest<'a> {
        let operation = Operation::find(id).unwrap();
        CacheRequest { operation, version: operation.version, path, query }
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
            let policy = asked.operation.cache.unwrap();
            assert!(asked.key(policy).starts_with(&format!("{key}|")), "{} for {key}", asked.key(policy));
            assert!(asked.tags(policy).contains(&parse_tag(key)), "{:?}", asked.tags(policy));
        }
    }

    #[test]
    fn the_order_of_the_query_does_not_matter_and_everything_else_does() {
        let policy = Operation::find("list_slots").unwrap().cache.unwrap();
        let name = |query| asked("list_slots", "/v2/slots", query).key(policy);
        assert_eq!(name("eventTypeId=1&start=2025-01-15"), name("start=2025-01-15&eventTypeId=1"));
        assert_ne!(name("eventTypeId=1&start=2025-01-15"), name("eventTypeId=1&start=2025-01-16"));
        let mut old = asked("list_slots", "/v2/slots", "");
        old.version = Some("2024-08-13");
        assert_ne!(old.key(policy), asked("list_slots", "/v2/slots", "").key(policy));
    }

    #[test]
    fn a_booking_makes_stale_the_slots_of_its_event_type_and_those_asked_for_by_slug() {
        let request = |id, path: &str, body: &'static str| ApiRequest {
            operation: Operation::find(id).unwrap(),
            path: path.to_owned(),
            query: String::new(),
            body: Some(body.into()),
            cache_partition: None,
        };
        let body = r#"{"start":"2025-01-15T10:00:00Z","eventTypeId":5,"attendee":{"name":"x"}}"#;
        let create = request("create_booking", "/v2/bookings", body);
        assert_eq!(stale_tags(&create, b"{}"), ["slots:5", "slots:?"]);
        assert_eq!(stale_tags(&ApiRequest { cache_partition: Some(9), ..create }, b"{}"), ["slots:9", "slots:?"]);
        let cancel = request("cancel_booking", "/v2/bookings/a/cancel", "");
        let answer = br#"{"status":"success","data":[{"uid":"a","eventType":{"id":6,"slug":"s"}},{"eventTypeId":7}]}"#;
        assert_eq!(stale_tags(&cancel, answer), ["slots:6", "slots:7", "slots:?"]);
        assert_eq!(stale_tags(&cancel, b"<html>"), ["slots"]);
    }
}
