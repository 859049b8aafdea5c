//! Cache keys, the tags of responses, and the tags that a write invalidates.
//!
//! A key begins with the documented key (`calcom:event_types:{teamId}`, `calcom:slots:{eventTypeId}:{date}`, `calcom:user`,
//! `calcom:schedules`), and the tags are made of the same parts.

use std::{borrow::Cow, sync::Arc};

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use percent_encoding::percent_decode_str;

use crate::{
    operation::{CachePolicy, Operation},
    pipeline::request::ApiRequest,
    state::cached_response::{ROOT_TAG, UNKNOWN_PARTITION},
};

/// The parts of a request that decide under which key its response is cached.
pub(in crate::pipeline) struct CacheRequest<'a> {
    pub(in crate::pipeline) operation: &'static Operation,
    pub(in crate::pipeline) version: Option<&'a str>,
    /// The path, from `/v2`.
    pub(in crate::pipeline) path: &'a str,
    /// The query, as it is sent.
    pub(in crate::pipeline) query: &'a str,
}

/// The number of days up to which a response has a tag for each day.
const MAX_TAGGED_DAYS: i32 = 31;

/// Stands for the day in the tag of a response that has no tag for each day.
const ANY_DAY: &str = "*";

impl CacheRequest<'_> {
    /// The key of the response. Two requests that differ only in the order of their query have the same key.
    pub(crate) fn key(&self, policy: CachePolicy) -> Arc<str> {
        let mut name = String::with_capacity(160);
        name.push_str(ROOT_TAG);
        let day = policy.day_range.and_then(|(first, _)| self.value(first)?.get(..10));
        for part in [Some(policy.tag), self.partition(policy), day].into_iter().flatten() {
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

    /// The tags of the response.
    pub(crate) fn tags(&self, policy: CachePolicy) -> Vec<String> {
        let tag = policy.tag;
        let mut tags = vec![ROOT_TAG.to_owned(), tag.to_owned()];
        let Some(part) = self.partition(policy) else { return tags };
        tags.push(format!("{tag}:{part}"));
        let Some((first, last)) = policy.day_range else { return tags };
        match self.days(first, last) {
            Some((first, last)) => {
                let days = first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last);
                tags.extend(days.map(|day| format!("{tag}:{part}:{day}")));
            }
            None => tags.push(format!("{tag}:{part}:{ANY_DAY}")),
        }
        tags
    }

    /// The first and the last day of the response, in UTC or in the zone that the request names, whichever is wider. `None`
    /// if they are not known, or if there are too many for a tag each.
    fn days(&self, first: &str, last: &str) -> Option<(Date, Date)> {
        let zone = self.value("timeZone").and_then(|name| TimeZone::get(&decoded(name)).ok()).unwrap_or(TimeZone::UTC);
        let both = |time: &str| {
            let time = self.value(time)?;
            let (in_utc, in_zone) = days_of(&decoded(time), &zone)?;
            Some((in_utc.min(in_zone), in_utc.max(in_zone)))
        };
        let (first, last) = (both(first)?.0, both(last)?.1);
        let days = first.until(last).ok()?.get_days();
        (0..MAX_TAGGED_DAYS).contains(&days).then_some((first, last))
    }

    /// The partition of the response: the value of the parameter that partitions the tag.
    ///
    /// If the request lacks it, the response can belong to any partition, and is invalidated with each of them.
    fn partition(&self, policy: CachePolicy) -> Option<&str> {
        policy.partition_by.map(|by| self.value(by).unwrap_or(UNKNOWN_PARTITION))
    }

    fn value(&self, name: &str) -> Option<&str> {
        let in_path = self.operation.path_params(self.path).find(|(known, _)| *known == name).map(|(_, value)| value);
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        in_path.or_else(|| pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value))
    }
}

fn decoded(value: &str) -> Cow<'_, str> {
    percent_decode_str(value).decode_utf8_lossy()
}

/// The day of a time in a query, in UTC and in `zone`. A date is the same in both.
fn days_of(text: &str, zone: &TimeZone) -> Option<(Date, Date)> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some((TimeZone::UTC.to_datetime(instant).date(), zone.to_datetime(instant).date()));
    }
    let date = text.parse::<DateTime>().map(DateTime::date).or_else(|_| text.parse::<Date>()).ok()?;
    Some((date, date))
}

