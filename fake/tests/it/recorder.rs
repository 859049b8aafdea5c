//! Recording of exchanges without persons and secrets, and their playback.

use std::{fs, path::Path};

use calcom::{
    ApiKey, Client,
    facade::BookingFilter,
    model::{CancelBooking, CreateBooking},
};
use calcom_conformance::raw_http::RawRequest;
use calcom_fake::{FakeCalcom, FakeEventType, FakeUser, FaultProxy, Recorder};
use serde_json::{Value, json};

/// Values that no file may contain.
const PLANTED: [&str; 9] = [
    "cal_planted_key",
    "planted-secret",
    "Lovelace",
    "ada.host@planted.example",
    "countess",
    "Grace",
    "grace@planted.example",
    "grace%40planted.example",
    "491511234567",
];

async fn service() -> FakeCalcom {
    let host = FakeUser::new("countess").name("Ada Lovelace").email("ada.host@planted.example");
    FakeCalcom::builder()
        .at("2026-11-23T00:00:00Z".parse().unwrap())
        .user(host.api_key("cal_planted_key_of_ada"))
        .user(FakeUser::new("bob").api_key("cal_planted_key_of_bob"))
        .event_type(FakeEventType::new("countess", "30min", 30))
        .start()
        .await
}

/// The requests of a program, in order. Later requests use ids of earlier responses.
async fn conversation(url: &str) -> Vec<(u16, Value)> {
    let address = url.strip_prefix("http://").unwrap().parse().unwrap();
    let ask = async |method: &str, target: &str, version: &str, key: &str, body: Option<Value>| {
        let mut call = RawRequest::new(method, target).version(version).key(key);
        if let Some(body) = body {
            call = call.json(&body);
        }
        let answer = call.send(address).await.unwrap();
        (answer.status, answer.json())
    };
    let (ada, bob) = ("cal_planted_key_of_ada", "cal_planted_key_of_bob");
    let booking = json!({ "start": "2026-11-23T10:00:00Z", "eventTypeId": 1, "metadata": { "source": "web" },
        "attendee": { "name": "Grace H", "email": "grace@planted.example", "timeZone": "UTC",
            "phoneNumber": "+491511234567" } });
    let hook = json!({ "active": true, "subscriberUrl": "https://example.com/hook", "triggers": ["BOOKING_CREATED"],
        "secret": "planted-secret" });
    let list = "/v2/bookings?attendeeEmail=grace%40planted.example";
    let mut told = vec![
        ask("GET", "/v2/event-types?username=countess", "2024-06-14", ada, None).await,
        ask("GET", "/v2/me", "2024-06-14", ada, None).await,
        ask("GET", "/v2/me", "2024-06-14", bob, None).await,
        ask("GET", list, "2024-08-13", ada, None).await,
        ask("POST", "/v2/bookings", "2024-08-13", ada, Some(booking.clone())).await,
        ask("GET", list, "2024-08-13", ada, None).await,
        ask("POST", "/v2/bookings", "2024-08-13", ada, Some(booking)).await,
        ask("POST", "/v2/webhooks", "2024-08-13", ada, Some(hook)).await,
        ask("GET", "/v2/nothing", "2024-08-13", ada, None).await,
    ];
    let uid = told[4].1["data"]["uid"].as_str().unwrap_or("none").to_owned();
    told.push(ask("GET", &format!("/v2/bookings/{uid}"), "2024-08-13", bob, None).await);
    let reason = json!({ "cancellationReason": "Grace is ill" });
    told.push(ask("POST", &format!("/v2/bookings/{uid}/cancel"), "2024-08-13", ada, Some(reason)).await);
    told
}

/// The beginning of a recording, without the time.
fn untimed(text: &str) -> String {
    text.lines().filter(|line| !line.contains("recorded_at")).take(40).collect::<Vec<_>>().join("\n")
}

