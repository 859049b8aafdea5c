use calcom::{
    ApiKey,
    service::{Problem, Service},
};
use calcom_fake::FakeCalcom;
use secrecy::SecretString;

use super::{TUESDAY, appointment, service, settings, wanted};

#[tokio::test]
async fn tenants_share_connections_and_nothing_else() {
    let fake = FakeCalcom::recorded_seed().await;
    let john = service(&fake);
    let jane = john.client().with_credentials(ApiKey::new(fake.api_key_of("janeroe"))).unwrap();
    let jane = Service::with_settings(jane, settings(&fake));
    let booked = john.book(appointment(1, TUESDAY, "one key")).await.done().unwrap();
    // The key is John's; Jane's 9th event type has never heard of it.
    let other = jane.book(appointment(9, "2026-12-01T15:00:00Z", "one key")).await.done().unwrap();
    assert_ne!(booked.booking.uid, other.booking.uid);
    // Jane may not read John's event type, though John has.
    assert!(jane.find("one key").await.unwrap().is_some_and(|found| found.booking.uid == other.booking.uid));
    assert_eq!(jane.confirm(&booked.booking.uid).await.done().map(|decided| decided.already_done), Some(true));
}

#[tokio::test]
async fn an_operation_that_the_credential_does_not_allow_is_refused() {
    let fake = FakeCalcom::recorded_seed().await;
    let john = service(&fake);
    let pending = john.book(wanted(2, TUESDAY)).await.done().unwrap().booking;
    let jane = Service::new(john.client().with_credentials(ApiKey::new(fake.api_key_of("janeroe"))).unwrap());
    assert_eq!(jane.confirm(&pending.uid).await.problem(), Some(&Problem::NotAllowed));
}

#[test]
fn a_webhooks_signature_is_checked_with_the_tenants_secret() {
    let client = calcom::Client::new(ApiKey::new("cal_x")).unwrap();
    let mut settings = calcom::service::Settings::default();
    assert!(!Service::with_settings(client.clone(), settings.clone()).validate_webhook_signature(b"{}", "00"));
    settings.webhook_secret = Some(SecretString::from("whsec"));
    let service = Service::with_settings(client, settings);
    let signature = calcom::webhook::sign(b"{}", "whsec").unwrap();
    assert!(service.validate_webhook_signature(b"{}", &signature));
    assert!(!service.validate_webhook_signature(b"{} ", &signature));
    assert!(!format!("{service:?}").contains("whsec"));
}
