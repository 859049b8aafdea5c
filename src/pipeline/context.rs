//! The context of a request: the pipeline, the options of its call, and its deadline.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use http::{
    HeaderValue,
    header::{AUTHORIZATION, IF_NONE_MATCH},
};
use tokio::time::Instant;

use super::{
    components::Pipeline,
    options::{CacheMode, CallOptions},
    request::ApiRequest,
    template::insert_version,
};
use crate::{
    Result,
    auth::ProvidedToken,
    config::version_header,
    contract::Contract,
    operation::{CredentialPolicy, Method, Resend},
};

/// The pipeline that executes a call, and the options of the call.
#[derive(Clone)]
pub(crate) struct CallContext {
    pub(crate) pipeline: Arc<Pipeline>,
    pub(crate) options: CallOptions,
}

impl fmt::Debug for CallContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallContext").field("options", &self.options).finish_non_exhaustive()
    }
}

impl CallContext {
    /// The same call, whose response replaces a cached one.
    pub(crate) fn replacing(&self) -> Self {
        let options = CallOptions { cache: CacheMode::Replace, ..self.options.clone() };
        Self { pipeline: Arc::clone(&self.pipeline), options }
    }

    /// The form of `request`: that of the service to which its version belongs.
    pub(crate) fn form(&self, request: &ApiRequest) -> Contract {
        let (operation, contract) = (request.operation, self.pipeline.contract);
        match self.chosen_version(request) {
            version if version == operation.version_in(contract) => contract,
            version if version == operation.version => Contract::SelfHosted,
            version if version == operation.hosted_version => Contract::Hosted,
            _ => contract,
        }
    }

    /// Whether the body of `request` has a form that the service lacks. A version that the caller or the settings name
    /// counts as one that the service has.
    pub(super) fn lacks_form(&self, request: &ApiRequest) -> bool {
        request.form == Some(Contract::Hosted)
            && self.pipeline.contract == Contract::SelfHosted
            && self.options.version.is_none()
            && self.pipeline.version(request.operation) == request.operation.version
    }

    /// Whether `request` can have another version than other requests of its operation.
    pub(super) fn has_own_version(&self, request: &ApiRequest) -> bool {
        self.options.version.is_some() || request.form.is_some()
    }

    /// The version that the caller names, else that of the body's form, else the configured one. A configured version that
    /// belongs to neither form holds for both.
    fn chosen_version(&self, request: &ApiRequest) -> Option<&str> {
        if let Some(version) = self.options.version.as_deref() {
            return Some(version);
        }
        let (operation, set) = (request.operation, self.pipeline.version(request.operation));
        match request.form {
            Some(form) if set == operation.version || set == operation.hosted_version => operation.version_in(form),
            _ => set,
        }
    }

    /// What a repetition of `request` does.
    pub(super) fn resend(&self, request: &ApiRequest) -> Resend {
        self.options.resend.unwrap_or(request.operation.resend)
    }

    /// The version that `request` is sent with.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) for a version that no header can hold.
    pub(super) fn version(&self, request: &ApiRequest) -> Result<Option<&str>> {
        match self.options.version.as_deref().map(version_header) {
            Some(None) => Err(request.invalid("version", "cannot stand in a header")),
            _ => Ok(self.chosen_version(request)),
        }
    }
}

/// A request in execution.
pub(super) struct RequestContext<'a> {
    pub(super) call: &'a CallContext,
    pub(super) request: &'a ApiRequest,
    pub(super) version: Option<&'a str>,
    pub(super) deadline: Instant,
    /// The validator of the stale response in the cache.
    pub(super) if_none_match: Option<HeaderValue>,
    /// The header values that interceptors have set, so that errors do not repeat them.
    pub(super) intercepted: Mutex<Vec<HeaderValue>>,
}

impl<'a> RequestContext<'a> {
    pub(super) fn pipeline(&self) -> &'a Pipeline {
        &self.call.pipeline
    }

    /// The HTTP request of one attempt, with the token that the provider gave for it.
    pub(super) fn to_http(&self, token: Option<&ProvidedToken>) -> reqwest::Request {
        let (request, pipeline) = (self.request, self.pipeline());
        let template = pipeline.template(request.operation);
        let mut url = if request.path == request.operation.path {
            template.url.clone()
        } else {
            pipeline.endpoint.address(&request.path)
        };
        if !request.query.is_empty() {
            url.set_query(Some(&request.query));
        }
        let mut http = reqwest::Request::new(method(request.operation.method), url);
        let headers = http.headers_mut();
        *headers = template.headers(request.body.is_some());
        if request.operation.credentials != CredentialPolicy::Refused {
            match (pipeline.endpoint.bearer(), headers.get_mut(AUTHORIZATION)) {
                (Some(bearer), Some(place)) => *place = bearer.clone(),
                _ => {
                    for (name, value) in pipeline.endpoint.credential_headers() {
                        headers.insert(name, value.clone());
                    }
                }
            }
        }
        if self.call.has_own_version(request) {
            insert_version(headers, self.version);
        }
        if let Some(validator) = &self.if_none_match {
            headers.insert(IF_NONE_MATCH, validator.clone());
        }
        if let Some(own) = &request.headers {
            for (name, value) in own.iter() {
                headers.insert(name, value.clone());
            }
        }
        if let Some(token) = token {
            headers.insert(AUTHORIZATION, token.header().clone());
        }
        if let Some(body) = &request.body {
            *http.body_mut() = Some(body.clone().into());
        }
        http
    }
}

fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Patch => http::Method::PATCH,
        Method::Delete => http::Method::DELETE,
    }
}
