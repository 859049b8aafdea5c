//! Matches the requests of a fault.

use std::fmt;

use calcom::operation::Operation;

use super::super::api;
use super::super::suggestions::nearest;
use super::path_pattern::PathPattern;

/// The hosts that a pattern may begin with: those of the service, and loopback.
const HOSTS: [&str; 5] = ["api.cal.com", "api.cal.eu", "localhost", "127.0.0.1", "[::1]"];

#[derive(Clone, PartialEq, Eq)]
pub(super) enum RequestMatcher {
    Any,
    Operation(&'static str),
    /// A method, or any, and the pattern of a path.
    Path(Option<String>, PathPattern),
}

impl RequestMatcher {
    /// Parses the argument of [`Fault::on`](super::Fault::on). The error names what is wrong.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (method, pattern) = match text.split_once(' ') {
            Some((method, pattern)) => (Some(method.to_ascii_uppercase()), pattern.trim()),
            None => (None, text),
        };
        let refused = |reason: &str| Err(format!("`{text}` can never match: {reason}"));
        let Some(path) = path_of(pattern) else { return Self::operation(text) };
        if method.as_ref().is_some_and(|method| !routes().any(|route| route.method == method)) {
            return refused("no route of the fake has this method");
        }
        let path = path.map_err(|host| format!("`{text}` can never match: `{host}` is not a host of the fake"))?;
        if path.contains(['?', '#']) {
            return refused("a path is meant without its query");
        }
        if path.contains(char::is_whitespace) {
            return refused("there is a blank in the path");
        }
        if !path.is_ascii() {
            return refused("HTTP clients send such letters percent-encoded: write `%C3%BC` and not `\u{fc}`");
        }
        let is_whole = |part: &str| !part.contains(['{', '}']) || is_placeholder(part);
        if !path.split('/').all(is_whole) {
            return refused("braces stand for a whole part of a path: `/v2/bookings/{uid}`");
        }
        if path.split('/').any(|part| part == "." || part == "..") {
            return refused("HTTP clients take `.` and `..` out of a path before they send it");
        }
        if !path.contains('*') && path.trim_end_matches('/').is_empty() {
            return refused("it has no path");
        }
        let pattern = PathPattern::new(path);
        let meant = |route: KnownRoute| {
            method.as_ref().is_none_or(|method| route.method == method) && pattern.can_match_template(&route.path)
        };
        if !routes().any(meant) {
            let known = routes().map(|route| format!("{} {}", route.method, route.path));
            let wanted = format!("{} {path}", method.as_deref().unwrap_or("GET"));
            return refused(&format!("no route of the fake is like that; the nearest are {}", nearest(&wanted, known)));
        }
        Ok(Self::Path(method, pattern))
    }

    fn operation(text: &str) -> Result<Self, String> {
        if let Some(route) = routes().find(|route| route.operation == text) {
            return Ok(Self::Operation(route.operation));
        }
        let near = nearest(text, routes().map(|route| route.operation.to_owned()));
        Err(format!(
            "`{text}` is neither a path, as in `POST /v2/bookings`, nor an operation of the fake; the nearest are {near}"
        ))
    }

    pub(super) fn matches(&self, method: &str, path: &str, operation: Option<&str>) -> bool {
        match self {
            Self::Any => true,
            Self::Operation(wanted) => operation == Some(*wanted),
            Self::Path(wanted, pattern) => {
                wanted.as_deref().is_none_or(|wanted| wanted == method) && pattern.matches(path)
            }
        }
    }
}

/// A route that the fake plays, or that the document has.
struct KnownRoute {
    method: &'static str,
    path: String,
    operation: &'static str,
}

fn routes() -> impl Iterator<Item = KnownRoute> {
    let played = api::tables().iter().flat_map(|table| table.iter());
    let played = played.map(|route| KnownRoute {
        method: route.method,
        path: format!("/v2{}", route.template),
        operation: route.operation,
    });
    let documented = Operation::all().iter().map(|operation| KnownRoute {
        method: operation.method.as_str(),
        path: operation.path.to_owned(),
        operation: operation.id,
    });
    played.chain(documented)
}

/// The path of a pattern, or its unknown host: `/v2/me`, `api.cal.com/v2/me`, `https://*.cal.com/v2/me`, `*/me`. `None` if
/// it is not the pattern of a path.
fn path_of(pattern: &str) -> Option<Result<&str, &str>> {
    if pattern.is_empty() {
        return None;
    }
    let address = pattern
        .split_once("://")
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http"));
    let rest = address.map_or(pattern, |(_, rest)| rest);
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if address.is_none() && !host.contains('.') && (host.is_empty() || host.contains('*')) {
        return Some(Ok(pattern));
    }
    if address.is_none() && path.is_empty() && !host.contains('*') {
        return None;
    }
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name);
    // A star at the end of the host matches the path too.
    let path = if path.is_empty() && host.ends_with('*') { "*" } else { path };
    let name = PathPattern::new(name);
    Some(if HOSTS.iter().any(|known| name.matches(known)) { Ok(path) } else { Err(host) })
}

fn is_placeholder(part: &str) -> bool {
    part.len() > 2 && part.starts_with('{') && part.ends_with('}') && !part[1..part.len() - 1].contains(['{', '}', '*'])
}

