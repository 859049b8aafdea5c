//! What a program does about each kind of error, and about a booking whose outcome is not known.

use std::time::Duration;

use calcom::{
    Client, Error,
    model::CreateBooking,
    service::{Appointment, Outcome},
};
use calcom_fake::{FakeCalcom, FakeRateLimit, Fault, ResetPoint};

/// What to do after a call that failed.
fn advice(error: &Error) -> String {
    match error {
        Error::Authentication(_) => "check the API key".to_owned(),
        Error::Permission(_) => "the key may not do this".to_owned(),
        Error::NotFound(_) => "it does not exist".to_owned(),
        Error::Validation(details) => {
            let fields = details.field_errors().iter().map(ToString::to_string);
            format!("correct {}", fields.collect::<Vec<_>>().join(", "))
        }
        Error::Conflict(_) => "offer another time".to_owned(),
        Error::RateLimit(details) => format!("send nothing for {:?}", details.retry_after()),
        Error::Unavailable(details) if details.is_circuit_open() => {
            format!("nothing was sent; the circuit is open for {:?}", details.retry_after())
        }
        error if error.may_have_been_applied() => "look it up before another try".to_owned(),
        error if error.is_retryable() => "try again later".to_owned(),
        error => format!("give the support the request id {:?}", error.request_id()),
    }
}

async fn show(what: &str, call: impl Future<Output = Result<(), Error>>) {
    match call.await {
        Ok(()) => println!("{what}: it worked"),
        Err(error) => println!("{what}: {error}\n  -> {}", advice(&error)),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let fake = FakeCalcom::builder().at("2026-11-23T00:00:00Z".parse()?).start().await;
    let client = fake.client_builder().no_cache().build()?;
    let event_type = fake.event_type_id("johndoe", "30min");
    let at = |time: &str| {
        Ok::<_, Error>(CreateBooking::new(event_type, time.parse().unwrap_or_default(), "Erika", "erika@example.com"))
    };
    let create = async |client: &Client, wanted: CreateBooking| client.bookings().create(&wanted).await.map(drop);

    let stranger = client.with_credentials("cal_live_unknown")?;
    show("a wrong key", async { stranger.me().get().await.map(drop) }).await;
    show("an unknown uid", async { client.bookings().get("unknown").await.map(drop) }).await;
    let wrong = at("2026-11-23T10:00:00Z")?.time_zone("Europe/Atlantis").guest("nobody");
    show("a wrong input", create(&client, wrong)).await;
    show("a booking", create(&client, at("2026-11-23T10:00:00Z")?)).await;
    show("the same time again", create(&client, at("2026-11-23T10:00:00Z")?)).await;

    fake.fault(Fault::reset(ResetPoint::AfterEffect).on("create_booking"));
    show("a lost response", create(&client, at("2026-11-23T11:00:00Z")?)).await;

    // The booking service finds out what a lost response means.
    fake.fault(Fault::reset(ResetPoint::AfterEffect).on("create_booking"));
    match fake.service().book(Appointment::new(at("2026-11-23T12:00:00Z")?)).await {
        Outcome::Done(booked) => println!("a lost response, with the service: booked, found: {}", booked.found),
        Outcome::NotDone(why) => println!("not booked: {why}"),
        Outcome::Unknown(_) => println!("not known yet: reconcile later"),
    }
    let booked = fake.service().book(Appointment::new(at("2026-11-23T12:00:00Z")?)).await.into_result();
    println!("as one error: {}", booked.expect_err("the time is taken"));

    fake.set_rate_limits(vec![FakeRateLimit::new("default", 1, Duration::from_secs(60))]);
    let impatient = client.with_credentials(fake.api_key().as_str())?.wait_for_quota(false);
    show("a quota that the service calls exhausted", async { impatient.me().get().await.map(drop) }).await;
    show("the same, known from before", async { impatient.me().get().await.map(drop) }).await;
    Ok(())
}
