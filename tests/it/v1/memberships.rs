//! V1's routes for memberships.

use calcom::v1::serve::GatewayResponse;
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers};

use super::support::{arrived, ask, v1};

fn row(id: i64, user: i64, team: i64, role: &str) -> Value {
    json!({
        "id": id, "userId": user, "teamId": team, "accepted": true, "role": role, "disableImpersonation": false,
        "user": {"name": "Ida", "email": format!("user{user}@example.org")},
    })
}

fn refusal(status: u16) -> ResponseTemplate {
    let error = json!({"code": "X", "message": "not yours", "details": {}});
    ResponseTemplate::new(status).set_body_json(json!({"status": "error", "error": error}))
}

/// A service on which the caller is user 31, an administrator of team 5 and a member of team 6.
async fn service() -> MockServer {
    let server = MockServer::start().await;
    let answer = |request: &Request| {
        let path = request.url.path().trim_start_matches("/v2/").to_owned();
        let parts: Vec<&str> = path.split('/').collect();
        let of_email = request.url.query_pairs().any(|(name, _)| name == "emails");
        let data = match (request.method.as_str(), parts.as_slice()) {
            ("GET", ["me"]) => json!({
                "id": 31, "username": "cy", "email": "user31@example.org", "timeZone": "Asia/Kathmandu",
                "weekStart": "Sunday", "timeFormat": 24, "defaultScheduleId": null, "name": "Cy",
            }),
            ("GET", ["teams"]) => json!([{"id": 5, "name": "Five"}, {"id": 6, "name": "Six"}]),
            ("GET", ["teams", "5"]) => json!({"id": 5, "name": "Five", "slug": "five"}),
            ("GET", ["teams", "5", "memberships"]) if of_email => json!([row(51, 31, 5, "ADMIN")]),
            ("GET", ["teams", "5", "memberships"]) => json!([row(51, 31, 5, "ADMIN"), row(52, 32, 5, "MEMBER")]),
            ("POST", ["teams", "5", "memberships"]) => row(53, 33, 5, "MEMBER"),
            ("PATCH" | "DELETE", ["teams", "5", "memberships", "52"]) => row(52, 32, 5, "OWNER"),
            ("POST", _) => return refusal(409),
            _ => return refusal(403),
        };
        ResponseTemplate::new(200).set_body_json(json!({"status": "success", "data": data}))
    };
    Mock::given(matchers::any()).respond_with(answer).mount(&server).await;
    server
}

async fn asked(method: &str, path: &str, query: &str, body: Value) -> (GatewayResponse, Vec<String>) {
    let server = service().await;
    let answer = ask(&v1(&server), method, path, query, &body).await;
    (answer, arrived(&server).await)
}

fn loses(answer: &GatewayResponse, field: &str) -> bool {
    answer.losses.iter().any(|loss| loss.field == field)
}

