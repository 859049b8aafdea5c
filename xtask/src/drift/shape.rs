//! What a schema allows, however it is written: `$ref`, `allOf`, `oneOf`, `anyOf` and both ways to say nullable are
//! resolved into a set of arms, one for each alternative.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::document::{Node, Unreadable};

/// How many schemas and alternatives may make one shape. The published documents stay below 100.
const MAX_PARTS: usize = 2_000;
/// How many schemas may stand in each other, references counted, without a property or an item between them.
const MAX_DEPTH: usize = 128;

/// The alternatives that a value may take.
#[derive(Clone, Default)]
pub struct Shape<'a> {
    /// Any JSON: the schema says nothing.
    pub any: bool,
    pub nullable: bool,
    pub arms: Vec<Arm<'a>>,
}

/// One alternative: a kind of JSON, and what is said of it.
#[derive(Clone, Default)]
pub struct Arm<'a> {
    pub kind: &'static str,
    /// The name of the schema, if it was referred to.
    pub schema: Option<&'a str>,
    /// The values of a closed enum.
    pub values: Option<BTreeSet<String>>,
    /// The default or the example of an open string, which tells arms apart if nothing better does.
    pub hint: Option<String>,
    pub minimum: Option<String>,
    pub maximum: Option<String>,
    pub items: Vec<Node<'a>>,
    pub properties: BTreeMap<&'a str, Vec<Node<'a>>>,
    pub required: BTreeSet<&'a str>,
    /// The values of a map.
    pub rest: Vec<Node<'a>>,
}

const KINDS: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

impl<'a> Shape<'a> {
    /// The shape of a value that one of `nodes` describes.
    pub fn of(nodes: &[Node<'a>]) -> Result<Self, Unreadable> {
        let mut parts = Parts { left: MAX_PARTS, trail: Vec::new() };
        let mut shapes = Vec::new();
        for node in nodes {
            shapes.push(parts.shape(node)?);
        }
        Ok(union(shapes))
    }

    pub fn kinds(&self) -> BTreeSet<&'static str> {
        self.arms.iter().map(|arm| arm.kind).collect()
    }

    pub fn of_kind(&self, kind: &str) -> Vec<Arm<'a>> {
        self.arms.iter().filter(|arm| arm.kind == kind).cloned().collect()
    }

    /// The kinds in words.
    pub fn label(&self) -> String {
        match self.any {
            true => "any".to_owned(),
            false => self.kinds().into_iter().collect::<Vec<_>>().join(" or "),
        }
    }
}

struct Parts {
    left: usize,
    /// The schemas that are being resolved: one that contains itself adds nothing to itself.
    trail: Vec<usize>,
}

impl Parts {
    fn shape<'a>(&mut self, node: &Node<'a>) -> Result<Shape<'a>, Unreadable> {
        self.spend(node, 1)?;
        if self.trail.contains(&node.identity()) {
            return Ok(Shape { any: true, ..Shape::default() });
        }
        if self.trail.len() >= MAX_DEPTH {
            return Err(node.error(format!("is composed of schemas more than {MAX_DEPTH} deep")));
        }
        self.trail.push(node.identity());
        let shape = self.unguarded(node);
        self.trail.pop();
        shape
    }

    fn unguarded<'a>(&mut self, node: &Node<'a>) -> Result<Shape<'a>, Unreadable> {
        if node.value.is_boolean() {
            return Ok(Shape { any: true, ..Shape::default() });
        }
        node.object()?;
        if let Some(target) = node.reference()? {
            let mut shape = self.shape(&target)?;
            shape.nullable |= node.value["nullable"] == true;
            let name = node.value["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
            shape.arms.iter_mut().for_each(|arm| arm.schema = arm.schema.or(name));
            return Ok(shape);
        }
        let mut shape = own(node)?;
        for member in node.list("allOf")? {
            let member = self.shape(&member)?;
            shape = self.meet(node, shape, member)?;
        }
        for keyword in ["oneOf", "anyOf"] {
            let mut arms = Vec::new();
            for arm in node.list(keyword)? {
                let cycle = self.trail.contains(&arm.resolve()?.identity());
                if !cycle {
                    arms.push(self.shape(&arm)?);
                }
            }
            if !arms.is_empty() {
                shape = self.meet(node, shape, union(arms))?;
            }
        }
        Ok(shape)
    }

    /// What both say at once. If they name no kind in common, the later one holds.
    fn meet<'a>(&mut self, node: &Node<'a>, a: Shape<'a>, b: Shape<'a>) -> Result<Shape<'a>, Unreadable> {
        let nullable = a.nullable || b.nullable;
        if a.any || b.any {
            return Ok(Shape { nullable, ..if a.any { b } else { a } });
        }
        let mut arms = Vec::new();
        for left in &a.arms {
            for right in b.arms.iter().filter(|right| same_kind(left.kind, right.kind)) {
                self.spend(node, 1)?;
                arms.push(both(left, right));
            }
        }
        let arms = if arms.is_empty() { b.arms } else { arms };
        Ok(Shape { any: false, nullable, arms })
    }

    fn spend(&mut self, node: &Node<'_>, parts: usize) -> Result<(), Unreadable> {
        let left = self.left.checked_sub(parts);
        self.left = left.ok_or_else(|| node.error(format!("has more than {MAX_PARTS} alternatives and parts")))?;
        Ok(())
    }
}

/// Whether values of one kind can be values of the other: integers are numbers.
pub fn same_kind(a: &str, b: &str) -> bool {
    let numeric = |kind: &str| ["integer", "number"].contains(&kind);
    a == b || numeric(a) && numeric(b)
}

