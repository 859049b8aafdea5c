//! Responses of handlers: the success envelope, the forms of error bodies of the service, and the common headers.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::exchange::Request;

/// The response of a handler, before the common headers are added.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: ReplyBody,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// How the `X-Request-Id` of the response is made.
    pub(crate) request_id: RequestId,
}

/// The body of a reply.
#[derive(Clone, Debug)]
pub(crate) enum ReplyBody {
    Empty,
    Json(Value),
    /// An error in the usual envelope. Time and path are added when it is sent.
    Error(ErrorBody),
    /// Bytes, whose content type is in the headers.
    Raw(Bytes),
}

/// The `X-Request-Id` of a response.
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
    pub(crate) fn of(status: StatusCode, body: ReplyBody) -> Self {
        Self { status, body, headers: Vec::new(), request_id: RequestId::Own }
    }

    /// A body without an envelope.
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self::of(status_of(status), ReplyBody::Json(body))
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

    /// Form A with the details of an HTTP exception of the service's framework.
    pub(crate) fn exception(status: u16, message: impl Into<String>) -> Self {
        let message = message.into();
        let (code, phrase) = exception_names(status);
        let details = json!({ "message": message, "error": phrase, "statusCode": status });
        Self::error(status, code, message, Some(details))
    }

    /// Form A with a code and no details.
    pub(crate) fn coded(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self::error(status, code, message.into(), None)
    }

    /// Form A with any details.
    pub(crate) fn error(status: u16, code: &str, message: String, details: Option<Value>) -> Self {
        Self::of(status_of(status), ReplyBody::Error(ErrorBody { code: code.to_owned(), message, details }))
    }

    /// Form B: `{"statusCode":N,"message":"..."}`.
    pub(crate) fn bare(status: u16, message: &str) -> Self {
        Self::json(status, json!({ "statusCode": status, "message": message }))
    }

    /// The response of the service to an unhandled error.
    pub(crate) fn internal() -> Self {
        Self::coded(500, "INTERNAL_SERVER_ERROR", "There was an error, please try again later.")
    }

    pub(crate) fn with_request_id(mut self, id: RequestId) -> Self {
        self.request_id = id;
        self
    }

    /// Adds an explanation in a header, which the service does not send.
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
            ReplyBody::Empty => (None, Bytes::new()),
            ReplyBody::Json(value) => (Some(JSON), Bytes::from(value.to_string())),
            ReplyBody::Raw(bytes) => (None, bytes.clone()),
            ReplyBody::Error(error) => {
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

/// Writes `2026-12-01T09:00:00.000Z`, the service's form of times.
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
