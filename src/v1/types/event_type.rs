//! `/event-types`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Time;
use crate::{
    redact::debug_shows,
    v1::shape::{Issues, Kind, Path, nothing_further, request},
};

/// What can be booked, in V1's form.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EventType {
    /// The number of the event type.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// Its name in booking links.
    pub slug: String,
    /// How long a booking is, in minutes.
    pub length: i64,
    /// A text about it.
    pub description: Option<String>,
    /// Whether it is left out of the public profile.
    pub hidden: Option<bool>,
    /// Its place in the dashboard's list.
    pub position: Option<i64>,
    /// The user whose it is.
    pub user_id: Option<i64>,
    /// The team whose it is.
    pub team_id: Option<i64>,
    /// `ROUND_ROBIN`, `COLLECTIVE` or `MANAGED`; only of teams.
    pub scheduling_type: Option<String>,
    /// Who of the team hosts it.
    pub hosts: Option<Vec<Host>>,
    /// The event types that were made of a managed one.
    pub children: Option<Vec<Value>>,
    /// The managed event type that this one was made of.
    pub parent_id: Option<i64>,
    /// Whether every member of the team hosts it.
    pub assign_all_team_members: Option<bool>,
    /// The schedule; the user's default one where there is none.
    pub schedule_id: Option<i64>,
    /// The template of a booking's name.
    pub event_name: Option<String>,
    /// A zone of its own.
    pub time_zone: Option<String>,
    /// How far ahead it can be booked: `UNLIMITED`, `ROLLING`, `ROLLING_WINDOW` or `RANGE`.
    pub period_type: Option<String>,
    /// For how many days.
    pub period_days: Option<i64>,
    /// Whether these are calendar days; business days otherwise.
    pub period_count_calendar_days: Option<bool>,
    /// From when.
    pub period_start_date: Option<Time>,
    /// Until when.
    pub period_end_date: Option<Time>,
    /// Whether bookings wait for the host's confirmation.
    pub requires_confirmation: Option<bool>,
    /// How bookings repeat.
    pub recurring_event: Option<RecurringEvent>,
    /// Whether bookers may bring no guests.
    pub disable_guests: Option<bool>,
    /// Whether calendars get no notes.
    pub hide_calendar_notes: Option<bool>,
    /// How long before a booking starts it must be made, in minutes.
    pub minimum_booking_notice: Option<i64>,
    /// Minutes kept free before.
    pub before_event_buffer: Option<i64>,
    /// Minutes kept free after.
    pub after_event_buffer: Option<i64>,
    /// How many share a slot.
    pub seats_per_time_slot: Option<i64>,
    /// Whether they see each other.
    pub seats_show_attendees: Option<bool>,
    /// Whether bookers see how many seats are left.
    pub seats_show_availability_count: Option<bool>,
    /// Minutes from one slot to the next.
    pub slot_interval: Option<i64>,
    /// Where bookers go afterwards.
    pub success_redirect_url: Option<String>,
    /// The price, in minor units.
    pub price: Option<i64>,
    /// The currency, three letters.
    pub currency: Option<String>,
    /// Whether only the first slot of a day is offered.
    pub only_show_first_available_slot: Option<bool>,
    /// At most so many bookings: `PER_DAY`, `PER_WEEK`, `PER_MONTH`, `PER_YEAR`.
    pub booking_limits: Option<BTreeMap<String, i64>>,
    /// At most so many booked minutes, by the same names.
    pub duration_limits: Option<BTreeMap<String, i64>>,
    /// Where it takes place.
    pub locations: Option<Vec<EventLocation>>,
    /// The booking form.
    pub booking_fields: Option<Vec<Map<String, Value>>>,
    /// An older booking form.
    pub custom_inputs: Option<Vec<Value>>,
    /// Free JSON; `multipleDuration` holds lengths to choose from.
    pub metadata: Option<Map<String, Value>>,
    /// The page where it is booked.
    pub link: Option<String>,
    /// Its private links.
    pub hashed_link: Option<Value>,
}

debug_shows!(EventType { id, slug, length, hidden, user_id, team_id, schedule_id });

/// A member of a team who hosts an event type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Host {
    /// The user.
    pub user_id: i64,
    /// Whether the user is at every meeting.
    pub is_fixed: Option<bool>,
    /// A schedule for this event type.
    pub schedule_id: Option<i64>,
}

/// How bookings repeat.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecurringEvent {
    /// 0 yearly, 1 monthly, 2 weekly, 3 daily, and finer ones.
    pub freq: i64,
    /// Every so many of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<i64>,
    /// How often at the most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    /// The first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dtstart: Option<String>,
    /// The end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// An IANA name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tzid: Option<String>,
}

impl Kind for RecurringEvent {
    fn check(value: &Value, at: &Path, issues: &mut Issues) {
        let Value::Object(object) = value else { return issues.type_of("object", value, at) };
        for name in ["freq", "interval", "count"] {
            match object.get(name) {
                Some(value) => i64::check(value, &at.key(name), issues),
                None if name == "freq" => issues.add("invalid_type", &at.key(name), "Required"),
                None => {}
            }
        }
        for name in ["dtstart", "until", "tzid"] {
            if let Some(value) = object.get(name) {
                String::check(value, &at.key(name), issues);
            }
        }
    }
}

/// A place of an event type, in V1's (and the service's inner) form.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventLocation {
    /// `inPerson`, `link`, `userPhone`, `phone`, `attendeeInPerson`, `somewhereElse`, `conferencing`, or an app's:
    /// `integrations:zoom`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where, for `inPerson`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The URL, for `link`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The number, for `userPhone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_phone_number: Option<String>,
    /// Whether it is shown before the booking is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_location_publicly: Option<bool>,
    /// The connection that an app uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_id: Option<i64>,
}

