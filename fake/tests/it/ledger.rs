//! The ledger has all changes, whatever response the client receives.

use std::time::Duration;

use calcom_conformance::raw_http::RawRequest;
use calcom_fake::{FakeCalcom, Fault, FaultProxy, ResetPoint};
use serde_json::json;

const NINE: &str = "2026-12-01T09:00:00Z";

/// If the client's error excludes an effect, the ledger has no change.
#[tokio::test(start_paused = true)]
async fn the_client_never_reports_as_not_applied_what_the_ledger_lists() {
    let every = [
        Fault::status(500),
        Fault::status(503).after_effect(),
        Fault::html(502),
        Fault::html(200).after_effect(),
        Fault::empty(200).after_effect(),
        Fault::truncated(20),
        Fault::content_type("text/plain"),
        Fault::delay(Duration::from_secs(600)),
        Fault::no_response(),
        Fault::no_response().after_effect(),
        Fault::reset(ResetPoint::BeforeRequest),
        Fault::reset(ResetPoint::MidRequest),
        Fault::reset(ResetPoint::InFlight),
        Fault::reset(ResetPoint::AfterEffect),
        Fault::reset(ResetPoint::MidResponse),
    ];
    let mut unconfirmed = 0;
    for fault in every {
        let fake = FakeCalcom::recorded_seed().await;
        let proxy = FaultProxy::for_fake(&fake).await;
        proxy.fault(fault.clone());
        let client = calcom::Client::builder()
            .credentials(calcom::ApiKey::new(fake.api_key()))
            .api_url(proxy.url())
            .build()
            .unwrap();
        let wanted = calcom::model::CreateBooking::new(1, NINE.parse().unwrap(), "Ada", "ada@example.org");
        let told = client.bookings().create(&wanted).await;
        proxy.idle().await;
        let happened = fake.ledger().changes().count();
        match told {
            Ok(_) => assert_eq!(happened, 1, "{fault}"),
            Err(error) => assert!(happened == 0 || error.may_have_been_applied(), "{fault}: {error}"),
        }
        unconfirmed += fake.ledger().unconfirmed().count();
    }
    assert!(unconfirmed > 5, "{unconfirmed}");
}

#[tokio::test(start_paused = true)]
async fn the_ledger_lists_changes_of_other_resources_too() {
    let fake = FakeCalcom::recorded_seed().await;
    let key = fake.api_key();
    let call = |method: &str, path: &str, version: &str| RawRequest::new(method, path).key(&key).version(version);
    let calls = [
        call("PATCH", "/v2/me", "2024-06-14").json(&json!({ "bio": "x" })),
        call("POST", "/v2/schedules", "2024-06-11")
            .json(&json!({ "name": "Late", "timeZone": "UTC", "isDefault": false })),
        call("DELETE", "/v2/schedules/3", "2024-06-11"),
        call("POST", "/v2/slots/reservations", "2024-09-04").json(&json!({ "eventTypeId": 1, "slotStart": NINE })),
        call("POST", "/v2/event-types", "2024-06-14")
            .json(&json!({ "lengthInMinutes": 10, "title": "Ten", "slug": "ten" })),
        call("GET", "/v2/event-types", "2024-06-14"),
        call("DELETE", "/v2/event-types/10", "2024-06-14"),
        call("DELETE", "/v2/event-types/10", "2024-06-14"),
    ];
    for call in calls {
        call.send(fake.address()).await.unwrap();
    }
    let ledger = fake.ledger().to_string();
    let reservation = ledger.split("reservation ").nth(1).unwrap().split(';').next().unwrap().to_owned();
    assert_eq!(
        ledger.replace(&reservation, "RESERVATION"),
        "#1 update_me: changed user 1; answered 200\n\
         #2 create_schedule: made schedule 3; answered 201\n\
         #3 delete_schedule: removed schedule 3; answered 200\n\
         #4 reserve_slot: made reservation RESERVATION; answered 201\n\
         #5 create_event_type: made event type 10; answered 201\n\
         #7 delete_event_type: removed event type 10; answered 200\n"
    );
}
