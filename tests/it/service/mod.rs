//! The booking service, against the fake.

mod again;
mod batch;
mod booking;
mod chains;
mod changes;
mod checks;
mod crash;
mod deadline;
mod find;
mod hosted;
mod in_time;
mod listing;
mod lost;
mod problems;
mod processes;
mod reserved;
mod simulation;
mod sizes;
mod slots;
mod team;
mod team_event_types;
mod tenants;
mod zones;

use calcom::{
    ApiKey, Client,
    model::CreateBooking,
    service::{Appointment, Service, Settings},
};
use calcom_fake::FakeCalcom;

/// The service for the fake's first user, by the fake's clock.
pub fn service(fake: &FakeCalcom) -> Service {
    Service::with_settings(client(fake, &fake.api_key()), settings(fake))
}

pub fn client(fake: &FakeCalcom, key: &str) -> Client {
    let mut config = calcom::Config::default();
    config.api_url = fake.url();
    Client::builder().config(config).credentials(ApiKey::new(key)).build().unwrap()
}

pub fn settings(fake: &FakeCalcom) -> Settings {
    let clock = fake.clock();
    Settings::default().now(move || clock.now())
}

/// Of the recorded seed: 1 plain, 2 with confirmation, 3 seated, 4 weekly, 5 of several lengths, 7 with custom fields.
pub fn wanted(event_type: i64, start: &str) -> CreateBooking {
    CreateBooking::new(event_type, start.parse().unwrap(), "Ada Test", "ada@example.org").time_zone("Europe/Berlin")
}

pub fn appointment(event_type: i64, start: &str, key: &str) -> Appointment {
    Appointment::new(wanted(event_type, start)).key(key)
}

pub const TUESDAY: &str = "2026-12-01T09:00:00Z";
