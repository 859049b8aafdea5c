//! One whole request of each operation of organizations.

use super::*;

#[tokio::test(start_paused = true)]
async fn organizations_attributes() {
    snapshot!(
        "organizations_attributes",
        list_organization_attributes(7).take(7).skip(7),
        create_organization_attribute(7, &full("CreateOrganizationAttribute")),
        get_organization_attribute(7, "id-1"),
        update_organization_attribute(7, "id-1", &full("UpdateOrganizationAttribute")),
        delete_organization_attribute(7, "id-1"),
        create_attribute_option(7, "id-1", &full("CreateOrganizationAttributeOption")),
        list_attribute_options(7, "id-1"),
        delete_attribute_option(7, "id-1", "id-1"),
        update_attribute_option(7, "id-1", "id-1", &full("UpdateOrganizationAttributeOption")),
        list_assigned_options(7, "id-1").skip(7).take(7).assigned_option_ids("id-1").team_ids(7),
        list_assigned_options_by_slug(7, "a-slug").skip(7).take(7).assigned_option_ids("id-1").team_ids(7),
        assign_attribute_option(7, 7, &full("AssignAttributeOption")),
        list_user_attribute_options(7, 7),
        update_attribute_assignment(7, 7, "id-1", &full("UpdateAttributeAssignment")),
        unassign_attribute_option(7, 7, "id-1"),
        list_attribute_assignment_history(7, 7).limit(7).cursor("text"),
        list_attribute_sync_history(7).limit(7).cursor("text"),
        list_user_attribute_sync_history(7, 7).limit(7).cursor("text"),
    );
}

#[tokio::test(start_paused = true)]
async fn organizations_delegation() {
    snapshot!(
        "organizations_delegation",
        list_organization_delegation_credentials(7).take(7).skip(7).domain("text"),
        create_organization_delegation_credential(7, &full("CreateOrganizationDelegationCredential")),
        get_organization_delegation_credential(7, "id-1"),
        update_organization_delegation_credential(7, "id-1", &full("UpdateDelegationCredential")),
        delete_organization_delegation_credential(7, "id-1"),
        reset_delegation_credential_rotation(7, "id-1"),
    );
}

#[tokio::test(start_paused = true)]
async fn organizations_managed() {
    snapshot!(
        "organizations_managed",
        create_managed_organization(7, &full("CreateOrganization")),
        list_managed_organizations(7).take(7).skip(7).slug("a-slug").metadata_key("text").metadata_value("text"),
        get_managed_organization(7, 7),
        update_managed_organization(7, 7, &full("UpdateOrganization")),
        delete_managed_organization(7, 7),
    );
}

#[tokio::test(start_paused = true)]
async fn organizations_memberships() {
    snapshot!(
        "organizations_memberships",
        list_organization_memberships(7).take(7).skip(7),
        create_organization_membership(7, &full("CreateOrganizationMembership")),
        get_organization_membership(7, 7),
        delete_organization_membership(7, 7),
        update_organization_membership(7, 7, &full("UpdateTeamMembership")),
    );
}

#[tokio::test(start_paused = true)]
async fn organizations_roles() {
    snapshot!(
        "organizations_roles",
        create_organization_role(7, &full("CreateOrganizationRole")),
        list_organization_roles(7).take(7).skip(7),
        get_organization_role(7, "id-1"),
        update_organization_role(7, "id-1", &full("UpdateOrganizationRole")),
        delete_organization_role(7, "id-1"),
        add_organization_role_permissions(7, "id-1", &full("CreateOrganizationRolePermissions")),
        list_organization_role_permissions(7, "id-1"),
        replace_organization_role_permissions(7, "id-1", &full("CreateOrganizationRolePermissions")),
        delete_organization_role_permissions(7, "id-1").permissions("*.*"),
        delete_organization_role_permission(7, "id-1", "text"),
    );
}

