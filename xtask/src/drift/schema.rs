//! Compares two schemas and reports their differences.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    arms::pairs,
    document::{DocumentError, Node},
    finding::Change,
    shape::{Arm, Shape, same_kind},
};

/// The deepest nesting of fields.
const MAX_DEPTH: usize = 64;

/// Receives the differences of one operation: place, change, ours, published.
pub type Sink<'s> = dyn FnMut(&str, Change, Option<String>, Option<String>) + 's;

/// Compares two schemas, nested ones included.
pub struct SchemaWalk<'s, 'r> {
    pub report: &'r mut Sink<'s>,
    /// Whether bounds are compared. They are in requests only, because responses are read with any numbers.
    pub bounds: bool,
    /// The enclosing pairs of schemas. A pair that contains itself is compared once.
    trail: Vec<(Vec<usize>, Vec<usize>)>,
}

impl<'s, 'r> SchemaWalk<'s, 'r> {
    pub fn new(report: &'r mut Sink<'s>, bounds: bool) -> Self {
        Self { report, bounds, trail: Vec::new() }
    }

    fn compare(&mut self, place: &str, ours: &[Node<'_>], theirs: &[Node<'_>]) -> Result<(), DocumentError> {
        let here = (identities(ours)?, identities(theirs)?);
        if self.trail.contains(&here) {
            return Ok(());
        }
        if let Some(node) = theirs.first().filter(|_| self.trail.len() >= MAX_DEPTH) {
            return Err(node.error(format!("stands more than {MAX_DEPTH} fields deep")));
        }
        self.trail.push(here);
        let done = self.shapes(place, &Shape::of(ours)?, &Shape::of(theirs)?);
        self.trail.pop();
        done
    }

