//! `/event-types`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Time;
use crate::{
    redact::debug_shows,
    v1::schema::{FieldType, IssuePath, Issues, no_further_checks, request},
};

/// An event type, in V1's form.
///
/// [`calcom::v1`](crate::v1) has an example of a call.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EventType {
    /// The id of the event type.
    pub id: i64,
    /// The title.
    pub title: String,
    /// The name in booking links.
    pub slug: String,
    /// The length of a booking in minutes.
    pub length: i64,
    /// The description.
    pub description: Option<String>,
    /// Whether the public profile does not show it.
    pub hidden: Option<bool>,
    /// The position in the dashboard's list.
    pub position: Option<i64>,
    /// The number of the owner.
    pub user_id: Option<i64>,
    /// The team that owns it.
    pub team_id: Option<i64>,
    /// `ROUND_ROBIN`, `COLLECTIVE` or `MANAGED`, for event types of teams.
    pub scheduling_type: Option<String>,
    /// The hosts, for event types of teams.
    pub hosts: Option<Vec<Host>>,
    /// The event types that derive from a managed event type.
    pub children: Option<Vec<Value>>,
    /// The managed event type that it derives from.
    pub parent_id: Option<i64>,
    /// Whether all members of the team are hosts.
    pub assign_all_team_members: Option<bool>,
    /// The schedule. Without it the owner's default schedule applies.
    pub schedule_id: Option<i64>,
    /// The template of a booking's name.
    pub event_name: Option<String>,
    /// The time zone of the event type.
    pub time_zone: Option<String>,
    /// The type of the period in which it can be booked: `UNLIMITED`, `ROLLING`, `ROLLING_WINDOW` or `RANGE`.
    pub period_type: Option<String>,
    /// The length of the period in days.
    pub period_days: Option<i64>,
    /// Whether the days are calendar days. Otherwise they are business days.
    pub period_count_calendar_days: Option<bool>,
    /// The start of the period.
    pub period_start_date: Option<Time>,
    /// The end of the period.
    pub period_end_date: Option<Time>,
    /// Whether bookings need the host's confirmation.
    pub requires_confirmation: Option<bool>,
    /// The recurrence of bookings.
    pub recurring_event: Option<RecurringEvent>,
    /// Whether attendees cannot add guests.
    pub disable_guests: Option<bool>,
    /// Whether calendar events have no notes.
    pub hide_calendar_notes: Option<bool>,
    /// The minimum time from the request to the start of the booking, in minutes.
    pub minimum_booking_notice: Option<i64>,
    /// The free time before a booking, in minutes.
    pub before_event_buffer: Option<i64>,
    /// The free time after a booking, in minutes.
    pub after_event_buffer: Option<i64>,
    /// The number of seats of a slot.
    pub seats_per_time_slot: Option<i64>,
    /// Whether attendees of a slot see each other.
    pub seats_show_attendees: Option<bool>,
    /// Whether attendees see the number of free seats.
    pub seats_show_availability_count: Option<bool>,
    /// The time from one slot to the next, in minutes.
    pub slot_interval: Option<i64>,
    /// The URL to which attendees are redirected after booking.
    pub success_redirect_url: Option<String>,
    /// The price, in minor units.
    pub price: Option<i64>,
    /// The currency as three letters.
    pub currency: Option<String>,
    /// Whether only the first slot of a day is offered.
    pub only_show_first_available_slot: Option<bool>,
    /// The maximum number of bookings by period: `PER_DAY`, `PER_WEEK`, `PER_MONTH`, `PER_YEAR`.
    pub booking_limits: Option<BTreeMap<String, i64>>,
    /// The maximum number of booked minutes by period, with the same names.
    pub duration_limits: Option<BTreeMap<String, i64>>,
    /// The locations.
    pub locations: Option<Vec<EventLocation>>,
    /// The booking form.
    pub booking_fields: Option<Vec<Map<String, Value>>>,
    /// The older booking form.
    pub custom_inputs: Option<Vec<Value>>,
    /// Free JSON. `multipleDuration` contains the lengths that an attendee can select.
    pub metadata: Option<Map<String, Value>>,
    /// The URL of the booking page.
    pub link: Option<String>,
    /// The private links.
    pub hashed_link: Option<Value>,
}

debug_shows!(EventType { id, slug, length, hidden, user_id, team_id, schedule_id });

