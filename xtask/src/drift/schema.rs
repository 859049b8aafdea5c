//! Compares two schemas and reports their differences.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    arms::pairs,
    bounds::BOUND_SORTS,
    document::{DocumentError, Node},
    finding::Change,
    shape::{Arm, Shape, same_kind},
};

/// The deepest nesting of fields.
const MAX_DEPTH: usize = 64;

/// Receives the differences of one operation: place, change, ours, published.
pub type Sink<'s> = dyn FnMut(&str, Change, Option<String>, Option<String>) + 's;

/// Who writes a value.
#[derive(Clone, Copy, PartialEq)]
pub enum Side {
    /// The caller, who can be refused: bounds and defaults are compared.
    Request,
    /// The service, whose values are read whatever they are.
    Response,
}

/// Compares two schemas, nested ones included.
pub struct SchemaWalk<'s, 'r> {
    pub report: &'r mut Sink<'s>,
    pub side: Side,
    /// The enclosing pairs of schemas. A pair that contains itself is compared once.
    trail: Vec<(Vec<usize>, Vec<usize>)>,
}

impl<'s, 'r> SchemaWalk<'s, 'r> {
    pub fn new(report: &'r mut Sink<'s>, side: Side) -> Self {
        Self { report, side, trail: Vec::new() }
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
        if self.side == Side::Request {
            self.texts(place, Change::Bounds, &ours.conditions, &theirs.conditions);
        }
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
            let (ours, theirs) = (alike(ours, kind), alike(theirs, kind));
            if !ours.is_empty() && !theirs.is_empty() {
                self.values(place, values(&ours), values(&theirs));
            }
        }
        for kind in ["string", "number", "array", "object"] {
            let (ours, theirs) = (alike(ours, kind), alike(theirs, kind));
            if self.side == Side::Request && !ours.is_empty() && !theirs.is_empty() {
                self.bounds(place, &ours, &theirs);
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

    fn texts(&mut self, place: &str, change: Change, ours: &BTreeSet<String>, theirs: &BTreeSet<String>) {
        if ours != theirs {
            let text = |texts: &BTreeSet<String>| (!texts.is_empty()).then(|| list(texts));
            self.report(place, change, text(ours), text(theirs));
        }
    }

    /// Compares each sort of bound. An arm without bounds is `any` beside one that has some.
    fn bounds(&mut self, place: &str, ours: &[Arm<'_>], theirs: &[Arm<'_>]) {
        let of = |arms: &[Arm<'_>]| -> Vec<_> { arms.iter().map(|arm| arm.bounds.texts(arm.kind)).collect() };
        let text = |arms: &[[Option<String>; BOUND_SORTS]], sort: usize| {
            arms.iter().any(|arm| arm[sort].is_some()).then(|| {
                let texts: BTreeSet<&str> = arms.iter().map(|arm| arm[sort].as_deref().unwrap_or("any")).collect();
                texts.into_iter().collect::<Vec<_>>().join(" or ")
            })
        };
        let (ours, theirs) = (of(ours), of(theirs));
        for sort in 0..BOUND_SORTS {
            let (ours, theirs) = (text(&ours, sort), text(&theirs, sort));
            if ours != theirs {
                self.report(place, Change::Bounds, ours, theirs);
            }
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
        let (mine, others) = (self.fields(ours)?, self.fields(theirs)?);
        for (name, (nodes, need)) in &others {
            if !mine.contains_key(name) {
                let what = format!("{}, {}", shape(nodes)?.label(), if *need { "required" } else { "optional" });
                self.report(&below(place, name), Change::FieldNew, None, Some(what));
            }
        }
        for (name, (nodes, need)) in &mine {
            let place = below(place, name);
            let Some((theirs_here, their_need)) = others.get(name) else {
                self.report(&place, Change::FieldGone, Some(shape(nodes)?.label()), None);
                continue;
            };
            match (need, their_need) {
                (false, true) => self.report(&place, Change::Required, None, None),
                (true, false) => self.report(&place, Change::Optional, None, None),
                _ => {}
            }
            match need | their_need {
                true => self.described(&place, nodes, theirs_here)?,
                false => self.optional(&place, nodes, theirs_here)?,
            }
        }
        let fields = !mine.is_empty() || !others.is_empty();
        // If a schema has fields, further values of a map are compared only if both schemas define them.
        match fields && (ours.rest.is_empty() || theirs.rest.is_empty()) {
            true => Ok(()),
            false => self.described(&below(place, "*"), &ours.rest, &theirs.rest),
        }
    }

    /// The fields that this side writes, and whether they are required. One that is required and not described is a value of
    /// the map.
    fn fields<'a, 'b>(&self, arm: &'b Arm<'a>) -> Result<BTreeMap<&'a str, (&'b [Node<'a>], bool)>, DocumentError> {
        let foreign = match self.side {
            Side::Request => "readOnly",
            Side::Response => "writeOnly",
        };
        let is_foreign = |node: &Node<'_>| Ok(node.value[foreign] == true || node.resolve()?.value[foreign] == true);
        let required = arm.required.iter().map(|name| (*name, (arm.rest.as_slice(), true)));
        let mut fields: BTreeMap<_, _> = required.collect();
        for (name, nodes) in &arm.properties {
            let all_foreign = nodes.iter().map(is_foreign).collect::<Result<Vec<_>, DocumentError>>()?;
            match all_foreign.contains(&false) {
                true => drop(fields.insert(name, (nodes.as_slice(), arm.required.contains(name)))),
                false => drop(fields.remove(name)),
            }
        }
        Ok(fields)
    }

    /// Compares the schemas of one place. Several nodes are alternatives; no node means any value.
    pub fn described(&mut self, place: &str, ours: &[Node<'_>], theirs: &[Node<'_>]) -> Result<(), DocumentError> {
        match ours.is_empty() || theirs.is_empty() {
            true => self.shapes(place, &shape(ours)?, &shape(theirs)?),
            false => self.compare(place, ours, theirs),
        }
    }

    /// Compares the schemas of what can be left out: its default is a part of the request.
    pub fn optional(&mut self, place: &str, ours: &[Node<'_>], theirs: &[Node<'_>]) -> Result<(), DocumentError> {
        if self.side == Side::Request {
            self.texts(place, Change::Default, &shape(ours)?.defaults, &shape(theirs)?.defaults);
        }
        self.described(place, ours, theirs)
    }

    fn report(&mut self, place: &str, change: Change, ours: Option<String>, theirs: Option<String>) {
        (self.report)(place, change, ours, theirs);
    }
}

fn shape<'a>(nodes: &[Node<'a>]) -> Result<Shape<'a>, DocumentError> {
    if nodes.is_empty() { Ok(Shape::any()) } else { Shape::of(nodes) }
}

/// The place of a field: `request start`, `response data.start`.
pub fn below(place: &str, name: &str) -> String {
    match place {
        "request" | "response" => format!("{place} {name}"),
        _ => format!("{place}.{name}"),
    }
}

fn alike<'a>(shape: &Shape<'a>, kind: &str) -> Vec<Arm<'a>> {
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
