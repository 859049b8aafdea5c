//! The rules of event types: how their bookings behave if they are sent twice, and what can be checked before a booking
//! is sent. The client's cache decides how long they are fresh.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use jiff::civil::Date;

use super::BookingScope;
use crate::{Client, Result, model::EventTypeId, raw::types, sync::lock};

/// How a booking of an event type behaves if it is sent twice (`once-repeat`, `once-concurrent`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum BookingKind {
    /// Accepted at once. The service refuses a second one for the time in every case.
    Plain,
    /// Needs confirmation. Two overlapping requests both book.
    Pending,
    /// The service picks one of several hosts. Two requests both book, with two hosts, however late the second one is sent.
    RoundRobin,
    /// Has seats. Two overlapping requests take two seats.
    Seated,
    /// A series that is accepted at once, made row by row. If a later row meets a conflict, the earlier ones remain.
    Series,
    /// A series that needs confirmation. Two overlapping requests leave more rows than were asked for.
    PendingSeries,
    /// A series of which the service picks the host. Two requests both book.
    RoundRobinSeries,
    /// An event type that cannot be read: it may be of any kind.
    Unknown,
}

impl BookingKind {
    /// Whether two overlapping requests can both book.
    pub(crate) fn can_duplicate(self) -> bool {
        !matches!(self, Self::Plain | Self::Series)
    }

    pub(crate) fn is_series(self) -> bool {
        matches!(self, Self::Series | Self::PendingSeries | Self::RoundRobinSeries)
    }

    /// Whether a second request can book beside the first one when that one is done: nothing but a list shows the first.
    pub(crate) fn books_again(self) -> bool {
        matches!(self, Self::RoundRobin | Self::RoundRobinSeries | Self::Unknown)
    }

    /// Whether it is made as one row.
    pub(crate) fn is_one_row(self) -> bool {
        matches!(self, Self::Plain | Self::Pending | Self::RoundRobin | Self::Seated)
    }
}

/// The rules of an event type.
#[derive(Debug, Clone)]
pub(crate) struct EventTypeRules {
    pub(crate) kind: BookingKind,
    pub(crate) length_minutes: i64,
    /// The lengths to choose from, in minutes; empty if there is no choice.
    pub(crate) length_options: Vec<i64>,
    pub(crate) locations: Vec<types::EventTypeLocation>,
    pub(crate) fields: Vec<types::EventTypeBookingField>,
    pub(crate) allows_guests: bool,
    pub(crate) notice_minutes: i64,
    pub(crate) window: BookableWindow,
    pub(crate) series: Option<SeriesRules>,
    pub(crate) schedule_id: Option<i64>,
    /// The ids of its hosts. Only if there is one host is it known whose bookings they are.
    pub(crate) host_ids: Vec<i64>,
    /// Whether the list of the service's scope shows all bookings; `None` if that depends on who the caller is.
    pub(crate) lists_all: Option<bool>,
}

/// How far ahead an event type can be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BookableWindow {
    Open,
    CalendarDays(i64),
    /// Counts days with free slots, which only the service can count.
    Rolling,
    BusinessDays(i64),
    Range(Date, Date),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SeriesRules {
    pub(crate) occurrences: i64,
    /// The most days from one occurrence to the next.
    pub(crate) max_days: i64,
    /// Whether it recurs in weeks, so that the number of days is always the same.
    pub(crate) is_weekly: bool,
}

/// Bounds for numbers of the service, so that sums of them remain valid times: ten years, and more occurrences than a
/// series can have.
const MAX_DAYS: i64 = 3_660;
const MAX_OCCURRENCES: i64 = 1_000;

fn clamp_minutes(minutes: i64) -> i64 {
    minutes.clamp(0, MAX_DAYS * 24 * 60)
}

