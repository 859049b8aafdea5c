//! The two services: which operations they have, at which versions, and how lists are paged.

use calcom::{
    Client, Config, Contract, Error,
    config::ServiceKind,
    facade::BookingFilter,
    model::{BookingStatus, CreateEventType, EventType},
    operation::{OAuthScopes, Operation, Resend},
};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path, query_param, query_param_is_missing},
};

use crate::support::{client, recorded_body};

fn hosted(server: &MockServer, change: impl FnOnce(&mut Config)) -> Client {
    let mut config = client(server).config().clone();
    config.service = ServiceKind::Hosted;
    change(&mut config);
    Client::builder().config(config).credentials(calcom::ApiKey::new("cal_live_contracts")).build().unwrap()
}

async fn received(server: &MockServer) -> Vec<Request> {
    server.received_requests().await.unwrap()
}

fn version(request: &Request) -> Option<&str> {
    request.headers.get("cal-api-version").map(|version| version.to_str().unwrap())
}

#[test]
fn every_operation_says_its_area_resend_class_versions_and_scopes() {
    let cell = |operation: &Operation, contract| match operation.version_in(contract) {
        _ if !operation.is_in(contract) => "lacks it",
        Some(version) => version,
        None => "-",
    };
    let mut table = String::from(
        "operation: area, resend, version self-hosted / hosted, scopes, least role, permission, plan, cache tag > invalidated tags\n",
    );
    for operation in Operation::all() {
        let (own, hosted) = (cell(operation, Contract::SelfHosted), cell(operation, Contract::Hosted));
        let scopes = match operation.scopes {
            OAuthScopes::OneOf(scopes) => scopes.join(" or "),
            scopes => format!("{scopes:?}").to_lowercase(),
        };
        let role = operation.role.map_or("-".to_owned(), |role| role.to_string());
        let resend = format!("{:?}", operation.resend).to_lowercase();
        let permission = operation.permission.unwrap_or("-");
        let plan = operation.plan.map_or("-".to_owned(), |plan| format!("{plan:?}").to_lowercase());
        let (cached, stale) = (operation.cache.map_or("-", |cache| cache.tag), operation.invalidates.join(" "));
        table += &format!(
            "{}: {}, {resend}, {own} / {hosted}, {scopes}, {role}, {permission}, {plan}, {cached} > {stale}\n",
            operation.id, operation.area
        );
    }
    insta::assert_snapshot!(table);
}

