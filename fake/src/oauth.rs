//! What a test says of OAuth: who consents, the state of clients, and what is revoked.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::fake::FakeCalcom;
use super::state::oauth2::ConsentAnswer;
use super::state::{Credential, OAuthAppState};

impl FakeCalcom {
    /// The page that asks users for consent, as a browser is sent to it: `url()` followed by `/auth/oauth2/authorize`. The base
    /// URL of the web application is [`url`](Self::url).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use calcom_fake::{FakeCalcom, FakeOAuthApp};
    ///
    /// let app = FakeOAuthApp::public("client-id", "https://example.org/back");
    /// let fake = FakeCalcom::builder().oauth_app(app).start().await;
    /// fake.give_consent("johndoe");
    /// assert!(fake.authorize_url().ends_with("/auth/oauth2/authorize"));
    /// # }
    /// ```
    pub fn authorize_url(&self) -> String {
        format!("{}{}", self.url(), super::api::oauth2::AUTHORIZE_PATH)
    }

    /// Lets this user be logged in and consent to every client that asks from now on. Until then, the page asks to log in.
    pub fn give_consent(&self, username: &str) {
        let id = self.user_id(username);
        self.shared().lock().state.oauth2.answer = ConsentAnswer::Given(id);
    }

    /// Opens the page of a login as a browser does, and returns the address that the browser is sent to: that of the redirect,
    /// with a code or an error. `None` if a text is shown, because no user is logged in, or the client is not known.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use calcom::oauth::{OAuthApp, OAuthUrls};
    /// use calcom_fake::{FakeCalcom, FakeOAuthApp};
    ///
    /// let back = "https://example.org/back";
    /// let fake = FakeCalcom::builder().oauth_app(FakeOAuthApp::public("client-id", back)).start().await;
    /// let urls = OAuthUrls::self_hosted(&fake.url(), &fake.url());
    /// let app = OAuthApp::public("client-id", back).urls(urls).build()?;
    ///
    /// let login = app.begin(&Default::default())?;
    /// assert_eq!(fake.open_login(&login.url).await, None);
    /// fake.give_consent("johndoe");
    /// let redirect = fake.open_login(&login.url).await.ok_or("no redirect")?;
    /// app.finish(&login.pending, &redirect, "user 17").await?;
    /// # Ok(()) }
    /// ```
    pub async fn open_login(&self, login_url: &str) -> Option<String> {
        let path = login_url.strip_prefix(&self.url())?;
        let address = self.address();
        let mut socket = TcpStream::connect(address).await.ok()?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).await.ok()?;
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.ok()?;
        let (head, _) = answer.split_once("\r\n\r\n")?;
        head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("location").then(|| value.to_owned())
        })
    }

    /// Lets the user refuse every client that asks from now on.
    pub fn refuse_consent(&self) {
        self.shared().lock().state.oauth2.answer = ConsentAnswer::Refused;
    }

    /// Sets the state of an OAuth client. It is read at every exchange and refresh.
    pub fn set_oauth_app_state(&self, client_id: &str, status: OAuthAppState) {
        let mut core = self.shared().lock();
        for client in core.state.oauth2.clients.iter_mut().filter(|client| client.id == client_id) {
            client.status = status;
        }
    }

    /// Revokes all tokens that OAuth clients have of a user, as the user does in the settings.
    pub fn revoke_oauth_tokens(&self, username: &str) {
        let id = self.user_id(username);
        let mut core = self.shared().lock();
        let state = &mut core.state;
        state.credentials.retain(|known| !matches!(known, Credential::OAuthToken { user, .. } if *user == id));
        for refresh in state.oauth2.refresh_tokens.iter_mut().filter(|refresh| refresh.consent.user == id) {
            refresh.is_revoked = true;
        }
    }

    /// Sets whether a refresh token can be used again, as some self-hosted servers allow. Default: a refresh revokes all refresh
    /// tokens of the client and the user.
    pub fn set_lenient_refresh(&self, is_lenient: bool) {
        self.shared().lock().state.oauth2.is_lenient = is_lenient;
    }
}
