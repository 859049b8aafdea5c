//! A phone agent: offers three free times tomorrow afternoon in Berlin, reserves one while the booker decides, and books it
//! within ten seconds in spite of network faults.
//!
//! By default it runs on an embedded fake of the service with lost requests and responses. With `CALCOM_API_KEY` (and
//! `CALCOM_API_URL` for another server) it runs on the service, and asks before it books.

use std::{
    error::Error,
    io::{BufRead, Write, stdin, stdout},
    time::{Duration, Instant},
};

use calcom::{
    ApiKey, Client,
    facade::EventTypeFilter,
    model::{CancelBooking, CreateBooking, EventTypeId},
    service::{Appointment, FreeSlot, Outcome, Service, SlotPreferences, SlotTarget},
};
use calcom_fake::{
    FakeBuilder, FakeCalcom, FakeEventType, FakeSchedule, FakeUser, Fault, FaultProxy, Latency, ResetPoint,
};
use jiff::{ToSpan, ZonedDateTime, civil::time, tz::TimeZone};

/// Time limit of the booking during the call.
const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    if std::env::var_os("CALCOM_API_KEY").is_none() {
        println!("CALCOM_API_KEY is not set: using an embedded fake of the service, behind a bad network.\n");
        let fake = fake().await;
        let network = bad_network(&fake).await;
        let client = Client::builder().credentials(ApiKey::new(fake.api_key())).api_url(network.url()).build()?;
        call(&Service::new(client), fake.event_type_id("johndoe", "consultation"), |_| true).await?;
        println!("\nWhat the fake has really done:\n{}", fake.ledger());
        return Ok(());
    }
    let client = Client::from_env()?;
    let event_types = client.event_types().list(&EventTypeFilter::default()).await?;
    let Some(event_type) = event_types.iter().find(|event_type| !event_type.hidden()) else {
        println!("There is nothing to book.");
        return Ok(());
    };
    println!("To be booked: {}, {} minutes.", event_type.title, event_type.length);
    call(&Service::new(client), event_type.id, asks).await
}

async fn call(
    service: &Service,
    event_type: impl Into<EventTypeId>,
    may_book: impl Fn(&str) -> bool,
) -> Result<(), Box<dyn Error>> {
    let event_type = event_type.into();
    let berlin = TimeZone::get("Europe/Berlin")?;
    let free = three_times(service, event_type, &berlin).await?;
    let Some(wish) = free.first() else {
        println!("There is nothing free in the afternoons of the next weeks.");
        return Ok(());
    };
    for slot in &free {
        println!("  free: {}", spoken(&slot.start));
    }

    // While the booker decides, the slot is not offered to others. The reservation does not prevent a booking.
    let reservation = match service.reserve(event_type, wish.start.timestamp(), None, Some(5)).await {
        Outcome::Done(guard) => {
            println!("Reserved until {}.", guard.until().to_zoned_datetime(berlin.clone()).strftime("%H:%M"));
            Some(guard)
        }
        // The booking does not depend on the reservation.
        not_reserved => {
            println!("Not reserved: {not_reserved:?}");
            None
        }
    };
    if !may_book(&spoken(&wish.start)) {
        println!("Nothing was booked.");
        drop(reservation);
        // A background task releases the reservation.
        service.idle().await;
        return Ok(());
    }

    let wanted = CreateBooking::new(event_type, wish.start.timestamp(), "Erika Muster", "erika@example.com")
        .time_zone("Europe/Berlin")
        .language("de")
        .metadata("source", "phone_agent");
    // If the outcome is not known in time, the service continues in the background.
    let appointment = Appointment::new(wanted).deadline(PATIENCE).continue_in_background().suggest(3);
    let began = Instant::now();
    let outcome = service.book(appointment).await;
    println!("After {:.1?}:", began.elapsed());
    let booked = match outcome {
        Outcome::Done(booked) => Some(booked),
        Outcome::NotDone(why) => {
            println!("  not booked: {why}.");
            for slot in &why.next_free {
                println!("  free instead: {}", spoken(&slot.start));
            }
            None
        }
        Outcome::Unknown(mut unknown) => {
            println!("  \"I cannot say yet, you will get a message.\"");
            match unknown.pending() {
                Some(later) => later.await.done(),
                None => None,
            }
        }
    };
    if let Some(guard) = reservation {
        guard.release().await?;
    }
    let Some(booked) = booked else { return Ok(()) };
    let how = if booked.found { "found, its answer was lost" } else { "as the answer says" };
    println!("  booked for {} ({how}).", spoken(&booked.booking.start_time.to_zoned_datetime(berlin)));

    if let Outcome::Done(done) =
        service.cancel(&booked.booking.uid, &CancelBooking::with_reason("The example is over")).await
    {
        println!("Cancelled again: {} booking(s).", done.bookings.len());
    }
    service.idle().await;
    Ok(())
}

/// Three times tomorrow afternoon, an hour apart. If tomorrow has none, those of the next afternoons.
async fn three_times(
    service: &Service,
    event_type: EventTypeId,
    zone: &TimeZone,
) -> Result<Vec<FreeSlot>, Box<dyn Error>> {
    let tomorrow = ZonedDateTime::now().with_time_zone(zone.clone()).tomorrow()?;
    let afternoons = SlotPreferences::in_zone(zone.clone())
        .after(tomorrow.start_of_day()?.timestamp())
        .between_times(time(13, 0, 0, 0), time(18, 0, 0, 0))
        .min_gap(Duration::from_secs(3600))
        .max_weeks(2);
    let free = service.next_free(SlotTarget::event_type(event_type), 3, &afternoons).await?;
    let end = tomorrow.checked_add(1.day())?.start_of_day()?;
    if free.iter().any(|slot| slot.start >= end) {
        println!("Tomorrow afternoon is not enough for three; going on from there.");
    }
    Ok(free)
}

fn spoken(at: &ZonedDateTime) -> String {
    at.strftime("%A, %d %B, %H:%M").to_string()
}

fn asks(when: &str) -> bool {
    print!("Book {when} on the service itself, and cancel it? [y/N] ");
    let mut answer = String::new();
    stdout().flush().is_ok() && stdin().lock().read_line(&mut answer).is_ok() && answer.trim().eq_ignore_ascii_case("y")
}

/// A fake whose host is available every day, with the latency of the service.
async fn fake() -> FakeCalcom {
    let hours =
        FakeSchedule::empty("every day").time_zone("Europe/Berlin").hours(&[0, 1, 2, 3, 4, 5, 6], "09:00", "18:00");
    FakeBuilder::default()
        .user(FakeUser::new("johndoe").time_zone("Europe/Berlin").schedule(hours))
        .event_type(FakeEventType::new("johndoe", "consultation", 30).title("Consultation"))
        .latency(Latency::recorded())
        .start()
        .await
}

/// A proxy with faults: the first request for slots fails, the response to the booking is lost, and the first lookup gets
/// the page of a gateway.
async fn bad_network(fake: &FakeCalcom) -> FaultProxy {
    let network = FaultProxy::for_fake(fake).await;
    network.fault(Fault::status(503).on("list_slots"));
    network.fault(Fault::reset(ResetPoint::InFlight).on("create_booking"));
    network.fault(Fault::html(502).on("list_bookings"));
    network.fault(Fault::reset(ResetPoint::AfterEffect).on("cancel_booking"));
    network
}
