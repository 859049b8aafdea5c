//! A webhook that is there once, whoever else makes it at the same moment.
//!
//! The service keeps the URLs of a user's own webhooks apart, even in a race (409). Those of an event type it only looks
//! up before it makes one: two at the same moment both get theirs. Of these, the one with the smallest id stays.

use std::collections::HashSet;

use url::Url;

use super::Webhooks;
use crate::{
    Error, Patch, Result,
    model::{CreateWebhook, Trigger, UpdateWebhook, Webhook, WebhookSecret},
};

/// How often somebody else may delete the webhook between two of our calls.
const ROUNDS: usize = 3;

impl Webhooks {
    /// Sees to it that this URL is told of these events, signed with this key, and is told once: makes the webhook, or
    /// changes of the one that is there what is not as asked for. Calling it at every start of a program is fine.
    ///
    /// A webhook that is as asked for is not touched; neither is its template. URLs that only differ in how they are
    /// written count as one. Sends at most one request that changes something, unless somebody else interferes.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create), without the conflict over the URL.
    pub async fn ensure(&self, url: &str, triggers: &[Trigger], secret: impl Into<WebhookSecret>) -> Result<Webhook> {
        let wanted = CreateWebhook::new(url, triggers.iter().cloned()).secret(secret);
        wanted.to_wire()?;
        let mut refusal = None;
        for _ in 0..ROUNDS {
            if let Some(found) = self.with_url(url).await?.into_iter().next() {
                match self.adjust(found, &wanted).await {
                    Err(error @ Error::NotFound(_)) => refusal = Some(error),
                    outcome => return outcome,
                }
                continue;
            }
            match refusal.take() {
                // Whether it was made is not known, and it is not there: not to be made again on a guess.
                Some(error) if is_unknown(&error) => return Err(error),
                _ => {}
            }
            match self.create(&wanted).await {
                Ok(made) if self.event_type.is_some() => match self.settle(made, &wanted).await {
                    Err(error @ Error::NotFound(_)) => refusal = Some(error),
                    outcome => return outcome,
                },
                Err(error) if matches!(error, Error::Conflict(_)) || is_unknown(&error) => refusal = Some(error),
                outcome => return outcome,
            }
        }
        Err(refusal.unwrap_or_else(|| Error::empty("the webhook is deleted again and again")))
    }

    /// The webhooks with this URL, the smallest id first.
    async fn with_url(&self, url: &str) -> Result<Vec<Webhook>> {
        let mut found = self.list().await?;
        found.retain(|webhook| is_same(&webhook.subscriber_url, url));
        found.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(found.into())
    }

    /// Changes what is not as wanted, if anything.
    async fn adjust(&self, found: Webhook, wanted: &CreateWebhook) -> Result<Webhook> {
        let all = |triggers: &[Trigger]| triggers.iter().cloned().collect::<HashSet<_>>();
        let changes = UpdateWebhook {
            active: (!found.active).then_some(true),
            triggers: (all(&found.triggers) != all(&wanted.triggers)).then(|| wanted.triggers.clone()),
            secret: Patch::set_or_keep(wanted.secret.clone().filter(|secret| found.secret.as_ref() != Some(secret))),
            ..UpdateWebhook::default()
        };
        if changes == UpdateWebhook::default() { Ok(found) } else { self.update(&found.id, &changes).await }
    }

    /// After one was made: deletes all but one of those that were made at the same moment.
    async fn settle(&self, made: Webhook, wanted: &CreateWebhook) -> Result<Webhook> {
        let mut found = self.with_url(&wanted.subscriber_url).await?.into_iter();
        let Some(kept) = found.next() else { return Ok(made) };
        for other in found {
            match self.delete(&other.id).await {
                Ok(_) | Err(Error::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        if kept.id == made.id { Ok(made) } else { self.adjust(kept, wanted).await }
    }
}

fn is_unknown(error: &Error) -> bool {
    error.may_have_been_applied()
}

fn is_same(one: &str, other: &str) -> bool {
    one == other || Url::parse(one).is_ok_and(|one| Url::parse(other).is_ok_and(|other| one == other))
}
