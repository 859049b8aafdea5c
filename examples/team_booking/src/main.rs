//! Books appointments with a team: the service picks one of three doctors (round robin), of whom one is out of office. A booking
//! is then given to another doctor, and the bookings of the team are listed.
//!
//! It runs on an embedded fake of the service, and ends by itself.

use std::{error::Error, time::Duration};

use calcom::{
    Client,
    facade::{BookingFilter, TeamEventTypeFilter},
    model::{CreateBooking, SlotQuery, TeamId},
    service::{Appointment, BookingScope, Outcome, Service, Settings},
};
use calcom_fake::{FakeCalcom, FakeEventType, FakeTeam, FakeUser};
use jiff::{Timestamp, civil::date};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let now: Timestamp = "2026-11-23T07:00:00Z".parse()?;
    let absent = date(2026, 11, 24);
    let fake = FakeCalcom::builder()
        .at(now)
        .user(FakeUser::new("ada"))
        .user(FakeUser::new("bob").out_of_office(absent, absent))
        .user(FakeUser::new("cem"))
        .team(FakeTeam::new("clinic").owner("ada").member("bob").member("cem"))
        .event_type(FakeEventType::of_team("clinic", "check-up", 30).round_robin(&["ada", "bob", "cem"]))
        .start()
        .await;
    let client =
        Client::builder().credentials(calcom::ApiKey::new(fake.api_key_of("ada"))).api_url(fake.url()).build()?;
    let team = client.team(TeamId(fake.team_id("clinic")));

    let event_types = team.event_types().list(&TeamEventTypeFilter::default()).await?;
    let check_up = event_types.first().ok_or("the team has no event type")?;
    println!("{}: {} min", check_up.title, check_up.length);

    // The team's list proves to its owner what was booked and what was not.
    let clock = fake.clock();
    let settings = Settings::default()
        .scope(BookingScope::Team(team.id()))
        .now(move || clock.now())
        // A program that runs on would keep the default of 60 s: a request may be executed late.
        .watch_duration(Duration::from_secs(4));
    let service = Service::with_settings(client.clone(), settings);
    let day = SlotQuery::new(
        check_up.id,
        "2026-11-24T00:00:00Z".parse::<Timestamp>()?,
        "2026-11-24T23:59:59Z".parse::<Timestamp>()?,
    );
    let slots = client.slots().list(&day).await?;
    let slot = slots.first().ok_or("nothing is free")?;
    println!("{} free slots, the first at {}", slots.iter().count(), slot.time);

    let mut booked = Vec::new();
    for (key, patient) in [("order-1", "Erika"), ("order-2", "Max"), ("order-3", "Ida")] {
        let wanted =
            CreateBooking::new(check_up.id, slot.time, patient, format!("{}@example.org", patient.to_lowercase()));
        match service.book(Appointment::new(wanted).key(key)).await {
            Outcome::Done(done) => {
                let host = done.booking.user.as_ref().and_then(|host| host.name.clone()).unwrap_or_default();
                println!("{patient}: with {host}");
                booked.push(done.booking);
            }
            Outcome::NotDone(not_done) => println!("{patient}: not booked, {}", not_done.problem()),
            Outcome::Unknown(_) => println!("{patient}: not known"),
        }
    }

    // Two of three doctors are there. One booking moves to another hour, where both are free, and then to the other doctor.
    let first = booked.first().ok_or("nothing was booked")?;
    let later = slots.iter().last().ok_or("nothing is free")?;
    let moved = service.reschedule(&first.uid, &calcom::model::RescheduleBooking::to(later.time)).await;
    let moved = moved.done().ok_or("not moved")?;
    match service.reassign(&moved.booking.uid, None, Some("urgent case")).await {
        Outcome::Done(result) => println!("now with {}", result.host_name.unwrap_or_default()),
        other => println!("not reassigned: {other:?}"),
    }

    let mut bookings = team.bookings().stream(&BookingFilter::default());
    while let Some(booking) = bookings.next().await {
        let booking = booking?;
        let host = booking.user.as_ref().and_then(|host| host.name.clone()).unwrap_or_default();
        println!("{} {} with {host}: {}", booking.start_time, booking.status, booking.title);
    }
    service.idle().await;
    Ok(())
}