fn ids(answer: &GatewayResponse) -> Vec<i64> {
    answer.body["memberships"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn the_callers_memberships_are_listed_from_each_team_that_shows_them() {
    let (answer, sent) = asked("GET", "/v1/memberships", "", Value::Null).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let expected = json!({
        "id": 51, "teamId": 5, "userId": 31, "accepted": true, "role": "ADMIN", "disableImpersonation": false,
        "customRoleId": null, "createdAt": null, "updatedAt": null,
    });
    assert_eq!(answer.body, json!({"memberships": [expected]}));
    assert!(loses(&answer, "memberships") && loses(&answer, "createdAt"), "{:?}", answer.losses);
    assert_eq!(sent[..2], ["GET /v2/me (-)", "GET /v2/teams (-)"]);
    assert_eq!(
        sent[2..],
        [
            "GET /v2/teams/5/memberships?emails=user31@example.org&take=250 (-)",
            "GET /v2/teams/6/memberships?emails=user31@example.org&take=250 (-)",
        ]
    );
}

#[tokio::test]
async fn memberships_of_teams_and_users_are_those_of_the_query() {
    let (answer, sent) = asked("GET", "/v1/memberships", "teamId=5&include=team", Value::Null).await;
    assert_eq!((answer.status, ids(&answer)), (200, vec![51, 52]), "{}", answer.body);
    assert_eq!(answer.body["memberships"][1]["team"]["slug"], "five");
    assert_eq!(sent, ["GET /v2/teams/5/memberships?take=250 (-)", "GET /v2/teams/5 (-)"]);
    let (answer, _) = asked("GET", "/v1/memberships", "teamId=5&userId=32&userId=99", Value::Null).await;
    assert_eq!(ids(&answer), [52]);
    // A named team that the caller does not administrate.
    let (answer, _) = asked("GET", "/v1/memberships", "teamId=6", Value::Null).await;
    assert_eq!(answer.status, 403);
    let (answer, sent) = asked("GET", "/v1/memberships", "userId=32", Value::Null).await;
    assert_eq!((ids(&answer), sent.len(), loses(&answer, "memberships")), (vec![52], 3, true));
    let (answer, sent) = asked("GET", "/v1/memberships", "teamId=x", Value::Null).await;
    assert_eq!((answer.status, sent.len()), (400, 0), "{}", answer.body);
}

#[tokio::test]
async fn a_membership_is_named_by_its_user_and_its_team() {
    let (answer, sent) = asked("GET", "/v1/memberships/32_5", "", Value::Null).await;
    assert_eq!((answer.status, &answer.body["membership"]["id"]), (200, &json!(52)));
    assert_eq!(sent, ["GET /v2/teams/5/memberships?take=250 (-)"]);
    let (answer, sent) = asked("PATCH", "/v1/memberships/32_5", "", json!({"role": "OWNER"})).await;
    assert_eq!((answer.status, &answer.body["membership"]["role"]), (200, &json!("OWNER")), "{}", answer.body);
    assert_eq!(sent[1..], [r#"PATCH /v2/teams/5/memberships/52 (-) {"role":"OWNER"}"#]);
    let (answer, sent) = asked("DELETE", "/v1/memberships/32_5", "", Value::Null).await;
    assert_eq!(answer.body, json!({"message": "Membership with id: 32_5 deleted successfully"}));
    assert_eq!(sent[1..], ["DELETE /v2/teams/5/memberships/52 (-)"]);
    for method in ["GET", "PATCH", "DELETE"] {
        let (answer, sent) = asked(method, "/v1/memberships/99_5", "", Value::Null).await;
        assert_eq!((answer.status, sent.len(), &answer.body["message"]), (404, 1, &json!("Membership not found")));
        let (answer, sent) = asked(method, "/v1/memberships/5", "", Value::Null).await;
        assert_eq!((answer.status, sent.len(), &answer.body["message"]), (400, 0, &json!("teamId is not a number")));
        let (answer, _) = asked(method, "/v1/memberships/a_5", "", Value::Null).await;
        assert_eq!((answer.status, &answer.body["message"]), (400, &json!("userId is not a number")));
    }
}

#[tokio::test]
async fn a_change_of_a_membership_sends_only_what_it_names() {
    for (body, sent_body) in [
        (json!({"accepted": false}), r#"{"accepted":false}"#),
        (json!({"disableImpersonation": false}), r#"{"disableImpersonation":false}"#),
        (json!({}), "{}"),
    ] {
        let (answer, sent) = asked("PATCH", "/v1/memberships/32_5", "", body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(sent[1..], [format!("PATCH /v2/teams/5/memberships/52 (-) {sent_body}")]);
    }
    for wrong in [json!({"role": "BOSS"}), json!({"userId": 4}), json!({"accepted": null}), json!({"role": 1})] {
        let (answer, sent) = asked("PATCH", "/v1/memberships/32_5", "", wrong.clone()).await;
        assert_eq!((answer.status, sent.len()), (400, 0), "{wrong}: {}", answer.body);
    }
    let (answer, _) = asked("PATCH", "/v1/memberships/32_5", "", json!({"customRoleId": "r", "role": "ADMIN"})).await;
    assert!(loses(&answer, "customRoleId"), "{:?}", answer.losses);
}

#[tokio::test]
async fn a_user_is_added_to_the_team_that_the_body_names() {
    let (answer, sent) =
        asked("POST", "/v1/memberships", "", json!({"teamId": 5, "userId": 33, "role": "MEMBER"})).await;
    assert_eq!((answer.status, &answer.body["message"]), (200, &json!("Membership created successfully")));
    assert_eq!(
        (&answer.body["membership"]["id"], answer.losses.iter().any(|it| it.field == "teamId")),
        (&json!(53), false)
    );
    assert_eq!(sent, [r#"POST /v2/teams/5/memberships (-) {"role":"MEMBER","userId":33}"#]);
    let (answer, _) = asked("POST", "/v1/memberships", "", json!({"teamId": 6, "userId": 33})).await;
    assert_eq!(answer.status, 409);
    let (answer, sent) = asked("POST", "/v1/memberships", "", json!({"teamId": "5"})).await;
    let message = "invalid_type in 'teamId': Expected number, received string; invalid_type in 'userId': Required";
    assert_eq!((answer.status, sent.len(), &answer.body["message"]), (400, 0, &json!(message)));
    assert_eq!(asked("PUT", "/v1/memberships", "", Value::Null).await.0.status, 405);
}
