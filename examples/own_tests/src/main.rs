//! A function of a program, and its tests: on a fake of the service with its own clock and faults, and on a mock without any
//! service.
//!
//! `cargo run -p own_tests`, `cargo test -p own_tests`

use calcom::{
    Error,
    service::{Appointment, Outcome, Service, SlotPreferences},
};
use calcom_fake::FakeCalcom;
use jiff::tz::TimeZone;

/// Books the first free time of an event type, and says so.
async fn book_first(service: &Service, event_type: i64, name: &str, email: &str) -> Result<String, Error> {
    let berlin = TimeZone::get("Europe/Berlin").unwrap_or(TimeZone::UTC);
    let free = service.next_free(event_type, 1, &SlotPreferences::in_zone(berlin)).await?;
    let Some(slot) = free.first() else { return Ok("There is no free time.".to_owned()) };
    let when = slot.start.strftime("%A, %H:%M").to_string();
    Ok(match service.book(Appointment::new(slot.booking(event_type, name, email))).await {
        Outcome::Done(_) => format!("Booked on {when}."),
        Outcome::NotDone(why) => format!("Not booked: {why}."),
        Outcome::Unknown(_) => "You will get a message.".to_owned(),
    })
}

/// What the program says about an error.
fn apology(error: &Error) -> &'static str {
    match error {
        Error::Unavailable(details) if details.is_circuit_open() => "The calendar is down, please call again later.",
        Error::RateLimit(_) => "One moment, please.",
        error if error.may_have_been_applied() => "It may be booked; I will send you a message.",
        _ => "That did not work.",
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let fake = FakeCalcom::start().await;
    let event_type = fake.event_type_id("johndoe", "30min");
    match book_first(&fake.service(), event_type, "Erika Muster", "erika@example.com").await {
        Ok(said) => println!("{said}"),
        Err(error) => println!("{}", apology(&error)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use calcom_fake::{FakeEventType, FakeSchedule, FakeUser, Fault, MockError, ResetPoint};

    use super::*;

    /// A practice that is open on Mondays; today is a Saturday.
    async fn practice() -> FakeCalcom {
        let hours = FakeSchedule::empty("mondays").time_zone("Europe/Berlin").hours(&[1], "09:00", "10:00");
        FakeCalcom::builder()
            .at("2026-11-21T12:00:00Z".parse().unwrap())
            .user(FakeUser::new("ada").time_zone("Europe/Berlin").schedule(hours))
            .event_type(FakeEventType::new("ada", "visit", 60))
            .start()
            .await
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_free_time_is_booked_and_then_the_next() {
        let fake = practice().await;
        let event_type = fake.event_type_id("ada", "visit");
        let book = async |email| book_first(&fake.service(), event_type, "Erika", email).await.unwrap();
        assert_eq!(book("erika@example.com").await, "Booked on Monday, 09:00.");
        assert_eq!(book("max@example.com").await, "Booked on Monday, 09:00.");
        fake.expect_booked(2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_booking_whose_response_is_lost_is_reported_as_booked() {
        let fake = practice().await;
        fake.fault(Fault::reset(ResetPoint::AfterEffect).on("create_booking"));
        let event_type = fake.event_type_id("ada", "visit");
        let said = book_first(&fake.service(), event_type, "Erika", "erika@example.com").await.unwrap();
        assert_eq!(said, "Booked on Monday, 09:00.");
        fake.expect_booked(1);
        fake.expect_all_faults_injected();
    }

    #[test]
    fn each_error_has_its_own_text_for_the_attendee() {
        let wait = Duration::from_secs(30);
        let open = MockError::circuit_open("list_slots", wait).build();
        assert_eq!(apology(&open), "The calendar is down, please call again later.");
        assert_eq!(apology(&MockError::status("list_slots", 429).build()), "One moment, please.");
        assert_eq!(
            apology(&MockError::timed_out("create_booking").build()),
            "It may be booked; I will send you a message."
        );
        assert_eq!(apology(&MockError::status("create_booking", 400).build()), "That did not work.");
    }
}
