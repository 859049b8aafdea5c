//! A program without `async`: books an appointment once although its response is lost, lists bookings page after page, and
//! cancels.
//!
//! It runs on an embedded fake of the service. With `CALCOM_API_KEY` (and `CALCOM_API_URL` for another server) it only lists the
//! bookings of the service.

use std::error::Error;

use calcom::{
    ApiKey,
    blocking::{Client, Service},
    facade::BookingFilter,
    model::{CancelBooking, CreateBooking},
    service::{Appointment, Outcome, SlotPreferences},
};
use calcom_fake::{FakeCalcom, Fault, ResetPoint};
use jiff::tz::TimeZone;

fn main() -> Result<(), Box<dyn Error>> {
    if std::env::var_os("CALCOM_API_KEY").is_some() {
        return list(&Client::from_env()?);
    }
    println!("CALCOM_API_KEY is not set: using an embedded fake of the service.\n");
    // The fake is a server, and needs a runtime; the program itself has none.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let fake = runtime.block_on(FakeCalcom::start());
    fake.fault(Fault::reset(ResetPoint::AfterEffect).on("create_booking"));

    let settings = calcom::Client::builder().credentials(ApiKey::new(fake.api_key())).api_url(fake.url());
    let client = Client::build(settings)?;
    book_and_cancel(&client, fake.event_type_id("johndoe", "30min"))?;
    list(&client)?;
    fake.expect_booked(1);
    println!("\nWhat the fake has really done:\n{}", fake.ledger());
    Ok(())
}

fn book_and_cancel(client: &Client, event_type: i64) -> Result<(), Box<dyn Error>> {
    let service = Service::new(client);
    let free = service.next_free(event_type, 1, &SlotPreferences::in_zone(TimeZone::get("Europe/Berlin")?))?;
    let Some(slot) = free.first() else {
        println!("There is nothing free.");
        return Ok(());
    };
    let wanted = CreateBooking::new(event_type, slot.start.timestamp(), "Erika Muster", "erika@example.com")
        .time_zone("Europe/Berlin");
    match service.book(Appointment::new(wanted).key("order-4711")) {
        Outcome::Done(booked) => {
            println!("Booked for {}, found after a lost response: {}.", slot.start, booked.found);
            let cancelled = service.cancel(&booked.booking.uid, &CancelBooking::with_reason("The example is over"));
            println!("Cancelled: {}.", cancelled.is_done());
        }
        Outcome::NotDone(why) => println!("Not booked: {why}."),
        Outcome::Unknown(unknown) => println!("Not known yet: keep the ticket {:?}.", unknown.ticket),
    }
    // Before the process ends: watches for doubles come to an end.
    service.idle()?;
    Ok(())
}

fn list(client: &Client) -> Result<(), Box<dyn Error>> {
    for booking in client.bookings().stream(&BookingFilter::default()).take(100) {
        let booking = booking?;
        println!("{} {:?} {}", booking.start_time, booking.status, booking.uid);
    }
    Ok(())
}
