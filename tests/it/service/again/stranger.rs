use calcom::{
    Client, Config,
    service::{Outcome, Problem, Service},
};
use calcom_fake::FakeCalcom;

use super::{SLUGS, START, fake, named, process, standing};
use crate::service::{appointment, client, settings, wanted};

/// A caller who may not list the host's bookings: an anonymous one, and another user.
pub fn strangers(fake: &FakeCalcom) -> Vec<Service> {
    let mut config = Config::default();
    config.api_url = fake.url();
    let anonymous = Client::builder().config(config).credentials(calcom::Credentials::Anonymous).build().unwrap();
    let jane = client(fake, &fake.api_key_of("janeroe"));
    vec![Service::with_settings(anonymous, settings(fake)), Service::with_settings(jane, settings(fake))]
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_cannot_list_never_gets_not_booked_for_an_active_booking() {
    for slug in SLUGS {
        for which in 0..2 {
            let fake = fake().await;
            let event_type = fake.event_type_id("johndoe", slug);
            let first = strangers(&fake).remove(which).book(appointment(event_type, START, "k")).await.done().unwrap();
            // Another process, which knows nothing of the first.
            match strangers(&fake).remove(which).book(appointment(event_type, START, "k")).await {
                Outcome::NotDone(why) => panic!("{slug}: {why}"),
                Outcome::Done(again) => assert_eq!(named(&again), named(&first), "{slug}"),
                Outcome::Unknown(unknown) => assert!(unknown.ticket.is_some(), "{slug}"),
            }
            let rows = if slug.starts_with("weekly") { 4 } else { 1 };
            assert_eq!(standing(&fake, "k").await.len(), rows, "{slug}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_cannot_list_finds_the_booking_of_its_own_process() {
    for which in 0..2 {
        let fake = fake().await;
        let event_type = fake.event_type_id("johndoe", "plain");
        let service = strangers(&fake).remove(which);
        let first = service.book(appointment(event_type, START, "k")).await.done().unwrap();
        let again = service.book(appointment(event_type, START, "k")).await.done().unwrap();
        assert_eq!(named(&first), named(&again));
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_cannot_list_gets_slot_taken_under_a_new_key() {
    let fake = fake().await;
    let event_type = fake.event_type_id("johndoe", "plain");
    process(&fake).book(wanted(event_type, START)).await.done().unwrap();
    for service in strangers(&fake) {
        let outcome = service.book(wanted(event_type, START)).await;
        assert_eq!(outcome.problem(), Some(&Problem::NotAvailable), "{outcome:?}");
        assert!(service.book(appointment(event_type, START, "k")).await.is_unknown());
    }
}

#[tokio::test(start_paused = true)]
async fn outcomes_of_callers_who_cannot_list_and_share_a_store_agree_with_the_service() {
    let fake = fake().await;
    let store = std::sync::Arc::new(calcom::state::MemoryStore::new(0));
    let process = || {
        let mut config = Config::default();
        config.api_url = fake.url();
        let store = calcom::state::Store::shared(store.clone(), 0);
        let client =
            Client::builder().config(config).credentials(calcom::Credentials::Anonymous).store(store).build().unwrap();
        Service::with_settings(client, settings(&fake))
    };
    for slug in SLUGS {
        let event_type = fake.event_type_id("johndoe", slug);
        let start = format!("2026-12-0{}T09:00:00Z", 2 + SLUGS.iter().position(|it| *it == slug).unwrap());
        let (one, other) = (process(), process());
        let asked = || appointment(event_type, &start, slug);
        let (first, second) = tokio::join!(one.book(asked()), other.book(asked()));
        assert_eq!(named(&first.done().unwrap()), named(&second.done().unwrap()), "{slug}");
        let mut person = asked();
        let mut booking = wanted(event_type, &start);
        booking.responses.email = "bob@example.org".to_owned();
        person = calcom::service::Appointment::new(booking).key(person.idempotency_key());
        assert!(matches!(process().book(person).await.problem(), Some(Problem::KeyUsed { .. })), "{slug}");
    }
    let mut booking = wanted(fake.event_type_id("johndoe", "plain"), "2026-12-02T09:00:00Z");
    booking.responses.email = "bob@example.org".to_owned();
    // The store may have forgotten that the key has booked: a refusal proves nothing.
    let taken = process().book(calcom::service::Appointment::new(booking.clone()).key("taken")).await;
    assert!(taken.is_unknown(), "{taken:?}");
    let taken = process().book(booking).await;
    assert_eq!(taken.problem(), Some(&Problem::NotAvailable), "{taken:?}");
}
