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
mod limiter;
mod options;
mod prepare;
mod refuse;
mod retry;
mod stations;
mod writes;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CONTENT_TYPE, DATE, ETAG, IF_NONE_MATCH},
};
use tokio::time::Instant;

pub use breaker::CircuitChange;
pub(crate) use breaker::{Breaker, CircuitHook};
pub use cache::Cache;
pub(crate) use cache::{AnswerCache, CacheUse};
pub(crate) use options::CallOptions;
pub(crate) use stations::{Stations, Tenant};

use crate::{
    Error,
    client::Core,
    operation::{CachePolicy, Operation},
    state::kept::{CacheKey, Kept},
};
use cache::{Fetch, Found};
use cache_key::Asked;

/// What one call knows: the client that it belongs to, and what differs for this call.
///
/// The inner value of [`raw::Client`](crate::raw::Client); it has nothing for callers.
#[derive(Clone)]
pub struct Call {
    pub(crate) core: Arc<Core>,
    pub(crate) options: CallOptions,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("options", &self.options).finish_non_exhaustive()
    }
}

/// A request that was answered with success, and its answer.
#[derive(Debug, Default)]
pub(crate) struct Exchange {
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) attempts: u32,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The answer as the cache keeps it, where it does.
    pub(crate) kept: Option<Arc<Kept>>,
}

/// The headers that are kept with an answer: what it is, and by what it is known to have changed.
const KEPT: [HeaderName; 3] = [CONTENT_TYPE, ETAG, DATE];

impl Exchange {
    fn from_kept(operation: &'static Operation, kept: Arc<Kept>) -> Self {
        let pairs = kept.headers.iter();
        let headers = pairs.filter_map(|(name, value)| {
            Some((HeaderName::try_from(name.as_str()).ok()?, HeaderValue::try_from(value.as_str()).ok()?))
        });
        Self {
            operation: Some(operation),
            attempts: 0,
            status: kept.status,
            headers: headers.collect(),
            body: kept.body.clone(),
            kept: Some(kept),
        }
    }
}

impl Call {
    /// Carries a generated request through all stations.
    pub(crate) async fn run(&self, request: reqwest::Request, operation_id: &str) -> Result<Exchange, Error> {
        match Operation::find(operation_id) {
            Some(operation) => self.send(request, operation).await,
            None => Err(Error::configuration("the operation is not in the table")),
        }
    }

    /// The path of the base URL, for a generated path to go on from.
    pub(crate) fn base_path(&self) -> &str {
        &self.core.base_path
    }

    /// Where a path is, without parsing the rest of the address for every call.
    pub(crate) fn address(&self, path: &str) -> reqwest::Url {
        let mut url = self.core.url.clone();
        url.set_path(path);
        url
    }

    async fn send(&self, mut request: reqwest::Request, operation: &'static Operation) -> Result<Exchange, Error> {
        prepare::prepare(&mut request, operation, &self.core, &self.options)?;
        let total = self.options.deadline.unwrap_or(self.core.config.timeout.total);
        if total.is_zero() {
            return Err(refuse::no_time(operation));
        }
        let deadline = retry::from_now(total);
        let written = writes::Written::expect(self, &request, operation);
        let result = match self.policy(operation) {
            Some(policy) => self.through_cache(request, operation, policy, deadline).await,
            None => retry::until_answered(self, &request, operation, deadline).await,
        };
        written.settle(&result).await;
        result
    }

    /// How the answer is kept, if it is.
    fn policy(&self, operation: &'static Operation) -> Option<CachePolicy> {
        let wanted = self.core.config.cache.enabled && self.options.cache != CacheUse::Bypass;
        operation.cache.filter(|_| wanted)
    }

    async fn through_cache(
        &self,
        mut request: reqwest::Request,
        operation: &'static Operation,
        policy: CachePolicy,
        deadline: Instant,
    ) -> Result<Exchange, Error> {
        let (key, tags) = self.key(&request, operation, policy);
        let refresh = self.options.cache == CacheUse::Refresh;
        let found = self.core.stations.answers.find(key, tags, refresh, deadline).await;
        let fetch = match found.map_err(|_| refuse::fetched_by_another(operation))? {
            Found::Answer(kept) => return Ok(Exchange::from_kept(operation, kept)),
            Found::Fetch(fetch) => fetch,
        };
        if let Some(etag) = fetch.etag().and_then(|etag| HeaderValue::from_str(etag).ok()) {
            request.headers_mut().insert(IF_NONE_MATCH, etag);
        }
        let exchange = retry::until_answered(self, &request, operation, deadline).await?;
        self.keep(exchange, operation, policy, fetch).await
    }

    async fn keep(
        &self,
        mut exchange: Exchange,
        operation: &'static Operation,
        policy: CachePolicy,
        fetch: Fetch,
    ) -> Result<Exchange, Error> {
        let attempts = exchange.attempts;
        if exchange.status == http::StatusCode::NOT_MODIFIED.as_u16() {
            let fresh = |kept: &Kept| self.fresh_for(policy, &kept.body);
            let kept = fetch.still_good(fresh).await.ok_or_else(|| refuse::not_modified(operation))?;
            return Ok(Exchange { attempts, ..Exchange::from_kept(operation, kept) });
        }
        if !cache_body::is_json(&exchange.body) {
            return Ok(exchange); // A page of some gateway's, which nobody will want to see twice.
        }
        let headers = KEPT.iter().filter_map(|name| {
            let value = exchange.headers.get(name)?.to_str().ok()?;
            Some((name.as_str().to_owned(), value.to_owned()))
        });
        let fresh = self.fresh_for(policy, &exchange.body);
        let kept = fetch.keep(exchange.status, headers.collect(), exchange.body.clone(), fresh).await;
        exchange.kept = Some(kept);
        Ok(exchange)
    }

    fn fresh_for(&self, policy: CachePolicy, body: &[u8]) -> Duration {
        let ttl = self.core.config.cache.ttl(policy.tag).unwrap_or(policy.ttl);
        if policy.empty_ttl < ttl && cache_body::is_empty(body) { policy.empty_ttl } else { ttl }
    }

    fn key(
        &self,
        request: &reqwest::Request,
        operation: &'static Operation,
        policy: CachePolicy,
    ) -> (CacheKey, Vec<String>) {
        let url = request.url();
        let asked = Asked {
            operation,
            version: request.headers().get(prepare::VERSION).and_then(|version| version.to_str().ok()),
            path: url.path().strip_prefix(self.core.base_path.as_str()).unwrap_or(url.path()),
            query: url.query().unwrap_or_default(),
        };
        (CacheKey { scope: self.core.tenant.scope, name: asked.name(policy) }, asked.tags(policy))
    }
}
