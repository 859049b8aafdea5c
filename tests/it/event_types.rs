mod list;
mod private_links;
mod write;

use calcom::{
    Client, Error,
    facade::EventTypeFilter,
    model::{EventType, EventTypeGroups, Frequency, RecurringEvent},
};
use serde_json::{Value, json};
use wiremock::MockServer;

use crate::support::{self, recorded_body, round_trip};

const REFERENCE: &str = include_str!("reference/event-types.json");

async fn answering(verb: &str, at: &str, status: u16, body: &Value) -> (MockServer, Client) {
    support::answering(Some("2024-06-14"), verb, at, status, body).await
}

/// The event type of the API documentation.
fn documented() -> Value {
    let answer: Value = serde_json::from_str(REFERENCE).unwrap();
    answer["data"]["eventTypeGroups"][0]["eventTypes"][0].clone()
}

#[test]
fn the_documented_shapes_are_written_as_they_were_read() {
    let groups: EventTypeGroups = round_trip(REFERENCE);
    let event_type = groups.iter().next().unwrap();
    assert_eq!((event_type.id.0, event_type.length, event_type.price), (2_026_361, 30, 0.0));
    assert_eq!((groups.len(), groups.is_empty()), (1, false));
    round_trip::<EventTypeFilter>(r#"{"teamId": 123, "userId": 456, "active": true}"#);
}

#[test]
fn prices_recurrences_and_custom_inputs_are_written_as_they_were_read() {
    for price in [json!(0), json!(4900), json!(-1), json!(49.5), json!(1e300)] {
        let mut json = documented();
        json["price"] = price;
        round_trip::<EventType>(&json.to_string());
    }
    let mut json = documented();
    json["customInputs"] = json!([{"id": 1, "label": "Insurance", "type": "TEXT", "required": true}]);
    json["recurringEvent"] = json!({"freq": 2, "interval": 1, "count": 4});
    let event_type: EventType = round_trip(&json.to_string());
    assert_eq!(event_type.recurring_event, Some(RecurringEvent::new(Frequency::Weekly, 1, 4)));
    for freq in [json!(0), json!(1), json!(3), json!(6), json!("fortnightly")] {
        json["recurringEvent"]["freq"] = freq;
        round_trip::<EventType>(&json.to_string());
    }
}

#[tokio::test]
async fn an_event_type_is_returned_in_the_documented_form() {
    let answer = recorded_body("event-types/get-2024-06-14-full");
    let (_server, api) = answering("GET", "/v2/event-types/7", 200, &answer).await;
    let event_type = api.event_types().get(7).await.unwrap();
    insta::assert_json_snapshot!(event_type, @r#"
    {
      "id": 7,
      "slug": "full",
      "title": "Full",
      "description": "Everything set",
      "length": 60,
      "locations": [
        {
          "type": "inPerson",
          "address": "1 Main St, Berlin"
        },
        {
          "type": "phone",
          "address": "+4930123456"
        },
        {
          "type": "attendeePhone"
        },
        {
          "type": "attendeeAddress"
        },
        {
          "type": "attendeeDefined"
        }
      ],
      "price": 0,
      "currency": "usd",
      "requiresConfirmation": true,
      "recurringEvent": null
    }
    "#);
    assert_eq!(event_type.extra("bookerLayouts"), Some(&answer["data"]["bookerLayouts"]));
    assert_eq!(event_type.booking_url(), answer["data"]["bookingUrl"].as_str());
    assert_eq!(event_type.booking_fields().len(), answer["data"]["bookingFields"].as_array().unwrap().len());
    assert!(event_type.belongs_to(1) && !event_type.belongs_to(2));
}

#[test]
fn a_question_of_the_booking_form_is_read_as_far_as_it_can_be() {
    let mut event_type = documented();
    event_type["bookingFields"] = json!([
        {"slug": "size", "type": "select", "label": "Size", "required": true, "isDefault": false, "options": ["S", "M"],
         "disableOnPrefill": true, "new": 7},
        {"slug": "odd", "type": 7, "label": ["x"], "required": "yes", "options": "S"},
        {"type": "text"},
        "text",
    ]);
    let event_type: EventType = serde_json::from_value(event_type).unwrap();
    let fields = event_type.booking_fields();
    assert_eq!(fields.iter().map(|field| field.slug.as_str()).collect::<Vec<_>>(), ["size", "odd"]);
    let size = &fields[0];
    assert_eq!(
        (size.kind.as_deref(), size.label.as_deref(), size.is_default),
        (Some("select"), Some("Size"), Some(false))
    );
    assert_eq!((size.required, size.hidden, size.disable_on_prefill), (true, false, true));
    assert_eq!(
        (size.options.as_slice(), size.extra("new")),
        (["S".to_owned(), "M".to_owned()].as_slice(), Some(&json!(7)))
    );
    assert_eq!(size.wire().unwrap().required, Some(true));
    let odd = &fields[1];
    assert_eq!((odd.kind.as_deref(), odd.label.as_deref(), odd.required, odd.options.len()), (None, None, false, 0));
    assert_eq!(odd.extra("type"), Some(&json!(7)));
}

#[tokio::test]
async fn an_app_is_part_of_the_kind_of_location() {
    let answer = recorded_body("event-types/create-2024-06-14-integration-cal-video");
    let (_server, api) = answering("GET", "/v2/event-types/13", 200, &answer).await;
    let event_type = api.event_types().get(13).await.unwrap();
    assert_eq!(serde_json::to_value(&event_type.locations).unwrap(), json!([{"type": "integrations:cal-video"}]));
}

#[tokio::test]
async fn seats_and_lengths_are_found_beside_the_documented_fields() {
    let (_server, api) =
        answering("GET", "/v2/event-types/3", 200, &recorded_body("event-types/get-2024-06-14-seats")).await;
    let seated = api.event_types().get(3).await.unwrap();
    assert_eq!((seated.seats_per_time_slot(), seated.length_options()), (Some(3), vec![]));

    let (_server, api) =
        answering("GET", "/v2/event-types/5", 200, &recorded_body("event-types/get-2024-06-14-variable")).await;
    let variable = api.event_types().get(5).await.unwrap();
    assert_eq!((variable.seats_per_time_slot(), variable.length_options()), (None, vec![15, 30, 60]));
}

#[tokio::test]
async fn one_event_type_in_the_form_of_the_first_version_is_read_too() {
    let answer = recorded_body("event-types/get-2024-04-15");
    let old = &answer["data"]["eventType"];
    let (_server, api) = answering("GET", "/v2/event-types/1", 200, &answer).await;
    let event_type = api.event_types().get(1).await.unwrap();
    assert_eq!(
        serde_json::to_value(&event_type).unwrap(),
        json!({
            "id": 1, "slug": "30min", "title": "30 Minutes", "description": null, "length": 30,
            "locations": [{"type": "link", "address": "https://meet.example.com/johndoe"}],
            "price": 0, "currency": "usd", "requiresConfirmation": false, "recurringEvent": null, "customInputs": [],
        })
    );
    assert_eq!(event_type.extra("bookerUrl"), Some(&old["bookerUrl"]));
    assert_eq!(event_type.schedule_id().map(|id| id.0), old["schedule"].as_i64());
    assert!(event_type.belongs_to(1) && event_type.booking_fields().is_empty());

    let (_server, api) = answering("GET", "/v2/event-types/2026361", 200, &json!({"data": documented()})).await;
    let event_type = api.event_types().get(2_026_361).await.unwrap();
    assert_eq!(serde_json::to_value(&event_type).unwrap(), documented());
    assert_eq!(event_type.extra("currency"), Some(&json!("EUR")));
}

#[tokio::test]
async fn a_response_in_neither_form_is_an_error_that_names_the_path() {
    let (_server, api) = answering("GET", "/v2/event-types/1", 200, &json!({"data": {"id": 1, "title": "x"}})).await;
    let error = api.event_types().get(1).await.unwrap_err();
    assert!(matches!(error, Error::Decode(..)), "{error}");
    assert!(error.to_string().contains("data"), "{error}");
}

#[tokio::test]
async fn debug_shows_no_names_and_no_addresses() {
    let answer = recorded_body("event-types/list-2024-06-14");
    let (_server, api) = answering("GET", "/v2/event-types", 200, &answer).await;
    let groups = api.event_types().list(&EventTypeFilter::default()).await.unwrap();
    assert_eq!(groups.event_type_groups[0].profile.name.as_deref(), Some("John Doe"));
    let shown = format!("{groups:?} {:?}", groups.event_type_groups[0].profile);
    for private in ["John", "johndoe", "Main St", "example.com", "4930"] {
        assert!(!shown.contains(private), "{private} in {shown}");
    }
    assert!(shown.contains("id: EventTypeId(7)"), "{shown}");
}

#[cfg(feature = "schemars")]
#[test]
fn the_schema_has_the_documented_fields() {
    let schema = serde_json::to_value(schemars::schema_for!(EventTypeGroups)).unwrap();
    let fields = |name: &str| {
        let properties = schema["$defs"][name]["properties"].as_object().unwrap();
        properties.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(fields("EventTypeGroup"), ["eventTypes", "profile", "teamId"]);
    assert_eq!(fields("Location"), ["address", "type"]);
    assert_eq!(schema["$defs"]["EventType"]["properties"]["price"]["type"], "number");
}
