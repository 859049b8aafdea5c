//! The default answers of operations: whole through the generated and the documented type.

use std::fs;

use calcom::{
    Contract,
    model::{AvailableCredits, CreditCharge},
    operation::Operation,
};
use calcom_conformance::replay;
use calcom_fake::{__conformance::example, played_operations};
use serde_json::{Value, json};

/// An exchange of the operation with its default answer, in the form of a recording.
fn recording(operation: &Operation, answer: &Value) -> Value {
    let path: Vec<&str> =
        operation.path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect();
    let version = operation.version_in(Contract::SelfHosted).or(operation.version_in(Contract::Hosted));
    let headers = version.map_or(json!({}), |version| json!({ "cal-api-version": version }));
    json!({
        "request": { "method": operation.method.as_str(), "path": path.join("/"), "query": "", "headers": headers,
            "body": null },
        "response": { "status": 200, "headers": [["content-type", "application/json"]], "body": answer },
    })
}

#[test]
fn every_default_answer_is_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let area = folder.path().join("examples");
    fs::create_dir(&area).unwrap();
    let mut written = 0;
    let played = played_operations();
    for operation in Operation::all().iter().filter(|operation| !played.contains(&operation.id)) {
        let answer = example(operation.id).unwrap_or_else(|| panic!("{} has no answer", operation.id));
        if answer.is_object() {
            fs::write(area.join(format!("{}.json", operation.id)), recording(operation, answer).to_string()).unwrap();
            written += 1;
        }
    }
    let report = replay::run(folder.path()).unwrap();
    // The document describes no data of these. The documented type has it.
    let untyped = ["charge_credits", "get_available_credits"];
    assert_eq!(report.failures, untyped.map(|name| format!("examples/{name}: answer: data is lost")));
    assert_eq!((report.passed + untyped.len(), report.skipped), (written, 0));
    assert!(written > 100, "{written}");
}

#[test]
fn the_credits_of_the_default_answers_are_read() {
    let data = |operation: &str| example(operation).unwrap()["data"].clone();
    let available: AvailableCredits = serde_json::from_value(data("get_available_credits")).unwrap();
    assert!(available.has_credits && available.balance.total() > 0.0);
    let charge: CreditCharge = serde_json::from_value(data("charge_credits")).unwrap();
    assert!(charge.charged && charge.remaining_balance.is_some());
}

#[test]
fn every_default_answer_has_content() {
    let is_shell = |value: &Value| match value {
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.iter().all(|item| item.as_object().is_some_and(serde_json::Map::is_empty)),
        _ => false,
    };
    let shells = Operation::all().iter().filter(|operation| {
        example(operation.id).is_some_and(|answer| is_shell(answer) || answer.get("data").is_some_and(is_shell))
    });
    // Its keys are those of the caller's form.
    assert_eq!(shells.map(|operation| operation.id).collect::<Vec<_>>(), ["get_insights_failed_bookings_by_field"]);
}
