//! The stored corpus of the fuzz target, and every delivery, through the same function.

use std::{fs, path::Path};

use super::{made, recorded};

#[path = "../../../fuzz/delivery.rs"]
mod delivery;

#[test]
fn the_stored_corpus_runs_through() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/delivery");
    let mut inputs = 0;
    for entry in fs::read_dir(corpus).unwrap() {
        delivery::receive(&fs::read(entry.unwrap().path()).unwrap());
        inputs += 1;
    }
    assert!(inputs >= 100, "{inputs} inputs");
}

#[test]
fn every_delivery_runs_through() {
    for delivery in recorded() {
        delivery::receive(format!("{}\n{}", delivery.signature(), delivery.body).as_bytes());
    }
    for delivery in made() {
        delivery::receive(format!("no-secret-provided\n{}", delivery.body).as_bytes());
    }
}

#[test]
fn every_beginning_of_a_delivery_runs_through() {
    let delivery = super::one("BOOKING_NO_SHOW_UPDATED");
    for end in 0..=delivery.body.len() {
        delivery::receive(format!("{}\n{}", delivery.signature(), &delivery.body[..end]).as_bytes());
    }
}
