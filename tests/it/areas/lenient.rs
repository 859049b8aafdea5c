//! A `null`, and a response of another shape, where the areas expect a value.

use calcom::{
    Error,
    facade::{OutOfOfficeFilter, RoutingFormFilter},
    model::{ChargeCredits, MembershipRole, RoutingFormResponseId, UserId},
};
use serde_json::{Value, json};

use super::{Service, success};

/// Items with ids of their own, of which each field in turn is `null`.
fn with_nulls(item: &Value, keep: &[&str]) -> Vec<Value> {
    let names = item.as_object().unwrap().keys().filter(|name| !keep.contains(&name.as_str()));
    names
        .enumerate()
        .map(|(at, name)| {
            let mut item = item.clone();
            item["id"] = if item["id"].is_string() { format!("id-{at}").into() } else { (at + 1).into() };
            if item["uuid"].is_string() {
                item["uuid"] = format!("uuid-{at}").into();
            }
            item[name] = Value::Null;
            item
        })
        .collect()
}

#[tokio::test]
async fn an_optional_field_that_is_null_keeps_the_item_of_a_list() {
    let membership = json!({
        "id": 3, "userId": 7, "teamId": 4, "role": "ADMIN", "accepted": true, "disableImpersonation": true,
        "user": {"name": "Jo", "email": "jo@example.org", "username": "jo", "avatarUrl": "x", "bio": "y"},
    });
    let rows = with_nulls(&membership, &["id", "userId", "teamId", "role"]);
    let service = Service::self_hosted([success(Value::Array(rows.clone()))]).await;
    let found = service.client.team(4).members().list().await.unwrap();
    assert_eq!((found.len(), found.unread().len()), (rows.len(), 0), "{:?}", found.unread());
    assert!(found.iter().all(|row| row.user_id == UserId(7) && row.role == MembershipRole::Admin));
    assert_eq!(found.iter().filter(|row| row.accepted).count(), rows.len() - 1);
    let found = service.client.organization(1).memberships().list().await.unwrap();
    assert_eq!((found.len(), found.unread().len()), (rows.len(), 0), "{:?}", found.unread());

    let team = json!({
        "id": 4, "name": "Sales", "slug": "sales", "parentId": 1, "isOrganization": true, "isPrivate": true, "bio": "b",
        "logoUrl": "l", "timeZone": "UTC", "weekStart": "Monday", "metadata": {}, "theme": "dark", "role": "OWNER",
        "accepted": true, "hideBranding": true, "timeFormat": 24,
    });
    let teams = with_nulls(&team, &["id", "name"]);
    let service = Service::self_hosted([success(Value::Array(teams.clone()))]).await;
    let found = service.client.teams().list().await.unwrap();
    assert_eq!((found.len(), found.unread().len()), (teams.len(), 0), "{:?}", found.unread());

    let form = json!({"id": "f", "name": "Intake", "description": "d", "disabled": true, "teamId": 4, "userId": 7});
    let forms = with_nulls(&form, &["id"]);
    let service = Service::self_hosted([success(Value::Array(forms.clone()))]).await;
    let found = service.client.organization(1).routing_forms().list(&RoutingFormFilter::default()).await.unwrap();
    assert_eq!((found.len(), found.unread().len()), (forms.len(), 0), "{:?}", found.unread());

    let response = json!({
        "id": 9, "formId": "f", "response": {"q": {"label": "Q", "value": "a"}}, "routedToBookingUid": "u",
        "createdAt": "2028-02-29T00:00:00.000Z",
    });
    let responses = with_nulls(&response, &["id"]);
    let service = Service::self_hosted([success(Value::Array(responses.clone()))]).await;
    let forms = service.client.organization(1).routing_forms();
    let found = forms.responses("f", &RoutingFormFilter::default()).await.unwrap();
    assert_eq!((found.len(), found.unread().len()), (responses.len(), 0), "{:?}", found.unread());
    assert_eq!(found[0].id, RoutingFormResponseId(1));

    let attribute = json!({
        "id": "a", "teamId": 1, "type": "TEXT", "name": "Level", "slug": "level", "enabled": true,
        "usersCanEditRelation": true, "isLocked": true, "isWeightsEnabled": true,
    });
    let attributes = with_nulls(&attribute, &["id", "type", "name", "slug"]);
    let service = Service::self_hosted([success(Value::Array(attributes.clone()))]).await;
    let found = service.client.organization(1).attributes().list().await.unwrap();
    assert_eq!((found.len(), found.unread().len()), (attributes.len(), 0), "{:?}", found.unread());

    let absence = json!({
        "id": 2, "uuid": "u", "userId": 7, "toUserId": 8, "start": "2028-02-29T00:00:00.000Z",
        "end": "2028-02-29T23:59:59.999Z", "reason": "sick", "notes": "n",
    });
    let absences = with_nulls(&absence, &["id", "start", "end"]);
    let service = Service::hosted([success(Value::Array(absences.clone()))]).await;
    let found = service.client.out_of_office().list(&OutOfOfficeFilter::default()).await.unwrap();
    assert_eq!((found.len(), found.unread().len()), (absences.len(), 0), "{:?}", found.unread());
}

