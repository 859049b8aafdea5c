//! Verification of deliveries: size, signature, age, duplicates.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Request};
use jiff::Timestamp;

use super::{
    Event, Rejection, ReplayStore, ReplayStoreError, SIGNATURE_HEADER, SignatureError,
    signature::{self, SigningKey},
};
use crate::{
    error::Result,
    model::{Trigger, WebhookSecret},
};

/// 1 MiB. The largest recorded delivery has 3.3 KB.
const DEFAULT_MAX_BODY_BYTES: usize = 1 << 20;

/// Time for which a delivery is remembered, unless the age limit is longer.
const DEFAULT_REPLAY_TTL: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Delay with which the service may send `MEETING_*`.
const MAX_MEETING_DELAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Accepts deliveries that are signed with a secret of the webhook, and rejects all others.
///
/// Cheap to clone. It needs the header `X-Cal-Signature-256` and the unchanged bytes of the body. It does not need the
/// version header, which some servers do not send.
///
/// | Check | Rejected with |
/// |---|---|
/// | the body is no longer than 1 MiB ([`with_max_body_bytes`](Self::with_max_body_bytes)) | [`Rejection::TooLarge`] |
/// | the signature is that of the body with one of the secrets | [`Rejection::Signature`] |
/// | the body is an event ([`Event::parse`]) | [`Rejection::InvalidPayload`] |
/// | the event is not too old, if [`with_max_age`](Self::with_max_age) is set | [`Rejection::Stale`] |
/// | the delivery is new, if [`with_replay_store`](Self::with_replay_store) is set | [`Rejection::Duplicate`] |
///
/// ```
/// use calcom::webhook::Verifier;
///
/// let verifier = Verifier::new("the new secret")?.with_secret("the secret until yesterday")?;
/// # let _ = verifier;
/// # Ok::<(), calcom::Error>(())
/// ```
#[derive(Clone)]
pub struct Verifier(Arc<VerifierSettings>);

#[derive(Clone)]
struct VerifierSettings {
    keys: Vec<SigningKey>,
    max_body_bytes: usize,
    max_age: Option<Duration>,
    replay_store: Option<(Arc<dyn ReplayStore>, Duration)>,
}

impl Verifier {
    /// Creates a verifier for deliveries that are signed with `secret`, the secret of the webhook.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration) for a blank secret, and for `no-secret-provided`. The service
    /// sends the latter in place of a signature if a webhook has no secret.
    pub fn new(secret: impl Into<WebhookSecret>) -> Result<Self> {
        let settings = VerifierSettings {
            keys: vec![SigningKey::of(&secret.into())?],
            max_body_bytes: DEFAULT_MAX_BODY_BYTES,
            max_age: None,
            replay_store: None,
        };
        Ok(Self(Arc::new(settings)))
    }

