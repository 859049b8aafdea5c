//! 5. Bookings.

use calcom::{
    facade::BookingFilter,
    model::{Booking, CancelBooking, Cancellation, CreateBooking, RescheduleBooking},
};
use serde_json::{Value, json};

use super::{answering, answering_with, body, data, differs, holds, sent};
use crate::support::{recorded_body, round_trip};

const REQUEST: &str = include_str!("create-booking-request.json");
const BOOKING: &str = include_str!("booking.json");
const CANCELLATION: &str = include_str!("cancellation.json");
const STATUSES: [&str; 4] = ["ACCEPTED", "PENDING", "CANCELLED", "REJECTED"];

fn create() -> CreateBooking {
    serde_json::from_str(REQUEST).unwrap()
}

fn filter(json: Value) -> BookingFilter {
    serde_json::from_value(json).unwrap()
}

fn documented_filter() -> Value {
    json!({
        "startTime": "2025-01-01T00:00:00Z", "endTime": "2025-01-31T23:59:59Z", "status": "ACCEPTED",
        "eventTypeId": 2026361, "teamId": 123, "userId": 456,
    })
}

/// The documented booking with other fields.
fn with(fields: &Value) -> Value {
    let mut booking = data(BOOKING);
    booking.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    booking
}

fn list(bookings: &[Value]) -> Value {
    json!({"status": "success", "data": bookings})
}

/// How many bookings of an answer a filter lets.
async fn left(answer: Value, wanted: Value) -> usize {
    let (_server, client) = answering_with(200, answer).await;
    client.bookings().list(&filter(wanted)).await.unwrap().items.len()
}

/// A booking in today's form.
fn today() -> Value {
    recorded_body("bookings-2024-08-13/get-regular")["data"].take()
}

fn todays_list(bookings: &[Value]) -> Value {
    let pagination = json!({"totalItems": bookings.len(), "returnedItems": bookings.len(), "hasNextPage": false});
    json!({"status": "success", "data": bookings, "pagination": pagination})
}

#[test]
fn create_booking_the_documented_request_is_read_under_its_names() {
    holds("Create Booking");
    round_trip::<CreateBooking>(REQUEST);
}

#[tokio::test]
async fn create_booking_is_sent_in_todays_form() {
    differs("Create Booking", "create-request");
    let (server, client) = answering(BOOKING).await;
    client.bookings().create(&create()).await.unwrap();
    assert_eq!(sent(&server).await, "POST /v2/bookings");
    let sent = body(&server).await;
    let attendee = json!({
        "name": "John Doe", "email": "john@example.com", "phoneNumber": "+4930123456", "timeZone": "Europe/Berlin",
        "language": "de",
    });
    assert_eq!(sent["attendee"], attendee);
    assert_eq!(sent["bookingFieldsResponses"], json!({"notes": "First time patient"}));
    assert_eq!((&sent["start"], &sent["eventTypeId"]), (&json!("2025-01-15T10:00:00Z"), &json!(2026361)));
    for old in ["responses", "timeZone", "language", "rescheduleUid"] {
        assert!(sent.get(old).is_none(), "{old}");
    }
}

#[tokio::test]
async fn create_booking_guests_are_additional_addresses() {
    holds("Create Booking");
    let (server, client) = answering(BOOKING).await;
    client.bookings().create(&create().guest("guest@example.com")).await.unwrap();
    assert_eq!(body(&server).await["guests"], json!(["guest@example.com"]));
}

#[tokio::test]
async fn create_booking_numbers_in_metadata_are_sent_as_texts() {
    differs("Create Booking", "metadata-text");
    let (server, client) = answering(BOOKING).await;
    client.bookings().create(&create()).await.unwrap();
    let expected = json!({"askproai_appointment_id": "12345", "branch_id": "67", "source": "phone_ai"});
    assert_eq!(body(&server).await["metadata"], expected);
}

#[tokio::test]
async fn create_booking_with_a_reschedule_uid_is_a_reschedule() {
    differs("Create Booking", "create-reschedule");
    let (server, client) = answering(BOOKING).await;
    let mut request = create();
    request.reschedule_uid = Some("rst-uvw-xyz".into());
    client.bookings().create(&request).await.unwrap();
    assert_eq!(sent(&server).await, "POST /v2/bookings/rst-uvw-xyz/reschedule");
    assert_eq!(body(&server).await, json!({"start": "2025-01-15T10:00:00Z"}));
}

