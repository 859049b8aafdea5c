//! What is sent: the version header of every operation, and one whole request or more of each area.

use std::future::Future;

use calcom::{
    Client, Config, Contract, Credentials,
    config::ServiceKind,
    operation::{self, Operation},
    raw::types,
};
use serde_json::{Value, json};

use crate::support::{
    full::full,
    recorded_request, recording,
    socket::{Received, Service, Step, answer},
    version_matrix,
};

/// What arrives when `call` is made on a client of a service that says no.
pub async fn sent<F: Future>(call: impl FnOnce(Client) -> F) -> Received {
    sent_to(Contract::SelfHosted, call).await
}

/// The same, with a client of the one or the other service.
async fn sent_to<F: Future>(contract: Contract, call: impl FnOnce(Client) -> F) -> Received {
    let service = Service::start([vec![Step::Request, Step::Write(answer(404, &[], "{}"))]]).await;
    let mut config = service.client().config().clone();
    config.service = match contract {
        Contract::Hosted => ServiceKind::Hosted,
        _ => ServiceKind::SelfHosted,
    };
    call(service.builder().config(config).build().unwrap()).await;
    let mut requests = service.requests();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

/// The service that has the operation; the self-hosted one if both have it.
fn contract_of(operation: &Operation) -> Contract {
    if operation.is_in(Contract::SelfHosted) { Contract::SelfHosted } else { Contract::Hosted }
}

fn by_id(id: &str) -> &'static Operation {
    Operation::all().iter().find(|operation| operation.id == id).unwrap()
}

/// What arrives when `operation` is sent by the road that all bindings take, with 1 in the place of every parameter.
async fn sent_by_table(operation: &'static Operation, client: impl FnOnce(Client) -> Client) -> Received {
    let path: Vec<&str> =
        operation.path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect();
    let path = path.join("/");
    let call = async |fresh| client(fresh).raw().operation::<Value>(operation, path).await.map(drop);
    sent_to(contract_of(operation), call).await
}