    fn shapes(&mut self, place: &str, ours: &Shape<'_>, theirs: &Shape<'_>) -> Result<(), DocumentError> {
        if ours.any || theirs.any {
            if ours.any != theirs.any {
                self.report(place, Change::Type, Some(ours.label()), Some(theirs.label()));
            }
            return Ok(());
        }
        match (ours.nullable, theirs.nullable) {
            (false, true) => self.report(place, Change::Nullable, None, None),
            (true, false) => self.report(place, Change::NotNullable, None, None),
            _ => {}
        }
        let (kinds, others) = (ours.kinds(), theirs.kinds());
        if kinds != others {
            let apart = |a: &BTreeSet<&'static str>, b: &BTreeSet<&'static str>| -> Vec<&'static str> {
                a.difference(b).copied().collect()
            };
            // If only numeric alternatives differ, the change is one of number types.
            let (mine, other) = match (apart(&kinds, &others).as_slice(), apart(&others, &kinds).as_slice()) {
                ([mine], [other]) if same_kind(mine, other) => ((*mine).to_owned(), (*other).to_owned()),
                _ => (ours.label(), theirs.label()),
            };
            self.report(place, Change::Type, Some(mine), Some(other));
        }
        for kind in ["string", "number", "boolean"] {
            let (ours, theirs) = (scalars(ours, kind), scalars(theirs, kind));
            if !ours.is_empty() && !theirs.is_empty() {
                self.values(place, values(&ours), values(&theirs));
                if self.bounds {
                    self.bounds(place, &ours, &theirs);
                }
            }
        }
        if kinds.contains("array") && others.contains("array") {
            self.described(&format!("{place}[]"), &items(ours), &items(theirs))?;
        }
        match (ours.of_kind("object"), theirs.of_kind("object")) {
            (ours, theirs) if ours.is_empty() || theirs.is_empty() => Ok(()),
            (ours, theirs) => self.objects(place, &ours, &theirs),
        }
    }

    fn values(&mut self, place: &str, ours: Option<BTreeSet<String>>, theirs: Option<BTreeSet<String>>) {
        match (ours, theirs) {
            (Some(ours), Some(theirs)) => {
                for value in theirs.difference(&ours) {
                    self.report(place, Change::ValueNew, None, Some(value.clone()));
                }
                for value in ours.difference(&theirs) {
                    self.report(place, Change::ValueGone, Some(value.clone()), None);
                }
            }
            (None, Some(theirs)) => self.report(place, Change::EnumClosed, None, Some(list(&theirs))),
            (Some(ours), None) => self.report(place, Change::EnumOpen, Some(list(&ours)), None),
            (None, None) => {}
        }
    }

    fn bounds(&mut self, place: &str, ours: &[Arm<'_>], theirs: &[Arm<'_>]) {
        let of = |arms: &[Arm<'_>]| {
            let bound = |bound: &Option<String>| bound.clone().unwrap_or_default();
            let mut bounds: Vec<_> = arms
                .iter()
                .filter(|arm| arm.minimum.is_some() || arm.maximum.is_some())
                .map(|arm| format!("{}..{}", bound(&arm.minimum), bound(&arm.maximum)))
                .collect();
            bounds.sort();
            bounds.dedup();
            (!bounds.is_empty()).then(|| bounds.join(" or "))
        };
        let (ours, theirs) = (of(ours), of(theirs));
        if ours != theirs {
            self.report(place, Change::Bounds, ours, theirs);
        }
    }

    fn objects(&mut self, place: &str, ours: &[Arm<'_>], theirs: &[Arm<'_>]) -> Result<(), DocumentError> {
        let pairs = pairs(ours, theirs)?;
        for arm in pairs.new {
            self.report(place, Change::ArmNew, None, Some(arm));
        }
        for arm in pairs.gone {
            self.report(place, Change::ArmGone, Some(arm), None);
        }
        for (name, ours, theirs) in pairs.both {
            let place = name.map_or_else(|| place.to_owned(), |name| format!("{place}<{name}>"));
            self.object(&place, &ours, &theirs)?;
        }
        Ok(())
    }

    fn object(&mut self, place: &str, ours: &Arm<'_>, theirs: &Arm<'_>) -> Result<(), DocumentError> {
        for (name, nodes) in &theirs.properties {
            if !ours.properties.contains_key(name) {
                let need = if theirs.required.contains(name) { "required" } else { "optional" };
                let what = format!("{}, {need}", Shape::of(nodes)?.label());
                self.report(&below(place, name), Change::FieldNew, None, Some(what));
            }
        }
        for (name, nodes) in &ours.properties {
            let place = below(place, name);
            let Some(theirs_here) = theirs.properties.get(name) else {
                self.report(&place, Change::FieldGone, Some(Shape::of(nodes)?.label()), None);
                continue;
            };
            match (ours.required.contains(name), theirs.required.contains(name)) {
                (false, true) => self.report(&place, Change::Required, None, None),
                (true, false) => self.report(&place, Change::Optional, None, None),
                _ => {}
            }
            self.compare(&place, nodes, theirs_here)?;
        }
        let fields = !ours.properties.is_empty() || !theirs.properties.is_empty();
        // If a schema has fields, further values of a map are compared only if both schemas define them.
        match fields && (ours.rest.is_empty() || theirs.rest.is_empty()) {
            true => Ok(()),
            false => self.described(&below(place, "*"), &ours.rest, &theirs.rest),
        }
    }

    /// Compares the schemas of one place. Several nodes are alternatives; no node means any value.
    pub fn described(&mut self, place: &str, ours: &[Node<'_>], theirs: &[Node<'_>]) -> Result<(), DocumentError> {
        if !ours.is_empty() && !theirs.is_empty() {
            return self.compare(place, ours, theirs);
        }
        let label = |nodes: &[Node<'_>]| match nodes.is_empty() {
            true => Ok("any".to_owned()),
            false => Ok(Shape::of(nodes)?.label()),
        };
        let (ours, theirs) = (label(ours)?, label(theirs)?);
        if ours != theirs {
            self.report(place, Change::Type, Some(ours), Some(theirs));
        }
        Ok(())
    }

    fn report(&mut self, place: &str, change: Change, ours: Option<String>, theirs: Option<String>) {
        (self.report)(place, change, ours, theirs);
    }
}

/// The place of a field: `request start`, `response data.start`.
pub fn below(place: &str, name: &str) -> String {
    match place {
        "request" | "response" => format!("{place} {name}"),
        _ => format!("{place}.{name}"),
    }
}

fn scalars<'a>(shape: &Shape<'a>, kind: &str) -> Vec<Arm<'a>> {
    shape.arms.iter().filter(|arm| same_kind(arm.kind, kind)).cloned().collect()
}

/// The values of all arms. `None` if one of them is open.
fn values(arms: &[Arm<'_>]) -> Option<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    for arm in arms {
        all.extend(arm.values.clone()?);
    }
    Some(all)
}

fn list(values: &BTreeSet<String>) -> String {
    values.iter().cloned().collect::<Vec<_>>().join(", ")
}

fn items<'a>(shape: &Shape<'a>) -> Vec<Node<'a>> {
    let mut by_identity = BTreeMap::new();
    for arm in shape.of_kind("array") {
        by_identity.extend(arm.items.into_iter().map(|node| (node.identity(), node)));
    }
    by_identity.into_values().collect()
}

/// The identities of `nodes`, with resolved references.
fn identities(nodes: &[Node<'_>]) -> Result<Vec<usize>, DocumentError> {
    let mut all = nodes.iter().map(|node| Ok(node.resolve()?.identity())).collect::<Result<Vec<_>, DocumentError>>()?;
    all.sort_unstable();
    all.dedup();
    Ok(all)
}
