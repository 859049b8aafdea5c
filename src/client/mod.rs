//! The client: credentials, address and settings around a pipeline, which all clones share.

mod builder;

use std::{fmt, sync::Arc, time::Duration};

pub use builder::ClientBuilder;

use crate::{
    Config, Result,
    auth::Credentials,
    operation::{Method, Operation},
    pipeline::{
        Cache, CacheMode, CallContext, CallOptions, OperationCircuit, Pipeline, Quota, ResponseLog,
        observe::RequestDebug,
    },
    raw::{self, Request, Untyped},
    state::{CircuitState, Leases, TenantId},
};

/// A client of the service.
///
/// The methods of the areas (`client.bookings()`, `client.slots()`, ...) return handles, and [`raw`](Self::raw) the
/// generated methods. A clone is cheap, and shares connections, settings and state. Options of single calls (a deadline,
/// another version) are set on a clone, which a method returns: `client.with_deadline(..).bookings()`.
///
/// ```no_run
/// # async fn example() -> calcom::Result<()> {
/// use std::time::Duration;
/// use calcom::{ApiKey, Client};
/// let client = Client::new(ApiKey::new("cal_live_xxxxxxxxxxxxxx"))?;
/// let me = client.raw().get_me().await?;
/// println!("{:?}", me.data.time_zone);
/// client.with_deadline(Duration::from_secs(2)).bypass_cache().raw().get_me().await?;
/// let other_tenant = client.with_credentials(ApiKey::new("cal_live_yyyyyyyyyyyyyy"))?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client {
    raw: raw::RawClient,
}

impl Client {
    /// A client for another tenant. It shares only the connections; circuit breaker, quota and cache are the tenant's own.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration) for an empty or unusable credential.
    pub fn with_credentials(&self, credentials: impl Into<Credentials>) -> Result<Self> {
        let pipeline = self.pipeline().with_credentials(credentials.into())?;
        Ok(Self {
            raw: raw::RawClient(CallContext { pipeline: Arc::new(pipeline), options: self.raw.0.options.clone() }),
        })
    }

    /// A client of this pipeline, with the default options.
    fn of(pipeline: Pipeline) -> Self {
        let options = CallOptions::default();
        Self { raw: raw::RawClient(CallContext { pipeline: Arc::new(pipeline), options }) }
    }

    fn pipeline(&self) -> &Pipeline {
        &self.raw.0.pipeline
    }

    /// Opens a connection, so that the next call does not wait for TCP and TLS.
    ///
    /// It sends `OPTIONS /v2/me` without credentials, which the service answers before it looks at quotas, and reads the
    /// answer. Any status is a success: breaker, limiter, cache and retries have no part in it. Clients of other tenants share
    /// the connection. It stays open for a while ([`Timeouts::idle`](crate::config::Timeouts::idle)).
    ///
    /// ```no_run
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// // While the phone rings.
    /// client.connect().await?;
    /// let me = client.raw().get_me().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Transport`](crate::Error::Transport) and [`Error::Timeout`](crate::Error::Timeout).
    pub async fn connect(&self) -> Result<()> {
        self.raw.0.connect().await
    }

