//! Logins: the address, the redirect, the exchange, and what can go wrong.

use calcom::{
    auth::TokenProvider,
    oauth::{OAuthApp, OAuthError, OAuthErrorCode, OAuthReason, PendingLogin, Refusal},
    operation::{Scope, Scopes},
    secrecy::ExposeSecret,
};
use calcom_fake::{FakeOAuthApp, OAuthAppState};
use serde_json::json;
use url::Url;

use super::*;

fn refusal<T: std::fmt::Debug>(result: Result<T, OAuthError>) -> Refusal {
    match result {
        Err(OAuthError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn query(url: &str, name: &str) -> Option<String> {
    Url::parse(url).unwrap().query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn a_public_client_sends_the_challenge_and_then_the_verifier_and_no_secret() {
    let fake = fake().await;
    let app = app(&fake);
    let scopes = Scopes::from([Scope::PROFILE_READ, Scope::BOOKING_READ]);
    let (pending, location) = consent(&fake, &app, "ada", &scopes).await;
    let authorize = &fake.requests_of("authorize_oauth2")[0];
    let sent = |name: &str| authorize.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    assert_eq!(sent("scope"), Some("BOOKING_READ PROFILE_READ"));
    assert_eq!((sent("redirect_uri"), sent("code_challenge_method")), (Some(BACK), Some("S256")));
    assert_eq!(sent("state"), Some(pending.state().expose_secret()));
    assert!(sent("client_secret").is_none() && sent("code_verifier").is_none());

    let session = app.finish(&pending, &location, "user 17").await.unwrap();
    assert_eq!(session.scopes(), Some(scopes));
    let verifier = pending.verifier().unwrap().expose_secret();
    let expected = json!({ "client_id": ID, "grant_type": "authorization_code", "redirect_uri": BACK,
        "code": query(&location, "code"), "code_verifier": verifier });
    let request = &fake.requests_of("create_oauth2_token")[0];
    assert_eq!(request.body, expected);
    assert!(request.headers.get("authorization").is_none() && request.headers.get("cal-api-version").is_none());
    let me = app.client("user 17").unwrap().raw().get_me().await.unwrap();
    assert_eq!(me.data.username.as_deref(), Some("ada"));
    assert_eq!(fake.requests_of("create_oauth2_token").len(), 1);
}

#[tokio::test]
async fn a_confidential_client_sends_its_secret_and_neither_challenge_nor_verifier() {
    let fake = builder().oauth_app(FakeOAuthApp::confidential(ID, SECRET, BACK)).start().await;
    let app = OAuthApp::confidential(ID, SECRET, BACK).urls(urls(&fake)).config(config()).build().unwrap();
    let (pending, location) = consent(&fake, &app, "ada", &Scopes::default()).await;
    assert!(pending.verifier().is_none());
    let authorize = &fake.requests_of("authorize_oauth2")[0];
    assert!(authorize.query.iter().all(|(name, _)| !name.starts_with("code_challenge") && name != "scope"));
    // A verifier that was kept is not sent beside the secret.
    let kept = PendingLogin::restore(pending.state().expose_secret(), Some("kept"));
    app.finish(&kept, &location, "user 17").await.unwrap();
    let expected = json!({ "client_id": ID, "client_secret": SECRET, "grant_type": "authorization_code",
        "redirect_uri": BACK, "code": query(&location, "code") });
    assert_eq!(fake.requests_of("create_oauth2_token")[0].body, expected);

    app.session("user 17").refresh().await.unwrap();
    let refresh = &fake.requests_of("create_oauth2_token")[1];
    assert_eq!(refresh.body.as_object().unwrap().len(), 4);
    assert_eq!(
        (&refresh.body["client_secret"], &refresh.body["grant_type"]),
        (&json!(SECRET), &json!("refresh_token"))
    );
}

#[tokio::test]
async fn a_redirect_of_another_login_sends_nothing() {
    let fake = fake().await;
    let app = app(&fake);
    let (_, location) = consent(&fake, &app, "ada", &all_scopes()).await;
    let other = app.begin(&all_scopes()).unwrap().pending;
    let error = app.finish(&other, &location, "user 17").await.unwrap_err();
    assert!(matches!(error, OAuthError::StateMismatch), "{error:?}");
    assert!(fake.requests_of("create_oauth2_token").is_empty());
}

#[tokio::test]
async fn refusals_of_the_user_and_of_the_service_have_their_error_code() {
    let fake = builder().oauth_app(FakeOAuthApp::public(ID, BACK).scopes([Scope::PROFILE_READ])).start().await;
    let app = app(&fake);
    let redirected = async |scopes: Scopes| {
        let login = app.begin(&scopes).unwrap();
        let location = visit(&login.url).await.1.unwrap();
        refusal(app.finish(&login.pending, &location, "user 17").await)
    };
    fake.refuse_consent();
    assert_eq!(redirected(Scopes::from([Scope::PROFILE_READ])).await, Refusal::new(OAuthErrorCode::AccessDenied));
    fake.give_consent("ada");
    let refused = redirected(Scopes::from([Scope::BOOKING_READ])).await;
    assert_eq!((refused.code, refused.reason), (OAuthErrorCode::InvalidRequest, Some(OAuthReason::ScopeNotRegistered)));
    let refused = redirected(Scopes::from([Scope::from("NO_SUCH_SCOPE")])).await;
    assert_eq!((refused.code, refused.reason), (OAuthErrorCode::InvalidScope, Some(OAuthReason::UnknownScope)));
    // What stands on the page is no redirect.
    fake.set_oauth_app_state(ID, OAuthAppState::Rejected);
    let login = app.begin(&Scopes::from([Scope::PROFILE_READ])).unwrap();
    assert_eq!(visit(&login.url).await.1, None);
    assert!(fake.requests_of("create_oauth2_token").is_empty());
}

#[tokio::test]
async fn a_code_is_exchanged_once_and_in_its_time() {
    let fake = fake().await;
    let app = app(&fake);
    let (pending, location) = consent(&fake, &app, "ada", &all_scopes()).await;
    app.finish(&pending, &location, "user 17").await.unwrap();
    let used = refusal(app.finish(&pending, &location, "user 18").await);
    let expected = Refusal::new(OAuthErrorCode::InvalidGrant).reason(OAuthReason::CodeInvalidOrExpired);
    assert_eq!((used.status, &used.code, &used.reason), (Some(400), &expected.code, &expected.reason));
    let (pending, location) = consent(&fake, &app, "ada", &all_scopes()).await;
    fake.clock().advance(Duration::from_secs(11 * 60));
    let late = refusal(app.finish(&pending, &location, "user 18").await);
    assert_eq!((late.code, late.reason), (expected.code, expected.reason));
    // Another verifier is not the one of the login, and the code is used up all the same.
    let (pending, location) = consent(&fake, &app, "ada", &all_scopes()).await;
    let stolen = PendingLogin::restore(pending.state().expose_secret(), Some("another-verifier"));
    let refused = refusal(app.finish(&stolen, &location, "user 18").await);
    assert_eq!(refused.reason, Some(OAuthReason::PkceVerificationFailed));
    let again = refusal(app.finish(&pending, &location, "user 18").await);
    assert_eq!(again.reason, Some(OAuthReason::CodeInvalidOrExpired));
    // A session is not begun by any of this.
    let error = app.client("user 18").unwrap().raw().get_me().await.unwrap_err();
    assert!(error.is_consent_required() && error.attempts() == 0, "{error:?}");
    assert_eq!(app.client("user 17").unwrap().raw().get_me().await.unwrap().data.username.as_deref(), Some("ada"));
}

#[tokio::test]
async fn a_wrong_secret_and_an_unknown_client_are_different_errors() {
    let fake = builder().oauth_app(FakeOAuthApp::confidential(ID, SECRET, BACK)).start().await;
    let wrong = OAuthApp::confidential(ID, "wrong", BACK).urls(urls(&fake)).config(config()).build().unwrap();
    let (pending, location) = consent(&fake, &wrong, "ada", &Scopes::default()).await;
    let refused = refusal(wrong.finish(&pending, &location, "user 17").await);
    assert_eq!(refused.to_string(), "invalid_client (invalid_client_credentials)");
    let unknown = OAuthApp::confidential("other", SECRET, BACK).urls(urls(&fake)).config(config()).build().unwrap();
    let refused = refusal(unknown.finish(&pending, &location, "user 17").await);
    assert_eq!((refused.code, refused.reason), (OAuthErrorCode::InvalidClient, Some(OAuthReason::ClientNotFound)));
    let info = wrong.client_info().await.unwrap();
    assert_eq!((&*info.id, info.redirect_uris, info.is_confidential), (ID, vec![BACK.to_owned()], Some(true)));
    let error = unknown.client_info().await.unwrap_err();
    assert!(matches!(error, OAuthError::Call(Error::NotFound(_))), "{error:?}");
}

#[tokio::test]
async fn a_self_hosted_server_returns_the_information_of_a_client_to_its_users_only() {
    let fake = builder().contract(calcom::Contract::SelfHosted).oauth_app(FakeOAuthApp::public(ID, BACK)).start().await;
    let app = OAuthApp::public(ID, BACK).urls(urls(&fake)).build().unwrap();
    let error = app.client_info().await.unwrap_err();
    assert!(matches!(error, OAuthError::Call(Error::Authentication(_))), "{error:?}");
    let key = calcom::ApiKey::new(fake.api_key());
    let client = calcom::Client::builder().api_url(fake.url()).credentials(key).build().unwrap();
    let info = app.client_info_as(&client).await.unwrap();
    assert_eq!((info.redirect_uris, info.is_confidential), (vec![BACK.to_owned()], Some(false)));
}

#[tokio::test]
async fn the_error_of_a_missing_scope_says_which() {
    let fake = fake().await;
    let app = app(&fake);
    let (pending, location) = consent(&fake, &app, "ada", &Scopes::from([Scope::BOOKING_READ])).await;
    let session = app.finish(&pending, &location, "user 17").await.unwrap();
    let error = app.client("user 17").unwrap().raw().get_me().await.unwrap_err();
    assert!(matches!(error, Error::Permission(_)), "{error:?}");
    assert_eq!(error.missing_scopes(), ["PROFILE_READ"]);
    assert!(error.to_string().contains("the token lacks the scope PROFILE_READ"), "{error}");
    assert!(session.current().is_some());
    assert_eq!(refreshes(&fake), 0);
}

#[tokio::test]
async fn a_client_that_waits_for_its_approval_again_keeps_its_sessions() {
    let fake = fake().await;
    let app = app(&fake);
    let client = logged_in(&fake, &app, "grace").await;
    fake.set_oauth_app_state(ID, OAuthAppState::Pending);
    fake.clock().advance(HALF_AN_HOUR);
    let error = client.raw().get_me().await.unwrap_err();
    assert!(matches!(error, Error::Authentication(_)) && !error.is_consent_required(), "{error:?}");
    assert!(error.to_string().contains("client_not_approved"), "{error}");
    fake.set_oauth_app_state(ID, OAuthAppState::Approved);
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    assert_eq!(client.raw().get_me().await.unwrap().data.username.as_deref(), Some("grace"));
}

#[tokio::test]
async fn an_exchange_whose_response_is_lost_says_that_the_code_may_be_used() {
    let fake = fake().await;
    let app = app(&fake);
    let (pending, location) = consent(&fake, &app, "ada", &all_scopes()).await;
    fake.fault(calcom_fake::Fault::reset(calcom_fake::ResetPoint::AfterEffect).on("create_oauth2_token"));
    let error = app.finish(&pending, &location, "user 17").await.unwrap_err();
    let OAuthError::Call(error) = error else { panic!("{error:?}") };
    assert!(error.may_have_been_applied() && error.attempts() == 1, "{error:?}");
}

#[test]
fn an_app_that_cannot_work_is_not_built() {
    let message = |builder: calcom::oauth::OAuthAppBuilder| builder.build().unwrap_err().to_string();
    assert!(message(OAuthApp::public(" ", BACK)).contains("the id of the OAuth client is empty"));
    assert!(message(OAuthApp::confidential(ID, " ", BACK)).contains("the secret of the OAuth client is empty"));
    assert!(message(OAuthApp::public(ID, "app://back")).contains("the redirect URI must be https"));
    let http = OAuthUrls::self_hosted("http://cal.example.org", "https://api.example.org");
    assert!(message(OAuthApp::public(ID, BACK).urls(http)).contains("the web address must be https"));
}
