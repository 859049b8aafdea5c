//! The users whom an OAuth client of the platform manages.

#[cfg(feature = "oauth")]
use std::sync::Arc;

use serde::Deserialize;

use super::tokens::ManagedUserTokens;
#[cfg(feature = "oauth")]
use crate::oauth::{IssuedTokens, ManagedSessions, SessionLock};
use crate::{
    Client, Error, Result,
    facade::{
        CheckBefore, ItemStream, List,
        items::{fetch_read, stream_items},
    },
    model::{ManagedUser, UserId},
    raw::{Request, parameters, types},
    redact::debug_shows,
};

/// The largest page of the service.
const MAX_PAGE_SIZE: u64 = 250;

/// The users whom an OAuth client manages; from [`Platform::users`](super::Platform::users).
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::{
///     facade::ManagedUserFilter,
///     model::{CreateManagedUser, UpdateUser},
/// };
///
/// let users = client.platform("client-id").users();
/// let jane = users.create(&CreateManagedUser::new("jane@example.org", "Jane Doe")).await?;
/// users.update(jane.id, &UpdateUser::new().time_zone("Europe/Berlin")).await?;
/// for user in &users.list(&ManagedUserFilter::default()).await? {
///     println!("{} {:?}", user.id, user.time_zone);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct ManagedUsers {
    pub(super) client: Client,
    pub(super) client_id: String,
    #[cfg(feature = "oauth")]
    pub(super) sessions: Option<Arc<ManagedSessions>>,
}

debug_shows!(ManagedUsers { client });

/// The filter of a list of managed users. The default lists all.
///
/// ```
/// let filter = calcom::facade::ManagedUserFilter::default().email("jane@example.org");
/// # let _ = filter;
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct ManagedUserFilter {
    emails: Vec<String>,
}

debug_shows!(ManagedUserFilter {});

impl ManagedUserFilter {
    /// Lists the user who was created with this address, without the id of the OAuth client. Call it again for another.
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.emails.push(email.into());
        self
    }
}

impl ManagedUsers {
    /// Lists the users, and reads all pages (`GET /v2/oauth-clients/{clientId}/users`).
    ///
    /// # Errors
    ///
    /// [`Error::Authentication`] without the credential of the platform.
    pub async fn list(&self, filter: &ManagedUserFilter) -> Result<List<ManagedUser>> {
        self.stream(filter).try_collect().await
    }

    /// Streams the users of [`list`](Self::list), page by page.
    pub fn stream(&self, filter: &ManagedUserFilter) -> ItemStream<ManagedUser> {
        let request = self.client.raw().list_managed_users(&self.client_id).limit(MAX_PAGE_SIZE);
        stream_items(filter.emails.iter().fold(request, with_email))
    }

    /// Reads a user (`GET .../users/{userId}`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for a user whom the OAuth client does not manage.
    pub async fn get(&self, user: impl Into<UserId>) -> Result<ManagedUser> {
        fetch_read(self.client.raw().get_managed_user(&self.client_id, user.into().0)).await
    }

    /// Creates a user (`POST .../users`), and keeps its tokens if [`Platform::sessions`](super::Platform::sessions) says where.
    ///
    /// Takes a [`&CreateManagedUser`](crate::model::CreateManagedUser), or the generated request. If the tokens cannot be kept,
    /// the user is returned all the same: its first request requests new tokens.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`], before anything is sent, for an unknown time zone; also for values that the service refuses.
    /// [`Error::Conflict`] if there is a user with this address.
    pub async fn create(
        &self,
        user: impl TryInto<types::CreateManagedUser, Error: Into<Error>>,
    ) -> Result<ManagedUser> {
        let body = user.try_into().before("create_managed_user")?;
        let created: CreatedUser = fetch_read(self.client.raw().create_managed_user(&self.client_id, &body)).await?;
        #[cfg(feature = "oauth")]
        {
            let held = self.hold(created.user.id).await;
            self.keep(held, created.user.id, &created.tokens).await;
        }
        Ok(created.user)
    }

    /// Changes a user (`PATCH .../users/{userId}`).
    ///
    /// Takes an [`&UpdateUser`](crate::model::UpdateUser), or the generated request, which can also clear the name.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get) and [`create`](Self::create).
    pub async fn update(
        &self,
        user: impl Into<UserId>,
        changes: impl TryInto<types::UpdateManagedUser, Error: Into<Error>>,
    ) -> Result<ManagedUser> {
        let body = changes.try_into().before("update_managed_user")?;
        fetch_read(self.client.raw().update_managed_user(&self.client_id, user.into().0, &body)).await
    }

    /// Deletes a user (`DELETE .../users/{userId}`), and returns the deleted one. Its session is removed.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn delete(&self, user: impl Into<UserId>) -> Result<ManagedUser> {
        let user = user.into();
        let deleted = fetch_read(self.client.raw().delete_managed_user(&self.client_id, user.0)).await?;
        #[cfg(feature = "oauth")]
        if let Some(sessions) = &self.sessions
            && let Err(error) = sessions.forget(user).await
        {
            tracing::warn!(target: "calcom::oauth", %error, "the session of a deleted managed user is not removed");
        }
        Ok(deleted)
    }

    /// Requests new tokens for a user with the platform's credential (`POST .../users/{userId}/force-refresh`), for another
    /// program that acts for the user. All access tokens of the user that were issued before are revoked.
    ///
    /// If [`Platform::sessions`](super::Platform::sessions) says where tokens are kept, these are kept there as well: the
    /// clients of [`Platform::managed_user`](super::Platform::managed_user) use them, and wait with a refresh until they are
    /// stored. Only one of the two programs may use the refresh token.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn force_refresh(&self, user: impl Into<UserId>) -> Result<ManagedUserTokens> {
        let user = user.into();
        #[cfg(feature = "oauth")]
        let held = self.hold(user).await;
        let answer = self.client.raw().force_refresh_managed_user(&self.client_id, user.0).await?;
        let tokens = answer.into_inner().data;
        #[cfg(feature = "oauth")]
        self.keep(held, user, &tokens).await;
        ManagedUserTokens::of_wire(tokens)
    }

    /// Takes the lock of a user's session, if tokens are kept.
    #[cfg(feature = "oauth")]
    async fn hold(&self, user: UserId) -> Option<SessionLock> {
        let held = self.sessions.as_ref()?.lock(user).await;
        held.inspect_err(|error| tracing::warn!(target: "calcom::oauth", %error, "new tokens cannot be kept")).ok()
    }

    /// Keeps new tokens, if the lock is held. Without them the next request has others.
    #[cfg(feature = "oauth")]
    async fn keep(&self, held: Option<SessionLock>, user: UserId, tokens: &types::TokenPair) {
        let (Some(sessions), Some(_lock)) = (&self.sessions, held) else { return };
        let issued = IssuedTokens {
            access: tokens.access_token.clone(),
            refresh: tokens.refresh_token.clone(),
            expires: tokens.access_token_expires_at,
        };
        if let Err(error) = sessions.begin(user, issued).await {
            tracing::warn!(target: "calcom::oauth", %error, "the tokens of a managed user are not kept");
        }
    }
}

/// A new user with its tokens.
#[derive(Clone, Deserialize)]
struct CreatedUser {
    user: ManagedUser,
    #[cfg(feature = "oauth")]
    #[serde(flatten)]
    tokens: types::TokenPair,
}

type UserListRequest = Request<types::ManagedUserListResponse, parameters::ListManagedUsers>;

fn with_email(request: UserListRequest, email: &String) -> UserListRequest {
    request.emails(email)
}