impl EventTypeRules {
    fn from_event_type(event: types::EventType) -> Self {
        let needs_confirmation = event.confirmation_policy.as_ref().is_some_and(|policy| policy.disabled != Some(true));
        // The second of two requests finds another host free.
        let picks_host = event
            .scheduling_type
            .as_deref()
            .is_some_and(|kind| kind.eq_ignore_ascii_case("roundRobin") || kind.eq_ignore_ascii_case("ROUND_ROBIN"));
        let seated = event
            .seats
            .as_ref()
            .is_some_and(|seats| seats.disabled != Some(true) && seats.seats_per_time_slot.is_some())
            || event.seats_per_time_slot.is_some();
        let series = event.recurrence.as_ref().filter(|it| it.disabled != Some(true)).and_then(|it| {
            let days = match it.frequency.as_deref() {
                Some("weekly") => 7,
                Some("monthly") => 31,
                _ => 366,
            };
            let is_weekly = it.frequency.as_deref() == Some("weekly");
            let interval = it.interval.unwrap_or(1).clamp(1, MAX_OCCURRENCES);
            Some(SeriesRules {
                occurrences: it.occurrences?.clamp(0, MAX_OCCURRENCES),
                max_days: days * interval,
                is_weekly,
            })
        });
        let kind = match (series.is_some(), seated) {
            (true, _) if picks_host => BookingKind::RoundRobinSeries,
            (true, _) if needs_confirmation => BookingKind::PendingSeries,
            (true, _) => BookingKind::Series,
            (false, true) => BookingKind::Seated,
            (false, false) if picks_host => BookingKind::RoundRobin,
            (false, false) if needs_confirmation => BookingKind::Pending,
            (false, false) => BookingKind::Plain,
        };
        let mut host_ids: Vec<i64> = event.hosts.iter().filter_map(|host| host.user_id).collect();
        host_ids.extend(event.users.iter().filter_map(|user| user.id));
        if host_ids.is_empty() {
            host_ids.extend(event.owner_id);
        }
        host_ids.sort_unstable();
        host_ids.dedup();
        Self {
            kind,
            length_minutes: clamp_minutes(event.length_in_minutes),
            length_options: event.length_in_minutes_options.into_iter().map(clamp_minutes).collect(),
            locations: event.locations,
            fields: event.booking_fields,
            allows_guests: event.disable_guests != Some(true),
            notice_minutes: clamp_minutes(event.minimum_booking_notice.unwrap_or(0)),
            window: event.booking_window.as_ref().map_or(BookableWindow::Open, bookable_window),
            series,
            schedule_id: event.schedule_id,
            host_ids,
            lists_all: None,
        }
    }

    /// The number of rows that a booking creates.
    pub(crate) fn row_count(&self, asked: Option<u32>) -> usize {
        let of_type = self.series.map_or(1, |series| series.occurrences);
        let rows = if self.series.is_some() { asked.map_or(of_type, i64::from) } else { 1 };
        usize::try_from(rows).unwrap_or(1).max(1)
    }
}

fn bookable_window(window: &types::EventTypeWindow) -> BookableWindow {
    if window.disabled == Some(true) {
        return BookableWindow::Open;
    }
    if window.rolling == Some(true) {
        return BookableWindow::Rolling;
    }
    match (window.type_.as_deref(), &window.value) {
        (Some("calendarDays"), Some(types::EventTypeWindowValue::Int64(days))) => {
            BookableWindow::CalendarDays((*days).clamp(0, MAX_DAYS))
        }
        (Some("businessDays"), Some(types::EventTypeWindowValue::Int64(days))) => {
            BookableWindow::BusinessDays((*days).clamp(0, MAX_DAYS))
        }
        (Some("range"), Some(types::EventTypeWindowValue::Array(ends))) => {
            let date = |at: usize| ends.get(at)?.get(..10)?.parse().ok();
            date(0).zip(date(1)).map_or(BookableWindow::Open, |(first, last)| BookableWindow::Range(first, last))
        }
        _ => BookableWindow::Open,
    }
}

/// The last rules that were read of each event type. They are used if the service does not answer; the client's cache
/// decides how long they are fresh.
#[derive(Debug, Default)]
pub(crate) struct EventTypeRulesCache(Mutex<HashMap<EventTypeId, Arc<EventTypeRules>>>);

impl EventTypeRulesCache {
    pub(crate) async fn get(
        &self,
        client: &Client,
        scope: BookingScope,
        id: EventTypeId,
    ) -> Result<Arc<EventTypeRules>> {
        let (event_type, lists_all) = scope.event_type(client, id).await?;
        let rules = Arc::new(EventTypeRules { lists_all, ..EventTypeRules::from_event_type(event_type) });
        lock(&self.0).insert(id, Arc::clone(&rules));
        Ok(rules)
    }

