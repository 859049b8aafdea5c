//! Answers: the success envelope, the error bodies in the shapes that the service uses, and the headers that every
//! answer carries. Which of them is due is for the handlers to say.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::exchange::Request;

/// An answer of a handler, before the common headers.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: Body,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// What happened, for the log: `booked`, `cancelled`, ...
    pub(crate) request_id: RequestId,
}

/// What the body is.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    Empty,
    Json(Value),
    /// An error in the usual envelope; time and path are filled in when it is sent.
    Error(ErrorBody),
    /// Bytes, whose type the headers say.
    Raw(Bytes),
}

/// The `X-Request-Id` of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestId {
    Own,
    /// The parser failed before an id was made.
    Unknown,
    Absent,
}

#[derive(Clone, Debug)]
pub(crate) struct ErrorBody {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) details: Option<Value>,
}

impl Reply {
    pub(crate) fn of(status: StatusCode, body: Body) -> Self {
        Self { status, body, headers: Vec::new(), request_id: RequestId::Own }
    }

    /// A body as it stands, without an envelope.
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self::of(status_of(status), Body::Json(body))
    }

    /// `{"status":"success","data":...}` with 200.
    pub(crate) fn ok(data: Value) -> Self {
        Self::json(200, json!({ "status": "success", "data": data }))
    }

    /// `{"status":"success","data":...}` with 201.
    pub(crate) fn created(data: Value) -> Self {
        Self::json(201, json!({ "status": "success", "data": data }))
    }

    /// `{"status":"success"}`, with no data.
    pub(crate) fn done() -> Self {
        Self::json(200, json!({ "status": "success" }))
    }

    /// Shape A with the details that an HTTP exception of the service's framework has.
    pub(crate) fn exception(status: u16, message: impl Into<String>) -> Self {
        let message = message.into();
        let (code, phrase) = exception_names(status);
        let details = json!({ "message": message, "error": phrase, "statusCode": status });
        Self::error(status, code, message, Some(details))
    }

    /// Shape A with a code of its own and no details.
    pub(crate) fn coded(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self::error(status, code, message.into(), None)
    }

    /// Shape A with whatever details.
    pub(crate) fn error(status: u16, code: &str, message: String, details: Option<Value>) -> Self {
        Self::of(status_of(status), Body::Error(ErrorBody { code: code.to_owned(), message, details }))
    }

    /// Shape B: `{"statusCode":N,"message":"..."}`.
    pub(crate) fn bare(status: u16, message: &str) -> Self {
        Self::json(status, json!({ "statusCode": status, "message": message }))
    }

    /// What the service says when one of its own errors escapes.
    pub(crate) fn internal() -> Self {
        Self::coded(500, "INTERNAL_SERVER_ERROR", "There was an error, please try again later.")
    }

    pub(crate) fn with_request_id(mut self, id: RequestId) -> Self {
        self.request_id = id;
        self
    }

    /// Adds an explanation that the service does not give, where it does no harm: in a header.
    pub(crate) fn with_hint(mut self, hint: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(hint) {
            self.headers.push((HeaderName::from_static("x-fake-hint"), value));
        }
        self
    }

    /// Content type and bytes of the body.
    pub(crate) fn encode(&self, request: &Request, now: Timestamp) -> (Option<&'static str>, Bytes) {
        const JSON: &str = "application/json; charset=utf-8";
        match &self.body {
            Body::Empty => (None, Bytes::new()),
            Body::Json(value) => (Some(JSON), Bytes::from(value.to_string())),
            Body::Raw(bytes) => (None, bytes.clone()),
            Body::Error(error) => {
                let mut inner = json!({ "code": error.code, "message": error.message });
                if let (Some(details), Some(map)) = (&error.details, inner.as_object_mut()) {
                    map.insert("details".to_owned(), details.clone());
                }
                let body = json!({
                    "status": "error",
                    "timestamp": millis(now),
                    "path": request.target,
                    "error": inner,
                });
                (Some(JSON), Bytes::from(body.to_string()))
            }
        }
    }
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The exception class and the reason phrase that the service's framework gives a status.
fn exception_names(status: u16) -> (&'static str, &'static str) {
    match status {
        400 => ("BadRequestException", "Bad Request"),
        401 => ("UnauthorizedException", "Unauthorized"),
        403 => ("ForbiddenException", "Forbidden"),
        404 => ("NotFoundException", "Not Found"),
        409 => ("ConflictException", "Conflict"),
        501 => ("NotImplementedException", "Not Implemented"),
        422 => ("UnprocessableEntityException", "Unprocessable Entity"),
        _ => ("InternalServerErrorException", "Internal Server Error"),
    }
}

/// `2026-12-01T09:00:00.000Z`, the way the service writes every time.
pub(crate) fn millis(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// A weak entity tag in the service's form: length in hex, then 27 characters of a digest.
pub(crate) fn entity_tag(body: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digest = Sha256::digest(body);
    let text: String = digest.iter().take(27).map(|byte| char::from(ALPHABET[usize::from(byte & 63)])).collect();
    format!("W/\"{:x}-{text}\"", body.len())
}
