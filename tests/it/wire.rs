//! Every field that the document knows is reachable typed from a documented value.

use calcom::{facade::EventTypeFilter, model::Booking};
use serde_json::Value;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

use crate::support::{client, recorded_body};

async fn answering(body: &Value) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(200).set_body_json(body)).mount(&server).await;
    server
}

#[tokio::test]
async fn a_booking_has_every_field_of_the_wire_form_typed() {
    let body = recorded_body("bookings-2024-08-13/create-regular");
    let server = answering(&body).await;
    let booking = client(&server).bookings().get("uid").await.unwrap();
    let (wire, sent) = (booking.wire().unwrap(), &body["data"]);
    assert_eq!(
        serde_json::to_value(&wire.hosts).unwrap().as_array().unwrap().len(),
        sent["hosts"].as_array().unwrap().len()
    );
    assert_eq!(Some(wire.duration), sent["duration"].as_i64());
    assert_eq!(wire.absent_host, sent["absentHost"].as_bool());
    assert_eq!(
        wire.updated_at.map(|time| time.as_millisecond()),
        sent["updatedAt"].as_str().map(|text| text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    );
    assert_eq!(Value::Object(wire.booking_fields_responses.unwrap_or_default()), sent["bookingFieldsResponses"]);
    let host = booking.user.as_ref().unwrap().wire().unwrap();
    assert_eq!(host.username.as_deref(), sent["hosts"][0]["username"].as_str());
    let attendee = booking.attendees[0].wire().unwrap();
    assert_eq!(attendee.language.as_deref(), sent["attendees"][0]["language"].as_str());
}

#[tokio::test]
async fn other_types_have_every_field_of_their_wire_form() {
    let body = recorded_body("event-types/list-2024-06-14");
    let server = answering(&body).await;
    let client = client(&server);
    let groups = client.event_types().list(&EventTypeFilter::default()).await.unwrap();
    for (event_type, sent) in groups.into_iter().zip(body["data"].as_array().unwrap()) {
        let wire = event_type.wire().unwrap();
        assert_eq!(
            (u64::try_from(wire.length_in_minutes).ok(), wire.slug.as_str()),
            (sent["lengthInMinutes"].as_u64(), sent["slug"].as_str().unwrap())
        );
    }
    let body = recorded_body("me/get-2024-06-11");
    let user = super::support::client(&answering(&body).await).me().get().await;
    assert!(user.unwrap().wire().is_some());
}

#[tokio::test]
async fn a_value_in_the_documented_form_has_no_wire_form() {
    let documented = r#"{"id":1,"uid":"u","title":"t","description":null,"startTime":"2025-01-15T10:00:00Z",
        "endTime":"2025-01-15T10:30:00Z","attendees":[],"user":null,"location":null,"status":"ACCEPTED",
        "rescheduleUid":null,"cancellationReason":null}"#;
    let booking: Booking = serde_json::from_str(documented).unwrap();
    assert!(booking.wire().is_none());
    let body = serde_json::json!({"status": "success", "data": serde_json::from_str::<Value>(documented).unwrap()});
    let booking = client(&answering(&body).await).bookings().get("u").await.unwrap();
    assert!(booking.wire().is_none() && booking.extra("uid").is_some());
}

#[test]
fn null_for_an_optional_list_is_an_empty_one_and_for_the_items_of_a_response_an_error() {
    use calcom::raw::types::{BookingListResponse, CalendarAccount, SlotsResponse};
    let account: CalendarAccount = serde_json::from_str(r#"{"calendars": null, "credentialId": 7}"#).unwrap();
    assert_eq!((account.calendars.len(), account.credential_id), (0, Some(7)));
    for text in [r#"{"data": null, "pagination": {}}"#, r#"{"pagination": {}}"#] {
        assert!(serde_json::from_str::<BookingListResponse>(text).is_err(), "{text}");
    }
    assert!(serde_json::from_str::<SlotsResponse>(r#"{"data": null}"#).is_err());
}
