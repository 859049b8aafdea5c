//! Plants secrets wherever a login and a session have them, and looks for them in what people, logs and stores get to see.

use calcom::{
    auth::TokenProvider,
    oauth::{EncryptionKey, OAuthApp, PendingLogin},
    secrecy::ExposeSecret,
};
use calcom_fake::{FakeOAuthApp, Fault};
use serde_json::json;

use super::*;
use crate::support::log::Log;

fn tokens(n: u32) -> serde_json::Value {
    json!({ "access_token": format!("planted-access-{n}"), "refresh_token": format!("planted-refresh-{n}"),
        "token_type": "bearer", "expires_in": 1800, "scope": "PROFILE_READ" })
}

fn assert_clean(text: &str) {
    if let Some(at) = text.find("planted") {
        let (from, to) = (at.saturating_sub(200), (at + 200).min(text.len()));
        panic!("{}", text.get(from..to).unwrap_or(text));
    }
}

/// A login, a request, a refresh, and every kind of failure, all with planted secrets.
async fn use_everything(store: Arc<dyn TokenStore>) -> String {
    let fake = builder().oauth_app(FakeOAuthApp::confidential(ID, SECRET, BACK)).start().await;
    let mut shown = config();
    (shown.debug.enabled, shown.debug.log_requests, shown.debug.log_responses) = (true, true, true);
    let app = OAuthApp::confidential(ID, SECRET, BACK).urls(urls(&fake)).config(shown).store(store);
    let mut text = format!("{app:?}");
    let app = app.build().unwrap();
    let pending = PendingLogin::restore("planted-state", Some("planted-verifier"));
    let redirect = "https://example.org/back?code=planted-code&state=planted-state";
    fake.on("create_oauth2_token").times(1).answer(tokens(1));
    let session = app.finish(&pending, redirect, "planted subject").await.unwrap();
    let client = app.client("planted subject").unwrap();
    fake.on("get_me").status(401).answer(json!({"status": "error", "error": {"code": "UnauthorizedException",
        "message": "no oAuth client found for access token=planted-access-1 planted-refresh-1"}}));
    let mut show = |shown: &dyn std::fmt::Debug| text.push_str(&format!("{shown:?} {shown:#?}\n"));
    let refused = json!({ "error": "invalid_request", "error_description": "planted-client-secret planted-refresh-1" });
    let refused = Fault::answer(400, "application/json", refused.to_string());
    fake.fault(refused.on("create_oauth2_token"));
    show(&client.raw().get_me().await.unwrap_err());
    fake.fault(Fault::status(503).on("create_oauth2_token"));
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    show(&client.raw().get_me().await.unwrap_err());
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    fake.on("create_oauth2_token").times(1).answer(tokens(2));
    show(&client.raw().get_me().await.unwrap_err());
    for body in [json!({"access_token": "planted-access-3"}), json!({"access_token": ["planted-access-3"]})] {
        fake.fault(Fault::answer(200, "application/json", body.to_string()).on("create_oauth2_token"));
        show(&app.finish(&pending, redirect, "another").await.unwrap_err());
    }
    show(&app.finish(&pending, "?error=planted-error&state=planted-state", "another").await.unwrap_err());
    show(&app.finish(&pending, "?code=planted-code&state=planted", "another").await.unwrap_err());
    show(&client.last_request_debug());
    show(&(&app, &session, &pending, &client, session.token().await, session.subject()));
    let login = app.begin(&all_scopes()).unwrap();
    show(&(&login, &login.pending));
    let state = login.pending.state().expose_secret();
    assert!(login.url.contains(state) && !text.contains(state));
    text
}

#[tokio::test]
async fn no_secret_of_a_session_is_in_a_log_an_error_or_a_debug() {
    let log = Log::start();
    let text = use_everything(Arc::new(MemoryTokenStore::new())).await;
    assert_clean(&text);
    assert!(log.of_calcom().contains("create_oauth2_token"));
    // Of all crates, at all levels.
    assert!(log.text().contains("TRACE"));
    assert_clean(&log.text());
    assert_clean(&format!("{:?}", EncryptionKey::new(*b"planted-planted-planted-planted!")));
}

/// Everything that a Redis server holds, names and values.
#[cfg(feature = "redis")]
async fn dump(redis: &crate::redis_server::RedisServer) -> String {
    let ask = async |command: String| {
        let mut socket = TcpStream::connect(("127.0.0.1", redis.port())).await.unwrap();
        socket.write_all(format!("{command}\r\nQUIT\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let mut text = ask("KEYS *".to_owned()).await;
    let names: Vec<String> = text.lines().filter(|line| line.starts_with("calcom:")).map(str::to_owned).collect();
    assert!(names.iter().any(|name| name.contains(":session:")), "{names:?}");
    for name in names {
        text.push_str(&ask(format!("GET {name}")).await);
        text.push_str(&ask(format!("HGETALL {name}")).await);
    }
    text
}

#[cfg(feature = "redis")]
#[tokio::test]
async fn no_secret_of_a_session_is_readable_in_redis() {
    let redis = crate::redis_server::RedisServer::start();
    let key = EncryptionKey::new([7; 32]);
    let store = Arc::new(calcom::oauth::RedisTokenStore::open(&redis.url(), key).unwrap());
    assert_clean(&use_everything(store).await);
    let held = dump(&redis).await;
    assert!(held.contains("xc20p1:"), "{held}");
    assert_clean(&held);
}

#[cfg(feature = "redis")]
#[tokio::test]
async fn a_session_in_redis_is_read_with_its_key_or_an_older_one_and_no_other() {
    let redis = crate::redis_server::RedisServer::start();
    let open = |key: u8| calcom::oauth::RedisTokenStore::open(&redis.url(), EncryptionKey::new([key; 32])).unwrap();
    let fake = fake().await;
    logged_in(&fake, &app_on(&fake, Arc::new(open(1))), "ada").await;
    let me = async |store| app_on(&fake, Arc::new(store)).client("ada").unwrap().raw().get_me().await;
    let error = me(open(2)).await.unwrap_err();
    assert!(error.to_string().contains("it cannot be decrypted") && !error.is_consent_required(), "{error}");
    me(open(2).also_reads(EncryptionKey::new([1; 32]))).await.unwrap();
}
