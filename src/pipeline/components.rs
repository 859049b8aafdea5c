//! The components that execute requests: limiter and cache, which all tenants of one connection pool share (each tenant has its
//! own part of them), and a circuit breaker for each tenant.

use std::sync::Arc;

use super::{
    breaker::{Breaker, CircuitHook},
    cache::ResponseCache,
    endpoint::Endpoint,
    intercept::Interceptors,
    limiter::{Limiter, Quota, TenantQuotas},
    observe::{LastCall, metrics},
    template::{Template, Templates},
    transport,
};
use crate::{
    Config, Result,
    auth::Credentials,
    config::DEFAULT_BOOKINGS_VERSION,
    contract::Contract,
    operation::Operation,
    state::{CircuitId, Leases, Store, TenantId},
};

/// The state that the clones of a client share.
pub(crate) struct Pipeline {
    pub(super) http: reqwest::Client,
    pub(crate) endpoint: Endpoint,
    pub(crate) config: Config,
    /// The service that the client is configured for.
    pub(crate) contract: Contract,
    pub(super) components: Arc<Components>,
    pub(crate) tenant: Tenant,
    pub(crate) last: LastCall,
    templates: Templates,
}

impl Pipeline {
    /// A pipeline with its own components. If `store` is `None`, they keep their state in this pipeline's memory.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration), naming the setting that cannot work.
    pub(crate) fn new(config: Config, credentials: Credentials, store: Option<Store>, hooks: Hooks) -> Result<Self> {
        config.validate()?;
        metrics::describe();
        let endpoint = Endpoint::new(&config, credentials)?;
        let http = transport::build_http_client(&config, endpoint.url())?;
        let components = Arc::new(Components::new(&config, store, hooks));
        Ok(Self::assemble(http, endpoint, config, components))
    }

    /// A pipeline for another tenant, which shares only the connections.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration) for a credential that cannot be used.
    pub(crate) fn with_credentials(&self, credentials: Credentials) -> Result<Self> {
        let endpoint = self.endpoint.with_credentials(credentials)?;
        Ok(Self::assemble(self.http.clone(), endpoint, self.config.clone(), Arc::clone(&self.components)))
    }

    fn assemble(http: reqwest::Client, endpoint: Endpoint, config: Config, components: Arc<Components>) -> Self {
        let tenant = components.tenant(endpoint.base(), endpoint.credentials(), &config);
        let (contract, last, templates) = (config.contract(), LastCall::default(), Templates::default());
        Self { http, endpoint, config, contract, components, tenant, last, templates }
    }

    /// Deletes what the service has reported of the tenant's quotas, with and without its credential.
    pub(crate) async fn reset_quota(&self) {
        for quota in [&self.tenant.quota, &self.tenant.anonymous_quota] {
            quota.reset(&self.components.limiter).await;
        }
    }

    /// The state of the tenant's quota.
    pub(crate) async fn quota(&self) -> Quota {
        self.tenant.quota.quota(&self.components.limiter).await
    }

    pub(crate) fn cache(&self) -> &ResponseCache {
        &self.components.cache
    }

    /// The leases of the store.
    pub(crate) fn leases(&self) -> Leases {
        self.components.store.leases()
    }

    /// The template of an operation's requests.
    pub(super) fn template(&self, operation: &'static Operation) -> &Template {
        self.templates
            .get(operation, || Template::new(&self.endpoint, self.version(operation), self.tenant.scope, operation))
    }

    /// The version that an operation is sent with, unless the call names another.
    pub(super) fn version(&self, operation: &'static Operation) -> Option<&str> {
        if !self.config.versions.is_empty()
            && let Some(version) = self.config.versions.get(operation.id)
        {
            return Some(version);
        }
        match (&self.config.api_version, operation.version) {
            (Some(version), Some(DEFAULT_BOOKINGS_VERSION)) => Some(version),
            _ => operation.version_in(self.contract),
        }
    }
}

/// Code of the caller that a client calls.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    pub(crate) circuit: Option<CircuitHook>,
    pub(crate) interceptors: Interceptors,
}

/// Limiter and cache, and what breakers of tenants are made of.
pub(super) struct Components {
    pub(super) limiter: Limiter,
    pub(super) cache: ResponseCache,
    pub(super) interceptors: Interceptors,
    store: Store,
    hook: Option<CircuitHook>,
}

impl Components {
    fn new(config: &Config, store: Option<Store>, hooks: Hooks) -> Self {
        let store = store.unwrap_or_else(|| Store::memory(config.cache.max_bytes));
        Self {
            limiter: Limiter::new(store.clone(), config.rate_limit.quota_rule()).enabled(config.rate_limit.enabled),
            cache: ResponseCache::new(store.clone()),
            interceptors: hooks.interceptors,
            store,
            hook: hooks.circuit,
        }
    }

    /// The state of the tenant with these credentials.
    fn tenant(&self, base: &str, credentials: &Credentials, config: &Config) -> Tenant {
        let scope = TenantId::new(base, &credentials.parts());
        let anonymous = TenantId::new(base, &Credentials::Anonymous.parts());
        let rules = &config.circuit_breaker;
        let id = CircuitId {
            key_prefix: Arc::from(&*rules.redis_key),
            tenant: scope,
            operation: None,
            settings: rules.circuit_settings(),
        };
        Tenant {
            scope,
            breaker: Breaker::new(self.store.clone(), id, rules.enabled, self.hook.clone()),
            quota: self.limiter.tenant_quota(scope),
            anonymous_quota: self.limiter.tenant_quota(anonymous),
        }
    }
}

/// The state of a tenant. Tenants share no part of it.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) scope: TenantId,
    pub(crate) breaker: Breaker,
    pub(super) quota: TenantQuotas,
    /// For operations that must not be sent with a credential.
    pub(super) anonymous_quota: TenantQuotas,
}
