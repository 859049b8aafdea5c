//! The client: credentials, address and settings around a pipeline. It is cheap to clone; every clone shares the pipeline.

mod builder;

use std::{fmt, sync::Arc, time::Duration};

pub use builder::ClientBuilder;

use crate::{
    Config, Result,
    auth::Credentials,
    operation::{Method, Operation},
    pipeline::{Cache, CacheMode, CallContext, CallOptions, OpenCircuit, Pipeline, Quota, observe::RequestDebug},
    raw::{self, Request, Untyped},
    state::{CircuitState, Leases, TenantId},
};

/// A client of the service.
///
/// Cheap to clone; clones share connections and settings. What differs from call to call (a deadline, another version)
/// is set on a clone: `client.deadline(..).bookings()`.
///
/// ```
/// # fn main() -> calcom::Result<()> {
/// let client = calcom::Client::new(calcom::ApiKey::new("cal_live_xxxxxxxxxxxxxx"))?;
/// # let _ = client;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client {
    raw: raw::Client,
}

impl Client {
    /// The same client for another tenant: it shares the connections, and nothing else. Breaker, quota and answers are the
    /// tenant's own.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration) for an empty or unusable credential.
    pub fn with_credentials(&self, credentials: impl Into<Credentials>) -> Result<Self> {
        let pipeline = self.pipeline().with_credentials(credentials.into())?;
        Ok(Self { raw: raw::Client(CallContext { pipeline: Arc::new(pipeline), options: self.raw.0.options.clone() }) })
    }

    /// A client of this pipeline, with the default options.
    fn of(pipeline: Pipeline) -> Self {
        let options = CallOptions::default();
        Self { raw: raw::Client(CallContext { pipeline: Arc::new(pipeline), options }) }
    }

    fn pipeline(&self) -> &Pipeline {
        &self.raw.0.pipeline
    }

