//! Webhooks: subscriptions to events of the caller or of one event type.

mod ensure;

use std::collections::HashSet;

use crate::{
    Client, Error, Result,
    facade::{CheckBefore, List, fetch, fetch_with},
    model::{CreateWebhook, EventTypeId, UpdateWebhook, Webhook, WebhookId},
    raw::{Request, types},
};

/// The largest page of the service.
const MAX_PAGE_SIZE: u32 = 250;

/// The webhooks of the caller, or those of one event type, from [`Client::webhooks`]; or those of a platform's OAuth client.
///
/// The service keeps the two kinds apart: it refuses ([`Error::Permission`]) to read or change one as the other.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::model::{Trigger, UpdateWebhook};
///
/// let triggers = [Trigger::BookingCreated, Trigger::BookingCancelled];
/// let webhook = client.webhooks().ensure("https://example.com/hook", &triggers, "whsec_xxxxxxxxxxxx").await?;
/// client.webhooks().update(&webhook.id, &UpdateWebhook::default().active(false)).await?;
///
/// let of_event_type = client.webhooks().for_event_type(2026361).list().await?;
/// println!("{} webhooks of the event type", of_event_type.len());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Webhooks {
    client: Client,
    owner: WebhookOwner,
}

/// Whose webhooks they are, as the routes name it.
#[derive(Debug, Clone)]
pub(super) enum WebhookOwner {
    Caller,
    EventType(EventTypeId),
    #[cfg(feature = "platform")]
    PlatformClient(String),
}

/// The operations that create a webhook, by the owner.
const CREATE: [&str; 3] = ["create_webhook", "create_event_type_webhook", "create_oauth_client_webhook"];

