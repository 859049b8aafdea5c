//! Requests that V1 accepted although its documentation does not describe them.

use calcom::v1::serve::GatewayResponse;
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

use super::support::{arrived, ask, service, v1};

fn booking(changes: Value) -> Value {
    let mut body = json!({
        "eventTypeId": 12, "start": "2031-05-06T08:00:00Z", "timeZone": "Europe/Vienna", "language": "de", "metadata": {},
        "responses": {"name": "Max Muster", "email": "max@example.com"},
    });
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// The response, and the body of the V2 request that creates the booking.
async fn booked(changes: Value) -> (GatewayResponse, Value) {
    let server = service().await;
    let body = booking(changes);
    let answer = ask(&v1(&server), "POST", "/v1/bookings", "", &body).await;
    assert_eq!(answer.status, 200, "{body}: {}", answer.body);
    let requests = server.received_requests().await.unwrap();
    let creation = requests.iter().find(|request| request.url.path() == "/v2/bookings").unwrap();
    (answer, serde_json::from_slice(&creation.body).unwrap())
}

async fn refusal(changes: Value) -> String {
    let server = service().await;
    let answer = ask(&v1(&server), "POST", "/v1/bookings", "", &booking(changes)).await;
    assert_eq!(arrived(&server).await, [""; 0], "something was sent");
    assert_eq!(answer.status, 400);
    answer.body["message"].as_str().unwrap().to_owned()
}

fn lost(answer: &GatewayResponse) -> Vec<&str> {
    let of_request = ["title", "description", "status", "notes", "location", "name", "email"];
    let fields = answer.losses.iter().map(|loss| loss.field.as_str());
    fields.filter(|field| of_request.contains(field) || field.contains("sms") || field.contains("crm")).collect()
}

#[tokio::test]
async fn fields_of_the_older_form_without_a_value_are_ignored_beside_responses() {
    let (_, plain) = booked(json!({})).await;
    for field in ["name", "email", "notes", "location", "smsReminderNumber", "rescheduleReason"] {
        let (answer, sent) = booked(json!({field: ""})).await;
        assert_eq!((sent, lost(&answer)), (plain.clone(), vec![]), "{field}");
    }
    let (answer, sent) = booked(json!({"smsReminderNumber": null})).await;
    assert_eq!((sent, lost(&answer)), (plain, vec![]));
}

#[tokio::test]
async fn fields_of_the_older_form_with_a_value_are_refused_beside_responses() {
    assert_eq!(
        refusal(json!({"notes": "x", "location": "", "smsReminderNumber": "+436641234567"})).await,
        "Legacy Props: notes,smsReminderNumber. They can't be used with `responses`"
    );
    // An empty list is a value.
    assert_eq!(refusal(json!({"guests": []})).await, "Legacy Props: guests. They can't be used with `responses`");
    for inputs in [json!([]), json!([{"label": "Topic", "value": "Teeth"}])] {
        assert_eq!(
            refusal(json!({"customInputs": inputs})).await,
            "Don't use both customInputs and responses. `customInputs` is only there for legacy support."
        );
    }
    for (value, kind) in [(json!(0), "number"), (json!(false), "boolean")] {
        assert_eq!(
            refusal(json!({"notes": value})).await,
            format!("invalid_type in 'notes': Expected string, received {kind}")
        );
    }
    assert_eq!(refusal(json!({"notes": null})).await, "invalid_type in 'notes': Expected string, received null");
}

#[tokio::test]
async fn title_description_and_status_can_be_anything_and_are_reported() {
    let (_, plain) = booked(json!({})).await;
    for value in [json!("PENDING"), json!(7), json!(["a"]), json!({"de": "x"}), json!(true)] {
        let (answer, sent) = booked(json!({"title": value, "description": value, "status": value})).await;
        assert_eq!((sent, lost(&answer)), (plain.clone(), vec!["title", "description", "status"]), "{value}");
    }
    let (answer, sent) = booked(json!({"title": null, "description": null, "status": null})).await;
    assert_eq!((sent, lost(&answer)), (plain, vec![]));
}

#[tokio::test]
async fn null_counts_as_missing_where_v1_took_it() {
    let (_, plain) = booked(json!({})).await;
    let (answer, sent) = booked(json!({
        "hashedLink": null, "teamMemberEmail": null, "crmOwnerRecordType": null, "crmAppSlug": null,
        "routedTeamMemberIds": null,
    }))
    .await;
    assert_eq!((sent, lost(&answer)), (plain.clone(), vec![]));
    let responses = json!({
        "name": "Max Muster", "email": "max@example.com", "location": null, "attendeePhoneNumber": null,
        "smsReminderNumber": null,
    });
    assert_eq!(booked(json!({"responses": responses})).await.1, plain);
    assert_eq!(refusal(json!({"orgSlug": null})).await, "invalid_type in 'orgSlug': Expected string, received null");
}

#[tokio::test]
async fn one_guest_needs_no_list_and_empty_guests_are_left_out() {
    let guests = |guests: Value| json!({"responses": {"name": "Max", "email": "max@example.com", "guests": guests}});
    let (_, one) = booked(guests(json!("ida@example.com"))).await;
    assert_eq!(one["guests"], json!(["ida@example.com"]));
    let (_, none) = booked(guests(json!(["", ""]))).await;
    assert_eq!(none.get("guests"), None);
}

#[tokio::test]
async fn phone_numbers_are_sent_in_international_form() {
    let answers =
        |name: &str, phone: &str| json!({"responses": {"name": "Max", "email": "max@example.com", name: phone}});
    for name in ["attendeePhoneNumber", "smsReminderNumber"] {
        for phone in ["+43 (0)664 123-4567", "+43 664 1234567", " 43 664 1234567"] {
            let (_, sent) = booked(answers(name, phone)).await;
            assert_eq!(sent["attendee"]["phoneNumber"], "+436641234567", "{phone}");
        }
        assert_eq!(
            refusal(answers(name, "+43 0664 1234567")).await,
            format!("custom in 'responses': {{{name}}}invalid_number")
        );
    }
    let place = |phone: &str| {
        let location = json!({"value": "phone", "optionValue": phone});
        json!({"responses": {"name": "Max", "email": "max@example.com", "location": location}})
    };
    let (_, sent) = booked(place("+43 (0)664 1234567")).await;
    assert_eq!(sent["location"], json!({"type": "attendeePhone", "phone": "+436641234567"}));
    assert_eq!(refusal(place("0664 1234567")).await, "custom in 'responses': {location}invalid_number");
}

#[tokio::test]
async fn a_location_can_be_the_value_alone() {
    for (v1, v2) in [("integrations:daily", "cal-video"), ("integrations:google:meet", "google-meet")] {
        let (_, sent) = booked(json!({"responses": {"name": "Max", "email": "max@example.com", "location": v1}})).await;
        assert_eq!(sent["location"], json!({"type": "integration", "integration": v2}));
    }
}

/// V1's times of two slots, in January and in July.
async fn slot_times(zone: &str, start: [&str; 2]) -> Value {
    let server = MockServer::start().await;
    let data = json!({"2031-01-14": [{"start": start[0]}], "2031-07-14": [{"start": start[1]}]});
    let body = json!({"status": "success", "data": data});
    Mock::given(matchers::any()).respond_with(ResponseTemplate::new(200).set_body_json(body)).mount(&server).await;
    let query = format!("eventTypeId=12&startTime=2031-01-14&endTime=2031-07-15{zone}");
    let answer = ask(&v1(&server), "GET", "/v1/slots", &query, &Value::Null).await;
    assert_eq!((answer.status, answer.losses.len()), (200, 0));
    let times = answer.body["slots"].as_object().unwrap().values().flat_map(|slots| slots.as_array().unwrap());
    times.map(|slot| slot["time"].clone()).collect()
}

#[tokio::test]
async fn slots_in_a_zone_have_its_offset_and_no_milliseconds() {
    let vienna = ["2031-01-14T09:00:00.000+01:00", "2031-07-14T09:00:00.000+02:00"];
    let utc = ["2031-01-14T08:00:00.000Z", "2031-07-14T07:00:00.000Z"];
    for start in [vienna, utc] {
        assert_eq!(slot_times("", start).await, json!(utc));
        assert_eq!(slot_times("&timeZone=", start).await, json!(utc));
        assert_eq!(
            slot_times("&timeZone=Europe/Vienna", start).await,
            json!(["2031-01-14T09:00:00+01:00", "2031-07-14T09:00:00+02:00"])
        );
        assert_eq!(
            slot_times("&timeZone=America/St_Johns", start).await,
            json!(["2031-01-14T04:30:00-03:30", "2031-07-14T04:30:00-02:30"])
        );
        assert_eq!(
            slot_times("&timeZone=Europe/London", start).await,
            json!(["2031-01-14T08:00:00Z", "2031-07-14T08:00:00+01:00"])
        );
    }
}
