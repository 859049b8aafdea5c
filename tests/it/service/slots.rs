use calcom::{
    model::SlotQuery,
    service::{SlotPreferences, SlotTarget},
};
use calcom_fake::{FakeCalcom, FakeEventType, FakeSchedule, FakeUser};
use jiff::{
    civil::{Weekday, date, time},
    tz::TimeZone,
};
use serde_json::json;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

use super::{TUESDAY, appointment, service};
use crate::support::recorded_body;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

/// Free around the clock, every half hour.
async fn never_closed() -> FakeCalcom {
    let hours = FakeSchedule::empty("always").time_zone("UTC").hours(&[0, 1, 2, 3, 4, 5, 6], "00:00", "24:00");
    FakeCalcom::builder()
        .at("2026-01-01T00:00:00Z".parse().unwrap())
        .user(FakeUser::new("johndoe").time_zone("UTC").schedule(hours))
        .event_type(FakeEventType::new("johndoe", "always", 30))
        .start()
        .await
}

#[tokio::test]
async fn days_are_days_of_the_zone_that_was_asked_for() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    // Nine to five in Berlin is five in the evening to one at night in Tokyo.
    let days = service.find_slots(1, date(2026, 12, 2), &zone("Asia/Tokyo")).await.unwrap();
    assert_eq!(days.len(), 1);
    assert_eq!(days[0].date, date(2026, 12, 2));
    let times: Vec<String> = days[0].slots.iter().map(|slot| slot.start.strftime("%H:%M").to_string()).collect();
    assert_eq!(times.first().map(String::as_str), Some("00:00"));
    assert_eq!(times.last().map(String::as_str), Some("23:30"));
    assert_eq!(times.len(), 16);
    assert_eq!(days[0].slots[0].end.as_ref().unwrap().strftime("%H:%M").to_string(), "00:30");
}

#[tokio::test]
async fn a_day_of_23_or_25_hours_has_the_slots_of_its_hours() {
    let fake = never_closed().await;
    let service = service(&fake);
    let berlin = zone("Europe/Berlin");
    for (day, hours) in [(date(2026, 3, 28), 24), (date(2026, 3, 29), 23), (date(2026, 10, 25), 25)] {
        let days = service.find_slots(fake.event_type_id("johndoe", "always"), day, &berlin).await.unwrap();
        assert_eq!(days.iter().map(|day| day.slots.len()).collect::<Vec<_>>(), [hours * 2], "{day}");
        assert_eq!(days[0].date, day);
    }
}

#[tokio::test]
async fn zones_of_half_and_quarter_hours_begin_their_days_between_the_hours() {
    let fake = never_closed().await;
    let service = service(&fake);
    let id = fake.event_type_id("johndoe", "always");
    for (name, first) in [("Asia/Kolkata", "00:00"), ("Asia/Kathmandu", "00:15"), ("Australia/Eucla", "00:15")] {
        let days = service.find_slots(id, date(2026, 6, 1)..=date(2026, 6, 2), &zone(name)).await.unwrap();
        assert_eq!(days.iter().map(|day| day.slots.len()).collect::<Vec<_>>(), [48, 48], "{name}");
        assert_eq!(days[0].slots[0].start.strftime("%H:%M").to_string(), first, "{name}");
    }
}

#[tokio::test]
async fn slots_are_on_the_clock_of_the_requested_zone_as_recorded() {
    let fake = FakeCalcom::recorded_seed().await;
    let client = service(&fake).client().clone();
    let (from, to) = ("2030-03-18T00:00:00Z".parse().unwrap(), "2030-03-18T23:59:59Z".parse().unwrap());
    for (name, zone) in [("kathmandu", Some("Asia/Kathmandu")), ("utc", None)] {
        let mut query = SlotQuery::new(1, from, to);
        query.time_zone = zone.map(str::to_owned);
        let found = client.slots().list(&query).await.unwrap();
        let found: Vec<_> = found.iter().map(|slot| slot.extra("start").unwrap().clone()).collect();
        let recorded = recorded_body(&format!("bookings-limits/slots-30min-{name}"));
        let recorded = recorded["data"]["2030-03-18"].as_array().unwrap();
        let recorded: Vec<_> = recorded.iter().map(|slot| slot["start"].clone()).collect();
        assert_eq!(found, recorded, "{name}");
    }
    // Half an hour after the hour of UTC is a whole one in Kolkata, where an hour's slots begin.
    let kolkata = SlotQuery::new(5, from, to).duration(60).time_zone("Asia/Kolkata");
    let first = client.slots().list(&kolkata).await.unwrap().first().unwrap().time;
    assert_eq!(first, "2030-03-18T08:30:00Z".parse().unwrap());
}

#[tokio::test]
async fn slots_are_limited_to_the_range_by_the_minute() {
    let fake = FakeCalcom::recorded_seed().await;
    let span = "2026-12-01T10:00:00Z".parse().unwrap().."2026-12-01T12:00:00Z".parse().unwrap();
    let days = service(&fake).find_slots(1, span, &TimeZone::UTC).await.unwrap();
    let times: Vec<String> = days[0].slots.iter().map(|slot| slot.start.strftime("%H:%M").to_string()).collect();
    assert_eq!(times, ["10:00", "10:30", "11:00", "11:30"]);
}

