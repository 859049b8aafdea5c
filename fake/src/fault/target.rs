//! Which requests a fault is meant for.

use std::fmt;

use super::super::api;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Any,
    Operation(&'static str),
    /// A method, or any, and the segments of a path; a part in braces stands for anything.
    Path(Option<String>, String),
}

impl Target {
    /// What [`Fault::on`](super::Fault::on) was given, or what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (method, path) = match text.split_once(' ') {
            Some((method, path)) => (Some(method.to_ascii_uppercase()), path.trim()),
            None => (None, text),
        };
        if path.starts_with('/') {
            return Ok(Self::Path(method, path.to_owned()));
        }
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
            Self::Path(wanted, template) => {
                wanted.as_deref().is_none_or(|wanted| wanted == method) && fits(template, path)
            }
        }
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (mut parts, mut segments) = (template.trim_end_matches('/').split('/'), path.trim_end_matches('/').split('/'));
    loop {
        match (parts.next(), segments.next()) {
            (None, None) => return true,
            (Some(part), Some(segment)) => {
                let anything = part.starts_with('{') && part.ends_with('}') && !segment.is_empty();
                if !anything && !part.eq_ignore_ascii_case(segment) {
                    return false;
                }
            }
            _ => return false,
        }
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

    #[test]
    fn requests_are_meant_by_operation_or_by_path() {
        let meant =
            |on: &str, method: &str, path: &str| Target::parse(on).unwrap().is(method, path, Some("get_booking"));
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
    fn what_could_never_be_meant_is_refused_and_the_like_named() {
        let message = Target::parse("get_a_booking").unwrap_err();
        assert!(message.starts_with("`get_a_booking` is neither a path"), "{message}");
        assert!(message.contains(" get_booking,"), "{message}");
        assert!(!message.contains("webhook"), "{message}");
    }
}
