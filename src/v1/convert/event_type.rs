//! Event types.

use super::{
    ConversionError, convert_by_table,
    event_type_parts::{
        confirmation_to_v1, confirmation_to_v2, length_to_v1, length_to_v2, limits_to_v1, limits_to_v2, period_to_v1,
        period_to_v2, recurrence_to_v1, recurrence_to_v2, scheduling_to_v1, scheduling_to_v2, seats_to_v1, seats_to_v2,
    },
    form_fields::{fields_to_v1, fields_to_v2},
    location,
    table::{ConversionDirection, FieldMapping, Purpose, group, name, nested, only_v1, only_v2, renamed, same, value},
};
use crate::{
    raw::types,
    v1::{
        Converted,
        types::{CreateEventType, EventType, PatchEventType},
    },
};

const ASSIGNED_BY_V2: &str = "V2 gives it";
const TEAM_ROUTES: &str = "only event types of teams have it";
pub(super) const DERIVED_BY_V2: &str = "V2 derives event types from managed ones itself";
const RESPONSE_ONLY: &str = "V2 returns it, but takes it in no request";
const NO_HOST_SCHEDULE: &str = "V2 has no schedules of hosts";
const NO_COUNTERPART: &str = "V2 has nothing like it";
const NOT_IN_V1: &str = "V1 does not know it";

pub(super) const TABLE: &[FieldMapping] = &[
    same(name!("id")).read_only(ASSIGNED_BY_V2),
    same(name!("title")),
    same(name!("slug")),
    same(name!("description")),
    same(name!("hidden")),
    renamed(name!("userId"), name!("ownerId")).read_only("V2 makes it the caller's"),
    same(name!("teamId")).read_only(TEAM_ROUTES),
    value(name!("schedulingType"), name!("schedulingType"), scheduling_to_v2, scheduling_to_v1).read_only(TEAM_ROUTES),
    nested(name!("hosts"), name!("hosts"), HOST).read_only(TEAM_ROUTES),
    renamed(name!("parentId"), name!("parentEventTypeId")).read_only(TEAM_ROUTES),
    same(name!("assignAllTeamMembers")).read_only(TEAM_ROUTES),
    only_v1(name!("children"), DERIVED_BY_V2),
    group(
        &["length", "metadata"],
        &["lengthInMinutes", "lengthInMinutesOptions", "metadata"],
        length_to_v2,
        length_to_v1,
    ),
    group(&["requiresConfirmation", "metadata"], &["confirmationPolicy"], confirmation_to_v2, confirmation_to_v1),
    same(name!("scheduleId")),
    renamed(name!("eventName"), name!("customName")),
    group(
        &["periodType", "periodDays", "periodCountCalendarDays", "periodStartDate", "periodEndDate"],
        &["bookingWindow"],
        period_to_v2,
        period_to_v1,
    ),
    group(&["recurringEvent"], &["recurrence"], recurrence_to_v2, recurrence_to_v1),
    group(
        &["seatsPerTimeSlot", "seatsShowAttendees", "seatsShowAvailabilityCount"],
        &["seats", "seatsPerTimeSlot", "seatsShowAvailabilityCount"],
        seats_to_v2,
        seats_to_v1,
    ),
    group(
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
    same(name!("price")).read_only(RESPONSE_ONLY),
    same(name!("currency")).read_only(RESPONSE_ONLY),
    value(name!("locations"), name!("locations"), location::list_to_v2, location::list_to_v1),
    value(name!("bookingFields"), name!("bookingFields"), fields_to_v2, fields_to_v1),
    renamed(name!("link"), name!("bookingUrl")).read_only(RESPONSE_ONLY),
    only_v1(&["position", "timeZone", "customInputs"], NO_COUNTERPART),
    only_v1(name!("hashedLink"), "V2 returns private links on a route of their own"),
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
        NOT_IN_V1,
    ),
];

pub(super) const HOST: &[FieldMapping] = &[
    same(name!("userId")),
    renamed(name!("isFixed"), name!("mandatory")),
    only_v1(name!("scheduleId"), NO_HOST_SCHEDULE),
    only_v2(&["name", "username", "avatarUrl", "priority"], NOT_IN_V1),
];

/// Converts an event type of V2 to V1's form.
///
/// [`convert`](crate::v1::convert) has an example.
///
/// # Errors
///
/// A field that V1 requires is missing.
pub fn to_v1(event_type: &types::EventType) -> Result<Converted<EventType>, ConversionError> {
    convert_by_table(TABLE, ConversionDirection::ToV1, Purpose::Read, event_type)
}

/// Converts an event type of V1 to V2's form.
///
/// [`convert`](crate::v1::convert) has an example.
///
/// # Errors
///
/// A field that V2 requires is missing.
pub fn to_v2(event_type: &EventType) -> Result<Converted<types::EventType>, ConversionError> {
    convert_by_table(TABLE, ConversionDirection::ToV2, Purpose::Read, event_type)
}

/// Converts the body of `POST /event-types`.
///
/// # Errors
///
/// V2 cannot express the request.
pub fn create(event_type: &CreateEventType) -> Result<Converted<types::CreateEventType>, ConversionError> {
    convert_by_table(TABLE, ConversionDirection::ToV2, Purpose::Create, event_type)
}

/// Converts the body of `PATCH /event-types/{id}`.
///
/// [`convert`](crate::v1::convert) has an example.
///
/// # Errors
///
/// V2 cannot express the request.
pub fn patch(event_type: &PatchEventType) -> Result<Converted<types::UpdateEventType>, ConversionError> {
    convert_by_table(TABLE, ConversionDirection::ToV2, Purpose::Update, event_type)
}
