//! What must hold for any error response: any status, any headers, any body. Called by the fuzz targets, and by the
//! ordinary tests with the stored corpus.

use calcom::{__conformance::error_of, Error, operation::Operation};
use http::{HeaderMap, HeaderName, HeaderValue};

/// No text of an error is longer, with all its fields.
const LONGEST_TEXT: usize = 256 << 10;

/// An input is two bytes for the status, one for the operation, and the body.
pub fn body(input: &[u8]) {
    let [high, low, operation, body @ ..] = input else { return };
    let status = 100 + u16::from_be_bytes([*high, *low]) % 900;
    check(status, *operation, &HeaderMap::new(), body);
}

/// An input is two bytes for the status, and lines of headers.
pub fn headers(input: &[u8]) {
    let [high, low, lines @ ..] = input else { return };
    let status = 100 + u16::from_be_bytes([*high, *low]) % 900;
    let mut headers = HeaderMap::new();
    for line in lines.split(|byte| *byte == b'\n').take(32) {
        let end = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = (&line[..end], line[end..].strip_prefix(b":").unwrap_or_default());
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    }
    check(status, 0, &headers, br#"{"status":"error","error":{"code":"X","message":"no"}}"#);
}

fn check(status: u16, operation: u8, headers: &HeaderMap, body: &[u8]) {
    let operations = Operation::all();
    let operation = &operations[usize::from(operation) % operations.len()];
    let error: Error = error_of(operation, status, headers, body);
    assert_eq!(error.status(), Some(status));
    let text = format!("{error} {error:?} {error:#?}");
    assert!(text.len() <= LONGEST_TEXT, "{} bytes of {}", text.len(), body.len());
    for field in error.field_errors() {
        assert!(field.field.len() <= 1024 && field.message.len() <= 32 << 10);
    }
    // Whatever it says, it can be asked for and added to a clock.
    let _ = (error.is_retryable(), error.service_message().map(str::len), error.request_id());
    let now = std::time::Instant::now();
    for limit in error.rate_limits() {
        let _ = limit.reset.map(|reset| now.checked_add(reset).expect("a time that exists"));
    }
    let _ = error.retry_after().map(|wait| now.checked_add(wait).expect("a time that exists"));
}
