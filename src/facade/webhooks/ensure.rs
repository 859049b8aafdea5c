//! Creation or update of a webhook, with one result for concurrent calls.
//!
//! The service keeps the URLs of a user's webhooks unique, even for concurrent requests (409). For webhooks of an event type it
//! checks the URL before it creates one, so that concurrent requests create duplicates. Of these, the one with the smallest id
//! is kept.

use std::collections::HashSet;

use url::Url;

use super::{CREATE, WebhookOwner, Webhooks};
use crate::{
    Error, Patch, Result,
    facade::CheckBefore,
    model::{CreateWebhook, Trigger, UpdateWebhook, Webhook, WebhookSecret},
};

/// Bounds the repetitions if another process deletes the webhook between two requests.
const MAX_ENSURE_ROUNDS: usize = 3;

impl Webhooks {
    /// Creates the webhook for `url`, or updates the existing one to these triggers and this key. It is idempotent: a
    /// program can call it at every start.
    ///
    /// A webhook that matches already is not changed; a template is never changed. URLs that differ only in spelling are equal.
    /// It sends at most one request that changes something, unless another process changes the webhooks at the same time.
    /// [`ensure_as`](Self::ensure_as) takes a webhook with a version, or with the time that absences from video calls need.
    ///
    /// ```no_run
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// use calcom::model::Trigger;
    ///
    /// let triggers = [Trigger::BookingCreated, Trigger::BookingCancelled];
    /// client.webhooks().ensure("https://example.com/hook", &triggers, "whsec_xxxxxxxxxxxx").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create), without the conflict over the URL.
    pub async fn ensure(&self, url: &str, triggers: &[Trigger], secret: impl Into<WebhookSecret>) -> Result<Webhook> {
        self.ensure_as(&CreateWebhook::new(url, triggers.iter().cloned()).secret(secret)).await
    }

    /// Creates this webhook, or updates the existing one with its URL: to its triggers and to active or not, and to its key,
    /// version and time if it has them. Else it does the same as [`ensure`](Self::ensure).
    ///
    /// The list of the self-hosted service does not show version and time. There a webhook with either of them is updated
    /// at every call.
    ///
    /// ```no_run
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// use calcom::model::{CreateWebhook, Trigger, WebhookTimeUnit};
    ///
    /// let wanted = CreateWebhook::new("https://example.com/hook", [Trigger::AfterGuestsCalVideoNoShow])
    ///     .secret("whsec_xxxxxxxxxxxx")
    ///     .time(10, WebhookTimeUnit::Minute);
    /// client.webhooks().ensure_as(&wanted).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create), without the conflict over the URL.
    pub async fn ensure_as(&self, wanted: &CreateWebhook) -> Result<Webhook> {
        wanted.to_wire().before(self.owner.pick(CREATE))?;
        let mut refusal = None;
        for _ in 0..MAX_ENSURE_ROUNDS {
            if let Some(found) = self.find_by_url(&wanted.subscriber_url).await?.into_iter().next() {
                match self.update_to_match(found, wanted).await {
                    Err(error @ Error::NotFound(_)) => refusal = Some(error),
                    outcome => return outcome,
                }
                continue;
            }
            match refusal.take() {
                // Whether it was created is unknown, and the list does not have it: it is not created again on a guess.
                Some(error) if may_exist(&error) => return Err(error),
                _ => {}
            }
            match self.create(wanted).await {
                Ok(made) if !matches!(self.owner, WebhookOwner::Caller) => {
                    match self.remove_duplicates(made, wanted).await {
                        Err(error @ Error::NotFound(_)) => refusal = Some(error),
                        outcome => return outcome,
                    }
                }
                Err(error) if matches!(error, Error::Conflict(_)) || may_exist(&error) => refusal = Some(error),
                outcome => return outcome,
            }
        }
        Err(refusal.unwrap_or_else(|| Error::empty("the webhook is deleted again and again")))
    }

    /// The webhooks with this URL, the smallest id first.
    async fn find_by_url(&self, url: &str) -> Result<Vec<Webhook>> {
        let mut found = self.list().await?;
        found.retain(|webhook| is_same_url(&webhook.subscriber_url, url));
        found.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(found.into())
    }

    /// Updates the fields that differ, if any.
    async fn update_to_match(&self, found: Webhook, wanted: &CreateWebhook) -> Result<Webhook> {
        let all = |triggers: &[Trigger]| triggers.iter().cloned().collect::<HashSet<_>>();
        let triggers = (all(&found.triggers) != all(&wanted.triggers)).then(|| wanted.triggers.clone());
        let is_same_time = (found.time(), found.time_unit()) == (wanted.time, wanted.time_unit.clone());
        // The service wants the time beside triggers that need it, changed or not.
        let time = wanted.time.filter(|_| triggers.is_some() || !is_same_time);
        let is_same_version = found.version() == wanted.version.as_deref();
        let changes = UpdateWebhook {
            active: (found.active != wanted.active).then_some(wanted.active),
            secret: Patch::set_or_keep(wanted.secret.clone().filter(|secret| found.secret.as_ref() != Some(secret))),
            version: wanted.version.clone().filter(|_| !is_same_version),
            time_unit: wanted.time_unit.clone().filter(|_| time.is_some()),
            time,
            triggers,
            ..UpdateWebhook::default()
        };
        if changes == UpdateWebhook::default() { Ok(found) } else { self.update(&found.id, &changes).await }
    }

    /// Deletes the duplicates that concurrent calls created.
    async fn remove_duplicates(&self, made: Webhook, wanted: &CreateWebhook) -> Result<Webhook> {
        let mut found = self.find_by_url(&wanted.subscriber_url).await?.into_iter();
        let Some(kept) = found.next() else { return Ok(made) };
        for other in found {
            match self.delete(&other.id).await {
                Ok(_) | Err(Error::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        if kept.id == made.id { Ok(made) } else { self.update_to_match(kept, wanted).await }
    }
}

fn may_exist(error: &Error) -> bool {
    error.may_have_been_applied()
}

fn is_same_url(one: &str, other: &str) -> bool {
    one == other || Url::parse(one).is_ok_and(|one| Url::parse(other).is_ok_and(|other| one == other))
}
