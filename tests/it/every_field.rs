//! Every public field of every documented type can be changed; the change survives a round trip.

use std::fmt::Debug;

use calcom::model::{
    Attendee, Booking, BookingReference, CalendarLink, Cancellation, DeletedEventType, EventType, EventTypeGroup, Host,
    Location, PrivateLink, Profile, Reassignment, Recording, RecurringEvent, Reservation, Schedule, SessionParticipant,
    Slot, ToWireJson, User, VideoSession, Webhook,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::support::recorded_body;

type Changes<T> = Vec<(&'static str, Box<dyn Fn(&mut T)>)>;

/// Sets the field to this value.
macro_rules! set {
    ($($field:ident = $value:expr),+ $(,)?) => {
        vec![$((concat!(stringify!($field), " = ", stringify!($value)), Box::new(|it| it.$field = $value))),+]
    };
}

fn read<T: DeserializeOwned>(json: &Value) -> T {
    serde_json::from_value(json.clone()).unwrap_or_else(|error| panic!("{error}: {json}"))
}

/// Asserts that each change makes a different value, and that the value survives a round trip through its wire JSON with all
/// other fields. Then the changes are made one after the other.
fn check<T>(forms: &[Value], changes: &Changes<T>)
where
    T: Clone + Debug + DeserializeOwned + PartialEq + Serialize + ToWireJson,
{
    for json in forms {
        let original: T = read(json);
        assert_eq!(original.to_wire_json(), *json);
        let mut all = original.clone();
        let mut different = vec![original.clone()];
        for (name, change) in changes {
            let mut changed = original.clone();
            change(&mut changed);
            change(&mut all);
            let is_other = serde_json::to_value(&changed).unwrap() != serde_json::to_value(&original).unwrap();
            for (value, what) in [(&changed, "alone"), (&all, "with those before it")] {
                let written = value.to_wire_json();
                let again = serde_json::from_value::<T>(written.clone());
                let again = again.unwrap_or_else(|error| panic!("{name} {what}: {error} in {written} of {json}"));
                assert!(again == *value, "{name} {what} of {json}: {written}");
                assert_eq!(again.to_wire_json(), written, "{name} {what}");
                assert_eq!(
                    serde_json::to_value(&again).unwrap(),
                    serde_json::to_value(value).unwrap(),
                    "{name} {what} of {json} in {written}"
                );
            }
            if is_other {
                assert!(different.iter().all(|other| *other != changed), "{name} is not seen: {json}");
                different.push(changed);
            }
        }
    }
}

fn documented<T: DeserializeOwned + Serialize>(json: &Value) -> Value {
    serde_json::to_value(read::<T>(json)).unwrap()
}

fn time(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

fn booking() -> Value {
    let mut booking = recorded_body("bookings-2024-08-13/create-regular")["data"].take();
    booking["rescheduledFromUid"] = json!("before");
    booking["cancellationReason"] = json!("ill");
    booking["rejectionReason"] = json!("full");
    booking
}

#[test]
fn changes_of_bookings_survive_a_round_trip() {
    let sent = booking();
    let changes: Changes<Booking> = set!(
        id = 5.into(),
        uid = "other".into(),
        title = "Other".to_owned(),
        description = None,
        description = Some("Other".to_owned()),
        start_time = time("2031-01-01T00:00:00Z"),
        end_time = time("2031-01-01T00:00:00.000000001Z"),
        attendees = Vec::new(),
        user = None,
        location = None,
        location = Some(Location::new("inPerson", "Other")),
        status = "on_hold".into(),
        reschedule_uid = None,
        reschedule_uid = Some("other".into()),
        cancellation_reason = None,
        rejection_reason = None,
        metadata = None.into(),
        metadata = serde_json::Map::from_iter([("a".to_owned(), json!(1))]).into(),
    );
    check(&[documented::<Booking>(&sent), sent.clone()], &changes);
    let attendee: Changes<Attendee> =
        set!(email = "o@example.org".to_owned(), name = "Other".to_owned(), time_zone = "Asia/Tokyo".to_owned());
    check(
        &[
            sent["attendees"][0].clone(),
            json!({"name": "Erika", "timeZone": "Asia/Calcutta"}),
            json!({"email": "a", "name": "b", "timeZone": "c"}),
        ],
        &attendee,
    );
    let host: Changes<Host> = set!(
        email = "o@example.org".to_owned(),
        name = None,
        name = Some("Other".to_owned()),
        time_zone = None,
        time_zone = Some("Asia/Tokyo".to_owned())
    );
    check(&[sent["hosts"][0].clone(), json!({"id": 4}), documented::<Host>(&sent["hosts"][0])], &host);
    let cancellation: Changes<Cancellation> =
        set!(message = "Other".to_owned(), booking_id = None, booking_id = Some(5.into()), bookings = Vec::new());
    let told = json!({"message": "gone", "bookingId": 7});
    check(&[sent.clone(), json!([sent, booking()]), told], &cancellation);
}

#[test]
fn changes_of_booking_artifacts_survive_a_round_trip() {
    let link: Changes<CalendarLink> =
        set!(id = None, id = Some("b".to_owned()), label = None, link = "https://example.org".to_owned());
    check(&[json!({"id": "a", "label": "A", "link": "https://example.com", "new": 1})], &link);
    let reference: Changes<BookingReference> = set!(
        id = 2,
        app = "other".to_owned(),
        event_uid = None,
        destination_calendar_id = None,
        destination_calendar_id = Some("d".to_owned())
    );
    check(
        &[json!({"id": 1, "type": "daily_video", "eventUid": "e", "destinationCalendarId": "c", "new": {}})],
        &reference,
    );
    let recording: Changes<Recording> = set!(
        id = "b".to_owned(),
        room_name = None,
        start = None,
        start = Some(time("2031-01-01T00:00:00Z")),
        start = Some(time("2031-01-01T00:00:00.25Z")),
        duration = None,
        status = None,
        max_participants = None,
        download_link = None,
        error = None,
    );
    check(
        &[json!({"id": "a", "roomName": "r", "startTs": 1_700_000_000, "duration": 5, "status": "finished",
            "maxParticipants": 2, "downloadLink": "https://example.com", "error": "e", "shareToken": "t"})],
        &recording,
    );
    let session: Changes<VideoSession> = set!(
        id = "b".to_owned(),
        room = None,
        start = None,
        start = Some(time("2031-01-01T00:00:00.5Z")),
        duration = None,
        ongoing = None,
        max_participants = None,
        participants = Vec::new(),
    );
    let person = json!({"userId": "u", "userName": "n", "joinTime": 1_700_000_000, "duration": 5, "new": 1});
    check(
        &[json!({"id": "a", "room": "r", "startTime": 1_700_000_000, "duration": 5, "ongoing": false,
            "maxParticipants": 2, "participants": [person, person]})],
        &session,
    );
    let participant: Changes<SessionParticipant> = set!(
        user_id = None,
        user_name = None,
        joined = None,
        joined = Some(time("1969-12-31T23:59:59.5Z")),
        duration = None
    );
    check(&[person], &participant);
    let reassignment: Changes<Reassignment> = set!(
        booking_uid = "other".into(),
        host_id = 5.into(),
        host_name = None,
        host_email = None,
        host_email = Some("o@example.org".to_owned())
    );
    let sent = json!({"bookingUid": "u", "reassignedTo": {"id": 4, "name": "n", "email": "e"}, "new": 1});
    check(&[documented::<Reassignment>(&sent), sent], &reassignment);
}

#[test]
fn changes_of_event_types_survive_a_round_trip() {
    let mut sent = recorded_body("event-types/list-2024-06-14")["data"][0].take();
    sent["recurrence"] = json!({"interval": 1, "occurrences": 4, "frequency": "weekly"});
    sent["customInputs"] = json!([{"label": "l"}]);
    let changes: Changes<EventType> = set!(
        id = 5.into(),
        slug = "other".to_owned(),
        title = "Other".to_owned(),
        description = None,
        description = Some("Other".to_owned()),
        length = 5,
        locations = Vec::new(),
        locations = vec![Location::new("link", "https://example.org")],
        price = 12.5,
        price = 1200.0,
        currency = "chf".to_owned(),
        requires_confirmation = true,
        recurring_event = None,
        recurring_event = Some(RecurringEvent::new("daily".into(), 2, 3)),
        custom_inputs = None,
        custom_inputs = Some(Vec::new()),
    );
    check(&[documented::<EventType>(&sent), sent], &changes);
    let deleted: Changes<DeletedEventType> =
        set!(id = None, id = Some(5.into()), slug = None, title = None, length = None, length = Some(5));
    check(
        &[
            json!({"id": 4, "lengthInMinutes": 30, "slug": "s", "title": "t"}),
            json!({"id": 4, "length": 30, "slug": "s", "title": "t"}),
        ],
        &deleted,
    );
    assert_eq!(read::<DeletedEventType>(&json!({"id": 4, "length": 30})).length, Some(30));
    let profile: Changes<Profile> = set!(name = None, image = None, image = Some("i".to_owned()));
    check(&[json!({"name": "n", "image": "j", "new": 1}), json!({"name": "n", "image": null})], &profile);
    let group: Changes<EventTypeGroup> = set!(team_id = None, team_id = Some(5.into()), event_types = Vec::new());
    check(
        &[json!({"teamId": 4, "profile": {"name": "n", "image": "j"}, "eventTypes": [
            {"id": 4, "lengthInMinutes": 30, "slug": "s", "title": "t", "new": 1}
        ]})],
        &group,
    );
    let link: Changes<PrivateLink> = set!(
        link_id = "other".into(),
        event_type_id = None,
        is_expired = true,
        booking_url = None,
        expires_at = None,
        max_usage_count = None,
        max_usage_count = Some(9),
        usage_count = None,
    );
    check(
        &[json!({"linkId": "l", "eventTypeId": 4, "isExpired": false, "bookingUrl": "https://example.com",
            "expiresAt": "2031-01-01T00:00:00Z", "maxUsageCount": 5, "usageCount": 0, "new": 1})],
        &link,
    );
}

#[test]
fn changes_of_the_other_types_survive_a_round_trip() {
    let user: Changes<User> = set!(
        id = 5.into(),
        email = "o@example.org".to_owned(),
        username = None,
        time_zone = "Asia/Tokyo".to_owned(),
        week_start = "Friday".to_owned(),
        created_date = None,
        created_date = Some(time("2031-01-01T00:00:00Z")),
        organization_id = None,
        organization_id = Some(5.into()),
    );
    let mut sent = recorded_body("me/get-2024-06-11")["data"].take();
    sent["createdDate"] = json!("2025-01-01T00:00:00Z");
    check(&[documented::<User>(&sent), sent], &user);
    let sent = json!({
        "id": 7, "ownerId": 3, "name": "Hours", "timeZone": "Europe/Berlin", "isDefault": true,
        "availability": [{"days": ["Monday"], "startTime": "09:00", "endTime": "17:00"}],
        "overrides": [{"date": "2027-01-04", "startTime": "10:00", "endTime": "12:00"}],
    });
    let schedule: Changes<Schedule> = set!(
        id = 5.into(),
        name = "Other".to_owned(),
        time_zone = "Asia/Tokyo".to_owned(),
        is_default = false,
        schedule = Vec::new(),
    );
    let mut older = documented::<Schedule>(&sent);
    older["schedule"]
        .as_array_mut()
        .unwrap()
        .push(json!({"date": "2027-01-04", "days": [], "startTime": "10:00", "endTime": "12:00"}));
    check(&[documented::<Schedule>(&sent), sent, older], &schedule);
    let slot: Changes<Slot> = set!(
        time = time("2031-01-01T00:00:00Z"),
        attendees = 5,
        booking_uid = None,
        booking_uid = Some("other".into()),
        users = Vec::new(),
        users = vec!["other".to_owned()],
    );
    check(
        &[
            json!({"start": "2027-01-04T09:00:00.000+01:00", "end": "2027-01-04T09:30:00.000+01:00", "seatsTotal": 4,
                "seatsBooked": 1, "bookingUid": "u"}),
            json!({"time": "2027-01-04T08:00:00Z", "attendees": 1, "bookingUid": "u", "users": ["a"]}),
            json!({"startTime": "2027-01-04T08:00:00Z", "endTime": "2027-01-04T08:30:00Z"}),
            json!({"time": "2027-01-04T08:00:00Z", "users": [{"username": "a", "id": 4}]}),
        ],
        &slot,
    );
    let reservation: Changes<Reservation> = set!(
        reservation_uid = "other".into(),
        event_type_id = None,
        slot_start = time("2031-01-01T00:00:00Z"),
        slot_end = time("2031-01-01T00:00:00Z"),
        slot_duration = None,
        slot_duration = Some(5),
        reservation_duration = None,
        reservation_until = time("2031-01-01T00:00:00Z"),
    );
    check(
        &[json!({"reservationUid": "r", "eventTypeId": 4, "slotStart": "2030-01-01T00:00:00.000Z",
            "slotEnd": "2030-01-01T00:30:00.000Z", "slotDuration": 30, "reservationDuration": 5,
            "reservationUntil": "2029-01-01T00:00:00.000Z", "new": 1})],
        &reservation,
    );
    let webhook: Changes<Webhook> = set!(
        id = "other".into(),
        subscriber_url = "https://example.org".to_owned(),
        active = false,
        triggers = Vec::new(),
        triggers = vec!["BOOKING_TOMORROW".into()],
        payload_template = None,
        secret = None,
        secret = Some("other".into()),
    );
    check(
        &[json!({"id": "w", "subscriberUrl": "https://example.com/hook", "active": true,
            "triggers": ["BOOKING_CREATED"], "payloadTemplate": "{}", "secret": "s", "userId": 5})],
        &webhook,
    );
}
