//! Counts the added state, by kind.

use std::collections::BTreeMap;

pub(in super::super) type Tally = BTreeMap<&'static str, usize>;

pub(super) fn count(tally: &mut Tally, what: &'static str) {
    *tally.entry(what).or_default() += 1;
}
