//! Ignored differences, stale deviations, and the text of the report.

use serde_json::{Value, json};

use super::{Extent, compared, compared_to, lines, remove, set, small};
use crate::drift::{codegen, deviations::Deviations};

const TABLE_HEAD: &str = "| contract | operations | place | change | why |\n|---|---|---|---|---|\n";

fn changed() -> Value {
    let mut published = small();
    set(&mut published, "/paths/~1v2~1halls", json!({"get": {}}));
    set(&mut published, "/paths/~1v2~1rooms/get/parameters/0/schema/default", json!("2025-01-01"));
    set(&mut published, "/paths/~1v2~1rooms/get/parameters/1/schema/maximum", json!(100));
    set(&mut published, "/components/schemas/Room/properties/id/type", json!("number"));
    set(&mut published, "/components/schemas/Room/properties/floor", json!({"type": "integer"}));
    set(&mut published, "/components/schemas/CreateRoom/properties/kind/enum/-", json!("garden"));
    remove(&mut published, "/paths/~1v2~1rooms~1{roomId}");
    published
}

const TABLE: &str = "\
| both | `*` | `response *` | `type integer → number` | ids |
| hosted | `GET /v2/rooms` | `query take`, `query order` | `bounds` | recorded |
| hosted | `POST /v2/rooms` | `request name` | `nullable` | it was |
| self-hosted | `POST /v2/rooms` | `request name` | `nullable` | the other contract |
";

#[test]
fn the_report_for_people_is_grouped_by_operation_and_ends_with_the_counts() {
    insta::assert_snapshot!(compared(changed(), &format!("{TABLE_HEAD}{TABLE}")).text());
}

#[test]
fn the_report_for_a_job_has_a_stable_shape() {
    insta::assert_json_snapshot!(compared(changed(), &format!("{TABLE_HEAD}{TABLE}")).json());
}

#[test]
fn no_difference_is_one_line() {
    assert_eq!(compared(small(), "").text(), "no drift: 3 operations compared, 0 deviations ignored\n");
}

#[test]
fn a_deviation_that_matches_nothing_is_drift() {
    let report = compared(small(), &format!("{TABLE_HEAD}| both | `*` | `query take` | `type` | why |\n"));
    assert!(report.is_drift() && report.findings.is_empty());
    assert_eq!(
        report.text(),
        "openapi/DEVIATIONS.md\n  line 3: * | query take | type matches no difference\n\n\
         drift: 1 stale (3 operations compared, 0 deviations ignored)\n"
    );
}

#[test]
fn a_part_of_a_document_lacks_operations_without_drift_and_proves_no_deviation_stale() {
    let mut part = small();
    remove(&mut part, "/paths/~1v2~1rooms~1{roomId}");
    let row = format!("{TABLE_HEAD}| both | `*` | `query take` | `type` | why |\n");
    assert_eq!(lines(&compared(part.clone(), ""))[0].split(' ').next(), Some("DELETE"));
    assert!(!compared_to(part.clone(), &row, Extent::Partial).is_drift());
    set(&mut part, "/components/schemas/Room/properties/id/type", json!("string"));
    assert!(compared_to(part, &row, Extent::Partial).is_drift());
}

#[test]
fn a_deviation_ignores_what_it_names_and_no_more() {
    let mut published = small();
    set(&mut published, "/components/schemas/CreateRoom/properties/kind/enum/-", json!("garden"));
    set(&mut published, "/components/schemas/CreateRoom/properties/kind/enum/-", json!("attic"));
    let row = |cells: &str| compared(published.clone(), &format!("{TABLE_HEAD}| {cells} | why |\n"));
    let attic = "POST /v2/rooms | request kind: new enum value attic";
    let garden = "POST /v2/rooms | request kind: new enum value garden";
    for (cells, left) in [
        ("both | `POST /v2/rooms` | `request kind` | `value-new`", vec![]),
        ("hosted | `GET, POST /v2/rooms` | `request *` | `value-new *`", vec![]),
        ("both | `*` | `*` | `value-new garden`", vec![attic]),
        ("self-hosted | `*` | `*` | `value-new`", vec![attic, garden]),
        ("both | `GET *` | `*` | `value-new`", vec![attic, garden]),
        ("both | `*` | `request kinds` | `value-new`", vec![attic, garden]),
        ("both | `*` | `*` | `value-gone`", vec![attic, garden]),
    ] {
        assert_eq!(lines(&row(cells)), left, "{cells}");
    }
    let stale: Vec<_> = row("hosted | `GET, POST /v2/rooms` | `request *` | `value-new`").stale;
    assert_eq!(stale.iter().map(|stale| stale.pattern.as_str()).collect::<Vec<_>>(), ["GET /v2/rooms"]);
}

#[test]
fn a_deviation_of_an_operation_that_the_document_lacks_is_not_stale() {
    let mut published = small();
    remove(&mut published, "/paths/~1v2~1rooms~1{roomId}");
    let table = "| both | `DELETE /v2/rooms/{roomId}` | `path roomId` | `type` | why |\n\
                 | both | `DELETE /v2/rooms/{roomId}` | `operation` | `operation-gone` | why |\n";
    let report = compared(published.clone(), &format!("{TABLE_HEAD}{table}"));
    assert!(!report.is_drift(), "{}", report.text());
    let unknown = "| both | `DELETE /v2/romms` | `operation` | `operation-gone` | why |\n";
    assert_eq!(compared(published, &format!("{TABLE_HEAD}{unknown}")).stale.len(), 1);
}

#[test]
fn in_a_part_of_a_document_no_deviation_of_the_rest_is_stale() {
    let mut published = small();
    remove(&mut published, "/paths/~1v2~1rooms/post");
    let row = "| both | `* /v2/rooms` | `request name` | `nullable` | why |\n";
    let report = compared(published, &format!("{TABLE_HEAD}{row}"));
    assert_eq!(lines(&report), ["POST /v2/rooms | the published document does not have this operation"]);
    assert_eq!(report.stale, []);
    assert_eq!(compared(small(), &format!("{TABLE_HEAD}{row}")).stale.len(), 1);
}

#[test]
fn the_deviations_of_this_project_can_be_read() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = std::fs::read_to_string(root.join("openapi/DEVIATIONS.md")).unwrap();
    let mut deviations = Deviations::parse("openapi/DEVIATIONS.md", &text).unwrap();
    let document = codegen::of_contract(&root, "self-hosted").unwrap();
    let (ours, theirs) = (super::Document::new("", document.clone()), super::Document::new("", document));
    let mut comparison = crate::drift::compare::compare(&ours, &theirs).unwrap();
    // Compared with itself, each row of the contract is stale, so that all rows were read.
    let (ignored, stale) = deviations.apply(&mut comparison, "self-hosted");
    assert_eq!(ignored, 0);
    assert!(stale.len() > 20, "{stale:?}");
}
