//! `/slots`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::v1::schema::{IssuePath, Issues, JsonObject, request};

request! {
    /// The query of `GET /slots`.
    ///
    /// ```
    /// use calcom::v1::types::SlotsQuery;
    ///
    /// let mut query = SlotsQuery::new(1, "2030-01-15", "2030-01-16");
    /// query.time_zone = Some("Europe/Berlin".to_owned());
    /// ```
    #[derive(Default)]
    SlotsQuery, unknown fields: Ignore;
    required {
        /// The start of the range: a time or a date.
        start_time "startTime": String,
        /// The end of the range: a time or a date.
        end_time "endTime": String,
    }
    optional {
        /// The id of the event type.
        event_type_id "eventTypeId": i64,
        /// The slug of the event type, together with `usernameList`.
        event_type_slug "eventTypeSlug": String,
        /// The names of the owners of the event type. Of several users the slots that suit all are listed. Of a team
        /// event it is the slug of the team.
        username_list "usernameList": Vec<String>,
        /// Whether `usernameList` names a team.
        is_team_event "isTeamEvent": bool,
        /// The zone of the times and dates in the response, an IANA name. The default is UTC.
        time_zone "timeZone": String,
        /// The length in minutes, for event types with several lengths.
        duration "duration": i64,
        /// The uid of a booking whose time counts as free.
        reschedule_uid "rescheduleUid": String,
        /// The organization of the users or the team.
        org_slug "orgSlug": String,
    }
    nullable {}
    check check_slots_query;
}

fn check_slots_query(object: &JsonObject, issues: &mut Issues) {
    for name in ["startTime", "endTime"] {
        if let Some(Value::String(text)) = object.get(name)
            && super::Time::parse(text).is_none()
        {
            issues.add("invalid_string", &IssuePath::default().child(name), "Invalid ISO 8601 date");
        }
    }
    let has = |name: &str| object.contains_key(name);
    if !["eventTypeId", "eventTypeSlug", "usernameList"].into_iter().any(has) {
        let message = "Either usernameList and eventTypeSlug, or eventTypeId must be provided";
        issues.add("custom", &IssuePath::default(), message);
    }
}

impl SlotsQuery {
    /// Creates a query for the slots of an event type between two times or dates.
    pub fn new(event_type_id: i64, start_time: impl Into<String>, end_time: impl Into<String>) -> Self {
        Self {
            event_type_id: Some(event_type_id),
            start_time: start_time.into(),
            end_time: end_time.into(),
            ..Self::default()
        }
    }
}

/// A slot: a time that can be booked.
///
/// [`calcom::v1`](crate::v1) has an example of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Slot {
    /// The start: in UTC with milliseconds, or, if the query has a zone, in that zone without milliseconds.
    pub time: String,
    /// The number of taken seats, if the event type has seats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attendees: Option<i64>,
    /// The uid of the booking of the taken seats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booking_uid: Option<String>,
}

/// The response to `GET /slots`: slots by date.
///
/// [`calcom::v1`](crate::v1) has an example of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SlotsBody {
    /// The slots by date, in the zone of the query.
    pub slots: BTreeMap<String, Vec<Slot>>,
}
