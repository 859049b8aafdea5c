//! Untyped requests: any route, through the same pipeline.

use super::*;

async fn untyped(client: &Client, method: Method, path: &str) -> Result<Response<Value>, Error> {
    client.request(method, path).await
}

#[tokio::test(start_paused = true)]
async fn any_route_can_be_requested() {
    let service = service(&[(200, r#"{"data":1}"#), (201, r#"{"data":2}"#), (200, EMPTY)]).await;
    let client = service.client();
    let found: Response<Value> =
        client.request(Method::Get, "/v2/new/things").query("q", "a b").version("2026-01-01").await.unwrap();
    assert_eq!(found["data"], 1);
    let made: Response<Value> =
        client.request(Method::Post, "/v2/new/things").body(&json!({"name": "x"})).await.unwrap();
    assert_eq!((made["data"].clone(), made.status()), (json!(2), 201));
    untyped(&client, Method::Get, "/v2/bookings").await.unwrap();
    let sent = service.requests();
    assert_eq!(sent[0].line, "GET /v2/new/things?q=a+b");
    assert_eq!((sent[1].line.as_str(), &*sent[1].body), ("POST /v2/new/things", br#"{"name":"x"}"#.as_slice()));
    let versions: Vec<_> = sent.iter().map(|it| it.header("cal-api-version")).collect();
    assert_eq!(versions, [Some("2026-01-01"), None, Some("2024-08-13")]);
    assert!(sent.iter().all(|it| it.header("authorization").is_some()));
}

#[tokio::test(start_paused = true)]
async fn an_untyped_request_is_sent_again_only_if_it_says_that_it_may() {
    let service = service(&[(500, "{}"), (500, "{}"), (200, "{}")]).await;
    let client = service.client();
    let error = untyped(&client, Method::Get, "/v2/new").await.unwrap_err();
    assert_eq!((error.attempts(), error.may_have_been_applied()), (1, true));
    let _: Response<Value> = client.request(Method::Get, "/v2/new").resend(Resend::Safe).await.unwrap();
    assert_eq!(service.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_response_was_executed_unless_the_request_says_that_it_changes_nothing() {
    for (resend, was_executed) in [(None, true), (Some(Resend::Unsafe), true), (Some(Resend::Safe), false)] {
        // Of an unknown route, and of one that the document knows as safe.
        for path in ["/v2/new", "/v2/schedules"] {
            let service = service(&[(200, r#"{"data": "text"}"#)]).await;
            let client = service.client();
            let request = || {
                let request = client.request::<types::EventType>(Method::Get, path).cached_for(Duration::from_secs(9));
                if let Some(resend) = resend { request.resend(resend) } else { request }
            };
            let error = request().await.unwrap_err();
            assert!(matches!(error, Error::Decode(..)), "{error:?}");
            assert_eq!(error.may_have_been_applied(), was_executed, "{resend:?} {path}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_untyped_request_of_a_known_route_is_neither_sent_again_nor_cached_unless_it_says_so() {
    let list = r#"{"status":"success","data":[]}"#;
    let service = service(&[(200, list), (200, list), (500, "{}")]).await;
    let client = service.client();
    for sent in [1, 2] {
        untyped(&client, Method::Get, "/v2/schedules").await.unwrap();
        assert_eq!(service.requests().len(), sent);
    }
    let error = untyped(&client, Method::Get, "/v2/schedules").await.unwrap_err();
    assert_eq!((error.operation(), error.attempts()), (Some("list_schedules"), 1));
}

#[tokio::test(start_paused = true)]
async fn an_untyped_request_is_cached_only_if_it_says_how_long() {
    let service = service(&[(200, r#"{"data":1}"#), (200, r#"{"data":2}"#), (200, r#"{"data":3}"#)]).await;
    let client = service.client();
    let read = async |ttl: Option<u64>| {
        let request = client.request::<Value>(Method::Get, "/v2/new");
        let request = request.set(ttl, |request, seconds| request.cached_for(Duration::from_secs(seconds)));
        request.await.unwrap()["data"].clone()
    };
    assert_eq!((read(None).await, read(Some(60)).await, read(Some(60)).await), (json!(1), json!(2), json!(2)));
    tokio::time::advance(Duration::from_secs(61)).await;
    assert_eq!(read(Some(60)).await, 3);
}

#[tokio::test(start_paused = true)]
async fn an_untyped_write_of_a_known_route_invalidates_the_tags_of_the_route() {
    let list = r#"{"status":"success","data":[]}"#;
    let service = service(&[(200, list), (200, "{}"), (200, list)]).await;
    let client = service.client();
    client.schedules().list().await.unwrap();
    untyped(&client, Method::Delete, "/v2/schedules/7").await.unwrap();
    client.schedules().list().await.unwrap();
    assert_eq!(service.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_invalid_path_is_refused() {
    let service = service(&[]).await;
    let client = service.client();
    for path in [
        "",
        "/",
        "/v2",
        "v2/x",
        "/v1/x",
        "/v2//x",
        "/v2/../x",
        "/v2/%2e%2e/x",
        "/v2/x?y=1",
        "/v2/x#y",
        "/v2/ü",
        "/v2/x\\y",
        "/v2/x/",
    ] {
        refused(&untyped(&client, Method::Get, path).await.unwrap_err(), "path");
    }
    assert!(service.requests().is_empty());
}
