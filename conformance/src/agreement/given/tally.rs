//! How often what was given.

use std::collections::BTreeMap;

pub(in super::super) type Tally = BTreeMap<&'static str, usize>;

pub(super) fn note(tally: &mut Tally, what: &'static str) {
    *tally.entry(what).or_default() += 1;
}
