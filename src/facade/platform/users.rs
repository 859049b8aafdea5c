//! The users whom an OAuth client of the platform manages.

#[cfg(feature = "oauth")]
use std::sync::Arc;

#[cfg(feature = "oauth")]
use crate::oauth::ManagedSessions;
use crate::{
    Client, Result,
    facade::{ItemStream, List, items::stream_items},
    raw::{Request, parameters, types},
    redact::debug_shows,
};

/// The largest page of the service.
const MAX_PAGE_SIZE: u64 = 250;

/// The users whom an OAuth client manages; from [`Platform::users`](super::Platform::users).
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::{facade::ManagedUserFilter, raw::types::UpdateManagedUser};
///
/// let users = client.platform("client-id").users();
/// for user in &users.list(&ManagedUserFilter::default()).await? {
///     println!("{} {:?}", user.id, user.time_zone);
/// }
/// users.update(101, &UpdateManagedUser::default().time_zone("Europe/Berlin")).await?;
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
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct ManagedUserFilter {
    emails: Vec<String>,
}

impl ManagedUserFilter {
    /// Lists the user who was created with this address, without the id of the OAuth client. Call it again for another.
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.emails.push(email.into());
        self
    }
}

impl ManagedUsers {
    /// Lists the users, page by page (`GET /v2/oauth-clients/{clientId}/users`).
    ///
    /// # Errors
    ///
    /// [`Error::Authentication`](crate::Error::Authentication) without the credential of the platform.
    pub async fn list(&self, filter: &ManagedUserFilter) -> Result<List<types::ManagedUser>> {
        self.stream(filter).try_collect().await
    }

    /// Streams the users, page by page.
    pub fn stream(&self, filter: &ManagedUserFilter) -> ItemStream<types::ManagedUser> {
        let request = self.client.raw().list_managed_users(&self.client_id).limit(MAX_PAGE_SIZE);
        stream_items(filter.emails.iter().fold(request, with_email))
    }

    /// Reads a user (`GET .../users/{userId}`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) for a user whom the OAuth client does not manage.
    pub async fn get(&self, user: i64) -> Result<types::ManagedUser> {
        let answer = self.client.raw().get_managed_user(&self.client_id, user).await?;
        Ok(answer.into_inner().data)
    }

    /// Creates a user (`POST .../users`), and keeps its tokens if [`Platform::sessions`](super::Platform::sessions) says where.
    ///
    /// If the tokens cannot be kept, the user is returned all the same: its first request has new ones.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`](crate::Error::Conflict) if there is a user with this address;
    /// [`Error::Validation`](crate::Error::Validation) for values that the service refuses.
    pub async fn create(&self, user: &types::CreateManagedUser) -> Result<types::ManagedUser> {
        let answer = self.client.raw().create_managed_user(&self.client_id, user).await?;
        let data = answer.into_inner().data;
        let created = data.user.clone().ok_or_else(|| crate::Error::empty("the response has no user"))?;
        #[cfg(feature = "oauth")]
        if let Some(sessions) = &self.sessions
            && let Err(error) = sessions.begin(created.id, &data).await
        {
            tracing::warn!(target: "calcom::oauth", %error, "the tokens of a new managed user are not kept");
        }
        Ok(created)
    }

    /// Changes a user (`PATCH .../users/{userId}`).
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get) and [`create`](Self::create).
    pub async fn update(&self, user: i64, changes: &types::UpdateManagedUser) -> Result<types::ManagedUser> {
        let answer = self.client.raw().update_managed_user(&self.client_id, user, changes).await?;
        Ok(answer.into_inner().data)
    }

    /// Deletes a user (`DELETE .../users/{userId}`), and returns the deleted one. Its session is removed.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn delete(&self, user: i64) -> Result<types::ManagedUser> {
        let answer = self.client.raw().delete_managed_user(&self.client_id, user).await?;
        #[cfg(feature = "oauth")]
        if let Some(sessions) = &self.sessions
            && let Err(error) = sessions.forget(user).await
        {
            tracing::warn!(target: "calcom::oauth", %error, "the session of a deleted managed user is not removed");
        }
        Ok(answer.into_inner().data)
    }

    /// Has new tokens for a user by the credential of the platform (`POST .../users/{userId}/force-refresh`), for a program that
    /// keeps them itself. All access tokens of the user that were issued before are revoked.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn force_refresh(&self, user: i64) -> Result<types::TokenPair> {
        let answer = self.client.raw().force_refresh_managed_user(&self.client_id, user).await?;
        Ok(answer.into_inner().data)
    }
}

type UserListRequest = Request<types::ManagedUserListResponse, parameters::ListManagedUsers>;

fn with_email(request: UserListRequest, email: &String) -> UserListRequest {
    request.emails(email)
}
