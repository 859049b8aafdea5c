//! Webhooks: who is told of what happens to bookings, of the caller's own or of one event type.

mod ensure;

use std::collections::HashSet;

use crate::{
    Client, Error, Result,
    facade::{List, read, read_with},
    model::{CreateWebhook, EventTypeId, UpdateWebhook, Webhook, WebhookId},
    raw::{Request, types},
};

/// The largest page that the service gives.
const LARGEST_PAGE: u32 = 250;

/// The caller's own webhooks, or those of one event type; from [`Client::webhooks`].
///
/// The two are apart: the service refuses ([`Error::Permission`]) to read or change one as the other.
#[derive(Debug, Clone)]
pub struct Webhooks {
    client: Client,
    event_type: Option<EventTypeId>,
}

impl Client {
    /// The caller's own webhooks, which are told of all of the caller's bookings;
    /// [`of_event_type`](Webhooks::of_event_type) for those of one event type.
    ///
    /// Cargo feature: `webhook-subscriptions`.
    #[must_use]
    pub fn webhooks(&self) -> Webhooks {
        Webhooks { client: self.clone(), event_type: None }
    }
}

impl Webhooks {
    /// The webhooks of one event type, which are told of its bookings alone.
    #[must_use]
    pub fn of_event_type(&self, event_type: impl Into<EventTypeId>) -> Self {
        Self { client: self.client.clone(), event_type: Some(event_type.into()) }
    }

    /// Lists all webhooks, page by page, each once (`GET /v2/webhooks`, or `/v2/event-types/{eventTypeId}/webhooks`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown event type.
    pub async fn list(&self) -> Result<List<Webhook>> {
        let (mut all, mut seen, mut skip) = (List::from(Vec::new()), HashSet::new(), 0);
        loop {
            let page = self.fetch(skip, LARGEST_PAGE).await?;
            let (came, before) = (page.came(), all.len());
            all.add_page(page, |webhook: &Webhook| seen.insert(webhook.id.clone()));
            if came < LARGEST_PAGE || all.len() == before {
                return Ok(all);
            }
            skip += came;
        }
    }

    /// Lists one page of webhooks: `take` of them, 1 to 250, after the first `skip`.
    ///
    /// The service does not tell how many there are; a page that is not full is the last.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] for a page size that is not 1 to 250; else as [`list`](Self::list).
    pub async fn page(&self, skip: u32, take: u32) -> Result<List<Webhook>> {
        if !(1..=LARGEST_PAGE).contains(&take) {
            return Err(Error::invalid("take", format!("must be from 1 to {LARGEST_PAGE}")));
        }
        self.fetch(skip, take).await
    }

    async fn fetch(&self, skip: u32, take: u32) -> Result<List<Webhook>> {
        let (skip, take) = (Some(i64::from(skip)).filter(|skip| *skip > 0), u64::from(take));
        let api = self.client.raw();
        let request = match self.event_type {
            None => api.list_webhooks().take(take).set(skip, |request, skip| request.skip(skip)).erase(),
            Some(event_type) => {
                let request = api.list_event_type_webhooks(event_type.0).take(take);
                request.set(skip, |request, skip| request.skip(skip)).erase()
            }
        };
        read(request, |answer: types::WebhookListAnswer| answer.data).await
    }

    /// Reads one webhook (`GET .../webhooks/{webhookId}`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown one, [`Error::Permission`] for somebody else's.
    pub async fn get(&self, id: impl Into<WebhookId>) -> Result<Webhook> {
        let (id, api) = (id.into(), self.client.raw());
        one(match self.event_type {
            None => api.get_webhook(id.as_str()),
            Some(event_type) => api.get_event_type_webhook(event_type.0, id.as_str()),
        })
        .await
    }

    /// Makes a webhook (`POST .../webhooks`). [`ensure`](Self::ensure) does not mind one that is there already.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] where there is one with this URL already; [`Error::Validation`] for a URL that the service does
    /// not want to send to, and before anything is sent for what is no URL or no trigger.
    pub async fn create(&self, webhook: &CreateWebhook) -> Result<Webhook> {
        let (body, api) = (webhook.to_wire()?, self.client.raw());
        one(match self.event_type {
            None => api.create_webhook(&body),
            Some(event_type) => api.create_event_type_webhook(event_type.0, &body),
        })
        .await
    }

    /// Changes a webhook (`PATCH .../webhooks/{webhookId}`).
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get) and [`create`](Self::create).
    pub async fn update(&self, id: impl Into<WebhookId>, changes: &UpdateWebhook) -> Result<Webhook> {
        let (id, body, api) = (id.into(), changes.to_wire()?, self.client.raw());
        one(match self.event_type {
            None => api.update_webhook(id.as_str(), &body),
            Some(event_type) => api.update_event_type_webhook(event_type.0, id.as_str(), &body),
        })
        .await
    }

    /// Deletes a webhook (`DELETE .../webhooks/{webhookId}`), and gives it as it was.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn delete(&self, id: impl Into<WebhookId>) -> Result<Webhook> {
        let (id, api) = (id.into(), self.client.raw());
        let request = match self.event_type {
            None => api.delete_webhook(id.as_str()),
            Some(event_type) => api.delete_event_type_webhook(event_type.0, id.as_str()),
        };
        read_with(request, |answer: types::DeletedWebhookAnswer, extra| Webhook::deleted(answer.data, extra)).await
    }

    /// Deletes all webhooks of an event type (`DELETE /v2/event-types/{eventTypeId}/webhooks`), and gives their number,
    /// where the service's sentence about it has one. The caller's own stay.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown event type.
    pub async fn delete_all_of_event_type(&self, event_type: impl Into<EventTypeId>) -> Result<Option<u64>> {
        let answer = self.client.raw().delete_event_type_webhooks(event_type.into().0).await?;
        Ok(answer.data.split(' ').next().and_then(|number| number.parse().ok()))
    }
}

async fn one(request: Request<types::WebhookAnswer>) -> Result<Webhook> {
    read(request, |answer| answer.data).await
}