fn union(shapes: Vec<Shape<'_>>) -> Shape<'_> {
    let mut all = Shape::default();
    for shape in shapes {
        all.any |= shape.any;
        all.nullable |= shape.nullable;
        all.arms.extend(shape.arms);
    }
    all
}

fn both<'a>(left: &Arm<'a>, right: &Arm<'a>) -> Arm<'a> {
    let mut arm = left.clone();
    if right.kind == "integer" {
        arm.kind = "integer";
    }
    arm.values = match (left.values.clone(), right.values.clone()) {
        (Some(left), Some(right)) => Some(left.intersection(&right).cloned().collect()),
        (left, right) => left.or(right),
    };
    arm.minimum = right.minimum.clone().or(arm.minimum);
    arm.maximum = right.maximum.clone().or(arm.maximum);
    for (name, nodes) in &right.properties {
        arm.properties.insert(name, nodes.clone());
    }
    arm.required.extend(&right.required);
    if !right.items.is_empty() {
        arm.items = right.items.clone();
    }
    if !right.rest.is_empty() {
        arm.rest = right.rest.clone();
    }
    arm
}

/// What a schema says itself, without the schemas that it is composed of.
fn own<'a>(node: &Node<'a>) -> Result<Shape<'a>, Unreadable> {
    let mut kinds = BTreeSet::new();
    let mut nullable = node.value["nullable"] == true;
    if let Some(told) = node.get("type") {
        let told = if told.value.is_array() { told.items()? } else { vec![told] };
        for kind in told {
            match (kind.text()?, KINDS.iter().find(|known| **known == kind.value)) {
                ("null", _) => nullable = true,
                (_, Some(known)) => drop(kinds.insert(*known)),
                (other, None) => return Err(kind.error(format!("is {other:?}, which is no type of JSON"))),
            }
        }
        if kinds.is_empty() {
            return Ok(Shape { nullable, ..Shape::default() });
        }
    }
    let constant = node.get("const").map(|constant| vec![constant]);
    let listed = node.get("enum").map(|list| list.items()).transpose()?.or(constant);
    if let Some(listed) = &listed {
        nullable |= listed.iter().any(|value| value.value.is_null());
    }
    if kinds.is_empty() {
        kinds = implied(node, listed.as_deref());
    }
    if kinds.is_empty() {
        let only_null = listed.is_some();
        return Ok(Shape { any: !only_null, nullable, arms: Vec::new() });
    }
    let mut arms = Vec::new();
    for kind in kinds {
        arms.push(arm(node, kind, listed.as_deref())?);
    }
    Ok(Shape { any: false, nullable, arms })
}

/// The kinds of a schema without `type`.
fn implied(node: &Node<'_>, listed: Option<&[Node<'_>]>) -> BTreeSet<&'static str> {
    let has = |keys: &[&str]| keys.iter().any(|key| node.value.get(key).is_some());
    match listed {
        Some(listed) => listed.iter().filter_map(|value| kind_of(value.value)).collect(),
        None if has(&["properties", "additionalProperties"]) => BTreeSet::from(["object"]),
        None if has(&["items"]) => BTreeSet::from(["array"]),
        None if node.value["required"].is_array() && !has(&["oneOf", "anyOf", "allOf"]) => BTreeSet::from(["object"]),
        None => BTreeSet::new(),
    }
}

fn kind_of(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => None,
        Value::Bool(_) => Some("boolean"),
        Value::Number(number) if number.is_f64() => Some("number"),
        Value::Number(_) => Some("integer"),
        Value::String(_) => Some("string"),
        Value::Array(_) => Some("array"),
        Value::Object(_) => Some("object"),
    }
}

fn arm<'a>(node: &Node<'a>, kind: &'static str, listed: Option<&[Node<'a>]>) -> Result<Arm<'a>, Unreadable> {
    let mut arm = Arm { kind, ..Arm::default() };
    // A list of values beside an object or an array is a mistake of some generators, which mean the items.
    if let Some(listed) = listed.filter(|_| !["object", "array"].contains(&kind)) {
        let values = listed.iter().filter(|value| kind_of(value.value).is_some_and(|of| same_kind(of, kind)));
        arm.values = Some(values.map(|value| shown(value.value)).collect());
    }
    match kind {
        "object" => {
            if let Some(properties) = node.get("properties") {
                arm.properties = properties.fields()?.map(|(name, node)| (name, vec![node])).collect();
            }
            // `required: true` on a schema is the older way to say it of the property, and says nothing here.
            for name in
                node.get("required").filter(|list| !list.value.is_boolean()).map_or(Ok(vec![]), |l| l.items())?
            {
                arm.required.insert(name.text()?);
            }
            arm.rest = node.get("additionalProperties").filter(|rest| !rest.value.is_boolean()).into_iter().collect();
        }
        "array" => arm.items = node.get("items").into_iter().collect(),
        "integer" | "number" => {
            for (key, bound) in [("minimum", &mut arm.minimum), ("maximum", &mut arm.maximum)] {
                *bound = node.get(key).filter(|bound| bound.value.is_number()).map(|bound| shown(bound.value));
            }
        }
        "string" => {
            let told = ["default", "example"].map(|key| node.get(key).and_then(|told| told.value.as_str()));
            arm.hint = told.into_iter().flatten().next().map(str::to_owned);
        }
        _ => {}
    }
    Ok(arm)
}

/// A value without the quotes of a string.
fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
