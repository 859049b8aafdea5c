use calcom::{
    Error, Patch,
    facade::{BookingFilter, OrganizationUserFilter},
    model::{
        AssignAttribute, Attribute, AttributeType, CreateAttribute, CreateMembership, CreateOrganizationUser,
        CreateSchedule, CreateTeam, MembershipRole, OrganizationId, OrganizationUser, ScheduleId, TeamId,
        UpdateAttribute, UpdateMembership, UpdateOrganizationUser, UpdateSchedule, UserId,
    },
    raw::types,
};
use serde_json::{Value, json};

use super::{Service, success};
use crate::support::recorded_body;

fn user(id: i64) -> Value {
    json!({
        "id": id, "email": "nora@example.org", "name": null, "username": "nora", "bio": "Night shift", "locale": "de",
        "timeZone": "Europe/Vienna", "weekStart": "Monday", "defaultScheduleId": 9, "timeFormat": 24,
        "profile": {"id": 3, "organizationId": 5, "userId": id, "username": "nora"},
    })
}

fn membership(id: i64) -> Value {
    json!({
        "id": id, "teamId": 5, "userId": 31, "accepted": true, "role": "OWNER", "customRoleId": "owner_role",
        "disableImpersonation": false, "attributes": [],
        "user": {"name": "Nora Night", "email": "nora@example.org", "username": "nora"},
    })
}

fn attribute(id: &str) -> Value {
    json!({
        "id": id, "teamId": 5, "type": "MULTI_SELECT", "name": "Languages", "slug": "languages", "enabled": true,
        "usersCanEditRelation": false, "isLocked": false,
    })
}

fn option(id: &str) -> Value {
    json!({"id": id, "attributeId": "languages-id", "value": "Deutsch", "slug": "de", "isGroup": false, "contains": []})
}

#[tokio::test]
async fn teams_of_an_organization_are_listed_and_created() {
    let team = json!({"id": 4, "parentId": 5, "name": "Front desk", "slug": null, "role": "ADMIN", "accepted": true});
    let service = Service::self_hosted([success(json!([team]))]).await;
    let teams = service.client.organization(5).teams();
    assert_eq!(teams.list().await.unwrap()[0].id, TeamId(4));
    assert_eq!(teams.list_mine().await.unwrap()[0].role, Some(MembershipRole::Admin));
    assert_eq!(
        service.calls().await,
        ["GET /v2/organizations/5/teams?take=250", "GET /v2/organizations/5/teams/me?take=250"]
    );
    let service = Service::hosted([success(team)]).await;
    let created = service.client.organization(5).teams().create(&CreateTeam::new("Front desk")).await.unwrap();
    assert_eq!((created.parent_id, created.slug), (Some(OrganizationId(5)), None));
    let mut generated = types::CreateOrganizationTeam::new("Front desk".to_owned());
    generated.add_creator_as_owner = Some(false);
    service.client.organization(5).teams().create(generated).await.unwrap();
    assert_eq!(
        service.calls().await,
        [
            r#"POST /v2/organizations/5/teams {"name":"Front desk"}"#,
            r#"POST /v2/organizations/5/teams {"addCreatorAsOwner":false,"name":"Front desk"}"#,
        ]
    );
}

#[tokio::test]
async fn users_are_filtered_by_addresses_options_and_teams() {
    let service = Service::self_hosted([success(json!([user(31)]))]).await;
    let users = service.client.organization(5).users();
    let found = users.list(&OrganizationUserFilter::default()).await.unwrap();
    assert_eq!((found[0].id, found[0].default_schedule_id), (UserId(31), Some(ScheduleId(9))));
    assert_eq!(found[0].extra("timeFormat"), Some(&json!(24)));
    assert_eq!(found[0].wire().unwrap().time_format, Some(24));
    assert_eq!(found[0].to_wire_json(), user(31));
    assert!(!format!("{found:?}").contains("nora") && !format!("{found:?}").contains("shift"), "{found:?}");
    let filter = OrganizationUserFilter::default()
        .email("a@example.org")
        .email("b@example.org")
        .assigned_option("x")
        .assigned_option("y")
        .any_option(true)
        .team(4);
    users.list(&filter).await.unwrap();
    assert!(!format!("{filter:?}").contains("example.org"));
    assert_eq!(
        service.calls().await,
        [
            "GET /v2/organizations/5/users?take=1000".to_owned(),
            "GET /v2/organizations/5/users?assignedOptionIds=x&assignedOptionIds=y&attributeQueryOperator=OR\
             &emails=a%40example.org&emails=b%40example.org&take=1000&teamIds=4"
                .to_owned(),
        ]
    );
}

