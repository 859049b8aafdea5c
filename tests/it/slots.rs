use calcom::{
    Client, Error,
    model::{ReserveSlot, SlotQuery, Slots},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

mod unread;

use crate::support::{self, client, recorded_body, recording, round_trip};

const REQUEST: &str = include_str!("reference/slots-request.json");
const SLOTS: &str = include_str!("reference/slots.json");

async fn answering(verb: &str, at: &str, version: &str, status: u16, body: Value) -> (MockServer, Client) {
    support::answering(Some(version), verb, at, status, body).await
}

async fn listing(body: Value) -> (MockServer, Client) {
    answering("GET", "/v2/slots", "2024-09-04", 200, body).await
}

/// The query of the one request that `server` received.
async fn query(server: &MockServer) -> Vec<(String, String)> {
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    let mut pairs: Vec<_> = requests[0].url.query_pairs().into_owned().collect();
    pairs.sort();
    pairs
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn one_day() -> SlotQuery {
    SlotQuery::new(1, at("2026-12-01T00:00:00Z"), at("2026-12-02T00:00:00Z"))
}

/// Every recorded success of an area whose name has this prefix.
fn successes(area: &str, begin: &str) -> Vec<(String, Value)> {
    let folder = format!("{}/tests/recordings/{area}", env!("CARGO_MANIFEST_DIR"));
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| name.starts_with(begin))
        .collect();
    names.sort();
    let all = names.into_iter().map(|name| (recording(&format!("{area}/{name}"))["response"].clone(), name));
    all.filter(|(response, _)| response["status"] == 200)
        .map(|(response, name)| (name, response["body"].clone()))
        .collect()
}

#[test]
fn the_documented_shapes_are_written_as_they_were_read() {
    let slots: Slots = round_trip(SLOTS);
    assert_eq!(slots.len(), 2);
    assert_eq!(slots.first().unwrap().users, ["johndoe"]);
    assert_eq!(slots.on("2025-01-15".parse().unwrap())[1].time, at("2025-01-15T09:30:00Z"));
    assert!(slots.on("2025-01-16".parse().unwrap()).is_empty());
    insta::assert_json_snapshot!(slots, @r#"
    {
      "slots": {
        "2025-01-15": [
          {
            "time": "2025-01-15T09:00:00Z",
            "attendees": 0,
            "bookingUid": null,
            "users": [
              "johndoe"
            ]
          },
          {
            "time": "2025-01-15T09:30:00Z",
            "attendees": 0,
            "bookingUid": null,
            "users": [
              "johndoe"
            ]
          }
        ]
      }
    }
    "#);

    let query: SlotQuery = round_trip(REQUEST);
    let (start, end) = (at("2025-01-15T00:00:00Z"), at("2025-01-16T00:00:00Z"));
    assert_eq!(query, SlotQuery::new(2026361, start, end).time_zone("Europe/Berlin").duration(30));
}

#[tokio::test]
async fn the_documented_query_is_sent_in_the_form_that_the_service_takes() {
    let (server, client) = listing(recorded_body("slots/get-2024-09-04-by-event-type-id")).await;
    client.slots().list(&serde_json::from_str(REQUEST).unwrap()).await.unwrap();
    let sent = pairs(&[
        ("duration", "30"),
        ("end", "2025-01-16T00:00:00Z"),
        ("eventTypeId", "2026361"),
        ("start", "2025-01-15T00:00:00Z"),
        ("timeZone", "Europe/Berlin"),
    ]);
    assert_eq!(query(&server).await, sent);
}

#[tokio::test]
async fn event_types_are_named_in_every_way_that_the_service_accepts() {
    let (start, end) = (at("2026-12-01T00:00:00Z"), at("2026-12-02T00:00:00Z"));
    let times = [("end", "2026-12-02T00:00:00Z"), ("start", "2026-12-01T00:00:00Z")];
    let cases: [(SlotQuery, &[(&str, &str)]); 4] = [
        (SlotQuery::for_user("johndoe", "30min", start, end), &[("eventTypeSlug", "30min"), ("username", "johndoe")]),
        (
            SlotQuery::for_team("sales & co", "30min", start, end).organization("acme"),
            &[("eventTypeSlug", "30min"), ("teamSlug", "sales & co"), ("organizationSlug", "acme")],
        ),
        (
            SlotQuery::for_users(["johndoe", "janeroe"], "acme", start, end),
            &[("usernames", "johndoe,janeroe"), ("organizationSlug", "acme")],
        ),
        (
            SlotQuery::new(1, start, end).with_ends().to_reschedule("abc"),
            &[("eventTypeId", "1"), ("format", "range"), ("bookingUidToReschedule", "abc")],
        ),
    ];
    for (asked, named) in cases {
        let (server, client) = listing(json!({"status": "success", "data": {}})).await;
        assert!(client.slots().list(&asked).await.unwrap().is_empty());
        let mut sent = pairs(&[named, times.as_slice()].concat());
        sent.sort();
        assert_eq!(query(&server).await, sent);
    }
}

#[tokio::test]
async fn no_slot_of_any_recorded_answer_is_lost() {
    let recorded = successes("slots", "get-2024-09-04");
    assert!(recorded.len() > 15, "{}", recorded.len());
    for (name, body) in recorded {
        let (_server, client) = listing(body.clone()).await;
        let slots = client.slots().list(&one_day()).await.unwrap();
        let dates = body["data"].as_object().unwrap();
        assert_eq!(
            slots.slots.keys().map(ToString::to_string).collect::<Vec<_>>(),
            Vec::from_iter(dates.keys().cloned())
        );
        let came: Vec<&Value> = dates.values().flat_map(|slots| slots.as_array().unwrap()).collect();
        assert_eq!(slots.len(), came.len(), "{name}");
        for (slot, came) in slots.iter().zip(came) {
            assert_eq!(slot.time, at(came["start"].as_str().unwrap()), "{name}");
            assert_eq!(slot.extra("start"), Some(&came["start"]), "{name}");
            assert_eq!(slot.end(), came["end"].as_str().map(at), "{name}");
            assert_eq!(slot.seats().map(|seats| seats.total.into()), came["seatsTotal"].as_u64(), "{name}");
        }
    }
}

#[tokio::test]
async fn a_zone_changes_the_dates_and_not_the_instants() {
    let (_server, client) = listing(recorded_body("slots/get-2024-09-04-timezone-tokyo")).await;
    let slots = client.slots().list(&one_day().time_zone("Asia/Tokyo")).await.unwrap();
    let first = slots.first().unwrap();
    assert_eq!(first.time, at("2026-12-01T08:00:00Z"));
    assert_eq!(first.extra("start").unwrap(), "2026-12-01T17:00:00.000+09:00");
    // The last slot of Berlin's day is after midnight in Tokyo.
    let dates: Vec<_> = slots.slots.keys().map(ToString::to_string).collect();
    assert_eq!(dates, ["2026-12-01", "2026-12-02", "2026-12-03"]);
}

#[tokio::test]
async fn a_partly_booked_slot_has_its_seats_and_its_booking() {
    let (_server, client) = listing(recorded_body("slots/get-2024-09-04-seats-partly-booked")).await;
    let slots: Vec<_> = client.slots().list(&one_day()).await.unwrap().into_iter().collect();
    let seats = slots[1].seats().unwrap();
    assert_eq!((seats.booked, seats.remaining, seats.total), (1, 2, 3));
    assert_eq!((slots[1].attendees, slots[0].attendees), (1, 0));
    assert_eq!(slots[1].booking_uid.as_ref().unwrap().as_str(), "gtz227LSEZPmuE7AtRkpyZ");
    assert_eq!(slots[0].booking_uid, None);
}

#[tokio::test]
async fn a_response_in_the_documented_form_is_read_too() {
    let (_server, client) = listing(serde_json::from_str(SLOTS).unwrap()).await;
    let slots = client.slots().list(&one_day()).await.unwrap();
    assert_eq!(serde_json::to_value(&slots).unwrap(), serde_json::from_str::<Value>(SLOTS).unwrap()["data"]);
    assert_eq!(slots.first().unwrap().extra("users"), Some(&json!(["johndoe"])));
}

#[tokio::test]
async fn list_legacy_uses_the_legacy_route() {
    let route = "/v2/slots/available";
    for (name, body) in successes("slots", "available-") {
        let (server, client) = answering("GET", route, "2024-08-13", 200, body.clone()).await;
        let slots = client.slots().list_legacy(&one_day().time_zone("Europe/Berlin").duration(30)).await.unwrap();
        let sent = pairs(&[
            ("duration", "30"),
            ("endTime", "2026-12-02T00:00:00Z"),
            ("eventTypeId", "1"),
            ("startTime", "2026-12-01T00:00:00Z"),
            ("timeZone", "Europe/Berlin"),
        ]);
        assert_eq!(query(&server).await, sent);
        let dates = body["data"]["slots"].as_object().unwrap();
        let came: Vec<&Value> = dates.values().flat_map(|slots| slots.as_array().unwrap()).collect();
        assert!(!came.is_empty(), "{name}");
        assert_eq!(slots.len(), came.len(), "{name}");
        for (slot, came) in slots.iter().zip(came) {
            let start = came.get("time").unwrap_or(&came["startTime"]);
            assert_eq!(slot.time, at(start.as_str().unwrap()), "{name}");
            assert_eq!(slot.end(), came["endTime"].as_str().map(at), "{name}");
        }
    }

    let (server, client) = answering("GET", route, "2024-08-13", 200, serde_json::from_str(SLOTS).unwrap()).await;
    let asked = SlotQuery::for_user("johndoe", "30min", at("2026-12-01T00:00:00Z"), at("2026-12-02T00:00:00Z"));
    client.slots().list_legacy(&asked.with_ends().organization("acme").to_reschedule("abc")).await.unwrap();
    let sent = pairs(&[
        ("endTime", "2026-12-02T00:00:00Z"),
        ("eventTypeSlug", "30min"),
        ("orgSlug", "acme"),
        ("rescheduleUid", "abc"),
        ("slotFormat", "range"),
        ("startTime", "2026-12-01T00:00:00Z"),
        ("usernameList[]", "johndoe"),
    ]);
    assert_eq!(query(&server).await, sent);
}

#[test]
fn slots_of_older_servers_are_read() {
    let slots: Slots = serde_json::from_value(json!({"slots": {"2026-12-01": [
        {"time": "2026-12-01T08:00:00Z", "attendees": null, "users": null},
        {"startTime": "2026-12-01T09:00:00+01:00", "attendees": 2, "users": ["jane", {"username": "john"}, {"id": 1}, 7]},
    ]}}))
    .unwrap();
    let slots: Vec<_> = slots.iter().map(|slot| (slot.time, slot.attendees, slot.users.join(","))).collect();
    let eight = at("2026-12-01T08:00:00Z");
    assert_eq!(slots, [(eight, 0, String::new()), (eight, 2, "jane,john".to_owned())]);
}

#[tokio::test]
async fn one_error_names_all_problems_and_nothing_is_sent() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).expect(0).mount(&server).await;
    let slots = client(&server).slots();
    let fields = |error: Error| -> Vec<String> { error.field_errors().iter().map(ToString::to_string).collect() };

    let query = |query: Value| -> SlotQuery {
        let mut json = json!({"startTime": "2026-12-01T00:00:00Z", "endTime": "2026-12-02T00:00:00Z"});
        json.as_object_mut().unwrap().extend(query.as_object().unwrap().clone());
        serde_json::from_value(json).unwrap()
    };
    let mut texts = Vec::new();
    for wrong in [
        json!({"timeZone": "Mars/Olympus", "duration": 0}),
        json!({"eventTypeSlug": "30min"}),
        json!({"eventTypeSlug": " ", "username": "johndoe", "teamSlug": "sales"}),
        json!({"eventTypeId": 1, "eventTypeSlug": "30min", "username": "johndoe", "usernames": ["a", "b"]}),
        json!({"eventTypeId": 1, "username": "johndoe"}),
        json!({"usernames": ["a,b"]}),
    ] {
        texts.push(fields(slots.list(&query(wrong)).await.unwrap_err()));
    }
    texts.push(fields(slots.list_legacy(&query(json!({"usernames": ["a", "b"], "teamSlug": "t"}))).await.unwrap_err()));
    texts.push(fields(
        slots
            .reserve(&ReserveSlot::new(1, Timestamp::UNIX_EPOCH).slot_duration(0).reservation_duration(0))
            .await
            .unwrap_err(),
    ));
    let text: Vec<_> = texts.iter().map(|problems| problems.join("\n")).collect();
    insta::assert_snapshot!(text.join("\n\n"), @r"
    eventTypeId: is required, unless eventTypeSlug or usernames are given
    timeZone: must be an IANA time zone
    duration: must be at least 1

    eventTypeSlug: needs username or teamSlug beside it

    teamSlug: cannot stand beside username
    eventTypeSlug: must not be empty

    eventTypeSlug: cannot stand beside eventTypeId
    usernames: cannot stand beside eventTypeId
    organizationSlug: is required with usernames

    username: goes with eventTypeSlug only

    usernames[0]: must be one user name
    usernames: must be at least two
    organizationSlug: is required with usernames

    teamSlug: goes with eventTypeSlug only
    teamSlug: is not offered by the older route
    usernames: is not offered by the older route

    slotDuration: must be at least 1
    reservationDuration: must be at least 1
    ");
    assert!(serde_json::from_str::<SlotQuery>(&REQUEST.replace("timeZone", "timezone")).is_err());
}

#[tokio::test]
async fn an_unreadable_time_is_a_decode_error_that_names_its_path() {
    for (data, place) in [
        (json!({"2026-12-01": [{"start": "eight"}]}), "`data.2026-12-01[0].start`"),
        (json!({"today": []}), "`data`"),
        (json!({"2026-12-01": [{"end": "2026-12-01T08:00:00Z"}]}), "`data.2026-12-01[0]"),
    ] {
        let (_server, client) = listing(json!({"status": "success", "data": data})).await;
        let error = client.slots().list(&one_day()).await.unwrap_err();
        assert!(matches!(error, Error::Decode(..)), "{error}");
        assert!(error.to_string().contains(place), "{error}");
        assert!(!error.to_string().contains("eight"), "{error}");
        assert_eq!((error.operation(), error.status()), (Some("list_slots"), Some(200)));
    }
}

#[tokio::test]
async fn an_unknown_event_type_is_not_found() {
    let answer = recorded_body("slots/get-2024-09-04-unknown-event");
    let (_server, client) = answering("GET", "/v2/slots", "2024-09-04", 404, answer).await;
    assert!(matches!(client.slots().list(&one_day()).await, Err(Error::NotFound(_))));
}

#[cfg(feature = "schemars")]
#[test]
fn the_schemas_have_the_documented_fields() {
    let fields = |schema: schemars::Schema, at: &str| -> Vec<String> {
        schema.pointer(at).unwrap().as_object().unwrap().keys().cloned().collect()
    };
    let slots = schemars::schema_for!(Slots);
    assert_eq!(fields(slots.clone(), "/properties"), ["slots"]);
    assert_eq!(fields(slots, "/$defs/Slot/properties"), ["attendees", "bookingUid", "time", "users"]);
    let schedule = schemars::schema_for!(calcom::model::Schedule);
    assert_eq!(fields(schedule.clone(), "/properties"), ["id", "isDefault", "name", "schedule", "timeZone"]);
    assert_eq!(fields(schedule, "/$defs/Availability/properties"), ["days", "endTime", "startTime"]);
    let webhook = schemars::schema_for!(calcom::model::Webhook);
    let expected = ["active", "id", "payloadTemplate", "secret", "subscriberUrl", "triggers"];
    assert_eq!(fields(webhook, "/properties"), expected);
}

#[test]
fn debug_shows_no_personal_data() {
    let slots: Slots = round_trip(SLOTS);
    let query = SlotQuery::for_user("johndoe", "30min", Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
    let text = format!("{slots:?} {query:?}");
    assert!(text.contains("2025-01-15T09:00:00Z"));
    assert!(!text.contains("johndoe"), "{text}");
}
