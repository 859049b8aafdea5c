//! The versions of each route: the recorded table of `cal-api-version`, by route and value.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use calcom::{Contract, operation::Operation};
use calcom_conformance::raw_http::RawRequest;
use calcom_fake::FakeCalcom;
use serde_json::Value;

type Matrix = BTreeMap<String, BTreeMap<String, Value>>;

fn matrix() -> Matrix {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/recordings/version-matrix.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The target of the recorded request, which had unknown ids. The table was recorded without credentials.
fn target(template: &str) -> String {
    let mut target = String::new();
    for segment in template.split('/').skip(1) {
        target.push('/');
        target.push_str(match segment {
            "{username}" => "x",
            "{eventTypeId}" | "{attendeeId}" | "{userId}" | "{scheduleId}" | "{connectionId}" | "{id}" => "1",
            "{calendar}" => "google",
            "{app}" => "zoom",
            named if named.starts_with('{') => "x",
            fixed => fixed,
        });
    }
    target
}

#[tokio::test(start_paused = true)]
async fn every_route_answers_each_version_with_the_recorded_status() {
    let fake = FakeCalcom::recorded_seed().await;
    let mut wrong = Vec::new();
    let mut asked = 0;
    for (route, by_version) in matrix() {
        let (method, template) = route.split_once(' ').unwrap();
        for (version, expected) in by_version {
            // A rate-limit window for each request.
            fake.clock().advance(std::time::Duration::from_secs(1));
            let mut call = RawRequest::new(method, &target(template));
            if version != "nover" {
                call = call.version(&version);
            }
            let answer = call.send(fake.address()).await.unwrap();
            let unrouted = answer.status == 404
                && answer
                    .json()
                    .pointer("/error/message")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .starts_with("Cannot ");
            let given = if unrouted { Value::from("-") } else { Value::from(answer.status) };
            asked += 1;
            if given != expected {
                wrong.push(format!("{route} with {version}: {given}, recorded {expected}"));
            }
        }
    }
    assert!(asked > 850, "only {asked} combinations");
    assert_eq!(wrong, [""; 0], "{} of {asked}", wrong.len());
}

/// The log and the crate have the same names of operations.
#[tokio::test(start_paused = true)]
async fn the_log_names_operations_as_the_crate_does() {
    let fake = FakeCalcom::recorded_seed().await;
    let mut unknown = BTreeSet::new();
    for operation in Operation::all().iter().filter(|operation| operation.is_in(Contract::SelfHosted)) {
        let path: String = operation.path.replace("{username}", "x");
        let mut call = RawRequest::new(operation.method.as_str(), &target(&path));
        if let Some(version) = operation.version {
            call = call.version(version);
        }
        fake.clock().advance(std::time::Duration::from_secs(1));
        call.send(fake.address()).await.unwrap();
        match fake.requests().last().unwrap().operation {
            Some(name) => assert_eq!(name, operation.id),
            None => drop(unknown.insert(operation.area)),
        }
    }
    let teams = ["event-types", "organization-teams", "organizations", "routing-forms", "teams"];
    assert_eq!(Vec::from_iter(unknown), teams, "the recorded service has no teams");
}
