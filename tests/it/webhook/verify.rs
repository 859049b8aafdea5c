//! Only deliveries that the service signed are accepted.

use std::time::Duration;

use bytes::Bytes;
use calcom::{
    Error,
    webhook::{MemoryReplayStore, Rejection, SignatureError, Verifier, receive, sign, validate_webhook_signature},
};
use http::{HeaderMap, HeaderName, Request};
use jiff::Timestamp;

use super::{Delivery, one, recorded};

const SECRETS: [&str; 2] = ["whsec_test_0123456789", "et-secret-2"];

fn verifier() -> Verifier {
    Verifier::new(SECRETS[0]).unwrap().with_secret(SECRETS[1]).unwrap()
}

fn signature_error(result: Result<(), Rejection>) -> SignatureError {
    match result.unwrap_err() {
        Rejection::Signature(why) => why,
        rejection => panic!("{rejection:?}"),
    }
}

#[test]
fn every_recorded_delivery_is_let_in_by_its_secret_and_by_no_other() {
    for delivery in recorded() {
        for secret in SECRETS {
            let is_its_own = delivery.secret.as_deref() == Some(secret);
            let result = Verifier::new(secret).unwrap().verify(delivery.body.as_bytes(), delivery.signature());
            assert_eq!(result.is_ok(), is_its_own, "{} {secret}", delivery.name);
            assert_eq!(validate_webhook_signature(&delivery.body, delivery.signature(), secret), is_its_own);
        }
        let result = verifier().read(&delivery.header_map(), delivery.bytes(), Timestamp::now());
        match (&delivery.secret, delivery.is_event()) {
            (None, _) => assert!(matches!(result, Err(Rejection::Signature(SignatureError::Unsigned)))),
            (Some(_), true) => assert!(result.is_ok(), "{}", delivery.name),
            (Some(_), false) => {
                let Err(Rejection::InvalidPayload(error)) = result else { panic!("{}", delivery.name) };
                assert_eq!(error.body(), &delivery.body, "verified, and handed over");
            }
        }
    }
}

#[test]
fn a_signature_of_this_crate_equals_that_of_the_service() {
    for delivery in recorded() {
        if let Some(secret) = delivery.secret.clone() {
            assert_eq!(sign(&delivery.body, secret).unwrap(), delivery.signature());
        }
    }
}

#[test]
fn a_change_of_any_byte_of_the_body_is_refused() {
    for kind in ["BOOKING_NO_SHOW_UPDATED", "BOOKING_CANCELLED", "MEETING_ENDED", "notjson"] {
        let delivery = one(kind);
        let verifier = verifier();
        let mut body = delivery.body.clone().into_bytes();
        verifier.verify(&body, delivery.signature()).unwrap();
        for at in 0..body.len() {
            let byte = body[at];
            for change in [1, 0x20, 0x80] {
                body[at] = byte ^ change;
                assert_eq!(signature_error(verifier.verify(&body, delivery.signature())), SignatureError::Mismatch);
            }
            body[at] = byte;
        }
        assert_eq!(signature_error(verifier.verify(&body[1..], delivery.signature())), SignatureError::Mismatch);
        body.push(b'\n');
        assert_eq!(signature_error(verifier.verify(&body, delivery.signature())), SignatureError::Mismatch);
    }
}

#[test]
fn a_change_of_any_byte_of_the_signature_is_refused() {
    let delivery = one("BOOKING_NO_SHOW_UPDATED");
    let verifier = verifier();
    let mut signature = delivery.signature().as_bytes().to_vec();
    for at in 0..signature.len() {
        let byte = signature[at];
        for other in (0..=255).filter(|other| *other != byte) {
            signature[at] = other;
            let why = signature_error(verifier.verify(delivery.body.as_bytes(), &signature));
            let is_hex = other.is_ascii_digit() || (b'a'..=b'f').contains(&other);
            assert_eq!(why, if is_hex { SignatureError::Mismatch } else { SignatureError::Malformed });
        }
        signature[at] = byte;
    }
}

#[test]
fn a_change_of_any_byte_of_the_secret_is_refused() {
    let delivery = one("BOOKING_NO_SHOW_UPDATED");
    let mut secrets = vec![];
    for at in 0..SECRETS[0].len() {
        for change in [1, 2, 4] {
            let mut secret = SECRETS[0].as_bytes().to_vec();
            secret[at] ^= change;
            secrets.push(String::from_utf8(secret).unwrap());
        }
    }
    secrets.extend([SECRETS[0].to_uppercase(), format!("{} ", SECRETS[0]), SECRETS[0][1..].to_owned()]);
    for secret in secrets {
        assert!(!validate_webhook_signature(&delivery.body, delivery.signature(), &secret));
        let verifier = Verifier::new(secret).unwrap();
        let why = signature_error(verifier.verify(delivery.body.as_bytes(), delivery.signature()));
        assert_eq!(why, SignatureError::Mismatch);
    }
}