#[tokio::test]
async fn create_booking_the_documented_answer_comes_back_as_it_was() {
    holds("Create Booking");
    round_trip::<Booking>(BOOKING);
    let (_server, client) = answering(BOOKING).await;
    assert_eq!(serde_json::to_value(client.bookings().create(&create()).await.unwrap()).unwrap(), data(BOOKING));
}

#[tokio::test]
async fn create_booking_todays_answer_has_the_documented_shape() {
    holds("Create Booking");
    let answer = recorded_body("bookings-2024-08-13/create-regular");
    let (_server, client) = answering_with(201, answer.clone()).await;
    let booking = serde_json::to_value(client.bookings().create(&create()).await.unwrap()).unwrap();
    assert_eq!(booking["startTime"].as_str().map(|time| time.len()), Some("2025-01-15T10:00:00Z".len()));
    assert_eq!(booking["status"], "ACCEPTED");
    assert_eq!(booking["user"]["email"], answer["data"]["hosts"][0]["email"]);
    let documented = data(BOOKING);
    let names = |json: &Value| json.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&booking), names(&documented));
}

#[tokio::test]
async fn create_booking_documented_fields_survive_beside_todays() {
    holds("Create Booking");
    let mut answer = today();
    answer["hosts"] = json!([]);
    answer["user"] = data(BOOKING)["user"].take();
    answer["rescheduleUid"] = "rst-uvw-xyz".into();
    answer["rejectionReason"] = "closed".into();
    let (_server, client) = answering_with(200, json!({"status": "success", "data": answer.clone()})).await;
    let read = serde_json::to_value(client.bookings().create(&create()).await.unwrap()).unwrap();
    for field in ["user", "rescheduleUid", "rejectionReason"] {
        assert_eq!(read[field], answer[field], "{field}");
    }
}

#[test]
fn list_bookings_the_documented_filter_is_read_under_its_names() {
    holds("List Bookings");
    assert_eq!(serde_json::to_value(filter(documented_filter())).unwrap(), documented_filter());
}

#[tokio::test]
async fn list_bookings_is_asked_for_with_todays_filters() {
    differs("List Bookings", "list-filters");
    let (server, client) = answering_with(200, list(&[])).await;
    client.bookings().list(&filter(documented_filter())).await.unwrap();
    let today = "afterStart=2025-01-01T00:00:00Z&beforeEnd=2025-01-31T23:59:59Z&eventTypeId=2026361&teamId=123";
    assert_eq!(sent(&server).await, format!("GET /v2/bookings?{today}"));
}

#[tokio::test]
async fn list_bookings_by_each_status_in_both_forms() {
    holds("List Bookings");
    let documented: Vec<_> = STATUSES.iter().map(|status| with(&json!({"uid": status, "status": status}))).collect();
    let in_today: Vec<_> = STATUSES
        .iter()
        .map(|status| {
            let mut booking = today();
            (booking["uid"], booking["status"]) = (json!(status), json!(status.to_ascii_lowercase()));
            booking
        })
        .collect();
    for status in STATUSES {
        for (answer, asked) in [
            (list(&documented), status.to_owned()),
            (todays_list(&in_today), status.to_owned()),
            (list(&documented), status.to_ascii_lowercase()),
            (todays_list(&in_today), status.to_ascii_lowercase()),
        ] {
            let (_server, client) = answering_with(200, answer).await;
            let page = client.bookings().list(&filter(json!({"status": asked}))).await.unwrap();
            let uids: Vec<_> = page.items.iter().map(|booking| booking.uid.as_str()).collect();
            assert_eq!((uids.as_slice(), page.total), ([status].as_slice(), Some(4)), "{asked}");
        }
    }
}

#[tokio::test]
async fn list_bookings_by_user_in_both_forms() {
    holds("List Bookings");
    for (fields, expected) in [
        (json!({}), 1),
        (json!({"userId": 456}), 1),
        (json!({"userId": 457}), 0),
        (
            json!({"user": {"id": 457, "email": "host@example.com", "name": "Dr. Smith", "timeZone": "Europe/Berlin"}}),
            0,
        ),
        (json!({"hosts": [{"id": 457}, {"id": 456}]}), 1),
        (json!({"hosts": [{"id": 457}]}), 0),
        (json!({"hosts": [{"id": "unknown"}]}), 1),
        (json!({"hosts": []}), 1),
    ] {
        assert_eq!(left(list(&[with(&fields)]), json!({"userId": 456})).await, expected, "{fields}");
        let Some(hosts) = fields["hosts"].as_array() else { continue };
        let mut booking = today();
        let host = booking["hosts"][0].take();
        let hosts = hosts.iter().map(|numbered| {
            let mut host = host.clone();
            host["id"] = numbered["id"].clone();
            host
        });
        booking["hosts"] = hosts.collect();
        assert_eq!(left(todays_list(&[booking]), json!({"userId": 456})).await, expected, "today's {fields}");
    }
}

