use calcom::{
    Error,
    model::{
        BusyTimeQuery, CalendarEventStatus, CalendarEventTime, CalendarRef, CreateCalendarEvent, CredentialId,
        UpdateCalendarEvent,
    },
};
use jiff::civil::date;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{Service, failure, success};

fn calendars() -> Value {
    json!({
        "connectedCalendars": [
            {
                "integration": {"type": "google_calendar", "slug": "google-calendar"}, "credentialId": 36,
                "calendars": [
                    {"externalId": "jo@example.org", "integration": "google_calendar", "name": "Jo", "primary": true,
                     "readOnly": false, "isSelected": true, "credentialId": 36},
                    {"externalId": "holidays", "integration": "google_calendar", "primary": null, "readOnly": true},
                ],
            },
            {"integration": {"type": "office365_calendar"}, "credentialId": 37, "error": {"message": "gone"}},
        ],
        "destinationCalendar": {"id": 1, "integration": "google_calendar", "externalId": "jo@example.org", "userId": 31, "credentialId": 36},
    })
}

#[tokio::test]
async fn calendars_are_listed_by_account_with_the_destination() {
    let service = Service::self_hosted([success(calendars())]).await;
    let found = service.client.calendars().list().await.unwrap();
    let [google, office] = &found.connected_calendars[..] else { panic!("{found:?}") };
    assert_eq!(
        (google.kind(), google.credential_id, google.has_error()),
        (Some("google_calendar"), Some(CredentialId(36)), false)
    );
    assert!(google.calendars[0].primary && google.calendars[0].is_selected && !google.calendars[1].primary);
    assert!(office.has_error() && office.calendars.is_empty());
    let destination = found.destination_calendar.as_ref().unwrap();
    assert_eq!(destination.external_id.as_deref(), Some("jo@example.org"));
    assert_eq!(found.to_wire_json(), calendars());
    assert!(!format!("{found:?}").contains("jo@"), "{found:?}");
    assert_eq!(
        CalendarRef::try_from(&google.calendars[0]).unwrap(),
        CalendarRef::new("google_calendar", "jo@example.org", 36)
    );
    let error = CalendarRef::try_from(&google.calendars[1]).unwrap_err();
    assert_eq!(error.field_errors()[0].to_string(), "credentialId: is missing in the response");
    assert_eq!(service.calls().await, ["GET /v2/calendars"]);

    let none = Service::self_hosted([success(json!({"connectedCalendars": [], "destinationCalendar": {}}))]).await;
    let found = none.client.calendars().list().await.unwrap();
    assert_eq!(found.destination_calendar.unwrap().external_id, None);
}

#[tokio::test]
async fn busy_times_of_several_calendars_are_read_at_once() {
    let busy =
        json!({"start": "2027-03-01T10:00:00.000Z", "end": "2027-03-01T11:00:00.000Z", "source": "google-calendar"});
    let service = Service::self_hosted([success(json!([busy, busy, {"start": "never"}]))]).await;
    let query = BusyTimeQuery::new(date(2027, 3, 1), date(2027, 3, 2)).calendar(36, "jo@example.org");
    let times = service.client.calendars().busy_times(&query).await.unwrap();
    assert_eq!((times.len(), times.unread().len()), (2, 1));
    assert_eq!(times[0].start.to_string(), "2027-03-01T10:00:00Z");
    service
        .client
        .calendars()
        .busy_times(&query.clone().time_zone("Europe/Vienna").calendar(37, "side"))
        .await
        .unwrap();
    let calls = service.calls().await;
    let decoded = |call: &str| call.replace("%5B", "[").replace("%5D", "]").replace("%40", "@").replace("%2F", "/");
    assert_eq!(
        decoded(&calls[0]),
        "GET /v2/calendars/busy-times?calendarsToLoad[0][credentialId]=36&calendarsToLoad[0][externalId]=jo@example.org\
         &dateFrom=2027-03-01&dateTo=2027-03-02&loggedInUsersTz=UTC&timeZone=UTC"
    );
    assert!(decoded(&calls[1]).contains("&calendarsToLoad[1][credentialId]=37&calendarsToLoad[1][externalId]=side&"));
    assert!(decoded(&calls[1]).ends_with("&loggedInUsersTz=Europe/Vienna&timeZone=Europe/Vienna"));
}