/// A host of an event type of a team.
///
/// [`calcom::v1`](crate::v1) has an example of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Host {
    /// The id of the user.
    pub user_id: i64,
    /// Whether the user takes part in every booking.
    pub is_fixed: Option<bool>,
    /// The schedule of this host for the event type.
    pub schedule_id: Option<i64>,
}

/// The recurrence of bookings.
///
/// ```
/// use calcom::v1::types::RecurringEvent;
///
/// // Four bookings, one each week.
/// let weekly = RecurringEvent { freq: 2, interval: Some(1), count: Some(4), ..Default::default() };
/// # let _ = weekly;
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecurringEvent {
    /// The frequency: 0 yearly, 1 monthly, 2 weekly, 3 daily. Higher numbers mean shorter units.
    pub freq: i64,
    /// The number of units from one booking to the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<i64>,
    /// The maximum number of bookings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    /// The start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dtstart: Option<String>,
    /// The end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The IANA name of the time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tzid: Option<String>,
}

impl FieldType for RecurringEvent {
    fn check(value: &Value, at: &IssuePath, issues: &mut Issues) {
        let Value::Object(object) = value else { return issues.wrong_type("object", value, at) };
        for name in ["freq", "interval", "count"] {
            match object.get(name) {
                Some(value) => i64::check(value, &at.child(name), issues),
                None if name == "freq" => issues.add("invalid_type", &at.child(name), "Required"),
                None => {}
            }
        }
        for name in ["dtstart", "until", "tzid"] {
            if let Some(value) = object.get(name) {
                String::check(value, &at.child(name), issues);
            }
        }
    }
}

/// A location of an event type, in V1's form, which is also the form of the service's database.
///
/// ```
/// use calcom::v1::types::EventLocation;
///
/// let daily = EventLocation { kind: "integrations:daily".to_owned(), ..Default::default() };
/// # let _ = daily;
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventLocation {
    /// The type: `inPerson`, `link`, `userPhone`, `phone`, `attendeeInPerson`, `somewhereElse`, `conferencing`, or an app
    /// such as `integrations:zoom`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The address, for `inPerson`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The URL, for `link`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The phone number, for `userPhone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_phone_number: Option<String>,
    /// Whether the location is shown before the booking is created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_location_publicly: Option<bool>,
    /// The credential of the app's connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_id: Option<i64>,
}

debug_shows!(EventLocation { kind });

impl FieldType for EventLocation {
    fn check(value: &Value, at: &IssuePath, issues: &mut Issues) {
        let Value::Object(object) = value else { return issues.wrong_type("object", value, at) };
        match object.get("type") {
            Some(kind) => String::check(kind, &at.child("type"), issues),
            None => issues.add("invalid_type", &at.child("type"), "Required"),
        }
    }
}

request! {
    /// The query of `GET /event-types`.
    ///
    /// ```
    /// use calcom::v1::types::EventTypesQuery;
    ///
    /// let query = EventTypesQuery { slug: Some("check-up".to_owned()) };
    /// # let _ = query;
    /// ```
    #[derive(Default)]
    EventTypesQuery, unknown fields: Ignore;
    required {}
    optional {
        /// Filter: the event type with this slug.
        slug "slug": String,
    }
    nullable {}
    check no_further_checks;
}

