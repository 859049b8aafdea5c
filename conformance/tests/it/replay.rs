//! The replay passes the recorded exchanges, and reports problems of altered ones.

use std::{
    fs,
    path::{Path, PathBuf},
};

use calcom_conformance::replay::{self, ReplayReport};
use serde_json::{Value, json};

fn recordings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/recordings")
}

#[test]
fn every_recorded_exchange_is_read_whole() {
    let report = replay::run(&recordings()).expect("the recordings are there");
    assert_eq!(report.failures, [""; 0]);
    assert_eq!(report.unknown_in_requests, ["me/patch-unknown-field-ignored: bogus"]);
    assert!(report.passed > 500, "only {} exchanges were played", report.passed);
    // The README's table says so.
    assert_eq!((report.whole, report.successes), (625, 625));
}

/// The report on a recording that `change` alters.
fn altered(name: &str, change: impl FnOnce(&mut Value)) -> ReplayReport {
    let text = fs::read_to_string(recordings().join(name)).expect("the recording is there");
    let mut recording: Value = serde_json::from_str(&text).expect("it is JSON");
    change(&mut recording);
    let folder = tempfile::tempdir().expect("a folder for it");
    let area = folder.path().join(Path::new(name).parent().expect("it is in an area"));
    fs::create_dir(&area).expect("a folder for its area");
    fs::write(folder.path().join(name), recording.to_string()).expect("it is written");
    replay::run(folder.path()).expect("it is read")
}

fn failure(name: &str, change: impl FnOnce(&mut Value)) -> String {
    altered(name, change).failures.concat()
}

#[test]
fn a_field_that_the_crate_does_not_know_is_reported_lost() {
    let lost = failure("me/get-after-patch.json", |it| it["response"]["body"]["data"]["shoeSize"] = json!(44));
    assert_eq!(lost, "me/get-after-patch: answer: data.shoeSize is lost");
}

#[test]
fn an_answer_that_loses_a_field_is_not_decoded_whole_and_an_error_is_no_success() {
    let counts = |report: ReplayReport| (report.whole, report.successes);
    let altered_me = |change: fn(&mut Value)| counts(altered("me/get-after-patch.json", change));
    assert_eq!(altered_me(|_| {}), (1, 1));
    assert_eq!(altered_me(|it| it["response"]["body"]["data"]["shoeSize"] = json!(44)), (0, 1));
    assert_eq!(altered_me(|it| it["response"]["status"] = json!(404)), (0, 0));
}

#[test]
fn an_answer_that_does_not_decode_is_reported_with_its_place() {
    let lost = failure("me/get-after-patch.json", |it| it["response"]["body"]["data"]["id"] = json!("one"));
    assert!(lost.contains("does not decode: data.id: invalid type"), "{lost}");
}

#[test]
fn an_unknown_property_of_an_accepted_request_is_reported_apart_from_failures() {
    let report = altered("bookings-2024-08-13/create-regular.json", |it| {
        it["request"]["body"]["attendee"]["shoeSize"] = json!(44)
    });
    assert_eq!(report.unknown_in_requests, ["bookings-2024-08-13/create-regular: attendee.shoeSize"]);
    assert_eq!(report.failures, [""; 0]);
}

#[test]
fn a_limit_or_a_refused_field_that_is_not_read_is_reported() {
    const REFUSED: &str = "event-types/create-2024-06-14-missing-fields.json";
    assert_eq!(failure(REFUSED, |_| ()), "");
    let lost = failure(REFUSED, |it| {
        it["response"]["headers"].as_array_mut().expect("headers").push(json!(["X-RateLimit-Limit-Burst", "many"]));
    });
    assert!(lost.contains("the rate limits are not all found"), "{lost}");
    let lost =
        failure(REFUSED, |it| it["response"]["body"]["error"]["issues"] = json!([{"field": "slug", "message": "no"}]));
    assert!(lost.contains("the refused field slug is not found"), "{lost}");
}

#[test]
fn other_versions_and_other_routes_are_left_out() {
    let other = altered("bookings-2024-08-13/create-regular.json", |it| {
        it["request"]["headers"]["cal-api-version"] = json!("2024-04-15")
    });
    assert_eq!((other.passed, other.skipped), (0, 1));
    let other = altered("me/get-after-patch.json", |it| it["request"]["path"] = json!("/v2/you"));
    assert_eq!((other.passed, other.skipped), (0, 1));
}

#[test]
fn a_folder_without_recordings_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(replay::run(folder.path()).is_err());
    assert!(replay::run(&folder.path().join("nowhere")).is_err());
}
