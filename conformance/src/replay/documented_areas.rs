//! The documented types of the areas beside bookings, of which both forms are the same.

use calcom::{
    __conformance::FromData,
    model::{
        Attribute, AttributeAssignment, AttributeOption, Booking, BusyTime, CalendarEvent, ConferencingApp,
        ConnectedCalendars, DeletedEventType, EventType, ManagedUser, OrganizationMembership, OrganizationUser,
        OutOfOfficeEntry, PlatformOAuthClient, RoutedForm, RoutingForm, RoutingFormResponse, Team, TeamInvitation,
        TeamMembership, VerifiedEmail, VerifiedPhone,
    },
    operation::Operation,
};
use serde_json::Value;

use super::{
    documented::{DocumentedType, check, one},
    recording::Recording,
};

/// The problems of the documented type of an operation, if it has one.
pub(super) fn problems(recording: &Recording, operation: &'static Operation) -> Vec<String> {
    let wire = &recording.answer["data"];
    // A null response has no documented type.
    if wire.is_null() {
        return Vec::new();
    }
    match operation.id {
        id if id.ends_with("out_of_office_entries") => check(recording, OutOfOfficeEntry::list, wire),
        id if id.ends_with("out_of_office_entry") => check(recording, one::<OutOfOfficeEntry>, wire),
        "list_teams" | "list_organization_teams" | "list_my_organization_teams" => check(recording, Team::list, wire),
        // A team that awaits its payment is in `pendingTeam`.
        "create_team" if wire.get("pendingTeam").is_some() => Vec::new(),
        "create_team"
        | "get_team"
        | "update_team"
        | "delete_team"
        | "create_organization_team"
        | "get_organization_team"
        | "update_organization_team"
        | "delete_organization_team" => check(recording, one::<Team>, wire),
        "create_team_invite" | "create_organization_team_invite" => check(recording, one::<TeamInvitation>, wire),
        "list_team_memberships" | "list_organization_team_memberships" => check(recording, TeamMembership::list, wire),
        id if id.ends_with("team_membership") => check(recording, one::<TeamMembership>, wire),
        "list_organization_memberships" => check(recording, OrganizationMembership::list, wire),
        id if id.ends_with("organization_membership") => check(recording, one::<OrganizationMembership>, wire),
        "list_organization_users" => check(recording, OrganizationUser::list, wire),
        id if id.ends_with("organization_user") => check(recording, one::<OrganizationUser>, wire),
        "list_managed_users" => check(recording, ManagedUser::list, wire),
        // The tokens stand beside the new user.
        "create_managed_user" => Vec::new(),
        id if id.ends_with("_managed_user") && wire.get("id").is_some() => check(recording, one::<ManagedUser>, wire),
        "list_oauth_clients" => check(recording, PlatformOAuthClient::list, wire),
        "get_oauth_client" | "update_oauth_client" | "delete_oauth_client" => {
            check(recording, one::<PlatformOAuthClient>, wire)
        }
        "list_organization_attributes" => check(recording, Attribute::list, wire),
        id if id.ends_with("organization_attribute") => check(recording, one::<Attribute>, wire),
        "list_attribute_options"
        | "list_user_attribute_options"
        | "list_assigned_options"
        | "list_assigned_options_by_slug" => check(recording, AttributeOption::list, wire),
        "create_attribute_option" | "update_attribute_option" | "delete_attribute_option" => {
            check(recording, one::<AttributeOption>, wire)
        }
        "assign_attribute_option" | "unassign_attribute_option" | "update_attribute_assignment" => {
            check(recording, one::<AttributeAssignment>, wire)
        }
        "list_team_bookings"
        | "list_organization_bookings"
        | "list_organization_team_bookings"
        | "list_organization_user_bookings" => check(recording, Booking::list, wire),
        "list_organization_team_event_types" => check(recording, EventType::list, wire),
        "create_team_event_type"
        | "get_team_event_type"
        | "update_team_event_type"
        | "create_organization_team_event_type"
        | "get_organization_team_event_type"
        | "update_organization_team_event_type" => {
            // A managed event type comes with its copies.
            if wire.is_array() {
                check(recording, EventType::list, wire)
            } else {
                check(recording, one::<EventType>, wire)
            }
        }
        "delete_team_event_type" | "delete_organization_team_event_type" => {
            check(recording, one::<DeletedEventType>, wire)
        }
        id if id.ends_with("routing_forms") => check(recording, RoutingForm::list, wire),
        id if id.starts_with("list_") && id.ends_with("routing_form_responses") => {
            check(recording, RoutingFormResponse::list, wire)
        }
        id if id.starts_with("create_") && id.ends_with("routing_form_response") => {
            check(recording, one::<RoutedForm>, wire)
        }
        id if id.starts_with("update_") && id.ends_with("routing_form_response") => {
            check(recording, one::<RoutingFormResponse>, wire)
        }
        "list_calendars" => check(recording, one::<ConnectedCalendars>, wire),
        "list_busy_times" => check(recording, BusyTime::list, wire),
        "get_calendar_event" | "update_calendar_event" => check(recording, one::<CalendarEvent>, wire),
        "list_conferencing_apps" | "list_organization_team_conferencing_apps" => {
            check(recording, ConferencingApp::list, wire)
        }
        "connect_conferencing_app" | "connect_organization_team_conferencing_app" => {
            check(recording, one::<ConferencingApp>, wire)
        }
        id if id.starts_with("list_") && id.ends_with("verified_emails") => check(recording, VerifiedEmail::list, wire),
        "verify_email" | "verify_team_email" | "verify_organization_team_email" => {
            check(recording, one::<VerifiedEmail>, wire)
        }
        id if id.starts_with("get_") && id.ends_with("verified_email") => check(recording, one::<VerifiedEmail>, wire),
        id if id.starts_with("list_") && id.ends_with("verified_phones") => check(recording, VerifiedPhone::list, wire),
        "verify_phone" | "verify_team_phone" | "verify_organization_team_phone" => {
            check(recording, one::<VerifiedPhone>, wire)
        }
        id if id.starts_with("get_") && id.ends_with("verified_phone") => check(recording, one::<VerifiedPhone>, wire),
        _ => Vec::new(),
    }
}

macro_rules! documented_types {
    ($($name:ident),+ $(,)?) => {$(
        impl DocumentedType for $name {
            fn extra_field(&self, name: &str) -> Option<&Value> {
                self.extra(name)
            }
        }
    )+};
}

documented_types!(
    Attribute,
    AttributeAssignment,
    AttributeOption,
    BusyTime,
    CalendarEvent,
    ConferencingApp,
    ConnectedCalendars,
    ManagedUser,
    OrganizationMembership,
    OrganizationUser,
    OutOfOfficeEntry,
    PlatformOAuthClient,
    RoutedForm,
    RoutingForm,
    RoutingFormResponse,
    Team,
    TeamInvitation,
    TeamMembership,
    VerifiedEmail,
    VerifiedPhone,
);
