//! Finds the cycles of a graph with Tarjan's algorithm.

use std::collections::{BTreeMap, BTreeSet};

/// The strongly connected components of more than one node.
pub(super) fn cycles(edges: &BTreeSet<(usize, usize)>) -> Vec<Vec<usize>> {
    let mut next: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (from, to) in edges {
        next.entry(*from).or_default().push(*to);
        next.entry(*to).or_default();
    }
    let mut search = Search { next: &next, visited: BTreeMap::new(), stack: Vec::new(), cycles: Vec::new() };
    for node in next.keys() {
        if !search.visited.contains_key(node) {
            search.visit(*node);
        }
    }
    search.cycles
}

struct Search<'a> {
    next: &'a BTreeMap<usize, Vec<usize>>,
    /// The index at which a node was visited. `None` once its component is complete.
    visited: BTreeMap<usize, Option<usize>>,
    stack: Vec<usize>,
    cycles: Vec<Vec<usize>>,
}

impl Search<'_> {
    /// Visits all nodes reachable from a node. Returns the earliest node on the stack that is reachable.
    fn visit(&mut self, node: usize) -> usize {
        let number = self.visited.len();
        self.visited.insert(node, Some(number));
        self.stack.push(node);
        let mut lowest = number;
        let next = self.next;
        for other in next.get(&node).into_iter().flatten() {
            match self.visited.get(other) {
                None => lowest = lowest.min(self.visit(*other)),
                Some(Some(number)) => lowest = lowest.min(*number),
                Some(None) => {}
            }
        }
        if lowest == number {
            let at = self.stack.iter().rposition(|on_stack| *on_stack == node).unwrap_or_default();
            let mut component = self.stack.split_off(at);
            for member in &component {
                self.visited.insert(*member, None);
            }
            if component.len() > 1 {
                component.sort_unstable();
                self.cycles.push(component);
            }
        }
        lowest
    }
}
