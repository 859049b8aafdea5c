//! Logins and sessions against the fake: what is sent, what is refreshed, and what callers are told.

mod answers;
mod interrupted;
mod login;
#[cfg(feature = "platform")]
mod platform;
mod processes;
mod providers;
mod refresh;
mod secrets;
mod stores;
mod tenancy;

use std::{sync::Arc, time::Duration};

use calcom::{
    Client, Config, Contract, Error,
    oauth::{MemoryTokenStore, OAuthApp, OAuthUrls, PendingLogin, TokenStore},
    operation::{Scope, Scopes},
};
use calcom_fake::{FakeBuilder, FakeCalcom, FakeEventType, FakeOAuthApp, FakeUser};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub const ID: &str = "planted-client-id";
pub const SECRET: &str = "planted-client-secret";
pub const BACK: &str = "https://example.org/back?from=calcom";

/// Longer than an access token lives.
pub const HALF_AN_HOUR: Duration = Duration::from_secs(31 * 60);

/// A hosted service with the users ada and grace.
pub fn builder() -> FakeBuilder {
    FakeCalcom::builder()
        .contract(Contract::Hosted)
        .rate_limits(Vec::new())
        .user(FakeUser::new("ada"))
        .user(FakeUser::new("grace"))
        .event_type(FakeEventType::new("ada", "30min", 30))
}

pub fn public_app() -> FakeOAuthApp {
    FakeOAuthApp::public(ID, BACK).scopes(Scope::ALL.iter().cloned())
}

pub async fn fake() -> FakeCalcom {
    builder().oauth_app(public_app()).start().await
}

pub fn config() -> Config {
    let mut config = Config::default();
    config.service = Contract::Hosted.into();
    config.rate_limit.per_minute = Some(1_000_000);
    config
}

pub fn urls(fake: &FakeCalcom) -> OAuthUrls {
    OAuthUrls::self_hosted(&fake.url(), &fake.url())
}

pub fn app_on(fake: &FakeCalcom, store: Arc<dyn TokenStore>) -> OAuthApp {
    OAuthApp::public(ID, BACK).urls(urls(fake)).config(config()).store(store).build().unwrap()
}

pub fn app(fake: &FakeCalcom) -> OAuthApp {
    app_on(fake, Arc::new(MemoryTokenStore::new()))
}

pub fn all_scopes() -> Scopes {
    Scope::ALL.iter().cloned().collect()
}

/// What a browser gets from an address: the status, where it is sent, and the text.
pub async fn visit(url: &str) -> (u16, Option<String>, String) {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut socket = TcpStream::connect(host).await.unwrap();
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let location = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("location").then(|| value.to_owned())
    });
    (status, location, body.to_owned())
}

/// The redirect of a login to which `user` consents.
pub async fn consent(fake: &FakeCalcom, app: &OAuthApp, user: &str, scopes: &Scopes) -> (PendingLogin, String) {
    fake.give_consent(user);
    let login = app.begin(scopes).unwrap();
    let (status, location, text) = visit(&login.url).await;
    assert_eq!(status, 302, "{text}");
    (login.pending, location.unwrap())
}

/// A client of a subject, after the consent of the user of this name.
pub async fn logged_in(fake: &FakeCalcom, app: &OAuthApp, user: &str) -> Client {
    let (pending, location) = consent(fake, app, user, &all_scopes()).await;
    app.finish(&pending, &location, user).await.unwrap();
    app.client(user).unwrap()
}

/// The name of the user that a client acts for, without the cache.
pub async fn me(client: &Client) -> Result<String, Error> {
    let me = client.raw().get_me().bypass_cache().await?;
    Ok(me.data.username.clone().unwrap())
}

/// How many requests of this kind for tokens came.
pub fn token_requests(fake: &FakeCalcom, kind: &str) -> usize {
    fake.requests_of("create_oauth2_token").iter().filter(|request| request.body["grant_type"] == kind).count()
}

pub fn refreshes(fake: &FakeCalcom) -> usize {
    token_requests(fake, "refresh_token")
}
