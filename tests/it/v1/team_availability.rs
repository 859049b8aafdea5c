//! V1's availability of a team.

use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers};

use super::support::{arrived, ask, v1};

fn member(user: i64, accepted: bool) -> Value {
    json!({
        "id": user + 100, "userId": user, "teamId": 5, "accepted": accepted, "role": "MEMBER",
        "user": {"name": "M", "email": format!("User{user}@example.org")},
    })
}

fn schedule(id: i64, owner: i64, zone: &str, is_default: bool, hours: (&str, &str)) -> Value {
    json!({
        "id": id, "ownerId": owner, "name": "S", "timeZone": zone, "isDefault": is_default, "overrides": [],
        "availability": [{"days": ["Sunday"], "startTime": hours.0, "endTime": hours.1}],
    })
}

fn booking(id: i64, start: &str, end: &str, host: i64, attendee: &str, status: &str) -> Value {
    json!({
        "id": id, "uid": format!("u{id}"), "title": "T", "description": "", "hosts": [{
            "id": host, "name": "H", "email": "h@example.org", "username": "h", "timeZone": "UTC",
        }],
        "status": status, "start": start, "end": end, "duration": 30, "eventTypeId": 9,
        "eventType": {"id": 9, "slug": "s"}, "absentHost": false, "createdAt": start, "updatedAt": start, "metadata": {},
        "attendees": [{"name": "A", "email": attendee, "timeZone": "UTC", "absent": false, "language": "en"}],
        "guests": [], "bookingFieldsResponses": {},
    })
}

/// A team of two members and one who is invited. The window is the night in which clocks go forward in Berlin.
async fn service() -> MockServer {
    let server = MockServer::start().await;
    let answer = |request: &Request| {
        let path = request.url.path().trim_start_matches("/v2/").to_owned();
        let body = match path.as_str() {
            "teams/5/memberships" => json!({"data": [member(1, true), member(2, true), member(3, false)]}),
            "teams/5/schedules" => json!({"data": [
                schedule(10, 1, "UTC", false, ("08:00", "09:00")),
                schedule(11, 1, "Europe/Berlin", true, ("01:00", "04:00")),
                schedule(12, 2, "Asia/Kathmandu", true, ("10:00", "12:00")),
            ]}),
            "teams/5/bookings" => json!({"data": [
                booking(1, "2030-03-31T00:30:00.000Z", "2030-03-31T01:00:00.000Z", 1, "guest@example.org", "accepted"),
                booking(2, "2030-03-31T05:00:00.000Z", "2030-03-31T05:30:00.000Z", 9, "user2@example.org", "accepted"),
                booking(3, "2030-03-31T05:30:00.000Z", "2030-03-31T06:00:00.000Z", 2, "x@example.org", "cancelled"),
            ], "pagination": {"hasNextPage": false}}),
            "teams/5/event-types/9" => {
                json!({"data": {"id": 9, "title": "T", "slug": "s", "lengthInMinutes": 30, "scheduleId": 12}})
            }
            "teams/5/event-types/8" => {
                json!({"data": {"id": 8, "title": "T", "slug": "s", "lengthInMinutes": 30, "scheduleId": 77}})
            }
            _ => {
                let error = json!({"code": "ForbiddenException", "message": "no", "details": {}});
                return ResponseTemplate::new(403).set_body_json(json!({"status": "error", "error": error}));
            }
        };
        ResponseTemplate::new(200).set_body_json(body)
    };
    Mock::given(matchers::any()).respond_with(answer).mount(&server).await;
    server
}

const WINDOW: &str = "dateFrom=2030-03-30T22:00:00Z&dateTo=2030-03-31T22:00:00Z";

