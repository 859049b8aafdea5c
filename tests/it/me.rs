use calcom::model::User;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_json, header, method, path},
};

use crate::support::{client, recorded_body, round_trip};

const REFERENCE: &str = include_str!("reference/me.json");

#[test]
fn the_documented_user_comes_back_as_it_was() {
    let user: User = round_trip(REFERENCE);
    assert_eq!((user.id.0, user.week_start.as_str()), (12345, "Monday"));
}

#[tokio::test]
async fn who_i_am_is_read_in_todays_form_and_in_the_documented_one() {
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
async fn changing_my_profile_sends_only_what_changes() {
    let server = MockServer::start().await;
    Mock::given(method("PATCH"))
        .and(path("/v2/me"))
        .and(body_json(serde_json::json!({"timeZone": "Asia/Kathmandu"})))
        .respond_with(ResponseTemplate::new(200).set_body_json(recorded_body("me/get-2024-06-14")))
        .expect(1)
        .mount(&server)
        .await;
    let mut changes = calcom::facade::UserUpdate::new();
    changes.time_zone = Some("Asia/Kathmandu".to_owned());
    client(&server).me().update(&changes).await.unwrap();
}
