//! The booking service for a team: what lookups list, and what they prove.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use calcom::{
    model::{OrganizationId, TeamId, UserId},
    service::{BookingScope, Outcome, Problem, Service, Settings},
};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{TUESDAY, appointment};
use crate::support::socket::{self, Received};

mod unproven;

const TEAM: BookingScope = BookingScope::Team(TeamId(4));

/// What the server has and does.
#[derive(Clone)]
struct World {
    bookings: Vec<Value>,
    /// What the team's route answers for an event type, and what the caller's own does.
    of_team: Vec<(i64, Value)>,
    own: Vec<(i64, Value)>,
    /// The status for an event type that the team has not.
    unknown: u16,
    /// When a reassignment was sent.
    reassigned: Vec<Instant>,
    /// Whether the caller may list the bookings of the team.
    may_list: bool,
    /// What the list of the team's bookings is, in place of the bookings.
    list: Option<Value>,
    /// Whether a booking is made; if not, it is refused.
    books: bool,
    host: i64,
    /// Whether the host changes at a reassignment, and whether its response arrives.
    reassigns: (bool, bool),
}

fn event_type(id: i64) -> Value {
    json!({
        "id": id, "lengthInMinutes": 30, "title": "Sales call", "slug": "sales", "teamId": 4, "schedulingType": "collective",
        "hosts": [{"userId": 3}, {"userId": 5}, {"userId": 7}], "locations": [], "bookingFields": [], "metadata": {},
    })
}

impl World {
    fn new() -> Self {
        Self {
            bookings: Vec::new(),
            of_team: vec![(1, event_type(1))],
            own: Vec::new(),
            unknown: 404,
            reassigned: Vec::new(),
            may_list: true,
            list: None,
            books: false,
            host: 3,
            reassigns: (true, true),
        }
    }

    fn booking(&self, request: &Value) -> Value {
        let start: jiff::Timestamp = request["start"].as_str().unwrap().parse().unwrap();
        json!({
            "id": 1, "uid": "booked", "title": "Sales call", "status": "accepted", "start": start.to_string(),
            "end": (start + jiff::SignedDuration::from_mins(30)).to_string(), "duration": 30, "eventTypeId": request["eventTypeId"],
            "hosts": [{"id": self.host, "name": "Host", "email": "host@example.com", "timeZone": "UTC"}],
            "attendees": [request["attendee"]], "metadata": request["metadata"], "createdAt": "2026-11-30T08:00:00.000Z",
        })
    }
}

fn success(data: &Value) -> Vec<u8> {
    socket::json(200, &[], json!({"status": "success", "data": data}).to_string())
}

fn refused(status: u16, message: &str) -> Vec<u8> {
    let details = json!({"code": "BadRequestException", "message": message, "details": {"message": message}});
    socket::json(status, &[], json!({"status": "error", "error": details}).to_string())
}

