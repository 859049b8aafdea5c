//! The OAuth clients of a platform.

use crate::{Client, Result, raw::types};

/// The OAuth clients of the platform's organization; from [`Client::platform_clients`].
///
/// Listing and creating takes an API key of the organization. The responses contain the secrets of the clients.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::raw::types::{CreateOAuthClient, CreateOAuthClientPermission};
///
/// let wanted = CreateOAuthClient::new(
///     "Clinic",
///     ["https://example.org/back"],
///     [CreateOAuthClientPermission::BookingRead],
/// );
/// let created = client.platform_clients().create(&wanted).await?;
/// println!("{:?}", created.client_id);
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
    /// [`Error::Permission`](crate::Error::Permission) for a key without an organization.
    pub async fn list(&self) -> Result<Vec<types::PlatformOAuthClient>> {
        Ok(self.client.raw().list_oauth_clients().await?.into_inner().data)
    }

    /// Reads an OAuth client (`GET /v2/oauth-clients/{clientId}`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) for an unknown one.
    pub async fn get(&self, client_id: &str) -> Result<types::PlatformOAuthClient> {
        Ok(self.client.raw().get_oauth_client(client_id).await?.into_inner().data)
    }

    /// Creates an OAuth client (`POST /v2/oauth-clients`), and returns its id and its secret.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list); [`Error::Validation`](crate::Error::Validation) for values that the service refuses.
    pub async fn create(&self, client: &types::CreateOAuthClient) -> Result<types::CreateOAuthClientDetails> {
        Ok(self.client.raw().create_oauth_client(client).await?.into_inner().data)
    }

    /// Changes an OAuth client (`PATCH /v2/oauth-clients/{clientId}`). Permissions cannot be changed.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn update(
        &self,
        client_id: &str,
        changes: &types::UpdateOAuthClient,
    ) -> Result<types::PlatformOAuthClient> {
        Ok(self.client.raw().update_oauth_client(client_id, changes).await?.into_inner().data)
    }

    /// Deletes an OAuth client (`DELETE /v2/oauth-clients/{clientId}`), and returns the deleted one.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn delete(&self, client_id: &str) -> Result<types::PlatformOAuthClient> {
        Ok(self.client.raw().delete_oauth_client(client_id).await?.into_inner().data)
    }
}
