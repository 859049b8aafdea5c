//! An OAuth client of the service, for programs that act for users who consented.

use std::{fmt, sync::Arc};

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{
    OAuthError, OAuthSession, OAuthUrls,
    client_info::OAuthAppInfo,
    clock::TokenClock,
    login::{Login, PendingLogin},
    pkce::random_secret,
    redirect::read_code,
    registry::SessionRegistry,
    session::SessionRecord,
    store::{MemoryTokenStore, TokenStore},
    token_requests::TokenRequests,
    urls::check_redirect_uri,
};
use crate::{
    Client, Config, Credentials, Error, Result,
    auth::TokenSubject,
    operation::Scopes,
    state::{Store, StoreError},
};

/// OAuth client of a program that acts for users: begins logins, exchanges codes, and makes a [`Client`] for each user.
///
/// Made once for a program; a clone is cheap. All clients share its connections.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
///
/// use calcom::{
///     oauth::{FileTokenStore, OAuthApp},
///     operation::{Operation, Scopes},
/// };
///
/// let app = OAuthApp::confidential("client-id", "client-secret", "https://example.org/back")
///     .store(Arc::new(FileTokenStore::new("/var/lib/clinic/calcom-sessions")))
///     .build()?;
///
/// // The user presses "Continue with Cal.com": redirect the browser to `login.url`, and keep `login.pending` for it.
/// let used = ["list_bookings", "get_me"].map(|id| Operation::find(id).unwrap());
/// let login = app.begin(&Scopes::least(used)?)?;
///
/// // The browser returns with this query.
/// let query = "code=...&state=...";
/// app.finish(&login.pending, query, "user 17").await?;
///
/// // At any time later, also after a restart:
/// let client = app.client("user 17")?;
/// println!("{:?}", client.raw().get_me().await?.data.time_zone);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct OAuthApp(Arc<AppParts>);

struct AppParts {
    requests: TokenRequests,
    page: Url,
    sessions: SessionRegistry,
}

impl OAuthApp {
    /// A public client: a program whose users have its code, so that it has no secret. Each login has a verifier (PKCE, `S256`).
    ///
    /// `redirect_uri` is sent as it is written: the service compares it byte by byte with the registered ones.
    pub fn public(client_id: impl Into<String>, redirect_uri: impl Into<String>) -> OAuthAppBuilder {
        OAuthAppBuilder::new(client_id.into(), None, redirect_uri.into())
    }

    /// A confidential client: a server with a secret. Logins have no challenge, because the service refuses a verifier beside a
    /// secret.
    ///
    /// `redirect_uri` is sent as it is written: the service compares it byte by byte with the registered ones.
    pub fn confidential(
        client_id: impl Into<String>,
        secret: impl Into<SecretString>,
        redirect_uri: impl Into<String>,
    ) -> OAuthAppBuilder {
        OAuthAppBuilder::new(client_id.into(), Some(secret.into()), redirect_uri.into())
    }

    /// Begins a login. Nothing is sent.
    ///
    /// `scopes` are what the program asks the user for: [`Scopes::least`] of the operations that it calls. They must be among
    /// those of the client. An empty set is for clients of the first kind, whose tokens have no scopes.
    ///
    /// # Errors
    ///
    /// [`OAuthError::Random`] if the operating system gives no random numbers.
    pub fn begin(&self, scopes: &Scopes) -> Result<Login, OAuthError> {
        let requests = &self.0.requests;
        let pending = PendingLogin::begin(requests.secret.is_none())?;
        let url = pending.authorize_url(&self.0.page, &requests.client_id, &requests.redirect_uri, scopes);
        Ok(Login { url, pending })
    }

    /// Ends a login: reads the redirect (its query, or the whole address), exchanges the code and writes the session of
    /// `subject` to the store (`POST /v2/auth/oauth2/token`).
    ///
    /// The caller names the subject: the id of its own user, say. The service is not asked, because a token of a team has no
    /// user. A session of the same subject is replaced; its clients in this process use the new one from the next request on,
    /// in other processes when they refresh. The code is used once, whether or not the exchange succeeds: if
    /// the future is dropped, the exchange continues in a task.
    ///
    /// # Errors
    ///
    /// [`OAuthError::StateMismatch`] and [`OAuthError::Redirect`] before anything is sent; [`OAuthError::Refused`] if the user or
    /// the service refused; [`OAuthError::Store`] if the store fails.
    pub async fn finish(
        &self,
        login: &PendingLogin,
        redirect: &str,
        subject: &str,
    ) -> Result<OAuthSession, OAuthError> {
        let code = read_code(login, redirect)?;
        let consent = random_secret()?.expose_secret().to_owned();
        let session = self.session(subject);
        let (begun, requests, login) = (session.clone(), self.0.requests.clone(), login.clone());
        // A task of its own, because what ends the call must not end it.
        let exchange = tokio::spawn(async move {
            // A store that fails is noticed before the code is used.
            let _lock = begun.state().lock().await.map_err(OAuthError::Store)?;
            let tokens = requests.exchange(&code, &login).await?;
            begun.state().begin(SessionRecord::new(tokens, consent)).await.map_err(OAuthError::Store)
        });
        let ended = exchange.await;
        ended.unwrap_or_else(|_| Err(OAuthError::Store(StoreError("the login was interrupted".to_owned()))))?;
        Ok(session)
    }