#[tokio::test]
async fn queries_that_ask_for_nothing_are_refused_before_they_are_sent() {
    let service = Service::self_hosted([success(json!([]))]).await;
    let (first, last) = (date(2027, 3, 1), date(2027, 3, 2));
    let many = (0..51).fold(BusyTimeQuery::new(first, last), |query, at| query.calendar(at, "x"));
    for (query, problems) in [
        (BusyTimeQuery::new(first, last), vec!["calendars: must be 1 to 50"]),
        (many, vec!["calendars: must be 1 to 50"]),
        (
            BusyTimeQuery::new(last, first).time_zone("Mars"),
            vec![
                "timeZone: must be an IANA time zone",
                "dateTo: must not be before dateFrom",
                "calendars: must be 1 to 50",
            ],
        ),
        (BusyTimeQuery::new(last, first).calendar(1, "x"), vec!["dateTo: must not be before dateFrom"]),
    ] {
        let error = service.client.calendars().busy_times(&query).await.unwrap_err();
        assert_eq!(error.field_errors().iter().map(ToString::to_string).collect::<Vec<_>>(), problems);
    }
    let error = service.client.calendars().set_destination("ics-feed_calendar", "x").await.unwrap_err();
    assert_eq!(error.field_errors()[0].field, "integration");
    assert!(service.calls().await.is_empty());
}

#[tokio::test]
async fn a_consent_page_is_an_address_that_debug_does_not_show() {
    let url = "https://accounts.example.org/auth?state=%7B%22accessToken%22%3A%22cal_live_areas%22%7D";
    let service = Service::self_hosted([success(json!({"authUrl": url})), success(json!({}))]).await;
    let page = service.client.calendars().connect("google", Some("https://app.example.org/done")).await.unwrap();
    assert_eq!(page.as_str(), url);
    assert_eq!(format!("{page:?}"), "ConsentUrl([redacted])");
    assert!(matches!(service.client.calendars().connect("office365", None).await, Err(Error::Decode(..))));
    assert_eq!(
        service.calls().await,
        [
            "GET /v2/calendars/google/connect?isDryRun=false&redir=https%3A%2F%2Fapp.example.org%2Fdone",
            "GET /v2/calendars/office365/connect?isDryRun=false",
        ]
    );
}

#[tokio::test]
async fn accounts_are_connected_checked_and_disconnected() {
    let row = json!({"id": 38, "type": "ics-feed_calendar", "userId": 31, "invalid": false});
    let service = Service::self_hosted([Value::Null, success(row)]).await;
    let calendars = service.client.calendars();
    calendars.connect_with_password("apple", "jo@example.org", &SecretString::from("app-password")).await.unwrap();
    assert_eq!(calendars.connect_ics_feeds(["https://example.org/a.ics"]).await.unwrap(), CredentialId(38));
    calendars.check("google").await.unwrap();
    calendars.disconnect("google", 36).await.unwrap();
    assert_eq!(
        service.calls().await,
        [
            r#"POST /v2/calendars/apple/credentials {"password":"app-password","username":"jo@example.org"}"#,
            r#"POST /v2/calendars/ics-feed/save {"urls":["https://example.org/a.ics"]}"#,
            "GET /v2/calendars/google/check",
            r#"POST /v2/calendars/google/disconnect {"id":36}"#,
        ]
    );
    let service =
        Service::self_hosted([failure(400, "BadRequestException", "Credentials for google_calendar not found.")]).await;
    assert!(matches!(service.client.calendars().check("google").await, Err(Error::Validation(_))));
}