    /// Accepts deliveries that are signed with `secret` too, for the time in which the secret of a webhook changes.
    ///
    /// Each secret costs one HMAC of every body.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_secret(mut self, secret: impl Into<WebhookSecret>) -> Result<Self> {
        let key = SigningKey::of(&secret.into())?;
        self.settings().keys.push(key);
        Ok(self)
    }

    /// Sets the longest body that is accepted, in bytes. Default: 1 MiB.
    #[must_use]
    pub fn with_max_body_bytes(mut self, bytes: usize) -> Self {
        self.settings().max_body_bytes = bytes;
        self
    }

    /// Rejects deliveries whose `createdAt` is further from now than `age`, before or after. Default: no limit.
    ///
    /// `MEETING_*` has no time of its own. For it the start or end of the meeting counts, and the limit is one day longer,
    /// because the service may send it that late.
    #[must_use]
    pub fn with_max_age(mut self, age: Duration) -> Self {
        self.settings().max_age = Some(age);
        self
    }

    /// Rejects deliveries that were received before. Default: off.
    ///
    /// A delivery is remembered for seven days, or for as long as [`with_max_age`](Self::with_max_age) accepts it, if that
    /// is longer. If its handler fails, [`forget`](Self::forget) makes the delivery acceptable again.
    #[must_use]
    pub fn with_replay_store(mut self, store: impl ReplayStore + 'static) -> Self {
        self.settings().replay_store = Some((Arc::new(store), DEFAULT_REPLAY_TTL));
        self
    }

    fn settings(&mut self) -> &mut VerifierSettings {
        Arc::make_mut(&mut self.0)
    }

    /// The longest body that is accepted, in bytes, for callers that receive a body in parts.
    #[must_use]
    pub fn max_body_bytes(&self) -> usize {
        self.0.max_body_bytes
    }

    /// Checks that the headers contain a well-formed signature, before the body is received.
    ///
    /// # Errors
    ///
    /// [`Rejection::Signature`].
    pub fn check_headers(&self, headers: &HeaderMap) -> Result<(), Rejection> {
        signature::decode(signature_header(headers)?)?;
        Ok(())
    }

    /// Checks size and signature of `body`: the first two checks.
    ///
    /// # Errors
    ///
    /// [`Rejection::TooLarge`] and [`Rejection::Signature`].
    pub fn verify(&self, body: &[u8], signature: impl AsRef<[u8]>) -> Result<(), Rejection> {
        if body.len() > self.max_body_bytes() {
            return Err(Rejection::TooLarge { limit: self.max_body_bytes() });
        }
        let tag = signature::decode(signature.as_ref())?;
        // Every key is tried, so that the time does not depend on which one matches.
        let authentic = self.0.keys.iter().fold(false, |authentic, key| authentic | key.accepts(body, &tag));
        if authentic { Ok(()) } else { Err(SignatureError::Mismatch.into()) }
    }

    /// Verifies and reads a delivery: all checks but the last one, which needs a store.
    ///
    /// [`with_max_age`](Self::with_max_age) is compared with `now`.
    ///
    /// # Errors
    ///
    /// Every [`Rejection`] except `Duplicate` and `Store`.
    pub fn read(&self, headers: &HeaderMap, body: Bytes, now: Timestamp) -> Result<Event, Rejection> {
        self.verify(&body, signature_header(headers)?)?;
        let event = Event::parse(body)?;
        match self.0.max_age {
            Some(max_age) if !is_recent(&event, now, max_age) => Err(Rejection::Stale { max_age }),
            _ => Ok(event),
        }
    }

    /// Receives a delivery: all checks. For every framework that gives a request with its body.
    ///
    /// # Errors
    ///
    /// See [`Rejection`]. [`Rejection::status`] is the status of the response.
    pub async fn receive(&self, request: Request<Bytes>) -> Result<Event, Rejection> {
        let (parts, body) = request.into_parts();
        self.receive_parts(&parts.headers, body).await
    }

    pub(crate) async fn receive_parts(&self, headers: &HeaderMap, body: Bytes) -> Result<Event, Rejection> {
        let event = self.read(headers, body, Timestamp::now())?;
        if let Some((store, ttl)) = &self.0.replay_store {
            let late =
                self.0.max_age.map_or(Duration::ZERO, |age| age.saturating_mul(2).saturating_add(MAX_MEETING_DELAY));
            let is_new = store.remember(&event.dedupe_key(), late.max(*ttl)).await.map_err(Rejection::Store)?;
            if !is_new {
                return Err(Rejection::Duplicate);
            }
        }
        Ok(event)
    }

    /// The store that remembers deliveries, if one is set.
    pub(crate) fn replay_store(&self) -> Option<Arc<dyn ReplayStore>> {
        self.0.replay_store.as_ref().map(|(store, _)| Arc::clone(store))
    }

    /// Removes a delivery from the replay store, so that it is accepted again. Call it if handling the event failed.
    ///
    /// # Errors
    ///
    /// An error of the replay store.
    pub async fn forget(&self, event: &Event) -> Result<(), ReplayStoreError> {
        match &self.0.replay_store {
            Some((store, _)) => store.forget(&event.dedupe_key()).await,
            None => Ok(()),
        }
    }
}

/// Receives a delivery with `verifier`. The same as [`Verifier::receive`].
///
/// # Errors
///
/// See [`Rejection`].
pub async fn receive(verifier: &Verifier, request: Request<Bytes>) -> Result<Event, Rejection> {
    verifier.receive(request).await
}

fn signature_header(headers: &HeaderMap) -> Result<&[u8], SignatureError> {
    let mut values = headers.get_all(SIGNATURE_HEADER).iter();
    match (values.next(), values.next()) {
        (Some(signature), None) => Ok(signature.as_bytes()),
        (None, _) => Err(SignatureError::Missing),
        (Some(_), Some(_)) => Err(SignatureError::Repeated),
    }
}

fn is_recent(event: &Event, now: Timestamp, max_age: Duration) -> bool {
    let late = match event.trigger() {
        Trigger::MeetingStarted | Trigger::MeetingEnded => max_age.saturating_add(MAX_MEETING_DELAY),
        _ => max_age,
    };
    event.occurred_at().is_some_and(|at| {
        let age = now.duration_since(at);
        let limit = if age.is_negative() { max_age } else { late };
        age.unsigned_abs() <= limit
    })
}

/// Shows the number of secrets and the settings, and no secret.
impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("secrets", &self.0.keys.len())
            .field("max_body_bytes", &self.0.max_body_bytes)
            .field("max_age", &self.0.max_age)
            .field("replay_store", &self.0.replay_store.is_some())
            .finish()
    }
}
