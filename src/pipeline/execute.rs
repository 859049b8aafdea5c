//! Executes a call: deadline, cache, then attempts with circuit breaker, limiter and retries.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{
    HeaderName, HeaderValue,
    header::{CONTENT_TYPE, DATE, ETAG},
};
use tracing::Instrument;

use super::{
    cache::{CacheOutcome, CacheRequest, FetchGuard, InvalidationGuard, SingleFlightTimeout, is_empty, is_response},
    context::{CallContext, RequestContext},
    deadline::deadline_after,
    local_errors,
    observe::{CallObserver, failure_event},
    options::CacheMode,
    request::ApiRequest,
    response::{ApiResponse, CacheWriteFuture, PendingStore},
    retry::send_with_retries,
};
use crate::{
    Error,
    contract::Contract,
    operation::{CachePolicy, Method},
    retry_policy::{FailureClass, Resend},
    state::cached_response::{CacheKey, CachedResponse},
};

/// The headers that are cached with a response: its type and its validators.
const CACHED_HEADERS: [HeaderName; 3] = [CONTENT_TYPE, ETAG, DATE];

impl CallContext {
    /// Executes a request, and reports it to the observers.
    pub(crate) async fn execute(&self, request: &ApiRequest) -> Result<Box<ApiResponse>, Error> {
        let version = self.version(request).inspect_err(failure_event)?;
        let pipeline = &*self.pipeline;
        let mut observer = CallObserver::start(&pipeline.endpoint, &pipeline.config.debug, request, version);
        let span = observer.span();
        let mut result = self.execute_inner(request, version, &mut observer).instrument(span).await;
        if let Ok(response) = &mut result {
            response.resend = Some(self.resend(request));
            response.contract = Some(pipeline.contract);
        }
        observer.finish(&mut result, &pipeline.last);
        result
    }

    async fn execute_inner(
        &self,
        request: &ApiRequest,
        version: Option<&str>,
        observer: &mut CallObserver<'_>,
    ) -> Result<Box<ApiResponse>, Error> {
        self.check_contract(request)?;
        request.validate_path()?;
        let total = self.options.deadline.unwrap_or(self.pipeline.config.timeout.total);
        if total.is_zero() || self.options.attempt.is_some_and(|attempt| attempt.is_zero()) {
            return Err(local_errors::zero_timeout(request.operation));
        }
        let deadline = deadline_after(total, observer.started_at());
        let mut guard = InvalidationGuard::begin(self.pipeline.cache(), &self.pipeline.tenant.id, request);
        let mut context = RequestContext {
            call: self,
            request,
            version,
            deadline,
            if_none_match: None,
            intercepted: Mutex::default(),
        };
        let result = match self.cache_policy(request) {
            Some(policy) => self.execute_cached(&mut context, policy, observer).await,
            None => send_with_retries(&context, observer).await,
        };
        if let Some(tags) = guard.finish(&result) {
            Box::pin(guard.invalidate_remote(&tags)).await;
        }
        result
    }

    /// Rejects what the service lacks: the operation, the form of the body, or a parameter in the form that the request takes.
    fn check_contract(&self, request: &ApiRequest) -> Result<(), Error> {
        let (operation, contract) = (request.operation, self.pipeline.contract);
        if !operation.is_in(contract) {
            return Err(local_errors::unsupported(operation, contract, "this operation"));
        }
        if self.lacks_form(request) {
            return Err(local_errors::unsupported(operation, contract, "this form of the body"));
        }
        let has_forms = !operation.parameters.is_empty() || !operation.single_in_hosted.is_empty();
        if !has_forms || request.query.is_empty() {
            return Ok(());
        }
        let form = self.form(request);
        let count = |name: &str| request.query.split('&').filter(|pair| pair.split('=').next() == Some(name)).count();
        if form == Contract::Hosted
            && let Some(name) = operation.single_in_hosted.iter().find(|name| count(name) > 1)
        {
            return Err(request.invalid(name, "is one value in the hosted service's form: ask for each by itself"));
        }
        match operation.parameters.iter().find(|(name, only)| *only != form && count(name) > 0) {
            Some((name, only)) if form == contract => {
                Err(request.invalid(name, &format!("is a parameter of the {only} service only")))
            }
            Some((name, _)) => {
                let text = format!("is no parameter of the version that was asked for, which is the {form} service's");
                Err(request.invalid(name, &text))
            }
            None => Ok(()),
        }
    }

    /// The cache policy of the response, if it is cached.
    fn cache_policy(&self, request: &ApiRequest) -> Option<CachePolicy> {
        let wanted = self.pipeline.config.cache.enabled && self.options.cache != CacheMode::Bypass;
        // The response can depend on the caller's headers, or on the body.
        if !wanted || request.headers.is_some() || request.body.is_some() {
            return None;
        }
        match self.options.cached_for {
            Some(ttl) if request.operation.method == Method::Get => Some(CachePolicy::untyped(ttl)),
            Some(_) => None,
            None => request.operation.cache,
        }
    }

