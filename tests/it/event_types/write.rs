use calcom::{
    Error, Patch,
    model::{CreateEventType, Frequency, Location, RecurringEvent, UpdateEventType},
    raw::types,
};
use serde_json::{Value, json};
use wiremock::MockServer;

use super::answering;
use crate::support::{bodies, client, recorded_body, round_trip};

/// The body that is sent for `input`.
async fn created(input: &CreateEventType) -> Value {
    let answer = recorded_body("event-types/create-2024-06-14-recurring");
    let (server, api) = answering("POST", "/v2/event-types", 201, &answer).await;
    let event_type = api.event_types().create(input).await.unwrap();
    assert_eq!(event_type.slug, "weekly-sync");
    assert_eq!(event_type.recurring_event, Some(RecurringEvent::new(Frequency::Weekly, 1, 4)));
    bodies(&server).await.remove(0)
}

async fn updated(input: &UpdateEventType) -> Value {
    let (server, api) =
        answering("PATCH", "/v2/event-types/14", 200, &recorded_body("event-types/update-2024-06-14")).await;
    let event_type = api.event_types().update(14, input).await.unwrap();
    assert_eq!((event_type.title.as_str(), event_type.length, event_type.hidden()), ("Temp 2", 25, true));
    bodies(&server).await.remove(0)
}