#[test]
fn writes_name_the_cached_reads_that_they_change() {
    let mut missing = Vec::new();
    for (id, tags) in [
        ("create_team_event_type", &["event_types", "slots"][..]),
        ("update_team_event_type", &["event_types", "slots"]),
        ("delete_team_event_type", &["event_types", "slots"]),
        ("create_organization_team_event_type", &["event_types", "slots"]),
        ("update_organization_team_event_type", &["event_types", "slots"]),
        ("delete_organization_team_event_type", &["event_types", "slots"]),
        ("replace_booking_fields", &["event_types"]),
        ("add_booking_fields", &["event_types"]),
        ("update_booking_fields", &["event_types"]),
        ("delete_booking_field", &["event_types"]),
        ("request_booking_reschedule", &["slots"]),
        ("block_organization_booker", &["slots"]),
        ("report_organization_booking", &["slots"]),
        ("update_booking_limits", &["user", "slots"]),
        ("delete_booking_limits", &["user", "slots"]),
        ("create_organization_user_schedule", &["schedules", "slots"]),
        ("update_organization_user_schedule", &["schedules", "slots"]),
        ("delete_organization_user_schedule", &["schedules", "slots"]),
        ("create_out_of_office_entry", &["slots"]),
        ("add_selected_calendar", &["slots"]),
        ("disconnect_calendar", &["event_types", "slots"]),
        ("disconnect_conferencing_app", &["event_types"]),
        ("create_calendar_event", &["slots"]),
    ] {
        let operation = Operation::find(id).unwrap();
        for tag in tags {
            if !operation.invalidates.contains(tag) {
                missing.push(format!("{id}: {tag}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn scopes_are_unknown_only_where_the_hosted_service_lacks_the_operation_and_areas_are_cargo_features() {
    let manifest = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap();
    for operation in Operation::all() {
        let is_unknown = operation.scopes == OAuthScopes::Unknown;
        assert_eq!(is_unknown, !operation.is_in(Contract::Hosted), "{}", operation.id);
        assert!(manifest.contains(&format!("\n{} = [", operation.area)), "{}: {}", operation.id, operation.area);
        let reads = match operation.method.as_str() {
            "GET" => true,
            "POST" => operation.area == "insights" || operation.id == "calculate_routing_form_slots",
            _ => false,
        };
        assert_eq!(operation.resend == Resend::Safe, reads, "{}", operation.id);
        let names = operation.scopes.names();
        assert_eq!(names.is_empty(), !matches!(operation.scopes, OAuthScopes::OneOf(_)), "{}", operation.id);
    }
}

#[tokio::test]
async fn an_operation_that_the_service_lacks_fails_by_name_and_sends_nothing() {
    let server = MockServer::start().await;
    let client = hosted(&server, |_| {});
    let error = client.raw().remove_booking_attendee("u", 7).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported(_, Contract::Hosted)), "{error}");
    assert_eq!((error.operation(), error.attempts()), (Some("remove_booking_attendee"), 0));
    assert!(!error.may_have_been_applied() && !error.is_retryable());
    let text = error.to_string();
    assert!(text.contains("remove_booking_attendee") && text.contains("hosted"), "{text}");
    assert!(received(&server).await.is_empty());
}

#[tokio::test]
async fn the_hosted_list_takes_one_status_and_that_of_other_versions_several() {
    let server = MockServer::start().await;
    let body = json!({"status": "success", "data": [], "pagination": {"hasMore": false, "hasNextPage": false}});
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(200).set_body_json(body)).mount(&server).await;
    let hosted = hosted(&server, |config| config.cache.enabled = false);
    let list = || hosted.raw().list_bookings();
    for two in [list().status("upcoming").status("past"), list().query("status", &["upcoming", "past"])] {
        let error = two.await.unwrap_err();
        assert!(matches!(error, Error::Validation(_)), "{error}");
        assert_eq!((error.field_errors()[0].field.as_str(), error.attempts()), ("status", 0));
    }
    assert!(received(&server).await.is_empty());

    list().status("upcoming").await.unwrap();
    list().status("upcoming").query("status", "past").limit(9).await.unwrap();
    hosted.bookings().list(&BookingFilter::default().status(BookingStatus::Pending)).await.unwrap();
    list().status("upcoming").status("past").version("2024-08-13").await.unwrap();
    client(&server).raw().list_bookings().status("upcoming").status("past").await.unwrap();
    let queries: Vec<_> = received(&server).await.iter().map(|it| it.url.query().unwrap_or("").to_owned()).collect();
    let several = "status=upcoming&status=past";
    assert_eq!(queries[..2], ["status=upcoming", "limit=9&status=past"]);
    assert!(queries[2].contains("status=unconfirmed"), "{}", queries[2]);
    assert_eq!(queries[3..], [several, several]);
}

#[tokio::test]
async fn each_operation_is_sent_at_the_version_of_the_service_unless_one_is_set() {
    let server = MockServer::start().await;
    let body = recorded_body("bookings-2024-08-13/get-regular");
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(200).set_body_json(body)).mount(&server).await;
    let plain = hosted(&server, |_| {});
    let older = hosted(&server, |config| config.api_version = Some("2024-08-13".to_owned()));
    let single =
        hosted(&server, |config| drop(config.versions.insert("get_booking".to_owned(), "2024-08-13".to_owned())));
    for client in [&plain, &older, &single, &plain.with_version("2030-01-01")] {
        client.raw().get_booking("u").await.unwrap();
    }
    let sent = received(&server).await;
    let versions: Vec<_> = sent.iter().map(|request| version(request).unwrap()).collect();
    assert_eq!(versions, ["2026-02-25", "2024-08-13", "2024-08-13", "2030-01-01"]);
    let mut config = Config::default();
    config.versions.insert("get_bookings".to_owned(), "2024-08-13".to_owned());
    let error = Client::builder().config(config).credentials(calcom::Credentials::Anonymous).build().unwrap_err();
    assert!(error.to_string().contains("versions"), "{error}");
}

/// A booking in the form of today.
fn booking(uid: &str) -> Value {
    let mut booking = recorded_body("bookings-2024-08-13/list-take-1")["data"][0].clone();
    booking["uid"] = json!(uid);
    booking
}

async fn cursor_page(server: &MockServer, cursor: Option<&str>, uids: &[&str], next: Option<&str>) {
    let data: Vec<_> = uids.iter().map(|uid| booking(uid)).collect();
    let pagination = json!({"nextCursor": next, "hasMore": next.is_some()});
    let body = json!({"status": "success", "data": data, "pagination": pagination});
    let mock = Mock::given(method("GET")).and(path("/v2/bookings")).and(query_param_is_missing("skip"));
    let mock = match cursor {
        Some(cursor) => mock.and(query_param("cursor", cursor)),
        None => mock.and(query_param_is_missing("cursor")),
    };
    mock.respond_with(ResponseTemplate::new(200).set_body_json(body)).expect(1).mount(server).await;
}

#[tokio::test]
async fn all_pages_of_the_hosted_service_are_read_by_cursor_each_booking_once() {
    let server = MockServer::start().await;
    cursor_page(&server, None, &["a", "b"], Some("c1")).await;
    cursor_page(&server, Some("c1"), &[], Some("c2")).await;
    cursor_page(&server, Some("c2"), &["b", "c"], None).await;
    let mut filter = BookingFilter::default();
    filter.skip = Some(1);
    let all = hosted(&server, |_| {}).bookings().stream(&filter).try_collect().await.unwrap();
    assert_eq!(all.iter().map(|booking| booking.uid.as_str()).collect::<Vec<_>>(), ["b", "c"]);
    for request in received(&server).await {
        assert_eq!(version(&request), Some("2026-05-01"));
        let names: Vec<_> = request.url.query_pairs().map(|(name, _)| name.into_owned()).collect();
        assert!(names.contains(&"limit".to_owned()) && !names.contains(&"take".to_owned()), "{names:?}");
    }
}

#[tokio::test]
async fn a_cursor_that_comes_back_and_pages_without_end_end_the_list() {
    let server = MockServer::start().await;
    cursor_page(&server, None, &["a"], Some("c1")).await;
    cursor_page(&server, Some("c1"), &["a"], Some("c1")).await;
    let all = hosted(&server, |_| {}).bookings().stream(&BookingFilter::default()).try_collect().await.unwrap();
    assert_eq!(all.len(), 1);

    let server = MockServer::start().await;
    let number = std::sync::atomic::AtomicUsize::new(0);
    Mock::given(method("GET"))
        .respond_with(move |_: &Request| {
            let next = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed).to_string();
            let pagination = json!({"nextCursor": next, "hasMore": true});
            ResponseTemplate::new(200).set_body_json(json!({"data": [], "pagination": pagination}))
        })
        .mount(&server)
        .await;
    let all = hosted(&server, |_| {}).bookings().stream(&BookingFilter::default()).try_collect().await.unwrap();
    assert!(all.is_empty());
    assert_eq!(received(&server).await.len(), 20);
}

