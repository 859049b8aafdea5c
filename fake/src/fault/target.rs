//! Which requests a fault is meant for.

use std::fmt;

use super::super::api;

/// The hosts that a pattern may begin with: what the fake stands for, and where it is.
const HOSTS: [&str; 4] = ["api.cal.com", "localhost", "127.0.0.1", "[::1]"];
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Any,
    Operation(&'static str),
    /// A method, or any, and the pattern of a path: a part in braces stands for one part, `*` for anything.
    Path(Option<String>, String),
}

impl Target {
    /// What [`Fault::on`](super::Fault::on) was given, or what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (method, pattern) = match text.split_once(' ') {
            Some((method, pattern)) => (Some(method.to_ascii_uppercase()), pattern.trim()),
            None => (None, text),
        };
        let refused = |reason: &str| Err(format!("`{text}` can never strike: {reason}"));
        let Some(path) = path_of(pattern) else { return Self::operation(text) };
        if method.as_ref().is_some_and(|method| !METHODS.contains(&method.as_str())) {
            return refused("it begins with a word that is no HTTP method");
        }
        let path = path.map_err(|host| format!("`{text}` can never strike: `{host}` is not a host of the fake"))?;
        if path.contains(['?', '#']) {
            return refused("a path is meant without its query");
        }
        if path.contains(char::is_whitespace) {
            return refused("there is a blank in the path");
        }
        let is_whole = |part: &str| !part.contains(['{', '}']) || is_placeholder(part);
        if !path.split('/').all(is_whole) {
            return refused("braces stand for a whole part of a path: `/v2/bookings/{uid}`");
        }
        if !path.contains('*') && path.trim_end_matches('/').is_empty() {
            return refused("it has no path");
        }
        Ok(Self::Path(method, path.to_owned()))
    }

    fn operation(text: &str) -> Result<Self, String> {
        let mut operations = api::tables().iter().flat_map(|table| table.iter()).map(|route| route.operation);
        if let Some(operation) = operations.clone().find(|known| *known == text) {
            return Ok(Self::Operation(operation));
        }
        let word = text.split('_').next_back().unwrap_or_default().trim_end_matches('s');
        let near: Vec<&str> = operations.by_ref().filter(|known| !word.is_empty() && known.contains(word)).collect();
        let near = if near.is_empty() { String::new() } else { format!("; known are {}", near.join(", ")) };
        Err(format!("`{text}` is neither a path, as in `POST /v2/bookings`, nor an operation of the service{near}"))
    }

    pub(super) fn is(&self, method: &str, path: &str, operation: Option<&str>) -> bool {
        match self {
            Self::Any => true,
            Self::Operation(wanted) => operation == Some(*wanted),
            Self::Path(wanted, pattern) => {
                wanted.as_deref().is_none_or(|wanted| wanted == method) && fits(pattern, path)
            }
        }
    }
}

/// The path in a pattern, or the host that it cannot have: `/v2/me`, `api.cal.com/v2/me`, `https://*.cal.com/v2/me`,
/// `*/me`. `None` if it is not the pattern of a path.
fn path_of(pattern: &str) -> Option<Result<&str, &str>> {
    if pattern.is_empty() {
        return None;
    }
    let address = pattern.strip_prefix("https://").or_else(|| pattern.strip_prefix("http://"));
    let rest = address.unwrap_or(pattern);
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if address.is_none() && !host.contains('.') && (host.is_empty() || host.contains('*')) {
        return Some(Ok(pattern));
    }
    if address.is_none() && path.is_empty() && !host.contains('*') {
        return None;
    }
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let name = name.map_or(host, |(name, _)| name);
    // A star at the end of the host stands for the path too.
    let path = if path.is_empty() && host.ends_with('*') { "*" } else { path };
    Some(if HOSTS.iter().any(|known| fits(name, known)) { Ok(path) } else { Err(host) })
}

fn is_placeholder(part: &str) -> bool {
    part.len() > 2 && part.starts_with('{') && part.ends_with('}') && !part[1..part.len() - 1].contains(['{', '}', '*'])
}

