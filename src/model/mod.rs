//! Types of the Cal.com API: bookings, event types, slots, schedules, webhooks, their ids and statuses, and the inputs that
//! make and change them. No HTTP client is needed to use them.
//!
//! ```
//! use calcom::model::{Booking, BookingStatus, ToWireJson};
//!
//! # fn main() -> Result<(), serde_json::Error> {
//! // The wire form, as version 2024-08-13 answers.
//! let booking: Booking = serde_json::from_str(
//!     r#"{"id": 1, "uid": "abc", "title": "Visit", "description": "", "start": "2025-01-15T10:00:00Z",
//!         "end": "2025-01-15T10:30:00Z", "duration": 30, "status": "accepted", "eventTypeId": 7, "hosts": [],
//!         "attendees": [], "location": "12 Side St", "absentHost": false, "metadata": {},
//!         "createdAt": "2025-01-01T09:00:00Z", "updatedAt": "2025-01-01T09:00:00Z"}"#,
//! )?;
//! assert_eq!(booking.status, BookingStatus::Accepted);
//! assert_eq!(booking.extra("duration"), Some(&30.into()));
//!
//! // serde writes the documented form; `to_wire_json` gives what the service sent.
//! let documented = serde_json::to_value(&booking)?;
//! assert_eq!((&documented["startTime"], &documented["status"]), (&"2025-01-15T10:00:00Z".into(), &"ACCEPTED".into()));
//! assert_eq!(booking.to_wire_json()["start"], "2025-01-15T10:00:00Z");
//! # Ok(()) }
//! ```
//!
//! Ids are types of their own, statuses and triggers are open enums, times are jiff's.
//!
//! # The two forms of JSON
//!
//! The same booking or event type has two forms:
//!
//! | | documented form | wire form |
//! |---|---|---|
//! | what it is | the JSON of the API documentation that this crate follows | the JSON that the service sends and takes in its current versions |
//! | start of a booking | `startTime` | `start` |
//! | length of an event type | `length` | `lengthInMinutes` |
//! | status of a booking | `ACCEPTED` | `accepted` |
//! | slots | `{"slots": {DATE: [{"time": ..}]}}` | `{DATE: [{"start": ..}]}` |
//!
//! | the caller meets the documented form in | the caller meets the wire form in |
//! |---|---|
//! | the fields of the types of this module | responses of the service, and what is sent to it |
//! | the JSON that serde writes of them | [`to_wire_json`](ToWireJson::to_wire_json), and the JSON that [`wire_json`] writes |
//! | the inputs (`CreateBooking`, `CreateEventType`, ..), in Rust and in JSON | `calcom::raw` and its `types` |
//! | field names in errors about inputs | the methods `extra` and `wire` of values that the service sent |
//! | payloads of webhook deliveries (`startTime`, `length`, `ACCEPTED`), with fields of their own | |
//!
//! serde reads a type of this module from either form (from the wire form if the cargo feature of the type's area is on). It
//! writes the documented fields alone. Fields that the documentation does not have stay in the value: `extra` reads one by
//! its name, `wire` gives all of them typed, and `to_wire_json` and [`wire_json`] write them. Two values are equal only if
//! all of their fields are, documented or not.
//!
//! # The documented interface
//!
//! The names, defaults, requests and responses of the API as its documentation has them: `getBookings`, `startTime`,
//! `ACCEPTED`. The documentation of a method says which of these names it stands for. Differences between this crate and the
//! documented interface, and their reasons, are listed in a
//! [table](../v1/guide/index.html#the-documented-api-and-where-the-crate-differs) of `MIGRATION.md` (in the crate's
//! documentation with the feature `v1-compat`).

#[cfg(feature = "client")]
mod address;
mod attribute;
mod booking;
mod booking_artifacts;
mod booking_field;
mod booking_limits;
mod calendar;
mod cancellation;
mod change;
mod conferencing;
mod consent_url;
#[cfg(feature = "bookings")]
mod create_booking;
#[cfg(feature = "event-types")]
mod create_event_type;
mod credits;
mod documented;
mod epoch;
mod event_type;
mod event_type_groups;
mod from_documented;
mod ids;
mod insights;
mod lenient;
mod location;
mod managed_user;
mod membership;
mod metadata;
#[cfg(feature = "bookings")]
mod new_attendee;
mod nulls;
mod one_form;
mod open_enum;
mod organization_user;
mod out_of_office;
#[cfg(feature = "client")]
mod phone;
mod platform_client;
mod private_link;
mod raw_value;
mod recurring_event;
mod routing_form;
mod schedule;
mod shared;
mod slot;
mod sort_order;
mod team;
mod team_event_type;
mod trigger;
mod user;
mod verified_resource;
mod webhook;
mod weekday;
#[cfg(feature = "client")]
mod wire;
pub mod wire_json;
mod zone;

