use calcom::{
    Client, Error,
    model::{Availability, CreateSchedule, DateOverride, Schedule, UpdateSchedule, UserId},
};
use jiff::civil::{Time, Weekday, date, time};
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use crate::support::{self, bodies, client, recorded_body, round_trip};

const REFERENCE: &str = include_str!("reference/schedules.json");

async fn answering(verb: &str, at: &str, status: u16, body: Value) -> (MockServer, Client) {
    support::answering(Some("2024-06-11"), verb, at, status, body).await
}

fn hour(hour: i8) -> Time {
    time(hour, 0, 0, 0)
}

#[test]
fn the_documented_schedules_are_written_as_they_were_read() {
    let schedules: Vec<Schedule> = round_trip(REFERENCE);
    assert_eq!(schedules[0].schedule, [Availability::weekdays(hour(9), hour(17))]);
    insta::assert_json_snapshot!(schedules, @r#"
    [
      {
        "id": 789,
        "name": "Working Hours",
        "timeZone": "Europe/Berlin",
        "isDefault": true,
        "schedule": [
          {
            "days": [
              1,
              2,
              3,
              4,
              5
            ],
            "startTime": "09:00",
            "endTime": "17:00"
          }
        ]
      }
    ]
    "#);
    assert!(!format!("{schedules:?}").contains("Working Hours"));
}

#[test]
fn days_are_numbers_from_sunday_and_read_by_name_too() {
    let days = json!({"days": [0, "Saturday", "monday"], "startTime": "09:05", "endTime": "17:00:00"});
    let hours: Availability = serde_json::from_value(days).unwrap();
    assert_eq!(hours.days, [Weekday::Sunday, Weekday::Saturday, Weekday::Monday]);
    assert_eq!(
        serde_json::to_value(&hours).unwrap(),
        json!({"days": [0, 6, 1], "startTime": "09:05", "endTime": "17:00"})
    );
    for wrong in [
        json!({"days": [7], "startTime": "09:00", "endTime": "17:00"}),
        json!({"days": [-1], "startTime": "09:00", "endTime": "17:00"}),
        json!({"days": ["Funday"], "startTime": "09:00", "endTime": "17:00"}),
        json!({"days": [1], "startTime": "9am", "endTime": "17:00"}),
        json!({"days": [1], "startTime": "09:00", "endTime": "25:00"}),
    ] {
        assert!(serde_json::from_value::<Availability>(wrong.clone()).is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn schedules_are_listed_in_the_wire_form_the_documented_form_and_that_of_the_first_version() {
    for (answer, owner) in [
        (recorded_body("schedules/list-2024-06-11"), Some(UserId(1))),
        (recorded_body("schedules/list-2024-06-14"), Some(UserId(1))),
        (recorded_body("schedules/list-2024-04-15"), Some(UserId(1))),
        (recorded_body("schedules/list-nover"), Some(UserId(1))),
        (serde_json::from_str(REFERENCE).unwrap(), None),
    ] {
        let (_server, client) = answering("GET", "/v2/schedules", 200, answer.clone()).await;
        let schedules = client.schedules().list().await.unwrap();
        assert_eq!(schedules.len(), 1);
        assert_eq!(schedules[0].schedule, [Availability::weekdays(hour(9), hour(17))]);
        assert_eq!((schedules[0].is_default, schedules[0].time_zone.as_str()), (true, "Europe/Berlin"));
        assert_eq!(schedules[0].extra("name"), Some(&answer["data"][0]["name"]));
        assert_eq!(schedules[0].owner_id(), owner);
        assert!(schedules[0].overrides().is_empty());
    }
}

#[tokio::test]
async fn one_schedule_is_read_by_its_number_or_as_the_default() {
    for form in ["2024-06-11", "2024-04-15", "nover"] {
        let (_server, client) =
            answering("GET", "/v2/schedules/1", 200, recorded_body(&format!("schedules/get-{form}"))).await;
        let by_number = client.schedules().get(1).await.unwrap();
        let (_server, client) =
            answering("GET", "/v2/schedules/default", 200, recorded_body(&format!("schedules/default-{form}"))).await;
        assert_eq!(client.schedules().default().await.unwrap(), Some(by_number));
    }
    for none in [json!({"status": "success", "data": null}), json!({"status": "success"})] {
        let (_server, client) = answering("GET", "/v2/schedules/default", 200, none).await;
        assert_eq!(client.schedules().default().await.unwrap(), None);
    }
    let theirs = recorded_body("schedules/get-2024-06-11-someone-elses");
    let (_server, client) = answering("GET", "/v2/schedules/2", 403, theirs).await;
    assert!(matches!(client.schedules().get(2).await, Err(Error::Permission(_))));
}

#[tokio::test]
async fn rows_of_single_dates_are_not_taken_for_weekdays() {
    let mut answer = recorded_body("schedules/get-2024-04-15");
    let mut row = answer["data"]["schedule"][0].clone();
    (row["days"], row["date"]) = (json!([]), json!("2026-12-24T00:00:00.000Z"));
    answer["data"]["schedule"].as_array_mut().unwrap().push(row);
    let (_server, client) = answering("GET", "/v2/schedules/1", 200, answer).await;
    let schedule = client.schedules().get(1).await.unwrap();
    assert_eq!(schedule.schedule, [Availability::weekdays(hour(9), hour(17))]);
    assert_eq!(schedule.overrides(), [DateOverride::new(date(2026, 12, 24), hour(9), hour(17))]);
}

/// A schedule of the first version with hours of its own on one date.
fn first_version_with_a_date() -> Value {
    let mut schedule = recorded_body("schedules/get-2024-04-15")["data"].take();
    let mut row = schedule["schedule"][0].clone();
    (row["days"], row["date"]) = (json!([]), json!("2026-12-24T00:00:00.000Z"));
    (row["startTime"], row["endTime"]) = (json!("1970-01-01T10:00:00.000Z"), json!("1970-01-01T12:30:00.000Z"));
    schedule["schedule"].as_array_mut().unwrap().push(row);
    schedule
}

#[test]
fn a_schedule_of_the_first_version_keeps_its_dates_if_it_is_changed() {
    let sent = first_version_with_a_date();
    let original: Schedule = serde_json::from_value(sent.clone()).unwrap();
    let dates = [DateOverride::new(date(2026, 12, 24), hour(10), time(12, 30, 0, 0))];
    assert_eq!(original.overrides(), dates);
    assert_eq!(original.to_wire_json(), sent);

    let mut schedule = original.clone();
    schedule.name = "Winter".into();
    schedule.schedule = vec![Availability::weekdays(hour(8), hour(12))];
    let rewritten = schedule.to_wire_json();
    assert_eq!(rewritten["overrides"], json!([{"date": "2026-12-24", "startTime": "10:00", "endTime": "12:30"}]));
    assert_eq!(rewritten["readOnly"], sent["readOnly"]);
    assert_eq!(rewritten.get("workingHours"), None, "they are the hours before the change");
    let again: Schedule = serde_json::from_value(rewritten.clone()).unwrap();
    assert!(again == schedule && again != original);
    assert_eq!((again.overrides(), &again.schedule), (dates.as_slice(), &schedule.schedule));
    assert_eq!(again.to_wire_json(), rewritten);
    assert_eq!(again.owner_id(), Some(UserId(1)));

    // The wire form keeps them too, changed or not.
    let today = json!({
        "id": 7, "ownerId": 3, "name": "Hours", "timeZone": "Europe/Berlin", "isDefault": true,
        "availability": [{"days": ["Monday"], "startTime": "09:00", "endTime": "17:00"}],
        "overrides": [{"date": "2026-12-24", "startTime": "10:00", "endTime": "12:30"}],
    });
    let mut schedule: Schedule = serde_json::from_value(today).unwrap();
    schedule.is_default = false;
    let again: Schedule = serde_json::from_value(schedule.to_wire_json()).unwrap();
    assert!(again == schedule && again.overrides() == dates);
}

#[tokio::test]
async fn the_response_of_the_first_version_to_a_change_is_a_schedule() {
    let body = recorded_body("schedules/update-2024-04-15");
    let (_server, client) = answering("PATCH", "/v2/schedules/5", 200, body.clone()).await;
    let changed = client.schedules().update(5, &UpdateSchedule::default().name("Old 2")).await.unwrap();
    assert_eq!((changed.id.0, changed.name.as_str(), changed.time_zone.as_str()), (5, "Old 2", "Europe/Rome"));
    assert_eq!((changed.is_default, changed.owner_id()), (false, Some(UserId(1))));
    assert_eq!(changed.schedule, [Availability::new([Weekday::Monday], hour(0), hour(0))]);
    assert_eq!(changed.extra("currentDefaultId"), Some(&json!(1)));
    assert_eq!(changed.extra("availability"), Some(&body["data"]["availability"]));
    assert!(serde_json::from_value::<Schedule>(changed.to_wire_json()).unwrap() == changed);
    assert!(serde_json::from_value::<Schedule>(body["data"].clone()).unwrap() == changed);

    // Fields beside the schedule in the response are fields of it.
    let mut default = body.clone();
    default["data"]["isDefault"] = json!(true);
    let (_server, client) = answering("PATCH", "/v2/schedules/5", 200, default).await;
    assert!(client.schedules().update(5, &UpdateSchedule::default().as_default()).await.unwrap().is_default);

    // A schedule without the flag is not the default.
    let within: Schedule = serde_json::from_value(body["data"]["schedule"].clone()).unwrap();
    assert_eq!((within.id, within.is_default, &within.schedule), (changed.id, false, &changed.schedule));
    assert_eq!(within.to_wire_json(), body["data"]["schedule"]);
    let mut documented = serde_json::from_str::<Value>(REFERENCE).unwrap()["data"][0].take();
    documented.as_object_mut().unwrap().remove("isDefault");
    assert!(!serde_json::from_value::<Schedule>(documented).unwrap().is_default);
}

#[tokio::test]
async fn a_schedule_with_unreadable_hours_is_left_out_in_every_form() {
    for (name, field) in [("list-2024-06-11", "availability"), ("list-2024-04-15", "schedule")] {
        let mut body = recorded_body(&format!("schedules/{name}"));
        let mut odd = body["data"][0].clone();
        odd[field][0]["startTime"] = json!("9am");
        body["data"].as_array_mut().unwrap().insert(0, odd);
        let (_server, client) = answering("GET", "/v2/schedules", 200, body).await;
        let schedules = client.schedules().list().await.unwrap();
        assert_eq!((schedules.len(), schedules.unread().len(), schedules.unread()[0].index), (1, 1, Some(0)), "{name}");
        assert_eq!(schedules[0].schedule, [Availability::weekdays(hour(9), hour(17))]);
        let error = schedules.unread()[0].error.to_string();
        assert!(error.contains("`data[0]") && !error.contains("9am"), "{error}");
    }
}

#[tokio::test]
async fn a_schedule_is_created_with_hours_and_overrides() {
    let (server, client) = answering("POST", "/v2/schedules", 201, recorded_body("schedules/create-2024-06-11")).await;
    let asked = CreateSchedule::new("Evenings", "America/Lima")
        .hours(Availability::new([Weekday::Monday, Weekday::Wednesday], hour(18), hour(21)))
        .date_override(DateOverride::new(date(2026, 12, 24), hour(10), hour(12)));
    let made = client.schedules().create(&asked).await.unwrap();
    insta::assert_json_snapshot!(bodies(&server).await, @r#"
    [
      {
        "availability": [
          {
            "days": [
              "Monday",
              "Wednesday"
            ],
            "endTime": "21:00",
            "startTime": "18:00"
          }
        ],
        "isDefault": false,
        "name": "Evenings",
        "overrides": [
          {
            "date": "2026-12-24",
            "endTime": "12:00",
            "startTime": "10:00"
          }
        ],
        "timeZone": "America/Lima"
      }
    ]
    "#);
    assert_eq!(Some(made.schedule.as_slice()), asked.schedule.as_deref());
    assert_eq!(made.overrides(), asked.overrides);
    insta::assert_json_snapshot!(asked, @r#"
    {
      "name": "Evenings",
      "timeZone": "America/Lima",
      "isDefault": false,
      "schedule": [
        {
          "days": [
            1,
            3
          ],
          "startTime": "18:00",
          "endTime": "21:00"
        }
      ],
      "overrides": [
        {
          "date": "2026-12-24",
          "startTime": "10:00",
          "endTime": "12:00"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn missing_hours_differ_from_an_empty_list_of_hours() {
    let answer = recorded_body("schedules/create-2024-06-11-minimal");
    let (server, client) = answering("POST", "/v2/schedules", 201, answer.clone()).await;
    client.schedules().create(&CreateSchedule::new("x", "Europe/Rome").as_default()).await.unwrap();
    assert_eq!(bodies(&server).await, [json!({"name": "x", "timeZone": "Europe/Rome", "isDefault": true})]);

    let (server, client) = answering("POST", "/v2/schedules", 201, answer.clone()).await;
    let mut never = CreateSchedule::new("x", "Europe/Rome");
    never.schedule = Some(Vec::new());
    client.schedules().create(&never).await.unwrap();
    assert_eq!(bodies(&server).await[0]["availability"], json!([]));

    let (server, client) = answering("PATCH", "/v2/schedules/4", 200, answer.clone()).await;
    client.schedules().update(4, &UpdateSchedule::default().schedule([]).overrides([])).await.unwrap();
    assert_eq!(bodies(&server).await, [json!({"availability": [], "overrides": []})]);

    let (server, client) = answering("PATCH", "/v2/schedules/4", 200, answer).await;
    let changes = UpdateSchedule::default().name("y").time_zone("Europe/Berlin").as_default();
    let changed = client.schedules().update(4, &changes).await.unwrap();
    assert_eq!(bodies(&server).await, [json!({"name": "y", "timeZone": "Europe/Berlin", "isDefault": true})]);
    assert_eq!(changed.id.0, 4);
}

#[tokio::test]
async fn a_schedule_is_deleted_once() {
    let (_server, client) =
        answering("DELETE", "/v2/schedules/3", 200, recorded_body("schedules/delete-2024-06-11")).await;
    client.schedules().delete(3).await.unwrap();
    let again = recorded_body("schedules/delete-2024-06-11-again");
    let (_server, client) = answering("DELETE", "/v2/schedules/3", 400, again).await;
    assert!(matches!(client.schedules().delete(3).await, Err(Error::Validation(_))));
}

#[tokio::test]
async fn one_error_names_all_problems_and_nothing_is_sent() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).expect(0).mount(&server).await;
    let schedules = client(&server).schedules();
    let fields = |error: Error| -> Vec<String> { error.field_errors().iter().map(ToString::to_string).collect() };
    let odd = time(9, 0, 30, 0);
    let asked = CreateSchedule::new("x", "Mars/Olympus")
        .hours(Availability::weekdays(hour(9), hour(17)))
        .hours(Availability::weekdays(odd, hour(17)))
        .date_override(DateOverride::new(date(2026, 12, 24), hour(10), odd));
    let made = fields(schedules.create(&asked).await.unwrap_err());
    assert_eq!(
        made,
        [
            "timeZone: must be an IANA time zone",
            "schedule[1].startTime: must be a whole minute",
            "overrides[0].endTime: must be a whole minute",
        ]
    );
    let changes = UpdateSchedule::default()
        .time_zone("Mars/Olympus")
        .schedule(asked.schedule.unwrap())
        .overrides(asked.overrides);
    assert_eq!(fields(schedules.update(1, &changes).await.unwrap_err()), made);
}

#[tokio::test]
async fn unreadable_hours_are_a_decode_error_that_names_their_path() {
    for (at, value, place) in [
        ("/data/0/availability/0/startTime", json!("9am"), "`data[0].availability[0].startTime`"),
        ("/data/0/availability/0/days", json!(["Funday"]), "`data[0].availability[0].days`"),
        ("/data/0/overrides", json!([{"date": "someday"}]), "`data[0].overrides[0].date`"),
    ] {
        let mut answer = recorded_body("schedules/list-2024-06-11");
        *answer.pointer_mut(at).unwrap() = value;
        let (_server, client) = answering("GET", "/v2/schedules", 200, answer).await;
        let error = client.schedules().list().await.unwrap_err();
        assert!(matches!(error, Error::Decode(..)), "{error}");
        assert!(error.to_string().contains(place), "{error}");
        assert_eq!(error.operation(), Some("list_schedules"));
    }
}