    /// The settings of this client.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.pipeline().config
    }

    /// The operations of the service, typed as the document has them, through the same pipeline.
    #[must_use]
    pub fn raw(&self) -> &raw::Client {
        &self.raw
    }

    /// What the last call of this client and its clones was and how it went; nothing unless
    /// [`debug.enabled`](crate::config::DebugConfig::enabled) is set (`CALCOM_V2_DEBUG`;
    /// [documented](crate::model#the-documented-interface) as `getLastRequestDebug`).
    #[must_use]
    pub fn last_request_debug(&self) -> Option<RequestDebug> {
        self.pipeline().last.get()
    }

    /// Where this tenant's circuit breaker stands, which calls without an answer open for all operations. With a shared
    /// store this asks the store.
    pub async fn circuit_state(&self) -> CircuitState {
        self.pipeline().tenant.breaker.state().await
    }

    /// The operations of this tenant whose own circuits are not closed: their calls were answered with 5xx, and are
    /// refused; other operations are sent. With a shared store this asks the store.
    pub async fn circuits(&self) -> Vec<OpenCircuit> {
        self.pipeline().tenant.breaker.open_operations().await
    }

    /// Closes this tenant's circuit breaker and those of its operations, in every process that shares them: for operators
    /// who know better.
    pub async fn reset_circuit(&self) {
        self.pipeline().tenant.breaker.reset().await;
    }

    /// What is known of this tenant's quota: the limits that the service has told, what is left of each, when it resets, and
    /// whether calls wait.
    ///
    /// Nothing is sent to the service. There are no limits until an answer to a call with this credential has told one, and
    /// calls keep to [`RateLimitConfig::per_minute`](crate::config::RateLimitConfig::per_minute) meanwhile, which is not told here. With
    /// a shared store this asks the store, which an answer reaches a moment after its call.
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

    /// Forgets what the service has told of this tenant's quotas, in every process that shares them: calls that wait for
    /// room are sent. For operators who know better; a quota that is still used up is refused again.
    pub async fn reset_quota(&self) {
        self.pipeline().reset_quota().await;
    }

    /// The answers that are kept for this client's credential.
    #[must_use]
    pub fn cache(&self) -> Cache {
        Cache::new(self.pipeline().cache().clone(), self.pipeline().tenant.scope)
    }

    /// A request of any route, also one that the document does not know. Path, query and body are the caller's; the answer
    /// is any type. It takes the same pipeline as every request.
    ///
    /// `path` begins with `/v2/`; values in it are percent-encoded, and it has no query: see
    /// [`query`](Request::query) and [`body`](Request::body). If the document knows the route, its version header and what it
    /// invalidates hold; otherwise no version is sent unless [`version`](Request::version) names one. The request counts as
    /// unsafe and is not cached, unless [`resend`](Request::resend) and [`cached_for`](Request::cached_for) say otherwise.
    /// Unknown routes of one method share a circuit of their own; errors and metrics call them `untyped_get`,
    /// `untyped_post` and so on.
    ///
    /// ```no_run
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// use calcom::operation::Method;
    ///
    /// let answer: calcom::raw::Answer<serde_json::Value> =
    ///     client.request(Method::Get, "/v2/verified-resources/emails").query("take", &10).await?;
    /// println!("{}", answer["data"]);
    /// # Ok(()) }
    /// ```
    pub fn request<T>(&self, method: Method, path: impl Into<String>) -> Request<T, Untyped> {
        let path = path.into();
        Request::untyped(&self.raw.0, Operation::for_route(method, &path), path)
    }

    /// Where leases are taken.
    pub(crate) fn leases(&self) -> Leases {
        self.pipeline().leases()
    }

    /// The name of a lease on what these parts name at this service: a hash, which shows nothing of them.
    pub(crate) fn lease_name(&self, parts: &[&str]) -> String {
        TenantId::new(self.pipeline().endpoint.base(), parts).to_string()
    }

    /// The name of a lease on what they name to this caller.
    pub(crate) fn own_lease_name(&self, parts: &[&str]) -> String {
        let scope = self.pipeline().tenant.scope.to_string();
        self.lease_name(&[&[scope.as_str()], parts].concat())
    }

    /// Whose calls these are: a hash of the service's address and the credential.
    #[cfg(feature = "v1-compat")]
    pub(crate) fn scope(&self) -> TenantId {
        self.pipeline().tenant.scope
    }

    /// Calls of this clone neither read the cache nor write it.
    #[must_use]
    pub fn bypass_cache(mut self) -> Self {
        self.raw.0.options.cache = CacheMode::Bypass;
        self
    }

    /// Calls of this clone ask the service, and keep its answer for others.
    #[must_use]
    pub fn refresh_cache(mut self) -> Self {
        self.raw.0.options.cache = CacheMode::Refresh;
        self
    }

    /// Whether calls of this clone wait for their turn when the quota is used up, in the place of `rate_limit.wait`.
    ///
    /// Those that do not fail with [`Error::RateLimit`](crate::Error::RateLimit), which says when there is room again.
    #[must_use]
    pub fn wait_for_quota(mut self, wait: bool) -> Self {
        self.raw.0.options.wait = Some(wait);
        self
    }

    /// Gives calls of this clone this long, attempts and waiting together, in the place of `timeout.total`.
    #[must_use]
    pub fn deadline(mut self, total: Duration) -> Self {
        self.raw.0.options.deadline = Some(total);
        self
    }

    /// Gives each attempt of this clone's calls so long at the most; the deadline stands over all of them.
    #[must_use]
    pub(crate) fn attempt_timeout(mut self, longest: Duration) -> Self {
        self.raw.0.options.attempt = Some(longest);
        self
    }

    /// What calls of this clone are given in all, and for each attempt, if that was said.
    #[cfg(test)]
    pub(crate) fn times(&self) -> (Option<Duration>, Option<Duration>) {
        (self.raw.0.options.deadline, self.raw.0.options.attempt)
    }

    /// Sends calls of this clone with another `cal-api-version` than the operation's own.
    ///
    /// For trying out a version that the document does not know. To a version that it does not know, a route answers 404,
    /// or with the form of another version.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.raw.0.options.version = Some(version.into());
        self
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