fn versions(request: &Received) -> Vec<&str> {
    let named = request.headers.iter().filter(|(name, _)| name == "cal-api-version");
    named.map(|(_, value)| value.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn every_operation_is_sent_with_its_own_version_and_with_the_credential() {
    for operation in Operation::all() {
        let request = sent_by_table(operation, |client| client).await;
        assert_eq!(versions(&request), Vec::from_iter(operation.version), "{}", operation.id);
        let key = (operation.credentials != operation::CredentialPolicy::Refused).then_some("Bearer cal_live_socket");
        assert_eq!(request.header("authorization"), key, "{}", operation.id);
        // The name that the published document gives the header in generated clients.
        assert_eq!(request.header("api-version"), None, "{}", operation.id);
        assert!(request.line.starts_with(operation.method.as_str()), "{}", request.line);
    }
}

#[test]
fn every_version_is_one_that_the_recorded_service_routes() {
    let matrix = version_matrix();
    let mut known = 0;
    for operation in Operation::all() {
        let route = format!("{} {}", operation.method.as_str(), operation.path);
        let Some(row) = matrix.get(&route) else { continue };
        known += 1;
        assert_ne!(row[operation.version.unwrap_or("nover")], "-", "{route} with {:?}", operation.version);
    }
    assert!(known > 40, "only {known} operations were probed");
}

#[tokio::test(start_paused = true)]
async fn a_call_may_have_a_version_of_its_own() {
    for operation in Operation::all() {
        let request = sent_by_table(operation, |client| client.with_version("2026-02-25")).await;
        assert_eq!(versions(&request), ["2026-02-25"], "{}", operation.id);
    }
    let service = Service::start([]).await;
    for version in ["20\n24", "zw\u{f6}lf", "2024 08 13", ""] {
        let error = service.client().with_version(version).raw().get_me().await.unwrap_err();
        assert_eq!((error.field_errors()[0].field.as_str(), error.attempts()), ("version", 0), "{error}");
    }
    assert_eq!(service.connections(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_version_in_the_settings_is_the_bookings_own() {
    let newer = |client: Client| {
        let mut config: Config = client.config().clone();
        config.api_version = Some("2026-02-25".to_owned());
        Client::builder().config(config).credentials(Credentials::Anonymous).build().unwrap()
    };
    for operation in Operation::all() {
        let request = sent_by_table(operation, newer).await;
        let expected = if operation.version == Some("2024-08-13") { Some("2026-02-25") } else { operation.version };
        assert_eq!(versions(&request), Vec::from_iter(expected), "{}", operation.id);
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_without_credentials_sends_none() {
    let request = sent(async |client| {
        let nobody = client.with_credentials(Credentials::Anonymous).unwrap();
        nobody.raw().list_slots("2026-12-01", "2026-12-02").event_type_id(1).await
    })
    .await;
    assert_eq!(request.header("authorization"), None);
    assert_eq!(versions(&request), ["2024-09-04"]);
}

/// A request as people read it; what is the same for all but says nothing is left out.
pub fn shown(request: &Received) -> String {
    let silent = ["host", "content-length", "user-agent"];
    let mut headers: Vec<_> = request.headers.iter().filter(|(name, _)| !silent.contains(&name.as_str())).collect();
    headers.sort();
    let mut text = format!("{}\n", request.line);
    for (name, value) in headers {
        text += &format!("{name}: {value}\n");
    }
    if !request.body.is_empty() {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        text += &format!("\n{}\n", serde_json::to_string_pretty(&body).unwrap());
        let length = request.header("content-length").map(|length| length.parse().unwrap());
        assert_eq!(length, Some(request.body.len()));
    }
    assert_eq!(request.header("user-agent"), Some(concat!("calcom-rust/", env!("CARGO_PKG_VERSION"))));
    text
}

/// Each call of a list, as it arrives, into one snapshot.
macro_rules! snapshot {
    ($name:literal, $($operation:ident($($argument:expr),* $(,)?) $(.$setter:ident($value:expr))*),+ $(,)?) => {
        let mut text = Vec::new();
        $(
            let contract = contract_of(by_id(stringify!($operation)));
            let call = async |client: Client| client.raw().$operation($($argument),*)$(.$setter($value))*.await.map(drop);
            let request = sent_to(contract, call).await;
            text.push(format!("# {}\n{}", stringify!($operation), shown(&request)));
        )+
        insta::assert_snapshot!($name, text.join("\n"));
    };
}

mod areas;
mod organization_teams;
mod organizations;

fn body<T: serde::de::DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).unwrap()
}

/// A request that the service accepted.
fn recorded<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let status = recording(name)["response"]["status"].as_u64().unwrap();
    assert!((200..300).contains(&status), "{name}: {status}");
    body(recorded_request(name))
}

#[tokio::test(start_paused = true)]
async fn me_and_api_keys() {
    snapshot!("me", get_me(), update_me(&recorded::<types::UpdateMe>("me/patch-avatar")));
    snapshot!("api_keys", refresh_api_key(&body(json!({"apiKeyDaysValid": 7}))));
}

#[tokio::test(start_paused = true)]
async fn event_types_and_their_private_links() {
    use types::SortOrder;
    snapshot!(
        "event_types",
        list_event_types().username("john&doe").event_slug("30 min").org_id(7).sort_created_at(SortOrder::Asc),
        create_event_type(&recorded::<types::CreateEventType>("event-types/create-2024-06-14-plain30")),
        get_event_type(7),
        update_event_type(7, &types::UpdateEventType::new().title("Later")),
        delete_event_type(7),
        list_team_event_types(9).hosts_limit(5),
        list_private_links(7),
        update_private_link(7, "link-1", &types::UpdatePrivateLink::new().max_usage_count(5.try_into().unwrap())),
        create_private_link(7, &recorded("private-links/ok-create-max-usage")),
        delete_private_link(7, "link-1"),
    );
}

#[tokio::test(start_paused = true)]
async fn schedules() {
    snapshot!(
        "schedules",
        list_schedules(),
        get_schedule(7),
        get_default_schedule(),
        create_schedule(&recorded("schedules/create-2024-06-11")),
        update_schedule(7, &body(json!({"name": "Mornings"}))),
        delete_schedule(7),
    );
}

#[tokio::test(start_paused = true)]
async fn slots_and_reservations() {
    snapshot!(
        "slots",
        list_slots("2026-12-01", "2026-12-02T00:00:00+01:00")
            .time_zone("Europe/Berlin")
            .duration(30)
            .event_type_id(7)
            .format(types::SlotFormat::Range),
        list_available_slots("2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z")
            .username_list("john")
            .username_list("jane")
            .event_type_id(7),
        reserve_slot(&recorded("slots/reservation-create")),
        update_slot_reservation("res-1", &types::ReserveSlot::new(7, "2026-12-01T09:00:00Z".parse().unwrap())),
        get_slot_reservation("res-1"),
        delete_slot_reservation("res-1"),
    );
}

#[tokio::test(start_paused = true)]
async fn bookings() {
    use types::{BookingListStatus, BookingReferenceType, SortOrder};
    let after: jiff::Timestamp = "2026-12-01T09:00:00Z".parse().unwrap();
    snapshot!(
        "bookings",
        list_bookings()
            .take(250)
            .status(BookingListStatus::Upcoming)
            .status(BookingListStatus::Past)
            .skip(100)
            .sort_created(SortOrder::Desc)
            .event_type_id(7)
            .after_start(after)
            .attendee_email("erika+1@example.org")
            .attendee_name("Erika Muster"),
        create_booking(&recorded("bookings-2024-08-13/create-regular")),
        reschedule_booking("uid-1", &recorded("bookings-2024-08-13/reschedule")),
        cancel_booking("uid-1", &recorded("bookings-2024-08-13/cancel")),
        confirm_booking("uid-1"),
        get_booking("uid-1"),
        get_booking_by_seat("seat-1"),
        list_booking_attendees("uid-1"),
        get_booking_attendee("uid-1", 7),
        add_booking_attendee("uid-1", &body(json!({"name": "Jane", "email": "j@x.de", "timeZone": "Europe/Berlin"}))),
        add_booking_guests("uid-1", &body(json!({"guests": [{"email": "g@example.org"}]}))),
        decline_booking("uid-1", &types::DeclineBooking::new().reason("ill")),
        update_booking_location("uid-1", &recorded("bookings-2024-08-13/location-update")),
        mark_booking_absent("uid-1", &body(json!({"host": true}))),
        reassign_booking("uid-1"),
        list_booking_calendar_links("uid-1"),
        list_booking_sessions("uid-1"),
        list_booking_recordings("uid-1"),
        list_booking_transcripts("uid-1"),
        list_booking_references("uid-1").type_(BookingReferenceType::GoogleCalendar),
        reassign_booking_to_user("uid-1", 7, &body(json!({"reason": "ill"}))),
        remove_booking_attendee("uid-1", 7),
    );
}

#[tokio::test(start_paused = true)]
async fn calendars() {
    snapshot!(
        "calendars",
        list_calendars(),
        list_busy_times("2026-12-01", "2026-12-02", 7, "cal@example.org").time_zone("Europe/Berlin"),
    );
}

/// Counted in the snapshots, so that an operation without a full example is named here.
#[test]
fn every_operation_has_a_full_example() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let folders = ["snapshots", "requests/snapshots"].map(|name| std::fs::read_dir(folder.join(name)).unwrap());
    let files = folders.into_iter().flatten().map(|entry| entry.unwrap().path());
    let requests = files.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("it__requests__"));
    let text: String = requests.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let shown = |operation: &&Operation| text.lines().any(|line| line.trim() == format!("# {}", operation.id));
    let missing: Vec<_> = Operation::all().iter().filter(|operation| !shown(operation)).map(|it| it.id).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test(start_paused = true)]
async fn webhooks() {
    snapshot!(
        "webhooks",
        list_webhooks().take(250).skip(0),
        get_webhook("hook-1"),
        update_webhook("hook-1", &types::UpdateWebhook::new().secret(calcom::Patch::Clear).payload_template("{}")),
        delete_webhook("hook-1"),
        list_event_type_webhooks(7).take(1),
        get_event_type_webhook(7, "hook-1"),
        create_event_type_webhook(
            7,
            &types::CreateWebhook::new(true, "https://example.com/", ["BOOKING_CREATED", "BOOKING_TOMORROW"])
        ),
        delete_event_type_webhook(7, "hook-1"),
        create_webhook(&recorded("webhooks/create-with-version")),
        update_event_type_webhook(7, "hook-1", &body(json!({"active": false}))),
        delete_event_type_webhooks(7),
    );
}
