use calcom::{
    Client, Error,
    model::{EventTypeId, Reservation, ReserveSlot},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use wiremock::MockServer;

use crate::support::{self, bodies, recorded_body};

const RESERVATIONS: &str = "/v2/slots/reservations";
const UID: &str = "e195d0e8-feb5-4bac-a3e0-00c8e6acfb70";

async fn answering(verb: &str, at: &str, status: u16, body: Value) -> (MockServer, Client) {
    support::answering(Some("2024-09-04"), verb, at, status, body).await
}

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

#[tokio::test]
async fn a_slot_is_reserved_and_read_back() {
    let answer = recorded_body("slots/reservation-create-custom-duration");
    let (server, api) = answering("POST", RESERVATIONS, 201, answer.clone()).await;
    let slot = ReserveSlot::new(1, at("2026-12-03T12:00:00Z")).reservation_duration(10);
    let held = api.slots().reserve(&slot).await.unwrap();
    let sent = json!({"eventTypeId": 1, "slotStart": "2026-12-03T12:00:00Z", "reservationDuration": 10});
    assert_eq!(bodies(&server).await, std::slice::from_ref(&sent));
    assert_eq!(serde_json::to_value(&slot).unwrap(), sent);
    assert_eq!((held.event_type_id, held.slot_duration), (Some(EventTypeId(1)), Some(30)));
    assert_eq!((held.reservation_duration, held.slot_end), (Some(10), at("2026-12-03T12:30:00Z")));
    assert_eq!(held.extra("reservationUntil"), Some(&answer["data"]["reservationUntil"]));
    let again: Reservation = serde_json::from_value(held.to_wire_json()).unwrap();
    assert_eq!(again, held);

    let at_uid = format!("{RESERVATIONS}/{UID}");
    let (_server, api) = answering("GET", &at_uid, 200, recorded_body("slots/reservation-get")).await;
    let read = api.slots().reservation(UID).await.unwrap().unwrap();
    assert_eq!((read.reservation_uid.as_str(), read.reservation_duration), (UID, None));

    let unknown = recorded_body("slots/reservation-get-unknown");
    let (_server, api) = answering("GET", &at_uid, 200, unknown).await;
    assert_eq!(api.slots().reservation(UID).await.unwrap(), None);
}

#[tokio::test]
async fn a_reservation_is_moved_and_released() {
    let at_uid = format!("{RESERVATIONS}/{UID}");
    let slot = ReserveSlot::new(1, at("2026-12-03T11:00:00Z"));
    let (server, api) = answering("PATCH", &at_uid, 200, recorded_body("slots/reservation-update")).await;
    let moved = api.slots().update_reservation(UID, &slot).await.unwrap();
    assert_eq!((moved.slot_start, moved.reservation_uid.as_str()), (slot.slot_start, UID));
    assert_eq!(bodies(&server).await, [json!({"eventTypeId": 1, "slotStart": "2026-12-03T11:00:00Z"})]);

    let unknown = recorded_body("slots/reservation-update-unknown");
    let (_server, api) = answering("PATCH", &at_uid, 404, unknown).await;
    assert!(matches!(api.slots().update_reservation(UID, &slot).await, Err(Error::NotFound(_))));

    let (_server, api) = answering("DELETE", &at_uid, 200, recorded_body("slots/reservation-delete")).await;
    api.slots().release(UID).await.unwrap();
}

#[tokio::test]
async fn a_slot_that_is_reserved_already_is_a_conflict() {
    let held = recorded_body("slots/reservation-create-same-slot-again");
    let (_server, api) = answering("POST", RESERVATIONS, 422, held).await;
    let error = api.slots().reserve(&ReserveSlot::new(1, at("2026-12-03T10:00:00Z"))).await.unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error}");

    let anonymous = recorded_body("slots/reservation-create-custom-duration-noauth");
    let (_server, api) = answering("POST", RESERVATIONS, 401, anonymous).await;
    let slot = ReserveSlot::new(1, at("2026-12-03T10:00:00Z")).reservation_duration(10);
    assert!(matches!(api.slots().reserve(&slot).await, Err(Error::Authentication(_))));
}