    /// Returns the session of a subject. Nothing is read or sent: whether there is one shows the first request.
    #[must_use]
    pub fn session(&self, subject: &str) -> OAuthSession {
        let requests = &self.0.requests;
        let subject = TokenSubject::new(&*requests.client_id, subject);
        self.0.sessions.session(requests.client.base(), &subject, "", || Box::new(requests.clone()))
    }

    /// A client whose requests act for a subject.
    ///
    /// Circuit, quota and cache are those of the subject, and stay when its token is refreshed. If there is no session, or it has
    /// ended, requests fail with [`is_consent_required`](Error::is_consent_required).
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`] if the client cannot be made.
    pub fn client(&self, subject: &str) -> Result<Client> {
        self.0.requests.client.with_credentials(Credentials::provider(self.session(subject)))
    }

    /// Removes the session of a subject from the store. The service has no operation that revokes it: the user does that in the
    /// settings of the web application.
    ///
    /// # Errors
    ///
    /// [`OAuthError::Store`] if the store fails.
    pub async fn forget(&self, subject: &str) -> Result<(), OAuthError> {
        self.session(subject).state().forget().await.map_err(OAuthError::Store)
    }

    /// Reads what the consent page shows of this client (`GET /v2/auth/oauth2/clients/{clientId}`).
    ///
    /// The hosted service needs no credential for it. A self-hosted server needs one of any user: see
    /// [`client_info_as`](Self::client_info_as).
    ///
    /// # Errors
    ///
    /// [`OAuthError::Call`]; [`Error::NotFound`] if there is no such client.
    pub async fn client_info(&self) -> Result<OAuthAppInfo, OAuthError> {
        self.client_info_as(&self.0.requests.client).await
    }

    /// As [`client_info`](Self::client_info), with the credential of `client`.
    ///
    /// # Errors
    ///
    /// As [`client_info`](Self::client_info).
    pub async fn client_info_as(&self, client: &Client) -> Result<OAuthAppInfo, OAuthError> {
        let found = client.raw().get_oauth2_client(&self.0.requests.client_id).await?.into_inner();
        Ok(OAuthAppInfo::of_wire(found.data))
    }
}

impl fmt::Debug for OAuthApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthApp").field("sessions", &self.0.sessions).finish_non_exhaustive()
    }
}

/// Builds an [`OAuthApp`].
///
/// ```
/// use std::sync::Arc;
///
/// use calcom::oauth::{MemoryTokenStore, OAuthApp, OAuthUrls};
///
/// # fn main() -> calcom::Result<()> {
/// let app = OAuthApp::public("client-id", "https://example.org/back")
///     .urls(OAuthUrls::eu())
///     .store(Arc::new(MemoryTokenStore::new()))
///     .build()?;
/// # let _ = app;
/// # Ok(()) }
/// ```
#[must_use]
pub struct OAuthAppBuilder {
    client_id: String,
    secret: Option<SecretString>,
    redirect_uri: String,
    urls: OAuthUrls,
    config: Config,
    state: Option<Store>,
    sessions: Arc<dyn TokenStore>,
}

impl OAuthAppBuilder {
    fn new(client_id: String, secret: Option<SecretString>, redirect_uri: String) -> Self {
        let (urls, config, sessions) = (OAuthUrls::hosted(), Config::default(), Arc::new(MemoryTokenStore::new()));
        Self { client_id, secret, redirect_uri, urls, config, state: None, sessions }
    }

    /// Sets the addresses of the service. Default: the hosted service.
    pub fn urls(mut self, urls: OAuthUrls) -> Self {
        self.urls = urls;
        self
    }

    /// Sets where sessions are kept. Default: in the memory of this process.
    pub fn store(mut self, sessions: Arc<dyn TokenStore>) -> Self {
        self.sessions = sessions;
        self
    }

    /// Sets the settings of all clients. The address in them is replaced by that of [`urls`](Self::urls).
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Sets where clients keep circuits, quotas, cache and leases; see [`ClientBuilder::store`](crate::ClientBuilder::store).
    pub fn state(mut self, state: Store) -> Self {
        self.state = Some(state);
        self
    }

    /// Builds the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`], naming what cannot be used: an empty id or secret, the redirect URI, an address, a setting.
    pub fn build(self) -> Result<OAuthApp> {
        let client_id = self.client_id.trim().to_owned();
        if client_id.is_empty() {
            return Err(Error::configuration("the id of the OAuth client is empty"));
        }
        let secret = self.secret.map(|secret| SecretString::from(secret.expose_secret().trim()));
        if secret.as_ref().is_some_and(|secret| secret.expose_secret().is_empty()) {
            return Err(Error::configuration("the secret of the OAuth client is empty"));
        }
        check_redirect_uri(&self.redirect_uri)?;
        let page = self.urls.parse_authorize(&self.config)?;
        let mut builder =
            Client::builder().config(self.urls.configure(self.config)).credentials(Credentials::Anonymous);
        if let Some(state) = self.state {
            builder = builder.store(state);
        }
        let client = builder.build()?;
        let clock = TokenClock::start();
        let requests = TokenRequests { client, client_id, secret, redirect_uri: self.redirect_uri, clock };
        Ok(OAuthApp(Arc::new(AppParts { requests, page, sessions: SessionRegistry::new(self.sessions, clock) })))
    }
}

impl fmt::Debug for OAuthAppBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthAppBuilder").field("urls", &self.urls).finish_non_exhaustive()
    }
}