impl WebhookOwner {
    /// The id of the operation that the owner's route leads to: of the caller, an event type, an OAuth client.
    fn pick(&self, operations: [&'static str; 3]) -> &'static str {
        match self {
            Self::Caller => operations[0],
            Self::EventType(_) => operations[1],
            #[cfg(feature = "platform")]
            Self::PlatformClient(_) => operations[2],
        }
    }
}

impl Client {
    /// The webhooks of the caller, which receive the events of all of the caller's bookings;
    /// [`for_event_type`](Webhooks::for_event_type) returns those of one event type.
    ///
    /// Cargo feature: `webhook-subscriptions`.
    #[must_use]
    pub fn webhooks(&self) -> Webhooks {
        Webhooks::of(self, WebhookOwner::Caller)
    }
}

impl Webhooks {
    pub(super) fn of(client: &Client, owner: WebhookOwner) -> Self {
        Self { client: client.clone(), owner }
    }

    /// The webhooks of one event type, which receive the events of its bookings alone.
    #[must_use]
    pub fn for_event_type(&self, event_type: impl Into<EventTypeId>) -> Self {
        Self::of(&self.client, WebhookOwner::EventType(event_type.into()))
    }

    /// Lists all webhooks, page by page, each once (`GET /v2/webhooks`, or `/v2/event-types/{eventTypeId}/webhooks`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown event type.
    pub async fn list(&self) -> Result<List<Webhook>> {
        let (mut all, mut seen, mut skip) = (List::from(Vec::new()), HashSet::new(), 0);
        loop {
            let page = self.fetch_page(skip, MAX_PAGE_SIZE).await?;
            let (received, before) = (page.received_count(), all.len());
            all.append_page(page, |webhook: &Webhook| seen.insert(webhook.id.clone()));
            if received < MAX_PAGE_SIZE || all.len() == before {
                return Ok(all);
            }
            skip += received;
        }
    }

    /// Lists one page of webhooks: `take` of them, 1 to 250, after the first `skip`.
    ///
    /// The service does not send the number of webhooks; a page that is not full is the last.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] for a page size that is not 1 to 250; else as [`list`](Self::list).
    pub async fn page(&self, skip: u32, take: u32) -> Result<List<Webhook>> {
        if !(1..=MAX_PAGE_SIZE).contains(&take) {
            let operation =
                self.owner.pick(["list_webhooks", "list_event_type_webhooks", "list_oauth_client_webhooks"]);
            return Err(Error::invalid("take", format!("must be from 1 to {MAX_PAGE_SIZE}"))).before(operation);
        }
        self.fetch_page(skip, take).await
    }

    async fn fetch_page(&self, skip: u32, take: u32) -> Result<List<Webhook>> {
        let (skip, take) = (Some(i64::from(skip)).filter(|skip| *skip > 0), u64::from(take));
        let api = self.client.raw();
        let request = match &self.owner {
            WebhookOwner::Caller => {
                api.list_webhooks().take(take).set(skip, |request, skip| request.skip(skip)).erase()
            }
            WebhookOwner::EventType(event_type) => {
                let request = api.list_event_type_webhooks(event_type.0).take(take);
                request.set(skip, |request, skip| request.skip(skip)).erase()
            }
            #[cfg(feature = "platform")]
            WebhookOwner::PlatformClient(client) => {
                let request = api.list_oauth_client_webhooks(client).take(take);
                request.set(skip, |request, skip| request.skip(skip)).erase()
            }
        };
        fetch(request, |answer: types::WebhookListResponse| answer.data).await
    }

    /// Reads one webhook (`GET .../webhooks/{webhookId}`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown one, [`Error::Permission`] for another user's.
    pub async fn get(&self, id: impl Into<WebhookId>) -> Result<Webhook> {
        let (id, api) = (id.into(), self.client.raw());
        fetch_webhook(match &self.owner {
            WebhookOwner::Caller => api.get_webhook(id.as_str()),
            WebhookOwner::EventType(event_type) => api.get_event_type_webhook(event_type.0, id.as_str()),
            #[cfg(feature = "platform")]
            WebhookOwner::PlatformClient(client) => api.get_oauth_client_webhook(client, id.as_str()),
        })
        .await
    }

    /// Creates a webhook (`POST .../webhooks`). [`ensure`](Self::ensure) updates an existing one instead of failing.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] if there is one with this URL already; [`Error::Validation`] for a URL that the service refuses to
    /// send to, and before anything is sent for an invalid URL or an empty trigger.
    pub async fn create(&self, webhook: &CreateWebhook) -> Result<Webhook> {
        let (body, api) = (webhook.to_wire().before(self.owner.pick(CREATE))?, self.client.raw());
        fetch_webhook(match &self.owner {
            WebhookOwner::Caller => api.create_webhook(&body),
            WebhookOwner::EventType(event_type) => api.create_event_type_webhook(event_type.0, &body),
            #[cfg(feature = "platform")]
            WebhookOwner::PlatformClient(client) => api.create_oauth_client_webhook(client, &body),
        })
        .await
    }

    /// Changes a webhook (`PATCH .../webhooks/{webhookId}`).
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get) and [`create`](Self::create).
    pub async fn update(&self, id: impl Into<WebhookId>, changes: &UpdateWebhook) -> Result<Webhook> {
        let operation = self.owner.pick(["update_webhook", "update_event_type_webhook", "update_oauth_client_webhook"]);
        let (id, body, api) = (id.into(), changes.to_wire().before(operation)?, self.client.raw());
        fetch_webhook(match &self.owner {
            WebhookOwner::Caller => api.update_webhook(id.as_str(), &body),
            WebhookOwner::EventType(event_type) => api.update_event_type_webhook(event_type.0, id.as_str(), &body),
            #[cfg(feature = "platform")]
            WebhookOwner::PlatformClient(client) => api.update_oauth_client_webhook(client, id.as_str(), &body),
        })
        .await
    }

    /// Deletes a webhook (`DELETE .../webhooks/{webhookId}`), and returns the deleted one.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn delete(&self, id: impl Into<WebhookId>) -> Result<Webhook> {
        let (id, api) = (id.into(), self.client.raw());
        let request = match &self.owner {
            WebhookOwner::Caller => api.delete_webhook(id.as_str()),
            WebhookOwner::EventType(event_type) => api.delete_event_type_webhook(event_type.0, id.as_str()),
            #[cfg(feature = "platform")]
            WebhookOwner::PlatformClient(client) => {
                let request = api.delete_oauth_client_webhook(client, id.as_str());
                return fetch_webhook(request).await;
            }
        };
        fetch_with(request, |answer: types::DeletedWebhookResponse, extra| Webhook::from_deleted(answer.data, extra))
            .await
    }

    /// Deletes all webhooks of an event type (`DELETE /v2/event-types/{eventTypeId}/webhooks`), and returns their
    /// number, if the message of the service has one. Webhooks of the caller are not deleted.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown event type.
    pub async fn delete_all_for_event_type(&self, event_type: impl Into<EventTypeId>) -> Result<Option<u64>> {
        let answer = self.client.raw().delete_event_type_webhooks(event_type.into().0).await?;
        Ok(answer.data.split(' ').next().and_then(|number| number.parse().ok()))
    }
}

async fn fetch_webhook(request: Request<types::WebhookResponse>) -> Result<Webhook> {
    fetch(request, |answer| answer.data).await
}
