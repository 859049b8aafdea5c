//! Rate limits, expiring credentials, and HTTP limits, as recorded, by the fake's clock.

use std::time::Duration;

use calcom_conformance::raw_http::{RawRequest, RawResponse};
use calcom_fake::{FakeCalcom, FakeRateLimit, FakeUser};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{create, get, send};

async fn me(fake: &FakeCalcom) -> RawResponse {
    RawRequest::new("GET", "/v2/me").key(&fake.api_key()).send(fake.address()).await.unwrap()
}

/// The headers limit, remaining and reset of this limit.
fn counters(answer: &RawResponse, name: &str) -> [Option<u64>; 3] {
    ["limit", "remaining", "reset"]
        .map(|what| answer.header(&format!("x-ratelimit-{what}-{name}")).map(|value| value.parse().unwrap()))
}

/// `rate-limit/api-key-request-*`, `api-key-429-*`, `other-key-unaffected`.
#[tokio::test(start_paused = true)]
async fn of_120_requests_in_a_minute_the_next_one_blocks_the_key_for_a_minute() {
    let fake = FakeCalcom::recorded_seed().await;
    let second = Duration::from_secs(1);
    assert_eq!(counters(&me(&fake).await, "default"), [Some(120), Some(119), Some(60)]);
    fake.clock().advance(10 * second);
    for _ in 0..118 {
        assert_eq!(me(&fake).await.status, 200);
    }
    assert_eq!(counters(&me(&fake).await, "default"), [Some(120), Some(0), Some(50)]);

    let refused = me(&fake).await;
    assert_eq!((refused.status, counters(&refused, "default")), (429, [Some(120), Some(0), Some(60)]));
    assert_eq!(refused.header("retry-after"), None);
    let words = "CustomThrottlerGuard - Too many requests. Please try again later.";
    assert_eq!(refused.json()["error"], json!({ "code": "ThrottlerException", "message": words, "details": words }));

    // Further requests do not extend the block. It holds for each route; another key is not blocked.
    fake.clock().advance(3 * second);
    let (status, _) = get(&fake, "/v2/bookings").await;
    assert_eq!((status, counters(&me(&fake).await, "default")), (429, [Some(120), Some(0), Some(57)]));
    let jane = RawRequest::new("GET", "/v2/me").key(&fake.api_key_of("janeroe"));
    assert_eq!(jane.send(fake.address()).await.unwrap().status, 200);

    fake.clock().advance(58 * second);
    assert_eq!(me(&fake).await.status, 200);
}

/// `rate-limit/endpoint-throttle-location-*`.
#[tokio::test(start_paused = true)]
async fn some_routes_have_a_limit_of_their_own_and_show_no_other() {
    let fake = FakeCalcom::recorded_seed().await;
    let booked = send(&fake, create(&fake, 1, "ada@example.org", "2026-12-01T09:00:00Z")).await.1;
    let uid = booked["data"]["uid"].as_str().unwrap();
    let names = [
        ("PATCH", format!("/v2/bookings/{uid}/location"), "booking_location_update"),
        ("POST", format!("/v2/bookings/{uid}/guests"), "booking_guests_add"),
        ("POST", format!("/v2/bookings/{uid}/attendees"), "booking_attendees_add"),
        ("DELETE", format!("/v2/bookings/{uid}/attendees/99"), "booking_attendees_remove"),
    ];
    for (method, path, name) in names {
        let call = RawRequest::new(method, &path).key(&fake.api_key()).version("2024-08-13").json(&json!({}));
        for remaining in (0..5).rev() {
            let answer = call.send(fake.address()).await.unwrap();
            assert_ne!(answer.status, 429, "{name}");
            assert_eq!(counters(&answer, name), [Some(5), Some(remaining), Some(60)]);
            assert_eq!(counters(&answer, "default"), [None; 3]);
        }
        let refused = call.send(fake.address()).await.unwrap();
        assert_eq!((refused.status, counters(&refused, name)), (429, [Some(5), Some(0), Some(60)]));
    }
    assert_eq!(me(&fake).await.status, 200);
}

/// `rate-limit/two-limits-request-*`.
#[tokio::test(start_paused = true)]
async fn a_key_with_two_limits_is_refused_when_both_are_overrun() {
    let two = vec![
        FakeRateLimit::new("burst", 2, Duration::from_secs(10)),
        FakeRateLimit::new("long", 4, Duration::from_secs(60)),
    ];
    let fake = FakeCalcom::builder().user(FakeUser::new("ada").rate_limits(two)).start().await;
    let mut told = Vec::new();
    for _ in 0..5 {
        let answer = me(&fake).await;
        told.push((answer.status, counters(&answer, "burst")[1], counters(&answer, "long")[1]));
    }
    let left = |burst, long| (Some(burst), Some(long));
    let expected = [left(1, 3), left(0, 2), left(0, 1), left(0, 0), left(0, 0)];
    let expected: Vec<_> =
        expected.into_iter().enumerate().map(|(at, (b, l))| (if at == 4 { 429 } else { 200 }, b, l)).collect();
    assert_eq!(told, expected);
}

#[tokio::test(start_paused = true)]
async fn without_limits_responses_have_no_limit_headers() {
    let fake = FakeCalcom::builder().rate_limits(Vec::new()).start().await;
    for _ in 0..200 {
        let answer = me(&fake).await;
        assert_eq!((answer.status, counters(&answer, "default")), (200, [None; 3]));
    }
}

