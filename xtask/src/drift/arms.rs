//! Which alternative of one schema is which of the other.

use std::collections::BTreeSet;

use super::{
    document::Unreadable,
    shape::{Arm, Shape},
};

/// The object arms of two schemas, as they belong together.
pub struct ArmPairs<'p, 'o, 't> {
    pub both: Vec<(String, &'p Arm<'o>, &'p Arm<'t>)>,
    pub gone: Vec<String>,
    pub new: Vec<String>,
}

/// All arms as one: it has the fields of all; what each arm requires is required.
pub fn merged<'a>(arms: &[Arm<'a>]) -> Arm<'a> {
    let mut all = Arm { kind: "object", ..Arm::default() };
    for (index, arm) in arms.iter().enumerate() {
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

/// Arms belong together by the values of a field that tells them apart on both sides; else by the fields they have.
pub fn pairs<'p, 'o, 't>(ours: &'p [Arm<'o>], theirs: &'p [Arm<'t>]) -> Result<ArmPairs<'p, 'o, 't>, Unreadable> {
    let tag = tags(ours)?.into_iter().find(|name| tags(theirs).is_ok_and(|names| names.contains(name)));
    let mut left: Vec<&'p Arm<'t>> = theirs.iter().collect();
    let mut pairs = ArmPairs { both: Vec::new(), gone: Vec::new(), new: Vec::new() };
    for arm in ours {
        let mut best = None;
        for (index, other) in left.iter().enumerate() {
            let score = match tag {
                Some(tag) => usize::from(!tagged(arm, tag)?.is_disjoint(&tagged(other, tag)?)) * 100,
                None => likeness(arm, other),
            };
            if score >= 50 && best.is_none_or(|(_, highest)| score > highest) {
                best = Some((index, score));
            }
        }
        match best {
            Some((index, _)) => pairs.both.push((name(arm, tag)?, arm, left.remove(index))),
            None => pairs.gone.push(name(arm, tag)?),
        }
    }
    for arm in left {
        pairs.new.push(name(arm, tag)?);
    }
    Ok(pairs)
}

/// The fields whose values tell all of `arms` apart.
fn tags<'a>(arms: &[Arm<'a>]) -> Result<Vec<&'a str>, Unreadable> {
    let mut tags = Vec::new();
    for name in arms.first().into_iter().flat_map(|arm| arm.properties.keys()) {
        let mut seen = BTreeSet::new();
        let mut apart = true;
        for arm in arms {
            let values = tagged(arm, name)?;
            apart &= !values.is_empty() && values.is_disjoint(&seen);
            seen.extend(values);
        }
        if apart {
            tags.push(*name);
        }
    }
    Ok(tags)
}

/// The closed values of a field; none if it is missing or open.
fn tagged(arm: &Arm<'_>, name: &str) -> Result<BTreeSet<String>, Unreadable> {
    let Some(nodes) = arm.properties.get(name) else { return Ok(BTreeSet::new()) };
    let shape = Shape::of(nodes)?;
    let closed = !shape.any && shape.arms.iter().all(|arm| arm.values.is_some());
    Ok(if closed { shape.arms.into_iter().filter_map(|arm| arm.values).flatten().collect() } else { BTreeSet::new() })
}

/// How much of the fields and of what is required two arms share, in percent.
fn likeness(a: &Arm<'_>, b: &Arm<'_>) -> usize {
    let facts = |arm: &Arm<'_>| -> BTreeSet<(String, bool)> {
        let names = arm.properties.keys().map(|name| ((*name).to_owned(), false));
        names.chain(arm.required.iter().map(|name| ((*name).to_owned(), true))).collect()
    };
    let (a, b) = (facts(a), facts(b));
    let all = a.union(&b).count();
    if all == 0 { 100 } else { a.intersection(&b).count() * 100 / all }
}

/// What an arm is called: the values of its tag, or what it requires.
fn name(arm: &Arm<'_>, tag: Option<&str>) -> Result<String, Unreadable> {
    let words: Vec<String> = match tag {
        Some(tag) => tagged(arm, tag)?.into_iter().collect(),
        None => arm.required.iter().map(|name| (*name).to_owned()).collect(),
    };
    Ok(if words.is_empty() { "object".to_owned() } else { words.join("+") })
}