fn answer(world: &mut World, received: &Received) -> Vec<u8> {
    let (method, target) = received.line.split_once(' ').unwrap();
    let path = target.split('?').next().unwrap();
    let unknown = world.unknown;
    let found = |all: &[(i64, Value)], id: &str| match all.iter().find(|(known, _)| known.to_string() == id) {
        Some((_, body)) => success(body),
        None => refused(unknown, "not found"),
    };
    match (method, path.split('/').skip(2).collect::<Vec<_>>().as_slice()) {
        ("GET", ["me"]) => {
            success(&json!({"id": 9, "email": "admin@example.com", "weekStart": "Monday", "timeZone": "UTC"}))
        }
        ("GET", ["teams", "4", "event-types", id] | ["organizations", "1", "teams", "4", "event-types", id]) => {
            found(&world.of_team, id)
        }
        ("GET", ["event-types", id]) => found(&world.own, id),
        ("GET", ["teams", "4", "bookings"] | ["organizations", "1", "teams", "4", "bookings"]) if world.may_list => {
            if let Some(list) = &world.list {
                return socket::json(200, &[], list.to_string());
            }
            let pagination = json!({"totalItems": world.bookings.len(), "returnedItems": 1, "hasNextPage": false});
            let body = json!({"status": "success", "data": world.bookings, "pagination": pagination});
            socket::json(200, &[], body.to_string())
        }
        ("POST", ["bookings"]) => {
            let request: Value = serde_json::from_slice(&received.body).unwrap();
            if !world.books {
                return refused(400, "One of the hosts either already has booking at this time or is not available");
            }
            world.bookings.push(world.booking(&request));
            // The booking is made, and its response is lost.
            refused(502, "bad gateway")
        }
        ("GET", ["bookings"]) if world.list.is_some() => {
            socket::json(200, &[], world.list.clone().unwrap().to_string())
        }
        ("GET", ["bookings", "booked"]) => success(world.bookings.first().unwrap()),
        ("GET", ["bookings", "former"]) => {
            let mut former = world.bookings[0].clone();
            former["uid"] = json!("former");
            former["status"] = json!("cancelled");
            former["rescheduledToUid"] = json!("booked");
            success(&former)
        }
        ("POST", ["bookings", "booked", "reassign", host @ ..]) => {
            world.reassigned.push(Instant::now());
            if world.reassigns.0 {
                world.host = host.first().map_or(world.host + 1, |host| host.parse().unwrap());
                world.bookings[0]["hosts"][0]["id"] = json!(world.host);
            }
            world.reassigns.0 = true;
            if !std::mem::replace(&mut world.reassigns.1, true) {
                return refused(502, "bad gateway");
            }
            success(&json!({"bookingUid": "booked", "reassignedTo": {"id": world.host, "name": "Host"}}))
        }
        _ => refused(403, "forbidden"),
    }
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

fn count(server: &socket::Service, line: &str) -> usize {
    server.requests().iter().filter(|request| request.line.starts_with(line)).count()
}

#[tokio::test(start_paused = true)]
async fn a_booking_whose_response_is_lost_is_found_in_the_list_of_the_team() {
    let organization_team = BookingScope::OrganizationTeam { organization: OrganizationId(1), team: TeamId(4) };
    for (scope, list) in
        [(TEAM, "GET /v2/teams/4/bookings?"), (organization_team, "GET /v2/organizations/1/teams/4/bookings?")]
    {
        let (server, _) = serve(World { books: true, ..World::new() }).await;
        let booked = service(&server, scope).book(appointment(1, TUESDAY, "k")).await.done().unwrap();
        assert_eq!(booked.booking.uid.as_str(), "booked");
        assert_eq!((count(&server, "POST /v2/bookings"), count(&server, "GET /v2/bookings?")), (1, 0));
        let lists: Vec<String> =
            server.requests().into_iter().map(|request| request.line).filter(|line| line.starts_with(list)).collect();
        let asked = "attendeeEmail=ada%40example.org";
        assert!(lists.iter().any(|line| line.contains(asked) && line.contains("eventTypeId=1")), "{lists:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_proven_to_those_whose_list_shows_every_booking_of_the_event_type() {
    let of_team = || World::new();
    let managed =
        json!({"id": 2, "lengthInMinutes": 30, "title": "t", "slug": "s", "ownerId": 3, "parentEventTypeId": 1});
    let mut of_another = managed.clone();
    of_another["parentEventTypeId"] = json!(8);
    let cases = [
        ("an event type of the team", 1, TEAM, of_team(), true),
        ("the caller's own list", 1, BookingScope::Own, World { own: vec![(1, event_type(1))], ..of_team() }, false),
        ("made from a managed one of the team", 2, TEAM, World { own: vec![(2, managed.clone())], ..of_team() }, true),
        (
            "made from a managed one of the team, and refused by its route",
            2,
            TEAM,
            World { unknown: 403, own: vec![(2, managed.clone())], ..of_team() },
            true,
        ),
        ("made from a managed one of another team", 2, TEAM, World { own: vec![(2, of_another)], ..of_team() }, false),
        ("an event type of another team", 2, TEAM, World { own: vec![(2, event_type(2))], ..of_team() }, false),
        ("one that nobody may read", 2, TEAM, of_team(), false),
        (
            "one of another team, which is refused",
            2,
            TEAM,
            World { unknown: 403, own: vec![(2, event_type(2))], ..of_team() },
            false,
        ),
        ("a list that is refused", 1, TEAM, World { may_list: false, ..of_team() }, false),
        (
            "a managed one, whose response is a list",
            1,
            TEAM,
            World { of_team: vec![(1, json!([event_type(1), event_type(6)]))], ..of_team() },
            true,
        ),
    ];
    for (case, id, scope, world, proven) in cases {
        let (server, _) = serve(world).await;
        let outcome = service(&server, scope).book(appointment(id, TUESDAY, "k")).await;
        assert_eq!(count(&server, "POST /v2/bookings"), 1, "{case}");
        match outcome {
            Outcome::NotDone(not_done) if proven => assert_eq!(*not_done.problem(), Problem::NotAvailable, "{case}"),
            Outcome::Unknown(unknown) if !proven => assert!(unknown.refusal().is_some(), "{case}"),
            other => panic!("{case}: {other:?}"),
        }
    }
}

fn hosted_by(host: i64, reassigns: (bool, bool)) -> World {
    let mut world = World { host, reassigns, ..World::new() };
    let request =
        json!({"start": TUESDAY, "eventTypeId": 1, "metadata": {}, "attendee": {"name": "Ada", "timeZone": "UTC"}});
    world.bookings.push(world.booking(&request));
    world
}

#[tokio::test(start_paused = true)]
async fn a_reassignment_whose_response_is_lost_is_made_once() {
    // The host, whether the first request is executed and answered, and how many requests are needed.
    let cases = [
        (None, (true, true), 1, 4, false),
        (None, (true, false), 1, 4, false),
        (None, (false, false), 2, 4, false),
        (Some(7), (true, true), 1, 7, false),
        (Some(7), (true, false), 1, 7, false),
        (Some(7), (false, false), 2, 7, false),
        (Some(3), (true, true), 0, 3, true),
    ];
    for (wanted, reassigns, sends, host, already_done) in cases {
        let (server, world) = serve(hosted_by(3, reassigns)).await;
        let result = service(&server, TEAM).reassign("booked", wanted.map(UserId), Some("ill")).await.done().unwrap();
        let case = format!("{wanted:?} {reassigns:?}");
        assert_eq!((result.host_id, result.already_done), (Some(UserId(host)), already_done), "{case}");
        assert_eq!(world.lock().unwrap().host, host, "{case}");
        if let [first, second] = world.lock().unwrap().reassigned[..] {
            // The service picks another host at each request: a second one waits until the first would show.
            assert!(wanted.is_some() || second - first >= Duration::from_secs(3), "{case}: {:?}", second - first);
        }
        assert_eq!(count(&server, "POST /v2/bookings/booked/reassign"), sends, "{case}");
        let debug = format!("{result:?}");
        assert!(debug.contains("host_id") && !debug.contains("Host"), "{debug}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_booking_is_not_reassigned() {
    let mut world = hosted_by(3, (true, true));
    world.bookings[0]["status"] = json!("cancelled");
    let (server, _) = serve(world).await;
    let outcome = service(&server, TEAM).reassign("booked", None, None).await;
    assert_eq!(outcome.problem(), Some(&Problem::Cancelled));
    assert_eq!(count(&server, "POST "), 0);
}

#[tokio::test(start_paused = true)]
async fn a_booking_that_was_rescheduled_is_reassigned_under_its_current_uid() {
    let (server, world) = serve(hosted_by(3, (true, true))).await;
    let result = service(&server, TEAM).reassign("former", Some(UserId(7)), None).await.done().unwrap();
    assert_eq!((result.booking_uid.as_str(), world.lock().unwrap().host), ("booked", 7));
    assert_eq!(count(&server, "POST /v2/bookings/booked/reassign/7"), 1);
}
