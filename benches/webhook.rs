//! The cost of receiving a webhook, compared with the unavoidable part: one HMAC of the same bytes, in the same run.
//!
//! The ratios at the end are measured in alternating rounds, so that other load affects both sides. The README quotes them.

#![allow(clippy::expect_used, reason = "a bench may fail loudly")]

use std::{hint::black_box, time::Instant};

use bytes::Bytes;
use calcom::webhook::{Event, Verifier, sign};
use criterion::Criterion;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use side_by_side::figure;

const SECRET: &str = "whsec_test_0123456789";

fn main() {
    let body = delivery_of_4_kib();
    let signature = sign(&body, SECRET).expect("a usable secret");
    let verifier = Verifier::new(SECRET).expect("a usable secret");

    let hmac = || bare_hmac(&body);
    let verify = || verifier.verify(&body, &signature).expect("genuine");
    let parse = || Event::parse(body.clone()).expect("an event");
    let both = || {
        verify();
        parse()
    };
    let all = || {
        let event = both();
        let answers = event.booking().map(|booking| booking.responses.len());
        assert_eq!(answers, Some(20));
        event
    };

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group(format!("webhook delivery, {} bytes", body.len()));
    group.bench_function("bare HMAC", |bench| bench.iter(hmac));
    group.bench_function("verify", |bench| bench.iter(verify));
    group.bench_function("parse", |bench| bench.iter(parse));
    group.bench_function("verify and parse", |bench| bench.iter(both));
    group.bench_function("verify, parse and read the answers", |bench| bench.iter(all));
    group.bench_function("parse as serde_json::Value", |bench| {
        bench.iter(|| serde_json::from_slice::<Value>(&body).expect("JSON"));
    });
    group.finish();
    criterion.final_summary();

    let over_hmac = "times the bare HMAC";
    figure::print("webhook_verify", ratio(&verify, &hmac), over_hmac, Some("at most 1.1"));
    figure::print("webhook_verify_parse", ratio(&both, &hmac), over_hmac, Some("at most 7"));
    figure::print("webhook_verify_parse_read", ratio(&all, &hmac), over_hmac, None);
}

/// The longest recorded delivery, extended to 4 KiB with guests and unknown keys.
fn delivery_of_4_kib() -> Bytes {
    let recorded: Value =
        serde_json::from_str(include_str!("../tests/recordings/webhook-deliveries/059-hook_user-BOOKING_CREATED.json"))
            .expect("a recording");
    let mut body: Value = serde_json::from_str(recorded["body"].as_str().expect("a body")).expect("JSON");
    for n in 0.. {
        let length = body.to_string().len();
        if length >= 4096 {
            break;
        }
        let payload = &mut body["payload"];
        let guest = json!({
            "email": format!("guest{n}@example.org"), "name": "", "firstName": "", "lastName": "",
            "timeZone": "Europe/Rome", "language": {"locale": "en"}, "utcOffset": 60
        });
        payload["attendees"].as_array_mut().expect("attendees").push(guest);
        payload[format!("keyWithoutField{n}")] = json!([n, "something new", {"nested": true}]);
    }
    Bytes::from(body.to_string())
}

fn bare_hmac(body: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length");
    mac.update(body);
    mac.finalize().into_bytes().into()
}

/// The ratio of the times of `subject` and `baseline`: the median over short alternating rounds.
fn ratio<A, B>(subject: &impl Fn() -> A, baseline: &impl Fn() -> B) -> f64 {
    const ROUNDS: usize = 401;
    figure::median((0..ROUNDS).map(|_| time(subject) / time(baseline)).collect())
}

fn time<T>(work: &impl Fn() -> T) -> f64 {
    let start = Instant::now();
    for _ in 0..100 {
        black_box(work());
    }
    start.elapsed().as_secs_f64()
}
