//! Letting in only what the service sent: signature, size, age, and once.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Request};
use jiff::Timestamp;

use super::{
    Event, Refusal, ReplayStore, ReplayStoreError, SIGNATURE_HEADER, SignatureError,
    signature::{self, Key},
};
use crate::{
    error::Result,
    model::{Trigger, WebhookSecret},
};

/// 1 MiB; the largest delivery recorded has 3.3 KB.
const BODY_LIMIT: usize = 1 << 20;

/// How long a delivery is remembered where there is no age limit that makes older ones harmless.
const REPLAY_TTL: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The service sends `MEETING_*` up to a day late.
const MEETING_DELAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Lets in the deliveries of one's own webhooks, and nothing else.
///
/// Cheap to clone. It needs the header `X-Cal-Signature-256` and the body as it was received, byte for byte; the version
/// header is not asked for, because not every server sends it.
///
/// | Step | Refused with |
/// |---|---|
/// | the body is no longer than 1 MiB ([`body_limit`](Self::body_limit)) | [`Refusal::TooLarge`] |
/// | the signature is the body's under one of the secrets | [`Refusal::Signature`] |
/// | the body is an event ([`Event::parse`]) | [`Refusal::Unreadable`] |
/// | it is not too old, where [`max_age`](Self::max_age) is set | [`Refusal::Stale`] |
/// | it was not received before, where [`replay_guard`](Self::replay_guard) is set | [`Refusal::Replayed`] |
///
/// ```
/// use calcom::webhook::Verifier;
///
/// let verifier = Verifier::new("the new secret")?.also("the secret until yesterday")?;
/// # let _ = verifier;
/// # Ok::<(), calcom::Error>(())
/// ```
#[derive(Clone)]
pub struct Verifier(Arc<Rules>);

#[derive(Clone)]
struct Rules {
    keys: Vec<Key>,
    body_limit: usize,
    max_age: Option<Duration>,
    replays: Option<(Arc<dyn ReplayStore>, Duration)>,
}

impl Verifier {
    /// Lets in what is signed with `secret`: the one that the webhook was made with.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration) for a blank secret, and for `no-secret-provided`, which the service writes in place of
    /// a signature where a webhook has no secret.
    pub fn new(secret: impl Into<WebhookSecret>) -> Result<Self> {
        let rules =
            Rules { keys: vec![Key::of(&secret.into())?], body_limit: BODY_LIMIT, max_age: None, replays: None };
        Ok(Self(Arc::new(rules)))
    }