#[test]
fn no_verifier_takes_a_secret_that_protects_nothing() {
    for secret in ["", "no-secret-provided"] {
        let error = Verifier::new(secret).unwrap_err();
        assert!(matches!(error, Error::Configuration(_)));
        assert_eq!(error.to_string(), "configuration: a webhook secret must not be empty or \"no-secret-provided\"");
        assert!(Verifier::new("good").unwrap().with_secret(secret).is_err());
        let body = "{}";
        assert!(sign(body, secret).is_err());
        let forged = {
            use hmac::{Hmac, KeyInit, Mac};
            let mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(body);
            mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        assert!(!validate_webhook_signature(body, forged, secret), "signed with {secret:?}");
        assert!(!validate_webhook_signature(body, "no-secret-provided", secret));
    }
}

#[test]
fn only_the_service_s_form_of_a_signature_counts() {
    let delivery = one("BOOKING_NO_SHOW_UPDATED");
    let good = delivery.signature();
    let verify = |signature: &str| verifier().verify(delivery.body.as_bytes(), signature);
    assert!(verify(good).is_ok());
    assert_eq!(signature_error(verify("no-secret-provided")), SignatureError::Unsigned);
    for bad in [
        format!("sha256={good}"),
        format!("v1={good}"),
        format!("v1,{good}"),
        format!("{good}{good}"),
        format!("{good} "),
        good.to_uppercase(),
        good[..62].to_owned(),
        String::new(),
    ] {
        assert_eq!(signature_error(verify(&bad)), SignatureError::Malformed, "{bad}");
    }
}

#[test]
fn only_the_services_signature_header_is_read_in_any_case() {
    let delivery = one("BOOKING_NO_SHOW_UPDATED");
    let read = |names: &[&'static str]| {
        let mut headers = HeaderMap::new();
        for name in names {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.append(name, delivery.signature().parse().unwrap());
        }
        verifier().read(&headers, delivery.bytes(), Timestamp::now()).map(|_| ())
    };
    assert!(read(&["X-Cal-Signature-256"]).is_ok());
    assert!(read(&["x-cal-signature-256"]).is_ok());
    assert_eq!(signature_error(read(&[])), SignatureError::Missing);
    for other in ["X-Cal-Signature", "X-Signature", "X-Hub-Signature-256", "X-Cal-Signature-512", "Authorization"] {
        assert_eq!(signature_error(read(&[other])), SignatureError::Missing, "{other}");
    }
    assert_eq!(signature_error(read(&["X-Cal-Signature-256", "X-Cal-Signature-256"])), SignatureError::Repeated);
}

#[test]
fn a_secret_can_be_changed_without_losing_a_delivery() {
    let old = one("BOOKING_CANCELLED");
    let both = Verifier::new("the next secret").unwrap().with_secret(SECRETS[0]).unwrap();
    both.verify(old.body.as_bytes(), old.signature()).unwrap();
    let new = sign(&old.body, "the next secret").unwrap();
    both.verify(old.body.as_bytes(), &new).unwrap();
    let neither = sign(&old.body, "another secret").unwrap();
    assert_eq!(signature_error(both.verify(old.body.as_bytes(), &neither)), SignatureError::Mismatch);
}

#[test]
fn a_body_over_the_limit_is_refused_before_it_is_read() {
    let secret = "s";
    let body = vec![b' '; (1 << 20) + 1];
    let signature = sign(&body, secret).unwrap();
    let verifier = Verifier::new(secret).unwrap();
    assert_eq!(verifier.max_body_bytes(), 1 << 20);
    let rejection = verifier.verify(&body, &signature).unwrap_err();
    assert!(matches!(rejection, Rejection::TooLarge { limit: 1_048_576 }));
    let signature = sign(&body[1..], secret).unwrap();
    verifier.verify(&body[1..], &signature).unwrap();
    assert!(verifier.with_max_body_bytes(2 << 20).verify(&body, sign(&body, secret).unwrap()).is_ok());
}

fn read_at(verifier: &Verifier, delivery: &Delivery, now: &str) -> Result<(), Rejection> {
    let secret = delivery.secret.clone().unwrap_or_else(|| SECRETS[0].to_owned());
    let mut headers = HeaderMap::new();
    headers.insert("x-cal-signature-256", sign(&delivery.body, secret).unwrap().parse().unwrap());
    verifier.read(&headers, delivery.bytes(), now.parse().unwrap()).map(|_| ())
}

#[test]
fn an_old_delivery_is_refused_where_an_age_is_asked_for() {
    let verifier = verifier().with_max_age(Duration::from_secs(300));
    let delivery = one("BOOKING_NO_SHOW_UPDATED");
    assert!(delivery.body.contains("2026-11-23T02:17:35.559Z"));
    for (now, is_accepted) in [
        ("2026-11-23T02:17:36Z", true),
        ("2026-11-23T02:22:35.559Z", true),
        ("2026-11-23T02:22:35.560Z", false),
        ("2026-11-23T02:12:35.559Z", true),
        ("2026-11-23T02:12:35.558Z", false),
    ] {
        let result = read_at(&verifier, &delivery, now);
        assert_eq!(result.is_ok(), is_accepted, "{now}");
        assert!(is_accepted || matches!(result, Err(Rejection::Stale { max_age }) if max_age.as_secs() == 300));
    }
    let undated = Delivery { body: r#"{"triggerEvent":"OOO_CREATED","payload":{}}"#.to_owned(), ..delivery };
    assert!(matches!(read_at(&verifier, &undated, "2026-11-23T02:17:36Z"), Err(Rejection::Stale { .. })));
}

#[test]
fn the_age_of_a_meeting_s_delivery_counts_from_the_meeting_and_may_be_a_day_more() {
    let verifier = verifier().with_max_age(Duration::from_secs(300));
    let ended = one("MEETING_ENDED");
    assert!(ended.body.contains("\"endTime\":\"2026-12-01T12:30:00.000Z\""));
    assert!(ended.body.contains("\"createdAt\":\"2026-11-23T"), "the booking's");
    for (now, is_accepted) in [
        ("2026-11-23T02:14:44Z", false),
        ("2026-12-01T12:24:59Z", false),
        ("2026-12-01T12:30:10Z", true),
        ("2026-12-02T12:35:00Z", true),
        ("2026-12-02T12:35:01Z", false),
    ] {
        assert_eq!(read_at(&verifier, &ended, now).is_ok(), is_accepted, "{now}");
    }
}

fn request(delivery: &Delivery) -> Request<Bytes> {
    let mut request = Request::post("/hook").body(delivery.bytes()).unwrap();
    *request.headers_mut() = delivery.header_map();
    request
}

#[tokio::test]
async fn a_delivery_is_received_once_where_replays_are_guarded_against() {
    let verifier = verifier().with_replay_store(MemoryReplayStore::new());
    let (first, second) = (one("BOOKING_CREATED"), one("BOOKING_CANCELLED"));
    let event = verifier.receive(request(&first)).await.unwrap();
    assert!(matches!(receive(&verifier, request(&first)).await, Err(Rejection::Duplicate)));
    assert!(matches!(verifier.clone().receive(request(&first)).await, Err(Rejection::Duplicate)), "a clone shares it");
    receive(&verifier, request(&second)).await.unwrap();

    verifier.forget(&event).await.unwrap();
    verifier.receive(request(&first)).await.unwrap();

    let unguarded = self::verifier();
    for _ in 0..2 {
        unguarded.receive(request(&first)).await.unwrap();
        unguarded.forget(&event).await.unwrap();
    }
}

#[tokio::test]
async fn a_forgery_does_not_keep_the_real_delivery_out() {
    let verifier = verifier().with_replay_store(MemoryReplayStore::new());
    let delivery = one("BOOKING_CREATED");
    let mut forged = request(&delivery);
    forged.headers_mut().insert("x-cal-signature-256", "0".repeat(64).parse().unwrap());
    assert!(matches!(verifier.receive(forged).await, Err(Rejection::Signature(SignatureError::Mismatch))));
    verifier.receive(request(&delivery)).await.unwrap();
}

/// If several processes receive the deliveries of a webhook, each delivery is accepted by one of them.
#[cfg(feature = "redis")]
#[tokio::test]
async fn processes_share_what_they_received_through_redis() {
    use calcom::{state::RedisStore, webhook::ReplayStore};

    let mut server = crate::redis_server::RedisServer::start();
    let process = || verifier().with_replay_store(RedisStore::open(&server.url()).unwrap());
    let (one_process, other_process) = (process(), process());
    let delivery = one("BOOKING_CREATED");
    let event = one_process.receive(request(&delivery)).await.unwrap();
    for verifier in [&one_process, &other_process] {
        assert!(matches!(verifier.receive(request(&delivery)).await, Err(Rejection::Duplicate)));
    }
    one_process.forget(&event).await.unwrap();
    other_process.receive(request(&delivery)).await.unwrap();

    let store = RedisStore::open(&server.url()).unwrap();
    assert!(!store.remember(&event.dedupe_key(), Duration::MAX).await.unwrap());
    server.kill();
    let rejection = one_process.receive(request(&delivery)).await.unwrap_err();
    assert!(matches!(rejection, Rejection::Store(_)));
}

#[test]
fn the_version_header_is_not_needed() {
    let delivery = one("BOOKING_CREATED");
    let mut headers = delivery.header_map();
    headers.remove("x-cal-webhook-version").unwrap();
    headers.remove("content-type").unwrap();
    verifier().read(&headers, delivery.bytes(), Timestamp::now()).unwrap();
}
