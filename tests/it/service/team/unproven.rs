//! Outcomes that no list proves.

use calcom::service::Appointment;

use super::*;
use crate::service::wanted;

#[tokio::test(start_paused = true)]
async fn a_lost_response_stays_unknown_if_the_list_is_refused_or_says_nothing() {
    let nothing = |data: Value| World { list: Some(json!({"status": "success", "data": data})), ..World::new() };
    let cases = [
        ("the caller may not list", World { may_list: false, ..World::new() }),
        ("a list of null", nothing(Value::Null)),
        ("an object in place of a list", nothing(json!({}))),
        ("a text in place of a list", nothing(json!("none"))),
        ("no data", World { list: Some(json!({"status": "success"})), ..World::new() }),
        (
            "an error with status 200",
            World { list: Some(json!({"status": "error", "error": {"code": "X", "message": "x"}})), ..World::new() },
        ),
    ];
    let organization_team = BookingScope::OrganizationTeam { organization: OrganizationId(1), team: TeamId(4) };
    for (case, world) in cases {
        for scope in [TEAM, organization_team] {
            for scheduling in ["roundRobin", "collective"] {
                let mut event = event_type(1);
                event["schedulingType"] = json!(scheduling);
                let (server, _) = serve(World { books: true, of_team: vec![(1, event)], ..world.clone() }).await;
                let new = Appointment::new(wanted(1, TUESDAY));
                let outcome = service(&server, scope).book(new).await;
                let case = format!("{case}, {scope:?}, {scheduling}");
                assert!(matches!(outcome, Outcome::Unknown(_)), "{case}: {outcome:?}");
                // The service refuses a second collective booking; of a round robin it would make one.
                let sends = count(&server, "POST /v2/bookings");
                assert!(sends == 1 || scheduling == "collective", "{case}: {sends}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_response_is_no_refusal_if_the_list_of_another_team_is_empty() {
    // The event type belongs to no team of the caller; an empty list says nothing about it.
    let mut event = event_type(2);
    event["schedulingType"] = json!("roundRobin");
    for (scope, own) in [(TEAM, vec![(2, event.clone())]), (BookingScope::Own, vec![(2, event)])] {
        let (server, _) = serve(World { books: true, own, list: Some(empty()), ..World::new() }).await;
        let outcome = service(&server, scope).book(appointment(2, TUESDAY, "k")).await;
        assert!(matches!(outcome, Outcome::Unknown(_)), "{scope:?}: {outcome:?}");
        assert_eq!(count(&server, "POST /v2/bookings"), 1, "{scope:?}");
    }
}

fn empty() -> Value {
    json!({"status": "success", "data": [], "pagination": {"totalItems": 0, "returnedItems": 0, "hasNextPage": false}})
}

#[tokio::test(start_paused = true)]
async fn a_reassignment_without_a_known_host_is_not_taken_for_done() {
    let mut world = hosted_by(3, (false, false));
    world.bookings[0]["hosts"] = json!([{"name": "Host", "email": "host@example.com", "timeZone": "UTC"}]);
    let (server, _) = serve(world).await;
    let outcome = service(&server, TEAM).reassign("booked", None, None).await;
    // The second request is executed and answered; before it nothing shows a new host.
    assert!(outcome.done().is_some());
    assert_eq!(count(&server, "POST /v2/bookings/booked/reassign"), 2);
}
