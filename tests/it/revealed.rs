//! Personal data in `Debug`: hidden, and shown if the program asks for it. Secrets are never shown.

use std::fmt::Debug;

use calcom::{
    model::{Booking, BookingUid, CreateBooking, CreateWebhook, Slots, Trigger},
    observe::reveal,
    raw::types,
    webhook::Event,
};
use serde_json::json;

use crate::support::{recorded_body, recorded_request};

/// What `Debug` shows of a value, in both forms: hidden, and revealed.
fn shown(value: &impl Debug) -> [String; 2] {
    let revealed = reveal(value);
    [format!("{value:?} {value:#?}"), format!("{revealed:?} {revealed:#?}")]
}

fn assert_hides(value: &impl Debug, personal: &[&str]) {
    let [hidden, revealed] = shown(value);
    for text in personal {
        assert!(!hidden.contains(text), "{text} is in {hidden}");
        assert!(revealed.contains(text), "{text} is not in {revealed}");
    }
    assert_eq!(shown(value)[0], hidden, "it is hidden again");
}

#[test]
fn inputs_responses_ids_and_events_are_shown_whole_if_they_are_revealed() {
    let start = "2030-01-15T10:00:00Z".parse().unwrap();
    let wanted = CreateBooking::new(7, start, "Ida Muster", "ida@example.com").response("insurance", "public");
    assert_hides(&wanted, &["Ida Muster", "ida@example.com", "insurance"]);
    assert_hides(&Some(vec![wanted]), &["Ida Muster"]);
    assert_hides(&BookingUid::from("kgiKeoVgk6NpALrVxDhWeY"), &["kgiKeoVgk6NpALrVxDhWeY"]);

    let data = recorded_body("bookings-2024-08-13/get-regular")["data"].clone();
    let booking: Booking = serde_json::from_value(data.clone()).unwrap();
    let [title, email] = [&data["title"], &data["attendees"][0]["email"]].map(|text| text.as_str().unwrap());
    assert_hides(&booking, &[title, email]);
    let wire: types::BookingOrSeriesResponse = serde_json::from_value(recorded_body("bookings-2024-08-13/get-regular"))
        .unwrap_or_else(|error| panic!("{error}"));
    assert_hides(&wire, &[email]);
    let request: types::CreateBooking =
        serde_json::from_value(recorded_request("bookings-2024-08-13/create-regular")).unwrap();
    assert_hides(&request, &[request.attendee.email.as_deref().unwrap()]);

    let event = json!({"triggerEvent": "BOOKING_CREATED", "createdAt": "2026-11-23T10:00:00Z",
        "payload": {"uid": "u", "title": "Visit of Ida", "startTime": "2026-11-24T10:00:00Z",
            "endTime": "2026-11-24T10:30:00Z", "attendees": [{"name": "Ida Muster", "email": "ida@example.com"}]}});
    assert_hides(&Event::parse(event.to_string()).unwrap(), &["Ida Muster", "ida@example.com"]);
}

#[test]
fn the_difference_of_two_values_is_visible_also_in_fields_that_the_documentation_lacks() {
    let mut data = recorded_body("bookings-2024-08-13/get-regular")["data"].clone();
    let before: Booking = serde_json::from_value(data.clone()).unwrap();
    data["undocumented"] = json!("planted");
    let after: Booking = serde_json::from_value(data).unwrap();
    assert_ne!(before, after);
    assert_ne!(shown(&before)[1], shown(&after)[1]);
    let slots = json!({"slots": {"2025-01-15": [{"time": "2025-01-15T09:00:00Z", "attendees": 0, "bookingUid": null,
        "users": ["Ida Muster"]}]}});
    assert_hides(&serde_json::from_value::<Slots>(slots).unwrap(), &["Ida Muster"]);
}

#[test]
fn secrets_are_never_shown() {
    let webhook = CreateWebhook::new("https://example.com/planted", [Trigger::BookingCreated]).secret("planted-secret");
    let [hidden, revealed] = shown(&webhook);
    assert!(revealed.contains("https://example.com/planted"), "{revealed}");
    for text in [hidden, revealed, shown(&calcom::ApiKey::new("planted-secret"))[1].clone()] {
        assert!(!text.contains("planted-secret"), "{text}");
    }
    let tokens = json!({"status": "success", "data": {"accessToken": "planted-secret", "refreshToken": "planted-secret",
        "accessTokenExpiresAt": 1, "refreshTokenExpiresAt": 1}});
    let read: types::TokenPairResponse = serde_json::from_value(tokens).unwrap();
    assert!(!shown(&read)[1].contains("planted-secret"), "{read:?}");
    let account = json!({"private_key": "planted-secret", "client_email": "shown", "client_id": "shown"});
    let app = json!({"id": 1, "key": {"access_token": "planted-secret", "odd": "planted-secret"},
        "encryptedKey": "planted-secret", "paymentStatus": "shown"});
    let exchange = json!({"client_id": "shown", "grant_type": "authorization_code", "code": "planted-secret",
        "code_verifier": "planted-secret", "refresh_token": "planted-secret"});
    let place = json!({"type": "video", "password": "planted-secret", "pin": "planted-secret",
        "accessCode": "planted-secret", "label": "shown"});
    let [account, app, exchange, place] = [
        shown(&serde_json::from_value::<types::GoogleServiceAccountKey>(account).unwrap()),
        shown(&serde_json::from_value::<types::ConferencingApp>(app).unwrap()),
        shown(&serde_json::from_value::<types::CreateOauth2Token>(exchange).unwrap()),
        shown(&serde_json::from_value::<types::UnifiedCalendarEventLocation>(place).unwrap()),
    ];
    for [hidden, revealed] in [account, app, exchange, place] {
        assert!(!hidden.contains("planted") && !revealed.contains("planted"), "{hidden} {revealed}");
        assert!(revealed.contains("shown"), "{revealed}");
    }
    let mut data = recorded_body("bookings-2024-08-13/get-regular")["data"].clone();
    data["undocumented"] = json!({"key": {"odd": "planted-secret"}, "hostSecret": "planted-secret", "shown": "shown"});
    let [_, revealed] = shown(&serde_json::from_value::<Booking>(data).unwrap());
    assert!(!revealed.contains("planted-secret") && revealed.contains(r#""shown""#), "{revealed}");
}
