//! Users of an organization, their attributes, and who has which.

use calcom_conformance::raw_http::RawRequest;
use calcom_fake::{FakeCalcom, FakeTeam, FakeUser};
use serde_json::{Value, json};

use crate::send;

const USERS: &str = "/v2/organizations/1/users";
const ATTRIBUTES: &str = "/v2/organizations/1/attributes";

async fn started() -> FakeCalcom {
    let organization = FakeTeam::new("acme").organization().owner("ada").member("bob");
    let sales = FakeTeam::new("sales").of_organization("acme").owner("ada");
    let users = ["ada", "bob", "eve"].into_iter().map(FakeUser::new);
    users.fold(FakeCalcom::builder(), |fake, user| fake.user(user)).team(organization).team(sales).start().await
}

async fn call(fake: &FakeCalcom, method: &str, target: &str, body: Value) -> (u16, Value) {
    let call = RawRequest::new(method, target).key(&fake.api_key());
    let (status, body) = send(fake, if body.is_null() { call } else { call.json(&body) }).await;
    (status, body.get("data").cloned().unwrap_or(body))
}

async fn ids(fake: &FakeCalcom, query: &str) -> Vec<i64> {
    let (status, data) = call(fake, "GET", &format!("{USERS}{query}"), Value::Null).await;
    assert_eq!(status, 200, "{data}");
    data.as_array().unwrap().iter().map(|user| user["id"].as_i64().unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_created_user_is_listed_changed_and_deleted() {
    let fake = started().await;
    let wanted = json!({"email": "frieda.fresh@acme.example.com", "organizationRole": "ADMIN", "locale": "de"});
    let (status, frieda) = call(&fake, "POST", USERS, wanted.clone()).await;
    assert_eq!((status, &frieda["id"], &frieda["profile"]["username"]), (201, &json!(4), &json!("frieda.fresh-acme")));
    assert_eq!(ids(&fake, "").await, [1, 2, 4]);
    assert_eq!(ids(&fake, "?emails=frieda.fresh@acme.example.com").await, [4]);
    assert_eq!(ids(&fake, "?take=1&skip=1").await, [2]);
    assert_eq!(ids(&fake, "?teamIds=2").await, [1]);
    assert_eq!(call(&fake, "POST", USERS, wanted).await.0, 409);
    let one = format!("{USERS}/4");
    let (status, changed) = call(&fake, "PATCH", &one, json!({"bio": "New", "theme": "dark", "timeFormat": 24})).await;
    assert_eq!((status, &changed["bio"], &changed["theme"]), (200, &json!("New"), &json!("dark")));
    let members = call(&fake, "GET", "/v2/organizations/1/memberships", Value::Null).await.1;
    assert_eq!(members[2]["role"], "ADMIN");
    assert_eq!(call(&fake, "DELETE", &one, Value::Null).await.1["bio"], "New");
    assert_eq!(call(&fake, "DELETE", &one, Value::Null).await.0, 403);
    assert_eq!(ids(&fake, "").await, [1, 2]);
    assert!(fake.requests().iter().all(|request| request.is_played()));
}

#[tokio::test(start_paused = true)]
async fn a_user_that_the_service_refuses_is_not_created() {
    let fake = started().await;
    for (body, status) in [
        (json!({"email": "nobody"}), 400),
        (json!({"email": "a@example.com", "timeZone": "Mars/Base"}), 400),
        (json!({"email": "a@example.com", "organizationRole": "BOSS"}), 400),
        (json!({"email": "a@example.com", "bio": null}), 500),
        (json!({"email": "a@example.com", "username": "eve"}), 409),
        (json!({"email": "eve@example.com"}), 409),
    ] {
        assert_eq!(call(&fake, "POST", USERS, body.clone()).await.0, status, "{body}");
    }
    assert_eq!(call(&fake, "GET", &format!("{USERS}?take=1001"), Value::Null).await.0, 400);
    assert_eq!(call(&fake, "GET", &format!("{USERS}?emails=a@example.com,b@example.com"), Value::Null).await.0, 400);
    assert_eq!(ids(&fake, "").await, [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn the_options_of_a_new_attribute_are_listed_assigned_and_taken_back() {
    let fake = started().await;
    let department = json!({"name": "Department", "slug": "department", "type": "SINGLE_SELECT",
        "options": [{"value": "Sales", "slug": "sales"}, {"value": "Support", "slug": "support"}]});
    let (status, department) = call(&fake, "POST", ATTRIBUTES, department).await;
    assert_eq!((status, &department["slug"]), (201, &json!("department")));
    let id = department["id"].as_str().unwrap();
    assert_eq!(call(&fake, "GET", ATTRIBUTES, Value::Null).await.1, json!([department]));
    let options = call(&fake, "GET", &format!("{ATTRIBUTES}/{id}/options"), Value::Null).await.1;
    assert_eq!((&options[0]["value"], &options[1]["slug"]), (&json!("Sales"), &json!("support")));
    let sales = options[0]["id"].as_str().unwrap();

    let assignment = json!({"attributeId": id, "attributeOptionId": sales});
    let of_bob = format!("{ATTRIBUTES}/options/2");
    let (status, assigned) = call(&fake, "POST", &of_bob, assignment.clone()).await;
    assert_eq!((status, &assigned["attributeOptionId"]), (201, &json!(sales)));
    assert_eq!(call(&fake, "POST", &of_bob, assignment.clone()).await.0, 409);
    assert_eq!(call(&fake, "POST", &format!("{ATTRIBUTES}/options/3"), assignment).await.0, 404);
    assert_eq!(call(&fake, "GET", &of_bob, Value::Null).await.1[0]["id"], sales);
    for path in
        [format!("{ATTRIBUTES}/{id}/options/assigned"), format!("{ATTRIBUTES}/slugs/department/options/assigned")]
    {
        let shown = call(&fake, "GET", &path, Value::Null).await.1;
        assert_eq!(
            (&shown[0]["id"], &shown[0]["assignedUserIds"], &shown[1]),
            (&json!(sales), &json!([2]), &Value::Null)
        );
    }
    assert_eq!(ids(&fake, &format!("?assignedOptionIds={sales}")).await, [2]);
    assert_eq!(call(&fake, "DELETE", &format!("{of_bob}/{sales}"), Value::Null).await.0, 200);
    assert_eq!(call(&fake, "DELETE", &format!("{of_bob}/{sales}"), Value::Null).await.0, 404);
    assert_eq!(ids(&fake, &format!("?assignedOptionIds={sales}")).await, [0; 0]);
    assert_eq!(call(&fake, "DELETE", &format!("{ATTRIBUTES}/{id}"), Value::Null).await.0, 200);
    assert_eq!(call(&fake, "GET", &format!("{ATTRIBUTES}/{id}"), Value::Null).await, (200, Value::Null));
}

#[tokio::test(start_paused = true)]
async fn a_value_of_a_text_attribute_is_an_option_of_its_own() {
    let fake = started().await;
    let alias = json!({"name": "Alias", "slug": "alias", "type": "TEXT", "options": []});
    let id = call(&fake, "POST", ATTRIBUTES, alias).await.1["id"].clone();
    for value in ["Mimi", "Mimi 2"] {
        let body = json!({"attributeId": id, "value": value});
        assert_eq!(call(&fake, "POST", &format!("{ATTRIBUTES}/options/2"), body).await.0, 201);
    }
    let options = call(&fake, "GET", &format!("{ATTRIBUTES}/options/2"), Value::Null).await.1;
    let mut slugs: Vec<&str> =
        options.as_array().unwrap().iter().map(|option| option["slug"].as_str().unwrap()).collect();
    slugs.sort_unstable();
    assert_eq!(slugs, ["mimi", "mimi-2"]);
    assert_eq!(call(&fake, "POST", ATTRIBUTES, json!({"name": "X", "slug": "x", "type": "TEXT"})).await.0, 400);
}

#[tokio::test(start_paused = true)]
async fn a_member_reads_attributes_and_changes_none() {
    let fake = started().await;
    let as_bob = |method: &str, path: &str| RawRequest::new(method, path).key(&fake.api_key_of("bob"));
    assert_eq!(send(&fake, as_bob("GET", ATTRIBUTES)).await.0, 200);
    assert_eq!(send(&fake, as_bob("POST", ATTRIBUTES)).await.0, 403);
    assert_eq!(send(&fake, as_bob("GET", USERS)).await.0, 403);
}

#[tokio::test(start_paused = true)]
async fn absences_may_overlap_unless_they_are_the_same_or_refer_back() {
    let fake = started().await;
    let of = |user: i64| format!("/v2/organizations/1/users/{user}/ooo");
    let days = |first: &str, last: &str, to: Value| {
        let (start, end) = (format!("{first}T00:00:00Z"), format!("{last}T00:00:00Z"));
        json!({"start": start, "end": end, "toUserId": to})
    };
    let create = async |user: i64, body: Value| call(&fake, "POST", &of(user), body).await.0;
    assert_eq!(create(1, days("2027-12-31", "2028-01-02", json!(2))).await, 201);
    assert_eq!(create(1, days("2027-12-31", "2028-01-02", Value::Null)).await, 409);
    assert_eq!(create(1, days("2027-12-31", "2028-01-01", Value::Null)).await, 201, "the last day is another one");
    // Bob refers to Ada only where she does not refer to him.
    assert_eq!(create(2, days("2028-01-02", "2028-01-03", json!(1))).await, 400);
    assert_eq!(create(2, days("2028-01-03", "2028-01-04", json!(1))).await, 201);
    assert_eq!(create(2, days("2028-02-29", "2028-02-28", Value::Null)).await, 400);
}

#[tokio::test(start_paused = true)]
async fn a_membership_in_a_team_of_an_organization_is_accepted_whatever_the_request_says() {
    let fake = started().await;
    let of_team = "/v2/organizations/1/teams/2/memberships";
    let (status, made) = call(&fake, "POST", of_team, json!({"userId": 2, "accepted": false})).await;
    assert_eq!((status, &made["accepted"], &made["role"]), (201, &json!(true), &json!("MEMBER")));
    let one = format!("{of_team}/{}", made["id"]);
    assert_eq!(call(&fake, "PATCH", &one, json!({"accepted": false})).await.1["accepted"], true);
    assert_eq!(call(&fake, "POST", of_team, json!({"userId": 2})).await.0, 409);
    assert_eq!(call(&fake, "POST", of_team, json!({"userId": 3})).await.0, 422, "no member of the organization");
}

#[tokio::test(start_paused = true)]
async fn an_attribute_cannot_take_the_slug_of_another_one() {
    let fake = started().await;
    let attribute = |slug: &str| json!({"name": slug, "slug": slug, "type": "TEXT", "options": []});
    let (_, first) = call(&fake, "POST", ATTRIBUTES, attribute("level")).await;
    assert_eq!(call(&fake, "POST", ATTRIBUTES, attribute("place")).await.0, 201);
    let one = format!("{ATTRIBUTES}/{}", first["id"].as_str().unwrap());
    assert_eq!(call(&fake, "PATCH", &one, json!({"slug": "place"})).await.0, 409);
    assert_eq!(call(&fake, "PATCH", &one, json!({"slug": "level", "name": "Level"})).await.0, 200);
}