impl fmt::Display for RequestMatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any request"),
            Self::Operation(operation) => f.write_str(operation),
            Self::Path(Some(method), pattern) => write!(f, "{method} {}", pattern.as_str()),
            Self::Path(None, pattern) => f.write_str(pattern.as_str()),
        }
    }
}

impl fmt::Debug for RequestMatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestMatcher({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(on: &str, method: &str, path: &str) -> bool {
        RequestMatcher::parse(on).unwrap_or_else(|refused| panic!("{refused}")).matches(
            method,
            path,
            Some("get_booking"),
        )
    }

    #[test]
    fn a_matcher_matches_requests_by_operation_or_by_path() {
        assert!(meant("get_booking", "GET", "/whatever"));
        assert!(!meant("list_bookings", "GET", "/v2/bookings"));
        assert!(meant("/v2/bookings/{uid}", "GET", "/v2/bookings/abc"));
        assert!(meant("get /v2/bookings/{uid}", "GET", "/v2/Bookings/abc/"));
        assert!(!meant("POST /v2/bookings/{uid}/cancel", "GET", "/v2/bookings/abc/cancel"));
        assert!(!meant("/v2/bookings/{uid}", "GET", "/v2/bookings"));
        assert!(!meant("/v2/bookings/{uid}", "GET", "/v2/bookings/"));
        assert!(!meant("/v2/bookings/{uid}/cancel", "GET", "/v2/bookings//cancel"));
        assert!(!meant("/v2/bookings", "POST", "/v2/bookings/abc/cancel"));
    }

    #[test]
    fn a_pattern_with_stars_matches_paths_with_or_without_the_host() {
        for pattern in [
            "/v2/event-types*",
            "api.cal.com/v2/event-types*",
            "https://api.cal.com/v2/event-types*",
            "http://127.0.0.1:4010/v2/event-types*",
            "HTTPS://API.cal.eu/v2/event-types*",
            "GET api.cal.com/v2/event-types*",
            "*/event-types*",
            "/v2/*-types*",
            "api.cal.com/*",
            "api.cal.com*",
            "*.cal.com/v2/event-types*",
            "https://*.cal.com/*",
            "*event-types*",
            "*",
            "  get   /V2/EVENT-TYPES** ",
            "localhost:/v2/event-types*",
            "[::1]:4010/v2/event-types*",
        ] {
            for path in ["/v2/event-types", "/v2/event-types/7", "/v2/event-types/7/private-links", "/V2/Event-Types/"]
            {
                assert!(meant(pattern, "GET", path), "{pattern} and {path}");
            }
        }
        for (pattern, path) in [
            ("/v2/event-types*", "/v2/bookings"),
            ("/v2/event-types*", "/v2/teams/1/event-types"),
            ("/v2/*/event-types", "/v2/event-types"),
            ("/v2/bookings/{uid}/*", "/v2/bookings/abc"),
            ("POST /v2/event-types*", "/v2/event-types"),
        ] {
            assert!(!meant(pattern, "GET", path), "{pattern} and {path}");
        }
        assert!(meant("/v2/bookings/{uid}/*", "GET", "/v2/bookings/abc/references"));
    }

    #[test]
    fn a_pattern_that_matches_no_route_is_refused_with_the_reason_or_the_nearest_routes() {
        let message = RequestMatcher::parse("get_a_booking").unwrap_err();
        assert!(message.starts_with("`get_a_booking` is neither a path"), "{message}");
        assert!(message.contains("`get_booking`"), "{message}");
        assert!(!message.contains("webhook"), "{message}");
        for (pattern, reason) in [
            ("example.com/v2/event-types*", "`example.com` is not a host of the fake"),
            ("https://api.cal.com.example.com/v2/me", "is not a host of the fake"),
            ("*.example.com/v2/event-types*", "is not a host of the fake"),
            ("/v2/event-types?username=x", "without its query"),
            ("FETCH /v2/me", "no route of the fake has this method"),
            ("/event-types*", "the nearest are `GET /v2/event-types`"),
            ("/v2/event-typ", "the nearest are `GET /v2/event-types`"),
            ("/v2/bookings/{uid}/confrim", "`POST /v2/bookings/{bookingUid}/confirm`"),
            ("DELETE /v2/me", "the nearest are"),
            ("//v2/me", "the nearest are `GET /v2/me`"),
            ("/v2/me/../bookings", "take `.` and `..` out"),
            ("HTTPS://example.com/v2/me", "`example.com` is not a host of the fake"),
            ("ftp://api.cal.com/v2/me", "is not a host of the fake"),
            ("/v2/bookings/{uid}x", "a whole part"),
            ("GET /v2/me now", "a blank"),
            ("/v2/bookings/\u{fc}", "percent-encoded"),
            ("GET\t/v2/me", "is not a host of the fake"),
            ("/v2/bookings/{}", "a whole part"),
            ("* /v2/me", "no route of the fake has this method"),
            ("*://api.cal.com/v2/me", "no route of the fake is like that"),
            ("user@api.cal.com/v2/me", "is not a host of the fake"),
            ("api.cal.com:https/v2/me", "is not a host of the fake"),
            ("https://api.cal.com", "no path"),
            ("/", "no path"),
            ("api.cal.com", "neither a path"),
            ("", "neither a path"),
        ] {
            let refused = RequestMatcher::parse(pattern).expect_err(pattern);
            assert!(refused.contains(reason), "{pattern}: {refused}");
        }
    }
}
