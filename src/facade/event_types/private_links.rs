//! Private links of event types.

use super::EventTypes;
use crate::{
    Result,
    facade::{CheckBefore, List, fetch},
    model::{EventTypeId, PrivateLink, PrivateLinkId, PrivateLinkLimit},
    raw::types,
};

impl EventTypes {
    /// Lists the private links to an event type, expired ones too (`GET /v2/event-types/{eventTypeId}/private-links`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) if there is no such event type or it is another user's.
    pub async fn private_links(&self, event_type: impl Into<EventTypeId>) -> Result<List<PrivateLink>> {
        let request = self.client.raw().list_private_links(event_type.into().0);
        fetch(request, |answer: types::PrivateLinkListResponse| answer.data).await
    }

    /// Creates a private link (`POST /v2/event-types/{eventTypeId}/private-links`), which needs no credential to book.
    ///
    /// ```no_run
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// use calcom::model::PrivateLinkLimit;
    ///
    /// let link = client.event_types().create_private_link(2026361, PrivateLinkLimit::Uses(1)).await?;
    /// client.event_types().delete_private_link(2026361, &link.link_id).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for a limit of 0 bookings;
    /// [`Error::NotFound`](crate::Error::NotFound) if there is no such event type or it is another user's.
    pub async fn create_private_link(
        &self,
        event_type: impl Into<EventTypeId>,
        limit: PrivateLinkLimit,
    ) -> Result<PrivateLink> {
        let (expires_at, max_usage_count) = limit.to_wire().before("create_private_link")?;
        let body = types::CreatePrivateLink { expires_at, max_usage_count };
        let request = self.client.raw().create_private_link(event_type.into().0, &body);
        fetch(request, |answer: types::PrivateLinkResponse| answer.data).await
    }

    /// Changes the limit of a private link (`PATCH /v2/event-types/{eventTypeId}/private-links/{linkId}`).
    ///
    /// # Errors
    ///
    /// As [`create_private_link`](Self::create_private_link); [`Error::NotFound`](crate::Error::NotFound) for an unknown
    /// link too.
    pub async fn update_private_link(
        &self,
        event_type: impl Into<EventTypeId>,
        link: impl Into<PrivateLinkId>,
        limit: PrivateLinkLimit,
    ) -> Result<PrivateLink> {
        let (expires_at, max_usage_count) = limit.to_wire().before("update_private_link")?;
        let body = types::UpdatePrivateLink { expires_at, max_usage_count };
        let link = link.into();
        let request = self.client.raw().update_private_link(event_type.into().0, link.as_str(), &body);
        fetch(request, |answer: types::PrivateLinkResponse| answer.data).await
    }

    /// Deletes a private link (`DELETE /v2/event-types/{eventTypeId}/private-links/{linkId}`). The link stops working.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) if it was deleted already.
    pub async fn delete_private_link(
        &self,
        event_type: impl Into<EventTypeId>,
        link: impl Into<PrivateLinkId>,
    ) -> Result<()> {
        let link = link.into();
        self.client.raw().delete_private_link(event_type.into().0, link.as_str()).await.map(|_| ())
    }
}