#[tokio::test]
async fn users_are_created_changed_and_deleted() {
    let service = Service::self_hosted([success(user(31))]).await;
    let organization = service.client.organization(5);
    let input = CreateOrganizationUser::new("nora@example.org")
        .name("Nora")
        .username("nora")
        .bio("Night shift")
        .time_zone("Europe/Vienna")
        .locale("de")
        .organization_role(MembershipRole::Admin)
        .auto_accept(false);
    assert_eq!(organization.users().create(&input).await.unwrap().id, UserId(31));
    let user = organization.user(31);
    assert_eq!(user.id(), UserId(31));
    let changes = UpdateOrganizationUser::new().email("n@example.org").bio(Patch::Clear).default_schedule_id(9);
    user.update(&changes).await.unwrap();
    let mut generated = types::UpdateOrganizationUser::new();
    generated.time_format = Patch::Clear;
    user.update(generated).await.unwrap();
    assert_eq!(user.delete().await.unwrap().username.as_deref(), Some("nora"));
    assert_eq!(
        service.calls().await,
        [
            r#"POST /v2/organizations/5/users {"autoAccept":false,"bio":"Night shift","email":"nora@example.org","locale":"de","name":"Nora","organizationRole":"ADMIN","timeZone":"Europe/Vienna","username":"nora"}"#,
            r#"PATCH /v2/organizations/5/users/31 {"bio":null,"defaultScheduleId":9,"email":"n@example.org"}"#,
            r#"PATCH /v2/organizations/5/users/31 {"timeFormat":null}"#,
            "DELETE /v2/organizations/5/users/31",
        ]
    );
    let wrong = organization.users().create(&CreateOrganizationUser::new("x@example.org").time_zone("Mars")).await;
    assert_eq!(wrong.unwrap_err().field_errors()[0].to_string(), "timeZone: must be an IANA time zone");
    assert!(user.update(&UpdateOrganizationUser::new().time_zone("Mars")).await.is_err());
    assert_eq!(service.calls().await.len(), 4);
    assert!(!format!("{input:?}{changes:?}").contains("example.org"));
}

#[tokio::test]
async fn memberships_are_listed_added_changed_and_removed() {
    let service = Service::self_hosted([success(json!([membership(6)]))]).await;
    let found = service.client.organization(5).memberships().list().await.unwrap();
    assert_eq!((found[0].organization_id, &found[0].role), (OrganizationId(5), &MembershipRole::Owner));
    assert_eq!(found[0].user.as_ref().unwrap().username.as_deref(), Some("nora"));
    assert_eq!(found[0].to_wire_json(), membership(6));
    assert_eq!(service.calls().await, ["GET /v2/organizations/5/memberships?take=250"]);

    let service = Service::self_hosted([success(membership(6))]).await;
    let memberships = service.client.organization(5).memberships();
    memberships.add(&CreateMembership::new(31).accepted(true)).await.unwrap();
    memberships.get(6).await.unwrap();
    memberships.update(6, &UpdateMembership::new().role("MEMBER").disable_impersonation(true)).await.unwrap();
    memberships.remove(6).await.unwrap();
    assert_eq!(
        service.calls().await,
        [
            r#"POST /v2/organizations/5/memberships {"accepted":true,"role":"MEMBER","userId":31}"#,
            "GET /v2/organizations/5/memberships/6",
            r#"PATCH /v2/organizations/5/memberships/6 {"disableImpersonation":true,"role":"MEMBER"}"#,
            "DELETE /v2/organizations/5/memberships/6",
        ]
    );
}

