//! Conferencing apps of teams and of users of an organization.

use calcom::{
    Error,
    model::{CredentialId, UserId},
};
use serde_json::{Value, json};

use super::{Service, failure, success};

#[tokio::test]
async fn apps_of_a_team_of_an_organization_are_connected_listed_and_disconnected_by_its_own_routes() {
    let app = json!({"id": 91, "type": "office365_video", "teamId": 63, "userId": null, "invalid": true});
    let url = "https://login.example.org/authorize?state=cal_live_in_the_state";
    let answers = [
        success(json!([app])),
        success(Value::Null),
        success(json!({"url": url})),
        success(json!({"authUrl": url})),
        success(app.clone()),
        json!({"status": "success"}),
    ];
    let service = Service::self_hosted(answers).await;
    let apps = service.client.organization(12).team_conferencing(63);
    let found = apps.list().await.unwrap();
    assert_eq!((found[0].id, found[0].user_id, found[0].invalid), (CredentialId(91), None, true));
    assert!(apps.default().await.unwrap().is_none());
    for _ in 0..2 {
        let page = apps.connect("msteams", "https://a.example/?x=1&y=2", "/failed").await.unwrap();
        assert_eq!((page.as_str(), format!("{page:?}").contains("cal_live")), (url, false));
    }
    assert_eq!(apps.connect_google_meet().await.unwrap().id, CredentialId(91));
    apps.set_default("daily-video").await.unwrap();
    apps.disconnect("a/../b").await.unwrap();
    let of_team = "/v2/organizations/12/teams/63/conferencing";
    let page = "msteams/oauth/auth-url?onErrorReturnTo=%2Ffailed&returnTo=https%3A%2F%2Fa.example%2F%3Fx%3D1%26y%3D2";
    assert_eq!(
        service.calls().await,
        [
            format!("GET {of_team}"),
            format!("GET {of_team}/default"),
            format!("GET {of_team}/{page}"),
            format!("GET {of_team}/{page}"),
            format!("POST {of_team}/google-meet/connect"),
            format!("POST {of_team}/daily-video/default"),
            format!("DELETE {of_team}/a%2F..%2Fb/disconnect"),
        ]
    );
    let nothing =
        Service::self_hosted([success(json!({})), failure(403, "ForbiddenException", "no administrator")]).await;
    let apps = nothing.client.organization(12).team_conferencing(63);
    let error = apps.connect("zoom", "/done", "/failed").await.unwrap_err();
    assert!(matches!(error, Error::Decode(..)), "{error}");
    assert!(matches!(apps.list().await, Err(Error::Permission(_))));
}

#[tokio::test]
async fn apps_of_a_user_of_an_organization_are_listed_and_one_is_made_the_default() {
    let apps = json!([
        {"id": 5, "type": "zoom_video", "userId": 77, "appSlug": "zoom", "isDefault": null, "invalid": null, "new": [1]},
        {"type": "daily_video", "appSlug": "daily-video", "isDefault": true},
        7,
    ]);
    let service = Service::hosted([success(apps.clone()), json!({"status": "success"})]).await;
    let user = service.client.organization(12).user(77);
    assert_eq!(user.id(), UserId(77));
    let found = user.conferencing().list().await.unwrap();
    assert_eq!((found.len(), found.unread().len()), (2, 1));
    assert_eq!((found[0].id, found[0].is_default, found[0].invalid), (Some(CredentialId(5)), false, false));
    assert_eq!((found[1].id, found[1].app_slug.as_deref(), found[1].is_default), (None, Some("daily-video"), true));
    assert_eq!(found[0].to_wire_json(), apps[0]);
    user.conferencing().set_default("zoom").await.unwrap();
    user.conferencing().set_default("an-app-of-2028").await.unwrap();
    assert_eq!(
        service.calls().await,
        [
            "GET /v2/organizations/12/users/77/conferencing",
            r#"POST /v2/organizations/12/users/77/conferencing/default {"appSlug":"zoom"}"#,
            r#"POST /v2/organizations/12/users/77/conferencing/default {"appSlug":"an-app-of-2028"}"#,
        ]
    );
    let own = Service::self_hosted([success(json!([]))]).await;
    assert!(matches!(own.client.organization(12).user(77).conferencing().list().await, Err(Error::Unsupported(..))));
    assert!(own.calls().await.is_empty());
}
