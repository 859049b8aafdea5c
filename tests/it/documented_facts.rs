//! What the documentation says of the service where one would expect something else: it holds of the fake, and the facade
//! does not stand in its way.

use calcom::{
    ApiKey, Client, Error,
    model::{CreateBooking, SlotQuery, UpdateEventType},
};
use calcom_fake::{FakeCalcom, FakeEventType, FakeUser};
use jiff::Timestamp;
use serde_json::json;

const KEY: &str = "cal_test_john";

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

async fn fake() -> (FakeCalcom, Client) {
    let user = FakeUser::new("johndoe").api_key(KEY);
    let builder = FakeCalcom::builder().at(at("2026-11-23T08:00:00Z")).user(user);
    let fake = builder.event_type(FakeEventType::new("johndoe", "intro", 30)).start().await;
    let client = Client::builder().credentials(ApiKey::new(KEY)).api_url(fake.url()).build().unwrap();
    (fake, client)
}

#[tokio::test]
async fn an_empty_list_of_locations_is_sent_and_the_service_refuses_it() {
    let (fake, client) = fake().await;
    let error = client.event_types().update(1, &UpdateEventType::default().locations([])).await.unwrap_err();
    assert!(matches!(error, Error::Validation(_)), "{error}");
    let sent = fake.requests_of("update_event_type");
    assert_eq!(sent.iter().map(|request| request.body.clone()).collect::<Vec<_>>(), [json!({"locations": []})]);
    assert_eq!(sent[0].status, Some(400));
}

#[tokio::test]
async fn slots_are_at_the_same_instants_in_zones_of_whole_hours() {
    let (_fake, client) = fake().await;
    let query = SlotQuery::new(1, at("2026-11-30T00:00:00Z"), at("2026-11-30T23:59:59Z"));
    let starts = async |query: &SlotQuery| {
        let slots = client.slots().list(query).await.unwrap();
        slots.iter().map(|slot| slot.time).collect::<Vec<_>>()
    };
    let in_utc = starts(&query).await;
    assert!(!in_utc.is_empty());
    for zone in ["Europe/Berlin", "Asia/Tokyo", "America/Los_Angeles"] {
        assert_eq!(starts(&query.clone().time_zone(zone)).await, in_utc, "{zone}");
    }
}

#[tokio::test]
async fn an_end_at_midnight_is_sent_as_it_is_and_is_the_end_of_the_day_that_begins_then() {
    let (fake, client) = fake().await;
    let slots = async |end| {
        let query = SlotQuery::new(1, at("2026-11-30T00:00:00Z"), at(end));
        client.slots().list(&query).await.unwrap().iter().map(|slot| slot.time).collect::<Vec<_>>()
    };
    let one_day = slots("2026-11-30T23:59:59Z").await;
    let two_days = slots("2026-12-01T23:59:59Z").await;
    assert!(!one_day.is_empty() && two_days.len() > one_day.len());
    assert_eq!(slots("2026-12-01T00:00:00Z").await, two_days);
    assert_eq!(fake.requests_of("list_slots")[2].query_value("end"), Some("2026-12-01T00:00:00Z"));
}

#[tokio::test]
async fn marking_no_attendee_or_an_unknown_one_absent_changes_nothing() {
    let (fake, client) = fake().await;
    let new = CreateBooking::new(1, at("2026-11-23T10:00:00Z"), "Alice", "alice@example.org");
    let booking = client.bookings().create(&new).await.unwrap();
    fake.clock().set(at("2026-11-23T10:10:00Z"));
    for absent in [&[("stranger@example.org", true)][..], &[]] {
        let marked = client.bookings().mark_absent(&booking.uid, None, absent).await.unwrap();
        assert_eq!(marked.uid, booking.uid);
    }
    let sent = fake.requests_of("mark_booking_absent");
    assert_eq!(sent.iter().map(|request| request.status).collect::<Vec<_>>(), [Some(200), Some(200)]);
    let stands = client.bypass_cache().bookings().get(&booking.uid).await.unwrap();
    assert_eq!(serde_json::to_value(stands).unwrap(), serde_json::to_value(booking).unwrap());
}

/// Programs that read the schemas are told, too.
#[cfg(feature = "schemars")]
#[test]
fn the_schemas_say_what_one_would_not_expect() {
    let slots = schemars::schema_for!(SlotQuery);
    let event_type = schemars::schema_for!(UpdateEventType);
    for (schema, field, says) in [
        (&slots, "startTime", "a rolling booking window ignores it"),
        (&slots, "endTime", "means the end of the day that begins then"),
        (&slots, "timeZone", "by whole hours"),
        (&event_type, "locations", "the service refuses an empty list"),
    ] {
        let description = schema.pointer(&format!("/properties/{field}/description")).and_then(|text| text.as_str());
        let description = description.unwrap_or_default().replace('\n', " ");
        assert!(description.contains(says), "{field}: {description}");
    }
}

#[tokio::test]
async fn every_known_trigger_can_be_subscribed_to_again_and_again() {
    use calcom::model::{CreateWebhook, Trigger, WebhookTimeUnit};

    let (fake, client) = fake().await;
    for (at, trigger) in Trigger::KNOWN.iter().enumerate() {
        let wanted =
            CreateWebhook::new(format!("https://example.com/{at}"), [trigger.clone()]).secret("whsec_0123456789");
        let needs_time = trigger.as_str().starts_with("AFTER_");
        let wanted = if needs_time { wanted.time(5, WebhookTimeUnit::Minute) } else { wanted };
        let made = client.webhooks().ensure_as(&wanted).await.unwrap_or_else(|error| panic!("{trigger}: {error}"));
        assert_eq!(made.triggers, std::slice::from_ref(trigger));
    }
    assert_eq!(fake.requests_of("create_webhook").len(), Trigger::KNOWN.len());
    let all: Vec<Trigger> = Trigger::KNOWN.to_vec();
    let wanted = CreateWebhook::new("https://example.com/all", all.clone()).time(5, WebhookTimeUnit::Hour);
    for webhooks in [client.webhooks(), client.webhooks().for_event_type(1)] {
        let made = webhooks.ensure_as(&wanted).await.unwrap();
        let again = webhooks.ensure_as(&wanted).await.unwrap();
        assert_eq!((&made.id, &made.triggers), (&again.id, &all));
    }
}
