//! Private links: who knows one can book, until a date or a number of times.

use super::EventTypes;
use crate::{
    Result,
    facade::{List, read},
    model::{EventTypeId, PrivateLink, PrivateLinkId, PrivateLinkLimit},
    raw::types,
};

impl EventTypes {
    /// Lists the private links to an event type, expired ones too (`GET /v2/event-types/{eventTypeId}/private-links`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) where there is no such event type or it is somebody else's.
    pub async fn private_links(&self, event_type: impl Into<EventTypeId>) -> Result<List<PrivateLink>> {
        let request = self.client.raw().list_private_links(event_type.into().0);
        read(request, |answer: types::PrivateLinkListAnswer| answer.data).await
    }

    /// Makes a private link (`POST /v2/event-types/{eventTypeId}/private-links`).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for a link that never books;
    /// [`Error::NotFound`](crate::Error::NotFound) where there is no such event type or it is somebody else's.
    pub async fn create_private_link(
        &self,
        event_type: impl Into<EventTypeId>,
        limit: PrivateLinkLimit,
    ) -> Result<PrivateLink> {
        let (expires_at, max_usage_count) = limit.to_wire()?;
        let body = types::CreatePrivateLink { expires_at, max_usage_count };
        let request = self.client.raw().create_private_link(event_type.into().0, &body);
        read(request, |answer: types::PrivateLinkAnswer| answer.data).await
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
        let (expires_at, max_usage_count) = limit.to_wire()?;
        let body = types::UpdatePrivateLink { expires_at, max_usage_count };
        let link = link.into();
        let request = self.client.raw().update_private_link(event_type.into().0, link.as_str(), &body);
        read(request, |answer: types::PrivateLinkAnswer| answer.data).await
    }

    /// Deletes a private link (`DELETE /v2/event-types/{eventTypeId}/private-links/{linkId}`); it books no more.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`](crate::Error::NotFound) where it is gone already.
    pub async fn delete_private_link(
        &self,
        event_type: impl Into<EventTypeId>,
        link: impl Into<PrivateLinkId>,
    ) -> Result<()> {
        let link = link.into();
        self.client.raw().delete_private_link(event_type.into().0, link.as_str()).await.map(|_| ())
    }
}
