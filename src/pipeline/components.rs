//! The components that execute requests: limiter and cache, which all tenants of one connection pool share though each has
//! a part of its own in them, and a circuit breaker for each tenant.

use std::sync::Arc;

use super::{
    breaker::{Breaker, CircuitHook},
    cache::ResponseCache,
    endpoint::Endpoint,
    limiter::{Caller, Limiter, Quota},
    observe::LastCall,
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

/// Everything that the clones of a client share.
pub(crate) struct Pipeline {
    pub(super) http: reqwest::Client,
    pub(crate) endpoint: Endpoint,
    pub(crate) config: Config,
    /// The service that it speaks to.
    pub(crate) contract: Contract,
    pub(super) components: Arc<Components>,
    pub(crate) tenant: Tenant,
    pub(crate) last: LastCall,
    templates: Templates,
}

impl Pipeline {
    /// A pipeline with components of its own. `store` is the memory of this pipeline if it is `None`.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration), naming the setting that cannot work.
    pub(crate) fn new(
        config: Config,
        credentials: Credentials,
        store: Option<Store>,
        hook: Option<CircuitHook>,
    ) -> Result<Self> {
        config.validate()?;
        let endpoint = Endpoint::new(&config, credentials)?;
        let http = transport::build_http_client(&config, endpoint.url())?;
        let components = Arc::new(Components::new(&config, store, hook));
        Ok(Self::assemble(http, endpoint, config, components))
    }

    /// A pipeline for another tenant: it shares the connections and nothing else.
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

    /// Forgets what the service has told of the tenant's quotas, with and without its credential.
    pub(crate) async fn reset_quota(&self) {
        for caller in [&self.tenant.caller, &self.tenant.anonymous] {
            caller.reset(&self.components.limiter).await;
        }
    }

    /// What is known of the tenant's quota.
    pub(crate) async fn quota(&self) -> Quota {
        self.tenant.caller.quota(&self.components.limiter).await
    }

    pub(crate) fn cache(&self) -> &ResponseCache {
        &self.components.cache
    }

    /// Where leases are taken.
    pub(crate) fn leases(&self) -> Leases {
        self.components.store.leases()
    }

    /// The template of an operation's requests.
    pub(super) fn template(&self, operation: &'static Operation) -> &Template {
        self.templates
            .get(operation, || Template::new(&self.endpoint, self.version(operation), self.tenant.scope, operation))
    }

    /// The version that an operation is sent with, unless the caller asks for another.
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

/// Limiter and cache, and what the breakers of tenants are made of.
pub(super) struct Components {
    pub(super) limiter: Limiter,
    pub(super) cache: ResponseCache,
    store: Store,
    hook: Option<CircuitHook>,
}

impl Components {
    fn new(config: &Config, store: Option<Store>, hook: Option<CircuitHook>) -> Self {
        let store = store.unwrap_or_else(|| Store::memory(config.cache.max_bytes));
        Self {
            limiter: Limiter::new(store.clone(), config.rate_limit.quota_rule()),
            cache: ResponseCache::new(store.clone()),
            store,
            hook,
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
            caller: self.limiter.caller(scope),
            anonymous: self.limiter.caller(anonymous),
        }
    }
}

/// The state that a tenant's calls use. No part of it is another tenant's.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) scope: TenantId,
    pub(crate) breaker: Breaker,
    pub(super) caller: Caller,
    /// For operations that must not be sent with a credential.
    pub(super) anonymous: Caller,
}
