//! Inputs that the crate refuses before it sends anything: the error names the operation that was to be called.

use calcom::{
    Client, Contract, Error,
    facade::{BookingFilter, EventTypeFilter, RefreshApiKey},
    model::{
        BusyTimeQuery, CalendarEventTime, ChargeCredits, CreateBooking, CreateCalendarEvent, CreateEventType,
        CreateManagedUser, CreateOrganizationUser, CreateOutOfOffice, CreateSchedule, CreateTeam, CreateTeamEventType,
        CreateWebhook, CreditPurpose, InsightsPeriod, InsightsQuery, InsightsScope, NewAttendee, PrivateLinkLimit,
        ReserveSlot, RoutingInsightsQuery, SlotQuery, Trigger, UpdateUser, UpdateWebhook,
    },
};
use jiff::{Timestamp, civil::date};

/// Nothing listens there.
fn client(contract: Contract) -> Client {
    let builder = Client::builder().api_url("http://127.0.0.1:9").service(contract);
    builder.credentials("cal_test_checks").build().unwrap()
}

fn refused<T>(result: Result<T, Error>, operation: &str) {
    let Err(error) = result else { panic!("{operation} was sent") };
    assert_eq!((crate::support::kind(&error), error.attempts()), ("Validation", 0), "{operation}: {error}");
    assert_eq!(error.operation(), Some(operation), "{error}");
    assert!(error.to_string().starts_with(&format!("invalid input in {operation}: ")), "{error}");
    assert!(!error.may_have_been_applied() && !error.is_retryable(), "{error}");
}

fn times() -> (Timestamp, Timestamp) {
    ("2027-01-15T10:00:00Z".parse().unwrap(), "2027-01-16T10:00:00Z".parse().unwrap())
}

fn event_time(at: Timestamp) -> CalendarEventTime {
    CalendarEventTime::new(at, "UTC")
}

#[tokio::test]
async fn checks_of_bookings_and_slots_name_the_operation() {
    let (own, hosted, (start, end)) = (client(Contract::SelfHosted), client(Contract::Hosted), times());
    let wrong = CreateBooking::new(1, start, "Erika", "no address");
    refused(own.bookings().create(&wrong).await, "create_booking");
    refused(own.bookings().create_series(&wrong).await, "create_booking");
    refused(
        own.bookings().add_attendee("uid", &NewAttendee::new("Erika", "none", "UTC")).await,
        "add_booking_attendee",
    );
    refused(own.bookings().add_guests("uid", &["none"]).await, "add_booking_guests");
    refused(own.bookings().list(&BookingFilter::default().take(0u32)).await, "list_bookings");
    refused(own.bookings().list(&BookingFilter::default().cursor("next".to_owned())).await, "list_bookings");
    refused(hosted.bookings().list(&BookingFilter::default().skip(3u32)).await, "list_bookings");
    let of_team = BookingFilter::default().team_id(3);
    refused(own.team(3).bookings().list(&of_team).await, "list_team_bookings");
    let elsewhere = SlotQuery::new(1, start, end).time_zone("Nowhere");
    refused(own.slots().list(&elsewhere).await, "list_slots");
    refused(own.slots().list_legacy(&elsewhere).await, "list_available_slots");
    let reservation = ReserveSlot::new(1, start).reservation_duration(0);
    refused(own.slots().reserve(&reservation).await, "reserve_slot");
    refused(own.slots().update_reservation("uid", &reservation).await, "update_slot_reservation");
}

