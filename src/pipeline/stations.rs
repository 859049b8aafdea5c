//! The stations of a client: limiter and cache, which all clients over one connection pool share though each tenant has its
//! own place in them, and a breaker for each tenant.

use std::sync::Arc;

use super::{AnswerCache, Breaker, CircuitHook, limiter::Caller, limiter::Limiter};
use crate::{
    Config,
    auth::Credentials,
    state::{CircuitId, Leases, Scope, Store},
};

/// Limiter and cache, and what the breakers of tenants are made of.
pub(crate) struct Stations {
    pub(crate) limiter: Limiter,
    pub(crate) answers: AnswerCache,
    store: Store,
    hook: Option<CircuitHook>,
}

impl Stations {
    pub(crate) fn new(config: &Config, store: Option<Store>, hook: Option<CircuitHook>) -> Self {
        let store = store.unwrap_or_else(|| Store::memory(config.cache.max_bytes));
        Self {
            limiter: Limiter::new(store.clone(), config.rate_limit.rule()),
            answers: AnswerCache::new(store.clone()),
            store,
            hook,
        }
    }

    /// Where leases are taken.
    pub(crate) fn leases(&self) -> Leases {
        self.store.leases()
    }

    /// The place of whoever shows these credentials.
    pub(crate) fn tenant(&self, base: &str, credentials: &Credentials, config: &Config) -> Tenant {
        let scope = Scope::new(base, &credentials.parts());
        let anonymous = Scope::new(base, &Credentials::Anonymous.parts());
        let rules = &config.circuit_breaker;
        let id = CircuitId { key: Arc::from(&*rules.redis_key), scope, rules: rules.rules() };
        Tenant {
            scope,
            breaker: Breaker::new(self.store.clone(), id, rules.enabled, self.hook.clone()),
            caller: self.limiter.caller(scope),
            anonymous: self.limiter.caller(anonymous),
        }
    }
}

/// Whose state it is that a client's calls use. Nothing of it is ever another tenant's.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) scope: Scope,
    pub(crate) breaker: Breaker,
    pub(crate) caller: Caller,
    /// For operations that must not be sent with a credential.
    pub(crate) anonymous: Caller,
}
