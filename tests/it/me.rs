use calcom::{
    Error, Patch,
    model::{ClockFormat, ScheduleId, UpdateUser, User},
};
use jiff::civil::Weekday;
use serde_json::json;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_json, header, method, path},
};

use crate::support::{client, recorded_body, round_trip};

const REFERENCE: &str = include_str!("reference/me.json");

#[test]
fn the_documented_user_is_written_as_it_was_read() {
    let user: User = round_trip(REFERENCE);
    assert_eq!((user.id.0, user.week_start.as_str()), (12345, "Monday"));
}

#[tokio::test]
async fn the_profile_is_read_in_both_forms() {
    let today = recorded_body("me/get-2024-06-14");
    for answer in [today, serde_json::from_str(REFERENCE).unwrap()] {
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .and(path("/v2/me"))
            .and(header("authorization", "Bearer cal_live_planted"))
            .respond_with(ResponseTemplate::new(200).set_body_json(&answer))
            .expect(1)
            .mount(&server)
            .await;
        let user = client(&server).me().get().await.unwrap();
        assert_eq!(user.time_zone, "Europe/Berlin");
        assert_eq!(user.extra("weekStart"), Some(&"Monday".into()));
        assert_eq!(user.extra("email"), Some(&answer["data"]["email"]));
    }
}

#[tokio::test]
async fn a_change_of_the_profile_sends_only_the_set_fields() {
    let server = MockServer::start().await;
    Mock::given(method("PATCH"))
        .and(path("/v2/me"))
        .and(body_json(serde_json::json!({"timeZone": "Asia/Kathmandu"})))
        .respond_with(ResponseTemplate::new(200).set_body_json(recorded_body("me/get-2024-06-14")))
        .expect(1)
        .mount(&server)
        .await;
    let mut changes = UpdateUser::new();
    changes.time_zone = Some("Asia/Kathmandu".to_owned());
    client(&server).me().update(&changes).await.unwrap();
}

#[tokio::test]
async fn every_field_of_the_profile_is_set_and_cleared() {
    let all = UpdateUser::new()
        .email("erika@example.org")
        .name("Erika")
        .time_format(ClockFormat::Hours12)
        .default_schedule_id(7)
        .week_start(Weekday::Sunday)
        .time_zone("Europe/Berlin")
        .locale("pt-BR")
        .avatar_url("https://example.org/e.png")
        .bio("A dentist")
        .metadata(serde_json::Map::from_iter([("crm".to_owned(), json!(7))]));
    let cleared = UpdateUser::new()
        .time_format(Patch::Clear)
        .default_schedule_id(Patch::Clear)
        .locale(Patch::Clear)
        .avatar_url(Patch::Clear)
        .bio(Patch::Clear)
        .metadata(Patch::Clear);
    let of_all = json!({
        "email": "erika@example.org", "name": "Erika", "timeFormat": 12, "defaultScheduleId": 7, "weekStart": "Sunday",
        "timeZone": "Europe/Berlin", "locale": "pt-BR", "avatarUrl": "https://example.org/e.png", "bio": "A dentist",
        "metadata": {"crm": 7},
    });
    let of_cleared = json!({
        "timeFormat": null, "defaultScheduleId": null, "locale": null, "avatarUrl": null, "bio": null, "metadata": null,
    });
    for (changes, sent) in [(all, of_all), (cleared, of_cleared), (UpdateUser::new(), json!({}))] {
        let server = MockServer::start().await;
        Mock::given(method("PATCH"))
            .respond_with(ResponseTemplate::new(200).set_body_json(recorded_body("me/get-2024-06-14")))
            .mount(&server)
            .await;
        client(&server).me().update(&changes).await.unwrap();
        assert_eq!(server.received_requests().await.unwrap()[0].body_json::<serde_json::Value>().unwrap(), sent);
        // Its JSON is the body that is sent.
        assert_eq!(serde_json::to_value(&changes).unwrap(), sent);
        assert!(serde_json::from_value::<UpdateUser>(sent).unwrap() == changes);
        let shown = format!("{changes:?}");
        assert!(!shown.contains("rika") && !shown.contains("dentist"), "{shown}");
    }
    let of_another = UpdateUser::new().default_schedule_id(ScheduleId(8));
    assert_eq!(serde_json::to_value(of_another).unwrap(), json!({"defaultScheduleId": 8}));
}

#[tokio::test]
async fn invalid_fields_of_a_profile_are_named_and_nothing_is_sent() {
    let server = MockServer::start().await;
    let changes = UpdateUser::new().time_zone("Mars/Olympus").locale(" ").avatar_url("/e.png");
    let error = client(&server).me().update(&changes).await.unwrap_err();
    assert!(matches!(error, Error::Validation(_)));
    let problems: Vec<_> = error.field_errors().iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        ["timeZone: must be an IANA time zone", "locale: must not be empty", "avatarUrl: must be an absolute URL"]
    );
    assert!(server.received_requests().await.unwrap().is_empty());
    for wrong in [json!({"timeFormat": 13}), json!({"weekStart": "Funday"}), json!({"timezone": "UTC"})] {
        assert!(serde_json::from_value::<UpdateUser>(wrong.clone()).is_err(), "{wrong}");
    }
}
