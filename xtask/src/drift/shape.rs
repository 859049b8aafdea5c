//! Normalizes a schema: `$ref`, `allOf`, `oneOf`, `anyOf` and both forms of nullable are resolved into a set of arms, one for
//! each alternative.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    bounds::Bounds,
    document::{DocumentError, Node},
};

/// The largest number of schemas and alternatives of a shape. The published documents stay below 100.
const MAX_PARTS: usize = 2_000;
/// The deepest nesting of schemas, references included, without a property or an item between them.
const MAX_DEPTH: usize = 128;

/// The alternatives that a value may take.
#[derive(Clone, Default)]
pub struct Shape<'a> {
    /// Any JSON: the schema is empty.
    pub any: bool,
    pub nullable: bool,
    pub arms: Vec<Arm<'a>>,
    /// The values that stand for an absent one.
    pub defaults: BTreeSet<String>,
    /// Constraints that are compared as they are written.
    pub conditions: BTreeSet<String>,
}

/// An alternative: a kind of JSON, with its constraints.
#[derive(Clone, Default)]
pub struct Arm<'a> {
    pub kind: &'static str,
    /// The name of the schema, if it was referenced.
    pub schema: Option<&'a str>,
    /// The values of a closed enum.
    pub values: Option<BTreeSet<String>>,
    /// The default or example of an open string, which discriminates arms if nothing else does.
    pub hint: Option<String>,
    pub bounds: Bounds,
    pub items: Vec<Node<'a>>,
    pub properties: BTreeMap<&'a str, Vec<Node<'a>>>,
    pub required: BTreeSet<&'a str>,
    /// The schemas of a map's values. `false` allows none.
    pub rest: Vec<Node<'a>>,
}

const KINDS: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];
/// The ways to put schemas together.
const COMPOSITION: [&str; 3] = ["oneOf", "anyOf", "allOf"];
/// The keywords of constraints that are compared as they are written.
const CONDITIONS: [&str; 16] = [
    "not",
    "patternProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
    "contentEncoding",
    "contentMediaType",
    "if",
    "then",
    "else",
    "contains",
    "minContains",
    "maxContains",
    "propertyNames",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
];

impl<'a> Shape<'a> {
    /// The shape of the values that one of `nodes` allows.
    pub fn of(nodes: &[Node<'a>]) -> Result<Self, DocumentError> {
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

    /// Any JSON, as an empty schema allows it.
    pub fn any() -> Self {
        Self { any: true, ..Self::default() }
    }

    /// Whether no value is allowed, as the schema `false` says.
    fn is_never(&self) -> bool {
        !self.any && !self.nullable && self.arms.is_empty()
    }

    /// The kinds as a text.
    pub fn label(&self) -> String {
        match (self.any, self.arms.is_empty()) {
            (true, _) => "any".to_owned(),
            (false, true) if self.nullable => "null".to_owned(),
            (false, true) => "never".to_owned(),
            (false, false) => self.kinds().into_iter().collect::<Vec<_>>().join(" or "),
        }
    }
}

struct Parts {
    left: usize,
    /// The schemas that are being resolved. A schema that contains itself adds nothing.
    trail: Vec<usize>,
}

impl Parts {
    fn shape<'a>(&mut self, node: &Node<'a>) -> Result<Shape<'a>, DocumentError> {
        self.spend(node, 1)?;
        if self.trail.contains(&node.identity()) {
            return Ok(Shape::any());
        }
        if self.trail.len() >= MAX_DEPTH {
            return Err(node.error(format!("is composed of schemas more than {MAX_DEPTH} deep")));
        }
        self.trail.push(node.identity());
        let shape = self.unguarded(node);
        self.trail.pop();
        shape
    }

    fn unguarded<'a>(&mut self, node: &Node<'a>) -> Result<Shape<'a>, DocumentError> {
        if let Some(any) = node.value.as_bool() {
            return Ok(Shape { any, ..Shape::default() });
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
        let without_kind = shape.any;
        for member in node.list("allOf")? {
            let member = self.shape(&member)?;
            shape = self.intersect(node, shape, member)?;
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
                shape = self.intersect(node, shape, union(arms))?;
            }
        }
        for arm in shape.arms.iter_mut().filter(|_| without_kind) {
            arm.bounds.narrow(&Bounds::of(node, arm.kind));
            if arm.kind == "object" {
                arm.required.extend(required(node)?);
            }
        }
        Ok(shape)
    }

    /// The intersection of two shapes. If they have no kind in common, the later one is used.
    fn intersect<'a>(&mut self, node: &Node<'a>, a: Shape<'a>, b: Shape<'a>) -> Result<Shape<'a>, DocumentError> {
        if a.is_never() || b.is_never() {
            return Ok(Shape::default());
        }
        let nullable = a.nullable || b.nullable;
        let defaults = a.defaults.union(&b.defaults).cloned().collect();
        let conditions = a.conditions.union(&b.conditions).cloned().collect();
        if a.any || b.any {
            return Ok(Shape { nullable, defaults, conditions, ..if a.any { b } else { a } });
        }
        let mut arms = Vec::new();
        for left in &a.arms {
            for right in b.arms.iter().filter(|right| same_kind(left.kind, right.kind)) {
                self.spend(node, 1)?;
                arms.push(both(left, right));
            }
        }
        let arms = if arms.is_empty() { b.arms } else { arms };
        Ok(Shape { any: false, nullable, arms, defaults, conditions })
    }

    fn spend(&mut self, node: &Node<'_>, parts: usize) -> Result<(), DocumentError> {
        let left = self.left.checked_sub(parts);
        self.left = left.ok_or_else(|| node.error(format!("has more than {MAX_PARTS} alternatives and parts")))?;
        Ok(())
    }
}

