//! The request as handlers receive it, parsed once: method, decoded path segments, query pairs, headers and body.

use http::{HeaderMap, Method};
use serde_json::{Map, Value};

/// The caller of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    Anonymous,
    User(i64),
}

impl Caller {
    pub(crate) fn user(self) -> Option<i64> {
        match self {
            Self::Anonymous => None,
            Self::User(id) => Some(id),
        }
    }
}

/// A parsed request, with the results of routing and authentication.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// Path and query exactly as they were sent. Error responses contain it.
    pub(crate) target: String,
    /// The path, as it was sent.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    /// The body as the service's parser reads it: `{}` if there is none, or none that it can read.
    pub(crate) body: Value,
    /// The request id of the response.
    pub(crate) id: String,
    pub(crate) params: Vec<(&'static str, String)>,
    pub(crate) caller: Caller,
    /// The operation, once the request is routed.
    pub(crate) operation: &'static str,
}

impl Request {
    /// The path parameter `name`, decoded.
    pub(crate) fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value)
    }

    /// Whether the route has a parameter `name`.
    pub(crate) fn has_param(&self, name: &str) -> bool {
        self.params.iter().any(|(key, _)| *key == name)
    }

    /// A path parameter read as the service reads ids: `1.5` is 1, a text is `None`.
    pub(crate) fn id_param(&self, name: &str) -> Option<i64> {
        let text = self.param(name);
        let number = text.parse::<i64>().ok();
        let number = number.or_else(|| text.parse::<f64>().ok().filter(|n| n.abs() < 9e15).map(|n| n as i64));
        // The database has 32 bits for an id.
        number.filter(|id| i32::try_from(*id).is_ok())
    }

    /// The last value of the query key `name`.
    pub(crate) fn first_query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of a list parameter, which can be repeated, `name[]`, or comma-separated.
    pub(crate) fn list_query(&self, name: &str) -> Option<Vec<String>> {
        let bracketed = format!("{name}[]");
        let values: Vec<&str> = self
            .query
            .iter()
            .filter(|(key, _)| key == name || *key == bracketed || is_indexed(key, name))
            .map(|(_, value)| value.as_str())
            .collect();
        match values.as_slice() {
            [] => None,
            [one] => Some(one.split(',').map(str::to_owned).collect()),
            many => Some(many.iter().map(|value| (*value).to_owned()).collect()),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as an object. An array and a missing body are an empty object.
    pub(crate) fn fields(&self) -> &Map<String, Value> {
        static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
        self.body.as_object().unwrap_or(&EMPTY)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.fields().get(name).and_then(Value::as_str)
    }

    /// The user of the request's credentials.
    pub(crate) fn user(&self) -> Option<i64> {
        self.caller.user()
    }
}

fn is_indexed(key: &str, name: &str) -> bool {
    key.strip_prefix(name)
        .and_then(|rest| rest.strip_prefix('['))
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|index| !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit()))
}

/// Decodes `a=1&b=2` as the service does: `+` is a space.
pub fn query_pairs(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}
