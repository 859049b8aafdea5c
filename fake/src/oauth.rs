//! What a test says of OAuth: who consents, the state of clients, and what is revoked.

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
