//! Predefined responses, which a fault sends in place of the service's.

use std::fmt;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;

use super::super::reply::{Reply, ReplyBody, RequestId};

/// A predefined response.
#[derive(Clone, Debug)]
pub struct CannedResponse {
    pub status: StatusCode,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl CannedResponse {
    pub fn new(status: u16, content_type: Option<&str>, body: Vec<u8>) -> Self {
        let value = content_type.and_then(|value| HeaderValue::from_str(value).ok());
        let headers = value.map(|value| (header::CONTENT_TYPE, value)).into_iter().collect();
        // An invalid status becomes 500.
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, headers, body: body.into() }
    }

    /// An error in the service's short form.
    pub fn error(status: u16) -> Self {
        let body = json!({ "statusCode": status, "message": phrase(status) });
        Self::new(status, Some("application/json; charset=utf-8"), body.to_string().into_bytes())
    }

    /// The HTML page of a gateway.
    pub fn page(status: u16) -> Self {
        let title = format!("{status} {}", phrase(status));
        let body = format!(
            "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
             <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
        );
        Self::new(status, Some("text/html"), body.into_bytes())
    }

    pub fn empty(status: u16) -> Self {
        Self::new(status, None, Vec::new())
    }

    /// The reply of the fake.
    pub(crate) fn reply(&self) -> Reply {
        let body = if self.body.is_empty() { ReplyBody::Empty } else { ReplyBody::Raw(self.body.clone()) };
        let mut reply = Reply::of(self.status, body).with_request_id(RequestId::Absent);
        reply.headers.clone_from(&self.headers);
        reply
    }

    /// The bytes on the connection.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("HTTP/1.1 {}\r\n", self.status).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend_from_slice(name.as_str().as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", self.body.len()).as_bytes());
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

fn phrase(status: u16) -> &'static str {
    StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Error")
}

impl fmt::Display for CannedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.headers.iter().find(|(name, _)| name == header::CONTENT_TYPE);
        write!(f, "{}", self.status.as_u16())?;
        match kind.and_then(|(_, value)| value.to_str().ok()) {
            _ if self.body.is_empty() => f.write_str(" without a body"),
            Some(kind) if !kind.starts_with("application/json") => write!(f, " as {kind}"),
            _ => Ok(()),
        }
    }
}
