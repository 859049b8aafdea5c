//! One whole request of each operation of the teams of organizations.

use super::*;

#[tokio::test(start_paused = true)]
async fn organization_teams_apps() {
    snapshot!(
        "organization_teams_apps",
        connect_organization_team_conferencing_app(7, 7, "text"),
        get_organization_team_conferencing_auth_url(7, 7, "text", "https://example.com/", "https://example.com/"),
        list_organization_team_conferencing_apps(7, 7),
        set_organization_team_default_conferencing_app(7, 7, "text"),
        get_organization_team_default_conferencing_app(7, 7),
        disconnect_organization_team_conferencing_app(7, 7, "text"),
        connect_organization_team_stripe(7, 7, "https://example.com/", "https://example.com/"),
        check_organization_team_stripe(7, 7),
    );
}

#[tokio::test(start_paused = true)]
async fn organization_teams_event_types() {
    snapshot!(
        "organization_teams_event_types",
        create_organization_team_event_type_private_link(7, 7, 7, &full("CreatePrivateLink")),
        list_organization_team_event_type_private_links(7, 7, 7),
        update_organization_team_event_type_private_link(7, 7, 7, "id-1", &full("UpdatePrivateLink")),
        delete_organization_team_event_type_private_link(7, 7, 7, "id-1"),
        create_organization_team_event_type(7, 7, &full::<types::CreateTeamEventType>("CreateTeamEventType")),
        list_organization_team_event_types(7, 7)
            .event_slug("a-slug")
            .hosts_limit(7)
            .sort_created_at(types::SortOrder::Asc),
        get_organization_team_event_type(7, 7, 7),
        update_organization_team_event_type(7, 7, 7, &full::<types::UpdateTeamEventType>("UpdateTeamEventType")),
        delete_organization_team_event_type(7, 7, 7),
        create_organization_team_phone_call(7, 7, 7, &full("CreatePhoneCall")),
        list_organization_team_event_type_booking_fields(7, 7, 7),
        replace_organization_team_event_type_booking_fields(7, 7, 7, &full("BookingFieldsInput")),
        add_organization_team_event_type_booking_fields(7, 7, 7, &full("BookingFieldsInput")),
        update_organization_team_event_type_booking_fields(7, 7, 7, &full("PatchBookingFields")),
        delete_organization_team_event_type_booking_field(7, 7, 7, "a-slug"),
    );
}

#[tokio::test(start_paused = true)]
async fn organization_teams_resources() {
    snapshot!(
        "organization_teams_resources",
        request_organization_team_email_verification(7, 7, &full("RequestEmailVerification")),
        request_organization_team_phone_verification(7, 7, &full("RequestPhoneVerification")),
        verify_organization_team_email(7, 7, &full("VerifyEmail")),
        verify_organization_team_phone(7, 7, &full("VerifyPhone")),
        list_organization_team_verified_emails(7, 7).take(7).skip(7),
        list_organization_team_verified_phones(7, 7).take(7).skip(7),
        get_organization_team_verified_email(7, 7, 7),
        get_organization_team_verified_phone(7, 7, 7),
    );
}

#[tokio::test(start_paused = true)]
async fn organization_teams_roles() {
    snapshot!(
        "organization_teams_roles",
        create_organization_team_role(7, 7, &full("CreateTeamRole")),
        list_organization_team_roles(7, 7).take(7).skip(7),
        get_organization_team_role(7, 7, "id-1"),
        update_organization_team_role(7, 7, "id-1", &full("UpdateTeamRole")),
        delete_organization_team_role(7, 7, "id-1"),
        add_organization_team_role_permissions(7, 7, "id-1", &full("CreateTeamRolePermissions")),
        list_organization_team_role_permissions(7, 7, "id-1"),
        replace_organization_team_role_permissions(7, 7, "id-1", &full("CreateTeamRolePermissions")),
        delete_organization_team_role_permissions(7, 7, "id-1").permissions("role.create"),
        delete_organization_team_role_permission(7, 7, "id-1", "text"),
    );
}

