//! A server that updates an appointment book in SQLite by webhooks, and a fake Cal.com that sends them over a real socket.
//!
//! `cargo run -p webhook_server`

mod book;

use book::{App, AppointmentBook, server};
use calcom::{
    model::{CancelBooking, CreateBooking, RescheduleBooking, Trigger},
    webhook::Verifier,
};
use calcom_fake::FakeCalcom;
use jiff::SignedDuration;

const SECRET: &str = "a secret of one's own";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A program of your own opens a file: `AppointmentBook::open("appointments.sqlite")`.
    let book = AppointmentBook::open(":memory:")?;
    let verifier = Verifier::new(SECRET)?.with_replay_store(book.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/hook", listener.local_addr()?);
    let app = server(App { verifier, book: book.clone() });
    tokio::spawn(async move { axum::serve(listener, app).await });

    let fake = FakeCalcom::start().await;
    let client = fake.client();
    let triggers = [
        Trigger::BookingCreated,
        Trigger::BookingRequested,
        Trigger::BookingRescheduled,
        Trigger::BookingCancelled,
        Trigger::BookingRejected,
        Trigger::MeetingEnded,
    ];
    let webhook = client.webhooks().ensure(&url, &triggers, SECRET).await?;
    println!("webhook {} tells {url}", webhook.id);

    let start = fake.clock().now().round(jiff::Unit::Hour)? + SignedDuration::from_hours(7 * 24);
    let start = next_weekday_at_ten(start)?;
    let event_type = fake.event_type_id("johndoe", "30min");
    let wanted = CreateBooking::new(event_type, start, "Erika Muster", "erika@example.com");
    let first = client.bookings().create(&wanted).await?;
    let to = RescheduleBooking::to(start + SignedDuration::from_hours(1));
    let moved = client.bookings().reschedule(&first.uid, &to).await?;
    let second = client.bookings().create(&wanted).await?;
    client.bookings().cancel(&second.uid, &CancelBooking::with_reason("ill")).await?;

    fake.wait_for_webhooks().await;
    for delivery in fake.deliveries() {
        println!("{delivery:?}");
    }
    let appointments = book.appointments()?;
    for appointment in &appointments {
        let start = appointment.start.map(|start| start.to_string()).unwrap_or_default();
        match &appointment.moved_to {
            Some(to) => println!("{}: {start}, moved to {to}", appointment.uid),
            None => println!("{}: {start}, {}", appointment.uid, appointment.status),
        }
    }
    assert_eq!(appointments.len(), 3);
    assert!(appointments.iter().any(|appointment| moved.uid == appointment.uid && appointment.moved_to.is_none()));
    Ok(())
}

/// 10:00 UTC on this date, or on the next Monday if it is on a weekend.
fn next_weekday_at_ten(day: jiff::Timestamp) -> Result<jiff::Timestamp, jiff::Error> {
    let mut day = day.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    while matches!(day.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday) {
        day = day.tomorrow()?;
    }
    Ok(day.at(10, 0, 0, 0).to_zoned_datetime(jiff::tz::TimeZone::UTC)?.timestamp())
}
