//! The booking service for a team: round robin, and odd event types.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use calcom::{
    model::TeamId,
    service::{BookingScope, Outcome, Service, Settings},
};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{TUESDAY, appointment};
use crate::support::socket::{self, Received};

const TEAM: BookingScope = BookingScope::Team(TeamId(4));

#[derive(Default)]
struct World {
    event_type: Value,
    /// Bookings, and when the list shows each.
    bookings: Vec<(Value, Option<Instant>)>,
    lag: Duration,
    lose_first: bool,
    refuse: bool,
}

fn success(data: &Value) -> Vec<u8> {
    socket::json(200, &[], json!({"status": "success", "data": data}).to_string())
}

fn refused(status: u16, message: &str) -> Vec<u8> {
    socket::json(
        status,
        &[],
        json!({"status": "error", "error": {"code": "BadRequestException", "message": message}}).to_string(),
    )
}

fn answer(world: &mut World, received: &Received) -> Vec<u8> {
    let (method, target) = received.line.split_once(' ').unwrap();
    let path = target.split([' ', '?']).next().unwrap();
    match (method, path.split('/').skip(2).collect::<Vec<_>>().as_slice()) {
        ("GET", ["me"]) => {
            success(&json!({"id": 9, "email": "admin@example.com", "weekStart": "Monday", "timeZone": "UTC"}))
        }
        ("GET", ["teams", "4", "event-types", "1"]) => success(&world.event_type),
        ("GET", ["event-types", "1"]) => success(&world.event_type),
        ("GET", ["bookings"] | ["teams", "4", "bookings"]) => {
            let now = Instant::now();
            let shown: Vec<_> = world
                .bookings
                .iter()
                .filter(|(_, at)| at.is_none_or(|at| at <= now))
                .map(|(json, _)| json.clone())
                .collect();
            let pagination = json!({"totalItems": shown.len(), "returnedItems": shown.len(), "hasNextPage": false});
            socket::json(200, &[], json!({"status": "success", "data": shown, "pagination": pagination}).to_string())
        }
        ("POST", ["bookings"]) => {
            if world.refuse {
                return refused(400, "One of the hosts either already has booking at this time or is not available");
            }
            let request: Value = serde_json::from_slice(&received.body).unwrap();
            let number = world.bookings.len();
            let start: jiff::Timestamp = request["start"].as_str().unwrap().parse().unwrap();
            let booking = json!({
                "id": number + 1, "uid": format!("uid{number}"), "title": "Sales", "status": "accepted", "start": start.to_string(),
                "end": (start + jiff::SignedDuration::from_mins(30)).to_string(), "duration": 30, "eventTypeId": 1,
                "hosts": [{"id": 3 + number, "name": "Host", "email": "h@example.com", "timeZone": "UTC"}],
                "attendees": [request["attendee"]], "metadata": request["metadata"], "createdAt": "2026-11-30T08:00:00.000Z",
            });
            world.bookings.push((booking.clone(), Some(Instant::now() + world.lag)));
            if std::mem::take(&mut world.lose_first) {
                return refused(502, "bad gateway");
            }
            socket::json(201, &[], json!({"status": "success", "data": booking}).to_string())
        }
        ("GET", ["bookings", uid]) => success(&world.bookings.iter().find(|(json, _)| json["uid"] == **uid).unwrap().0),
        ("POST", ["bookings", uid, "cancel"]) => {
            let booking = world.bookings.iter_mut().find(|(json, _)| json["uid"] == **uid).unwrap();
            booking.0["status"] = json!("cancelled");
            let body: Value = serde_json::from_slice(&received.body).unwrap_or_default();
            booking.0["cancellationReason"] = body["cancellationReason"].clone();
            success(&booking.0.clone())
        }
        _ => refused(403, "forbidden"),
    }
}