#[tokio::test(start_paused = true)]
async fn organizations_routing_forms() {
    snapshot!(
        "organizations_routing_forms",
        list_organization_routing_forms(7)
            .skip(7)
            .take(7)
            .sort_created_at(types::SortOrder::Asc)
            .sort_updated_at(types::SortOrder::Asc)
            .after_created_at("2026-12-01T09:00:00Z".parse::<jiff::Timestamp>().unwrap())
            .before_created_at("2026-12-01T09:00:00Z".parse::<jiff::Timestamp>().unwrap())
            .after_updated_at("2026-12-01T09:00:00Z".parse::<jiff::Timestamp>().unwrap())
            .before_updated_at("2026-12-01T09:00:00Z".parse::<jiff::Timestamp>().unwrap())
            .routed_to_booking_uid("uid-1")
            .team_ids(7),
        list_organization_routing_form_responses(7, "id-1")
            .skip(7)
            .take(7)
            .sort_created_at(types::SortOrder::Asc)
            .sort_updated_at(types::SortOrder::Asc)
            .after_created_at("2026-12-01T09:00:00Z".parse::<jiff::Timestamp>().unwrap())
            .before_created_at("2026-12-01T09:00:00Z".parse::<jiff::Timestamp>().unwrap())
            .after_updated_at("2026-12-01T09:00:00Z".parse::<jiff::Timestamp>().unwrap())
            .before_updated_at("2026-12-01T09:00:00Z".parse::<jiff::Timestamp>().unwrap())
            .routed_to_booking_uid("uid-1"),
        create_organization_routing_form_response(
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
        update_organization_routing_form_response(7, "id-1", 7, &full("UpdateRoutingFormResponse")),
    );
}

#[tokio::test(start_paused = true)]
async fn organizations_users() {
    snapshot!(
        "organizations_users",
        list_organization_users(7)
            .take(7)
            .skip(7)
            .emails("jane@example.com")
            .assigned_option_ids("id-1")
            .attribute_query_operator("OR")
            .team_ids(7),
        create_organization_user(7, &full("CreateOrganizationUser")),
        update_organization_user(7, 7, &full("UpdateOrganizationUser")),
        delete_organization_user(7, 7),
        list_organization_user_bookings(7, 7)
            .status("upcoming")
            .attendee_email("jane@example.com")
            .attendee_name("Jane Roe")
            .booking_uid("uid-1")
            .event_type_ids("text")
            .event_type_id("id-1")
            .teams_ids("text")
            .team_id("id-1")
            .after_start("2026-12-01")
            .before_end("2026-12-02")
            .after_created_at("text")
            .before_created_at("text")
            .after_updated_at("text")
            .before_updated_at("text")
            .sort_start(types::SortOrder::Asc)
            .sort_end(types::SortOrder::Asc)
            .sort_created(types::SortOrder::Asc)
            .sort_updated_at(types::SortOrder::Asc)
            .take(7)
            .skip(7),
        list_organization_user_conferencing_apps(7, 7),
        set_organization_user_default_conferencing_app(7, 7, &full("SetDefaultConferencingApp")),
        list_organization_user_out_of_office_entries(7, 7)
            .take(7)
            .skip(7)
            .sort_start(types::SortOrder::Asc)
            .sort_end(types::SortOrder::Asc),
        create_organization_user_out_of_office_entry(7, 7, &full("CreateOutOfOfficeEntry")),
        update_organization_user_out_of_office_entry(7, 7, 7, &full("UpdateOutOfOfficeEntry")),
        delete_organization_user_out_of_office_entry(7, 7, 7),
        list_organization_out_of_office_entries(7)
            .take(7)
            .skip(7)
            .sort_start(types::SortOrder::Asc)
            .sort_end(types::SortOrder::Asc)
            .email("jane@example.com"),
        create_organization_user_schedule(7, 7, &full("CreateSchedule")),
        list_organization_user_schedules(7, 7),
        get_organization_user_schedule(7, 7, 7),
        update_organization_user_schedule(7, 7, 7, &full("UpdateSchedule")),
        delete_organization_user_schedule(7, 7, 7),
    );
}

#[tokio::test(start_paused = true)]
async fn organizations_webhooks() {
    snapshot!(
        "organizations_webhooks",
        list_organization_webhooks(7).take(7).skip(7),
        create_organization_webhook(7, &full("CreateWebhook")),
        get_organization_webhook(7, "id-1"),
        delete_organization_webhook(7, "id-1"),
        update_organization_webhook(7, "id-1", &full("UpdateWebhook")),
    );
}

#[tokio::test(start_paused = true)]
async fn organizations() {
    snapshot!(
        "organizations",
        list_organization_bookings(7)
            .status("upcoming")
            .attendee_email("jane@example.com")
            .attendee_name("Jane Roe")
            .booking_uid("uid-1")
            .event_type_ids("text")
            .event_type_id("id-1")
            .teams_ids("text")
            .team_id("id-1")
            .after_start("2026-12-01")
            .before_end("2026-12-02")
            .after_created_at("text")
            .before_created_at("text")
            .after_updated_at("text")
            .before_updated_at("text")
            .sort_start(types::SortOrder::Asc)
            .sort_end(types::SortOrder::Asc)
            .sort_created(types::SortOrder::Asc)
            .sort_updated_at(types::SortOrder::Asc)
            .user_ids("text")
            .take(7)
            .skip(7),
        report_organization_booking(7, &full("ReportOrganizationBooking")),
        block_organization_booker(7, &full("BlockOrganizationBooking")),
        list_organization_schedules(7).take(7).skip(7),
        list_organization_teams(7).take(7).skip(7),
        create_organization_team(7, &full("CreateOrganizationTeam")),
        list_my_organization_teams(7).take(7).skip(7),
        list_organization_event_types(7).take(7).skip(7).sort_created_at(types::SortOrder::Asc),
    );
}