#[tokio::test]
async fn calendars_are_selected_and_one_is_the_destination() {
    // The response to a repeated selection has no data.
    let service = Service::self_hosted([json!({"status": "success"})]).await;
    let calendars = service.client.calendars();
    let side = CalendarRef::new("google_calendar", "side@group.example.org", 36);
    calendars.select(&side).await.unwrap();
    calendars.unselect(&side).await.unwrap();
    calendars.set_destination("google_calendar", "side@group.example.org").await.unwrap();
    assert_eq!(
        service.calls().await,
        [
            r#"POST /v2/selected-calendars {"credentialId":36,"externalId":"side@group.example.org","integration":"google_calendar"}"#,
            "DELETE /v2/selected-calendars?credentialId=36&externalId=side%40group.example.org&integration=google_calendar",
            r#"PUT /v2/destination-calendars {"externalId":"side@group.example.org","integration":"google_calendar"}"#,
        ]
    );
    assert!(!format!("{side:?}").contains("side@"));
}

#[tokio::test]
async fn an_event_in_a_calendar_is_read_and_changed() {
    let event = json!({
        "id": "ev1", "title": "Visit", "description": null, "status": "tentative", "source": "google",
        "start": {"time": "2027-03-01T11:00:00+01:00", "timeZone": "Europe/Vienna"},
        "end": {"time": "2027-03-01T12:00:00+01:00"}, "attendees": [{"email": "a@example.org"}],
    });
    let service = Service::self_hosted([success(event.clone())]).await;
    let found = service.client.calendars().event("google", "ev1").await.unwrap();
    assert_eq!(found.start.as_ref().unwrap().time.to_string(), "2027-03-01T10:00:00Z");
    assert_eq!(found.end.as_ref().unwrap().time_zone, None);
    assert_eq!(found.status, Some(CalendarEventStatus::from("tentative")));
    assert_eq!(found.to_wire_json(), event);
    let at = |text: &str| CalendarEventTime::new(text.parse().unwrap(), "Europe/Vienna");
    let changes = UpdateCalendarEvent::new()
        .title("Later")
        .description("Moved")
        .times(at("2027-03-01T12:00:00Z"), at("2027-03-01T13:00:00Z"));
    service.client.calendars().update_event("google", "ev1", &changes).await.unwrap();
    service.client.calendars().update_event("google", "ev1", &UpdateCalendarEvent::new()).await.unwrap();
    assert_eq!(
        service.calls().await,
        [
            "GET /v2/calendars/google/event/ev1",
            r#"PATCH /v2/calendars/google/events/ev1 {"description":"Moved","end":{"time":"2027-03-01T13:00:00Z","timeZone":"Europe/Vienna"},"start":{"time":"2027-03-01T12:00:00Z","timeZone":"Europe/Vienna"},"title":"Later"}"#,
            "PATCH /v2/calendars/google/events/ev1 {}",
        ]
    );
}

