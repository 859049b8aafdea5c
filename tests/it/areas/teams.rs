use calcom::{
    Error, Patch,
    facade::{BookingFilter, TeamEventTypeFilter},
    model::{
        BookingStatus, CreateEventType, CreateMembership, CreateOutOfOffice, CreateTeam, CreateTeamEventType,
        CreatedTeam, EventTypeId, HostPriority, MembershipId, MembershipRole, NewHost, OrganizationId, SchedulingType,
        SortOrder, Team, TeamId, UpdateEventType, UpdateMembership, UpdateTeam, UpdateTeamEventType, UserId,
    },
    raw::types,
};
use jiff::civil::{Weekday, date};
use serde_json::{Value, json};

use super::{Service, failure, success};
use crate::support::recorded_body;

fn team(id: i64) -> Value {
    json!({
        "id": id, "parentId": 5, "name": "Front desk", "slug": "front-desk", "logoUrl": null, "bio": "We answer",
        "isPrivate": true, "isOrganization": false, "timeZone": "Europe/Vienna", "weekStart": "Monday", "theme": "dark",
        "metadata": {"crm": "9"},
    })
}

fn membership(id: i64) -> Value {
    json!({
        "id": id, "userId": 31, "teamId": 4, "accepted": false, "role": "ADMIN", "disableImpersonation": true,
        "user": {"name": "Rita Round", "email": "rita@example.org", "username": "rita", "bio": null, "avatarUrl": "https://example.org/r.png"},
    })
}

fn event_type(id: i64) -> Value {
    let mut json = recorded_body("single-teams-event-types/list")["data"][0].take();
    json["id"] = json!(id);
    json["schedulingType"] = json!("roundRobin");
    json["hosts"] = json!([
        {"userId": 31, "name": "Rita Round", "username": "rita", "avatarUrl": null, "mandatory": true, "priority": "high"},
        {"userId": 32, "name": "Rob In", "username": "rob", "avatarUrl": null, "mandatory": false, "priority": "utmost"},
    ]);
    json
}

#[tokio::test]
async fn teams_are_listed_created_read_changed_and_deleted() {
    let service = Service::self_hosted([success(json!([team(4)]))]).await;
    let teams = service.client.teams().list().await.unwrap();
    assert_eq!((teams[0].id, teams[0].parent_id, teams[0].is_private), (TeamId(4), Some(OrganizationId(5)), true));
    assert_eq!(teams[0].extra("theme"), Some(&json!("dark")));
    assert_eq!(teams[0].wire().unwrap().theme.as_deref(), Some("dark"));
    assert_eq!(teams[0].to_wire_json(), team(4));
    assert!(!format!("{teams:?}").contains("answer"), "{teams:?}");
    assert_eq!(service.calls().await, ["GET /v2/teams"]);

    let service = Service::self_hosted([success(team(4))]).await;
    let input = CreateTeam::new("Front desk")
        .slug("front-desk")
        .bio("We answer")
        .logo_url("https://example.org/logo.png")
        .time_zone("Europe/Vienna")
        .week_start(Weekday::Monday)
        .is_private(true)
        .auto_accept_creator(true);
    let CreatedTeam::Ready(created) = service.client.teams().create(&input).await.unwrap() else { panic!("pending") };
    assert_eq!(created.slug.as_deref(), Some("front-desk"));
    let mut generated = types::CreateTeam::try_from(&CreateTeam::new("Front desk")).unwrap();
    generated.theme = Some("dark".to_owned());
    service.client.teams().create(generated).await.unwrap();
    let one = service.client.team(created.id);
    assert_eq!(one.get().await.unwrap().name, "Front desk");
    let changes = UpdateTeam::new("Desk").bio(Patch::Clear).slug("desk").week_start(Weekday::Sunday);
    one.update(&changes).await.unwrap();
    assert_eq!(one.delete().await.unwrap().id, one.id());
    assert_eq!(
        service.calls().await,
        [
            r#"POST /v2/teams {"autoAcceptCreator":true,"bio":"We answer","isPrivate":true,"logoUrl":"https://example.org/logo.png","name":"Front desk","slug":"front-desk","timeZone":"Europe/Vienna","weekStart":"Monday"}"#,
            r#"POST /v2/teams {"name":"Front desk","theme":"dark"}"#,
            "GET /v2/teams/4",
            r#"PATCH /v2/teams/4 {"bio":null,"name":"Desk","slug":"desk","weekStart":"Sunday"}"#,
            "DELETE /v2/teams/4",
        ]
    );
    let read: CreateTeam = serde_json::from_value(serde_json::to_value(&input).unwrap()).unwrap();
    assert!(read == input);
}