#[tokio::test]
async fn bookings_of_an_organization_are_paged_by_offset_or_on_the_hosted_service_by_cursor() {
    let booking = recorded_body("bookings-2024-08-13/create-regular")["data"].take();
    let page = |pagination: Value| json!({"status": "success", "data": [booking], "pagination": pagination});
    let own = page(json!({"totalItems": 1, "hasNextPage": false}));
    let service = Service::self_hosted([own]).await;
    let organization = service.client.organization(5);
    let filter = BookingFilter::default().team_id(4);
    assert_eq!(organization.bookings().list(&filter).await.unwrap().total, Some(1));
    assert_eq!(organization.user(31).bookings().stream(&filter).try_collect().await.unwrap().len(), 1);
    assert_eq!(
        service.calls().await,
        [
            "GET /v2/organizations/5/bookings?teamId=4",
            "GET /v2/organizations/5/users/31/bookings?sortCreated=asc&take=250&teamId=4",
        ]
    );

    let mut second = booking.clone();
    second["uid"] = json!("second");
    let last = json!({"status": "success", "data": [second], "pagination": {"hasMore": false, "nextCursor": null}});
    let service = Service::hosted([page(json!({"hasMore": true, "nextCursor": "b"})), last]).await;
    let all = service.client.organization(5).bookings().stream(&BookingFilter::default()).try_collect().await.unwrap();
    assert_eq!((all.len(), all[1].uid.as_str()), (2, "second"));
    assert_eq!(
        service.calls().await,
        [
            "GET /v2/organizations/5/bookings?limit=100 @2026-05-01",
            "GET /v2/organizations/5/bookings?cursor=b&limit=100 @2026-05-01",
        ]
    );
}

