//! The two services, by operation.

use calcom::{
    Client, Contract, Error,
    config::ServiceKind,
    operation::{Method, Operation},
    raw::Response,
};
use serde_json::Value;

use super::{lines, serving};

/// A path of the operation, with its parameters filled.
fn path_of(operation: &Operation) -> String {
    let part = |part: &str| if part.starts_with('{') { "77".to_owned() } else { part.to_owned() };
    operation.path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn every_operation_is_sent_with_the_version_of_the_contract_or_not_at_all() {
    for contract in [Contract::Hosted, Contract::SelfHosted] {
        let (service, client) = serving(contract.into(), |_| "{}".to_owned()).await;
        let config = client.config().clone();
        let key = calcom::ApiKey::new("cal_live_each");
        let client = Client::builder().config(config).credentials(key).no_rate_limit().no_cache().build().unwrap();
        for operation in Operation::all() {
            let before = service.requests().len();
            // Typed by the row, and by the route.
            let by_row = client.raw().operation::<Value>(operation, path_of(operation)).await;
            let by_route: Result<Response<Value>, Error> = client.request(operation.method, path_of(operation)).await;
            let sent = service.requests().split_off(before);
            for (result, way) in [(by_row, "row"), (by_route, "route")] {
                if operation.is_in(contract) {
                    result.unwrap_or_else(|error| panic!("{} {way}: {error}", operation.id));
                } else {
                    let error = result.unwrap_err();
                    assert!(
                        matches!(error, Error::Unsupported(_, of) if of == contract),
                        "{} {way}: {error}",
                        operation.id
                    );
                    assert!(error.to_string().contains(operation.id), "{error}");
                    assert_eq!((error.operation(), error.attempts()), (Some(operation.id), 0));
                }
            }
            assert_eq!(sent.len(), if operation.is_in(contract) { 2 } else { 0 }, "{}", operation.id);
            for request in sent {
                assert_eq!(request.header("cal-api-version"), operation.version_in(contract), "{}", operation.id);
            }
        }
    }
}

#[tokio::test]
async fn a_version_is_that_of_the_call_then_the_operation_then_the_configuration() {
    for kind in [ServiceKind::Hosted, ServiceKind::SelfHosted] {
        let (service, client) = serving(kind, |_| "{}".to_owned()).await;
        let mut config = client.config().clone();
        config.api_version = Some("2024-01-01".to_owned());
        config.versions.insert("get_schedule".to_owned(), "2024-02-02".to_owned());
        let client = Client::builder().config(config).credentials(calcom::ApiKey::new("cal_live_v")).build().unwrap();
        let get = |client: &Client, path: &str| client.request::<Value>(Method::Get, path);
        get(&client, "/v2/schedules/7").await.unwrap();
        get(&client, "/v2/bookings/7").await.unwrap();
        get(&client, "/v2/schedules/7").version("2024-03-03").await.unwrap();
        get(&client.with_version("2024-04-04"), "/v2/schedules/7").await.unwrap();
        get(&client.with_version("2024-04-04"), "/v2/schedules/7").version("2024-05-05").await.unwrap();
        let other = client.with_credentials(calcom::ApiKey::new("cal_live_w")).unwrap();
        get(&other, "/v2/schedules/7").await.unwrap();
        let sent: Vec<_> =
            service.requests().iter().map(|it| it.header("cal-api-version").unwrap().to_owned()).collect();
        assert_eq!(sent, ["2024-02-02", "2024-01-01", "2024-03-03", "2024-04-04", "2024-05-05", "2024-02-02"]);
    }
}

#[tokio::test]
async fn the_facade_refuses_by_name_what_the_service_lacks() {
    let (service, hosted) = serving(ServiceKind::Hosted, |_| "{}".to_owned()).await;
    let query = calcom::model::SlotQuery::new(
        1,
        "2031-03-01T00:00:00Z".parse().unwrap(),
        "2031-03-02T00:00:00Z".parse().unwrap(),
    );
    let error = hosted.slots().list_legacy(&query).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported(_, Contract::Hosted)), "{error}");
    assert!(error.to_string().contains("list_available_slots"), "{error}");
    let (own_service, own) = serving(ServiceKind::SelfHosted, |_| "{}".to_owned()).await;
    let error = own.credits().available().await.unwrap_err();
    assert!(matches!(error, Error::Unsupported(_, Contract::SelfHosted)), "{error}");
    assert!(lines(&service).is_empty() && lines(&own_service).is_empty());
    assert!(!error.is_retryable() && !error.may_have_been_applied());
}
