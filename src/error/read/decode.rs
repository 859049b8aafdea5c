//! A success that cannot be read: says where, as a JSON path, and what was expected, without the value that was there.

use serde::de::DeserializeOwned;

use crate::{Error, error::field_names, pipeline::Exchange};

/// The error of an answer that is not a `T`; keeps the body, for reading it in another form.
pub(crate) fn undecodable<T: DeserializeOwned>(exchange: &Exchange) -> Error {
    let mut reader = serde_json::Deserializer::from_slice(&exchange.body);
    let (path, cause) = match serde_path_to_error::deserialize::<_, T>(&mut reader) {
        Err(_) if exchange.body.is_empty() => (".".to_owned(), "the answer has no body".to_owned()),
        Err(error) => (field_names(&error.path().to_string()), describe(error.inner())),
        Ok(_) => (".".to_owned(), "something follows the JSON, or the status is not the documented one".to_owned()),
    };
    unreadable_at(exchange, &path, cause)
}

/// The error of an answer that is of the right form, with a value at `path` that is not what it stands for.
pub(crate) fn unreadable_at(exchange: &Exchange, path: &str, cause: String) -> Error {
    let mut error =
        super::unreadable(exchange.status, exchange.headers(), format!("at `{path}`"), exchange.body.clone(), cause);
    if let Some(operation) = exchange.operation {
        let changes = operation.resend != crate::operation::Resend::Safe;
        error.failure_mut().sent(operation.id, exchange.attempts, changes, !changes);
    }
    error
}

/// What serde says, less the value that it quotes.
fn describe(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!("line {}, column {}", error.line(), error.column());
    let shown = if let Some(rest) = text.strip_prefix("missing field ") {
        format!("missing field {}", rest.split(" at line").next().unwrap_or_default())
    } else if let Some(rest) = text.strip_prefix("invalid type: ") {
        let found = rest.split([' ', ',']).next().unwrap_or_default();
        let expected = rest.rsplit(", expected ").next().and_then(|rest| rest.split(" at line").next());
        format!("found {found}, expected {}", expected.unwrap_or("something else"))
    } else if error.is_eof() {
        "the JSON ends too early".to_owned()
    } else if error.is_syntax() {
        "not JSON".to_owned()
    } else {
        "a value of the wrong form".to_owned()
    };
    format!("{shown} ({place})")
}
