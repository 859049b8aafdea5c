//! `/slots`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::v1::shape::{Issues, Object, Path, request};

request! {
    /// The query of `GET /slots`.
    #[derive(Default)]
    SlotsQuery, unknown fields are Ignored;
    required {
        /// From when: a time or a date.
        start_time "startTime": String,
        /// Until when: a time or a date.
        end_time "endTime": String,
    }
    optional {
        /// Of which event type.
        event_type_id "eventTypeId": i64,
        /// Of which event type, with `usernameList`.
        event_type_slug "eventTypeSlug": String,
        /// Whose event type; several are asked for a time that suits all. Of a team event its slug.
        username_list "usernameList": Vec<String>,
        /// Whether `usernameList` names a team.
        is_team_event "isTeamEvent": bool,
        /// The zone of the times and dates in the answer, an IANA name; UTC where nothing is said.
        time_zone "timeZone": String,
        /// How long, in minutes; for event types with several lengths.
        duration "duration": i64,
        /// A booking whose own time counts as free.
        reschedule_uid "rescheduleUid": String,
        /// The organization of the users or the team.
        org_slug "orgSlug": String,
    }
    nullable {}
    check slots_query;
}

fn slots_query(object: &Object, issues: &mut Issues) {
    for name in ["startTime", "endTime"] {
        if let Some(Value::String(text)) = object.get(name)
            && super::Time::parse(text).is_none()
        {
            issues.add("invalid_string", &Path::default().key(name), "Invalid ISO 8601 date");
        }
    }
    let has = |name: &str| object.contains_key(name);
    if !["eventTypeId", "eventTypeSlug", "usernameList"].into_iter().any(has) {
        let message = "Either usernameList and eventTypeSlug, or eventTypeId must be provided";
        issues.add("custom", &Path::default(), message);
    }
}

impl SlotsQuery {
    /// The slots of this event type between two times or dates.
    pub fn new(event_type_id: i64, start_time: impl Into<String>, end_time: impl Into<String>) -> Self {
        Self {
            event_type_id: Some(event_type_id),
            start_time: start_time.into(),
            end_time: end_time.into(),
            ..Self::default()
        }
    }
}

/// A time that can be booked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Slot {
    /// When, in UTC, or with the offset of the zone that was asked for.
    pub time: String,
    /// How many seats are taken; only where there are seats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attendees: Option<i64>,
    /// The booking of the taken seats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booking_uid: Option<String>,
}

/// The answer of `GET /slots`: slots by date.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SlotsBody {
    /// By date, in the zone that was asked for.
    pub slots: BTreeMap<String, Vec<Slot>>,
}
