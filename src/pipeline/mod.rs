//! The one road of every request, whether the facade or [`crate::raw`] sends it.
//!
//! In this order: deadline, cache, breaker, limiter, attempt, classification, retry. It knows an operation only by its
//! row in the table; what an answer means is the business of the callers above.

mod attempt;
mod breaker;
mod cache;
mod cache_body;
mod cache_key;
mod classify;
mod exchange;
mod flight;
mod limiter;
mod options;
mod outgoing;
mod refuse;
mod retry;
mod stations;
mod template;
mod writes;

use std::{pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{
    HeaderName, HeaderValue,
    header::{CONTENT_TYPE, DATE, ETAG},
};
use tokio::time::error::Elapsed;
use tracing::Instrument;

pub use breaker::CircuitChange;
pub(crate) use breaker::{Breaker, CircuitHook};
pub use cache::Cache;
pub(crate) use cache::{AnswerCache, CacheUse, Found};
pub(crate) use exchange::Exchange;
pub(crate) use options::CallOptions;
pub(crate) use outgoing::Outgoing;
pub(crate) use stations::{Stations, Tenant};
pub(crate) use template::Templates;

use crate::{
    Error,
    client::Core,
    observe::Watch,
    operation::{CachePolicy, Operation},
    state::kept::CacheKey,
};
use cache::Fetch;
use cache_key::Asked;
use outgoing::Sending;

/// What one call knows: the client that it belongs to, and what differs for this call.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) core: Arc<Core>,
    pub(crate) options: CallOptions,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("options", &self.options).finish_non_exhaustive()
    }
}

/// The headers that are kept with an answer: what it is, and by what it is known to have changed.
const KEPT: [HeaderName; 3] = [CONTENT_TYPE, ETAG, DATE];

impl Call {
    /// Carries a request through all stations.
    pub(crate) async fn run(&self, request: &Outgoing) -> Result<Exchange, Error> {
        let version = request.version(self)?;
        let mut watch = Watch::begin(&self.core, request, version);
        let span = watch.span();
        let result = {
            let sent = pin!(self.send(request, version, &mut watch));
            if span.is_disabled() { sent.await } else { sent.instrument(span).await }
        };
        watch.over(result)
    }

    async fn send(&self, request: &Outgoing, version: Option<&str>, watch: &mut Watch<'_>) -> Result<Exchange, Error> {
        request.check()?;
        let total = self.options.deadline.unwrap_or(self.core.config.timeout.total);
        if total.is_zero() {
            return Err(refuse::no_time(request.operation));
        }
        let deadline = retry::after(total, watch.began());
        let mut written = writes::Written::expect(self, request);
        let mut sending = Sending { call: self, request, version, deadline, if_none_match: None };
        let result = match self.policy(request.operation) {
            Some(policy) => self.through_cache(&mut sending, policy, watch).await,
            None => retry::until_answered(&sending, watch).await,
        };
        if let Some(tags) = written.settle(&result) {
            Box::pin(written.flush_there(&tags)).await;
        }
        result
    }

    /// How the answer is kept, if it is.
    fn policy(&self, operation: &'static Operation) -> Option<CachePolicy> {
        let wanted = self.core.config.cache.enabled && self.options.cache != CacheUse::Bypass;
        operation.cache.filter(|_| wanted)
    }

    async fn through_cache(
        &self,
        sending: &mut Sending<'_>,
        policy: CachePolicy,
        watch: &mut Watch<'_>,
    ) -> Result<Exchange, Error> {
        let operation = sending.request.operation;
        let clock = watch.clock();
        let found = self.find(sending, policy).await;
        watch.cached(matches!(found, Ok(Found::Answer(_))), clock);
        let mut fetch = match found.map_err(|_| refuse::fetched_by_another(operation))? {
            Found::Answer(kept) => return Ok(Exchange::from_kept(operation, kept)),
            Found::Fetch(fetch) => fetch,
        };
        sending.if_none_match = fetch.etag().and_then(|etag| HeaderValue::from_str(etag).ok());
        let mut exchange = retry::until_answered(sending, watch).await?;
        if exchange.status == http::StatusCode::NOT_MODIFIED.as_u16() {
            unchanged(&mut exchange, operation, &mut fetch)?;
        } else if cache_body::is_json(&exchange.body) {
            fetched(&mut exchange, &fetch);
        } else {
            return Ok(exchange); // A page of some gateway's, which nobody will want to see twice.
        }
        if let Some(kept) = &exchange.kept
            && let Some(telling) = fetch.put(kept, self.fresh_for(policy, &kept.body))
        {
            telling.await;
        }
        Ok(exchange)
    }

    /// The answer from before, or leave to fetch one.
    async fn find(&self, sending: &Sending<'_>, policy: CachePolicy) -> Result<Found, Elapsed> {
        let Sending { request, version, deadline, .. } = *sending;
        let asked = Asked { operation: request.operation, version, path: &request.path, query: &request.query };
        let common = self.core.template(request.operation).place.as_ref();
        let common = common.filter(|_| request.is_plain() && self.options.version.is_none());
        let key = match common {
            Some(place) => place.key.clone(),
            None => CacheKey::new(self.core.tenant.scope, asked.name(policy)),
        };
        let tags = || common.map_or_else(|| asked.tags(policy).into(), |place| Arc::clone(&place.tags));
        let (answers, refresh) = (&self.core.stations.answers, self.options.cache == CacheUse::Refresh);
        match answers.at_once(&key, tags, refresh) {
            Some(found) => Ok(found),
            None => Box::pin(answers.find(key, tags(), refresh, deadline)).await,
        }
    }

    fn fresh_for(&self, policy: CachePolicy, body: &[u8]) -> Duration {
        let ttl = self.core.config.cache.ttl(policy.tag).unwrap_or(policy.ttl);
        if policy.empty_ttl < ttl && cache_body::is_empty(body) { policy.empty_ttl } else { ttl }
    }
}

/// Makes of a fresh answer one that can be kept.
fn fetched(exchange: &mut Exchange, fetch: &Fetch) {
    let headers = KEPT.iter().filter_map(|name| Some((name.clone(), exchange.headers.get(name)?.clone()))).collect();
    // What is kept must not keep the connection's buffer, of which it is a small part.
    if !exchange.body.is_unique() {
        exchange.body = Bytes::copy_from_slice(&exchange.body);
    }
    exchange.kept = Some(fetch.fetched(exchange.status, headers, exchange.body.clone()));
}

/// Makes of the service's word that nothing has changed the answer from before.
#[cold]
fn unchanged(exchange: &mut Exchange, operation: &'static Operation, fetch: &mut Fetch) -> Result<(), Error> {
    let before = fetch.renewed().ok_or_else(|| refuse::not_modified(operation))?;
    *exchange = Exchange { attempts: exchange.attempts, ..Exchange::from_kept(operation, before) };
    Ok(())
}
