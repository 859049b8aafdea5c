//! Reads the user, the event types and the free slots, books the first slot, reschedules the booking, and cancels it.
//!
//! By default it runs on an embedded fake of the service. With `CALCOM_API_KEY` (and `CALCOM_API_URL` for another server) it
//! runs on the service, and asks before it books.

use std::io::{BufRead, Write, stdin, stdout};

use calcom::{
    Client, Result,
    facade::EventTypeFilter,
    model::{CancelBooking, CreateBooking, EventType, RescheduleBooking, Slot, SlotQuery},
};
use calcom_fake::FakeCalcom;
use jiff::{Timestamp, ToSpan, tz::TimeZone};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    if std::env::var_os("CALCOM_API_KEY").is_none() {
        let fake = FakeCalcom::start().await;
        println!("CALCOM_API_KEY is not set: using an embedded fake of the service.\n");
        book(&fake.client(), |_| true).await
    } else {
        book(&Client::from_env()?, asks).await
    }
}

async fn book(client: &Client, may_book: impl Fn(&str) -> bool) -> Result<()> {
    let me = client.me().get().await?;
    println!("I am {}, in {}.", me.username.as_deref().unwrap_or("nobody"), me.time_zone);

    let event_types = client.event_types().list(&EventTypeFilter::default()).await?;
    for event_type in &event_types {
        println!("  {:>4}  {:<24} {} min", event_type.id, event_type.title, event_type.length);
    }
    let Some(event_type) = event_types.iter().find(|event_type| !event_type.hidden()) else {
        println!("There is nothing to book.");
        return Ok(());
    };

    let free = free_slots(client, event_type, &me.time_zone).await?;
    let [first, .., last] = free.as_slice() else {
        println!("{} has no two free slots in the next two weeks.", event_type.title);
        return Ok(());
    };
    let zone = TimeZone::get(&me.time_zone).unwrap_or(TimeZone::UTC);
    let local = |time: Timestamp| time.to_zoned_datetime(zone.clone()).strftime("%A, %d %B %Y, %H:%M").to_string();
    println!("{} free slots of {}, the first on {}.", free.len(), event_type.title, local(first.time));
    if !may_book(&local(first.time)) {
        println!("Nothing was booked.");
        return Ok(());
    }

    let wanted = CreateBooking::new(event_type.id, first.time, "Erika Muster", "erika@example.com")
        .time_zone(&*me.time_zone)
        .notes("Booked by an example")
        .metadata("source", "book_appointment");
    let booked = match client.bookings().create(&wanted).await {
        Ok(booked) => booked,
        Err(error) if error.may_have_been_applied() => {
            println!("Not known whether it is booked: look it up before trying again.");
            return Err(error);
        }
        Err(error) => return Err(error),
    };
    println!("Booked   {}, {}.", local(booked.start_time), booked.status);

    let read = client.bookings().get(&booked.uid).await?;
    println!("Read     {}, {}.", local(read.start_time), read.status);

    let to = RescheduleBooking::to(last.time).reason("Showing how to move one");
    let moved = client.bookings().reschedule(&booked.uid, &to).await?;
    println!("Moved    to {}, with a new uid: {}.", local(moved.start_time), moved.uid != booked.uid);

    let done = client.bookings().cancel(&moved.uid, &CancelBooking::with_reason("The example is over")).await?;
    println!("{}: {}.", done.message, done.bookings.first().map_or("?", |booking| booking.status.as_str()));
    Ok(())
}

async fn free_slots(client: &Client, event_type: &EventType, zone: &str) -> Result<Vec<Slot>> {
    let now = Timestamp::now();
    let query = SlotQuery::new(event_type.id, now, now + (14 * 24).hours()).time_zone(zone);
    Ok(client.slots().list(&query).await?.iter().cloned().collect())
}

fn asks(when: &str) -> bool {
    print!("Book {when} on the service itself, move it, and cancel it? [y/N] ");
    let mut answer = String::new();
    stdout().flush().is_ok() && stdin().lock().read_line(&mut answer).is_ok() && answer.trim().eq_ignore_ascii_case("y")
}
