//! The OAuth clients of a platform.

use crate::{
    Client, Error, PlatformCredentials, Result,
    facade::{
        List,
        items::{collect_items, fetch_read},
    },
    model::PlatformOAuthClient,
    raw::types,
};

/// The OAuth clients of the platform's organization; from [`Client::platform_clients`].
///
/// Listing and creating takes an API key of the organization.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::{
///     Client,
///     raw::types::{CreateOAuthClient, CreateOAuthClientPermission},
/// };
///
/// let wanted = CreateOAuthClient::new(
///     "Clinic",
///     ["https://example.org/back"],
///     [CreateOAuthClientPermission::BookingRead],
/// );
/// let credentials = client.platform_clients().create(&wanted).await?;
/// let users = Client::new(credentials.clone())?.platform(credentials.id()).users();
/// # let _ = users;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct PlatformClients {
    client: Client,
}

impl PlatformClients {
    pub(super) fn of(client: &Client) -> Self {
        Self { client: client.clone() }
    }

    /// Lists the OAuth clients (`GET /v2/oauth-clients`).
    ///
    /// # Errors
    ///
    /// [`Error::Permission`] for a key without an organization.
    pub async fn list(&self) -> Result<List<PlatformOAuthClient>> {
        collect_items(self.client.raw().list_oauth_clients()).await
    }

    /// Reads an OAuth client (`GET /v2/oauth-clients/{clientId}`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown one.
    pub async fn get(&self, client_id: &str) -> Result<PlatformOAuthClient> {
        fetch_read(self.client.raw().get_oauth_client(client_id)).await
    }

    /// Creates an OAuth client (`POST /v2/oauth-clients`), and returns its credential.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list); [`Error::Validation`] for values that the service refuses.
    pub async fn create(&self, client: &types::CreateOAuthClient) -> Result<PlatformCredentials> {
        let created = self.client.raw().create_oauth_client(client).await?.into_inner().data;
        match (created.client_id, created.client_secret) {
            (Some(id), Some(secret)) => Ok(PlatformCredentials::new(id, secret)),
            _ => Err(Error::empty("the response has no id or no secret")),
        }
    }

    /// Changes an OAuth client (`PATCH /v2/oauth-clients/{clientId}`). Permissions cannot be changed.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn update(&self, client_id: &str, changes: &types::UpdateOAuthClient) -> Result<PlatformOAuthClient> {
        fetch_read(self.client.raw().update_oauth_client(client_id, changes)).await
    }

    /// Deletes an OAuth client (`DELETE /v2/oauth-clients/{clientId}`), and returns the deleted one.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn delete(&self, client_id: &str) -> Result<PlatformOAuthClient> {
        fetch_read(self.client.raw().delete_oauth_client(client_id)).await
    }
}