#[tokio::test]
async fn a_team_that_awaits_its_payment_says_where_it_is_paid_for() {
    let link = "https://pay.example.org/session";
    let pending = json!({"message": "Please pay.", "paymentLink": link, "pendingTeam": team(8)});
    let service = Service::hosted([success(pending)]).await;
    let created = service.client.teams().create(&CreateTeam::new("Front desk")).await.unwrap();
    assert_eq!(created.team().id, TeamId(8));
    assert!(!format!("{created:?}").contains("session"), "{created:?}");
    let CreatedTeam::AwaitsPayment { pending_team, payment_link } = created else { panic!("ready") };
    assert_eq!((pending_team.name.as_str(), payment_link.as_str()), ("Front desk", link));
    assert_eq!(service.calls().await, [r#"POST /v2/teams {"name":"Front desk"}"#]);
}

#[tokio::test]
async fn wrong_fields_of_a_team_are_named_and_nothing_is_sent() {
    let service = Service::self_hosted([success(team(4))]).await;
    let wrong = CreateTeam::new(" ").time_zone("Mars/Base").logo_url("/logo.png");
    let error = service.client.teams().create(&wrong).await.unwrap_err();
    let problems: Vec<_> = error.field_errors().iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "name: must have 1 to 155 characters",
            "timeZone: must be an IANA time zone",
            "logoUrl: must be an absolute URL"
        ]
    );
    let error = service.client.team(4).update(&UpdateTeam::new("x".repeat(156)).logo_url("x")).await.unwrap_err();
    assert_eq!(error.field_errors().len(), 2);
    assert!(service.calls().await.is_empty());
}