#[tokio::test]
async fn list_bookings_by_time_event_type_and_team_in_the_documented_form() {
    holds("List Bookings");
    for (fields, expected) in [
        (json!({}), 1),
        (json!({"startTime": "2024-12-31T23:00:00Z"}), 0),
        (json!({"startTime": "2025-01-01T00:00:00Z"}), 1),
        (json!({"endTime": "2025-02-01T00:00:00Z"}), 0),
        (json!({"endTime": "2025-01-31T23:59:59Z"}), 1),
        (json!({"eventTypeId": 2026361, "teamId": 123}), 1),
        (json!({"eventTypeId": 7}), 0),
        (json!({"eventType": {"id": 7}}), 0),
        (json!({"teamId": 124}), 0),
        (json!({"status": "PENDING"}), 0),
    ] {
        assert_eq!(left(list(&[with(&fields)]), documented_filter()).await, expected, "{fields}");
    }
}

#[tokio::test]
async fn get_single_booking_is_one_request() {
    holds("Get Single Booking");
    let (server, client) = answering(BOOKING).await;
    let booking = client.bookings().get("abc-def-ghi").await.unwrap();
    assert_eq!(sent(&server).await, "GET /v2/bookings/abc-def-ghi");
    assert_eq!(serde_json::to_value(&booking).unwrap(), data(BOOKING));
}

#[test]
fn reschedule_booking_the_documented_request_is_read_under_its_names() {
    holds("Update/Reschedule Booking");
    let request = r#"{"start": "2025-01-16T11:00:00Z", "rescheduleReason": "Patient requested different time"}"#;
    round_trip::<RescheduleBooking>(request);
}

#[tokio::test]
async fn reschedule_booking_is_sent_in_todays_form() {
    differs("Update/Reschedule Booking", "reschedule-request");
    let (server, client) = answering(BOOKING).await;
    let to = RescheduleBooking::to("2025-01-16T11:00:00Z".parse().unwrap()).reason("Patient requested different time");
    client.bookings().reschedule("abc-def-ghi", &to).await.unwrap();
    assert_eq!(sent(&server).await, "POST /v2/bookings/abc-def-ghi/reschedule");
    let expected = json!({"start": "2025-01-16T11:00:00Z", "reschedulingReason": "Patient requested different time"});
    assert_eq!(body(&server).await, expected);
}

#[tokio::test]
async fn cancel_booking_is_one_request_with_the_documented_reason() {
    holds("Cancel Booking");
    let (server, client) = answering(CANCELLATION).await;
    client.bookings().cancel("abc-def-ghi", &CancelBooking::with_reason("Patient cancelled")).await.unwrap();
    assert_eq!(sent(&server).await, "POST /v2/bookings/abc-def-ghi/cancel");
    assert_eq!(body(&server).await, json!({"cancellationReason": "Patient cancelled"}));
    round_trip::<CancelBooking>(r#"{"cancellationReason": "Patient cancelled"}"#);
}

#[tokio::test]
async fn cancel_booking_the_documented_answer_comes_back_as_it_was() {
    holds("Cancel Booking");
    round_trip::<Cancellation>(CANCELLATION);
    let (_server, client) = answering(CANCELLATION).await;
    let cancelled = client.bookings().cancel("abc-def-ghi", &CancelBooking::default()).await.unwrap();
    assert_eq!(serde_json::to_value(&cancelled).unwrap(), data(CANCELLATION));
}

#[tokio::test]
async fn cancel_booking_the_answer_is_made_of_the_booking_that_the_service_sends() {
    differs("Cancel Booking", "cancel-answer");
    let answer = recorded_body("bookings-2024-08-13/cancel");
    let (_server, client) = answering(&answer.to_string()).await;
    let cancelled = client.bookings().cancel("abc-def-ghi", &CancelBooking::default()).await.unwrap();
    let expected = json!({"message": "Booking cancelled successfully", "bookingId": answer["data"]["id"]});
    assert_eq!(serde_json::to_value(&cancelled).unwrap(), expected);
    assert_eq!(cancelled.bookings.len(), 1);
}