debug_shows!(EventLocation { kind });

impl Kind for EventLocation {
    fn check(value: &Value, at: &Path, issues: &mut Issues) {
        let Value::Object(object) = value else { return issues.type_of("object", value, at) };
        match object.get("type") {
            Some(kind) => String::check(kind, &at.key("type"), issues),
            None => issues.add("invalid_type", &at.key("type"), "Required"),
        }
    }
}

request! {
    /// The query of `GET /event-types`.
    #[derive(Default)]
    EventTypesQuery, unknown fields are Ignored;
    required {}
    optional {
        /// Only the one with this slug.
        slug "slug": String,
    }
    nullable {}
    check nothing_further;
}

/// The two bodies differ in what is required alone.
macro_rules! event_type_body {
    ($(#[$doc:meta])* $name:ident required {$($required:tt)*} optional {$($optional:tt)*}) => {
        request! {
            $(#[$doc])*
            $name, unknown fields are Refused;
            required { $($required)* }
            optional {
                $($optional)*
                /// Whether it is left out of the public profile.
                hidden "hidden": bool,
                /// Its place in the dashboard's list; V2 has none.
                position "position": i64,
                /// How far ahead it can be booked: `UNLIMITED`, `ROLLING`, `ROLLING_WINDOW` or `RANGE`.
                period_type "periodType": String,
                /// Whether bookings wait for the host's confirmation.
                requires_confirmation "requiresConfirmation": bool,
                /// Whether bookers may bring no guests.
                disable_guests "disableGuests": bool,
                /// Whether calendars get no notes.
                hide_calendar_notes "hideCalendarNotes": bool,
                /// How long before a booking starts it must be made, in minutes.
                minimum_booking_notice "minimumBookingNotice": i64,
                /// Minutes kept free before.
                before_event_buffer "beforeEventBuffer": i64,
                /// Minutes kept free after.
                after_event_buffer "afterEventBuffer": i64,
                /// The price in minor units; V2 takes none.
                price "price": i64,
                /// The currency; V2 takes none.
                currency "currency": String,
                /// Whether only the first slot of a day is offered.
                only_show_first_available_slot "onlyShowFirstAvailableSlot": bool,
                /// Whether every member of the team hosts it; V2 has team routes for this.
                assign_all_team_members "assignAllTeamMembers": bool,
                /// The event types made of a managed one; V2 has team routes for this.
                children "children": Vec<Value>,
                /// Who of the team hosts it; V2 has team routes for this.
                hosts "hosts": Vec<Value>,
                /// Free JSON; V2 takes `multipleDuration` and `requiresConfirmationThreshold` of it.
                metadata "metadata": Map<String, Value>,
                /// Whether attendees of a slot see each other.
                seats_show_attendees "seatsShowAttendees": bool,
                /// Whether bookers see how many seats are left.
                seats_show_availability_count "seatsShowAvailabilityCount": bool,
                /// The booking form.
                booking_fields "bookingFields": Vec<Map<String, Value>>,
            }
            nullable {
                /// A text about it.
                description "description": String,
                /// The template of a booking's name.
                event_name "eventName": String,
                /// A zone of its own; V2 has none.
                time_zone "timeZone": String,
                /// `ROUND_ROBIN`, `COLLECTIVE` or `MANAGED`; V2 has team routes for this.
                scheduling_type "schedulingType": String,
                /// For how many days.
                period_days "periodDays": i64,
                /// Whether these are calendar days; business days otherwise.
                period_count_calendar_days "periodCountCalendarDays": bool,
                /// From when.
                period_start_date "periodStartDate": Time,
                /// Until when.
                period_end_date "periodEndDate": Time,
                /// The managed event type that this one is made of; V2 has team routes for this.
                parent_id "parentId": i64,
                /// The user whose it is; V2 makes it the caller's.
                user_id "userId": i64,
                /// The team whose it is; V2 has team routes for this.
                team_id "teamId": i64,
                /// The schedule.
                schedule_id "scheduleId": i64,
                /// Minutes from one slot to the next.
                slot_interval "slotInterval": i64,
                /// Where bookers go afterwards.
                success_redirect_url "successRedirectUrl": String,
                /// How many share a slot.
                seats_per_time_slot "seatsPerTimeSlot": i64,
                /// How bookings repeat.
                recurring_event "recurringEvent": RecurringEvent,
                /// At most so many bookings: `PER_DAY`, `PER_WEEK`, `PER_MONTH`, `PER_YEAR`.
                booking_limits "bookingLimits": BTreeMap<String, i64>,
                /// At most so many booked minutes, by the same names.
                duration_limits "durationLimits": BTreeMap<String, i64>,
                /// Where it takes place.
                locations "locations": Vec<EventLocation>,
            }
            check nothing_further;
        }
    };
}

event_type_body! {
    /// The body of `POST /event-types`. `title`, `slug` and `length` are required.
    #[derive(Default)]
    CreateEventType
    required {
        /// Its title.
        title "title": String,
        /// Its name in booking links.
        slug "slug": String,
        /// How long a booking is, in minutes.
        length "length": i64,
    }
    optional {}
}

event_type_body! {
    /// The body of `PATCH /event-types/{id}`. What is left out stays.
    #[derive(Default)]
    PatchEventType
    required {}
    optional {
        /// Its title.
        title "title": String,
        /// Its name in booking links.
        slug "slug": String,
        /// How long a booking is, in minutes.
        length "length": i64,
    }
}

impl CreateEventType {
    /// An event type of this title, slug and length in minutes.
    pub fn new(title: impl Into<String>, slug: impl Into<String>, length: i64) -> Self {
        Self { title: title.into(), slug: slug.into(), length, ..Self::default() }
    }
}
