//! `/webhooks`.

use super::{Client, data, one, several};
use crate::v1::{
    Converted, Result, convert,
    loss::Losses,
    types::{CreateWebhook, Deleted, PatchWebhook, Webhook, WebhooksQuery},
};

/// The largest page that the service gives.
const PAGE: i64 = 250;

impl Client {
    /// The caller's webhooks (V1's `GET /webhooks`): all of them, or a page where the query says so.
    ///
    /// # Errors
    ///
    /// [`Error`](crate::v1::Error) with V1's status, as for every call.
    pub async fn webhooks(&self, query: &WebhooksQuery) -> Result<Converted<Vec<Webhook>>> {
        self.check(query)?;
        let (mut losses, mut all) = (Losses::default(), Vec::new());
        let wanted = query.take.zip(query.page).map(|(take, page)| (take, take.saturating_mul(page.saturating_sub(1))));
        let (mut left, mut skip) = wanted.map_or((i64::MAX, 0), |(take, skip)| (take, skip));
        while left > 0 {
            let take = left.min(PAGE);
            let request = self.v2.raw().list_webhooks().take(take.unsigned_abs());
            let answer = request.set(Some(skip).filter(|skip| *skip > 0), |request, skip| request.skip(skip)).await?;
            let page: Vec<Webhook> = several(&data(&answer), &mut losses)?;
            let came = i64::try_from(page.len()).unwrap_or(i64::MAX);
            all.extend(page);
            if came < take {
                break;
            }
            (left, skip) = (left - came, skip.saturating_add(came));
        }
        Ok(Converted::new(all, losses))
    }

    /// One webhook (V1's `GET /webhooks/{id}`).
    ///
    /// # Errors
    ///
    /// 404 for an unknown one; 403 for somebody else's, and for that of an event type, which V2 has on a route of its own.
    pub async fn webhook(&self, id: &str) -> Result<Converted<Webhook>> {
        let answer = self.v2.raw().get_webhook(id).await?;
        let mut losses = Losses::default();
        let webhook = one(&data(&answer), &mut losses)?;
        Ok(Converted::new(webhook, losses))
    }

    /// Makes a webhook, of the caller or of an event type (V1's `POST /webhooks`).
    ///
    /// # Errors
    ///
    /// 400 for what V1 refuses for its form, before anything is sent; 409 where there is one with this URL.
    pub async fn create_webhook(&self, webhook: &CreateWebhook) -> Result<Converted<Webhook>> {
        self.check(webhook)?;
        let (mut losses, api) = (Losses::default(), self.v2.raw());
        let of_caller = CreateWebhook { event_type_id: None, ..webhook.clone() };
        let body = self.allowed(convert::create_webhook(&of_caller), &mut losses)?;
        let answer = match webhook.event_type_id {
            None => api.create_webhook(&body).await?,
            Some(event_type) => api.create_event_type_webhook(event_type, &body).await?,
        };
        let webhook = one(&data(&answer), &mut losses)?;
        Ok(Converted::new(webhook, losses))
    }

    /// Changes a webhook (V1's `PATCH /webhooks/{id}`); with an `eventTypeId` that of an event type.
    ///
    /// # Errors
    ///
    /// As [`webhook`](Self::webhook) and [`create_webhook`](Self::create_webhook).
    pub async fn patch_webhook(&self, id: &str, changes: &PatchWebhook) -> Result<Converted<Webhook>> {
        self.check(changes)?;
        let (mut losses, api) = (Losses::default(), self.v2.raw());
        let of_caller = PatchWebhook { event_type_id: None, ..changes.clone() };
        let body = self.allowed(convert::patch_webhook(&of_caller), &mut losses)?;
        let answer = match changes.event_type_id {
            None => api.update_webhook(id, &body).await?,
            Some(event_type) => api.update_event_type_webhook(event_type, id, &body).await?,
        };
        let webhook = one(&data(&answer), &mut losses)?;
        Ok(Converted::new(webhook, losses))
    }

    /// Deletes a webhook (V1's `DELETE /webhooks/{id}`).
    ///
    /// # Errors
    ///
    /// As [`webhook`](Self::webhook).
    pub async fn delete_webhook(&self, id: &str) -> Result<Deleted> {
        self.v2.raw().delete_webhook(id).await?;
        Ok(Deleted::new("Webhook", id))
    }
}
