//! Fluent and untyped requests.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
    time::Duration,
};

use calcom::{
    Error, Patch,
    config::ServiceKind,
    model,
    operation::{Method, OAuthScopes},
    raw::{Response, types},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{lines, serving};

#[tokio::test]
async fn setters_replace_lists_grow_and_other_requests_of_the_client_are_not_changed() {
    let (service, client) =
        serving(ServiceKind::SelfHosted, |_| json!({"data": [], "pagination": {"hasNextPage": false}}).to_string())
            .await;
    let client = client.bypass_cache();
    let list = || client.raw().list_bookings();
    list().take(5).take(7).await.unwrap();
    list().status("past").status("upcoming").status("past").await.unwrap();
    list().query("x[]", &["a b", "c&d=é"]).query("x[]", &["e"]).await.unwrap();
    list().query("take", &9).take(8).query("zz", &Option::<u8>::None).await.unwrap();
    list().take(8).query("take", &Option::<u8>::None).await.unwrap();
    list()
        .set(Some(3), |request, id| request.event_type_id(id))
        .set(None::<i64>, |request, id| request.team_id(id))
        .await
        .unwrap();
    list().attendee_email("a+b@example.org").await.unwrap();
    let kept = list().take(1).header("X-Trace", "one").header("x-trace", "two").version("2024-08-13");
    let (first, second) = (kept.clone(), kept.clone().take(2));
    tokio::spawn(async move { second.await.unwrap() }).await.unwrap();
    first.await.unwrap();
    kept.header("x-trace", "three").await.unwrap();
    list().await.unwrap();
    let get = |query: &str| format!("GET /v2/bookings{}{query}", if query.is_empty() { "" } else { "?" });
    assert_eq!(
        lines(&service),
        [
            "take=7",
            "status=past&status=upcoming&status=past",
            "x%5B%5D=e",
            "take=8",
            "",
            "eventTypeId=3",
            "attendeeEmail=a%2Bb%40example.org",
            "take=2",
            "take=1",
            "take=1",
            "",
        ]
        .map(get)
    );
    let traces: Vec<_> = service.requests().iter().map(|it| it.header("x-trace").map(str::to_owned)).collect();
    assert_eq!(traces[7..], [Some("two".to_owned()), Some("two".to_owned()), Some("three".to_owned()), None]);
}

#[tokio::test]
async fn times_that_cannot_be_added_to_the_clock_are_long_times_and_zero_is_refused() {
    let (service, client) = serving(ServiceKind::SelfHosted, |_| "{}".to_owned()).await;
    for long in [Duration::MAX, Duration::from_secs(u64::MAX / 2), Duration::from_secs(400 * 86_400)] {
        client.request::<Value>(Method::Get, "/v2/x").timeout(long).deadline(long).await.unwrap();
    }
    let sent = lines(&service).len();
    for request in [
        client.request::<Value>(Method::Get, "/v2/x").timeout(Duration::ZERO),
        client.request::<Value>(Method::Get, "/v2/x").deadline(Duration::ZERO),
        client.request::<Value>(Method::Get, "/v2/x").version(""),
        client.request::<Value>(Method::Get, "/v2/x").version("2024-08-13\r\nx: y"),
        client.request::<Value>(Method::Get, "/v2/x").header("a b", "c"),
        client.request::<Value>(Method::Get, "/v2/x").header("a", "b\nc"),
        client.request::<Value>(Method::Get, "/v2/x").header("Cal-Api-Version", "2030-01-01"),
    ] {
        let error = request.await.unwrap_err();
        assert!(matches!(error, Error::Validation(_) | Error::Timeout(_)), "{error:?}");
        assert_eq!(error.attempts(), 0, "{error}");
        assert!(!error.may_have_been_applied());
    }
    assert_eq!(lines(&service).len(), sent);
}

#[tokio::test]
async fn an_untyped_path_reaches_its_own_route_or_nothing() {
    let (service, client) = serving(ServiceKind::SelfHosted, |_| "{}".to_owned()).await;
    for path in [
        "/v2/..",
        "/v2/.",
        "/v2/x/..",
        "/v2/x/./y",
        "/v2/.%2E/x",
        "/v2/%2e/x",
        "/v2/x/%2E%2e",
        "//evil.org/v2/x",
        "/V2/x",
        "/v2/x y",
        "/v2/x\ty",
        "/v2/x\u{7f}",
        "https://evil.org/v2/x",
        "/v2/x\n",
        "/v2/x?",
        "/v2/x#",
        "/v2//",
        "\\v2\\x",
        "/v2\\x",
        "/v2/x/\\..\\..",
        " /v2/x",
    ] {
        let error = client.request::<Value>(Method::Get, path).await.unwrap_err();
        assert!(matches!(error, Error::Validation(_)), "{path:?}: {error}");
    }
    assert!(lines(&service).is_empty());
    let paths =
        ["/v2/a%2Fb", "/v2/x/%3F", "/v2/@x:y;z=1,2", "/v2/x%00", "/v2/...", "/v2/x/..y", "/v2/%ff", "/v2/x'y\"z"];
    for path in paths {
        let _: Response<Value> = client.request(Method::Get, path).await.unwrap();
    }
    let sent: Vec<_> = lines(&service).iter().map(|line| line.strip_prefix("GET ").unwrap().to_owned()).collect();
    assert_eq!(sent[..7], paths[..7]);
    assert!(sent[7].starts_with("/v2/x"), "{}", sent[7]);
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn is_open<
    T: Clone + PartialEq + Hash + Serialize + DeserializeOwned + for<'a> From<&'a str> + From<String> + ToString,
>(
    known: &str,
    other: impl Fn(String) -> T,
) {
    for text in [known, "", " ", "other", "Other", "é\u{1f600}", "BRAND_NEW", "a,b", "null"] {
        let read: T = serde_json::from_value(json!(text)).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), text);
        assert_eq!(read.to_string(), text);
        let made = [T::from(text), T::from(text.to_owned()), other(text.to_owned())];
        for made in made {
            assert!(made == read && hash(&made) == hash(&read), "{text}");
            assert_eq!(serde_json::to_value(&made).unwrap(), text);
        }
        assert!(T::from(&*format!("{text}x")) != read);
    }
    for odd in [json!(null), json!(7), json!({"a": 1}), json!([])] {
        assert!(serde_json::from_value::<T>(odd).is_err());
    }
}