/// Declares a body of an event type. The two bodies differ only in the required fields.
macro_rules! event_type_body {
    ($(#[$doc:meta])* $name:ident required {$($required:tt)*} optional {$($optional:tt)*}) => {
        request! {
            $(#[$doc])*
            $name, unknown fields: Reject;
            required { $($required)* }
            optional {
                $($optional)*
                /// Whether the public profile does not show it.
                hidden "hidden": bool,
                /// The position in the dashboard's list. V2 does not have it.
                position "position": i64,
                /// The type of the period in which it can be booked: `UNLIMITED`, `ROLLING`, `ROLLING_WINDOW` or `RANGE`.
                period_type "periodType": String,
                /// Whether bookings need the host's confirmation.
                requires_confirmation "requiresConfirmation": bool,
                /// Whether attendees cannot add guests.
                disable_guests "disableGuests": bool,
                /// Whether calendar events have no notes.
                hide_calendar_notes "hideCalendarNotes": bool,
                /// The minimum time from the request to the start of the booking, in minutes.
                minimum_booking_notice "minimumBookingNotice": i64,
                /// The free time before a booking, in minutes.
                before_event_buffer "beforeEventBuffer": i64,
                /// The free time after a booking, in minutes.
                after_event_buffer "afterEventBuffer": i64,
                /// The price in minor units. V2 does not take it.
                price "price": i64,
                /// The currency. V2 does not take it.
                currency "currency": String,
                /// Whether only the first slot of a day is offered.
                only_show_first_available_slot "onlyShowFirstAvailableSlot": bool,
                /// Whether all members of the team are hosts.
                assign_all_team_members "assignAllTeamMembers": bool,
                /// The event types that derive from a managed event type. V2 derives them itself.
                children "children": Vec<Value>,
                /// The hosts, for event types of teams.
                hosts "hosts": Vec<Value>,
                /// Free JSON. V2 takes `multipleDuration` and `requiresConfirmationThreshold` of it.
                metadata "metadata": Map<String, Value>,
                /// Whether attendees of a slot see each other.
                seats_show_attendees "seatsShowAttendees": bool,
                /// Whether attendees see the number of free seats.
                seats_show_availability_count "seatsShowAvailabilityCount": bool,
                /// The booking form.
                booking_fields "bookingFields": Vec<Map<String, Value>>,
            }
            nullable {
                /// The description.
                description "description": String,
                /// The template of a booking's name.
                event_name "eventName": String,
                /// The time zone of the event type. V2 does not have it.
                time_zone "timeZone": String,
                /// `ROUND_ROBIN`, `COLLECTIVE` or `MANAGED`, for event types of teams.
                scheduling_type "schedulingType": String,
                /// The length of the period in days.
                period_days "periodDays": i64,
                /// Whether the days are calendar days. Otherwise they are business days.
                period_count_calendar_days "periodCountCalendarDays": bool,
                /// The start of the period.
                period_start_date "periodStartDate": Time,
                /// The end of the period.
                period_end_date "periodEndDate": Time,
                /// The managed event type that it derives from. V2 derives it itself.
                parent_id "parentId": i64,
                /// The number of the owner. In V2 the caller is the owner.
                user_id "userId": i64,
                /// The team that owns it. A new event type goes to the team's route.
                team_id "teamId": i64,
                /// The schedule.
                schedule_id "scheduleId": i64,
                /// The time from one slot to the next, in minutes.
                slot_interval "slotInterval": i64,
                /// The URL to which attendees are redirected after booking.
                success_redirect_url "successRedirectUrl": String,
                /// The number of seats of a slot.
                seats_per_time_slot "seatsPerTimeSlot": i64,
                /// The recurrence of bookings.
                recurring_event "recurringEvent": RecurringEvent,
                /// The maximum number of bookings by period: `PER_DAY`, `PER_WEEK`, `PER_MONTH`, `PER_YEAR`.
                booking_limits "bookingLimits": BTreeMap<String, i64>,
                /// The maximum number of booked minutes by period, with the same names.
                duration_limits "durationLimits": BTreeMap<String, i64>,
                /// The locations.
                locations "locations": Vec<EventLocation>,
            }
            check no_further_checks;
        }
    };
}

event_type_body! {
    /// The body of `POST /event-types`. `title`, `slug` and `length` are required.
    ///
    /// ```
    /// use calcom::v1::types::{CreateEventType, Patch};
    ///
    /// let mut event_type = CreateEventType::new("Check-up", "check-up", 30);
    /// event_type.description = Patch::Set("The yearly one".to_owned());
    /// ```
    #[derive(Default)]
    CreateEventType
    required {
        /// The title.
        title "title": String,
        /// The name in booking links.
        slug "slug": String,
        /// The length of a booking in minutes.
        length "length": i64,
    }
    optional {}
}

event_type_body! {
    /// The body of `PATCH /event-types/{id}`. Missing fields stay unchanged.
    ///
    /// ```
    /// use calcom::v1::types::{Patch, PatchEventType};
    ///
    /// let changes = PatchEventType { length: Some(45), schedule_id: Patch::Clear, ..Default::default() };
    /// # let _ = changes;
    /// ```
    #[derive(Default)]
    PatchEventType
    required {}
    optional {
        /// The title.
        title "title": String,
        /// The name in booking links.
        slug "slug": String,
        /// The length of a booking in minutes.
        length "length": i64,
    }
}

impl CreateEventType {
    /// Creates a request for an event type with a title, a slug and a length in minutes.
    pub fn new(title: impl Into<String>, slug: impl Into<String>, length: i64) -> Self {
        Self { title: title.into(), slug: slug.into(), length, ..Self::default() }
    }
}