/// The tags of the responses that a documented key covers: `calcom:event_types:{teamId}`,
/// `calcom:slots:{eventTypeId}:{date}`, `calcom:user:{userId}`, `calcom:schedules:{userId}`, or the beginning of one. The
/// prefix `calcom:` is optional.
///
/// A key covers the responses whose requests name its partition, and those whose requests name none. An empty partition, or
/// `null`, covers only the latter.
pub(crate) fn tags_of_key(key: &str) -> Vec<String> {
    let is_set = |part: &&str| !part.is_empty() && *part != "null";
    let mut segments = key.trim().split(':').peekable();
    segments.next_if_eq(&ROOT_TAG);
    let Some(tag) = segments.next().filter(is_set) else { return vec![ROOT_TAG.to_owned()] };
    let Some(part) = segments.next() else { return vec![tag.to_owned()] };
    let mut parts = vec![UNKNOWN_PARTITION];
    parts.extend(Some(part).filter(is_set));
    // A time is read as its day; a value that is not a day means every day.
    let day = segments.next().and_then(|day| day.get(..10)?.parse::<Date>().ok());
    let days = day.map_or_else(|| vec![String::new()], |day| vec![format!(":{day}"), format!(":{ANY_DAY}")]);
    parts.iter().flat_map(|part| days.iter().map(move |day| format!("{tag}:{part}{day}"))).collect()
}

