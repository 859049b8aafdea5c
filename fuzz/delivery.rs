//! What must hold for any header and any body; called by the fuzz target, and by the ordinary tests with the stored
//! corpus. An input is the header's value, a line break, and the body.

use calcom::webhook::{Event, Rejection, Verifier, sign, validate_webhook_signature};
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use serde_json::Value;

/// What the corpus is signed with.
pub const SECRET: &str = "whsec_test_0123456789";

/// Receives one input in every way there is.
pub fn receive(input: &[u8]) {
    let (header, body) = match input.iter().position(|&byte| byte == b'\n') {
        Some(end) => (&input[..end], &input[end + 1..]),
        None => (input, &[][..]),
    };
    let verifier = Verifier::new(SECRET).unwrap();
    let signature = sign(body, SECRET).unwrap();
    let is_authentic = header == signature.as_bytes();

    assert_eq!(verifier.verify(body, header).is_ok(), is_authentic);
    assert_eq!(validate_webhook_signature(body, header, SECRET), is_authentic);
    if let Ok(value) = HeaderValue::from_bytes(header) {
        match read(&verifier, value, body) {
            Ok(event) => assert!(is_authentic && event.body() == body),
            Err(rejection) => assert_eq!(rejection.is_authentic(), is_authentic),
        }
    }
    match read(&verifier, HeaderValue::from_str(&signature).unwrap(), body) {
        Ok(event) => understand(&event),
        Err(Rejection::InvalidPayload(error)) => {
            assert!(!error.to_string().is_empty());
            assert_eq!(error.into_body(), body);
        }
        Err(rejection) => panic!("{rejection:?}"),
    }
}

fn read(verifier: &Verifier, signature: HeaderValue, body: &[u8]) -> Result<Event, Rejection> {
    let headers = HeaderMap::from_iter([("x-cal-signature-256".parse().unwrap(), signature)]);
    verifier.read(&headers, body.to_vec().into(), Timestamp::UNIX_EPOCH)
}

fn understand(event: &Event) {
    let _ = (event.booking_uid(), event.previous_uid(), event.status(), event.occurred_at(), event.dedupe_key());
    let _ = (event.extras(), event.envelope_extras(), format!("{event:?}"));
    assert_eq!(event.payload().trigger(), *event.trigger());
    if let Some(booking) = event.booking() {
        let _ = (booking.responses.len(), booking.video_call_url());
    }

    let written = serde_json::to_vec(event).unwrap();
    assert_eq!(written.trim_ascii(), event.body().trim_ascii());
    let anew = Event::new(Timestamp::UNIX_EPOCH, event.payload().clone());
    let again = Event::parse(anew.body().clone()).unwrap();
    assert_eq!(again.booking_uid(), event.booking_uid());

    // Deeper than serde_json reads a value, there is none to compare with.
    if let Ok(json) = serde_json::from_slice::<Value>(event.body()) {
        assert_eq!(event.json(), &json);
        assert_eq!(json["triggerEvent"], event.trigger().as_str());
        assert_eq!(event.edit(|_| {}).json(), &json);
    }
}
