//! Which alternative of one schema is which of the other.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use super::{
    document::Unreadable,
    shape::{Arm, Shape},
};

/// From this share of common fields on, in percent, two arms are the same alternative.
const ALIKE: usize = 50;

/// The object arms of two schemas, as they belong together.
#[derive(Default)]
pub struct ArmPairs<'o, 't> {
    /// Named if there are several.
    pub both: Vec<(Option<String>, Arm<'o>, Arm<'t>)>,
    pub gone: Vec<String>,
    pub new: Vec<String>,
}

/// An arm, and the values of its fields that are told.
struct Told<'a> {
    arm: &'a Arm<'a>,
    closed: Values<'a>,
    /// The closed ones, and the defaults and examples of open ones.
    all: Values<'a>,
}

/// The names of fields that tell arms apart.
type Tags = BTreeSet<String>;
type Values<'a> = BTreeMap<&'a str, BTreeSet<String>>;

/// All arms as one: it has the fields of all; what each arm requires is required.
fn all<'a>(arms: &[Told<'a>]) -> Arm<'a> {
    let mut all = Arm { kind: "object", ..Arm::default() };
    for (index, Told { arm, .. }) in arms.iter().enumerate() {
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

/// Arms belong together if a field that tells arms apart has a value in common; of the others, those whose fields are
/// alike. Several arms of one side can belong to one of the other.
pub fn pairs<'o, 't>(ours: &'o [Arm<'o>], theirs: &'t [Arm<'t>]) -> Result<ArmPairs<'o, 't>, Unreadable> {
    let mut ours = ours.iter().map(Told::of).collect::<Result<Vec<_>, _>>()?;
    let mut theirs = theirs.iter().map(Told::of).collect::<Result<Vec<_>, _>>()?;
    let tags: Tags = tags(&ours).union(&tags(&theirs)).cloned().collect();
    let mut pairs = ArmPairs::default();
    let one_form = |arms: &[Told<'_>]| matches!(arms, [arm] if arm.closed.keys().all(|name| !tags.contains(*name)));
    if one_form(&ours) || one_form(&theirs) {
        // What differs between the arms of the other side is optional there.
        pairs.both.push((None, all(&ours), all(&theirs)));
        return Ok(pairs);
    }
    let mut left = Vec::new();
    while !ours.is_empty() {
        let mut group = vec![ours.remove(0)];
        let mut others: Vec<Told<'t>> = Vec::new();
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

impl<'a> Told<'a> {
    fn of(arm: &'a Arm<'a>) -> Result<Self, Unreadable> {
        let mut told = Self { arm, closed: BTreeMap::new(), all: BTreeMap::new() };
        for (name, nodes) in &arm.properties {
            let shape = Shape::of(nodes)?;
            let is_closed = !shape.any && shape.arms.iter().all(|arm| arm.values.is_some());
            let values: BTreeSet<String> = match is_closed {
                true => shape.arms.into_iter().filter_map(|arm| arm.values).flatten().collect(),
                false => shape.arms.into_iter().filter_map(|arm| arm.hint).collect(),
            };
            if !values.is_empty() {
                if is_closed {
                    told.closed.insert(name, values.clone());
                }
                told.all.insert(name, values);
            }
        }
        Ok(told)
    }

    fn shares(&self, other: &Told<'_>, tags: &Tags) -> bool {
        self.all
            .iter()
            .filter(|(name, _)| tags.contains(**name))
            .any(|(name, values)| other.all.get(name).is_some_and(|others| !others.is_disjoint(values)))
    }

    /// How much of the fields and of what is required two arms have in common, in percent.
    fn likeness(&self, other: &Told<'_>) -> usize {
        let (a, b) = (facts(self.arm), facts(other.arm));
        let all = a.union(&b).count();
        (a.intersection(&b).count() * 100).checked_div(all).unwrap_or(100)
    }

    /// What an arm is called: the closed value that tells it apart, its schema, or what it requires.
    fn name(&self, tags: &Tags) -> String {
        let told = self.closed.iter().find(|(name, _)| tags.contains(**name)).map(|(_, values)| values);
        match (told.and_then(|values| Some((values.first()?, values.len()))), self.arm.schema) {
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

/// The fields with closed values that no two of `arms` have in common.
fn tags(arms: &[Told<'_>]) -> Tags {
    let mut apart: BTreeMap<&str, (BTreeSet<&str>, bool)> = BTreeMap::new();
    for (name, values) in arms.iter().filter(|_| arms.len() > 1).flat_map(|told| &told.closed) {
        let (seen, disjoint) = apart.entry(name).or_insert_with(|| (BTreeSet::new(), true));
        *disjoint &= values.iter().all(|value| seen.insert(value));
    }
    apart.into_iter().filter(|(_, (_, disjoint))| *disjoint).map(|(name, _)| name.to_owned()).collect()
}

/// Takes the items out that `wanted` holds for.
fn take<T>(items: &mut Vec<T>, wanted: impl Fn(&T) -> bool) -> Vec<T> {
    let (taken, left) = std::mem::take(items).into_iter().partition(wanted);
    *items = left;
    taken
}
