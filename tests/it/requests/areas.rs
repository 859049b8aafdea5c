//! One whole request of each operation of the areas that are not on by default, organizations left out.

use serde_json::json;

use super::*;

#[tokio::test(start_paused = true)]
async fn allowlists() {
    snapshot!("allowlists", list_allowlists(), get_allowlist("text"),);
}

#[tokio::test(start_paused = true)]
async fn bookings_verification() {
    snapshot!(
        "bookings_verification",
        request_booking_reschedule("uid-1", &full("RequestReschedule")),
        send_booking_email_code(&full("SendVerificationEmail")),
        check_booking_email("jane@example.com").user_session_email("jane@example.com"),
        verify_booking_email_code(&full("VerifyEmail")),
        get_booking_routing_trace("uid-1"),
    );
}

#[tokio::test(start_paused = true)]
async fn calendars_accounts() {
    snapshot!(
        "calendars_accounts",
        connect_ics_feed(&full("CreateIcsFeed")),
        check_ics_feed(),
        connect_calendar("text", true).redir("https://example.com/"),
        save_calendar_credentials("text", &full("CreateCalendarCredentials")),
        check_calendar("text"),
        disconnect_calendar("text", &full("DeleteCalendarCredentials")),
        set_destination_calendar(&full("DestinationCalendars")),
        add_selected_calendar(&full("SelectedCalendars")),
        remove_selected_calendar("text", "id-1", "id-1").delegation_credential_id("id-1"),
    );
}

#[tokio::test(start_paused = true)]
async fn calendars_connections() {
    snapshot!(
        "calendars_connections",
        list_calendar_connections(),
        list_connection_events("id-1", "2026-12-01", "2026-12-02").time_zone("Europe/Berlin").calendar_id("id-1"),
        create_connection_event("id-1", &full("CreateUnifiedCalendarEvent")).calendar_id("id-1"),
        get_connection_event("id-1", "id-1").calendar_id("id-1"),
        update_connection_event("id-1", "id-1", &full("UpdateUnifiedCalendarEventInput")).calendar_id("id-1"),
        delete_connection_event("id-1", "id-1").calendar_id("id-1"),
        list_connection_busy_times("id-1", "2026-12-01", "2026-12-02").time_zone("Europe/Berlin"),
    );
}

#[tokio::test(start_paused = true)]
async fn calendars_events() {
    snapshot!(
        "calendars_events",
        get_calendar_event("text", "uid-1"),
        update_calendar_event_by_uid("text", "uid-1", &full("UpdateUnifiedCalendarEventInput")),
        update_calendar_event("text", "uid-1", &full("UpdateUnifiedCalendarEvent")),
        get_calendar_event_by_uid("text", "uid-1"),
        delete_calendar_event("text", "uid-1"),
        list_calendar_events("text", "2026-12-01", "2026-12-02").time_zone("Europe/Berlin").calendar_id("id-1"),
        create_calendar_event("text", &full("CreateUnifiedCalendarEvent")),
        list_calendar_busy_times("text", "2026-12-01", "2026-12-02").time_zone("Europe/Berlin"),
    );
}

#[tokio::test(start_paused = true)]
async fn conferencing() {
    snapshot!(
        "conferencing",
        connect_conferencing_app("text"),
        get_conferencing_auth_url("text", "https://example.com/", "https://example.com/"),
        list_conferencing_apps(),
        set_default_conferencing_app("text"),
        get_default_conferencing_app(),
        disconnect_conferencing_app("text"),
    );
}

#[tokio::test(start_paused = true)]
async fn credits() {
    snapshot!("credits", get_available_credits(), charge_credits(&full("ChargeCredits")),);
}

#[tokio::test(start_paused = true)]
async fn event_types_fields() {
    snapshot!(
        "event_types_fields",
        list_booking_fields(7),
        replace_booking_fields(7, &full("BookingFieldsInput")),
        add_booking_fields(7, &full("BookingFieldsInput")),
        update_booking_fields(7, &full("PatchBookingFields")),
        delete_booking_field(7, "a-slug"),
    );
}

#[tokio::test(start_paused = true)]
async fn event_types_history() {
    snapshot!(
        "event_types_history",
        list_event_type_history(7).limit(7).cursor("text"),
        get_event_type_scheduling_config(7),
        list_event_type_crm_errors(7, "a-slug").include_dismissed(true).cursor("text").limit(7),
    );
}

