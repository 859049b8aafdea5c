//! Ids and enums from and to integers and texts, and inputs from what a caller has at hand.

use std::fmt::Display;

use calcom::{
    Error, ErrorCode,
    facade::BookingFilter,
    model::{
        BookingStatus, BookingUid, CreateBooking, CreateSchedule, EventTypeId, NewAttendee, RescheduleBooking,
        SlotQuery, Trigger, UserId,
    },
};
use jiff::{ZonedDateTime, tz::TimeZone};
use serde_json::json;
use wiremock::MockServer;

use crate::support::{answering, client, recorded_body};

const START: &str = "2030-01-15T10:00[Europe/Berlin]";

#[test]
fn ids_are_compared_and_converted_with_numbers_and_texts() {
    let id = EventTypeId::from(7);
    assert_eq!(id, 7);
    assert_eq!(7, id);
    assert_eq!(i64::from(id), 7);
    assert_eq!([EventTypeId::from(7_u32), EventTypeId::from(7_i64), EventTypeId::try_from("7").unwrap()], [id; 3]);
    assert_eq!((id.to_string(), json!(id)), ("7".to_owned(), json!(7)));
    assert!("seven".parse::<UserId>().is_err());

    let uid: BookingUid = "kgiKeoVgk6NpALrVxDhWeY".parse().unwrap();
    assert_eq!(uid, "kgiKeoVgk6NpALrVxDhWeY");
    assert_eq!("kgiKeoVgk6NpALrVxDhWeY", uid);
    assert_eq!(String::from(uid.clone()), uid);
    assert_eq!(json!(uid), json!("kgiKeoVgk6NpALrVxDhWeY"));
}

#[test]
fn what_is_no_number_is_no_id() {
    for text in ["", " 7", "7 ", "7.0", "1e3", "0x7", "-", "+", "٧", "７", "7\0", "9223372036854775808", "1_000"] {
        assert!(text.parse::<EventTypeId>().is_err() && EventTypeId::try_from(text).is_err(), "{text:?}");
    }
    for (text, number) in [("007", 7), ("-7", -7), ("+7", 7), ("9223372036854775807", i64::MAX)] {
        let id: UserId = text.parse().unwrap();
        assert_eq!((i64::from(id), id.to_string()), (number, number.to_string()));
        assert_eq!(serde_json::from_value::<UserId>(json!(id)).unwrap(), id);
    }
    for other in [json!("7"), json!(7.5), json!(null), json!([7]), json!(u64::MAX)] {
        assert!(serde_json::from_value::<UserId>(other.clone()).is_err(), "{other}");
        assert!(other.is_string() || serde_json::from_value::<BookingUid>(other.clone()).is_err(), "{other}");
    }
    for text in ["", " ", "../me", "a/b", "\u{1F600}", "kgiK\0"] {
        let uid = BookingUid::from(text);
        assert!(
            uid == text && format!("{uid}") == text && serde_json::from_value::<BookingUid>(json!(uid)).unwrap() == uid
        );
    }
}

#[test]
fn open_enums_are_parsed_from_every_text() {
    fn parsed<T: std::str::FromStr<Err = std::convert::Infallible> + Display>(text: &str) -> String {
        text.parse::<T>().unwrap().to_string()
    }
    assert_eq!("accepted".parse(), Ok(BookingStatus::Accepted));
    assert_eq!("BOOKING_CREATED".parse(), Ok(Trigger::BookingCreated));
    assert_eq!(Trigger::from("BOOKING_CREATED".to_owned()), Trigger::BookingCreated);
    for text in ["on_hold", "SOMETHING_NEW", "", " accepted", "BOOKING_CREATED\n", "\u{130}"] {
        assert_eq!([parsed::<BookingStatus>(text), parsed::<Trigger>(text), parsed::<ErrorCode>(text)], [text; 3]);
    }
}

