//! The filters of lists of bookings.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::super::check::{Checker, ValidationRule};
use super::super::super::exchange::Request;
use super::super::super::instant;
use super::super::super::reply::Reply;
use super::super::super::state::{Booking, BookingStatus, State};
use super::lookup::team_of;

const STATUSES: [&str; 5] = ["upcoming", "recurring", "past", "cancelled", "unconfirmed"];
const ALLOWED: &str = "Invalid status. Allowed are upcoming, recurring, past, cancelled, unconfirmed";
/// Parameters that are lists, numbers, lists of numbers and sorts.
const NUMBERS: [&str; 4] = ["take", "skip", "eventTypeId", "teamId"];
const DATES: [(&str, &str); 6] = [
    ("afterStart", "fromDate must be a valid ISO 8601 date."),
    ("beforeEnd", "toDate must be a valid ISO 8601 date."),
    ("afterCreatedAt", "afterCreatedAt must be a valid ISO 8601 date."),
    ("beforeCreatedAt", "beforeCreatedAt must be a valid ISO 8601 date."),
    ("afterUpdatedAt", "afterUpdatedAt must be a valid ISO 8601 date."),
    ("beforeUpdatedAt", "beforeUpdatedAt must be a valid ISO 8601 date."),
];
const SORTS: [(&str, &str); 4] = [
    ("sortStart", "SortStart must be either \"asc\" or \"desc\"."),
    ("sortEnd", "SortEnd must be either \"asc\" or \"desc\"."),
    ("sortCreated", "SortCreated must be either \"asc\" or \"desc\"."),
    ("sortUpdatedAt", "SortUpdated must be either \"asc\" or \"desc\"."),
];

pub(super) fn query_object(request: &Request) -> Value {
    let mut object = Map::new();
    let lists = ["status", "eventTypeIds", "teamsIds", "teamIds"];
    for (name, value) in &request.query {
        let plain = name.split('[').next().unwrap_or(name);
        let value = if lists.contains(&plain) {
            let list = request.list_query(plain).unwrap_or_default();
            if plain == "status" {
                list.into()
            } else {
                list.iter().map(|id| id.parse::<i64>().map_or(Value::Null, Value::from)).collect::<Vec<_>>().into()
            }
        } else if NUMBERS.contains(&plain) {
            value
                .trim()
                .parse::<f64>()
                .map_or(Value::Null, |n| if n.fract() == 0.0 { json!(n as i64) } else { json!(n) })
        } else {
            value.clone().into()
        };
        object.insert(plain.to_owned(), value);
    }
    object.into()
}

pub(super) fn check(query: &Value) -> Result<(), Reply> {
    let mut checker = Checker::of(query);
    if let Some(Value::Array(list)) = query.get("status")
        && !list.iter().all(|status| status.as_str().is_some_and(|text| STATUSES.contains(&text)))
    {
        checker.push("status", vec![("isEnum", ALLOWED.to_owned())], Vec::new());
    }
    let given = |name: &str| query.get(name).is_some();
    let mut number = |name: &str, rules: &[ValidationRule]| {
        if given(name) {
            checker.required(name, rules);
        }
    };
    number("eventTypeId", &[ValidationRule::Int]);
    number("teamId", &[ValidationRule::Int]);
    for (name, words) in DATES {
        let wrong = query.get(name).is_some_and(|value| instant::parse(value.as_str().unwrap_or_default()).is_none());
        if wrong {
            checker.push(name, vec![("isIso8601", words.to_owned())], Vec::new());
        }
    }
    for (name, words) in SORTS {
        let wrong = query.get(name).is_some_and(|value| !matches!(value.as_str(), Some("asc" | "desc")));
        if wrong {
            checker.push(name, vec![("isEnum", words.to_owned())], Vec::new());
        }
    }
    if given("take") {
        checker.required("take", &[ValidationRule::Max(250), ValidationRule::Min(1), ValidationRule::Number]);
    }
    if given("skip") {
        checker.required("skip", &[ValidationRule::Min(0), ValidationRule::Number]);
    }
    checker.tree()
}

pub(super) struct BookingQuery<'a> {
    pub(super) query: &'a Value,
    pub(super) now: Timestamp,
}

impl BookingQuery<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.query.get(name).and_then(Value::as_str)
    }

    fn instant(&self, name: &str) -> Option<Timestamp> {
        self.text(name).and_then(instant::parse)
    }

    /// Whether the counters count a booking.
    pub(super) fn counts(&self, state: &State, booking: &Booking) -> bool {
        let statuses = self.query.get("status").and_then(Value::as_array);
        let ids = |name: &str| self.query.get(name).and_then(Value::as_array);
        // A `+` that is not encoded is decoded as a space, which an address does not contain.
        let email = self.text("attendeeEmail").map(|text| text.trim().replace(' ', "+"));
        let name = self.text("attendeeName").map(str::trim);
        let mut teams: Vec<i64> = self.query.get("teamId").and_then(Value::as_i64).into_iter().collect();
        for name in ["teamsIds", "teamIds"] {
            teams.extend(ids(name).into_iter().flatten().filter_map(Value::as_i64));
        }
        let asks_for_team = ["teamId", "teamsIds", "teamIds"].iter().any(|name| self.query.get(*name).is_some());
        (!asks_for_team || team_of(state, booking).is_some_and(|team| teams.contains(&team)))
            && statuses
                .is_none_or(|list| list.iter().any(|s| has_status(booking, s.as_str().unwrap_or_default(), self.now)))
            && email.is_none_or(|email| booking.attendees.iter().any(|a| a.email == email))
            && name.is_none_or(|name| booking.attendees.iter().any(|a| a.name == name))
            && self.text("bookingUid").is_none_or(|uid| booking.uid == uid)
            && self.query.get("eventTypeId").and_then(Value::as_i64).is_none_or(|id| booking.event_type == id)
            && ids("eventTypeIds").is_none_or(|ids| ids.iter().any(|id| id.as_i64() == Some(booking.event_type)))
            && self.instant("afterStart").is_none_or(|at| booking.start >= at)
            && self.instant("beforeEnd").is_none_or(|at| booking.end <= at)
            && self.instant("afterCreatedAt").is_none_or(|at| booking.created >= at)
            && self.instant("afterUpdatedAt").is_none_or(|at| booking.updated >= at)
    }

    /// Whether the page contains a counted booking.
    pub(super) fn shows(&self, booking: &Booking) -> bool {
        self.instant("beforeCreatedAt").is_none_or(|at| booking.created <= at)
            && self.instant("beforeUpdatedAt").is_none_or(|at| booking.updated <= at)
    }
}

/// Whether a booking has one of the statuses of the filter.
pub(super) fn has_status(booking: &Booking, heading: &str, now: Timestamp) -> bool {
    match heading {
        "upcoming" => booking.status.is_live() && booking.end >= now,
        "recurring" => booking.status.is_live() && booking.end >= now && booking.recurring.is_some(),
        "past" => booking.status.is_live() && booking.end <= now,
        "cancelled" => !booking.status.is_live(),
        "unconfirmed" => booking.status == BookingStatus::Pending && booking.end >= now,
        _ => false,
    }
}