/// `errors/payload-too-large-200kb`, `errors/payload-just-under-100kb`.
#[tokio::test(start_paused = true)]
async fn a_body_of_more_than_100_kb_is_too_large() {
    let fake = FakeCalcom::recorded_seed().await;
    let of = |length: usize| {
        let call =
            RawRequest::new("POST", "/v2/webhooks").key(&fake.api_key()).header("Content-Type", "application/json");
        let mut body = br#"{"active":true,"triggers":["BOOKING_CREATED"],"subscriberUrl":""#.to_vec();
        body.resize(length - 2, b'x');
        body.extend_from_slice(b"\"}");
        call.bytes(body)
    };
    let (status, body) = send(&fake, of(100 * 1024 + 1)).await;
    assert_eq!((status, body), (413, json!({ "statusCode": 413, "message": "request entity too large" })));
    assert_eq!(send(&fake, of(100 * 1024)).await.0, 400, "the URL is none");
}

/// `errors/conditional-get-*`.
#[tokio::test(start_paused = true)]
async fn a_response_with_the_known_etag_is_304_without_a_body() {
    let fake = FakeCalcom::recorded_seed().await;
    let first = me(&fake).await;
    let tag = first.header("etag").unwrap();
    assert!(tag.starts_with("W/\""), "{tag}");
    let known = RawRequest::new("GET", "/v2/me").key(&fake.api_key()).header("If-None-Match", tag);
    let second = known.send(fake.address()).await.unwrap();
    assert_eq!((second.status, second.body.as_slice(), second.header("etag")), (304, &b""[..], Some(tag)));
    let bio = RawRequest::new("PATCH", "/v2/me").key(&fake.api_key()).json(&json!({ "bio": "new" }));
    assert_eq!(send(&fake, bio).await.0, 200);
    let third = known.send(fake.address()).await.unwrap();
    assert_eq!(third.status, 200);
    assert_ne!(third.header("etag"), Some(tag));
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_closed_after_five_seconds() {
    let fake = FakeCalcom::recorded_seed().await;
    let mut stream = tokio::net::TcpStream::connect(fake.address()).await.unwrap();
    let request = format!("GET /v2/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n", fake.api_key());
    let mut buffer = vec![0; 64 * 1024];
    for _ in 0..3 {
        stream.write_all(request.as_bytes()).await.unwrap();
        let read = stream.read(&mut buffer).await.unwrap();
        let head = String::from_utf8_lossy(&buffer[..read]).to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert!(head.contains("keep-alive: timeout=5") && head.contains("connection: keep-alive"), "{head}");
        tokio::time::sleep(Duration::from_millis(4_900)).await;
    }
    let before = tokio::time::Instant::now();
    assert_eq!(stream.read(&mut buffer).await.unwrap(), 0, "it is closed, and in an orderly way");
    assert!(before.elapsed() <= Duration::from_millis(200), "{:?}", before.elapsed());
}

/// `platform-oauth-clients/managed-user-expired-access-token-498`, and keys likewise.
#[tokio::test(start_paused = true)]
async fn credentials_run_out_by_the_fakes_clock() {
    let start: jiff::Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
    let hour = start.checked_add(jiff::SignedDuration::from_hours(1)).unwrap();
    let ada = FakeUser::new("ada")
        .api_key("cal_forever")
        .expiring_api_key("cal_an_hour", hour)
        .access_token("an-hour", Some(hour))
        .access_token("forever", None)
        .oauth_client("client", "secret");
    let fake = FakeCalcom::builder().at(start).user(ada).start().await;
    let bearer = |token: &str| RawRequest::new("GET", "/v2/me").key(token);
    let client = |secret: &str| {
        RawRequest::new("GET", "/v2/me").header("x-cal-client-id", "client").header("x-cal-secret-key", secret)
    };
    let told = async |call: RawRequest| {
        let (status, body) = send(&fake, call).await;
        (status, body["error"]["message"].as_str().unwrap_or("fine").to_owned())
    };
    for token in ["cal_forever", "cal_an_hour", "an-hour", "forever"] {
        assert_eq!(told(bearer(token)).await.0, 200, "{token}");
    }
    assert_eq!(told(client("secret")).await.0, 200);
    assert_eq!(told(client("wrong")).await.0, 401);
    fake.clock().advance(Duration::from_secs(3_600));
    assert_eq!(told(bearer("cal_forever")).await.0, 200);
    assert_eq!(told(bearer("forever")).await.0, 200);
    let expired = "ApiAuthStrategy - api key - Your api key is expired".to_owned();
    assert_eq!(told(bearer("cal_an_hour")).await, (401, expired));
    assert_eq!(told(bearer("an-hour")).await, (498, "ACCESS_TOKEN_IS_EXPIRED".to_owned()));
    assert_eq!(told(bearer("nobody's")).await, (401, "Invalid Access Token.".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn without_credentials_it_is_401_or_403_by_route() {
    let fake = FakeCalcom::recorded_seed().await;
    let bare = async |path: &str, version: &str| send(&fake, RawRequest::new("GET", path).version(version)).await;
    let (status, body) = bare("/v2/me", "2024-08-13").await;
    assert_eq!((status, &body["error"]["code"]), (401, &Value::from("UnauthorizedException")));
    let (status, body) = bare("/v2/bookings", "2024-08-13").await;
    assert_eq!((status, &body["error"]["code"]), (403, &Value::from("ForbiddenException")));
    let (status, body) = bare("/v2/event-types", "2024-06-14").await;
    assert_eq!((status, &body["data"]), (200, &json!([])));
    assert_eq!(bare("/v2/slots?eventTypeId=1&start=2026-12-01&end=2026-12-02", "2024-09-04").await.0, 200);
}
