//! Circles in a graph, by Tarjan's algorithm.

use std::collections::{BTreeMap, BTreeSet};

/// The strongly connected components of more than one node.
pub(super) fn circles(edges: &BTreeSet<(usize, usize)>) -> Vec<Vec<usize>> {
    let mut next: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (from, to) in edges {
        next.entry(*from).or_default().push(*to);
        next.entry(*to).or_default();
    }
    let mut search = Search { next: &next, met: BTreeMap::new(), stack: Vec::new(), circles: Vec::new() };
    for node in next.keys() {
        if !search.met.contains_key(node) {
            search.visit(*node);
        }
    }
    search.circles
}

struct Search<'a> {
    next: &'a BTreeMap<usize, Vec<usize>>,
    /// When a node was met; nothing once its component is complete.
    met: BTreeMap<usize, Option<usize>>,
    stack: Vec<usize>,
    circles: Vec<Vec<usize>>,
}

impl Search<'_> {
    /// Visits everything behind a node, and says the earliest node on the stack that it leads back to.
    fn visit(&mut self, node: usize) -> usize {
        let number = self.met.len();
        self.met.insert(node, Some(number));
        self.stack.push(node);
        let mut lowest = number;
        let next = self.next;
        for other in next.get(&node).into_iter().flatten() {
            match self.met.get(other) {
                None => lowest = lowest.min(self.visit(*other)),
                Some(Some(number)) => lowest = lowest.min(*number),
                Some(None) => {}
            }
        }
        if lowest == number {
            let at = self.stack.iter().rposition(|on_stack| *on_stack == node).unwrap_or_default();
            let mut component = self.stack.split_off(at);
            for member in &component {
                self.met.insert(*member, None);
            }
            if component.len() > 1 {
                component.sort_unstable();
                self.circles.push(component);
            }
        }
        lowest
    }
}
