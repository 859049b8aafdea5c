//! Local filtering of bookings by fields that the service does not filter. A booking whose response lacks a field matches.

use jiff::Timestamp;
use serde_json::Value;

use super::filter::BookingFilter;
use crate::model::{Booking, BookingStatus, EventTypeId, TeamId, UserId};

/// The fields of a booking that a filter compares; `None` if the response lacks the field, or if the service has filtered by
/// it.
pub(super) struct FilterFields {
    status: BookingStatus,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    event_type: Option<EventTypeId>,
    team: Option<TeamId>,
    /// The hosts, if all of them have numbers.
    hosts: Option<Vec<UserId>>,
}

impl FilterFields {
    /// Whether a booking in the wire form matches a filter; its status and its hosts are compared. A service that sends this form
    /// has applied all other filters.
    pub(super) fn wire_matches(booking: &Booking, filter: &BookingFilter) -> bool {
        let asks = filter.status.is_some() || filter.user_id.is_some();
        let known =
            || Self { start: None, end: None, event_type: None, team: None, ..Self::of_documented(filter, booking) };
        !asks || known().matches(filter)
    }

    /// The fields of a booking in the documented form. Undocumented ones are read only if the filter needs them.
    pub(super) fn of_documented(filter: &BookingFilter, booking: &Booking) -> Self {
        let number = |field: &str, within: &str| {
            booking.extra(field).or_else(|| booking.extra(within)?.get("id")).and_then(Value::as_i64)
        };
        let hosts = || match booking.extra("hosts").and_then(Value::as_array) {
            Some(hosts) => hosts.iter().map(|host| host["id"].as_i64().map(UserId)).collect(),
            None => number("userId", "user").map(|id| vec![UserId(id)]),
        };
        Self {
            status: booking.status.clone(),
            start: Some(booking.start_time),
            end: Some(booking.end_time),
            event_type: filter.event_type_id.and_then(|_| booking.event_type_id()),
            team: filter.team_id.and_then(|_| number("teamId", "team")).map(TeamId),
            hosts: filter.user_id.and_then(|_| hosts()).filter(|hosts: &Vec<_>| !hosts.is_empty()),
        }
    }

    /// Whether the booking matches a filter.
    pub(super) fn matches(&self, filter: &BookingFilter) -> bool {
        // The service has filtered by a group, such as `upcoming`.
        let wanted = filter.status.as_ref().filter(|_| filter.status_group().is_none());
        agrees(wanted, Some(&self.status), |wanted, status| wanted == status)
            && agrees(filter.start_time, self.start, |from, start| start >= from)
            && agrees(filter.end_time, self.end, |to, end| end <= to)
            && agrees(filter.event_type_id, self.event_type, |wanted, id| wanted == id)
            && agrees(filter.team_id, self.team, |wanted, id| wanted == id)
            && agrees(filter.user_id, self.hosts.as_ref(), |wanted, hosts| hosts.contains(&wanted))
    }
}

/// Whether the known value agrees with the wanted one; `true` if one of them is missing.
fn agrees<W, T>(wanted: Option<W>, known: Option<T>, agree: impl FnOnce(W, T) -> bool) -> bool {
    match (wanted, known) {
        (Some(wanted), Some(known)) => agree(wanted, known),
        _ => true,
    }
}
