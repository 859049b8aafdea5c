//! The table of MIGRATION.md against the tests: the same deviations, every heading, and the count.

use std::collections::BTreeSet;

/// The headings of the documented API that hold statements themselves, in its order.
pub(super) const HEADINGS: [&str; 38] = [
    "Overview",
    "Authentication",
    "Base Configuration",
    "CalcomV2Client",
    "CalcomV2Service",
    "Get Current User",
    "List Event Types",
    "Get Single Event Type",
    "List Schedules",
    "Get Available Slots",
    "Create Booking",
    "List Bookings",
    "Get Single Booking",
    "Update/Reschedule Booking",
    "Cancel Booking",
    "Webhook Payload Structure",
    "Webhook Signature Verification",
    "EventTypeDTO",
    "BookingDTO",
    "SlotDTO",
    "Exception Types",
    "Error Response Format",
    "Error Codes",
    "Error Handling Examples",
    "Circuit Breaker: Configuration",
    "States",
    "Usage",
    "Cache Keys",
    "Cache Management",
    "Response Times",
    "Rate Limits",
    "Mock Responses",
    "Test Helpers",
    "Enable Debug Mode",
    "Debug Output",
    "V1 to V2 Mapping",
    "Breaking Changes",
    "Support",
];

const GUIDE: &str = include_str!("../../../MIGRATION.md");

const FILES: [&str; 14] = [
    include_str!("setup.rs"),
    include_str!("user.rs"),
    include_str!("event_types.rs"),
    include_str!("schedules_and_slots.rs"),
    include_str!("bookings.rs"),
    include_str!("webhook_payload.rs"),
    include_str!("dtos.rs"),
    include_str!("error_handling.rs"),
    include_str!("breaker.rs"),
    include_str!("cache_keys.rs"),
    include_str!("performance.rs"),
    include_str!("mocks.rs"),
    include_str!("debugging.rs"),
    include_str!("mapping.rs"),
];

fn section() -> &'static str {
    let (_, section) = GUIDE.split_once("\n## The documented API, and where the crate differs\n").unwrap();
    section.split("\n## ").next().unwrap()
}

/// The ids in the first column of the table.
pub(super) fn rows() -> Vec<String> {
    let rows = section().lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    rows.map(|(id, _)| id.to_owned()).collect()
}

/// A verdict in the source of a test: the heading, and the row if it differs.
fn verdicts() -> Vec<(String, Option<String>)> {
    let mut found = Vec::new();
    for line in FILES.iter().flat_map(|file| file.lines()).map(str::trim) {
        let words: Vec<&str> = line.split('"').collect();
        match (line.starts_with("holds("), line.starts_with("differs("), words.as_slice()) {
            (true, _, [_, heading, ..]) => found.push(((*heading).to_owned(), None)),
            (_, true, [_, heading, _, row, ..]) => found.push(((*heading).to_owned(), Some((*row).to_owned()))),
            _ => {}
        }
    }
    found
}

#[test]
fn every_deviation_has_a_row_and_every_row_a_test() {
    let shown: BTreeSet<String> = verdicts().into_iter().filter_map(|(_, row)| row).collect();
    let told = rows();
    let told_once: BTreeSet<String> = told.iter().cloned().collect();
    assert_eq!(told.len(), told_once.len(), "a row stands twice");
    assert_eq!(shown, told_once);
}

#[test]
fn every_test_has_one_verdict_and_every_heading_a_test_in_the_documented_order() {
    let tests = FILES.iter().map(|file| file.matches("#[test]").count() + file.matches("#[tokio::test").count());
    let verdicts = verdicts();
    assert_eq!(verdicts.len(), tests.sum::<usize>());
    let mut order: Vec<&str> = verdicts.iter().map(|(heading, _)| heading.as_str()).collect();
    order.dedup();
    assert_eq!(order, HEADINGS);
}

#[test]
fn the_guide_counts_the_statements() {
    let verdicts = verdicts();
    let differ = verdicts.iter().filter(|(_, row)| row.is_some()).count();
    let count = format!("{} statements: {} hold, {differ} differ", verdicts.len(), verdicts.len() - differ);
    assert!(section().contains(&count), "the guide must say: {count}");
}
