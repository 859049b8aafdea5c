//! OAuth clients of the builder.

use calcom::operation::Scope;

use super::super::state::oauth2::OAuthAppRecord;
use super::super::state::{OAuthAppState, State};

/// An OAuth client of the fake.
///
/// ```
/// use calcom::operation::Scope;
/// use calcom_fake::FakeOAuthApp;
///
/// let app = FakeOAuthApp::public("client-id", "https://example.org/back")
///     .scopes([Scope::BOOKING_READ, Scope::PROFILE_READ]);
/// # let _ = app;
/// ```
#[derive(Clone)]
#[must_use]
pub struct FakeOAuthApp {
    client: OAuthAppRecord,
    owner: Option<String>,
}

impl FakeOAuthApp {
    /// Creates a public client, which is approved. Without [`scopes`](Self::scopes) it is one of the first kind, whose tokens
    /// have no scopes.
    pub fn public(id: &str, redirect_uri: &str) -> Self {
        Self { client: OAuthAppRecord::new(id, None, redirect_uri), owner: None }
    }

    /// Creates a confidential client, which is approved.
    pub fn confidential(id: &str, secret: &str, redirect_uri: &str) -> Self {
        Self { client: OAuthAppRecord::new(id, Some(secret.to_owned()), redirect_uri), owner: None }
    }

    /// Adds a redirect URI.
    pub fn redirect_uri(mut self, uri: &str) -> Self {
        self.client.redirects.push(uri.to_owned());
        self
    }

    /// Sets the scopes that the client may ask for.
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = Scope>) -> Self {
        self.client.scopes = Some(scopes.into_iter().map(|scope| scope.to_string()).collect());
        self
    }

    /// Sets the name that users see. Default: the id.
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.client.name);
        self
    }

    /// Makes the client wait for its approval; only its owner can consent.
    pub fn pending(mut self, owner: &str) -> Self {
        self.client.status = OAuthAppState::Pending;
        self.owner = Some(owner.to_owned());
        self
    }

    pub(super) fn insert_into(mut self, state: &mut State) {
        let owner = self.owner.and_then(|name| state.user_named(&name).map(|user| user.id));
        self.client.owner = owner.unwrap_or(self.client.owner);
        state.oauth2.clients.push(self.client);
    }
}

impl std::fmt::Debug for FakeOAuthApp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FakeOAuthApp").field("id", &self.client.id).finish_non_exhaustive()
    }
}
