//! Routing of requests to operations. A request without a route gets the service's 404 and an explanation.

use calcom::Contract;
use calcom::operation::Operation;
use http::Method;
use percent_encoding::percent_decode_str;

use super::api;
use super::documented;
use super::exchange::Request;
use super::reply::Reply;
use super::route::Route;
use super::service::Service;
use super::suggestions::distance_to_template;
use super::version::ApiVersion;

/// The number of routes in a message.
const NEAREST: usize = 5;

/// The result of routing.
pub(crate) enum RouteMatch {
    Route(&'static Route, Vec<(&'static str, String)>),
    /// The document has the operation, and no handler plays it.
    Documented(&'static Operation, Vec<(&'static str, String)>),
    /// No route matches; the message names the nearest ones.
    NotFound(String),
    /// A path segment cannot be decoded.
    BadPath(String),
}

impl RouteMatch {
    /// The name of the operation.
    pub(crate) fn operation(&self) -> Option<&'static str> {
        match self {
            Self::Route(route, _) => Some(route.operation),
            Self::Documented(operation, _) => Some(operation.id),
            Self::NotFound(_) | Self::BadPath(_) => None,
        }
    }
}

/// Finds the route of a request. The case of the path and a trailing slash do not matter; a double slash does.
pub(crate) fn find(method: &Method, path: &str, sent: Option<&str>, service: Service) -> RouteMatch {
    match routed(method, path, sent, service) {
        RouteMatch::NotFound(reason) => {
            RouteMatch::NotFound(match version_of_other(method, path, sent, service.contract) {
                Some(foreign) => format!("{reason}; {foreign}"),
                None => reason,
            })
        }
        matched => matched,
    }
}

/// Says that the version of a request is the one that the other service has for the operation.
pub(crate) fn version_of_other(method: &Method, path: &str, sent: Option<&str>, contract: Contract) -> Option<String> {
    let operation = Operation::route(method.as_str(), path)?;
    let of_self_hosted = contract != Contract::Hosted;
    let other = if of_self_hosted { Contract::Hosted } else { Contract::SelfHosted };
    if sent.is_none() || operation.version_in(other) != sent || operation.version_in(contract) == sent {
        return None;
    }
    let sent = sent?;
    let (of_other, of_this) = match of_self_hosted {
        true => ("the hosted service", "a self-hosted server"),
        false => ("a self-hosted server", "the hosted service"),
    };
    Some(format!(
        "cal-api-version {sent} of {} is that of {of_other}, and the fake plays {of_this}: `ClientBuilder::service` and \
         `FakeBuilder::contract` have to agree",
        operation.id
    ))
}

fn routed(method: &Method, path: &str, sent: Option<&str>, service: Service) -> RouteMatch {
    let version = ApiVersion::of_header(sent, service.contract);
    let path = path.strip_prefix("/api").filter(|rest| rest.starts_with("/v2")).unwrap_or(path);
    if path == api::oauth2::AUTHORIZE_PATH && method == Method::GET {
        return RouteMatch::Route(&api::oauth2::AUTHORIZE, Vec::new());
    }
    let Some(below) = strip_v2(path) else {
        return RouteMatch::NotFound(format!("{path} is not below /v2"));
    };
    let trimmed = below.strip_suffix('/').unwrap_or(below);
    let mut segments = Vec::new();
    for segment in trimmed.split('/').skip(1) {
        match decode(segment) {
            Some(text) => segments.push(text),
            None => return RouteMatch::BadPath(format!("Failed to decode param '{}'", path.trim_start_matches('/'))),
        }
    }
    let wanted = if method == Method::HEAD { "GET" } else { method.as_str() };
    let mut other_versions = Vec::new();
    let mut other_methods = Vec::new();
    for table in api::tables() {
        for route in *table {
            let Some(params) = fits(route.template, &segments) else { continue };
            if !route.is_in(service) {
                continue;
            }
            if route.method != wanted {
                other_methods.push(route.method);
            } else if !route.versions.has(version) {
                other_versions.push(format!(
                    "{} (cal-api-version {})",
                    route.operation,
                    route.versions.names().join(", ")
                ));
            } else {
                return RouteMatch::Route(route, params);
            }
        }
    }
    let path = path.strip_suffix('/').unwrap_or(path);
    match documented::find(wanted, path, sent, service) {
        // A played route with another version is not answered with an example.
        Ok(operation) if other_versions.is_empty() => {
            RouteMatch::Documented(operation, documented::path_params(operation, path))
        }
        Err(Some(reason)) if other_versions.is_empty() => RouteMatch::NotFound(reason),
        _ => RouteMatch::NotFound(explain(method, path, version, &other_versions, &mut other_methods, service)),
    }
}

/// The operation of a request to either service.
pub(crate) fn operation(method: &Method, path: &str, version: Option<&str>) -> Option<&'static str> {
    let of = |service| find(method, path, version, service).operation();
    of(Service::SELF_HOSTED).or_else(|| of(Service::HOSTED))
}

fn explain(
    method: &Method,
    path: &str,
    version: ApiVersion,
    other_versions: &[String],
    other_methods: &mut Vec<&'static str>,
    service: Service,
) -> String {
    if !other_versions.is_empty() {
        return format!("not routed with cal-api-version {}; known: {}", version.as_str(), other_versions.join(", "));
    }
    if !other_methods.is_empty() {
        other_methods.sort_unstable();
        other_methods.dedup();
        return format!("no {method} on this path; known: {}", other_methods.join(", "));
    }
    let played = api::tables().iter().flat_map(|table| table.iter()).filter(|route| route.is_in(service));
    let played = played.map(|route| (route.method, format!("/v2{}", route.template)));
    let documented = Operation::all().iter().filter(|operation| operation.is_in(service.contract));
    let documented = documented.map(|operation| (operation.method.as_str(), operation.path.to_owned()));
    let rank = |(known, template): (&'static str, String)| {
        let distance = distance_to_template(path, &template) + usize::from(known != method.as_str());
        (distance, format!("{known} {template}"))
    };
    let mut near: Vec<(usize, String)> = played.chain(documented).map(rank).collect();
    near.sort_unstable();
    near.dedup();
    let near: Vec<String> = near.into_iter().take(NEAREST).map(|(_, route)| route).collect();
    format!("no such path; the nearest are {}", near.join(", "))
}

fn strip_v2(path: &str) -> Option<&str> {
    let (head, rest) = path.split_at_checked(3)?;
    (head.eq_ignore_ascii_case("/v2") && (rest.is_empty() || rest.starts_with('/'))).then_some(rest)
}

fn decode(segment: &str) -> Option<String> {
    let bytes = segment.as_bytes();
    let whole = bytes
        .iter()
        .enumerate()
        .filter(|(_, b)| **b == b'%')
        .all(|(at, _)| bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)));
    if !whole {
        return None;
    }
    percent_decode_str(segment).decode_utf8().ok().map(|text| text.into_owned())
}

fn fits(template: &'static str, segments: &[String]) -> Option<Vec<(&'static str, String)>> {
    let parts = template.split('/').skip(1);
    if parts.clone().count() != segments.len() {
        return None;
    }
    let mut params = Vec::new();
    for (part, segment) in parts.zip(segments) {
        match part.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(_) if segment.is_empty() => return None,
            Some(name) => params.push((name, segment.clone())),
            None if part.eq_ignore_ascii_case(segment) => {}
            None => return None,
        }
    }
    Some(params)
}

/// The service's response to a request without a route.
pub(crate) fn not_found(request: &Request) -> Reply {
    Reply::exception(404, format!("Cannot {} {}", request.method, request.target))
}