pub use crate::booking_status::BookingStatus;
#[cfg(feature = "bookings")]
pub(crate) use address::check_address;
#[cfg(feature = "organizations")]
pub(crate) use attribute::check_weight;
#[cfg(feature = "organizations")]
pub use attribute::{AssignAttribute, CreateAttribute, NewAttributeOption, UpdateAttribute};
pub use attribute::{Attribute, AttributeAssignment, AttributeOption, AttributeType};
pub use booking::{Attendee, Booking, Host};
pub use booking_artifacts::{
    BookingReference, CalendarLink, Reassignment, Recording, SessionParticipant, VideoSession,
};
pub use booking_field::BookingField;
#[cfg(feature = "me")]
pub use booking_limits::UpdateBookingLimits;
pub use booking_limits::{BookingLimits, TeamBookingLimit, TeamBookingLimits};
#[cfg(feature = "calendars")]
pub(crate) use calendar::check_span;
pub use calendar::{
    BusyTime, Calendar, CalendarAccount, CalendarConnection, CalendarConnections, CalendarDestination, CalendarEvent,
    CalendarEventStatus, CalendarEventTime, ConnectedCalendars,
};
#[cfg(feature = "calendars")]
pub use calendar::{BusyTimeQuery, CalendarRef, CreateCalendarEvent, UpdateCalendarEvent};
pub use cancellation::{CancelBooking, Cancellation};
pub use conferencing::{ConferencingApp, DefaultConferencingApp, UserConferencingApp};
pub use consent_url::ConsentUrl;
#[cfg(feature = "bookings")]
pub use create_booking::{CreateBooking, RescheduleBooking, Responses};
#[cfg(feature = "event-types")]
pub use create_event_type::{CreateEventType, UpdateEventType};
#[cfg(feature = "credits")]
pub use credits::ChargeCredits;
pub use credits::{AvailableCredits, CreditBalance, CreditCharge, CreditPurpose};
pub use documented::ToWireJson;
pub use event_type::{DeletedEventType, EventType};
pub use event_type_groups::{EventTypeGroup, EventTypeGroups, Profile};
#[cfg(feature = "client")]
pub(crate) use from_documented::FromDocumented;
pub use ids::{
    AttendeeId, AttributeId, AttributeOptionId, BookingId, BookingUid, CredentialId, EventTypeId, MembershipId,
    OrganizationId, OutOfOfficeId, PrivateLinkId, ReservationUid, RoutingFormId, RoutingFormResponseId, ScheduleId,
    SeatUid, TeamId, UserId, VerifiedResourceId, WebhookId,
};
pub use insights::{
    AverageDuration, BookingStats, BookingTrend, InsightsMetric, MemberRankings, MemberStat, RoutedMember,
    RoutedMemberCount, RoutedMembers, RoutingAnswer, RoutingInsightsField, RoutingInsightsOption,
    RoutingInsightsResponse, RoutingStats,
};
#[cfg(feature = "insights")]
pub use insights::{InsightsPeriod, InsightsQuery, InsightsScope, RoutingInsightsQuery};
pub use location::Location;
#[cfg(feature = "client")]
pub(crate) use location::apps;
#[cfg(feature = "platform")]
pub use managed_user::CreateManagedUser;
pub use managed_user::ManagedUser;
#[cfg(any(feature = "organizations", feature = "teams"))]
pub use membership::{CreateMembership, UpdateMembership};
pub use membership::{MembershipRole, MembershipUser, OrganizationMembership, TeamMembership};
pub use metadata::Metadata;
#[cfg(feature = "bookings")]
pub use new_attendee::NewAttendee;
#[cfg(feature = "client")]
pub(crate) use nulls::null_as_none;
pub use organization_user::OrganizationUser;
#[cfg(feature = "organizations")]
pub use organization_user::{CreateOrganizationUser, UpdateOrganizationUser};
#[cfg(any(feature = "out-of-office", feature = "organizations", feature = "teams"))]
pub use out_of_office::{CreateOutOfOffice, UpdateOutOfOffice};
pub use out_of_office::{OutOfOfficeEntry, OutOfOfficeReason};
#[cfg(feature = "client")]
pub(crate) use phone::normalize_phone_number;
pub use platform_client::PlatformOAuthClient;
pub use private_link::{PrivateLink, PrivateLinkLimit};
#[cfg(feature = "client")]
pub(crate) use raw_value::PathKey;
pub(crate) use raw_value::RawValueRef;
pub use recurring_event::{Frequency, RecurringEvent};
#[cfg(any(feature = "organizations", feature = "teams"))]
pub use routing_form::SubmitRoutingForm;
pub use routing_form::{RoutedForm, RoutingForm, RoutingFormResponse};
pub use schedule::{Availability, DateOverride, Schedule};
#[cfg(feature = "schedules")]
pub use schedule::{CreateSchedule, UpdateSchedule};
pub use shared::Shared;
#[cfg(feature = "slots")]
pub use slot::{Reservation, ReserveSlot, SlotFormat, SlotQuery};
pub use slot::{Seats, Slot, Slots};
pub use sort_order::SortOrder;
#[cfg(any(feature = "organizations", feature = "teams"))]
pub use team::{CreateTeam, UpdateTeam};
pub use team::{CreatedTeam, Team, TeamInvitation};
#[cfg(all(feature = "event-types", feature = "teams"))]
pub use team_event_type::{CreateTeamEventType, NewHost, UpdateTeamEventType};
pub use team_event_type::{EventTypeHost, HostPriority, SchedulingType};
pub use trigger::Trigger;
pub use user::User;
#[cfg(any(feature = "me", feature = "platform"))]
pub use user::{ClockFormat, UpdateUser};
pub use verified_resource::{VerifiedEmail, VerifiedPhone};
#[cfg(feature = "webhook-subscriptions")]
pub use webhook::{CreateWebhook, UpdateWebhook};
pub use webhook::{Webhook, WebhookSecret, WebhookTimeUnit};
#[cfg(feature = "client")]
pub(crate) use wire::{FromWire, InvalidValue};
pub use zone::TimeZoneName;