/// Whether a path is of the pattern, whatever the case of its letters and with or without a slash at its end.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.trim_end_matches('/').to_ascii_lowercase(), path.trim_end_matches('/'));
    fits_bytes(pattern.as_bytes(), path.to_ascii_lowercase().as_bytes())
}

fn fits_bytes(pattern: &[u8], path: &[u8]) -> bool {
    match pattern.first() {
        None => path.is_empty(),
        Some(b'*') => (0..=path.len()).any(|at| fits_bytes(&pattern[1..], &path[at..])),
        Some(b'{') => {
            let end = pattern.iter().position(|byte| *byte == b'}').map_or(pattern.len(), |at| at + 1);
            let part = path.iter().position(|byte| *byte == b'/').unwrap_or(path.len());
            part > 0 && fits_bytes(&pattern[end..], &path[part..])
        }
        Some(byte) => path.first() == Some(byte) && fits_bytes(&pattern[1..], &path[1..]),
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any request"),
            Self::Operation(operation) => f.write_str(operation),
            Self::Path(Some(method), path) => write!(f, "{method} {path}"),
            Self::Path(None, path) => f.write_str(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(on: &str, method: &str, path: &str) -> bool {
        Target::parse(on).unwrap_or_else(|refused| panic!("{refused}")).is(method, path, Some("get_booking"))
    }

    #[test]
    fn requests_are_meant_by_operation_or_by_path() {
        assert!(meant("get_booking", "GET", "/whatever"));
        assert!(!meant("list_bookings", "GET", "/v2/bookings"));
        assert!(meant("/v2/bookings/{uid}", "GET", "/v2/bookings/abc"));
        assert!(meant("get /v2/bookings/{uid}", "GET", "/v2/Bookings/abc/"));
        assert!(!meant("POST /v2/bookings/{uid}", "GET", "/v2/bookings/abc"));
        assert!(!meant("/v2/bookings/{uid}", "GET", "/v2/bookings"));
        assert!(!meant("/v2/bookings/{uid}", "GET", "/v2/bookings/"));
        assert!(!meant("/v2/bookings", "POST", "/v2/bookings/abc/cancel"));
    }

    #[test]
    fn a_pattern_stands_for_what_begins_like_it_with_or_without_the_host() {
        for pattern in [
            "/v2/event-types*",
            "api.cal.com/v2/event-types*",
            "https://api.cal.com/v2/event-types*",
            "http://127.0.0.1:4010/v2/event-types*",
            "GET api.cal.com/v2/event-types*",
            "*/event-types*",
            "/v2/*-types*",
            "api.cal.com/*",
            "api.cal.com*",
            "*.cal.com/v2/event-types*",
            "https://*.cal.com/*",
            "*event-types*",
            "*",
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
    fn what_could_never_be_meant_is_refused_and_the_like_named() {
        let message = Target::parse("get_a_booking").unwrap_err();
        assert!(message.starts_with("`get_a_booking` is neither a path"), "{message}");
        assert!(message.contains(" get_booking,"), "{message}");
        assert!(!message.contains("webhook"), "{message}");
        for (pattern, reason) in [
            ("example.com/v2/event-types*", "`example.com` is not a host of the fake"),
            ("https://api.cal.com.example.com/v2/me", "is not a host of the fake"),
            ("*.example.com/v2/event-types*", "is not a host of the fake"),
            ("/v2/event-types?username=x", "without its query"),
            ("FETCH /v2/me", "no HTTP method"),
            ("/v2/bookings/{uid}x", "a whole part"),
            ("GET /v2/me now", "a blank"),
            ("https://api.cal.com", "no path"),
            ("/", "no path"),
            ("api.cal.com", "neither a path"),
            ("", "neither a path"),
        ] {
            let refused = Target::parse(pattern).unwrap_err();
            assert!(refused.contains(reason), "{pattern}: {refused}");
        }
    }
}