    /// The last rules that were read, of any age.
    pub(crate) fn last_known(&self, id: EventTypeId) -> Option<Arc<EventTypeRules>> {
        lock(&self.0).get(&id).map(Arc::clone)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn rules(numbers: &Value) -> EventTypeRules {
        let mut event = json!({
            "id": 1, "lengthInMinutes": 30, "title": "t", "slug": "s", "ownerId": 1, "locations": [], "bookingFields": [],
            "metadata": {}, "users": [], "hosts": [],
        });
        for (name, value) in numbers.as_object().unwrap() {
            event[name] = value.clone();
        }
        EventTypeRules::from_event_type(serde_json::from_value(event).unwrap())
    }

    #[test]
    fn numbers_of_the_service_are_limited_to_their_bounds() {
        let ten_years = MAX_DAYS * 24 * 60;
        for (given, bounded) in [(i64::MAX, ten_years), (i64::MIN, 0), (-1, 0), (45, 45)] {
            let rules = rules(&json!({
                "lengthInMinutes": given, "lengthInMinutesOptions": [given, 15], "minimumBookingNotice": given,
            }));
            assert_eq!((rules.length_minutes, rules.notice_minutes), (bounded, bounded));
            assert_eq!(rules.length_options, [bounded, 15]);
        }
        for (given, bounded) in [(i64::MAX, MAX_DAYS), (-7, 0), (60, 60)] {
            let window = |kind: &str| rules(&json!({ "bookingWindow": { "type": kind, "value": given } })).window;
            assert_eq!(window("calendarDays"), BookableWindow::CalendarDays(bounded));
            assert_eq!(window("businessDays"), BookableWindow::BusinessDays(bounded));
        }
    }

    #[test]
    fn a_host_whom_the_service_picks_makes_a_second_request_a_second_booking() {
        let confirmed = json!({"type": "always", "blockUnconfirmedBookingsInBooker": false});
        let weekly = json!({"interval": 1, "occurrences": 3, "frequency": "weekly"});
        for (event, kind, again) in [
            (json!({}), BookingKind::Plain, false),
            (json!({"schedulingType": "collective"}), BookingKind::Plain, false),
            (json!({"confirmationPolicy": confirmed}), BookingKind::Pending, false),
            (json!({"schedulingType": "roundRobin"}), BookingKind::RoundRobin, true),
            (json!({"schedulingType": "ROUND_ROBIN", "confirmationPolicy": confirmed}), BookingKind::RoundRobin, true),
            (json!({"schedulingType": "roundRobin", "recurrence": weekly}), BookingKind::RoundRobinSeries, true),
            (json!({"confirmationPolicy": confirmed, "recurrence": weekly}), BookingKind::PendingSeries, false),
            (json!({"recurrence": weekly}), BookingKind::Series, false),
            (json!({"schedulingType": "roundRobin", "seatsPerTimeSlot": 3}), BookingKind::Seated, false),
        ] {
            let found = rules(&event).kind;
            assert_eq!((found, found.books_again()), (kind, again), "{event}");
        }
    }

    #[test]
    fn a_series_has_one_row_at_least_and_no_more_than_a_series_can_have() {
        for (given, occurrences, interval) in [(i64::MAX, 1_000, 1_000), (i64::MIN, 0, 1), (0, 0, 1), (4, 4, 4)] {
            let recurrence = json!({ "interval": given, "occurrences": given, "frequency": "weekly" });
            let rules = rules(&json!({ "recurrence": recurrence }));
            let found = rules.series.unwrap();
            assert_eq!((found.occurrences, found.max_days), (occurrences, 7 * interval));
            assert_eq!(rules.row_count(None), usize::try_from(occurrences).unwrap().max(1));
            assert_eq!(rules.row_count(Some(0)), 1);
            assert_eq!(rules.row_count(Some(3)), 3);
        }
        assert_eq!(rules(&json!({})).row_count(Some(9)), 1, "what is no series has one");
    }
}
