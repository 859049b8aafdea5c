//! Event types.

use super::{
    NoForm, by_table,
    event_type_parts::{
        confirmation_to_v1, confirmation_to_v2, fields_to_v1, fields_to_v2, length_to_v1, length_to_v2, limits_to_v1,
        limits_to_v2, period_to_v1, period_to_v2, recurrence_to_v1, recurrence_to_v2, scheduling_to_v1,
        scheduling_to_v2, seats_to_v1, seats_to_v2,
    },
    location,
    table::{Row, Use, Way, name, nested, only_v1, only_v2, renamed, same, several, value},
};
use crate::{
    raw::types,
    v1::{
        Converted,
        types::{CreateEventType, EventType, PatchEventType},
    },
};

const GIVEN: &str = "V2 gives it";
const TEAMS: &str = "V2 has routes of its own for teams";
const NOT_TAKEN: &str = "V2 tells it, but takes it in no request";
const UNTOLD: &str = "V2 does not tell it";
const NO_PLACE: &str = "V2 has nothing like it";
const NEWER: &str = "V1 does not know it";

pub(super) const TABLE: &[Row] = &[
    same(name!("id")).read_only(GIVEN),
    same(name!("title")),
    same(name!("slug")),
    same(name!("description")),
    same(name!("hidden")),
    renamed(name!("userId"), name!("ownerId")).read_only("V2 makes it the caller's"),
    same(name!("teamId")).read_only(TEAMS),
    value(name!("schedulingType"), name!("schedulingType"), scheduling_to_v2, scheduling_to_v1).read_only(TEAMS),
    nested(name!("hosts"), name!("hosts"), HOST).read_only(TEAMS),
    renamed(name!("parentId"), name!("parentEventTypeId")).read_only(TEAMS),
    same(name!("assignAllTeamMembers")).read_only(TEAMS),
    only_v1(name!("children"), TEAMS),
    several(
        &["length", "metadata"],
        &["lengthInMinutes", "lengthInMinutesOptions", "metadata"],
        length_to_v2,
        length_to_v1,
    ),
    several(&["requiresConfirmation", "metadata"], &["confirmationPolicy"], confirmation_to_v2, confirmation_to_v1),
    same(name!("scheduleId")),
    renamed(name!("eventName"), name!("customName")),
    several(
        &["periodType", "periodDays", "periodCountCalendarDays", "periodStartDate", "periodEndDate"],
        &["bookingWindow"],
        period_to_v2,
        period_to_v1,
    ),
    several(&["recurringEvent"], &["recurrence"], recurrence_to_v2, recurrence_to_v1),
    several(
        &["seatsPerTimeSlot", "seatsShowAttendees", "seatsShowAvailabilityCount"],
        &["seats", "seatsPerTimeSlot", "seatsShowAvailabilityCount"],
        seats_to_v2,
        seats_to_v1,
    ),
    several(
        &["bookingLimits", "durationLimits"],
        &["bookingLimitsCount", "bookingLimitsDuration"],
        limits_to_v2,
        limits_to_v1,
    ),
    same(name!("disableGuests")),
    same(name!("hideCalendarNotes")),
    same(name!("minimumBookingNotice")),
    same(name!("beforeEventBuffer")),
    same(name!("afterEventBuffer")),
    same(name!("slotInterval")),
    same(name!("successRedirectUrl")),
    same(name!("onlyShowFirstAvailableSlot")),
    same(name!("price")).read_only(NOT_TAKEN),
    same(name!("currency")).read_only(NOT_TAKEN),
    value(name!("locations"), name!("locations"), location::list_to_v2, location::list_to_v1),
    value(name!("bookingFields"), name!("bookingFields"), fields_to_v2, fields_to_v1),
    renamed(name!("link"), name!("bookingUrl")).read_only(NOT_TAKEN),
    only_v1(&["position", "timeZone", "customInputs"], NO_PLACE),
    only_v1(name!("hashedLink"), "V2 tells private links on a route of their own"),
    only_v2(
        &[
            "allowReschedulingCancelledBookings",
            "allowReschedulingPastBookings",
            "bookerActiveBookingsLimit",
            "bookerLayouts",
            "bookingRequiresAuthentication",
            "calVideoSettings",
            "color",
            "destinationCalendar",
            "disableCancelling",
            "disableRescheduling",
            "emailSettings",
            "forwardParamsSuccessRedirect",
            "hideCalendarEventDetails",
            "hideOrganizerEmail",
            "interfaceLanguage",
            "isInstantEvent",
            "lockTimeZoneToggleOnBookingPage",
            "offsetStart",
            "requiresBookerEmailVerification",
            "rescheduleWithSameRoundRobinHost",
            "showOptimizedSlots",
            "team",
            "useDestinationCalendarEmail",
            "users",
        ],
        NEWER,
    ),
];

const HOST: &[Row] = &[
    same(name!("userId")),
    renamed(name!("isFixed"), name!("mandatory")),
    only_v1(name!("scheduleId"), UNTOLD),
    only_v2(&["name", "username", "avatarUrl", "priority"], NEWER),
];

/// V2's event type as V1 told it.
///
/// # Errors
///
/// Where V2's lacks what V1 must have.
pub fn to_v1(event_type: &types::EventType) -> Result<Converted<EventType>, NoForm> {
    by_table(TABLE, Way::ToV1, Use::Read, event_type)
}

/// V1's event type as V2 tells it.
///
/// # Errors
///
/// Where V1's lacks what V2 must have.
pub fn to_v2(event_type: &EventType) -> Result<Converted<types::EventType>, NoForm> {
    by_table(TABLE, Way::ToV2, Use::Read, event_type)
}

/// What `POST /event-types` becomes.
///
/// # Errors
///
/// Where V2 takes no such event type.
pub fn create(event_type: &CreateEventType) -> Result<Converted<types::CreateEventType>, NoForm> {
    by_table(TABLE, Way::ToV2, Use::Make, event_type)
}

/// What `PATCH /event-types/{id}` becomes.
///
/// # Errors
///
/// Where V2 takes no such change.
pub fn patch(event_type: &PatchEventType) -> Result<Converted<types::UpdateEventType>, NoForm> {
    by_table(TABLE, Way::ToV2, Use::Change, event_type)
}
