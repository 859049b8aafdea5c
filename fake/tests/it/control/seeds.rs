//! Seeds that are wrong: each is refused with its field, and none is played as something else.

use calcom_fake::{ControlServer, Seed};
use serde_json::{Value, json};

fn refused(seed: &Value) -> String {
    match Seed::from_json(&seed.to_string()) {
        Ok(_) => format!("not refused: {seed}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_booking_of_an_event_type_that_only_a_fake_without_fixtures_has_is_refused() {
    let seed = json!({ "eventTypes": [{ "user": "johndoe", "slug": "x", "lengthInMinutes": 30 }],
        "bookings": [{ "user": "johndoe", "eventType": "30min", "start": "2026-11-24T09:00:00Z" }] });
    assert_eq!(refused(&seed), "bookings[0].eventType: there is no `johndoe/30min`");
    let alone = json!({ "bookings": [{ "user": "johndoe", "eventType": "30min", "start": "2026-11-24T09:00:00Z" }] });
    assert!(Seed::from_json(&alone.to_string()).is_ok());
}

#[test]
fn a_value_that_could_not_be_played_is_refused_with_its_field() {
    let user = |more: Value| {
        let mut user = json!({ "username": "ada" });
        for (name, value) in more.as_object().unwrap() {
            user[name] = value.clone();
        }
        json!({ "users": [user] })
    };
    let hours = |days: Value, start: &str, end: &str| {
        let row = json!({ "days": days, "startTime": start, "endTime": end });
        user(json!({ "schedules": [{ "name": "s", "availability": [row] }] }))
    };
    let event = |more: Value| {
        let mut event = json!({ "user": "johndoe", "slug": "x", "lengthInMinutes": 30 });
        event["properties"] = more;
        json!({ "eventTypes": [event] })
    };
    let webhook = |url: &str, trigger: &str| json!({ "webhooks": [{ "user": "johndoe", "subscriberUrl": url, "triggers": [trigger] }] });
    let wrong = [
        (user(json!({ "timeZone": "Europe/Nowhere" })), "users[0].timeZone: "),
        (user(json!({ "weekStart": "Someday" })), "users[0].weekStart: "),
        (user(json!({ "username": "" })), "users[0].username: "),
        (user(json!({ "apiKey": "cal_a\nb" })), "users[0].apiKey: "),
        (user(json!({ "schedules": [{ "name": "s", "timeZone": "Nowhere" }] })), "users[0].schedules[0].timeZone: "),
        (hours(json!([7]), "09:00", "17:00"), "users[0].schedules[0].availability[0].days: "),
        (hours(json!([1]), "9 o'clock", "17:00"), "users[0].schedules[0].availability[0].startTime: "),
        (hours(json!([1]), "09:00", "25:00"), "users[0].schedules[0].availability[0].endTime: "),
        (hours(json!([1]), "17:00", "09:00"), "users[0].schedules[0].availability[0].endTime: "),
        (
            user(json!({ "outOfOffice": [{ "from": "2026-11-25", "to": "2026-11-24" }] })),
            "users[0].outOfOffice[0].to: ",
        ),
        (json!({ "users": [{ "username": "ada" }, { "username": "ada" }] }), "users[1].username: "),
        (
            json!({ "users": [{ "username": "a", "apiKey": "cal_x" }, { "username": "b", "apiKey": "cal_x" }] }),
            "users[1].apiKey: ",
        ),
        (json!({ "teams": [{ "slug": "s" }, { "slug": "s" }] }), "teams[1].slug: "),
        (
            json!({ "eventTypes": [{ "user": "johndoe", "slug": "x", "lengthInMinutes": 30 },
                { "user": "johndoe", "slug": "x", "lengthInMinutes": 60 }] }),
            "eventTypes[1].slug: ",
        ),
        (
            json!({ "bookings": [
                { "user": "johndoe", "eventType": "30min", "start": "2026-11-24T09:00:00Z", "uid": "u" },
                { "user": "johndoe", "eventType": "30min", "start": "2026-11-24T10:00:00Z", "uid": "u" }] }),
            "bookings[1].uid: ",
        ),
        (event(json!({ "lengthInMinutes": 0 })), "eventTypes[0].properties.lengthInMinutes: "),
        (event(json!({ "slotInterval": "often" })), "eventTypes[0].properties.slotInterval: "),
        (event(json!({ "minimumBookingNotice": 1e18 })), "eventTypes[0].properties.minimumBookingNotice: "),
        (event(json!({ "beforeEventBuffer": -1e18 })), "eventTypes[0].properties.beforeEventBuffer: "),
        (event(json!({ "hidden": "yes" })), "eventTypes[0].properties.hidden: "),
        (event(json!({ "seats": { "seatsPerTimeSlot": "many" } })), "eventTypes[0].properties.seats: "),
        (event(json!({ "recurrence": { "frequency": "weekly" } })), "eventTypes[0].properties.recurrence: "),
        (event(json!({ "bookingFields": "none" })), "eventTypes[0].properties.bookingFields: "),
        (webhook("http://127.0.0.1:1/", "BOOKING_MADE"), "webhooks[0].triggers: "),
        (webhook("example.org/hook", "BOOKING_CREATED"), "webhooks[0].subscriberUrl: "),
        (json!({ "rateLimits": [{ "name": "a b", "limit": 1, "window": "1m" }] }), "rateLimits[0].name: "),
    ];
    for (seed, field) in wrong {
        let error = refused(&seed);
        assert!(error.starts_with(field), "{field} of {seed}: {error}");
    }
}

#[tokio::test]
async fn any_seed_that_is_taken_is_played_at_both_ends_of_time() {
    for now in ["-009999-01-02T01:59:59Z", "0000-01-01T00:00:00Z", "9999-12-30T22:00:00.999999999Z"] {
        let seed = json!({ "now": now,
            "users": [{ "username": "ada", "timeZone": "Pacific/Kiritimati",
                "schedules": [{ "name": "s", "availability": [{ "days": [0, 1, 2, 3, 4, 5, 6], "startTime": "00:00", "endTime": "24:00" }] }] }],
            "eventTypes": [{ "user": "ada", "slug": "x", "lengthInMinutes": 1440,
                "properties": { "slotInterval": 5, "minimumBookingNotice": 0, "beforeEventBuffer": 120, "afterEventBuffer": 120 } }],
            "bookings": [{ "user": "ada", "eventType": "x", "start": now, "attendees": [{ "name": "<b>", "email": "a@example.org" }] }],
            "webhooks": [{ "user": "ada", "subscriberUrl": "http://127.0.0.1:9/", "triggers": ["BOOKING_CREATED", "MEETING_ENDED"] }] });
        let server = ControlServer::start(0, Seed::from_json(&seed.to_string()).unwrap()).await.unwrap();
        let fake = server.fake();
        let day = |text: &str| text.split('T').next().unwrap().to_owned();
        let (_, about) = super::control(&server, "GET", "", None).await;
        let today = day(about["now"].as_str().unwrap());
        let slots = format!("/v2/slots?eventTypeId=1&start={today}&end={today}");
        for path in ["/v2/bookings", "/v2/me", "/v2/event-types", "/v2/schedules", slots.as_str()] {
            let (status, answer) = crate::get(&fake, path).await;
            assert!((200..500).contains(&status), "{now} {path}: {status} {answer}");
        }
        assert!(super::book(&server, now).await.is_some(), "{now}: the connection is closed");
        for advance in ["1000000h", "1000000h"] {
            assert_eq!(super::control(&server, "POST", "clock", Some(json!({ "advance": advance }))).await.0, 200);
        }
        assert_eq!(crate::get(&fake, "/v2/bookings").await.0, 200);
        assert_eq!(super::control(&server, "POST", "idle", None).await.0, 200);
    }
}