fn texts(files: &[std::path::PathBuf]) -> Vec<String> {
    files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

#[tokio::test]
async fn recordings_contain_no_persons_and_no_secrets() {
    let (fake, folder) = (service().await, tempfile::tempdir().unwrap());
    let recorder = Recorder::start(&fake.url(), folder.path()).await.unwrap();
    let told = conversation(&recorder.url()).await;
    assert_eq!(told.iter().map(|(status, _)| *status).collect::<Vec<_>>()[4..9], [201, 200, 400, 201, 404]);
    // The client receives the original values.
    assert_eq!(told[1].1["data"]["email"], "ada.host@planted.example");

    let files = recorder.recorded();
    let names: Vec<&Path> = files.iter().map(|file| file.strip_prefix(folder.path()).unwrap()).collect();
    assert_eq!(names[1], Path::new("me/002-get_me-200.json"));
    assert_eq!(names[4], Path::new("bookings/005-create_booking-201.json"));
    assert_eq!(names[8], Path::new("nothing/009-unknown-404.json"));
    for text in texts(&files) {
        for planted in PLANTED {
            assert!(!text.contains(planted), "{planted} is in\n{text}");
        }
    }
    insta::assert_snapshot!("recorded_booking", untimed(&texts(&files)[4]));
    // A person has the same replacement everywhere, also in the first file, which was written before the name was known.
    let recorded: Vec<Value> = texts(&files).iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    let me = &recorded[1]["response"]["body"]["data"];
    assert_eq!(recorded[0]["request"]["query"], format!("username={}", me["username"].as_str().unwrap()));
    let booked = &recorded[4]["response"]["body"]["data"];
    assert_eq!(booked["hosts"][0]["name"], me["name"]);
    assert_eq!(booked["attendees"][0]["email"], recorded[4]["request"]["body"]["attendee"]["email"]);
    let title = format!(
        "30min between {} and {}",
        me["name"].as_str().unwrap(),
        booked["attendees"][0]["name"].as_str().unwrap()
    );
    assert_eq!(booked["title"], title);
    let grace = booked["attendees"][0]["email"].as_str().unwrap();
    assert_eq!(recorded[3]["request"]["query"], format!("attendeeEmail={}", grace.replace('@', "%40")));
    assert_eq!(recorder.original(grace).as_deref(), Some("grace@planted.example"));
    assert_ne!(recorded[1]["request"]["headers"]["Authorization"], recorded[2]["request"]["headers"]["Authorization"]);
}

/// Replaces the texts that only responses contain, as the recorder does.
fn as_recorded(recorder: &Recorder, answer: &Value) -> Value {
    let mut text = answer.to_string();
    for (original, replacement) in [
        ("ada.host@planted.example", "person1@example.com"),
        ("Ada Lovelace", "Person 1"),
        ("bob@example.com", "person2@example.com"),
    ] {
        assert_eq!(recorder.original(replacement).as_deref(), Some(original));
        text = text.replace(original, replacement);
    }
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn what_was_recorded_is_answered_again() {
    let (fake, folder) = (service().await, tempfile::tempdir().unwrap());
    let recorder = Recorder::start(&fake.url(), folder.path()).await.unwrap();
    let told = conversation(&recorder.url()).await;
    drop(fake);
    for _ in 0..2 {
        let played = FakeCalcom::from_recordings(folder.path()).await;
        let again = conversation(&played.url()).await;
        for ((status, body), (played, played_body)) in told.iter().zip(&again) {
            assert_eq!(status, played, "{played_body}");
            let mut body = as_recorded(&recorder, body);
            // This user name is also a name, and no request contains another value of this user.
            if body["data"]["username"] == "bob" {
                body["data"]["username"] = played_body["data"]["username"].clone();
                body["data"]["name"] = played_body["data"]["name"].clone();
            }
            if body["data"]["secret"] == "planted-secret" {
                assert_eq!(played_body["data"]["secret"], "planted-secret");
            }
            assert_eq!(&body, played_body);
        }
        played.expect_all_routed();
        assert_eq!(played.ledger().entries(), [], "nothing really happens");
    }
}

#[tokio::test]
async fn a_similar_request_gets_the_recorded_response() {
    let (fake, folder) = (service().await, tempfile::tempdir().unwrap());
    let client =
        |url: String| Client::builder().credentials(ApiKey::new("cal_planted_key_of_ada")).api_url(url).build();
    let recorder = Recorder::start(&fake.url(), folder.path()).await.unwrap();
    let recorded = client(recorder.url()).unwrap();
    let wanted = |name: &str, email: &str, key: &str| {
        let start = "2026-11-23T10:00:00Z".parse().unwrap();
        let mut booking = CreateBooking::new(1, start, name, email).time_zone("UTC");
        booking.metadata.insert("idempotencyKey".to_owned(), key.into());
        booking
    };
    let grace = wanted("Grace H", "grace@planted.example", "a-key-of-one-day");
    let booked = recorded.bookings().create(&grace).await.unwrap();
    recorded.bookings().cancel(&booked.uid, &CancelBooking::with_reason("ill")).await.unwrap();

    let played = FakeCalcom::from_recordings(folder.path()).await;
    let client = client(played.url()).unwrap();
    let edsger = wanted("Edsger D", "edsger@example.org", "a-key-of-another-day");
    let again = client.bookings().create(&edsger).await.unwrap();
    assert_eq!(again.uid, booked.uid);
    assert_eq!(again.attendees[0].email, "edsger@example.org");
    assert_eq!(again.attendees[0].name, "Edsger D");
    assert_eq!(again.metadata["idempotencyKey"], "a-key-of-another-day");
    client.bookings().cancel(&again.uid, &CancelBooking::with_reason("ill")).await.unwrap();
    // No list was recorded. The error names the recorded requests.
    let error = client.bookings().list(&BookingFilter::default()).await.unwrap_err();
    assert_eq!(error.status(), Some(404));
    let hint = played.requests().last().unwrap().hint.clone().unwrap();
    assert!(
        hint.starts_with("GET /v2/bookings") && hint.contains("is not recorded; recorded are POST /v2/bookings"),
        "{hint}"
    );
}

/// Of several recorded responses to a GET, each is played once, and the last one is repeated.
#[tokio::test]
async fn like_requests_are_answered_in_their_order() {
    let (fake, folder) = (service().await, tempfile::tempdir().unwrap());
    let recorder = Recorder::start(&fake.url(), folder.path()).await.unwrap();
    let bio = async |address, bio: &str| {
        let call = RawRequest::new("PATCH", "/v2/me").key("cal_planted_key_of_ada").json(&json!({ "bio": bio }));
        call.send(address).await.unwrap().json()["data"]["bio"].clone()
    };
    let me = async |address| {
        let answer = RawRequest::new("GET", "/v2/me").key("cal_planted_key_of_ada").send(address).await.unwrap();
        answer.json()["data"]["bio"].clone()
    };
    assert_eq!(me(recorder.address()).await, Value::Null);
    assert_eq!(bio(recorder.address(), "one").await, "one");
    assert_eq!(me(recorder.address()).await, "one");
    assert_eq!(bio(recorder.address(), "two").await, "two");
    assert_eq!(me(recorder.address()).await, "two");

    let played = FakeCalcom::from_recordings(folder.path()).await;
    let mut told = Vec::new();
    for _ in 0..4 {
        told.push(me(played.address()).await);
    }
    assert_eq!(told, [Value::Null, json!("one"), json!("two"), json!("two")]);
    // The most similar request is preferred to the order.
    assert_eq!(bio(played.address(), "two").await, "two");
    assert_eq!(bio(played.address(), "three").await, "one");
}

#[tokio::test]
async fn the_projects_recordings_can_be_played() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/recordings");
    let played = FakeCalcom::from_recordings(folder).await;
    let answer = RawRequest::new("GET", "/v2/me").key("cal_mine").send(played.address()).await.unwrap();
    assert_eq!((answer.status, answer.json()["data"]["username"].as_str()), (200, Some("johndoe")));
    assert!(answer.header("x-ratelimit-limit-default").is_some());
    let answer = RawRequest::new("GET", "/v2/moon").send(played.address()).await.unwrap();
    let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(answer.status == 404 && message.starts_with("GET /v2/moon is not recorded"), "{message}");
    assert_eq!(answer.header("x-fake-hint"), Some(message.as_str()));
}

#[tokio::test]
#[should_panic(expected = "no recordings below ")]
async fn a_folder_without_recordings_is_none() {
    FakeCalcom::from_recordings(tempfile::tempdir().unwrap().path()).await;
}

/// A truncated response and an unreachable service are not recorded.
#[tokio::test]
async fn a_service_that_hangs_up_is_not_recorded() {
    let (fake, folder) = (service().await, tempfile::tempdir().unwrap());
    let proxy = FaultProxy::for_fake(&fake).await;
    let recorder = Recorder::start(&proxy.url(), folder.path()).await.unwrap();
    proxy.refuse_connections().await;
    assert!(RawRequest::new("GET", "/v2/me").send(recorder.address()).await.is_err());
    assert_eq!(recorder.recorded().len(), 0);
    assert!(Recorder::start("not a url", folder.path()).await.is_err());
}