#[tokio::test]
async fn checks_of_a_users_own_things_name_the_operation() {
    let (client, (start, end)) = (client(Contract::Hosted), times());
    refused(client.me().update(&UpdateUser::new().time_zone("Nowhere")).await, "update_me");
    refused(client.api_keys().refresh(&RefreshApiKey::days(0)).await, "refresh_api_key");
    refused(client.credits().charge(&ChargeCredits::new(0, CreditPurpose::Sms)).await, "charge_credits");
    let nowhere = CreateSchedule::new("Practice", "Nowhere");
    refused(client.schedules().create(&nowhere).await, "create_schedule");
    let event_types = client.event_types();
    refused(event_types.create(&CreateEventType::new("Call", "call", 0)).await, "create_event_type");
    refused(event_types.create_private_link(1, PrivateLinkLimit::Uses(0)).await, "create_private_link");
    refused(event_types.update_private_link(1, "link", PrivateLinkLimit::Uses(0)).await, "update_private_link");
    let slug_alone = EventTypeFilter::default().event_slug("call".to_owned()).team_id(3).username("ada".to_owned());
    refused(event_types.list(&slug_alone).await, "list_team_event_types");
    let calendars = client.calendars();
    let busy = BusyTimeQuery::new(date(2027, 1, 15), date(2027, 1, 14));
    refused(calendars.busy_times(&busy).await, "list_busy_times");
    refused(calendars.set_destination("paper", "x").await, "set_destination_calendar");
    let connection = calendars.connection("connection");
    refused(connection.events(end, start).await, "list_connection_events");
    refused(connection.busy_times(end, start).await, "list_connection_busy_times");
    refused(
        connection.create_event(&CreateCalendarEvent::new("Visit", event_time(end), event_time(start))).await,
        "create_connection_event",
    );
    let insights = InsightsQuery::new(InsightsScope::User, "Nowhere");
    refused(client.insights().booking_stats(&insights).await, "get_insights_kpi_stats");
    refused(client.insights().booking_trends(&insights).await, "get_insights_event_trends");
    refused(client.insights().average_durations(&insights).await, "get_insights_average_duration");
    refused(client.insights().member_stats(&insights).await, "get_insights_member_stats");
    let backwards = RoutingInsightsQuery::new(InsightsScope::User, date(2027, 3, 2), date(2027, 3, 1));
    let (insights, days) = (client.insights(), InsightsPeriod::Day);
    refused(insights.routing_stats(&backwards).await, "get_insights_forms_by_status");
    refused(insights.routing_responses(&backwards).await, "list_insights_form_responses");
    refused(insights.failed_bookings_by_field(&backwards).await, "get_insights_failed_bookings_by_field");
    refused(insights.routed_members(&backwards, days).await, "get_insights_routed_to_per_period");
    let users = client.platform("id").users();
    let elsewhere = CreateManagedUser::new("ada@example.org", "Ada").time_zone("Nowhere");
    refused(users.create(&elsewhere).await, "create_managed_user");
    refused(users.update(1, &UpdateUser::new().time_zone("Nowhere")).await, "update_managed_user");
}

#[tokio::test]
async fn checks_name_the_operation_of_the_route_that_the_owner_has() {
    let client = client(Contract::Hosted);
    let nobody = CreateWebhook::new("no address", [Trigger::BookingCreated]);
    let changes = UpdateWebhook::default().subscriber_url("no address");
    for (webhooks, ids) in [
        (client.webhooks(), ["create_webhook", "update_webhook", "list_webhooks"]),
        (
            client.webhooks().for_event_type(1),
            ["create_event_type_webhook", "update_event_type_webhook", "list_event_type_webhooks"],
        ),
        (
            client.platform("id").webhooks(),
            ["create_oauth_client_webhook", "update_oauth_client_webhook", "list_oauth_client_webhooks"],
        ),
    ] {
        refused(webhooks.create(&nobody).await, ids[0]);
        refused(webhooks.ensure_as(&nobody).await, ids[0]);
        refused(webhooks.update("id", &changes).await, ids[1]);
        refused(webhooks.page(0, 0).await, ids[2]);
    }
    let backwards = CreateOutOfOffice::new(date(2027, 5, 2), date(2027, 5, 1));
    for (absences, id) in [
        (client.out_of_office(), "create_out_of_office_entry"),
        (client.organization(1).user(2).out_of_office(), "create_organization_user_out_of_office_entry"),
        (client.team(3).out_of_office(2), "create_team_member_out_of_office_entry"),
    ] {
        refused(absences.create(&backwards).await, id);
    }
    let call = CreateTeamEventType::round_robin(CreateEventType::new("Call", "call", 0));
    for (team, ids) in [
        (client.team(3), ["create_team_event_type", "request_team_phone_verification", "verify_team_phone"]),
        (
            client.organization(1).team(3),
            [
                "create_organization_team_event_type",
                "request_organization_team_phone_verification",
                "verify_organization_team_phone",
            ],
        ),
    ] {
        refused(team.event_types().create(&call).await, ids[0]);
        refused(team.verified_resources().request_phone("none").await, ids[1]);
        refused(team.verified_resources().verify_phone("none", "123456").await, ids[2]);
    }
    refused(client.verified_resources().request_phone("none").await, "request_phone_verification");
    refused(client.verified_resources().verify_phone("none", "123456").await, "verify_phone");
}

#[tokio::test]
async fn checks_of_teams_and_organizations_name_the_operation() {
    let client = client(Contract::Hosted);
    refused(client.teams().create(&CreateTeam::new("")).await, "create_team");
    let organization = client.organization(1);
    refused(organization.teams().create(&CreateTeam::new("")).await, "create_organization_team");
    let nowhere = CreateOrganizationUser::new("erika@example.com").time_zone("Nowhere");
    refused(organization.users().create(&nowhere).await, "create_organization_user");
    let schedules = organization.user(2).schedules();
    refused(schedules.create(&CreateSchedule::new("Practice", "Nowhere")).await, "create_organization_user_schedule");
    refused(organization.attributes().set_weight(2, "option", -1.0).await, "update_attribute_assignment");
}