#[tokio::test]
async fn an_empty_range_sends_no_request() {
    let fake = FakeCalcom::recorded_seed().await;
    let none = service(&fake).find_slots(1, date(2026, 12, 2)..=date(2026, 12, 1), &TimeZone::UTC).await.unwrap();
    assert!(none.is_empty());
    fake.expect_no_other_requests();
}

#[tokio::test]
async fn slots_of_seated_event_types_have_their_seats() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    service.book(appointment(3, TUESDAY, "k")).await.done().unwrap();
    let days = service.find_slots(3, date(2026, 12, 1), &TimeZone::UTC).await.unwrap();
    let at = |start: &str| {
        let slot = days[0].slots.iter().find(|slot| slot.start.timestamp() == start.parse().unwrap()).unwrap();
        slot.seats.map(|seats| (seats.remaining, seats.total))
    };
    assert_eq!(at(TUESDAY), Some((2, 3)));
    assert_eq!(at("2026-12-01T10:00:00Z"), Some((3, 3)));
}

#[tokio::test]
async fn the_documented_form_of_the_answer_is_read_too() {
    let server = MockServer::start().await;
    let body = json!({"status": "success", "data": {"slots": {"2025-01-15": [
        {"time": "2025-01-15T09:00:00Z", "attendees": 0, "bookingUid": null, "users": ["johndoe"]}]}}});
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(200).set_body_json(body)).mount(&server).await;
    let service = calcom::service::Service::new(crate::support::client(&server));
    let days = service.find_slots(1, date(2025, 1, 15), &zone("Europe/Berlin")).await.unwrap();
    assert_eq!(days[0].slots[0].start.strftime("%F %H:%M").to_string(), "2025-01-15 10:00");
}

#[tokio::test]
async fn the_next_free_times_match_the_filter() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let afternoons = SlotPreferences::in_zone(zone("Europe/Berlin"))
        .after("2026-12-01T00:00:00Z".parse().unwrap())
        .between_times(time(13, 0, 0, 0), time(17, 0, 0, 0))
        .on_weekdays([Weekday::Wednesday, Weekday::Friday])
        .min_gap(std::time::Duration::from_secs(2 * 3600));
    let free = service.next_free(1, 5, &afternoons).await.unwrap();
    let told: Vec<String> = free.iter().map(|slot| slot.start.strftime("%a %d %H:%M").to_string()).collect();
    assert_eq!(told, ["Wed 02 13:00", "Wed 02 15:00", "Fri 04 13:00", "Fri 04 15:00", "Wed 09 13:00"]);
}

#[tokio::test]
async fn the_search_for_free_times_ends_after_the_set_number_of_weeks() {
    let fake = FakeCalcom::recorded_seed().await;
    let never = SlotPreferences::in_zone(TimeZone::UTC).on_weekdays([Weekday::Sunday]).max_weeks(3);
    assert!(service(&fake).next_free(1, 1, &never).await.unwrap().is_empty());
    fake.expect_requests("list_slots", 3);
    fake.expect_no_other_requests();
}

#[tokio::test]
async fn a_time_of_day_range_can_cross_midnight() {
    let fake = never_closed().await;
    let nights = SlotPreferences::in_zone(TimeZone::UTC)
        .after("2026-06-01T12:00:00Z".parse().unwrap())
        .between_times(time(23, 0, 0, 0), time(0, 30, 0, 0));
    let free = service(&fake).next_free(fake.event_type_id("johndoe", "always"), 4, &nights).await.unwrap();
    let told: Vec<String> = free.iter().map(|slot| slot.start.strftime("%d %H:%M").to_string()).collect();
    assert_eq!(told, ["01 23:00", "01 23:30", "02 00:00", "02 23:00"]);
}

#[tokio::test]
async fn slots_have_the_chosen_length_and_include_the_time_of_the_rescheduled_booking() {
    let fake = FakeCalcom::recorded_seed().await;
    let service = service(&fake);
    let hours =
        service.find_slots(SlotTarget::event_type(5).length(60), date(2026, 12, 1), &TimeZone::UTC).await.unwrap();
    let first = &hours[0].slots[0];
    assert_eq!(first.end.as_ref().unwrap().timestamp().duration_since(first.start.timestamp()).as_mins(), 60);
    // A booking of it has this length, and one of a search without a length has none.
    let booked = service.book(first.booking(5, "Ada Test", "ada@example.org")).await.done().unwrap().booking;
    assert_eq!(booked.end_time.duration_since(booked.start_time).as_mins(), 60);
    assert_eq!(fake.requests_of("create_booking")[0].body["lengthInMinutes"], 60);
    let any = service.find_slots(5, date(2026, 12, 2), &TimeZone::UTC).await.unwrap();
    let wanted = any[0].slots[0].booking(5, "Ada Test", "ada@example.org");
    assert_eq!((any[0].slots[0].length, wanted.length_in_minutes), (None, None));

    let booked = service.book(appointment(1, TUESDAY, "k")).await.done().unwrap().booking;
    let free = async |of: SlotTarget| {
        let days = service.find_slots(of, date(2026, 12, 1), &TimeZone::UTC).await.unwrap();
        days[0].slots.iter().any(|slot| slot.start.timestamp() == TUESDAY.parse().unwrap())
    };
    assert!(!free(SlotTarget::event_type(1)).await);
    assert!(free(SlotTarget::event_type(1).for_rescheduling(&booked.uid)).await);
}