#[test]
fn a_booking_is_made_of_a_zoned_time_and_a_zone_is_named_by_text_or_value() {
    let start: ZonedDateTime = START.parse().unwrap();
    let booking = CreateBooking::at(7, &start, "Jo", "jo@example.com");
    assert_eq!((booking.start, booking.time_zone.as_str()), (start.timestamp(), "Europe/Berlin"));
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    let by_value = CreateBooking::new(7, start.timestamp(), "Jo", "jo@example.com").time_zone(&berlin);
    assert_eq!(by_value, booking);
    let query = SlotQuery::new(7, start.timestamp(), start.timestamp());
    assert_eq!(query.clone().time_zone(berlin.clone()), query.time_zone("Europe/Berlin"));
    assert_eq!(CreateSchedule::new("Late", berlin.clone()), CreateSchedule::new("Late", "Europe/Berlin"));
    assert_eq!(NewAttendee::new("Jo", "jo@example.com", berlin).time_zone, "Europe/Berlin");
}

#[tokio::test]
async fn a_zone_without_a_name_is_refused_by_the_field() {
    let server = MockServer::start().await;
    let start: ZonedDateTime = "2030-01-15T10:00+05:45[+05:45]".parse().unwrap();
    let error =
        client(&server).bookings().create(&CreateBooking::at(7, &start, "Jo", "jo@example.com")).await.unwrap_err();
    assert_eq!(error.field_errors()[0].field, "timeZone");
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_before_anything_is_sent_and_named_as_it_was_written() {
    let server = MockServer::start().await;
    let bookings = client(&server).bookings();
    let start: ZonedDateTime = START.parse().unwrap();
    let wanted = CreateBooking::at(7, &start, "Jo", "jo@example").guest("ida@example.com").guest("none");
    let fields = |error: Error| -> Vec<String> {
        assert!(matches!(error, Error::Validation(_)) && error.attempts() == 0, "{error:?}");
        error.field_errors().iter().map(|field| field.field.clone()).collect()
    };
    assert_eq!(fields(bookings.create(&wanted).await.unwrap_err()), ["responses.email", "responses.guests[1]"]);
    let to = RescheduleBooking::to(start.timestamp()).rescheduled_by("me");
    assert_eq!(fields(bookings.reschedule("uid", &to).await.unwrap_err()), ["rescheduledBy"]);
    let attendee = NewAttendee::new("Jo", "jo", "Europe/Atlantis");
    assert_eq!(fields(bookings.add_attendee("uid", &attendee).await.unwrap_err()), ["email", "timeZone"]);
    let guests = bookings.add_guests("uid", &["ida@example.com", "none"]).await;
    assert_eq!(fields(guests.unwrap_err()), ["emails[1]"]);
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_refusal_of_the_service_names_the_fields_of_the_request_as_the_caller_wrote_them() {
    let fields =
        ["attendee.email", "attendee.timeZone", "guests[0]", "bookingFieldsResponses.topic", "lengthInMinutes"];
    let details = fields.map(|field| json!({"field": field, "message": "is wrong"}));
    let body = json!({"status": "error", "error": {"message": "Bad Request", "details": details}});
    let fields = |error: &Error| error.field_errors().iter().map(|it| it.field.clone()).collect::<Vec<_>>();
    let (_server, api) = answering(None, "POST", "/v2/bookings", 400, body).await;
    let start: ZonedDateTime = START.parse().unwrap();
    let wanted = CreateBooking::at(7, &start, "Jo", "jo@example.com");
    let error = api.bookings().create(&wanted).await.unwrap_err();
    assert_eq!(
        fields(&error),
        ["responses.email", "timeZone", "responses.guests[0]", "responses.topic", "lengthInMinutes"]
    );
}

#[tokio::test]
async fn a_list_can_be_of_the_bookings_that_changed_since() {
    let list = recorded_body("bookings-2024-08-13/list-all");
    let (server, api) = answering(None, "GET", "/v2/bookings", 200, list).await;
    let since: jiff::Timestamp = "2026-11-20T00:00:00Z".parse().unwrap();
    api.bookings().list(&BookingFilter::default().updated_after(since)).await.unwrap();
    let query = server.received_requests().await.unwrap()[0].url.query().unwrap_or_default().to_owned();
    assert_eq!(query, "afterUpdatedAt=2026-11-20T00%3A00%3A00Z");
}

#[test]
fn a_text_is_an_api_key() {
    let client = calcom::Client::new("cal_live_planted").unwrap();
    assert!(!format!("{client:?}").contains("planted"));
    assert!(calcom::Client::new("").is_err());
}
