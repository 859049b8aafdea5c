//! What an answer tells of a booking that a filter asks for. What is not told cannot be judged, and passes.

use jiff::Timestamp;
use serde_json::Value;

use super::filter::BookingFilter;
use crate::{
    model::{Booking, BookingStatus, EventTypeId, TeamId, UserId},
    raw::types,
};

/// What is known of a booking; `None` if it is not told, or if the service has filtered by it.
pub(super) struct KnownFields {
    status: BookingStatus,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    event_type: Option<EventTypeId>,
    team: Option<TeamId>,
    /// The hosts, if all of them have a number.
    hosts: Option<Vec<UserId>>,
}

impl KnownFields {
    /// Whether a filter lets a booking in today's form pass, which tells no more than its status and its hosts.
    pub(super) fn in_wire_pass(booking: &types::Booking, filter: &BookingFilter) -> bool {
        let asks = filter.status.is_some() || filter.user_id.is_some();
        !asks || Self::in_wire(booking).passes(filter)
    }

    /// Of a booking in today's form: whoever speaks it has the service's own filters, and has applied them.
    fn in_wire(booking: &types::Booking) -> Self {
        let hosts = booking.hosts.iter().map(|host| match host.id {
            types::BookingHostId::Int64(id) => Some(UserId(id)),
            _ => None,
        });
        Self {
            status: booking.status.as_str().into(),
            start: None,
            end: None,
            event_type: None,
            team: None,
            hosts: hosts.collect::<Option<Vec<_>>>().filter(|hosts| !hosts.is_empty()),
        }
    }

    /// Of a booking in the documented form. What stands beside the documented fields is read only if the filter asks for it.
    pub(super) fn documented(filter: &BookingFilter, booking: &Booking) -> Self {
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

    /// Whether a filter lets the booking pass.
    pub(super) fn passes(&self, filter: &BookingFilter) -> bool {
        // By a group of its own, such as `upcoming`, the service has filtered already.
        let wanted = filter.status.as_ref().filter(|_| filter.group().is_none());
        judged(wanted, Some(&self.status), |wanted, status| wanted == status)
            && judged(filter.start_time, self.start, |from, start| start >= from)
            && judged(filter.end_time, self.end, |to, end| end <= to)
            && judged(filter.event_type_id, self.event_type, |wanted, id| wanted == id)
            && judged(filter.team_id, self.team, |wanted, id| wanted == id)
            && judged(filter.user_id, self.hosts.as_ref(), |wanted, hosts| hosts.contains(&wanted))
    }
}

/// Whether what is wanted agrees with what is told; it does if one of them is missing.
fn judged<W, T>(wanted: Option<W>, told: Option<T>, agree: impl FnOnce(W, T) -> bool) -> bool {
    match (wanted, told) {
        (Some(wanted), Some(told)) => agree(wanted, told),
        _ => true,
    }
}
