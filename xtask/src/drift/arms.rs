//! Matches the alternatives of two schemas.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use super::{
    document::DocumentError,
    shape::{Arm, Shape},
};

/// The share of common fields, in percent, from which two arms are the same alternative.
const ALIKE: usize = 50;

/// The matched object arms of two schemas.
#[derive(Default)]
pub struct ArmPairs<'o, 't> {
    /// The pairs, with names if there are several.
    pub both: Vec<(Option<String>, Arm<'o>, Arm<'t>)>,
    pub gone: Vec<String>,
    pub new: Vec<String>,
}

/// An arm, with the known values of its fields.
struct LabelledArm<'a> {
    arm: &'a Arm<'a>,
    closed: Values<'a>,
    /// The values of closed enums, and the defaults and examples of open strings.
    all: Values<'a>,
}

/// The names of the fields that discriminate arms.
type Tags = BTreeSet<String>;
type Values<'a> = BTreeMap<&'a str, BTreeSet<String>>;

/// Merges all arms: the result has all fields, and requires those that each arm requires.
fn all<'a>(arms: &[LabelledArm<'a>]) -> Arm<'a> {
    let mut all = Arm { kind: "object", ..Arm::default() };
    for (index, LabelledArm { arm, .. }) in arms.iter().enumerate() {
        for (name, nodes) in &arm.properties {
            all.properties.entry(name).or_default().extend(nodes.iter().cloned());
        }
        all.rest.extend(arm.rest.iter().cloned());
        match index {
            0 => all.required = arm.required.clone(),
            _ => all.required.retain(|name| arm.required.contains(name)),
        }
    }
    all
}

/// Matches arms by a common value of a discriminating field, and the others by similar fields. Several arms of one side can
/// match one of the other.
pub fn pairs<'o, 't>(ours: &'o [Arm<'o>], theirs: &'t [Arm<'t>]) -> Result<ArmPairs<'o, 't>, DocumentError> {
    let mut ours = ours.iter().map(LabelledArm::of).collect::<Result<Vec<_>, _>>()?;
    let mut theirs = theirs.iter().map(LabelledArm::of).collect::<Result<Vec<_>, _>>()?;
    let tags: Tags = tags(&ours).union(&tags(&theirs)).cloned().collect();
    let mut pairs = ArmPairs::default();
    let one_form =
        |arms: &[LabelledArm<'_>]| matches!(arms, [arm] if arm.closed.keys().all(|name| !tags.contains(*name)));
    if one_form(&ours) || one_form(&theirs) {
        // Fields that differ between the arms of the other side are optional there.
        pairs.both.push((None, all(&ours), all(&theirs)));
        return Ok(pairs);
    }
    let mut left = Vec::new();
    while !ours.is_empty() {
        let mut group = vec![ours.remove(0)];
        let mut others: Vec<LabelledArm<'t>> = Vec::new();
        loop {
            let found = take(&mut theirs, |arm| group.iter().any(|known| known.shares(arm, &tags)));
            let more = take(&mut ours, |arm| found.iter().any(|known| known.shares(arm, &tags)));
            if found.is_empty() && more.is_empty() {
                break;
            }
            others.extend(found);
            group.extend(more);
        }
        match others.is_empty() {
            true => left.extend(group),
            false => pairs.both.push((Some(group[0].name(&tags)), all(&group), all(&others))),
        }
    }
    for arm in left {
        let scores = theirs.iter().enumerate().map(|(index, other)| (arm.likeness(other), Reverse(index)));
        match scores.max() {
            Some((score, Reverse(index))) if score >= ALIKE => {
                pairs.both.push((Some(arm.name(&tags)), all(&[arm]), all(&[theirs.remove(index)])));
            }
            _ => pairs.gone.push(arm.name(&tags)),
        }
    }
    pairs.new.extend(theirs.iter().map(|arm| arm.name(&tags)));
    Ok(pairs)
}

impl<'a> LabelledArm<'a> {
    fn of(arm: &'a Arm<'a>) -> Result<Self, DocumentError> {
        let mut labelled = Self { arm, closed: BTreeMap::new(), all: BTreeMap::new() };
        for (name, nodes) in &arm.properties {
            let shape = Shape::of(nodes)?;
            let is_closed = !shape.any && shape.arms.iter().all(|arm| arm.values.is_some());
            let values: BTreeSet<String> = match is_closed {
                true => shape.arms.into_iter().filter_map(|arm| arm.values).flatten().collect(),
                false => shape.arms.into_iter().filter_map(|arm| arm.hint).collect(),
            };
            if !values.is_empty() {
                if is_closed {
                    labelled.closed.insert(name, values.clone());
                }
                labelled.all.insert(name, values);
            }
        }
        Ok(labelled)
    }

    fn shares(&self, other: &LabelledArm<'_>, tags: &Tags) -> bool {
        self.all
            .iter()
            .filter(|(name, _)| tags.contains(**name))
            .any(|(name, values)| other.all.get(name).is_some_and(|others| !others.is_disjoint(values)))
    }

    /// The share of common fields and requirements of two arms, in percent.
    fn likeness(&self, other: &LabelledArm<'_>) -> usize {
        let (a, b) = (facts(self.arm), facts(other.arm));
        let all = a.union(&b).count();
        (a.intersection(&b).count() * 100).checked_div(all).unwrap_or(100)
    }

    /// The name of an arm: its discriminating value, its schema, or its required fields.
    fn name(&self, tags: &Tags) -> String {
        let labelled = self.closed.iter().find(|(name, _)| tags.contains(**name)).map(|(_, values)| values);
        match (labelled.and_then(|values| Some((values.first()?, values.len()))), self.arm.schema) {
            (Some((first, 1)), _) => first.clone(),
            (Some((first, _)), _) => format!("{first}…"),
            (None, Some(schema)) => schema.to_owned(),
            (None, None) if self.arm.required.is_empty() => "object".to_owned(),
            (None, None) => self.arm.required.iter().copied().collect::<Vec<_>>().join("+"),
        }
    }
}

fn facts<'a>(arm: &'a Arm<'_>) -> BTreeSet<(&'a str, bool)> {
    let names = arm.properties.keys().map(|name| (*name, false));
    names.chain(arm.required.iter().map(|name| (*name, true))).collect()
}

/// The fields with closed values of which no two of `arms` share one.
fn tags(arms: &[LabelledArm<'_>]) -> Tags {
    let mut apart: BTreeMap<&str, (BTreeSet<&str>, bool)> = BTreeMap::new();
    for (name, values) in arms.iter().filter(|_| arms.len() > 1).flat_map(|labelled| &labelled.closed) {
        let (seen, disjoint) = apart.entry(name).or_insert_with(|| (BTreeSet::new(), true));
        *disjoint &= values.iter().all(|value| seen.insert(value));
    }
    apart.into_iter().filter(|(_, (_, disjoint))| *disjoint).map(|(name, _)| name.to_owned()).collect()
}

/// Removes and returns the items for which `wanted` is true.
fn take<T>(items: &mut Vec<T>, wanted: impl Fn(&T) -> bool) -> Vec<T> {
    let (taken, left) = std::mem::take(items).into_iter().partition(wanted);
    *items = left;
    taken
}