#[tokio::test(start_paused = true)]
async fn organization_teams_routing_forms() {
    snapshot!(
        "organization_teams_routing_forms",
        list_organization_team_routing_forms(7, 7)
            .skip(7)
            .take(7)
            .sort_created_at(types::SortOrder::Asc)
            .sort_updated_at(types::SortOrder::Asc)
            .after_created_at("2026-12-01T09:00:00Z".parse::<jiff::Timestamp>().unwrap())
            .before_created_at("2026-12-01T09:00:00Z".parse::<jiff::Timestamp>().unwrap())
            .after_updated_at("2026-12-01T09:00:00Z".parse::<jiff::Timestamp>().unwrap())
            .before_updated_at("2026-12-01T09:00:00Z".parse::<jiff::Timestamp>().unwrap())
            .routed_to_booking_uid("uid-1"),
        list_organization_team_routing_form_responses(7, 7, "id-1")
            .skip(7)
            .take(7)
            .sort_created_at(types::SortOrder::Asc)
            .sort_updated_at(types::SortOrder::Asc)
            .after_created_at("2026-12-01T09:00:00Z".parse::<jiff::Timestamp>().unwrap())
            .before_created_at("2026-12-01T09:00:00Z".parse::<jiff::Timestamp>().unwrap())
            .after_updated_at("2026-12-01T09:00:00Z".parse::<jiff::Timestamp>().unwrap())
            .before_updated_at("2026-12-01T09:00:00Z".parse::<jiff::Timestamp>().unwrap())
            .routed_to_booking_uid("uid-1"),
        create_organization_team_routing_form_response(
            7,
            7,
            "id-1",
            "2026-12-01",
            "2026-12-02",
            &body(json!({"department": "sales"}))
        )
        .time_zone("Europe/Berlin")
        .duration(7)
        .format(types::SlotFormat::Time)
        .booking_uid_to_reschedule("uid-1")
        .queue_response(true),
        update_organization_team_routing_form_response(7, 7, "id-1", 7, &full("UpdateRoutingFormResponse")),
    );
}

#[tokio::test(start_paused = true)]
async fn organization_teams_workflows() {
    snapshot!(
        "organization_teams_workflows",
        list_organization_team_workflows(7, 7).take(7).skip(7),
        create_organization_team_workflow(7, 7, &full("CreateEventTypeWorkflow")),
        list_organization_team_routing_form_workflows(7, 7).take(7).skip(7),
        create_organization_team_routing_form_workflow(7, 7, &full("CreateFormWorkflow")),
        get_organization_team_workflow(7, 7, 7),
        update_organization_team_workflow(7, 7, 7, &full("UpdateEventTypeWorkflow")),
        delete_organization_team_workflow(7, 7, 7),
        get_organization_team_routing_form_workflow(7, 7, 7),
        update_organization_team_routing_form_workflow(7, 7, 7, &full("UpdateFormWorkflow")),
        delete_organization_team_routing_form_workflow(7, 7, 7),
    );
}

#[tokio::test(start_paused = true)]
async fn organization_teams() {
    snapshot!(
        "organization_teams",
        get_organization_team(7, 7),
        delete_organization_team(7, 7),
        update_organization_team(7, 7, &full("UpdateOrganizationTeam")),
        list_organization_team_bookings(7, 7)
            .status("upcoming")
            .attendee_email("jane@example.com")
            .attendee_name("Jane Roe")
            .booking_uid("uid-1")
            .event_type_ids("text")
            .event_type_id("id-1")
            .after_start("2026-12-01")
            .before_end("2026-12-02")
            .sort_start(types::SortOrder::Asc)
            .sort_end(types::SortOrder::Asc)
            .sort_created(types::SortOrder::Asc)
            .take(7)
            .skip(7),
        list_organization_team_booking_references(7, 7, "uid-1").type_(types::BookingReferenceType::GoogleCalendar),
        create_organization_team_invite(7, 7),
        list_organization_team_memberships(7, 7).take(7).skip(7),
        create_organization_team_membership(7, 7, &full("CreateOrganizationTeamMembership")),
        get_organization_team_membership(7, 7, 7),
        delete_organization_team_membership(7, 7, 7),
        update_organization_team_membership(7, 7, 7, &full("UpdateTeamMembership")),
        list_organization_team_schedules(7, 7).take(7).skip(7).event_type_id(7),
        list_organization_team_user_schedules(7, 7, 7).event_type_id(7),
    );
}