#[tokio::test]
async fn pages_of_what_the_filter_drops_or_what_cannot_be_read_do_not_end_the_list() {
    for odd in [false, true] {
        let server = MockServer::start().await;
        let number = std::sync::atomic::AtomicUsize::new(0);
        let page = move |_: &Request| {
            let page = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let mut item = booking(&format!("u{page}"));
            item["status"] = json!(if page == 30 { "accepted" } else { "cancelled" });
            let item = if odd && page < 30 { json!({"uid": page}) } else { item };
            let pagination = json!({"nextCursor": (page < 30).then(|| page.to_string()), "hasMore": page < 30});
            ResponseTemplate::new(200).set_body_json(json!({"data": [item], "pagination": pagination}))
        };
        Mock::given(method("GET")).respond_with(page).mount(&server).await;
        let filter = BookingFilter::default().status(BookingStatus::Accepted);
        let mut stream = hosted(&server, |_| {}).bookings().stream(&filter);
        assert_eq!(stream.next().await.unwrap().unwrap().uid.as_str(), "u30");
        assert!(stream.next().await.is_none());
        assert_eq!((received(&server).await.len(), stream.unread().len()), (31, if odd { 30 } else { 0 }));
    }
}

#[tokio::test]
async fn a_page_with_more_items_and_no_cursor_is_a_decode_error_and_does_not_end_the_list() {
    for cursor in [json!(null), json!("")] {
        let server = MockServer::start().await;
        let body = json!({"data": [booking("a")], "pagination": {"nextCursor": cursor, "hasMore": true}});
        Mock::given(method("GET")).respond_with(ResponseTemplate::new(200).set_body_json(body)).mount(&server).await;
        let error =
            hosted(&server, |_| {}).bookings().stream(&BookingFilter::default()).try_collect().await.unwrap_err();
        assert!(matches!(error, Error::Decode(..)) && error.to_string().contains("nextCursor"), "{error}");
    }
}

#[tokio::test]
async fn what_only_one_form_of_the_list_has_is_refused_before_it_is_sent() {
    let server = MockServer::start().await;
    let (hosted, own) = (hosted(&server, |_| {}), client(&server));
    let mut filter = BookingFilter::default();
    filter.skip = Some(1);
    assert_eq!(hosted.bookings().list(&filter).await.unwrap_err().field_errors()[0].field, "skip");
    filter = BookingFilter::default();
    filter.cursor = Some("c1".to_owned());
    assert_eq!(own.bookings().list(&filter).await.unwrap_err().field_errors()[0].field, "cursor");
    let list = Operation::find("list_bookings").unwrap();
    for (client, query) in [(&hosted, "skip=1"), (&hosted, "status=past&take=2"), (&own, "limit=5&cursor=c1")] {
        let error = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .fold(client.raw().operation::<Value>(list, "/v2/bookings"), |request, (name, value)| {
                request.query(name, value)
            })
            .await
            .unwrap_err();
        let field = &error.field_errors()[0].field;
        assert!(query.contains(&format!("{field}=")) && error.operation() == Some("list_bookings"), "{error}");
    }
    assert!(received(&server).await.is_empty());
}

