//! Under which name an answer is kept, by which tags it is made stale, and which tags a write makes stale.
//!
//! A name begins with the reference's key (`calcom:event_types:{teamId}`, `calcom:slots:{eventTypeId}:{date}`,
//! `calcom:user`, `calcom:schedules:{id}`); the same keys are tags, so that what the reference forgets by key can be
//! forgotten here.

use std::sync::Arc;

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

/// The tags that a write makes stale; of a tag that is split the part that the path names. What names no part in its path,
/// such as a booking, makes the whole tag stale: a host who is busy is busy in all event types.
pub(crate) fn stale_tags(request: &ApiRequest) -> Vec<String> {
    let mut tags = Vec::new();
    for tag in request.operation.invalidates {
        let by = Operation::splits(tag);
        let part = by.and_then(|by| request.operation.values(&request.path).find(|(name, _)| *name == by));
        match part {
            Some((_, part)) => tags.extend([format!("{tag}:{part}"), format!("{tag}:{UNKNOWN}")]),
            None => tags.push((*tag).to_owned()),
        }
    }
    tags
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
    fn a_booking_makes_all_slots_stale_and_an_event_type_its_own_and_those_asked_for_by_slug() {
        let stale = |id, path: &str| stale_tags(&ApiRequest::new(Operation::find(id).unwrap(), path.to_owned()));
        assert_eq!(stale("create_booking", "/v2/bookings"), ["slots"]);
        assert_eq!(stale("cancel_booking", "/v2/bookings/a/cancel"), ["slots"]);
        assert_eq!(stale("reserve_slot", "/v2/slots/reservations"), ["slots"]);
        assert_eq!(stale("update_event_type", "/v2/event-types/5"), ["event_types", "slots:5", "slots:?"]);
        assert_eq!(stale("get_me", "/v2/me"), [""; 0]);
    }
}
