//! A table with a place for each operation, of which few are taken. Memory is taken for the places that are used, in pieces.

use std::sync::OnceLock;

use crate::operation::Operation;

const PIECE: usize = 16;

type Piece<T> = Box<[OnceLock<Box<T>>]>;

/// Values by the index of their operation, each made at its first use.
pub(super) struct SparseTable<T>(OnceLock<Box<[OnceLock<Piece<T>>]>>);

impl<T> Default for SparseTable<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<T> SparseTable<T> {
    pub(super) fn get(&self, operation: &'static Operation, make: impl FnOnce() -> T) -> &T {
        let pieces = self.0.get_or_init(|| empty(Operation::rows().count().div_ceil(PIECE)));
        let piece = pieces[operation.index / PIECE].get_or_init(|| empty(PIECE));
        piece[operation.index % PIECE].get_or_init(|| Box::new(make()))
    }
}

fn empty<T>(places: usize) -> Box<[OnceLock<T>]> {
    (0..places).map(|_| OnceLock::new()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_its_own_place_and_keeps_its_first_value() {
        let table = SparseTable::default();
        for operation in Operation::rows() {
            assert_eq!(table.get(operation, || operation.id), &operation.id);
        }
        for operation in Operation::rows() {
            assert_eq!(table.get(operation, || "another"), &operation.id);
        }
    }
}