fn event_type(scheduling: &str, locations: Value) -> Value {
    json!({
        "id": 1, "lengthInMinutes": 30, "title": "Sales", "slug": "sales", "teamId": 4, "schedulingType": scheduling,
        "hosts": [{"userId": 3}, {"userId": 4}, {"userId": 5}], "locations": locations, "bookingFields": [], "metadata": {},
    })
}

async fn serve(world: World) -> (socket::Service, Arc<Mutex<World>>) {
    let world = Arc::new(Mutex::new(world));
    let shared = Arc::clone(&world);
    (socket::Service::serving_with(move |received| answer(&mut shared.lock().unwrap(), received)).await, world)
}

fn service(server: &socket::Service, scope: BookingScope) -> Service {
    let now = "2026-11-30T08:00:00Z".parse().unwrap();
    Service::with_settings(server.client(), Settings::default().scope(scope).now(move || now))
}

fn lines(server: &socket::Service) -> Vec<String> {
    server.requests().into_iter().map(|request| request.line).collect()
}

#[tokio::test(start_paused = true)]
async fn a_round_robin_booking_whose_response_is_lost_is_made_once() {
    for scope in [TEAM, BookingScope::Own] {
        for lag in [0, 1_500, 2_500] {
            let (server, world) = serve(World {
                event_type: event_type("roundRobin", json!([])),
                lag: Duration::from_millis(lag),
                lose_first: true,
                ..World::default()
            })
            .await;
            let service = service(&server, scope);
            let outcome = service.book(appointment(1, TUESDAY, "k")).await;
            let kind = match &outcome {
                Outcome::Done(_) => "done",
                Outcome::NotDone(_) => "not done",
                Outcome::Unknown(_) => "unknown",
            };
            service.idle().await;
            tokio::time::sleep(Duration::from_secs(60)).await;
            let active = world.lock().unwrap().bookings.iter().filter(|(json, _)| json["status"] == "accepted").count();
            let sent = lines(&server).iter().filter(|line| line.starts_with("POST /v2/bookings")).count();
            let case = format!("{scope:?} lag {lag}: {kind}, {active} active, {sent} sent");
            assert_eq!((active, sent), (1, 1), "{case}");
            // The host of many cannot prove by its own list that nothing is booked.
            assert!(kind == "done" || scope == BookingScope::Own && kind == "unknown", "{case}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_odd_location_of_an_event_type_of_a_team_does_not_prevent_a_booking() {
    let odd = json!([{"type": null}, {"type": "link", "link": "https://example.org"}]);
    for (scope, locations) in [(BookingScope::Own, odd.clone()), (TEAM, odd)] {
        let (server, _) = serve(World { event_type: event_type("collective", locations), ..World::default() }).await;
        let outcome = service(&server, scope).book(appointment(1, TUESDAY, "k")).await;
        assert!(matches!(outcome, Outcome::Done(_)), "{scope:?}: {outcome:?} {:?}", lines(&server));
    }
}

#[tokio::test(start_paused = true)]
async fn an_odd_field_of_an_event_type_of_a_team_says_where_it_is() {
    let mut odd = event_type("collective", json!([]));
    odd["minimumBookingNotice"] = json!("an hour");
    for scope in [BookingScope::Own, TEAM] {
        let (server, _) = serve(World { event_type: odd.clone(), ..World::default() }).await;
        let outcome = service(&server, scope).book(appointment(1, TUESDAY, "k")).await;
        let text = format!("{outcome:?}");
        assert!(!text.contains("no such event type"), "{scope:?}: {text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_proven_although_a_location_of_the_event_type_is_odd() {
    for locations in [json!([]), json!([{"type": null}, {"type": "link", "link": "https://example.org"}])] {
        let world = World { event_type: event_type("collective", locations.clone()), refuse: true, ..World::default() };
        let (server, _) = serve(world).await;
        let outcome = service(&server, TEAM).book(appointment(1, TUESDAY, "k")).await;
        assert!(matches!(outcome, Outcome::NotDone(_)), "{locations}: {outcome:?} {:?}", lines(&server));
    }
}