    /// Lets in what is signed with `secret`, too: for the time while a webhook's secret is being changed.
    ///
    /// Each secret costs one HMAC of every body, whichever of them fits.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn also(mut self, secret: impl Into<WebhookSecret>) -> Result<Self> {
        let key = Key::of(&secret.into())?;
        self.rules().keys.push(key);
        Ok(self)
    }

    /// The longest body that is let in, in bytes. 1 MiB by default.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.rules().body_limit = bytes;
        self
    }

    /// Refuses deliveries whose `createdAt` is further from now than this, before or after. No limit by default.
    ///
    /// `MEETING_*` carries no time of its own: there the meeting's start or end counts, and a day more, because the
    /// service is allowed to be that late.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.rules().max_age = Some(age);
        self
    }

    /// Refuses deliveries that were received before. Off by default.
    ///
    /// A delivery is remembered for seven days, or for as long as [`max_age`](Self::max_age) lets it in, where that is
    /// longer. Where handling one fails and it should be let in again, call [`forget`](Self::forget).
    #[must_use]
    pub fn replay_guard(mut self, store: impl ReplayStore + 'static) -> Self {
        self.rules().replays = Some((Arc::new(store), REPLAY_TTL));
        self
    }

    fn rules(&mut self) -> &mut Rules {
        Arc::make_mut(&mut self.0)
    }

    /// The longest body that is let in, for whoever receives it in pieces.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.0.body_limit
    }

    /// Whether the headers carry a signature at all, before the body is read: what is unsigned need not be received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Signature`].
    pub fn check_headers(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        signature::decode(signature_of(headers)?)?;
        Ok(())
    }

    /// Whether `body` is what the service signed: the first two steps, over bare bytes.
    ///
    /// # Errors
    ///
    /// [`Refusal::TooLarge`] and [`Refusal::Signature`].
    pub fn verify(&self, body: &[u8], signature: impl AsRef<[u8]>) -> Result<(), Refusal> {
        if body.len() > self.limit() {
            return Err(Refusal::TooLarge { limit: self.limit() });
        }
        let tag = signature::decode(signature.as_ref())?;
        // Every key is tried, so that the time does not tell which of them fits.
        let genuine = self.0.keys.iter().fold(false, |genuine, key| genuine | key.accepts(body, &tag));
        if genuine { Ok(()) } else { Err(SignatureError::Mismatch.into()) }
    }

    /// Verifies and reads a delivery: all steps but the last, which needs a store.
    ///
    /// `now` is what [`max_age`](Self::max_age) counts from.
    ///
    /// # Errors
    ///
    /// Every [`Refusal`] but `Replayed` and `Store`.
    pub fn read(&self, headers: &HeaderMap, body: Bytes, now: Timestamp) -> Result<Event, Refusal> {
        self.verify(&body, signature_of(headers)?)?;
        let event = Event::parse(body)?;
        match self.0.max_age {
            Some(max_age) if !is_recent(&event, now, max_age) => Err(Refusal::Stale { max_age }),
            _ => Ok(event),
        }
    }

    /// Receives a delivery: every step. For any framework that has the request with its body.
    ///
    /// # Errors
    ///
    /// See [`Refusal`]; [`Refusal::status`] is what to answer.
    pub async fn receive(&self, request: Request<Bytes>) -> Result<Event, Refusal> {
        let (parts, body) = request.into_parts();
        self.receive_parts(&parts.headers, body).await
    }

    pub(crate) async fn receive_parts(&self, headers: &HeaderMap, body: Bytes) -> Result<Event, Refusal> {
        let event = self.read(headers, body, Timestamp::now())?;
        if let Some((store, ttl)) = &self.0.replays {
            let late = self.0.max_age.map_or(Duration::ZERO, |age| age.saturating_mul(2).saturating_add(MEETING_DELAY));
            let is_new = store.remember(&event.dedupe_key(), late.max(*ttl)).await.map_err(Refusal::Store)?;
            if !is_new {
                return Err(Refusal::Replayed);
            }
        }
        Ok(event)
    }

    /// The store that remembers deliveries, if there is one.
    pub(crate) fn replays(&self) -> Option<Arc<dyn ReplayStore>> {
        self.0.replays.as_ref().map(|(store, _)| Arc::clone(store))
    }

    /// Lets a delivery in once more: for when handling it failed, and whoever sent it will send it again.
    ///
    /// # Errors
    ///
    /// The replay store's.
    pub async fn forget(&self, event: &Event) -> Result<(), ReplayStoreError> {
        match &self.0.replays {
            Some((store, _)) => store.forget(&event.dedupe_key()).await,
            None => Ok(()),
        }
    }
}

/// Receives a delivery with `verifier`: [`Verifier::receive`], as a function.
///
/// # Errors
///
/// See [`Refusal`].
pub async fn receive(verifier: &Verifier, request: Request<Bytes>) -> Result<Event, Refusal> {
    verifier.receive(request).await
}

fn signature_of(headers: &HeaderMap) -> Result<&[u8], SignatureError> {
    let mut values = headers.get_all(SIGNATURE_HEADER).iter();
    match (values.next(), values.next()) {
        (Some(signature), None) => Ok(signature.as_bytes()),
        (None, _) => Err(SignatureError::Missing),
        (Some(_), Some(_)) => Err(SignatureError::Repeated),
    }
}

fn is_recent(event: &Event, now: Timestamp, max_age: Duration) -> bool {
    let late = match event.trigger() {
        Trigger::MeetingStarted | Trigger::MeetingEnded => max_age.saturating_add(MEETING_DELAY),
        _ => max_age,
    };
    event.occurred_at().is_some_and(|at| {
        let age = now.duration_since(at);
        let limit = if age.is_negative() { max_age } else { late };
        age.unsigned_abs() <= limit
    })
}

/// Shows how many secrets there are and what else is asked, no secret.
impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("secrets", &self.0.keys.len())
            .field("body_limit", &self.0.body_limit)
            .field("max_age", &self.0.max_age)
            .field("replay_guard", &self.0.replays.is_some())
            .finish()
    }
}
