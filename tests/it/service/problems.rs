//! What the service's refusals mean to a caller, from the answers as they were recorded.

use std::time::Duration;

use calcom::{
    model::BookingUid,
    service::{Appointment, Outcome, Problem, Service},
};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path, path_regex},
};

use super::{TUESDAY, wanted};
use crate::support::{client, recorded_body, recording};

/// A service that answers to this request with what was recorded, has no bookings, and shows its event types to no caller.
async fn refusing(verb: &str, pattern: &str, name: &str) -> (MockServer, Service) {
    let server = MockServer::start().await;
    let recorded = recording(name);
    let status = u16::try_from(recorded["response"]["status"].as_u64().unwrap()).unwrap();
    assert!(status >= 400, "{name}");
    let answer = ResponseTemplate::new(status).set_body_json(&recorded["response"]["body"]);
    Mock::given(method(verb)).and(path_regex(pattern)).respond_with(answer).mount(&server).await;
    let none = ResponseTemplate::new(200).set_body_json(recorded_body("bookings-2024-08-13/list-attendee-email-none"));
    Mock::given(method("GET")).and(path("/v2/bookings")).respond_with(none).mount(&server).await;
    let plain = ResponseTemplate::new(200).set_body_json(recorded_body("event-types/get-2024-06-14-plain"));
    Mock::given(method("GET")).and(path_regex("^/v2/event-types/")).respond_with(plain).mount(&server).await;
    let service = Service::new(client(&server)).with_deadline(Duration::from_secs(30));
    (server, service)
}

async fn booking_meets(name: &str) -> Problem {
    let (server, service) = refusing("POST", "^/v2/bookings$", name).await;
    let Outcome::NotDone(why) = service.book(Appointment::new(wanted(1, TUESDAY)).unchecked()).await else {
        panic!("{name}")
    };
    let sent = server.received_requests().await.unwrap();
    assert_eq!(sent.iter().filter(|request| request.method.as_str() == "POST").count(), 1, "{name}: sent again");
    assert!(why.error.is_some(), "{name}: the refusal itself is lost");
    why.problem().clone()
}

fn field(problem: &Problem) -> Option<&str> {
    match problem {
        Problem::InvalidField { field, .. } => Some(field),
        _ => None,
    }
}

#[tokio::test]
async fn a_refused_booking_says_why() {
    for (name, problem) in [
        ("bookings-2024-08-13/create-concurrent-1", Problem::SlotTaken),
        ("bookings-2024-08-13/error-outside-hours", Problem::NotAvailable),
        ("bookings-2024-08-13/create-seated-full", Problem::SeatsFull),
        ("once-concurrent/seated-lag100-2", Problem::AlreadyBooked),
        ("bookings-2024-08-13/error-past", Problem::InPast),
        (
            "bookings-2024-08-13/create-custom-fields-missing-required",
            Problem::MissingField { slug: "topic".to_owned() },
        ),
        ("bookings-2024-08-13/create-phone-only-attendee", Problem::MissingField { slug: "email".to_owned() }),
    ] {
        assert_eq!(booking_meets(name).await, problem, "{name}");
    }
}

#[tokio::test]
async fn a_refused_booking_names_the_field() {
    for (name, at) in [
        ("bookings-2024-08-13/create-length-on-fixed", "lengthInMinutes"),
        ("bookings-2024-08-13/create-variable-20-bad", "lengthInMinutes"),
        ("bookings-2024-08-13/create-recurring-count-too-big", "recurrenceCount"),
        ("bookings-2024-08-13/error-bad-timezone", "timeZone"),
        ("bookings-2024-08-13/create-bad-language", "language"),
        ("once-repeat/plain-allowConflicts-again", "allowConflicts"),
    ] {
        let met = booking_meets(name).await;
        assert_eq!(field(&met), Some(at), "{name}: {met:?}");
    }
}

#[tokio::test]
async fn a_reserved_time_and_a_refused_change_say_why() {
    let (_server, service) =
        refusing("POST", "^/v2/slots/reservations$", "slots/reservation-create-same-slot-again").await;
    let held = service.reserve(1, TUESDAY.parse().unwrap(), None, None).await;
    assert_eq!(held.problem(), Some(&Problem::Reserved));

    let (_server, service) = refusing("GET", "^/v2/bookings/", "bookings-2024-08-13/get-unknown").await;
    let outcome = service.confirm(BookingUid::from("nowhere")).await;
    assert_eq!(outcome.problem(), Some(&Problem::NoSuchBooking));
}
