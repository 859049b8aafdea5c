//! The absences of all users of an organization.

use crate::{
    Client, Result,
    facade::{
        ItemStream, List,
        out_of_office::{OutOfOfficeFilter, stream_sorted},
    },
    model::{OrganizationId, OutOfOfficeEntry},
    redact::debug_shows,
};

/// The absences of all users of an organization; from
/// [`OrganizationApi::out_of_office`](super::OrganizationApi::out_of_office).
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::facade::OutOfOfficeFilter;
///
/// let absences = client.organization(1).out_of_office().for_email("anna@example.com");
/// println!("{} absences", absences.list(&OutOfOfficeFilter::default()).await?.len());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct OrganizationOutOfOffice {
    pub(super) client: Client,
    pub(super) organization: OrganizationId,
    pub(super) email: Option<String>,
}

debug_shows!(OrganizationOutOfOffice { organization });

impl OrganizationOutOfOffice {
    /// The absences of the user with this e-mail address alone.
    #[must_use]
    pub fn for_email(&self, email: impl Into<String>) -> Self {
        Self { client: self.client.clone(), organization: self.organization, email: Some(email.into()) }
    }

    /// Lists all absences, page by page (`GET /v2/organizations/{orgId}/ooo`).
    ///
    /// # Errors
    ///
    /// [`Error::Permission`](crate::Error::Permission) if the caller is no administrator of the organization.
    pub async fn list(&self, filter: &OutOfOfficeFilter) -> Result<List<OutOfOfficeEntry>> {
        self.stream(filter).try_collect().await
    }

    /// Streams the absences of [`list`](Self::list), page by page.
    pub fn stream(&self, filter: &OutOfOfficeFilter) -> ItemStream<OutOfOfficeEntry> {
        let request = self.client.raw().list_organization_out_of_office_entries(self.organization.0);
        stream_sorted!(filter, request.set(self.email.as_deref(), |request, email| request.email(email)))
    }
}
