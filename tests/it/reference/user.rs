//! 1. Authentication & User.

use calcom::model::User;

use super::{answering, data, differs, holds, sent};
use crate::support::{recorded_body, round_trip};

const ME: &str = include_str!("me.json");

#[tokio::test]
async fn get_current_user_is_one_request() {
    holds("Get Current User");
    let (server, client) = answering(ME).await;
    client.me().get().await.unwrap();
    assert_eq!(sent(&server).await, "GET /v2/me");
}

#[test]
fn get_current_user_the_documented_user_comes_back_as_it_was() {
    holds("Get Current User");
    let user = round_trip::<User>(ME);
    assert_eq!((user.id.0, user.username.as_deref()), (12345, Some("johndoe")));
}

#[tokio::test]
async fn get_current_user_every_documented_field_survives_http() {
    holds("Get Current User");
    let (_server, client) = answering(ME).await;
    let user = client.me().get().await.unwrap();
    assert_eq!(serde_json::to_value(&user).unwrap(), data(ME));
}

#[tokio::test]
async fn get_current_user_the_day_of_creation_survives_beside_todays_fields() {
    holds("Get Current User");
    let mut answer = recorded_body("me/get-2024-06-14");
    answer["data"]["createdDate"] = "2024-01-01T00:00:00Z".into();
    let (_server, client) = answering(&answer.to_string()).await;
    assert_eq!(client.me().get().await.unwrap().created_date, Some("2024-01-01T00:00:00Z".parse().unwrap()));
}

#[tokio::test]
async fn get_current_user_the_service_does_not_tell_the_day_of_creation() {
    differs("Get Current User", "absent-fields");
    let (_server, client) = answering(&recorded_body("me/get-2024-06-14").to_string()).await;
    let user = client.me().get().await.unwrap();
    assert_eq!((user.created_date, user.week_start.as_str()), (None, "Monday"));
}
