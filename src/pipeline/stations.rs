//! The stations that all clients over one connection pool share: breaker, limiter, cache.

use std::sync::Arc;

use super::{AnswerCache, Breaker, CircuitHook, limiter::Caller, limiter::Limiter};
use crate::{
    Config,
    auth::Credentials,
    state::{CircuitId, Scope, Service, Store},
};

/// Breaker, limiter and cache.
#[derive(Debug)]
pub(crate) struct Stations {
    pub(crate) breaker: Breaker,
    pub(crate) limiter: Limiter,
    pub(crate) answers: AnswerCache,
}

impl Stations {
    pub(crate) fn new(base: &str, config: &Config, store: Option<Store>, hook: Option<CircuitHook>) -> Self {
        let store = store.unwrap_or_else(|| Store::memory(config.cache.max_bytes));
        let breaker = &config.circuit_breaker;
        let id = CircuitId { key: Arc::from(&*breaker.redis_key), service: Service::new(base), rules: breaker.rules() };
        Self {
            breaker: Breaker::new(store.clone(), id, breaker.enabled, hook),
            limiter: Limiter::new(store.clone(), config.rate_limit.rule()),
            answers: AnswerCache::new(store),
        }
    }

    /// The place of whoever shows these credentials.
    pub(crate) fn tenant(&self, base: &str, credentials: &Credentials) -> Tenant {
        let scope = Scope::new(base, &credentials.parts());
        let anonymous = Scope::new(base, &Credentials::Anonymous.parts());
        Tenant { scope, caller: self.limiter.caller(scope), anonymous: self.limiter.caller(anonymous) }
    }
}

/// Whose state it is that a client's calls use. Nothing of it is ever another tenant's.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) scope: Scope,
    pub(crate) caller: Caller,
    /// For operations that must not be sent with a credential.
    pub(crate) anonymous: Caller,
}
