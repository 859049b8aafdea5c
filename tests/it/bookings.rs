use calcom::{
    Client, Error,
    facade::{BookingFilter, BookingSort},
    model::{
        Attendee, Booking, BookingStatus, CancelBooking, Cancellation, CreateBooking, EventTypeId, RescheduleBooking,
        UserId,
    },
};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path, query_param, query_param_is_missing},
};

use crate::support::{self, bodies, client, recorded_body, round_trip};

const REQUEST: &str = include_str!("reference/create-booking-request.json");
const BOOKING: &str = include_str!("reference/booking.json");
const CANCELLATION: &str = include_str!("reference/cancellation.json");

fn create() -> CreateBooking {
    serde_json::from_str(REQUEST).unwrap()
}

async fn answering(verb: &str, at: &str, status: u16, body: Value) -> (MockServer, Client) {
    support::answering(Some("2024-08-13"), verb, at, status, body).await
}

#[test]
fn the_documented_shapes_are_written_as_they_were_read() {
    let booking: Booking = round_trip(BOOKING);
    assert_eq!(booking.status, BookingStatus::Accepted);
    round_trip::<Cancellation>(CANCELLATION);
    round_trip::<CreateBooking>(REQUEST);
    let moved: RescheduleBooking =
        round_trip(r#"{"start": "2025-01-16T11:00:00Z", "rescheduleReason": "Patient requested different time"}"#);
    assert_eq!(moved, RescheduleBooking::to(moved.start).reason("Patient requested different time"));
    round_trip::<CancelBooking>(r#"{"cancellationReason": "Patient cancelled"}"#);
    round_trip::<BookingFilter>(
        r#"{"startTime": "2025-01-01T00:00:00Z", "endTime": "2025-01-31T23:59:59Z", "status": "ACCEPTED",
            "eventTypeId": 2026361, "teamId": 123, "userId": 456}"#,
    );
}

#[tokio::test]
async fn metadata_that_is_null_or_missing_is_written_as_null_in_both_forms() {
    let documented: Value = serde_json::from_str(BOOKING).unwrap();
    for mut body in [recorded_body("bookings-2024-08-13/get-regular"), documented] {
        for (metadata, expected) in
            [(Some(Value::Null), Value::Null), (None, Value::Null), (Some(json!({})), json!({}))]
        {
            let fields = body["data"].as_object_mut().unwrap();
            fields.remove("metadata");
            fields.extend(metadata.map(|metadata| ("metadata".to_owned(), metadata)));
            let (_server, client) = answering("GET", "/v2/bookings/u", 200, body.clone()).await;
            let booking = client.bookings().get("u").await.unwrap();
            assert_eq!(serde_json::to_value(&booking).unwrap()["metadata"], expected);
        }
    }
}

#[tokio::test]
async fn a_status_that_is_no_bookings_is_a_group_that_the_service_filters_by() {
    let page = recorded_body("bookings-2024-08-13/list-take-1");
    let came = page["data"].as_array().unwrap().len();
    for documented in [false, true] {
        let body = if documented {
            let text: Value = serde_json::from_str(BOOKING).unwrap();
            json!({"status": "success", "data": [text["data"]]})
        } else {
            page.clone()
        };
        for (status, sent) in
            [("upcoming", "upcoming"), ("UPCOMING", "upcoming"), ("Past", "past"), ("On_Hold", "On_Hold")]
        {
            let (server, client) = answering("GET", "/v2/bookings", 200, body.clone()).await;
            let filter: BookingFilter = serde_json::from_value(json!({"status": status})).unwrap();
            let found = client.bookings().list(&filter).await.unwrap().items.len();
            assert_eq!(found, if documented { 1 } else { came }, "{status}");
            let request = server.received_requests().await.unwrap().pop().unwrap();
            assert_eq!(request.url.query(), Some(format!("status={sent}").as_str()));
        }
    }
}

#[tokio::test]
async fn the_documented_booking_is_sent_in_the_form_that_the_service_takes() {
    let (server, client) =
        answering("POST", "/v2/bookings", 201, recorded_body("bookings-2024-08-13/create-regular")).await;
    let booked = client.bookings().create(&create()).await.unwrap();
    insta::assert_json_snapshot!(bodies(&server).await, @r#"
    [
      {
        "attendee": {
          "email": "john@example.com",
          "language": "de",
          "name": "John Doe",
          "phoneNumber": "+4930123456",
          "timeZone": "Europe/Berlin"
        },
        "bookingFieldsResponses": {
          "notes": "First time patient"
        },
        "eventTypeId": 2026361,
        "metadata": {
          "askproai_appointment_id": "12345",
          "branch_id": "67",
          "source": "phone_ai"
        },
        "start": "2025-01-15T10:00:00Z"
      }
    ]
    "#);
    let answer = recorded_body("bookings-2024-08-13/create-regular");
    assert_eq!(booked.uid.as_str(), answer["data"]["uid"].as_str().unwrap());
    assert_eq!(booked.extra("icsUid"), Some(&answer["data"]["icsUid"]));
    assert_eq!(booked.attendees[0].extra("language"), Some(&answer["data"]["attendees"][0]["language"]));
    assert_eq!(booked.user.unwrap().extra("username"), Some(&answer["data"]["hosts"][0]["username"]));
}

#[tokio::test]
async fn a_response_in_the_documented_form_is_read_too() {
    let (_server, client) =
        answering("GET", "/v2/bookings/abc-def-ghi", 200, serde_json::from_str(BOOKING).unwrap()).await;
    let booking = client.bookings().get("abc-def-ghi").await.unwrap();
    assert_eq!(serde_json::to_value(&booking).unwrap(), serde_json::from_str::<Value>(BOOKING).unwrap()["data"]);
    assert_eq!(booking.extra("location").unwrap()["address"], "123 Main St");
}

#[tokio::test]
async fn a_series_is_returned_whole_or_by_its_first_occurrence() {
    let answer = recorded_body("bookings-2024-08-13/create-recurring");
    let (_server, api) = answering("POST", "/v2/bookings", 201, answer.clone()).await;
    let series = api.bookings().create_series(&create()).await.unwrap();
    assert_eq!(series.len(), 4);
    assert_eq!(series[3].extra("uid"), Some(&answer["data"][3]["uid"]));
    assert_eq!(series[0].recurring_booking_uid(), series[3].recurring_booking_uid());

    let (_server, api) = answering("POST", "/v2/bookings", 201, answer).await;
    assert_eq!(api.bookings().create(&create()).await.unwrap().uid, series[0].uid);
}

#[tokio::test]
async fn every_attendee_of_a_seated_booking_has_seat_and_metadata() {
    let (_server, client) =
        answering("POST", "/v2/bookings", 201, recorded_body("bookings-2024-08-13/create-seated-2")).await;
    let booked = client.bookings().create(&create()).await.unwrap();
    let seats: Vec<_> = booked.attendees.iter().map(Attendee::seat_uid).collect();
    assert_eq!(seats.len(), 2);
    assert_eq!(booked.seat_uid(), seats[1]);
    assert!(booked.attendees[0].metadata().unwrap().is_empty());
    assert!(booked.metadata.is_empty());
}

#[tokio::test]
async fn reschedule_uid_reschedules_the_booking() {
    let (server, client) =
        answering("POST", "/v2/bookings/old/reschedule", 201, recorded_body("bookings-2024-08-13/reschedule")).await;
    let mut input = create();
    input.reschedule_uid = Some("old".into());
    let moved = client.bookings().create(&input).await.unwrap();
    assert_eq!(bodies(&server).await, [json!({"start": "2025-01-15T10:00:00Z"})]);
    assert_eq!(
        moved.reschedule_uid.as_ref().map(|uid| uid.as_str().to_owned()),
        moved.extra("rescheduledFromUid").map(|it| it.as_str().unwrap().to_owned())
    );
}

#[tokio::test]
async fn rescheduling_and_cancelling_send_the_names_of_the_wire_form() {
    let (server, api) =
        answering("POST", "/v2/bookings/u/reschedule", 201, recorded_body("bookings-2024-08-13/reschedule")).await;
    let to = RescheduleBooking::to("2025-01-16T11:00:00Z".parse().unwrap()).reason("Patient requested different time");
    api.bookings().reschedule("u", &to).await.unwrap();
    assert_eq!(
        bodies(&server).await,
        [json!({
            "start": "2025-01-16T11:00:00Z", "reschedulingReason": "Patient requested different time"
        })]
    );

    let answer = recorded_body("bookings-2024-08-13/cancel");
    let (server, api) = answering("POST", "/v2/bookings/u/cancel", 200, answer.clone()).await;
    let done = api.bookings().cancel("u", &CancelBooking::with_reason("Patient cancelled")).await.unwrap();
    assert_eq!(bodies(&server).await, [json!({"cancellationReason": "Patient cancelled"})]);
    assert_eq!(done.booking_id.map(|id| id.0), answer["data"]["id"].as_i64());
    assert_eq!(done.bookings[0].status, BookingStatus::Cancelled);

    let (_server, api) =
        answering("POST", "/v2/bookings/u/cancel", 200, serde_json::from_str(CANCELLATION).unwrap()).await;
    let done = api.bookings().cancel("u", &CancelBooking::with_reason("x")).await.unwrap();
    assert_eq!((done.booking_id.map(|id| id.0), done.bookings.len()), (Some(987_654), 0));
}

#[tokio::test]
async fn bad_input_names_every_field_and_sends_nothing() {
    let server = MockServer::start().await;
    let mut input = create();
    input.time_zone = "Europe/Atlantis".to_owned();
    input.language = Some("not a tag".to_owned());
    input.responses.phone = Some("030 123456".to_owned());
    input.length_in_minutes = Some(0);
    input.metadata.insert("nested".to_owned(), json!({"a": 1}));
    input.metadata.insert("k".repeat(41), json!("v"));
    input.metadata.insert("long".to_owned(), json!("v".repeat(501)));
    let error = client(&server).bookings().create(&input).await.unwrap_err();
    assert!(matches!(error, Error::Validation(_)), "{error}");
    let fields: Vec<_> = error.field_errors().iter().map(|problem| problem.field.clone()).collect();
    assert_eq!(
        fields,
        [
            "timeZone".to_owned(),
            "responses.phone".to_owned(),
            "language".to_owned(),
            format!("metadata.{}", "k".repeat(41)),
            "metadata.long".to_owned(),
            "metadata.nested".to_owned(),
            "lengthInMinutes".to_owned(),
        ]
    );
    assert_eq!((error.attempts(), error.may_have_been_applied()), (0, false));
    assert!(bodies(&server).await.is_empty());
}

#[tokio::test]
async fn a_phone_number_is_sent_without_the_zero_that_is_dialled_within_the_country() {
    let (server, api) =
        answering("POST", "/v2/bookings", 201, recorded_body("bookings-2024-08-13/create-regular")).await;
    api.bookings().create(&create().phone("+43 (0)664 123-4567")).await.unwrap();
    assert_eq!(bodies(&server).await[0]["attendee"]["phoneNumber"], "+436641234567");
    let error = api.bookings().create(&create().phone("+43 0664 1234567")).await.unwrap_err();
    assert_eq!(error.field_errors()[0].field, "responses.phone");
    assert_eq!(bodies(&server).await.len(), 1);
}

#[test]
fn an_unknown_input_field_is_refused_by_name() {
    let mut input: Value = serde_json::from_str(REQUEST).unwrap();
    input["stat"] = json!("x");
    let error = serde_json::from_value::<CreateBooking>(input).unwrap_err();
    assert!(error.to_string().contains("unknown field `stat`"), "{error}");
}

#[tokio::test]
async fn the_documented_filters_are_sent_or_applied_locally() {
    let server = MockServer::start().await;
    let page = recorded_body("bookings-2024-08-13/list-status-cancelled");
    Mock::given(method("GET"))
        .and(path("/v2/bookings"))
        .and(query_param("afterStart", "2025-01-01T00:00:00Z"))
        .and(query_param("beforeEnd", "2025-01-31T23:59:59Z"))
        .and(query_param("status", "cancelled"))
        .and(query_param("eventTypeId", "7"))
        .and(query_param("teamId", "123"))
        .and(query_param_is_missing("userId"))
        .respond_with(ResponseTemplate::new(200).set_body_json(&page))
        .mount(&server)
        .await;
    let mut filter = BookingFilter::default();
    filter.start_time = Some("2025-01-01T00:00:00Z".parse().unwrap());
    filter.end_time = Some("2025-01-31T23:59:59Z".parse().unwrap());
    filter.status = Some(BookingStatus::Rejected);
    filter.event_type_id = Some(EventTypeId(7));
    filter.team_id = Some(123.into());
    filter.user_id = Some(UserId(1));
    let came = page["data"].as_array().unwrap();
    let wanted = |status: &str, host: i64| {
        came.iter()
            .filter(|it| it["status"] == status && it["hosts"].as_array().unwrap().iter().any(|it| it["id"] == host))
            .map(|it| it["uid"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let api = client(&server);
    for (status, name, host) in [
        (BookingStatus::Rejected, "rejected", 1),
        (BookingStatus::Cancelled, "cancelled", 1),
        (BookingStatus::Cancelled, "cancelled", 99),
    ] {
        filter.status = Some(status);
        filter.user_id = Some(UserId(host));
        let found = api.bookings().list(&filter).await.unwrap();
        let uids: Vec<_> = found.items.iter().map(|it| it.uid.as_str().to_owned()).collect();
        assert_eq!(uids, wanted(name, host));
        for booking in &found.items {
            assert_eq!(booking.extra("uid").and_then(Value::as_str), Some(booking.uid.as_str()));
        }
    }
}

#[tokio::test]
async fn a_stream_reads_all_pages_returns_each_booking_once_and_ends_at_an_empty_page() {
    let server = MockServer::start().await;
    let mut page = recorded_body("bookings-2024-08-13/list-take-1");
    let one = page["data"][0].clone();
    let booking = |uid: &str| {
        let mut booking = one.clone();
        booking["uid"] = json!(uid);
        booking
    };
    page["pagination"]["hasNextPage"] = json!(true);
    for (skip, uids) in [(None, vec!["a", "b"]), (Some("2"), vec!["b", "c"]), (Some("4"), vec![])] {
        page["data"] = uids.iter().map(|uid| booking(uid)).collect();
        let mock = Mock::given(method("GET")).and(query_param("take", "2")).and(query_param("sortCreated", "asc"));
        let mock = match skip {
            Some(skip) => mock.and(query_param("skip", skip)),
            None => mock.and(query_param_is_missing("skip")),
        };
        mock.respond_with(ResponseTemplate::new(200).set_body_json(&page)).expect(1).mount(&server).await;
    }
    let mut filter = BookingFilter::default();
    filter.take = Some(2);
    let all = client(&server).bookings().stream(&filter).try_collect().await.unwrap();
    assert_eq!(all.iter().map(|booking| booking.uid.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
}

#[tokio::test]
async fn a_page_size_that_the_service_refuses_is_refused_before_it_is_sent() {
    let server = MockServer::start().await;
    let mut filter = BookingFilter::default();
    filter.sort = Some(BookingSort::StartDescending);
    for take in [0, 251] {
        filter.take = Some(take);
        let error = client(&server).bookings().list(&filter).await.unwrap_err();
        assert_eq!(error.field_errors()[0].field, "take");
    }
    assert!(bodies(&server).await.is_empty());
}

#[tokio::test]
async fn a_location_that_was_read_is_sent_with_a_new_booking_and_as_a_change() {
    for (read, new, change) in [
        ("12 Side St", json!({"type": "address"}), json!({"type": "address", "address": "12 Side St"})),
        (
            "https://v.example.org/r",
            json!({"type": "link"}),
            json!({"type": "link", "link": "https://v.example.org/r"}),
        ),
        ("+49 30 1234567", json!({"type": "phone"}), json!({"type": "phone", "phone": "+49301234567"})),
        (
            "integrations:daily",
            json!({"type": "integration", "integration": "cal-video"}),
            json!({"type": "integration", "integration": "cal-video"}),
        ),
        (
            "integrations:google:meet",
            json!({"type": "integration", "integration": "google-meet"}),
            json!({"type": "integration", "integration": "google-meet"}),
        ),
    ] {
        let mut answer = recorded_body("bookings-2024-08-13/create-regular");
        answer["data"]["location"] = json!(read);
        let (_server, client) = answering("GET", "/v2/bookings/u", 200, answer.clone()).await;
        let place = client.bookings().get("u").await.unwrap().location.unwrap();
        let (server, client) = answering("POST", "/v2/bookings", 201, answer.clone()).await;
        let mut booking = create();
        booking.location = Some(place.clone());
        client.bookings().create(&booking).await.unwrap();
        assert_eq!(bodies(&server).await[0]["location"], new, "{read}");
        let (server, client) = answering("PATCH", "/v2/bookings/u/location", 200, answer).await;
        client.bookings().update_location("u", &place).await.unwrap();
        assert_eq!(bodies(&server).await, [json!({ "location": change })], "{read}");
    }
}

#[tokio::test]
async fn every_other_operation_on_a_booking_sends_its_route_and_body() {
    let booking = recorded_body("bookings-2024-08-13/get-regular");
    let (server, api) = answering("POST", "/v2/bookings/u/decline", 200, booking.clone()).await;
    api.bookings().decline("u", Some("ill")).await.unwrap();
    assert_eq!(bodies(&server).await, [json!({"reason": "ill"})]);

    let (server, api) = answering("POST", "/v2/bookings/u/mark-absent", 200, booking.clone()).await;
    api.bookings().mark_absent("u", Some(true), &[("a@example.org", true)]).await.unwrap();
    assert_eq!(
        bodies(&server).await,
        [json!({"host": true, "attendees": [{"email": "a@example.org", "absent": true}]})]
    );

    let (server, api) =
        answering("POST", "/v2/bookings/u/guests", 200, recorded_body("bookings-2024-08-13/guests-add")).await;
    api.bookings().add_guests("u", &["a@example.org"]).await.unwrap();
    assert_eq!(bodies(&server).await, [json!({"guests": [{"email": "a@example.org"}]})]);

    let (server, api) =
        answering("PATCH", "/v2/bookings/u/location", 200, recorded_body("bookings-2024-08-13/location-update")).await;
    api.bookings().update_location("u", &calcom::model::Location::new("attendeeAddress", "1 Main St")).await.unwrap();
    assert_eq!(bodies(&server).await, [json!({"location": {"type": "attendeeAddress", "address": "1 Main St"}})]);

    let (_server, api) = answering("POST", "/v2/bookings/u/confirm", 200, booking).await;
    api.bookings().confirm("u").await.unwrap();

    let (_server, api) =
        answering("GET", "/v2/bookings/u/calendar-links", 200, recorded_body("bookings-2024-08-13/calendar-links"))
            .await;
    assert!(!api.bookings().calendar_links("u").await.unwrap().is_empty());

    let (_server, api) =
        answering("GET", "/v2/bookings/u/attendees", 200, recorded_body("bookings-2024-08-13/attendees-list")).await;
    assert!(!api.bookings().attendees("u").await.unwrap().is_empty());
}