#[tokio::test]
async fn the_documented_fields_are_sent_in_the_form_that_the_service_takes() {
    let input = CreateEventType::new("30 Min Meeting", "30min", 30);
    assert_eq!(created(&input).await, json!({"title": "30 Min Meeting", "slug": "30min", "lengthInMinutes": 30}));

    let input = input
        .description("Quick consultation")
        .location(Location::new("inPerson", "123 Main St"))
        .requires_confirmation(true)
        .recurring(RecurringEvent::new(Frequency::Weekly, 1, 4))
        .hidden(true);
    insta::assert_json_snapshot!(created(&input).await, @r#"
    {
      "confirmationPolicy": {
        "blockUnconfirmedBookingsInBooker": false,
        "type": "always"
      },
      "description": "Quick consultation",
      "hidden": true,
      "lengthInMinutes": 30,
      "locations": [
        {
          "address": "123 Main St",
          "public": false,
          "type": "address"
        }
      ],
      "recurrence": {
        "frequency": "weekly",
        "interval": 1,
        "occurrences": 4
      },
      "slug": "30min",
      "title": "30 Min Meeting"
    }
    "#);
    round_trip::<CreateEventType>(&serde_json::to_string(&input).unwrap());
}

#[tokio::test]
async fn every_kind_of_location_is_sent_as_the_service_names_it() {
    let places = json!([
        {"type": "address", "address": "1 Main St"},
        {"type": "link", "link": "https://meet.example.com/x"},
        {"type": "userPhone", "hostPhoneNumber": "+49 30 123456"},
        {"type": "integrations:cal-video"},
        {"type": "integrations:daily"},
        {"type": "integrations:google:meet"},
        {"type": "integration", "address": "zoom"},
        {"type": "attendeeInPerson"},
        {"type": "attendeePhone"},
        {"type": "somewhereElse"},
    ]);
    let places: Vec<Location> = serde_json::from_value(places).unwrap();
    let input = places.into_iter().fold(CreateEventType::new("t", "s", 30), CreateEventType::location);
    assert_eq!(
        created(&input).await["locations"],
        json!([
            {"type": "address", "address": "1 Main St", "public": false},
            {"type": "link", "link": "https://meet.example.com/x", "public": false},
            {"type": "phone", "phone": "+4930123456", "public": false},
            {"type": "integration", "integration": "cal-video"},
            {"type": "integration", "integration": "cal-video"},
            {"type": "integration", "integration": "google-meet"},
            {"type": "integration", "integration": "zoom"},
            {"type": "attendeeAddress"},
            {"type": "attendeePhone"},
            {"type": "attendeeDefined"},
        ])
    );
}

#[tokio::test]
async fn everything_else_is_sent_with_the_generated_request() {
    let answer = recorded_body("event-types/create-2024-06-14-recurring");
    let (server, api) = answering("POST", "/v2/event-types", 201, &answer).await;
    let mut request = types::CreateEventType::try_from(&CreateEventType::new("t", "s", 30)).unwrap();
    request.minimum_booking_notice = Some(0);
    api.event_types().create(request).await.unwrap();
    let sent = json!({"title": "t", "slug": "s", "lengthInMinutes": 30, "minimumBookingNotice": 0});
    assert_eq!(bodies(&server).await, [sent]);

    let answer = recorded_body("event-types/update-2024-06-14");
    let (server, api) = answering("PATCH", "/v2/event-types/14", 200, &answer).await;
    let mut request = types::UpdateEventType::new();
    request.slot_interval = 15.into();
    api.event_types().update(14, request).await.unwrap();
    assert_eq!(bodies(&server).await, [json!({"slotInterval": 15})]);
}

#[tokio::test]
async fn an_update_sends_only_what_was_set() {
    assert_eq!(updated(&UpdateEventType::new()).await, json!({}));
    let input = UpdateEventType::new().title("Temp 2").length(25).hidden(true);
    assert_eq!(updated(&input).await, json!({"title": "Temp 2", "lengthInMinutes": 25, "hidden": true}));
    let input = UpdateEventType::new()
        .slug("temp")
        .description("")
        .locations([])
        .requires_confirmation(false)
        .recurring(Patch::Clear);
    let sent = json!({
        "slug": "temp", "description": "", "locations": [],
        "confirmationPolicy": {"disabled": true}, "recurrence": {"disabled": true},
    });
    assert_eq!(updated(&input).await, sent);
    let input = UpdateEventType::new()
        .locations([Location::new("link", "https://meet.example.com/x")])
        .requires_confirmation(true)
        .recurring(RecurringEvent::new(Frequency::Monthly, 2, 6));
    let sent = json!({
        "locations": [{"type": "link", "link": "https://meet.example.com/x", "public": false}],
        "confirmationPolicy": {"type": "always", "blockUnconfirmedBookingsInBooker": false},
        "recurrence": {"frequency": "monthly", "interval": 2, "occurrences": 6},
    });
    assert_eq!(updated(&input).await, sent);
}

#[test]
fn null_differs_from_a_missing_field() {
    let left_out: UpdateEventType = round_trip(r#"{"title": "t"}"#);
    assert_eq!(left_out, UpdateEventType::new().title("t"));
    let off: UpdateEventType = round_trip(r#"{"recurringEvent": null, "locations": []}"#);
    assert_eq!(off, UpdateEventType::new().recurring(Patch::Clear).locations([]));
}

#[tokio::test]
async fn bad_input_names_every_field_and_sends_nothing() {
    let server = MockServer::start().await;
    let bad_places = || {
        [
            Location::new("inPerson", " "),
            Location::new("phone", "030 123"),
            Location::new("link", "https://meet.example.com/x"),
            Location::new("moon", "x"),
        ]
    };
    let never = RecurringEvent::new(Frequency::Daily, 0, 0);
    let input = CreateEventType::new(" ", "", 0).recurring(never.clone());
    let input = bad_places().into_iter().fold(input, CreateEventType::location);
    let error = client(&server).event_types().create(&input).await.unwrap_err();
    let expected = [
        "title: must not be empty",
        "slug: must not be empty",
        "length: must be at least 1",
        "locations[0].address: is required for this type",
        "locations[1].address: must be a phone number in international form",
        "locations[3].type: must be a kind that the service takes",
        "recurringEvent.freq: must be weekly, monthly or yearly",
        "recurringEvent.interval: must be at least 1",
        "recurringEvent.count: must be at least 1",
    ];
    assert!(matches!(error, Error::Validation(_)), "{error}");
    assert_eq!(error.field_errors().iter().map(ToString::to_string).collect::<Vec<_>>(), expected);

    let input = UpdateEventType::new().title("").slug("").length(0).locations(bad_places()).recurring(never);
    let error = client(&server).event_types().update(1, &input).await.unwrap_err();
    assert_eq!(error.field_errors().iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
    assert_eq!((error.attempts(), error.may_have_been_applied()), (0, false));
    assert!(bodies(&server).await.is_empty());
}

#[test]
fn a_field_that_the_service_does_not_take_is_refused_by_name() {
    let error = serde_json::from_str::<CreateEventType>(r#"{"title": "t", "slug": "s", "length": 30, "price": 10}"#)
        .unwrap_err();
    assert!(error.to_string().contains("unknown field `price`"), "{error}");
}

#[tokio::test]
async fn the_response_to_a_change_in_the_form_of_the_first_version_is_read_too() {
    let answer = recorded_body("event-types/create-2024-04-15");
    let (_server, api) = answering("POST", "/v2/event-types", 201, &answer).await;
    let made = api.event_types().create(&CreateEventType::new("Old style", "old-style", 30)).await.unwrap();
    assert_eq!((made.id.0, made.length, made.extra("userId")), (10, 30, Some(&json!(1))));

    let answer = recorded_body("event-types/update-2024-04-15");
    let (_server, api) = answering("PATCH", "/v2/event-types/14", 200, &answer).await;
    let changed = api.event_types().update(14, &UpdateEventType::new().title("Temp 3")).await.unwrap();
    assert_eq!((changed.title.as_str(), changed.length, changed.hidden()), ("Temp 3", 20, true));
}

#[tokio::test]
async fn a_deleted_event_type_is_returned() {
    let gone = json!({"id": 14, "lengthInMinutes": 25, "slug": "temp", "title": "Temp 2"});
    let answer = json!({"status": "success", "data": gone});
    let (server, api) = answering("DELETE", "/v2/event-types/14", 200, &answer).await;
    let deleted = api.event_types().delete(14).await.unwrap();
    assert_eq!((deleted.to_wire_json(), deleted.length), (gone, Some(25)));
    assert_eq!(bodies(&server).await, [Value::Null]);
}

#[tokio::test]
async fn refusals_of_the_service_become_errors() {
    let answer = recorded_body("event-types/create-2024-06-14-duplicate-slug");
    let (_server, api) = answering("POST", "/v2/event-types", 400, &answer).await;
    let error = api.event_types().create(&CreateEventType::new("dup", "30min", 30)).await.unwrap_err();
    assert!(matches!(error, Error::Validation(_)), "{error}");
    assert_eq!(error.service_message(), Some("User already has an event type with this slug."));

    let answer = recorded_body("event-types/update-2024-06-14-someone-elses");
    let (_server, api) = answering("PATCH", "/v2/event-types/9", 404, &answer).await;
    let error = api.event_types().update(9, &UpdateEventType::new().title("x")).await.unwrap_err();
    assert!(matches!(error, Error::NotFound(_)), "{error}");

    let answer = recorded_body("event-types/delete-2024-06-14-someone-elses");
    let (_server, api) = answering("DELETE", "/v2/event-types/9", 403, &answer).await;
    let error = api.event_types().delete(9).await.unwrap_err();
    assert!(matches!(error, Error::Permission(_)), "{error}");
}
