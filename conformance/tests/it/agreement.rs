//! Agreement of the fake with the recorded service.

use std::{fs, path::Path};

use calcom_conformance::agreement::measure;

/// The areas that the fake supports, errors and retries included.
#[tokio::test(start_paused = true)]
async fn the_fake_answers_as_the_service_did() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests");
    let recordings = [root.join("recordings")];
    let report = measure(&recordings, &recordings).await.unwrap();
    assert!(report.is_sufficient(), "{report}");
    assert!(report.passed.len() > 500, "only {} exchanges were played", report.passed.len());

    let differences = fs::read_to_string(root.join("FAKE-DIFFERENCES.md")).unwrap();
    let unexplained: Vec<&String> =
        report.failed.iter().map(|(name, _)| name).filter(|name| !differences.contains(&format!("`{name}`"))).collect();
    assert_eq!(unexplained, [""; 0], "differences that tests/FAKE-DIFFERENCES.md does not explain\n{report}");
}

#[test]
fn the_types_read_the_example_of_every_operation() {
    let mut unread = Vec::new();
    for operation in calcom::operation::Operation::all() {
        let example = calcom_fake::__conformance::example(operation.id);
        let example = example.unwrap_or_else(|| panic!("{} has no example", operation.id));
        let json = example.to_string();
        if example != ""
            && let Err(error) = calcom_conformance::decode_response(operation.id, json.as_bytes())
        {
            unread.push(format!("{}: {error}", operation.id));
        }
    }
    assert!(unread.is_empty(), "{}", unread.join("\n"));
}