#[tokio::test]
async fn attributes_are_created_read_changed_and_deleted() {
    let service = Service::self_hosted([success(attribute("languages-id"))]).await;
    let attributes = service.client.organization(5).attributes();
    let input = CreateAttribute::new("Languages", "languages", AttributeType::MultiSelect)
        .option("Deutsch", "de")
        .option("English", "en")
        .enabled(true);
    let created = attributes.create(&input).await.unwrap();
    assert_eq!((created.kind.clone(), created.enabled), (AttributeType::MultiSelect, true));
    assert_eq!(attributes.get(&created.id).await.unwrap(), Some(created));
    attributes.create(&CreateAttribute::new("Nickname", "nickname", "TEXT")).await.unwrap();
    attributes.update("languages-id", &UpdateAttribute::new().name("Tongues").slug("t").enabled(false)).await.unwrap();
    attributes.delete("languages-id").await.unwrap();
    let at = "/v2/organizations/5/attributes";
    assert_eq!(
        service.calls().await,
        [
            format!(
                r#"POST {at} {{"enabled":true,"name":"Languages","options":[{{"slug":"de","value":"Deutsch"}},{{"slug":"en","value":"English"}}],"slug":"languages","type":"MULTI_SELECT"}}"#
            ),
            format!("GET {at}/languages-id"),
            format!(r#"POST {at} {{"name":"Nickname","options":[],"slug":"nickname","type":"TEXT"}}"#),
            format!(r#"PATCH {at}/languages-id {{"enabled":false,"name":"Tongues","slug":"t"}}"#),
            format!("DELETE {at}/languages-id"),
        ]
    );
    let unknown = Service::self_hosted([success(Value::Null)]).await;
    assert_eq!(unknown.client.organization(5).attributes().get("nope").await.unwrap(), None);
    let service = Service::self_hosted([success(json!([attribute("a"), attribute("b")]))]).await;
    let all = service.client.organization(5).attributes().list().await.unwrap();
    assert_eq!(all.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(service.calls().await, [format!("GET {at}?take=250")]);
}

#[tokio::test]
async fn options_and_values_are_assigned_to_users() {
    let at = "/v2/organizations/5/attributes";
    let mut assigned = option("de-id");
    assigned["assignedUserIds"] = json!([31, 32]);
    let service = Service::self_hosted([success(json!([assigned]))]).await;
    let attributes = service.client.organization(5).attributes();
    assert_eq!(attributes.options("languages-id").await.unwrap()[0].value, "Deutsch");
    let users = attributes.assigned_options("languages-id", [4, 6]).await.unwrap();
    assert_eq!(users[0].assigned_user_ids, [UserId(31), UserId(32)]);
    attributes.of_user(31).await.unwrap();
    assert_eq!(
        service.calls().await,
        [
            format!("GET {at}/languages-id/options"),
            format!("GET {at}/languages-id/options/assigned?take=250&teamIds=4&teamIds=6"),
            format!("GET {at}/options/31"),
        ]
    );

    let assignment = json!({"id": "row", "memberId": 3, "attributeOptionId": "de-id", "weight": 75});
    let service = Service::hosted([success(assignment)]).await;
    let attributes = service.client.organization(5).attributes();
    let weighted = AssignAttribute::option("languages-id", "de-id").weight(75.0);
    let made = attributes.assign(31, &weighted).await.unwrap();
    assert_eq!((made.attribute_option_id.as_str(), made.weight), ("de-id", Some(75.0)));
    attributes.assign(31, &AssignAttribute::value("years-id", "7")).await.unwrap();
    attributes.set_weight(31, "de-id", 20.5).await.unwrap();
    attributes.unassign(31, "de-id").await.unwrap();
    assert_eq!(
        service.calls().await,
        [
            format!(
                r#"POST {at}/options/31 {{"attributeId":"languages-id","attributeOptionId":"de-id","weight":75.0}}"#
            ),
            format!(r#"POST {at}/options/31 {{"attributeId":"years-id","value":"7"}}"#),
            format!(r#"PATCH {at}/options/31/de-id {{"weight":20.5}}"#),
            format!("DELETE {at}/options/31/de-id"),
        ]
    );
    for wrong in [-1.0, f64::NAN, f64::INFINITY] {
        let error = attributes.assign(31, &AssignAttribute::value("years-id", "7").weight(wrong)).await.unwrap_err();
        assert_eq!(error.field_errors()[0].to_string(), "weight: must be at least 0");
        assert!(attributes.set_weight(31, "de-id", wrong).await.is_err());
    }
    assert_eq!(service.calls().await.len(), 4);

    let service = Service::self_hosted([success(option("fr-id"))]).await;
    let attributes = service.client.organization(5).attributes();
    assert_eq!(attributes.create_option("languages-id", "Français", "fr").await.unwrap().id.as_str(), "fr-id");
    attributes.delete_option("languages-id", "fr-id").await.unwrap();
    assert!(matches!(attributes.set_weight(31, "de-id", 1.0).await, Err(Error::Unsupported(..))));
    assert_eq!(
        service.calls().await,
        [
            format!(r#"POST {at}/languages-id/options {{"slug":"fr","value":"Français"}}"#),
            format!("DELETE {at}/languages-id/options/fr-id"),
        ]
    );
}

#[tokio::test]
async fn schedules_of_a_user_are_listed_created_changed_and_deleted() {
    let schedule = recorded_body("schedules/get-2024-06-11")["data"].take();
    let service = Service::self_hosted([success(json!([schedule])), success(schedule.clone())]).await;
    let schedules = service.client.organization(5).user(31).schedules();
    assert_eq!(schedules.list().await.unwrap().len(), 1);
    assert_eq!(schedules.get(1).await.unwrap().id, ScheduleId(1));
    schedules.create(&CreateSchedule::new("Practice", "Europe/Vienna")).await.unwrap();
    schedules.update(1, &UpdateSchedule::default().name("Late")).await.unwrap();
    schedules.delete(1).await.unwrap();
    let at = "/v2/organizations/5/users/31/schedules";
    assert_eq!(
        service.calls().await,
        [
            format!("GET {at}"),
            format!("GET {at}/1"),
            format!(r#"POST {at} {{"isDefault":false,"name":"Practice","timeZone":"Europe/Vienna"}}"#),
            format!(r#"PATCH {at}/1 {{"name":"Late"}}"#),
            format!("DELETE {at}/1"),
        ]
    );
}

#[test]
fn changed_values_are_written_with_their_changes() {
    let mut read: OrganizationUser = serde_json::from_value(user(31)).unwrap();
    read.time_zone = Some("Europe/Rome".to_owned());
    let mut expected = user(31);
    expected["timeZone"] = json!("Europe/Rome");
    assert_eq!(read.to_wire_json(), expected);
    let mut read: Attribute = serde_json::from_value(attribute("a")).unwrap();
    read.kind = AttributeType::Number;
    assert_eq!(read.to_wire_json()["type"], "NUMBER");
}

#[tokio::test]
async fn a_weight_of_zero_is_sent_and_a_negative_one_is_refused() {
    let assigned = json!({"id": "x", "memberId": 3, "attributeOptionId": "o", "weight": 0});
    let service = Service::hosted([success(assigned)]).await;
    let attributes = service.client.organization(12).attributes();
    _ = attributes.set_weight(3, "o", 0.0).await;
    for wrong in [-0.5, f64::NAN, f64::INFINITY] {
        let error = attributes.set_weight(3, "o", wrong).await.unwrap_err();
        assert_eq!(error.field_errors()[0].to_string(), "weight: must be at least 0");
    }
    let calls = service.calls().await;
    assert_eq!(calls.len(), 1, "{calls:?}");
    assert!(calls[0].starts_with("PATCH /v2/organizations/12/attributes/options/3/o {\"weight\":0"), "{calls:?}");
}
