//! V1's routes for teams and their event types.

use calcom::v1::serve::GatewayResponse;
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers};

use super::support::{arrived, ask, v1};

const TEAM: i64 = 31;
const EVENT_TYPE: i64 = 640;

fn team(changes: Value) -> Value {
    let mut team = json!({
        "id": TEAM, "parentId": null, "name": "Dentists", "slug": "dentists", "logoUrl": null, "bio": "Two of us",
        "hideBranding": false, "isOrganization": false, "isPrivate": true, "metadata": {"branch": "south"},
        "timeFormat": null, "timeZone": "Europe/Vienna", "weekStart": "Monday", "hideBookATeamMember": false,
    });
    for (name, value) in changes.as_object().unwrap() {
        team[name] = value.clone();
    }
    team
}

fn event_type(id: i64) -> Value {
    json!({
        "id": id, "lengthInMinutes": 45, "title": "Check-up", "slug": "check-up", "teamId": TEAM,
        "schedulingType": "roundRobin", "assignAllTeamMembers": false,
        "hosts": [{"userId": 3, "name": "Ida", "mandatory": true, "priority": "high"}],
        "locations": [], "bookingFields": [], "metadata": {},
    })
}

/// A service on which the caller is a member of one team, and owns no event types.
async fn service() -> MockServer {
    let server = MockServer::start().await;
    let answer = |request: &Request| {
        let path = request.url.path().trim_start_matches("/v2/").to_owned();
        let parts: Vec<&str> = path.split('/').collect();
        let managed =
            serde_json::from_slice(&request.body).is_ok_and(|body: Value| body["schedulingType"] == "managed");
        let data = match (request.method.as_str(), parts.as_slice()) {
            ("GET", ["teams"]) => json!([team(json!({}))]),
            (_, ["teams"] | ["teams", "31"]) => team(json!({})),
            ("GET", ["teams", "31", "event-types"]) => json!([event_type(EVENT_TYPE)]),
            ("POST", ["teams", "31", "event-types"]) if managed => json!([event_type(EVENT_TYPE), event_type(641)]),
            (_, ["teams", "31", "event-types", ..]) => event_type(EVENT_TYPE),
            ("PATCH", _) => return refusal(403, "not yours"),
            _ => return refusal(404, "not found"),
        };
        ResponseTemplate::new(200).set_body_json(json!({"status": "success", "data": data}))
    };
    Mock::given(matchers::any()).respond_with(answer).mount(&server).await;
    server
}

fn refusal(status: u16, message: &str) -> ResponseTemplate {
    let error = json!({"code": "X", "message": message, "details": {}});
    ResponseTemplate::new(status).set_body_json(json!({"status": "error", "error": error}))
}

/// V1's response, and the V2 requests.
async fn asked(method: &str, path: &str, body: Value) -> (GatewayResponse, Vec<String>) {
    let server = service().await;
    let answer = ask(&v1(&server), method, path, "", &body).await;
    (answer, arrived(&server).await)
}

fn loses(answer: &GatewayResponse, field: &str) -> bool {
    answer.losses.iter().any(|loss| loss.field == field)
}

#[tokio::test]
async fn teams_are_listed_and_read() {
    let (answer, sent) = asked("GET", "/v1/teams", Value::Null).await;
    assert_eq!(sent, ["GET /v2/teams (-)"]);
    assert_eq!((answer.status, &answer.body["teams"][0]["slug"]), (200, &json!("dentists")));
    let (answer, sent) = asked("GET", "/v1/teams/31", Value::Null).await;
    assert_eq!(sent, ["GET /v2/teams/31 (-)"]);
    assert_eq!(answer.body["team"]["metadata"], json!({"branch": "south"}));
    // V1 returned it always.
    assert_eq!(answer.body["team"].get("createdAt"), Some(&Value::Null));
    assert!(loses(&answer, "createdAt"));
    assert_eq!(asked("GET", "/v1/teams/x", Value::Null).await.0.status, 400);
    assert_eq!(asked("POST", "/v1/teams/31/event-types", Value::Null).await.0.status, 405);
}

#[tokio::test]
async fn a_team_is_created_with_the_caller_as_a_member() {
    let body = json!({
        "name": "Dentists", "slug": "dentists", "bio": null, "isPrivate": true, "timeFormat": 24, "ownerId": 9,
    });
    let (answer, sent) = asked("POST", "/v1/teams", body).await;
    let expected = json!({"autoAcceptCreator": true, "isPrivate": true, "name": "Dentists", "slug": "dentists"});
    assert_eq!(sent, [format!("POST /v2/teams (-) {expected}")]);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(
        (&answer.body["team"]["id"], &answer.body["message"]),
        (&json!(31), &json!("Team created successfully"))
    );
    assert!(loses(&answer, "timeFormat") && loses(&answer, "ownerId"));
    let (answer, sent) = asked("POST", "/v1/teams", json!({"slug": "dentists", "color": "red"})).await;
    assert_eq!((answer.status, sent.len()), (400, 0));
    assert_eq!(answer.body["message"], "invalid_type in 'name': Required; Unrecognized key(s) in object: 'color'");
}