#[tokio::test]
async fn each_member_has_hours_of_the_own_zone_without_the_bookings_of_the_team() {
    for (path, query) in
        [("/v1/teams/5/availability", WINDOW.to_owned()), ("/v1/availability", format!("{WINDOW}&teamId=5"))]
    {
        let server = service().await;
        let answer = ask(&v1(&server), "GET", path, &query, &Value::Null).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let found = answer.body.as_array().unwrap();
        assert_eq!((found.len(), &found[0]["userId"], &found[1]["userId"]), (2, &json!(1), &json!(2)));
        // 01:00 to 04:00 in Berlin are two hours in this night.
        let ranges = json!([
            {"start": "2030-03-31T00:00:00.000Z", "end": "2030-03-31T00:30:00.000Z"},
            {"start": "2030-03-31T01:00:00.000Z", "end": "2030-03-31T02:00:00.000Z"},
        ]);
        let first = &found[0]["availability"];
        assert_eq!((&first["timeZone"], &first["dateRanges"]), (&json!("Europe/Berlin"), &ranges));
        assert_eq!(first["busy"][0]["source"], "eventType-9-booking-1");
        assert_eq!(first["workingHours"], json!([{"days": [0], "startTime": 60, "endTime": 240, "userId": 1}]));
        // A further host of a collective booking is one of its attendees. The zone is 5:45 before UTC.
        let second = &found[1]["availability"];
        let ranges = json!([
            {"start": "2030-03-31T04:15:00.000Z", "end": "2030-03-31T05:00:00.000Z"},
            {"start": "2030-03-31T05:30:00.000Z", "end": "2030-03-31T06:15:00.000Z"},
        ]);
        assert_eq!((&second["dateRanges"], second["busy"].as_array().unwrap().len()), (&ranges, 1));
        assert!(answer.losses.iter().any(|loss| loss.field == "busy"), "{:?}", answer.losses);
        assert_eq!(
            arrived(&server).await,
            [
                "GET /v2/teams/5/memberships?take=250 (-)",
                "GET /v2/teams/5/schedules?take=250 (-)",
                "GET /v2/teams/5/bookings?afterStart=2030-03-29T22:00:00.000Z&beforeEnd=2030-04-01T22:00:00.000Z&take=250 (-)",
            ]
        );
    }
}

#[tokio::test]
async fn the_schedule_of_the_event_type_applies_to_all_members_if_it_is_one_of_theirs() {
    let server = service().await;
    let answer =
        ask(&v1(&server), "GET", "/v1/teams/5/availability", &format!("{WINDOW}&eventTypeId=9"), &Value::Null).await;
    let zones = |answer: &Value| -> Vec<Value> {
        answer.as_array().unwrap().iter().map(|member| member["availability"]["timeZone"].clone()).collect()
    };
    assert_eq!(zones(&answer.body), ["Asia/Kathmandu", "Asia/Kathmandu"]);
    assert_eq!(arrived(&server).await[2], "GET /v2/teams/5/event-types/9 (-)");
    let answer =
        ask(&v1(&server), "GET", "/v1/teams/5/availability", &format!("{WINDOW}&eventTypeId=8"), &Value::Null).await;
    assert_eq!(zones(&answer.body), ["Europe/Berlin", "Asia/Kathmandu"]);
    let reasons: Vec<String> = answer.losses.iter().map(ToString::to_string).collect();
    assert!(reasons.iter().any(|reason| reason.contains("the default schedules apply")), "{reasons:?}");
}

#[tokio::test]
async fn the_availability_of_a_user_is_not_asked_with_a_team() {
    use calcom::v1::types::{AvailabilityQuery, Time};

    let server = service().await;
    let at = |text: &str| Time::parse(text).unwrap();
    let query = AvailabilityQuery::of_team(5, at("2030-03-30"), at("2030-03-31"));
    let client = v1(&server).with_credentials(calcom::ApiKey::new("cal_live_planted")).unwrap();
    assert_eq!(client.availability(&query).await.unwrap_err().status(), 400);
    assert!(arrived(&server).await.is_empty());
    assert_eq!(client.team_availability(5, &query).await.unwrap().value.len(), 2);
}

#[tokio::test]
async fn the_team_of_the_path_is_the_one_that_is_read() {
    let server = service().await;
    let client = v1(&server);
    let answer = ask(&client, "GET", "/v1/teams/6/availability", &format!("{WINDOW}&teamId=5"), &Value::Null).await;
    assert_eq!((answer.status, arrived(&server).await.len()), (403, 1), "{}", answer.body);
    for (path, query) in [
        ("/v1/teams/x/availability", WINDOW),
        ("/v1/teams/5/availability", "dateFrom=2030-03-31"),
        ("/v1/teams/5/availability", "dateFrom=2030-03-31&dateTo=2030-03-30"),
    ] {
        let answer = ask(&client, "GET", path, query, &Value::Null).await;
        assert_eq!((answer.status, arrived(&server).await.len()), (400, 1), "{path}?{query}: {}", answer.body);
    }
    assert_eq!(ask(&client, "POST", "/v1/teams/5/availability", "", &Value::Null).await.status, 405);
}