#[tokio::test]
async fn a_team_of_an_organization_is_reached_through_it() {
    let service = Service::self_hosted([success(team(4))]).await;
    let one = service.client.organization(5).team(4);
    one.get().await.unwrap();
    one.update(&UpdateTeam::new("Desk")).await.unwrap();
    one.delete().await.unwrap();
    let at = "/v2/organizations/5/teams/4";
    assert_eq!(
        service.calls().await,
        [format!("GET {at}"), format!(r#"PATCH {at} {{"name":"Desk"}}"#), format!("DELETE {at}")]
    );

    let service = Service::self_hosted([success(membership(12))]).await;
    let members = service.client.organization(5).team(4).members();
    members.add(&CreateMembership::new(31)).await.unwrap();
    members.get(12).await.unwrap();
    members.update(12, &UpdateMembership::new().accepted(true)).await.unwrap();
    members.remove(12).await.unwrap();
    let at = "/v2/organizations/5/teams/4/memberships";
    assert_eq!(
        service.calls().await,
        [
            format!(r#"POST {at} {{"role":"MEMBER","userId":31}}"#),
            format!("GET {at}/12"),
            format!(r#"PATCH {at}/12 {{"accepted":true}}"#),
            format!("DELETE {at}/12"),
        ]
    );
}

#[tokio::test]
async fn members_are_listed_added_changed_and_removed() {
    let service = Service::self_hosted([success(json!([membership(12), {"id": 13}]))]).await;
    let members = service.client.team(4).members().list().await.unwrap();
    assert_eq!((members.len(), members.unread().len()), (1, 1));
    let member = &members[0];
    assert_eq!((member.id, member.user_id, member.team_id), (MembershipId(12), UserId(31), TeamId(4)));
    assert_eq!((&member.role, member.accepted), (&MembershipRole::Admin, false));
    assert_eq!(member.user.as_ref().unwrap().email.as_deref(), Some("rita@example.org"));
    assert_eq!(member.to_wire_json(), membership(12));
    assert!(!format!("{member:?}").contains("ita"), "{member:?}");
    assert_eq!(service.calls().await, ["GET /v2/teams/4/memberships?take=250"]);

    let service = Service::self_hosted([success(membership(12))]).await;
    let members = service.client.team(4).members();
    let admin = CreateMembership::new(31).role(MembershipRole::Admin).accepted(true).disable_impersonation(true);
    members.add(&admin).await.unwrap();
    members.add(&CreateMembership::new(UserId(32))).await.unwrap();
    members.update(12, &UpdateMembership::new().role("OWNER")).await.unwrap();
    members.remove(MembershipId(12)).await.unwrap();
    assert_eq!(
        service.calls().await,
        [
            r#"POST /v2/teams/4/memberships {"accepted":true,"disableImpersonation":true,"role":"ADMIN","userId":31}"#,
            r#"POST /v2/teams/4/memberships {"userId":32}"#,
            r#"PATCH /v2/teams/4/memberships/12 {"role":"OWNER"}"#,
            "DELETE /v2/teams/4/memberships/12",
        ]
    );
    let service = Service::self_hosted([failure(409, "ConflictException", "User is already a member")]).await;
    assert!(matches!(service.client.team(4).members().add(&admin).await, Err(Error::Conflict(_))));
}

#[tokio::test]
async fn an_invitation_is_a_link_that_debug_does_not_show() {
    let data = json!({"token": "secret-token", "inviteLink": "https://app.example.org/teams?token=secret-token"});
    let service = Service::self_hosted([success(data)]).await;
    let invitation = service.client.team(4).invite().await.unwrap();
    assert!(invitation.invite_link.ends_with("secret-token"));
    assert!(!format!("{invitation:?}").contains("secret"), "{invitation:?}");
    service.client.organization(5).team(4).invite().await.unwrap();
    assert_eq!(service.calls().await, ["POST /v2/teams/4/invite", "POST /v2/organizations/5/teams/4/invite"]);
}

#[tokio::test]
async fn event_types_of_a_team_are_created_with_their_hosts() {
    let service = Service::self_hosted([success(event_type(16))]).await;
    let event_types = service.client.team(4).event_types();
    let call = || CreateEventType::new("Sales call", "sales-call", 30);
    let turns = CreateTeamEventType::round_robin(call())
        .host(NewHost::new(31).mandatory(true).priority(HostPriority::High))
        .host(32);
    let created = event_types.create(&turns).await.unwrap();
    assert_eq!((created.id, created.scheduling_type()), (EventTypeId(16), Some(SchedulingType::RoundRobin)));
    let hosts = created.hosts();
    assert_eq!((hosts.len(), hosts[0].user_id, hosts[0].mandatory), (2, Some(UserId(31)), Some(true)));
    assert_eq!(hosts[1].priority, Some(HostPriority::from("utmost")));

    event_types.create(&CreateTeamEventType::collective(call()).all_members()).await.unwrap();
    let changes = UpdateTeamEventType::new(UpdateEventType::new().length(45)).hosts([UserId(31)]);
    event_types.update(16, &changes).await.unwrap();
    event_types.update(16, &UpdateTeamEventType::default().all_members(true)).await.unwrap();
    event_types.get(16).await.unwrap();
    let base = r#"{"lengthInMinutes":30,"schedulingType""#;
    assert_eq!(
        service.calls().await,
        [
            r#"POST /v2/teams/4/event-types @2024-06-14 {"hosts":[{"mandatory":true,"priority":"high","userId":31},{"userId":32}],"lengthInMinutes":30,"schedulingType":"roundRobin","slug":"sales-call","title":"Sales call"}"#.to_owned(),
            format!(r#"POST /v2/teams/4/event-types @2024-06-14 {{"assignAllTeamMembers":true,{}:"collective","slug":"sales-call","title":"Sales call"}}"#, &base[1..]),
            r#"PATCH /v2/teams/4/event-types/16 @2024-06-14 {"hosts":[{"userId":31}],"lengthInMinutes":45}"#.to_owned(),
            r#"PATCH /v2/teams/4/event-types/16 @2024-06-14 {"assignAllTeamMembers":true}"#.to_owned(),
            "GET /v2/teams/4/event-types/16".to_owned(),
        ]
    );
}

#[tokio::test]
async fn a_managed_event_type_comes_with_its_copies() {
    let (mut parent, mut copy) = (event_type(17), event_type(18));
    parent["schedulingType"] = json!("managed");
    (copy["schedulingType"], copy["parentEventTypeId"]) = (Value::Null, json!(17));
    let service = Service::self_hosted([success(json!([parent, copy]))]).await;
    let event_types = service.client.team(4).event_types();
    let managed = CreateTeamEventType::managed(CreateEventType::new("Visit", "visit", 20)).host(31);
    let all = event_types.create_managed(&managed).await.unwrap();
    assert_eq!(all.iter().map(|it| it.id.0).collect::<Vec<_>>(), [17, 18]);
    assert_eq!((all[0].scheduling_type(), all[0].parent_id()), (Some(SchedulingType::Managed), None));
    assert_eq!((all[1].scheduling_type(), all[1].parent_id()), (None, Some(EventTypeId(17))));
    assert_eq!(event_types.create(&managed).await.unwrap().id.0, 17);
    let changes = UpdateTeamEventType::new(UpdateEventType::new().hidden(true));
    assert_eq!(event_types.update_managed(17, &changes).await.unwrap().len(), 2);
    assert_eq!(service.calls().await.len(), 3);

    let nothing = Service::self_hosted([success(json!([]))]).await;
    assert!(matches!(nothing.client.team(4).event_types().create(&managed).await, Err(Error::Decode(..))));
}

#[tokio::test]
async fn hosts_that_the_service_would_ignore_are_refused_before_anything_is_sent() {
    let service = Service::self_hosted([success(event_type(16))]).await;
    let event_types = service.client.team(4).event_types();
    let call = || CreateEventType::new("Sales call", "sales-call", 30);
    for (input, problem) in [
        (
            CreateTeamEventType::round_robin(call()).host(31).all_members(),
            "hosts: cannot be combined with assignAllTeamMembers",
        ),
        (
            CreateTeamEventType::collective(call()).host(NewHost::new(31).mandatory(true)),
            "hosts[0].mandatory: is for a round robin only",
        ),
        (
            CreateTeamEventType::managed(call()).host(31).host(NewHost::new(32).priority("low")),
            "hosts[1].priority: is for a round robin only",
        ),
        (CreateTeamEventType::collective(CreateEventType::new("Sales call", " ", 30)), "slug: must not be empty"),
    ] {
        let error = event_types.create(&input).await.unwrap_err();
        assert_eq!(error.field_errors()[0].to_string(), problem);
    }
    assert!(service.calls().await.is_empty());
}

#[tokio::test]
async fn event_types_are_listed_with_filters_and_written_in_the_form_of_the_hosted_service() {
    let service = Service::self_hosted([success(json!([event_type(15), event_type(16)]))]).await;
    let filter =
        TeamEventTypeFilter::default().event_slug("team-talk").hosts_limit(1u32).sort_created_at(SortOrder::Asc);
    assert_eq!(service.client.team(4).event_types().list(&filter).await.unwrap().len(), 2);
    service.client.organization(5).team(4).event_types().list(&TeamEventTypeFilter::default()).await.unwrap();
    assert_eq!(
        service.calls().await,
        [
            "GET /v2/teams/4/event-types?eventSlug=team-talk&hostsLimit=1&sortCreatedAt=asc",
            "GET /v2/organizations/5/teams/4/event-types",
        ]
    );

    let service = Service::hosted([success(event_type(16))]).await;
    let event_types = service.client.organization(5).team(4).event_types();
    let length = std::num::NonZeroU64::new(30).unwrap();
    let mut hosted = types::HostedCreateTeamEventType::new("Call", "call", length, types::SchedulingType::Collective);
    hosted.private_note_enabled = Some(true);
    event_types.create(hosted).await.unwrap();
    let mut changes = types::HostedUpdateTeamEventType::new();
    changes.hidden = Some(true);
    event_types.update(16, changes).await.unwrap();
    assert_eq!(event_types.delete(16).await.unwrap().id, Some(EventTypeId(16)));
    assert_eq!(
        service.calls().await,
        [
            r#"POST /v2/organizations/5/teams/4/event-types @2026-06-12 {"lengthInMinutes":30,"privateNoteEnabled":true,"schedulingType":"collective","slug":"call","title":"Call"}"#,
            r#"PATCH /v2/organizations/5/teams/4/event-types/16 @2026-06-12 {"hidden":true}"#,
            "DELETE /v2/organizations/5/teams/4/event-types/16 @2026-06-12",
        ]
    );
    let gone = Service::self_hosted([recorded_body("single-teams-event-types/delete")]).await;
    let deleted = gone.client.team(4).event_types().delete(21).await.unwrap();
    assert_eq!((deleted.id, deleted.title.as_deref()), (Some(EventTypeId(21)), Some("Team talk")));
}

fn bookings(uids: &[&str], has_next: bool) -> Value {
    let one = recorded_body("bookings-2024-08-13/create-regular")["data"].take();
    let booking = |uid: &&str| {
        let mut booking = one.clone();
        booking["uid"] = json!(uid);
        booking
    };
    let items: Vec<_> = uids.iter().map(booking).collect();
    json!({"status": "success", "data": items, "pagination": {"totalItems": 3, "hasNextPage": has_next}})
}

#[tokio::test]
async fn bookings_of_a_team_are_paged_by_offset_on_both_services() {
    for hosted in [false, true] {
        let answers = [bookings(&["a", "b"], true), bookings(&["c"], false)];
        let service = if hosted { Service::hosted(answers).await } else { Service::self_hosted(answers).await };
        let filter = BookingFilter::default().status(BookingStatus::from("upcoming")).event_type_id(16).take(2u32);
        let all = service.client.team(4).bookings().stream(&filter).try_collect().await.unwrap();
        assert_eq!(all.iter().map(|booking| booking.uid.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(
            service.calls().await,
            [
                "GET /v2/teams/4/bookings?eventTypeId=16&sortCreated=asc&status=upcoming&take=2",
                "GET /v2/teams/4/bookings?eventTypeId=16&skip=2&sortCreated=asc&status=upcoming&take=2",
            ]
        );
    }
    let service = Service::self_hosted([bookings(&["a", "b"], true)]).await;
    let page = service.client.organization(5).team(4).bookings().list(&BookingFilter::default()).await.unwrap();
    assert_eq!((page.items.len(), page.total, page.next_skip), (2, Some(3), Some(2)));
    assert_eq!(service.calls().await, ["GET /v2/organizations/5/teams/4/bookings"]);

    let mut stream = service.client.team(4).bookings().stream(&BookingFilter::default().team_id(9));
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(error.field_errors()[0].to_string(), "teamId: the list has the bookings of one team");
    let late = BookingFilter::default().created_after("2026-01-01T00:00:00Z".parse::<jiff::Timestamp>().unwrap());
    let error = service.client.team(4).bookings().list(&late).await.unwrap_err();
    assert_eq!(error.field_errors()[0].field, "afterCreatedAt");
    assert_eq!(service.calls().await.len(), 1);
}

#[tokio::test]
async fn schedules_and_absences_of_members_are_read() {
    let schedule = recorded_body("schedules/get-2024-06-11")["data"].take();
    let service = Service::self_hosted([success(json!([schedule]))]).await;
    let schedules = service.client.team(4).schedules().await.unwrap();
    assert_eq!((schedules.len(), schedules[0].time_zone.as_str()), (1, "Europe/Berlin"));
    service.client.organization(5).team(4).schedules().await.unwrap();
    assert_eq!(
        service.calls().await,
        ["GET /v2/teams/4/schedules?take=250", "GET /v2/organizations/5/teams/4/schedules?take=250"]
    );

    let entry = json!({"id": 7, "start": "2028-02-28T00:00:00Z", "end": "2028-02-28T23:59:59.999Z"});
    let service = Service::hosted([success(entry)]).await;
    let absences = service.client.team(4).out_of_office(31);
    let day = date(2028, 2, 28);
    absences.create(&CreateOutOfOffice::new(day, day)).await.unwrap();
    absences.delete(7).await.unwrap();
    assert_eq!(
        service.calls().await,
        [
            r#"POST /v2/teams/4/users/31/ooo {"end":"2028-02-28T23:59:59.999Z","start":"2028-02-28T00:00:00Z"}"#,
            "DELETE /v2/teams/4/users/31/ooo/7",
        ]
    );
}

#[test]
fn a_changed_team_is_written_with_the_change() {
    let mut read: Team = serde_json::from_value(team(4)).unwrap();
    read.bio = None;
    let mut expected = team(4);
    expected["bio"] = Value::Null;
    assert_eq!(read.to_wire_json(), expected);
    assert_eq!(serde_json::from_value::<Team>(expected).unwrap(), read);
}