#[test]
fn an_open_list_keeps_every_text_and_is_equal_by_it() {
    is_open("BOOKING_CREATED", types::WebhookTrigger::Other);
    is_open("BOOKING_CREATED", model::Trigger::Other);
    is_open("upcoming", types::BookingListStatus::Other);
}

#[test]
fn a_known_text_is_known_however_it_is_made_and_values_are_in_the_order_of_their_texts() {
    let made = |text: &str| {
        let read: types::WebhookTrigger = serde_json::from_value(json!(text)).unwrap();
        [text.into(), text.to_owned().into(), text.parse().unwrap(), read]
    };
    assert!(made("BOOKING_PAID").iter().all(types::WebhookTrigger::is_known));
    assert!(!made("BRAND_NEW").iter().any(types::WebhookTrigger::is_known));
    let mut sorted: Vec<_> =
        ["OOO_CREATED", "BRAND_NEW", "BOOKING_PAID", "AFTER_ALL"].map(types::WebhookTrigger::from).into();
    sorted.sort();
    let texts: Vec<_> = sorted.iter().map(types::WebhookTrigger::as_str).collect();
    assert_eq!(texts, ["AFTER_ALL", "BOOKING_PAID", "BRAND_NEW", "OOO_CREATED"]);
}

#[test]
fn three_states_are_kept_apart_by_json_and_by_setters() {
    let write = |change: &types::UpdateMe| serde_json::to_value(change).unwrap();
    assert_eq!(write(&types::UpdateMe::default()), json!({}));
    let change = types::UpdateMe::default().bio("").locale(Patch::Clear).default_schedule_id(Patch::Keep);
    assert_eq!(write(&change), json!({"bio": "", "locale": null}));
    let change = change.bio(Patch::Keep).locale("de").default_schedule_id(0);
    assert_eq!(write(&change), json!({"locale": "de", "defaultScheduleId": 0}));
    for json in
        [json!({}), json!({"bio": null}), json!({"bio": ""}), json!({"metadata": {}}), json!({"metadata": null})]
    {
        let read: types::UpdateMe = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(write(&read), json);
    }
    assert_eq!(Patch::<i32>::set_or_keep(None::<i32>), Patch::Keep);
    assert_eq!(Patch::Set(3).map(|it| it + 1), Patch::Set(4));
    assert!(Patch::<i32>::Clear != Patch::Keep);
}

/// The published documents allow null for these, which is no value of theirs.
#[tokio::test]
async fn a_description_and_a_theme_are_removed_by_null() {
    let event = json!({"data": {"id": "e", "title": "t"}}).to_string();
    let cleared = model::UpdateCalendarEvent::new().description(Patch::Clear);
    for kind in [ServiceKind::Hosted, ServiceKind::SelfHosted] {
        let event = event.clone();
        let (service, client) = serving(kind, move |_| event.clone()).await;
        for changes in
            [&cleared, &model::UpdateCalendarEvent::new(), &model::UpdateCalendarEvent::new().description("")]
        {
            // What the response holds is not the subject; each service has one of the two routes.
            let _ = client.calendars().update_event("google", "e", changes).await;
            let _ = client.calendars().connection("c").update_event("e", changes).await;
        }
        let user = types::UpdateOrganizationUser::default().app_theme(Patch::Clear);
        let _ = client.raw().update_organization_user(1, 2, &user).await;
        let mut bodies: Vec<_> =
            service.requests().iter().map(|it| String::from_utf8(it.body.clone()).unwrap()).collect();
        bodies.dedup();
        assert_eq!(bodies, [r#"{"description":null}"#, "{}", r#"{"description":""}"#, r#"{"appTheme":null}"#]);
    }
    let written = serde_json::to_value(&cleared).unwrap();
    assert_eq!(written, json!({"description": null}));
    assert!(serde_json::from_value::<model::UpdateCalendarEvent>(written).unwrap() == cleared);
}

#[test]
fn no_operation_has_an_empty_list_of_scopes() {
    for operation in calcom::operation::Operation::all() {
        if let OAuthScopes::OneOf(scopes) = operation.scopes {
            assert!(!scopes.is_empty() && scopes.iter().all(|scope| !scope.is_empty()), "{}", operation.id);
        }
    }
}
