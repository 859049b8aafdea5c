//! OAuth 2: clients, the consent that the test gives, codes and refresh tokens.

use std::fmt;

use jiff::Timestamp;

/// The state of an OAuth client at the service.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use calcom_fake::{FakeCalcom, FakeOAuthApp, OAuthAppState};
///
/// let app = FakeOAuthApp::public("client-id", "https://example.org/back").pending("johndoe");
/// let fake = FakeCalcom::builder().oauth_app(app).start().await;
/// // From now on every user can consent.
/// fake.set_oauth_app_state("client-id", OAuthAppState::Approved);
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OAuthAppState {
    /// Every user can consent.
    Approved,
    /// It waits for its approval: only its owner can consent, and only the owner's tokens are issued.
    Pending,
    /// No user can consent, and no token is issued.
    Rejected,
}

/// An OAuth client.
#[derive(Clone)]
pub struct OAuthAppRecord {
    pub id: String,
    /// `None` for a public client, such as one in a browser.
    pub secret: Option<String>,
    /// The first one is the one that self-hosted servers show.
    pub redirects: Vec<String>,
    pub name: String,
    /// The scopes that it may ask for. `None` for one of the first kind, whose tokens have no scopes.
    pub scopes: Option<Vec<String>>,
    pub status: OAuthAppState,
    /// The user who made it.
    pub owner: i64,
}

impl OAuthAppRecord {
    pub fn new(id: &str, secret: Option<String>, redirect: &str) -> Self {
        Self {
            id: id.to_owned(),
            secret,
            redirects: vec![redirect.to_owned()],
            name: id.to_owned(),
            scopes: None,
            status: OAuthAppState::Approved,
            owner: 1,
        }
    }
}

/// What a user has consented to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuth2Consent {
    pub client: String,
    pub user: i64,
    pub scopes: Option<Vec<String>>,
}

/// A code of a redirect.
#[derive(Clone)]
pub struct OAuth2Code {
    pub code: String,
    pub consent: OAuth2Consent,
    /// The redirect URI of the login; `None` if it may be any of the client's.
    pub redirect: Option<String>,
    /// The expected digest of the verifier.
    pub challenge: Option<String>,
    pub expires: Option<Timestamp>,
}

impl OAuth2Code {
    pub fn new(code: String, client: String, user: i64, challenge: Option<String>) -> Self {
        let consent = OAuth2Consent { client, user, scopes: None };
        Self { code, consent, redirect: None, challenge, expires: None }
    }
}

/// A refresh token.
#[derive(Clone)]
pub struct OAuth2Refresh {
    pub token: String,
    pub consent: OAuth2Consent,
    pub expires: Option<Timestamp>,
    pub is_revoked: bool,
}

impl OAuth2Refresh {
    pub fn new(token: String, client: String, user: i64) -> Self {
        Self { token, consent: OAuth2Consent { client, user, scopes: None }, expires: None, is_revoked: false }
    }
}

/// The answer of the page that asks for consent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConsentAnswer {
    /// No user is logged in: the page is shown.
    #[default]
    None,
    Given(i64),
    Refused,
}

/// The state of OAuth 2.
#[derive(Clone, Default)]
pub struct OAuth2 {
    pub clients: Vec<OAuthAppRecord>,
    pub answer: ConsentAnswer,
    pub codes: Vec<OAuth2Code>,
    pub refresh_tokens: Vec<OAuth2Refresh>,
    /// Whether a refresh token can be used again.
    pub is_lenient: bool,
}

impl OAuth2 {
    pub fn client(&self, id: &str) -> Option<&OAuthAppRecord> {
        self.clients.iter().find(|client| client.id == id)
    }
}

impl fmt::Debug for OAuth2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<&str> = self.clients.iter().map(|client| client.id.as_str()).collect();
        f.debug_struct("OAuth2").field("clients", &ids).field("answer", &self.answer).finish_non_exhaustive()
    }
}