/// The tags that a write invalidates: of a partitioned tag the partition in the path. A write without one in its path, such
/// as a booking, invalidates the whole tag: a busy host is busy in all event types.
pub(crate) fn stale_tags(request: &ApiRequest) -> Vec<String> {
    let mut tags = Vec::new();
    for tag in request.operation.invalidates {
        let by = Operation::partition_param(tag);
        let part = by.and_then(|by| request.operation.path_params(&request.path).find(|(name, _)| *name == by));
        match part {
            Some((_, part)) => tags.extend([format!("{tag}:{part}"), format!("{tag}:{UNKNOWN_PARTITION}")]),
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

    /// The tags of a response by which a key covers it.
    fn covered(id: &str, path: &str, query: &str, key: &str) -> Vec<String> {
        let asked = asked(id, path, query);
        let tags = asked.tags(asked.operation.cache.unwrap());
        tags_of_key(key).into_iter().filter(|tag| tags.contains(tag)).collect()
    }

    const SLOTS: &str = "end=2025-01-16T00%3A00%3A00Z&eventTypeId=2026361&start=2025-01-15T00%3A00%3A00Z";
    const BY_SLUG: &str = "end=2025-01-16&eventTypeSlug=30min&start=2025-01-15&username=johndoe";
    const LONG: &str = "end=2025-03-16T00%3A00%3A00Z&eventTypeId=2026361&start=2025-01-01T00%3A00%3A00Z";

    #[test]
    fn names_begin_with_the_documented_keys() {
        for (id, path, query, key) in [
            ("list_team_event_types", "/v2/teams/123/event-types", "", "calcom:event_types:123"),
            ("get_event_type", "/v2/event-types/7", "", "calcom:event_types:?"),
            ("list_slots", "/v2/slots", SLOTS, "calcom:slots:2026361:2025-01-15"),
            ("get_me", "/v2/me", "", "calcom:user:?"),
            ("get_schedule", "/v2/schedules/789", "", "calcom:schedules:?"),
        ] {
            let asked = asked(id, path, query);
            let policy = asked.operation.cache.unwrap();
            assert!(asked.key(policy).starts_with(&format!("{key}|")), "{} for {key}", asked.key(policy));
        }
    }

    #[test]
    fn every_documented_key_covers_every_answer_that_it_names() {
        let (slots, old_slots) = ("/v2/slots", "/v2/slots/available");
        let old = "endTime=2025-01-16T00%3A00%3A00Z&eventTypeId=2026361&startTime=2025-01-15T00%3A00%3A00Z";
        let berlin =
            "end=2025-01-15T23%3A30%3A00Z&eventTypeId=1&start=2025-01-15T08%3A00%3A00Z&timeZone=Europe%2FBerlin";
        let new_york =
            "end=2025-01-15T23%3A30%3A00Z&eventTypeId=1&start=2025-01-15T02%3A00%3A00Z&timeZone=America%2FNew_York";
        let reversed = "end=2025-01-14&eventTypeId=1&start=2025-01-15";
        let people = "end=2025-01-16&organizationSlug=o&start=2025-01-15&usernames=a%2Cb";
        for (id, path, query, keys) in [
            ("list_team_event_types", "/v2/teams/123/event-types", "", &["calcom:event_types:123", "event_types"][..]),
            ("list_event_types", "/v2/event-types", "", &["calcom:event_types:", "calcom:event_types:null"]),
            (
                "list_event_types",
                "/v2/event-types",
                "username=johndoe",
                &["calcom:event_types:", "calcom:event_types:1"],
            ),
            ("get_event_type", "/v2/event-types/7", "", &["calcom:event_types:123", "calcom:event_types:7"]),
            ("get_me", "/v2/me", "", &["calcom:user:12345", "calcom:user:", "calcom:user"]),
            ("list_schedules", "/v2/schedules", "", &["calcom:schedules:12345", "calcom:schedules:null"]),
            ("get_default_schedule", "/v2/schedules/default", "", &["calcom:schedules:12345", "calcom:schedules"]),
            ("get_schedule", "/v2/schedules/789", "", &["calcom:schedules:12345", "calcom:schedules:789"]),
            ("list_slots", slots, SLOTS, &["calcom:slots:2026361:2025-01-15", "calcom:slots:2026361:2025-01-16"]),
            ("list_slots", slots, SLOTS, &["calcom:slots:2026361", "calcom:slots:2026361:", "calcom:slots"]),
            ("list_slots", slots, SLOTS, &["slots:2026361:2025-01-15T09:00:00Z", "calcom", "calcom:"]),
            // A value that is not a day means every day.
            ("list_slots", slots, SLOTS, &["calcom:slots:2026361:20250115", "calcom:slots:2026361:today"]),
            ("list_slots", slots, SLOTS, &[" calcom:slots:2026361:2025-01-15\n", "calcom:slots:2026361:2025-01-15:"]),
            ("list_slots", slots, LONG, &["calcom:slots:2026361:2025-01-01", "calcom:slots:2026361:2025-03-16"]),
            ("list_slots", slots, BY_SLUG, &["calcom:slots:2026361:2025-01-15", "calcom:slots::2025-01-15"]),
            ("list_slots", slots, people, &["calcom:slots:2026361:2025-01-16"]),
            ("list_slots", slots, berlin, &["calcom:slots:1:2025-01-15", "calcom:slots:1:2025-01-16"]),
            ("list_slots", slots, new_york, &["calcom:slots:1:2025-01-14", "calcom:slots:1:2025-01-15"]),
            ("list_slots", slots, reversed, &["calcom:slots:1:2025-01-14", "calcom:slots:1:2025-01-15"]),
            ("list_available_slots", old_slots, old, &["calcom:slots:2026361:2025-01-15"]),
        ] {
            for key in keys {
                assert!(!covered(id, path, query, key).is_empty(), "{key} does not forget {path}?{query}");
            }
        }
        for (id, path, query, key) in [
            ("list_team_event_types", "/v2/teams/123/event-types", "", "calcom:event_types:124"),
            ("list_team_event_types", "/v2/teams/123/event-types", "", "calcom:event_types:"),
            ("list_slots", slots, SLOTS, "calcom:slots:2026361:2025-01-17"),
            ("list_slots", slots, SLOTS, "calcom:slots:7:2025-01-15"),
            ("list_slots", slots, BY_SLUG, "calcom:slots:2026361:2025-01-14"),
            ("list_slots", slots, SLOTS, "calcom:slots::2025-01-15"),
            ("get_me", "/v2/me", "", "calcom:schedules:12345"),
        ] {
            assert_eq!(covered(id, path, query, key), Vec::<String>::new(), "{key} forgets {path}?{query}");
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