    /// The settings of this client.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.pipeline().config
    }

    /// The generated methods: all operations of the service, typed as the document has them.
    #[must_use]
    pub fn raw(&self) -> &raw::RawClient {
        &self.raw
    }

    /// The record of the last call of this client and its clones; `None` unless
    /// [`debug.enabled`](crate::config::DebugConfig::enabled) is set (`CALCOM_V2_DEBUG`;
    /// [documented](crate::model#the-documented-interface) as `getLastRequestDebug`).
    #[must_use]
    pub fn last_request_debug(&self) -> Option<RequestDebug> {
        self.pipeline().last.get()
    }

    /// The state of this tenant's circuit, which calls without a response open for all operations. If there is a shared
    /// store, it is asked.
    pub async fn circuit_state(&self) -> CircuitState {
        self.pipeline().tenant.breaker.state().await
    }

    /// The circuits of this tenant's operations that are not closed. Their calls ended with 5xx and are rejected; other
    /// operations are sent. If there is a shared store, it is asked.
    pub async fn circuits(&self) -> Vec<OperationCircuit> {
        self.pipeline().tenant.breaker.open_operations().await
    }

    /// Closes this tenant's circuit and those of its operations, in every process that shares them.
    pub async fn reset_circuit(&self) {
        self.pipeline().tenant.breaker.reset().await;
    }

    /// The state of this tenant's quota: the limits that the service has reported, what is left of each, when it resets,
    /// and whether calls wait.
    ///
    /// Nothing is sent to the service. There are no limits until a response to a call with this credential has reported
    /// one. Until then calls keep to [`RateLimitConfig::per_minute`](crate::config::RateLimitConfig::per_minute), which is
    /// not listed. If there is a shared store, it is asked; a response reaches it a moment after its call.
    ///
    /// ```no_run
    /// # async fn example(client: calcom::Client) {
    /// let quota = client.quota().await;
    /// for limit in &quota.limits {
    ///     println!("{}: {:?} of {:?} left, reset in {:?}", limit.name, limit.remaining, limit.limit, limit.reset);
    /// }
    /// if let Some(wait) = quota.retry_after {
    ///     println!("calls wait {wait:?}");
    /// }
    /// # }
    /// ```
    pub async fn quota(&self) -> Quota {
        self.pipeline().quota().await
    }

    /// Deletes what the service has reported of this tenant's quotas, in every process that shares them. Waiting calls are
    /// sent; if the quota is still exhausted, the service rejects them.
    pub async fn reset_quota(&self) {
        self.pipeline().reset_quota().await;
    }

    /// The cached responses of this client's credential.
    #[must_use]
    pub fn cache(&self) -> Cache {
        Cache::new(self.pipeline().cache().clone(), self.pipeline().tenant.id)
    }

    /// A request of any route, also of one that the document does not have. The caller names path, query, body and the type of
    /// the response. It takes the same pipeline as every request.
    ///
    /// `path` begins with `/v2/`. The caller percent-encodes its values, and it has no query: see [`query`](Request::query) and
    /// [`body`](Request::body). If the document has the route, the request has its version header and its invalidations;
    /// otherwise no version is sent unless [`version`](Request::version) sets one. The request counts as unsafe, a `GET`
    /// too, and is not cached, unless [`resend`](Request::resend) and [`cached_for`](Request::cached_for) say otherwise. Unknown
    /// routes of one method share a circuit; errors and metrics call them `untyped_get`, `untyped_post` and so on.
    ///
    /// ```no_run
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// use calcom::operation::Method;
    ///
    /// let response: calcom::raw::Response<serde_json::Value> =
    ///     client.request(Method::Get, "/v2/verified-resources/emails").query("take", &10).await?;
    /// println!("{}", response["data"]);
    ///
    /// // The type is that of the whole body: most responses have their value in `data`.
    /// #[derive(serde::Deserialize)]
    /// struct Body<T> {
    ///     data: T,
    /// }
    /// let user = client.request::<Body<calcom::model::User>>(Method::Get, "/v2/me").await?;
    /// println!("{}", user.data.email);
    /// # Ok(()) }
    /// ```
    pub fn request<T>(&self, method: Method, path: impl Into<String>) -> Request<T, Untyped> {
        let path = path.into();
        Request::untyped(&self.raw.0, Operation::for_route(method, &path), path)
    }

    /// The address of the service, without `/v2` and without a slash at its end.
    #[cfg(feature = "oauth")]
    pub(crate) fn base(&self) -> &str {
        self.pipeline().endpoint.base()
    }

    /// The leases of the store.
    pub(crate) fn leases(&self) -> Leases {
        self.pipeline().leases()
    }

    /// The name of a lease on `parts` at this service: a hash, which does not reveal them.
    pub(crate) fn lease_name(&self, parts: &[&str]) -> String {
        TenantId::new(self.pipeline().endpoint.base(), parts).to_string()
    }

    /// The name of a lease on `parts` of this caller.
    pub(crate) fn own_lease_name(&self, parts: &[&str]) -> String {
        let tenant = self.pipeline().tenant.id.to_string();
        self.lease_name(&[&[tenant.as_str()], parts].concat())
    }

    /// The tenant: a hash of the service's address and the credential.
    #[cfg(feature = "v1-compat")]
    pub(crate) fn tenant(&self) -> TenantId {
        self.pipeline().tenant.id
    }

    /// A clone with other options for its calls.
    fn with_options(&self, set: impl FnOnce(&mut CallOptions)) -> Self {
        let mut clone = self.clone();
        set(&mut clone.raw.0.options);
        clone
    }

    /// Returns a clone whose calls neither read nor write the cache.
    #[must_use]
    pub fn bypass_cache(&self) -> Self {
        self.with_options(|options| options.cache = CacheMode::Bypass)
    }

    /// Returns a clone whose calls request responses from the service, and cache them for other calls.
    #[must_use]
    pub fn refresh_cache(&self) -> Self {
        self.with_options(|options| options.cache = CacheMode::Refresh)
    }

    /// Returns a clone whose calls wait, or do not wait, while the quota is exhausted, in place of `rate_limit.wait`.
    ///
    /// Calls that do not wait fail with [`Error::RateLimit`](crate::Error::RateLimit), which says when quota is available.
    #[must_use]
    pub fn wait_for_quota(&self, wait: bool) -> Self {
        self.with_options(|options| options.wait = Some(wait))
    }

    /// Returns a clone with this timeout of a call, attempts and waits together, in place of `timeout.total`.
    #[must_use]
    pub fn with_deadline(&self, total: Duration) -> Self {
        self.with_options(|options| options.deadline = Some(total))
    }

    /// Returns a clone with this timeout of each attempt, if it is less than `timeout.request`; the deadline covers all
    /// attempts.
    #[must_use]
    pub fn with_timeout(&self, longest: Duration) -> Self {
        self.with_options(|options| options.attempt = Some(longest))
    }

    /// Returns a clone whose successful calls write status, headers, request id, limits and attempts of their responses into
    /// `log`.
    #[must_use]
    pub fn with_response_log(&self, log: &ResponseLog) -> Self {
        self.with_options(|options| options.responses = Some(log.clone()))
    }

    /// The timeouts of this clone: of a call, and of an attempt.
    #[cfg(test)]
    pub(crate) fn times(&self) -> (Option<Duration>, Option<Duration>) {
        (self.raw.0.options.deadline, self.raw.0.options.attempt)
    }

    /// Returns a clone whose calls are sent with this `cal-api-version` in place of the operation's own.
    ///
    /// This serves to try a version that the document does not have. A route without this version returns 404, or a response in
    /// the form of another version. It takes precedence over [`Config::versions`].
    #[must_use]
    pub fn with_version(&self, version: impl Into<String>) -> Self {
        self.with_options(|options| options.version = Some(version.into()))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("api_url", &self.pipeline().endpoint.base())
            .field("credentials", self.pipeline().endpoint.credentials())
            .field("options", &self.raw.0.options)
            .finish_non_exhaustive()
    }
}
