//! What scrubbing costs is bounded, whatever the texts and the values are.

use super::{
    shapes::{LONGEST_NAMED, MOST_NAMED, named},
    *,
};

#[test]
fn so_many_values_are_taken_from_what_a_text_names_and_no_longer_ones() {
    let many: String = (0..10_000).map(|n| format!("key={n} ")).collect();
    let found = named(&many);
    assert_eq!((found.len(), found[0]), (MOST_NAMED, "0"));
    let long = format!("token={}", "x".repeat(10_000));
    assert_eq!(named(&long), ["x".repeat(LONGEST_NAMED)]);
}

#[test]
fn texts_that_would_take_too_much_work_are_cut_out_whole() {
    let mut scrub = Scrubber::default();
    scrub.value(&"a".repeat(5_000));
    let text = "a".repeat(LOOKED_AT - 1) + "!";
    assert_eq!(scrub.clean(&text[1..100]), REDACTED);
    assert_eq!(scrub.clean(&text), REDACTED);
    let half = "a".repeat(LOOKED_AT / 2) + &"!".repeat(LOOKED_AT / 2);
    assert_eq!(scrub.clean_all([&*half; 64]), [REDACTED; 64], "not even their rest is shown as cut off");
    // Where the value is not, there is little to do.
    assert_eq!(scrub.clean_all(["no time"; 64]), ["no time"; 64]);
}

#[test]
fn one_address_after_another_does_not_look_at_the_same_text_again() {
    let clean = Scrubber::default().clean(&"a@".repeat(LOOKED_AT));
    assert_eq!(clean, "[redacted] ...", "it is cut out by its form, not for the work that it takes");
}

#[test]
fn a_path_that_is_no_path_of_fields_is_cut_after_it_was_scrubbed() {
    let mut scrub = Scrubber::default();
    scrub.value("Erika Muster");
    let path = format!("metadata.{}Erika Muster", "a b ".repeat(62));
    let clean = scrub.path(&path);
    assert!(clean.len() <= LONGEST_PATH && clean.ends_with("[redact") | clean.ends_with('b'), "{clean}");
    assert!(scrub.path(&"a b ".repeat(1_000)).len() <= LONGEST_PATH);
}