#[tokio::test]
async fn balances_with_nulls_are_read_as_zero() {
    let charged = json!({"charged": true, "remainingBalance": {"monthlyRemaining": null, "additional": 3}});
    let service = Service::hosted([success(charged)]).await;
    let charge = service.client.credits().charge(&ChargeCredits::new(2, "SMS")).await.unwrap();
    assert_eq!(charge.remaining_balance.unwrap().total(), 3.0);
    assert_eq!(service.calls().await.len(), 1);
}

#[tokio::test]
async fn a_success_without_a_resource_is_an_error_that_is_sent_once() {
    for body in [success(Value::Null), success(json!([])), success(json!("x")), json!({"status": "success"}), json!([])]
    {
        let service = Service::hosted([body.clone()]).await;
        let client = &service.client;
        let charge = ChargeCredits::new(2, "SMS");
        let errors = [
            client.credits().charge(&charge).await.err(),
            client.credits().charge(&charge.clone().external_ref("r-1")).await.err(),
            client.team(4).get().await.err(),
            client.team(4).invite().await.err(),
            client.organization(1).user(3).delete().await.err(),
            client.me().booking_limits().await.err(),
        ];
        for error in errors {
            let error = error.unwrap_or_else(|| panic!("{body}"));
            assert!(matches!(error, Error::Decode(..)), "{body}: {error}");
        }
        assert_eq!(service.calls().await.len(), 6, "{body}");
    }
}

#[tokio::test]
async fn a_response_without_a_list_is_no_empty_list() {
    for body in [success(Value::Null), success(json!({})), success(json!("x")), json!({"status": "success"}), json!([])]
    {
        let service = Service::hosted([body.clone()]).await;
        let client = &service.client;
        let organization = client.organization(1);
        let form = RoutingFormFilter::default();
        let errors = [
            client.teams().list().await.err(),
            client.team(4).members().list().await.err(),
            client.team(4).schedules().await.err(),
            organization.memberships().list().await.err(),
            organization.attributes().list().await.err(),
            organization.attributes().options("a").await.err(),
            organization.routing_forms().responses("f", &form).await.err(),
            organization.out_of_office().list(&OutOfOfficeFilter::default()).await.err(),
            client.out_of_office().list(&OutOfOfficeFilter::default()).await.err(),
            client.verified_resources().emails().await.err(),
            client.conferencing().list().await.err(),
            organization.user(3).conferencing().list().await.err(),
        ];
        for (at, error) in errors.into_iter().enumerate() {
            let error = error.unwrap_or_else(|| panic!("list {at}: {body}"));
            assert!(matches!(error, Error::Decode(..)), "list {at}, {body}: {error}");
        }
        assert_eq!(service.calls().await.len(), 12, "{body}");
    }
}

#[tokio::test]
async fn a_list_whose_pages_repeat_ends_and_has_each_item_once() {
    let rows: Vec<Value> = (0..250)
        .map(|id| json!({"id": id / 2, "userId": id, "teamId": 4, "role": "MEMBER", "accepted": true}))
        .collect();
    let service = Service::self_hosted([success(Value::Array(rows))]).await;
    let found = service.client.team(4).members().list().await.unwrap();
    assert_eq!(found.len(), 125);
    assert_eq!(
        service.calls().await,
        ["GET /v2/teams/4/memberships?take=250", "GET /v2/teams/4/memberships?skip=250&take=250"]
    );
}