/// Whether values of one kind can be values of the other, as integers are numbers.
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
        all.defaults.extend(shape.defaults);
        all.conditions.extend(shape.conditions);
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
    arm.bounds.narrow(&right.bounds);
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

/// The shape of a schema's own keys, without the schemas that it is composed of.
fn own<'a>(node: &Node<'a>) -> Result<Shape<'a>, DocumentError> {
    let mut shape = kinds(node)?;
    shape.defaults.extend(node.get("default").filter(|value| !value.value.is_null()).map(|value| shown(value.value)));
    for keyword in CONDITIONS {
        shape.conditions.extend(node.get(keyword).map(|value| format!("{keyword} {}", value.value)));
    }
    Ok(shape)
}

fn kinds<'a>(node: &Node<'a>) -> Result<Shape<'a>, DocumentError> {
    let mut kinds = BTreeSet::new();
    let mut nullable = node.value["nullable"] == true;
    if let Some(values) = node.get("type") {
        let values = if values.value.is_array() { values.items()? } else { vec![values] };
        for kind in values {
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
        return Ok(Shape { any: !only_null, nullable, ..Shape::default() });
    }
    let mut arms = Vec::new();
    for kind in kinds {
        arms.push(arm(node, kind, listed.as_deref())?);
    }
    Ok(Shape { nullable, arms, ..Shape::default() })
}

/// The kinds of a schema without `type`.
fn implied(node: &Node<'_>, listed: Option<&[Node<'_>]>) -> BTreeSet<&'static str> {
    let has = |keys: &[&str]| keys.iter().any(|key| node.value.get(key).is_some());
    match listed {
        Some(listed) => listed.iter().filter_map(|value| kind_of(value.value)).collect(),
        None if has(&["properties", "additionalProperties", "patternProperties"]) => BTreeSet::from(["object"]),
        None if has(&["items", "prefixItems"]) => BTreeSet::from(["array"]),
        // Beside other schemas these narrow what those allow.
        None if has(&COMPOSITION) => BTreeSet::new(),
        None if node.value["required"].is_array() || has(&["minProperties", "maxProperties"]) => {
            BTreeSet::from(["object"])
        }
        None if has(&["minItems", "maxItems", "uniqueItems"]) => BTreeSet::from(["array"]),
        None if has(&["minLength", "maxLength", "pattern"]) => BTreeSet::from(["string"]),
        None if has(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]) => {
            BTreeSet::from(["number"])
        }
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

fn arm<'a>(node: &Node<'a>, kind: &'static str, listed: Option<&[Node<'a>]>) -> Result<Arm<'a>, DocumentError> {
    let mut arm = Arm { kind, bounds: Bounds::of(node, kind), ..Arm::default() };
    // Values beside an object or an array are an error of some generators; they are meant for the items.
    if let Some(listed) = listed.filter(|_| !["object", "array"].contains(&kind)) {
        let values = listed.iter().filter(|value| kind_of(value.value).is_some_and(|of| same_kind(of, kind)));
        arm.values = Some(values.map(|value| shown(value.value)).collect());
    }
    match kind {
        "object" => {
            if let Some(properties) = node.get("properties") {
                arm.properties = properties.fields()?.map(|(name, node)| (name, vec![node])).collect();
            }
            arm.required = required(node)?;
            arm.rest = node.get("additionalProperties").filter(|rest| rest.value != true).into_iter().collect();
            if let Some(patterns) = node.get("patternProperties") {
                arm.rest.extend(patterns.fields()?.map(|(_, node)| node));
            }
        }
        "array" => arm.items = node.get("items").into_iter().chain(node.list("prefixItems")?).collect(),
        "string" => {
            let values = ["default", "example"].map(|key| node.get(key).and_then(|values| values.value.as_str()));
            arm.hint = values.into_iter().flatten().next().map(str::to_owned);
        }
        _ => {}
    }
    Ok(arm)
}

/// The names in `required`. `required: true` on a schema is an older form for the property, and is ignored here.
fn required<'a>(node: &Node<'a>) -> Result<BTreeSet<&'a str>, DocumentError> {
    let list = node.get("required").filter(|list| !list.value.is_boolean());
    list.map_or(Ok(Vec::new()), |list| list.items())?.iter().map(Node::text).collect()
}

/// A value without the quotes of a string.
fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
