//! Clients and the booking service of a fake, what a test asks for by name, and errors for mocks.

use std::{any::Any, panic::catch_unwind, time::Duration};

use calcom::{
    Contract, Error, ErrorCode,
    model::CreateBooking,
    operation::Method,
    service::{Appointment, Problem},
};
use calcom_fake::{FakeBooking, FakeCalcom, FakeEventType, FakeTeam, FakeUser, MockError};
use serde_json::Value;

const NOW: &str = "2026-11-23T00:00:00Z";

async fn two_users() -> FakeCalcom {
    FakeCalcom::builder()
        .at(NOW.parse().unwrap())
        .user(FakeUser::new("ada"))
        .user(FakeUser::new("bob"))
        .team(FakeTeam::new("sales").owner("ada"))
        .event_type(FakeEventType::new("ada", "intro", 30))
        .event_type(FakeEventType::of_team("sales", "call", 30).round_robin(&["ada"]))
        .start()
        .await
}

#[tokio::test]
async fn a_client_has_the_address_the_key_and_the_service_of_its_fake() {
    let fake = two_users().await;
    let name = async |client: calcom::Client| {
        let me = client.request::<Value>(Method::Get, "/v2/me").await.unwrap();
        me["data"]["username"].as_str().unwrap().to_owned()
    };
    assert_eq!(name(fake.client()).await, "ada");
    assert_eq!(name(fake.client_of("bob")).await, "bob");
    assert_eq!(fake.client().config().contract(), Contract::SelfHosted);
    let hosted = FakeCalcom::builder().contract(Contract::Hosted).start().await;
    assert_eq!(hosted.client().config().contract(), Contract::Hosted);
    assert_eq!(name(hosted.client_builder().no_cache().build().unwrap()).await, "johndoe");
}

#[tokio::test]
async fn the_booking_service_of_a_fake_uses_its_clock() {
    let fake = two_users().await;
    let wanted = |start: &str| {
        let event_type = fake.event_type_id("ada", "intro");
        Appointment::new(CreateBooking::new(event_type, start.parse().unwrap(), "Ida", "ida@example.org"))
    };
    // By the real clock this time has not passed, or has passed long ago; by the fake's it is this morning.
    let service = fake.service();
    assert!(service.book(wanted("2026-11-23T10:00:00Z")).await.is_done());
    fake.clock().advance(Duration::from_secs(24 * 60 * 60));
    let late = service.book(wanted("2026-11-23T11:00:00Z")).await;
    assert_eq!(late.problem(), Some(&Problem::InPast));
    fake.expect_booked(1);
}

/// The message of a panic.
fn message(act: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let panic: Box<dyn Any + Send> = catch_unwind(act).unwrap_err();
    panic.downcast_ref::<String>().cloned().unwrap()
}

#[tokio::test]
async fn asking_for_what_a_fake_does_not_have_says_what_it_has() {
    let fake = std::panic::AssertUnwindSafe(two_users().await);
    for (text, expected) in [
        (message(|| _ = fake.event_type_id("ada", "intor")), "event type `ada/intor`; it has: ada/intro, sales/call"),
        (message(|| _ = fake.user_id("eve")), "user `eve`; it has: ada, bob"),
        (message(|| _ = fake.api_key_of("eve")), "user `eve`; it has: ada, bob"),
        (message(|| _ = fake.client_of("eve")), "user `eve`; it has: ada, bob"),
        (message(|| _ = fake.team_id("sale")), "team `sale`; it has: sales"),
    ] {
        assert_eq!(text, format!("the fake has no {expected}"));
    }
    assert_eq!(fake.user_id("bob"), 2, "and goes on");
    let booking = FakeBooking::new("ada", "intor", NOW.parse().unwrap());
    let builder = FakeCalcom::builder().user(FakeUser::new("ada")).event_type(FakeEventType::new("ada", "intro", 30));
    let starting = tokio::spawn(builder.booking(booking).start()).await.unwrap_err().into_panic();
    let text = starting.downcast_ref::<String>().unwrap();
    assert_eq!(text, "the fake has no event type `ada/intor`; it has: ada/intro");
}

#[test]
fn errors_for_mocks_are_those_of_calls() {
    let wait = Duration::from_secs(7);
    let refused = MockError::status("create_booking", 400).field("start", "is in the past").request_id("req-1").build();
    assert!(matches!(&refused, Error::Validation(details) if details.request_id() == Some("req-1")));
    assert_eq!((refused.field_errors()[0].field.as_str(), refused.operation()), ("start", Some("create_booking")));
    let taken = MockError::status("create_booking", 409).message("booking_conflict_error").attempts(2).build();
    assert_eq!((taken.code(), taken.attempts(), taken.is_retryable()), (&ErrorCode::Conflict, 2, false));
    let limited = MockError::status("list_bookings", 429).retry_after(wait).build();
    assert!(matches!(limited, Error::RateLimit(_)) && limited.retry_after() == Some(wait));

    let open = MockError::circuit_open("get_booking", wait).build();
    assert!(matches!(&open, Error::Unavailable(details) if details.is_circuit_open()));
    assert_eq!((open.retry_after(), open.attempts(), open.is_retryable()), (Some(wait), 0, true));
    let exceeded = MockError::quota_exceeded("get_booking", wait).build();
    assert!(matches!(exceeded, Error::RateLimit(_)) && exceeded.attempts() == 0);
    for (error, applied) in [
        (MockError::timed_out("create_booking").build(), true),
        (MockError::connection_lost("create_booking").build(), true),
        (MockError::not_connected("create_booking").build(), false),
        (MockError::timed_out("get_booking").build(), false),
    ] {
        assert_eq!(error.may_have_been_applied(), applied, "{error}");
    }
    let text = message(|| _ = MockError::status("creat_booking", 400));
    assert!(text.contains("`create_booking`"), "{text}");
}
