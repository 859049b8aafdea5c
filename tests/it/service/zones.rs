//! Free times around every change of the clock, in every zone that jiff knows.

#[path = "../../../src/service/slots/zones/local_days.rs"]
#[allow(dead_code, reason = "a test within the library needs more of it")]
mod local_days;

use calcom::{
    ApiKey, Client, Config,
    service::{Service, Settings},
};
use calcom_fake::{FakeCalcom, FakeEventType, FakeSchedule, FakeUser};
use jiff::Timestamp;
use local_days::{day_number, local_day, zones};

/// A host who is free around the clock, every quarter of an hour.
async fn never_closed() -> (FakeCalcom, Service, i64) {
    let hours = FakeSchedule::empty("always").time_zone("UTC").hours(&[0, 1, 2, 3, 4, 5, 6], "00:00", "24:00");
    let fake = FakeCalcom::builder()
        .at("2025-12-01T00:00:00Z".parse().unwrap())
        .user(FakeUser::new("johndoe").time_zone("UTC").schedule(hours))
        .event_type(FakeEventType::new("johndoe", "always", 15))
        .rate_limits(Vec::new())
        .start()
        .await;
    let mut config = Config::default();
    config.api_url = fake.url();
    config.rate_limit.per_minute = Some(1_000_000);
    let client = Client::builder().config(config).credentials(ApiKey::new(fake.api_key())).build().unwrap();
    let id = fake.event_type_id("johndoe", "always");
    let service = Service::with_settings(client, Settings::default());
    (fake, service, id)
}

#[tokio::test]
async fn the_days_around_every_change_of_the_clock_are_asked_for_whole() {
    let (_fake, service, id) = never_closed().await;
    let mut asked = 0;
    for (offsets, zones) in zones() {
        for (change, _) in offsets.iter().skip(1) {
            let zone = &zones[0];
            let date = Timestamp::from_second(*change).unwrap().to_zoned_datetime(zone.clone()).date();
            let days = [date.yesterday().unwrap(), date, date.tomorrow().unwrap()];
            let found = service.find_slots(id, days[0]..=days[2], zone).await.unwrap();
            for (day, date) in found.iter().zip(days) {
                assert_eq!(day.date, date, "{zone:?}");
                let number = day_number(date);
                let expected = (number * 96 - 200..number * 96 + 296)
                    .map(|quarter| quarter * 900)
                    .filter(|start| local_day(*start, &offsets) == number)
                    .collect::<Vec<_>>();
                let starts: Vec<i64> = day.slots.iter().map(|slot| slot.start.timestamp().as_second()).collect();
                assert_eq!(starts, expected, "{zone:?} on {date}");
            }
            assert_eq!(found.len(), 3, "{zone:?}");
            asked += 1;
        }
    }
    assert!(asked > 100, "only {asked} changes");
}
