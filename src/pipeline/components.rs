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
    template::{CacheAddress, CacheAddresses, Template, Templates},
    transport::{HttpHook, Transport},
};
use crate::{
    Config, Result,
    auth::Credentials,
    config::DEFAULT_BOOKINGS_VERSION,
    contract::Contract,
    operation::{CredentialPolicy, Operation},
    state::{CircuitId, Leases, Store, TenantId},
};

/// The state that the clones of a client share.
pub(crate) struct Pipeline {
    pub(super) transport: Transport,
    pub(crate) endpoint: Endpoint,
    pub(crate) config: Arc<Config>,
    /// The service that the client is configured for.
    pub(crate) contract: Contract,
    pub(super) components: Arc<Components>,
    pub(crate) tenant: Tenant,
    pub(crate) last: LastCall,
    templates: Arc<Templates>,
    cache_addresses: CacheAddresses,
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
        let transport = Transport::new(&config, endpoint.url(), hooks.http.as_ref())?;
        let components = Arc::new(Components::new(&config, endpoint.base(), store, hooks));
        Ok(Self::assemble(transport, endpoint, Arc::new(config), components, Arc::default()))
    }

    /// A pipeline for another tenant, which shares only the connections.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration) for a credential that cannot be used.
    pub(crate) fn with_credentials(&self, credentials: Credentials) -> Result<Self> {
        let endpoint = self.endpoint.with_credentials(credentials)?;
        let (transport, config) = (self.transport.clone(), Arc::clone(&self.config));
        let (components, templates) = (Arc::clone(&self.components), Arc::clone(&self.templates));
        Ok(Self::assemble(transport, endpoint, config, components, templates))
    }

    fn assemble(
        transport: Transport,
        endpoint: Endpoint,
        config: Arc<Config>,
        components: Arc<Components>,
        templates: Arc<Templates>,
    ) -> Self {
        let tenant = components.tenant(endpoint.base(), endpoint.credentials());
        let (contract, last, cache_addresses) = (config.contract(), LastCall::default(), CacheAddresses::default());
        Self { transport, endpoint, config, contract, components, tenant, last, templates, cache_addresses }
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
        let with_user_agent = !self.transport.has_hook();
        let bearer = operation.credentials != CredentialPolicy::Refused && self.endpoint.bearer().is_some();
        self.templates.get(operation, bearer, || {
            Template::new(&self.endpoint, self.version(operation), operation, with_user_agent, bearer)
        })
    }

    /// The place in the cache of an operation's request without parameters, if its responses are cached.
    pub(super) fn cache_address(&self, operation: &'static Operation) -> Option<&CacheAddress> {
        operation.cache?;
        let make = || CacheAddress::new(self.version(operation), self.tenant.id, operation);
        self.cache_addresses.get(operation, make).as_ref()
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
    pub(crate) http: Option<HttpHook>,
    pub(crate) interceptors: Interceptors,
}

/// Limiter and cache, and what breakers of tenants are made of.
pub(super) struct Components {
    pub(super) limiter: Limiter,
    pub(super) cache: ResponseCache,
    pub(super) interceptors: Interceptors,
    store: Store,
    hook: Option<CircuitHook>,
    breaker_enabled: bool,
    /// The breakers of the tenant without credentials, from which those of the others differ in the tenant only.
    anonymous: CircuitId,
}

impl Components {
    fn new(config: &Config, base: &str, store: Option<Store>, hooks: Hooks) -> Self {
        let store = store.unwrap_or_else(|| Store::memory(config.cache.max_bytes));
        Self {
            limiter: Limiter::new(store.clone(), config.rate_limit.quota_rule()).enabled(config.rate_limit.enabled),
            cache: ResponseCache::new(store.clone()),
            interceptors: hooks.interceptors,
            store,
            hook: hooks.circuit,
            breaker_enabled: config.circuit_breaker.enabled,
            anonymous: CircuitId {
                key_prefix: Arc::from(&*config.circuit_breaker.redis_key),
                tenant: TenantId::new(base, &Credentials::Anonymous.parts()),
                operation: None,
                settings: config.circuit_breaker.circuit_settings(),
            },
        }
    }

    /// The state of the tenant with these credentials.
    fn tenant(&self, base: &str, credentials: &Credentials) -> Tenant {
        let tenant = TenantId::new(base, &credentials.parts());
        let (anonymous, store) = (self.anonymous.tenant, self.store.clone());
        let id = CircuitId { tenant, ..self.anonymous.clone() };
        Tenant {
            id: tenant,
            breaker: Breaker::new(store.clone(), id, self.breaker_enabled, self.hook.clone()),
            quota: self.limiter.tenant_quota(tenant),
            anonymous_quota: self.limiter.tenant_quota(anonymous),
            _forget: ForgetTenant { store, tenants: [tenant, anonymous] },
        }
    }
}

/// The state of a tenant. Tenants share no part of it.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) id: TenantId,
    pub(crate) breaker: Breaker,
    pub(super) quota: TenantQuotas,
    /// For operations that must not be sent with a credential.
    pub(super) anonymous_quota: TenantQuotas,
    /// The last field, which is dropped last.
    _forget: ForgetTenant,
}

/// Removes the state of tenants without clients from this process's memory, on drop.
#[derive(Debug)]
struct ForgetTenant {
    store: Store,
    tenants: [TenantId; 2],
}

impl Drop for ForgetTenant {
    fn drop(&mut self) {
        self.tenants.iter().for_each(|tenant| self.store.local().forget(tenant));
    }
}