#[tokio::test]
async fn events_of_a_connection_are_listed_created_changed_and_deleted() {
    let list = success(
        json!({"connections": [{"connectionId": "36", "type": "google", "email": "jo@example.org"}, {"connectionId": "37"}]}),
    );
    let event = json!({"id": "ev1", "title": "Visit", "start": {"time": "2027-03-01T10:00:00Z"}, "hosts": null});
    let busy = json!({"start": "2027-03-01T10:00:00Z", "end": "2027-03-01T11:00:00Z"});
    let answers = [
        list.clone(),
        success(json!([event, {"title": "no id"}])),
        success(json!([busy])),
        success(event.clone()),
        success(event.clone()),
        success(event),
        Value::Null,
    ];
    let service = Service::self_hosted(answers).await;
    let calendars = service.client.calendars();
    let found = calendars.connections().await.unwrap();
    assert_eq!((found.connections[0].kind.as_deref(), found.connections[1].email.as_deref()), (Some("google"), None));
    assert_eq!(found.to_wire_json(), list["data"]);
    assert!(!format!("{found:?}").contains("jo@"));

    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    let (from, to) = (at("2027-03-01T00:00:00Z"), at("2027-03-02T00:00:00Z"));
    let connection = calendars.connection("36").calendar("jo@example.org").time_zone("Europe/Vienna");
    let events = connection.events(from, to).await.unwrap();
    assert_eq!((events[0].id.as_str(), events.len(), events.unread().len()), ("ev1", 1, 1));
    assert_eq!(connection.busy_times(from, to).await.unwrap()[0].start, at("2027-03-01T10:00:00Z"));
    let connection = calendars.connection("a/b");
    connection.event("ev1").await.unwrap();
    let time = |text: &str| CalendarEventTime::new(at(text), "Europe/Vienna");
    let new = CreateCalendarEvent::new("Visit", time("2027-03-01T10:00:00Z"), time("2027-03-01T11:00:00Z"))
        .description("-")
        .attendee("erika@example.org", Some("Erika"))
        .attendee("max@example.org", None);
    assert!(!format!("{new:?}").contains("Visit") && !format!("{new:?}").contains("erika"));
    connection.create_event(&new).await.unwrap();
    connection.update_event("ev1", &UpdateCalendarEvent::new().title("Later")).await.unwrap();
    connection.calendar("side").delete_event("ev1").await.unwrap();
    assert_eq!(
        service.calls().await,
        [
            "GET /v2/calendars/connections",
            "GET /v2/calendars/connections/36/events?calendarId=jo%40example.org&from=2027-03-01T00%3A00%3A00Z&timeZone=Europe%2FVienna&to=2027-03-02T00%3A00%3A00Z",
            "GET /v2/calendars/connections/36/freebusy?from=2027-03-01T00%3A00%3A00Z&timeZone=Europe%2FVienna&to=2027-03-02T00%3A00%3A00Z",
            "GET /v2/calendars/connections/a%2Fb/events/ev1",
            r#"POST /v2/calendars/connections/a%2Fb/events {"attendees":[{"email":"erika@example.org","name":"Erika"},{"email":"max@example.org"}],"description":"-","end":{"time":"2027-03-01T11:00:00Z","timeZone":"Europe/Vienna"},"start":{"time":"2027-03-01T10:00:00Z","timeZone":"Europe/Vienna"},"title":"Visit"}"#,
            r#"PATCH /v2/calendars/connections/a%2Fb/events/ev1 {"title":"Later"}"#,
            "DELETE /v2/calendars/connections/a%2Fb/events/ev1?calendarId=side",
        ]
    );
}

#[tokio::test]
async fn spans_and_events_that_cannot_be_are_refused_before_they_are_sent() {
    let service = Service::self_hosted([success(json!([]))]).await;
    let (from, to) = ("2027-03-02T00:00:00Z".parse().unwrap(), "2027-03-01T00:00:00Z".parse().unwrap());
    let connection = service.client.calendars().connection("36").time_zone("Mars");
    let problems = ["timeZone: must be an IANA time zone", "to: must not be before from"];
    for error in [connection.events(from, to).await.unwrap_err(), connection.busy_times(from, to).await.unwrap_err()] {
        assert_eq!(error.field_errors().iter().map(ToString::to_string).collect::<Vec<_>>(), problems);
    }
    let time = |at, zone| CalendarEventTime::new(at, zone);
    let event = CreateCalendarEvent::new(" ", time(from, "Mars"), time(from, "Moon"));
    let error = connection.create_event(&event).await.unwrap_err();
    let fields: Vec<_> = error.field_errors().iter().map(|problem| problem.field.clone()).collect();
    assert_eq!(fields, ["title", "start.timeZone", "end.timeZone", "end"]);
    assert!(service.calls().await.is_empty());
    let hosted = Service::hosted([success(json!([]))]).await;
    let connection = hosted.client.calendars().connection("36");
    assert!(matches!(connection.events(to, from).await, Err(Error::Unsupported(..))));
    assert!(hosted.calls().await.is_empty());
}