#[tokio::test]
async fn a_team_that_must_be_paid_is_pending() {
    let server = MockServer::start().await;
    let data =
        json!({"message": "Pay first", "paymentLink": "https://pay.example.com", "pendingTeam": team(json!({}))});
    let body = json!({"status": "success", "data": data});
    Mock::given(matchers::any()).respond_with(ResponseTemplate::new(201).set_body_json(body)).mount(&server).await;
    let answer = ask(&v1(&server), "POST", "/v1/teams", "", &json!({"name": "Dentists"})).await;
    assert_eq!((answer.status, &answer.body["message"]), (200, &json!("Pay first")));
    assert_eq!(answer.body["paymentLink"], "https://pay.example.com");
    assert_eq!((answer.body.get("team"), &answer.body["pendingTeam"]["id"]), (None, &json!(31)));
}

#[tokio::test]
async fn a_team_is_changed_and_deleted() {
    let (answer, sent) = asked("PATCH", "/v1/teams/31", json!({"bio": "Three of us"})).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    // V2 requires the name.
    let expected = json!({"bio": "Three of us", "name": "Dentists"});
    assert_eq!(sent, ["GET /v2/teams/31 (-)".to_owned(), format!("PATCH /v2/teams/31 (-) {expected}")]);
    let (_, sent) = asked("PATCH", "/v1/teams/31", json!({"name": "Surgeons"})).await;
    assert_eq!(sent, [r#"PATCH /v2/teams/31 (-) {"name":"Surgeons"}"#]);
    let (answer, sent) = asked("DELETE", "/v1/teams/31", Value::Null).await;
    assert_eq!(sent, ["DELETE /v2/teams/31 (-)"]);
    assert_eq!(answer.body, json!({"message": "Team with id: 31 deleted successfully"}));
}

#[tokio::test]
async fn event_types_of_a_team_are_listed_in_v1s_form() {
    let (answer, sent) = asked("GET", "/v1/teams/31/event-types", Value::Null).await;
    assert_eq!(sent, ["GET /v2/teams/31/event-types (2024-06-14)"]);
    let first = &answer.body["event_types"][0];
    assert_eq!(
        (&first["length"], &first["teamId"], &first["schedulingType"]),
        (&json!(45), &json!(31), &json!("ROUND_ROBIN"))
    );
    assert_eq!(first["hosts"], json!([{"userId": 3, "isFixed": true, "scheduleId": null}]));
}

#[tokio::test]
async fn an_event_type_with_a_team_is_created_in_the_team() {
    let body = json!({
        "title": "Check-up", "slug": "check-up", "length": 45, "teamId": TEAM, "schedulingType": "ROUND_ROBIN",
        "hosts": [{"userId": 3, "isFixed": true}, {"userId": 4, "scheduleId": 8}],
    });
    let (answer, sent) = asked("POST", "/v1/event-types", body.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let (head, sent) = sent[0].split_once(") ").unwrap();
    assert_eq!(head, "POST /v2/teams/31/event-types (2024-06-14");
    let expected = json!({
        "title": "Check-up", "slug": "check-up", "lengthInMinutes": 45, "schedulingType": "roundRobin",
        "hosts": [{"userId": 3, "mandatory": true}, {"userId": 4}],
    });
    assert_eq!(serde_json::from_str::<Value>(sent).unwrap(), expected);
    assert!(loses(&answer, "hosts[].scheduleId") && !loses(&answer, "teamId"), "{:?}", answer.losses);
    let mut managed = body.clone();
    managed["schedulingType"] = "MANAGED".into();
    let (answer, _) = asked("POST", "/v1/event-types", managed).await;
    assert_eq!((answer.status, &answer.body["event_type"]["id"]), (200, &json!(EVENT_TYPE)));
    let mut without = body;
    without["schedulingType"] = Value::Null;
    let (answer, sent) = asked("POST", "/v1/event-types", without).await;
    assert_eq!((answer.status, sent.len()), (400, 0), "{}", answer.body);
    assert!(answer.body["message"].as_str().unwrap().contains("schedulingType"), "{}", answer.body);
}

#[tokio::test]
async fn an_event_type_of_a_team_is_read_changed_and_deleted_by_its_number() {
    let find = ["GET /v2/teams (-)", "GET /v2/teams/31/event-types (2024-06-14)"];
    let (answer, sent) = asked("GET", "/v1/event-types/640", Value::Null).await;
    assert_eq!((answer.status, &answer.body["event_type"]["teamId"]), (200, &json!(31)));
    assert_eq!(sent[1..], find);
    let (answer, sent) = asked("PATCH", "/v1/event-types/640", json!({"length": 30})).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(sent[1..3], find);
    assert_eq!(sent[3], r#"PATCH /v2/teams/31/event-types/640 (2024-06-14) {"lengthInMinutes":30}"#);
    let (_, sent) = asked("PATCH", "/v1/event-types/640", json!({"hosts": [{"userId": 4}]})).await;
    assert_eq!(sent[..2], find);
    assert_eq!(sent[2], r#"PATCH /v2/teams/31/event-types/640 (2024-06-14) {"hosts":[{"userId":4}]}"#);
    let (answer, sent) = asked("DELETE", "/v1/event-types/640", Value::Null).await;
    assert_eq!(answer.body, json!({"message": "Event Type with id: 640 deleted successfully"}));
    assert_eq!(sent[3], "DELETE /v2/teams/31/event-types/640 (-)");
}

#[tokio::test]
async fn an_event_type_that_no_team_has_is_refused_as_by_its_own_route() {
    for (method, body, status) in
        [("GET", Value::Null, 404), ("PATCH", json!({"length": 30}), 403), ("DELETE", Value::Null, 404)]
    {
        let (answer, sent) = asked(method, "/v1/event-types/7", body).await;
        assert_eq!((answer.status, sent.len()), (status, 3), "{method}");
    }
}
