//! The cost of scrubbing is bounded for any text and any values.

use super::{
    shapes::{MAX_NAMED_BYTES, MAX_NAMED_VALUES, named},
    *,
};

#[test]
fn so_many_values_are_taken_from_what_a_text_names_and_no_longer_ones() {
    let many: String = (0..10_000).map(|n| format!("key={n} ")).collect();
    let found = named(&many);
    assert_eq!((found.len(), found[0]), (MAX_NAMED_VALUES, "0"));
    let long = format!("token={}", "x".repeat(10_000));
    assert_eq!(named(&long), ["x".repeat(MAX_NAMED_BYTES)]);
}

#[test]
fn texts_that_would_take_too_much_work_are_cut_out_whole() {
    let mut scrub = Scrubber::default();
    scrub.add_secret(&"a".repeat(5_000));
    let text = "a".repeat(MAX_SCANNED_BYTES - 1) + "!";
    assert_eq!(scrub.scrub(&text[1..100]), REDACTED);
    assert_eq!(scrub.scrub(&text), REDACTED);
    let half = "a".repeat(MAX_SCANNED_BYTES / 2) + &"!".repeat(MAX_SCANNED_BYTES / 2);
    assert_eq!(scrub.scrub_all([&*half; 64]), [REDACTED; 64], "not even their rest is shown as cut off");
    // A text without the value costs little.
    assert_eq!(scrub.scrub_all(["no time"; 64]), ["no time"; 64]);
}

#[test]
fn adjacent_addresses_are_cut_out_by_their_form_within_the_work_limit() {
    let clean = Scrubber::default().scrub(&"a@".repeat(MAX_SCANNED_BYTES));
    assert_eq!(clean, "[redacted] ...", "it is cut out by its form, not for the work that it takes");
}

#[test]
fn a_path_that_is_no_path_of_fields_is_cut_after_it_was_scrubbed() {
    let mut scrub = Scrubber::default();
    scrub.add_secret("Erika Muster");
    let path = format!("metadata.{}Erika Muster", "a b ".repeat(62));
    let clean = scrub.scrub_path(&path);
    assert!(clean.len() <= MAX_PATH_BYTES && clean.ends_with("[redact") | clean.ends_with('b'), "{clean}");
    assert!(scrub.scrub_path(&"a b ".repeat(1_000)).len() <= MAX_PATH_BYTES);
}
