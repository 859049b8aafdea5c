//! The platform: its OAuth clients, the users whom they manage, and the webhooks of a client.

mod clients;
mod tokens;
mod users;

use std::fmt;
#[cfg(feature = "oauth")]
use std::sync::Arc;

use crate::Client;
#[cfg(feature = "oauth")]
use crate::{
    Error, Result,
    model::UserId,
    oauth::{ManagedSessions, OAuthSession, TokenStore},
};

pub use clients::PlatformClients;
pub use tokens::ManagedUserTokens;
pub use users::{ManagedUserFilter, ManagedUsers};

/// One OAuth client of a platform: the users whom it manages, and its webhooks; from [`Client::platform`].
///
/// The credential of the client is [`PlatformCredentials`](crate::PlatformCredentials): it acts as the owner of the platform's
/// organization. With the feature `oauth`, [`sessions`](Self::sessions) says where the tokens of managed users are kept, and
/// [`managed_user`](Self::managed_user) is a client that acts for one of them.
///
/// ```no_run
/// # #[cfg(feature = "oauth")]
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
///
/// use calcom::{Client, PlatformCredentials, model::CreateManagedUser, oauth::FileTokenStore};
///
/// let client = Client::new(PlatformCredentials::new("client-id", "client-secret"))?;
/// let platform = client.platform("client-id").sessions(Arc::new(FileTokenStore::new("/var/lib/clinic/calcom-sessions")));
/// let user = platform.users().create(&CreateManagedUser::new("jane@example.org", "Jane Doe")).await?;
/// let jane = platform.managed_user(user.id)?;
/// println!("{:?}", jane.raw().get_me().await?.data.email);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Platform {
    client: Client,
    client_id: String,
    #[cfg(feature = "oauth")]
    sessions: Option<Arc<ManagedSessions>>,
}

impl Client {
    /// One OAuth client of the platform, by its id.
    ///
    /// Cargo feature: `platform`.
    #[must_use]
    pub fn platform(&self, client_id: impl Into<String>) -> Platform {
        Platform {
            client: self.clone(),
            client_id: client_id.into(),
            #[cfg(feature = "oauth")]
            sessions: None,
        }
    }

    /// The OAuth clients of the platform.
    ///
    /// Cargo feature: `platform`.
    #[must_use]
    pub fn platform_clients(&self) -> PlatformClients {
        PlatformClients::of(self)
    }
}

impl Platform {
    /// The users whom the OAuth client manages.
    #[must_use]
    pub fn users(&self) -> ManagedUsers {
        ManagedUsers {
            client: self.client.clone(),
            client_id: self.client_id.clone(),
            #[cfg(feature = "oauth")]
            sessions: self.sessions.clone(),
        }
    }

    /// The webhooks of the OAuth client, which receive the events of all users whom it manages.
    #[cfg(feature = "webhook-subscriptions")]
    #[must_use]
    pub fn webhooks(&self) -> super::Webhooks {
        super::Webhooks::of(&self.client, super::webhooks::WebhookOwner::PlatformClient(self.client_id.clone()))
    }

    /// Sets where the tokens of managed users are kept. Made once, and cloned: each call begins with no session in its memory.
    ///
    /// Two stores are two owners of a user's tokens: a forced refresh of one revokes those of the other.
    #[cfg(feature = "oauth")]
    #[must_use]
    pub fn sessions(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.sessions = Some(Arc::new(ManagedSessions::new(&self.client, &self.client_id, store)));
        self
    }

    /// A client that acts for a managed user. Its token is refreshed in time; one that cannot be refreshed is replaced with the
    /// credential of the platform, which revokes the user's other access tokens. If the user was deleted, requests fail with
    /// [`is_consent_required`](Error::is_consent_required).
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`] unless [`sessions`](Self::sessions) was called.
    #[cfg(feature = "oauth")]
    pub fn managed_user(&self, user: impl Into<UserId>) -> Result<Client> {
        self.kept_sessions()?.client(user.into())
    }

    /// The session of a managed user, for its token alone.
    ///
    /// # Errors
    ///
    /// As [`managed_user`](Self::managed_user).
    #[cfg(feature = "oauth")]
    pub fn managed_session(&self, user: impl Into<UserId>) -> Result<OAuthSession> {
        Ok(self.kept_sessions()?.session(user.into()))
    }

    #[cfg(feature = "oauth")]
    fn kept_sessions(&self) -> Result<&ManagedSessions> {
        let text = "the tokens of managed users need a place: call Platform::sessions with a store";
        self.sessions.as_deref().ok_or_else(|| Error::configuration(text))
    }
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Platform").field("client", &self.client).finish_non_exhaustive()
    }
}