#[tokio::test]
async fn the_list_by_number_is_read_on_the_hosted_service_if_its_version_is_asked_for() {
    let server = MockServer::start().await;
    let body = recorded_body("bookings-2024-08-13/list-take-1");
    Mock::given(query_param("skip", "3"))
        .respond_with(ResponseTemplate::new(200).set_body_json(body))
        .mount(&server)
        .await;
    let mut filter = BookingFilter::default();
    filter.skip = Some(3);
    let page = hosted(&server, |_| {}).with_version("2024-08-13").bookings().list(&filter).await.unwrap();
    assert!(page.total.is_some() && page.next_cursor.is_none());
    assert_eq!(version(&received(&server).await[0]), Some("2024-08-13"));
}

#[tokio::test]
async fn a_page_that_does_not_say_whether_it_is_the_last_is_unreadable_and_no_end_of_the_list() {
    let server = MockServer::start().await;
    let body = json!({"status": "success", "data": [booking("a")], "pagination": {}});
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(200).set_body_json(body)).mount(&server).await;
    for (client, field) in [(hosted(&server, |_| {}), "hasMore"), (client(&server), "hasNextPage")] {
        let error = client.bookings().list(&BookingFilter::default()).await.unwrap_err();
        assert!(matches!(error, Error::Decode(..)) && error.to_string().contains(field), "{error}");
    }
}

#[tokio::test]
async fn event_types_are_read_in_the_form_of_2026_06_12() {
    let server = MockServer::start().await;
    let body = json!({"status": "success", "data": {
        "id": 77, "ownerId": 41, "lengthInMinutes": 30, "title": "Call", "slug": "call", "description": "",
        "locations": [{"type": "integration", "integration": "cal-video"}],
        "bookingFields": [
            {"field": "name", "slug": "name", "variant": "fullName", "disableOnPrefill": false},
            {"field": "email", "slug": "email", "disableOnPrefill": false},
            {"field": "custom", "slug": "size", "type": "select", "label": "Size", "required": true, "hidden": false,
             "disableOnPrefill": false, "options": ["S", "M"]},
            {"field": "unknown", "slug": "unknown", "bookingField": "{}"}
        ],
        "seatsPerTimeSlot": null, "confirmationPolicy": {"disabled": true}, "privateNoteEnabled": true,
        "privateNoteMode": "template", "emailSettings": {}, "price": 1200, "currency": "eur",
    }});
    Mock::given(path("/v2/event-types/77"))
        .respond_with(ResponseTemplate::new(200).set_body_json(&body))
        .mount(&server)
        .await;
    let read: EventType = hosted(&server, |_| {}).event_types().get(77).await.unwrap();
    assert_eq!((read.id.0, read.length, read.price, read.requires_confirmation), (77, 30, 1200.0, false));
    let fields = read.booking_fields();
    assert_eq!(
        fields.iter().map(|field| field.slug.as_str()).collect::<Vec<_>>(),
        ["name", "email", "size", "unknown"]
    );
    assert_eq!((fields[0].kind.as_deref(), fields[2].options.len()), (None, 2));
    assert_eq!(version(&received(&server).await[0]), Some("2026-06-12"));
}

#[tokio::test]
async fn event_types_are_written_at_the_version_whose_form_the_facade_writes() {
    let server = MockServer::start().await;
    let body = recorded_body("event-types/create-2024-06-14-plain30");
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(201).set_body_json(&body)).mount(&server).await;
    let created: CreateEventType =
        serde_json::from_value(json!({"title": "Call", "slug": "call", "length": 30})).unwrap();
    hosted(&server, |_| {}).event_types().create(&created).await.unwrap();
    let sent = received(&server).await;
    assert_eq!(version(&sent[0]), Some("2024-06-14"));
    assert_eq!(sent[0].body_json::<Value>().unwrap()["lengthInMinutes"], 30);
}

#[tokio::test]
async fn bookings_of_an_organization_are_listed_with_the_version_of_their_cursor() {
    let server = MockServer::start().await;
    let body = json!({"status": "success", "data": [], "pagination": {"hasMore": false}});
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(200).set_body_json(body)).mount(&server).await;
    hosted(&server, |_| {}).raw().list_organization_bookings(1).limit(5).await.unwrap();
    assert_eq!(version(&received(&server).await[0]), Some("2026-05-01"));
}
