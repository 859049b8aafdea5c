//! `/webhooks`.

use super::{V1Client, convert_list, convert_one, response_data};
use crate::v1::{
    Converted, V1Result, convert,
    loss::Losses,
    types::{CreateWebhook, DeletionBody, PatchWebhook, Webhook, WebhooksQuery},
};

/// The largest page size of the service.
const PAGE_SIZE: i64 = 250;

impl V1Client {
    /// Lists the caller's webhooks (V1's `GET /webhooks`): one page if the query names `page` and `take`, else all.
    ///
    /// # Errors
    ///
    /// [`V1Error`](crate::v1::V1Error) with V1's status, as for every call.
    pub async fn webhooks(&self, query: &WebhooksQuery) -> V1Result<Converted<Vec<Webhook>>> {
        self.validate(query)?;
        let (mut losses, mut all) = (Losses::default(), Vec::new());
        let window = query.take.zip(query.page).map(|(take, page)| (take, take.saturating_mul(page.saturating_sub(1))));
        let (mut left, mut skip) = window.map_or((i64::MAX, 0), |(take, skip)| (take, skip));
        while left > 0 {
            let take = left.min(PAGE_SIZE);
            let request = self.v2.raw().list_webhooks().take(take.unsigned_abs());
            let response = request.set(Some(skip).filter(|skip| *skip > 0), |request, skip| request.skip(skip)).await?;
            let page: Vec<Webhook> = convert_list(&response_data(&response), &mut losses)?;
            let received = i64::try_from(page.len()).unwrap_or(i64::MAX);
            all.extend(page);
            if received < take {
                break;
            }
            (left, skip) = (left - received, skip.saturating_add(received));
        }
        Ok(Converted::new(all, losses))
    }

    /// Reads a webhook (V1's `GET /webhooks/{id}`).
    ///
    /// # Errors
    ///
    /// 404 if it does not exist; 403 if it belongs to another user or to an event type. Webhooks of event types have
    /// separate routes in V2.
    pub async fn webhook(&self, id: &str) -> V1Result<Converted<Webhook>> {
        let response = self.v2.raw().get_webhook(id).await?;
        let mut losses = Losses::default();
        let webhook = convert_one(&response_data(&response), &mut losses)?;
        Ok(Converted::new(webhook, losses))
    }

    /// Creates a webhook of the caller or of an event type (V1's `POST /webhooks`).
    ///
    /// # Errors
    ///
    /// 400 if the request is invalid, before anything is sent; 409 if a webhook with this URL exists.
    pub async fn create_webhook(&self, webhook: &CreateWebhook) -> V1Result<Converted<Webhook>> {
        self.validate(webhook)?;
        let (mut losses, api) = (Losses::default(), self.v2.raw());
        let of_caller = CreateWebhook { event_type_id: None, ..webhook.clone() };
        let body = self.accept(convert::create_webhook(&of_caller), &mut losses)?;
        let response = match webhook.event_type_id {
            None => api.create_webhook(&body).await?,
            Some(event_type) => api.create_event_type_webhook(event_type, &body).await?,
        };
        let webhook = convert_one(&response_data(&response), &mut losses)?;
        Ok(Converted::new(webhook, losses))
    }

    /// Updates a webhook (V1's `PATCH /webhooks/{id}`). With an `eventTypeId` it updates a webhook of that event type.
    ///
    /// # Errors
    ///
    /// As [`webhook`](Self::webhook) and [`create_webhook`](Self::create_webhook).
    pub async fn patch_webhook(&self, id: &str, changes: &PatchWebhook) -> V1Result<Converted<Webhook>> {
        self.validate(changes)?;
        let (mut losses, api) = (Losses::default(), self.v2.raw());
        let of_caller = PatchWebhook { event_type_id: None, ..changes.clone() };
        let body = self.accept(convert::patch_webhook(&of_caller), &mut losses)?;
        let response = match changes.event_type_id {
            None => api.update_webhook(id, &body).await?,
            Some(event_type) => api.update_event_type_webhook(event_type, id, &body).await?,
        };
        let webhook = convert_one(&response_data(&response), &mut losses)?;
        Ok(Converted::new(webhook, losses))
    }

    /// Deletes a webhook (V1's `DELETE /webhooks/{id}`).
    ///
    /// # Errors
    ///
    /// As [`webhook`](Self::webhook).
    pub async fn delete_webhook(&self, id: &str) -> V1Result<DeletionBody> {
        self.v2.raw().delete_webhook(id).await?;
        Ok(DeletionBody::new("Webhook", id))
    }
}