    async fn execute_cached(
        &self,
        context: &mut RequestContext<'_>,
        policy: CachePolicy,
        observer: &mut CallObserver<'_>,
    ) -> Result<Box<ApiResponse>, Error> {
        let operation = context.request.operation;
        let stopwatch = observer.stopwatch();
        let found = self.look_up(context, policy).await;
        observer.cache_checked(matches!(found, Ok(CacheOutcome::Hit(_))), stopwatch);
        let mut fetch = match found.map_err(|_| local_errors::single_flight_timeout(operation))? {
            CacheOutcome::Hit(kept) => return Ok(Box::new(ApiResponse::from_cache(operation, kept))),
            CacheOutcome::Undecodable(kept) => return Ok(Box::new(ApiResponse::from_single_flight(operation, kept))),
            CacheOutcome::Failed(error) => return Err(error),
            CacheOutcome::Miss(fetch) if self.options.cache == CacheMode::Replace => fetch.without_validator(),
            CacheOutcome::Miss(fetch) => fetch,
        };
        context.if_none_match = fetch.etag().and_then(|etag| HeaderValue::from_str(etag).ok());
        let mut response = match send_with_retries(context, observer).await {
            Ok(response) => response,
            Err(error) => {
                if self.fails_for_all(&error) {
                    fetch.finish_failed(&error);
                }
                return Err(error);
            }
        };
        if response.status == http::StatusCode::NOT_MODIFIED.as_u16() {
            revalidate(&mut response, context.request, self.resend(context.request), &mut fetch)?;
        } else {
            make_cacheable(&mut response, &fetch);
        }
        let fresh = match &response.cached {
            Some(kept) if is_response(&kept.body) => self.fresh_for(policy, &kept.body),
            // A body that is not a response of the service is not cached, even if it can be decoded.
            Some(kept) => {
                fetch.finish_undecodable(Arc::clone(kept));
                return Ok(response);
            }
            None => return Ok(response),
        };
        response.pending_store = Some(Box::new(CacheWrite { fetch, fresh }));
        Ok(response)
    }

    /// Whether every call would fail with this error: the service rejected the request, or all configured attempts were
    /// made. A call with less time of its own can fail while others succeed.
    fn fails_for_all(&self, error: &Error) -> bool {
        error.status().is_some_and(|status| FailureClass::of_status(status) == FailureClass::Refused)
            || (error.attempts() >= self.pipeline.config.retry.times && self.options.attempt.is_none())
    }

    /// The cached response, or the exclusive right to fetch one.
    async fn look_up(
        &self,
        context: &RequestContext<'_>,
        policy: CachePolicy,
    ) -> Result<CacheOutcome, SingleFlightTimeout> {
        let RequestContext { request, version, deadline, .. } = *context;
        let cacheable =
            CacheRequest { operation: request.operation, version, path: &request.path, query: &request.query };
        let uses_slot =
            request.is_parameterless() && !self.has_own_version(request) && self.options.cached_for.is_none();
        let slot = if uses_slot { self.pipeline.cache_address(request.operation) } else { None };
        let key = match slot {
            Some(slot) => slot.key.clone(),
            None => CacheKey::new(self.pipeline.tenant.id, cacheable.key(policy)),
        };
        let tags = || slot.map_or_else(|| cacheable.tags(policy).into(), |slot| Arc::clone(&slot.tags));
        let (cache, refresh) =
            (self.pipeline.cache(), matches!(self.options.cache, CacheMode::Refresh | CacheMode::Replace));
        match cache.try_find(&key, tags, refresh) {
            Some(found) => Ok(found),
            None => Box::pin(cache.find(key, tags(), refresh, deadline)).await,
        }
    }

    fn fresh_for(&self, policy: CachePolicy, body: &[u8]) -> Duration {
        let ttl = self.pipeline.config.cache.ttl_of(policy.tag).unwrap_or(policy.ttl);
        if policy.empty_ttl < ttl && is_empty(body) { policy.empty_ttl } else { ttl }
    }
}

/// A response that is cached after its caller has decoded it.
#[derive(Debug)]
struct CacheWrite {
    fetch: FetchGuard,
    /// The time for which it is fresh.
    fresh: Duration,
}

impl PendingStore for CacheWrite {
    fn store(self: Box<Self>, kept: &Arc<CachedResponse>) -> Option<CacheWriteFuture> {
        self.fetch.put(kept, self.fresh)
    }

    fn discard(self: Box<Self>, kept: Arc<CachedResponse>) {
        self.fetch.finish_undecodable(kept);
    }
}

/// A body up to this size is copied: the buffer that it is a part of can be much larger.
const MAX_COPIED_BYTES: usize = 64 << 10;

/// Makes a response of the service one that can be cached.
fn make_cacheable(response: &mut ApiResponse, fetch: &FetchGuard) {
    let headers =
        CACHED_HEADERS.iter().filter_map(|name| Some((name.clone(), response.headers.get(name)?.clone()))).collect();
    // A small cached body must not hold the connection's buffer.
    if response.body.len() <= MAX_COPIED_BYTES || !response.body.is_unique() {
        response.body = Bytes::copy_from_slice(&response.body);
    }
    response.cached = Some(fetch.new_response(response.status, headers, response.body.clone()));
}

/// Replaces a 304 by the cached response that it confirms.
#[cold]
fn revalidate(
    response: &mut ApiResponse,
    request: &ApiRequest,
    resend: Resend,
    fetch: &mut FetchGuard,
) -> Result<(), Error> {
    let operation = request.operation;
    let before = fetch.revalidated_response().ok_or_else(|| local_errors::not_modified(operation, resend))?;
    *response = ApiResponse { attempts: response.attempts, ..ApiResponse::from_cache(operation, before) };
    Ok(())
}
