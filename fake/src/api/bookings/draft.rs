//! A booking that is wanted: everything that both generations of the request come to before it is checked and made.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::super::super::instant::plus_minutes;
use super::super::super::state::{EventType, SchedulingType, State};
use jiff::ToSpan;

#[derive(Clone, Debug)]
pub(super) struct BookingDraft {
    pub(super) event_type: i64,
    pub(super) host: i64,
    /// The other hosts of a collective booking.
    pub(super) other_hosts: Vec<i64>,
    pub(super) start: Timestamp,
    /// In minutes.
    pub(super) duration: i64,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) phone: Option<String>,
    pub(super) time_zone: String,
    pub(super) language: String,
    pub(super) guests: Vec<String>,
    pub(super) metadata: Map<String, Value>,
    pub(super) location: String,
    /// The answers as they are stored, name, e-mail address and location included.
    pub(super) responses: Map<String, Value>,
    /// The starts of a series, the first one included. Empty for a single booking.
    pub(super) occurrences: Vec<Timestamp>,
}

impl BookingDraft {
    pub(super) fn end(&self) -> Timestamp {
        plus_minutes(self.start, self.duration)
    }

    pub(super) fn title(&self, state: &State, event: &EventType) -> String {
        // A meeting with several hosts bears the name of their team.
        let together = event
            .team
            .as_ref()
            .filter(|of| of.scheduling == SchedulingType::Collective && !self.other_hosts.is_empty());
        let team = together.and_then(|of| state.team(of.team)).map(|team| team.name());
        let own = || state.user(self.host).map(|user| user.name.as_str()).unwrap_or_default();
        let host = team.unwrap_or_else(own);
        let name = event.rest.get("customName").and_then(Value::as_str).filter(|name| !name.is_empty());
        match name {
            None => format!("{} between {host} and {}", event.title, self.name),
            Some(pattern) => pattern
                .replace("{Event type title}", &event.title)
                .replace("{Organiser}", host)
                .replace("{Organiser first name}", host.split(' ').next().unwrap_or_default())
                .replace("{Scheduler}", &self.name)
                .replace("{Scheduler first name}", self.name.split(' ').next().unwrap_or_default())
                .replace("{Location}", &self.location)
                .replace("{Event duration}", &format!("{} mins", self.duration)),
        }
    }
}

/// The starts of a series in the host's zone, so that the local time is the same across changes of daylight saving time.
pub(super) fn occurrences(event: &EventType, start: Timestamp, count: i64, zone: &TimeZone) -> Vec<Timestamp> {
    let Some(recurrence) = &event.recurrence else { return Vec::new() };
    let first = start.to_zoned_datetime(zone.clone());
    let nth = |n: i64| {
        let step = n * recurrence.interval;
        let span = match recurrence.frequency.as_str() {
            "yearly" => step.years(),
            "monthly" => step.months(),
            "daily" => step.days(),
            _ => step.weeks(),
        };
        first.checked_add(span).map(|at| at.timestamp()).ok()
    };
    (0..count).filter_map(nth).collect()
}