#[tokio::test(start_paused = true)]
async fn events() {
    snapshot!("events", list_events().slug("a-slug"), get_event("uid-1"),);
}

#[tokio::test(start_paused = true)]
async fn insights() {
    snapshot!(
        "insights",
        get_insights_kpi_stats(&full("BookingInsights")),
        get_insights_event_trends(&full("BookingInsights")),
        get_insights_average_duration(&full("BookingInsights")),
        get_insights_member_stats(&full("BookingInsights")),
        get_insights_forms_by_status(&full("RoutingInsightsBase")),
        list_insights_form_responses(&full("RoutingInsightsPaginated")),
        get_insights_form_field_options(&full("RoutingFormFields")),
        get_insights_form_response_headers(&full("RoutingFormFields")),
        get_insights_failed_bookings_by_field(&full("RoutingInsightsBase")),
        get_insights_routed_to_per_period(&full("RoutedToPerPeriod")),
    );
}

#[tokio::test(start_paused = true)]
async fn me_limits() {
    snapshot!(
        "me_limits",
        get_booking_limits(),
        update_booking_limits(&full("UpdateBookingLimits")),
        delete_booking_limits(),
        list_team_booking_limits(),
        update_team_booking_limits(7, &full("UpdateBookingLimits")),
        delete_team_booking_limits(7),
    );
}

#[tokio::test(start_paused = true)]
async fn notifications() {
    snapshot!(
        "notifications",
        create_push_subscription(&full("RegisterAppPushSubscription")),
        delete_push_subscription(&full("RemoveAppPushSubscription")),
        create_slack_link(),
        create_telegram_link(),
        delete_slack_subscription(&full("RemoveSlackSubscription")),
        delete_telegram_subscription(&full("RemoveChatSubscription")),
    );
}

#[tokio::test(start_paused = true)]
async fn oauth2() {
    snapshot!("oauth2", get_oauth2_client("id-1"), create_oauth2_token(&full("CreateOauth2Token")),);
}

#[tokio::test(start_paused = true)]
async fn out_of_office() {
    snapshot!(
        "out_of_office",
        list_out_of_office_entries().take(7).skip(7).sort_start(types::SortOrder::Asc).sort_end(types::SortOrder::Asc),
        create_out_of_office_entry(&full("CreateOutOfOfficeEntry")),
        update_out_of_office_entry(7, &full("UpdateOutOfOfficeEntry")),
        delete_out_of_office_entry(7),
    );
}

#[tokio::test(start_paused = true)]
async fn platform() {
    snapshot!(
        "platform",
        list_managed_users("id-1").limit(7).offset(7).emails("jane@example.com"),
        create_managed_user("id-1", &full("CreateManagedUser")),
        get_managed_user("id-1", 7),
        update_managed_user("id-1", 7, &full("UpdateManagedUser")),
        delete_managed_user("id-1", 7),
        force_refresh_managed_user("id-1", 7),
        refresh_managed_user_tokens("id-1", &full("RefreshToken")),
        create_oauth_client_webhook("id-1", &full("CreateWebhook")),
        list_oauth_client_webhooks("id-1").take(7).skip(7),
        delete_oauth_client_webhooks("id-1"),
        update_oauth_client_webhook("id-1", "id-1", &full("UpdateWebhook")),
        get_oauth_client_webhook("id-1", "id-1"),
        delete_oauth_client_webhook("id-1", "id-1"),
        create_oauth_client(&full("CreateOAuthClient")),
        list_oauth_clients(),
        get_oauth_client("id-1"),
        update_oauth_client("id-1", &full("UpdateOAuthClient")),
        delete_oauth_client("id-1"),
    );
}

#[tokio::test(start_paused = true)]
async fn routing_forms() {
    snapshot!(
        "routing_forms",
        calculate_routing_form_slots("id-1", "2026-12-01", "2026-12-02", &body(json!({"key": "value"})))
            .time_zone("Europe/Berlin")
            .duration(7)
            .format(types::SlotFormat::Time)
            .booking_uid_to_reschedule("uid-1"),
    );
}

#[tokio::test(start_paused = true)]
async fn stripe() {
    snapshot!("stripe", connect_stripe(), check_stripe(),);
}

