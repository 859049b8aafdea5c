//! An import of appointments that is interrupted and started again. Each appointment is booked once in spite of network
//! faults; a bar shows the progress.
//!
//! By default it runs on an embedded fake of the service, and interrupts itself once. With `CALCOM_API_KEY` (and
//! `CALCOM_API_URL` for another server) it books three appointments on the service after a confirmation, and cancels them.

use std::{
    error::Error,
    io::{BufRead, IsTerminal, Write, stderr, stdin, stdout},
    time::Duration,
};

use calcom::{
    ApiKey, Client, Config,
    facade::EventTypeFilter,
    model::{CancelBooking, CreateBooking, EventTypeId},
    service::{Appointment, BatchProgress, FreeSlot, Outcome, Service, Settings, SlotPreferences, SlotTarget},
};
use calcom_fake::{
    Change, FakeBuilder, FakeCalcom, FakeEventType, FakeSchedule, FakeUser, Fault, FaultProxy, Latency, ResetPoint,
};
use jiff::tz::TimeZone;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    if std::env::var_os("CALCOM_API_KEY").is_none() {
        println!("CALCOM_API_KEY is not set: using an embedded fake of the service, behind a bad network.\n");
        return on_the_fake().await;
    }
    let client = Client::from_env()?;
    let event_types = client.event_types().list(&EventTypeFilter::default()).await?;
    let Some(event_type) = event_types.iter().find(|event_type| !event_type.hidden()) else {
        println!("There is nothing to book.");
        return Ok(());
    };
    on_the_service(&Service::new(client), event_type.id).await
}

async fn on_the_fake() -> Result<(), Box<dyn Error>> {
    const NUMBER: usize = 40;
    let fake = fake().await;
    let network = bad_network(&fake).await;
    let mut config = Config::default();
    config.api_url = network.url();
    // The limiter keeps the rate limit of the service. This fake allows more requests.
    config.rate_limit.per_minute = Some(6000);
    let client = Client::builder().config(config).credentials(ApiKey::new(fake.api_key())).build()?;
    let mut settings = Settings::default();
    // The time for which the service watches for duplicates. Use a minute for real appointments.
    settings.watch_duration = Duration::from_secs(5);
    let service = Service::with_settings(client, settings);
    let id = fake.event_type_id("johndoe", "vaccination").into();
    let list = import(id, &free(&service, id, NUMBER).await?);

    println!("First run:");
    let mut batch = service.book_each(list.clone()).concurrency(6).on_progress(bar(NUMBER));
    for _ in 0..NUMBER / 3 {
        let _ = batch.next().await;
    }
    // This interrupts the import as a crash would: some appointments are booked, and some requests are in flight.
    drop(batch);
    println!("\nBroken off. Second run, with the same list:");
    let progress = service.book_each(list).concurrency(6).after_crash().on_progress(bar(NUMBER)).run().await;
    println!("\n{progress}, {} of them found.", progress.found);
    service.idle().await;

    let ledger = fake.ledger();
    let booked = ledger.changes().filter(|change| matches!(change, Change::Booked { .. })).count();
    println!("The fake has booked {booked}; the answers to {} requests were lost.", ledger.unconfirmed().count());
    Ok(())
}

async fn on_the_service(service: &Service, id: EventTypeId) -> Result<(), Box<dyn Error>> {
    let list = import(id, &free(service, id, 3).await?);
    if list.is_empty() || !asks(list.len()) {
        println!("Nothing was booked.");
        return Ok(());
    }
    let number = list.len();
    let mut batch = service.book_each(list).on_progress(bar(number));
    let mut booked = Vec::new();
    while let Some((key, outcome)) = batch.next().await {
        match outcome {
            Outcome::Done(done) => booked.push(done.booking.uid),
            Outcome::NotDone(why) => println!("\n{key}: not booked: {why}"),
            Outcome::Unknown(_) => println!("\n{key}: unknown; to be settled with `Service::reconcile`"),
        }
    }
    println!();
    for uid in booked {
        let outcome = service.cancel(uid, &CancelBooking::with_reason("The example is over")).await;
        println!("{}", if outcome.is_done() { "cancelled" } else { "not cancelled" });
    }
    service.idle().await;
    Ok(())
}

/// The appointments. Their keys come from the imported list, so that the next run has the same ones.
fn import(event_type: EventTypeId, times: &[FreeSlot]) -> Vec<Appointment> {
    let appointment = |(row, slot): (usize, &FreeSlot)| {
        let person = format!("patient.{row}@example.com");
        let booking = CreateBooking::new(event_type, slot.start.timestamp(), format!("Patient {row}"), person)
            .time_zone("Europe/Berlin")
            .metadata("source", "batch_import");
        Appointment::new(booking).key(format!("import-of-{}-row-{row}", slot.start.date()))
    };
    times.iter().enumerate().map(appointment).collect()
}

async fn free(service: &Service, event_type: EventTypeId, number: usize) -> calcom::Result<Vec<FreeSlot>> {
    let wishes = SlotPreferences::in_zone(TimeZone::get("Europe/Berlin").unwrap_or(TimeZone::UTC)).max_weeks(4);
    service.next_free(SlotTarget::event_type(event_type), number, &wishes).await
}

/// A progress bar on a terminal; otherwise a line for every ten appointments.
fn bar(all: usize) -> impl Fn(&BatchProgress) + Send + Sync + 'static {
    const WIDTH: usize = 30;
    let terminal = stderr().is_terminal();
    move |progress| {
        let ended = usize::try_from(progress.finished()).unwrap_or(all);
        let full = WIDTH * ended / all.max(1);
        let line = format!("[{}{}] {progress}", "#".repeat(full), ".".repeat(WIDTH.saturating_sub(full)));
        if terminal {
            eprint!("\r{line}");
        } else if ended.is_multiple_of(10) || ended == all {
            eprintln!("{line}");
        }
    }
}

fn asks(number: usize) -> bool {
    print!("Book {number} appointments on the service itself, and cancel them? [y/N] ");
    let mut answer = String::new();
    stdout().flush().is_ok() && stdin().lock().read_line(&mut answer).is_ok() && answer.trim().eq_ignore_ascii_case("y")
}

/// A fake whose host is available every day. Its event type needs confirmation, so that overlapping requests create
/// duplicates.
async fn fake() -> FakeCalcom {
    let hours =
        FakeSchedule::empty("every day").time_zone("Europe/Berlin").hours(&[0, 1, 2, 3, 4, 5, 6], "09:00", "18:00");
    FakeBuilder::default()
        .user(FakeUser::new("johndoe").time_zone("Europe/Berlin").schedule(hours))
        .event_type(FakeEventType::new("johndoe", "vaccination", 15).title("Vaccination").requires_confirmation())
        .latency(Latency::recorded())
        .rate_limits(Vec::new())
        .start()
        .await
}

/// A proxy with faults: some responses are lost after the booking is made, some requests are lost, and some get the page of
/// a gateway.
async fn bad_network(fake: &FakeCalcom) -> FaultProxy {
    let network = FaultProxy::for_fake(fake).await;
    network.fault(Fault::reset(ResetPoint::AfterEffect).on("create_booking").chance(0.1, 1));
    network.fault(Fault::reset(ResetPoint::MidRequest).on("create_booking").chance(0.05, 2));
    network.fault(Fault::html(502).on("create_booking").chance(0.1, 3));
    network.fault(Fault::status(503).on("list_bookings").chance(0.1, 4));
    network.fault(Fault::delay(Duration::from_millis(300)).on("list_bookings").chance(0.2, 5));
    network
}