#[tokio::test(start_paused = true)]
async fn teams_own_event_types() {
    snapshot!(
        "teams_own_event_types",
        create_team_event_type(7, &full::<types::CreateTeamEventType>("CreateTeamEventType")),
        get_team_event_type(7, 7),
        update_team_event_type(7, 7, &full::<types::UpdateTeamEventType>("UpdateTeamEventType")),
        delete_team_event_type(7, 7),
        create_team_phone_call(7, 7, &full("CreatePhoneCall")),
        list_team_event_type_booking_fields(7, 7),
        replace_team_event_type_booking_fields(7, 7, &full("BookingFieldsInput")),
        add_team_event_type_booking_fields(7, 7, &full("BookingFieldsInput")),
        update_team_event_type_booking_fields(7, 7, &full("PatchBookingFields")),
        delete_team_event_type_booking_field(7, 7, "a-slug"),
        create_team_event_type_webhook(7, 7, &full("CreateWebhook")),
        list_team_event_type_webhooks(7, 7).take(7).skip(7),
        delete_team_event_type_webhooks(7, 7),
        update_team_event_type_webhook(7, 7, "id-1", &full("UpdateWebhook")),
        get_team_event_type_webhook(7, 7, "id-1"),
        delete_team_event_type_webhook(7, 7, "id-1"),
    );
}

#[tokio::test(start_paused = true)]
async fn teams_resources() {
    snapshot!(
        "teams_resources",
        request_team_email_verification(7, &full("RequestEmailVerification")),
        request_team_phone_verification(7, &full("RequestPhoneVerification")),
        verify_team_email(7, &full("VerifyEmail")),
        verify_team_phone(7, &full("VerifyPhone")),
        list_team_verified_emails(7).take(7).skip(7),
        list_team_verified_phones(7).take(7).skip(7),
        get_team_verified_email(7, 7),
        get_team_verified_phone(7, 7),
    );
}

#[tokio::test(start_paused = true)]
async fn teams() {
    snapshot!(
        "teams",
        create_team(&full("CreateTeam")),
        list_teams(),
        get_team(7),
        update_team(7, &full("UpdateOrganizationTeam")),
        delete_team(7),
        list_team_bookings(7)
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
        create_team_invite(7),
        create_team_membership(7, &full("CreateTeamMembership")),
        list_team_memberships(7).take(7).skip(7).emails("jane@example.com"),
        get_team_membership(7, 7),
        update_team_membership(7, 7, &full("UpdateTeamMembership")),
        delete_team_membership(7, 7),
        create_team_routing_form_response(7, "id-1", "2026-12-01", "2026-12-02", &body(json!({"department": "sales"})))
            .time_zone("Europe/Berlin")
            .duration(7)
            .format(types::SlotFormat::Time)
            .booking_uid_to_reschedule("uid-1")
            .reschedule_with_same_host(true)
            .queue_response(true),
        list_team_schedules(7).take(7).skip(7),
        list_team_member_out_of_office_entries(7, 7)
            .take(7)
            .skip(7)
            .sort_start(types::SortOrder::Asc)
            .sort_end(types::SortOrder::Asc),
        create_team_member_out_of_office_entry(7, 7, &full("CreateOutOfOfficeEntry")),
        update_team_member_out_of_office_entry(7, 7, 7, &full("UpdateOutOfOfficeEntry")),
        delete_team_member_out_of_office_entry(7, "id-1", 7),
    );
}

#[tokio::test(start_paused = true)]
async fn verified_resources() {
    snapshot!(
        "verified_resources",
        request_email_verification(&full("RequestEmailVerification")),
        request_phone_verification(&full("RequestPhoneVerification")),
        verify_email(&full("VerifyEmail")),
        verify_phone(&full("VerifyPhone")),
        list_verified_emails().take(7).skip(7),
        list_verified_phones().take(7).skip(7),
        get_verified_email(7),
        get_verified_phone(7),
    );
}

#[tokio::test(start_paused = true)]
async fn workflows() {
    snapshot!(
        "workflows",
        list_workflows().take(7).skip(7),
        create_workflow(&full("CreateEventTypeWorkflow")),
        get_workflow(7),
        update_workflow(7, &full("UpdateEventTypeWorkflow")),
        delete_workflow(7),
    );
}
