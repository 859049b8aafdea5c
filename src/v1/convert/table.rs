//! One table per thing says how the fields of the two versions belong together; both directions, requests and answers, and
//! the losses follow from it.
//!
//! A field that no row names cannot get lost: whatever the rows leave over is reported. What a row cannot express it
//! reports itself. What does not fit the type that the table leads to is taken out, and reported too.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::v1::{
    Why,
    loss::{Converted, Losses},
    shape::Object,
};

/// What a conversion is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// The thing as it is read.
    Read,
    /// A request that makes it: V2 takes no `null` there, and less than it tells. `null` is as good as nothing.
    Make,
    /// A request that changes it: what is left out stays.
    Change,
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    ToV2,
    ToV1,
}

/// How fields belong together.
pub(crate) struct Row {
    v1: &'static [&'static str],
    v2: &'static [&'static str],
    rule: Rule,
    access: Access,
}

enum Rule {
    /// The same value.
    Same,
    /// One value, changed: what goes to V2 and what comes back.
    Value(fn(&Value, &mut Out) -> Option<Value>, fn(&Value, &mut Out) -> Option<Value>),
    /// An object, or every object of a list, by a table of its own.
    Nested(&'static [Row]),
    /// Several fields that stand for several others.
    Several(fn(&Object, &mut Out), fn(&Object, &mut Out)),
    /// Only V1 has it; with what stands for it in V1's answers.
    OnlyV1(&'static str, fn() -> Value),
    /// Only V2 has it; with what stands for it where V2 needs it and V1 cannot tell.
    OnlyV2(&'static str, Option<fn() -> Value>),
}

/// In which requests and answers a row takes part.
#[derive(Clone, Copy)]
enum Access {
    Always,
    /// V2 tells it, and takes it in no request.
    ReadOnly(&'static str),
    /// V1 takes it, and tells it in no answer.
    WriteOnly(&'static str),
}

/// A list of one name, without writing the array.
macro_rules! name {
    ($name:literal) => {
        &[$name]
    };
}

pub(crate) use name;

type Names = &'static [&'static str];

pub(crate) const fn same(name: Names) -> Row {
    renamed(name, name)
}

pub(crate) const fn renamed(v1: Names, v2: Names) -> Row {
    Row { v1, v2, rule: Rule::Same, access: Access::Always }
}

pub(crate) const fn value(
    v1: Names,
    v2: Names,
    to_v2: fn(&Value, &mut Out) -> Option<Value>,
    to_v1: fn(&Value, &mut Out) -> Option<Value>,
) -> Row {
    Row { v1, v2, rule: Rule::Value(to_v2, to_v1), access: Access::Always }
}

pub(crate) const fn nested(v1: Names, v2: Names, table: &'static [Row]) -> Row {
    Row { v1, v2, rule: Rule::Nested(table), access: Access::Always }
}

pub(crate) const fn several(v1: Names, v2: Names, to_v2: fn(&Object, &mut Out), to_v1: fn(&Object, &mut Out)) -> Row {
    Row { v1, v2, rule: Rule::Several(to_v2, to_v1), access: Access::Always }
}

pub(crate) const fn only_v1(name: Names, why: &'static str) -> Row {
    only_v1_as(name, why, || Value::Null)
}

pub(crate) const fn only_v1_as(name: Names, why: &'static str, stands_for: fn() -> Value) -> Row {
    Row { v1: name, v2: &[], rule: Rule::OnlyV1(why, stands_for), access: Access::Always }
}

pub(crate) const fn only_v2(name: Names, why: &'static str) -> Row {
    Row { v1: &[], v2: name, rule: Rule::OnlyV2(why, None), access: Access::Always }
}

pub(crate) const fn only_v2_as(name: Names, why: &'static str, needed: fn() -> Value) -> Row {
    Row { v1: &[], v2: name, rule: Rule::OnlyV2(why, Some(needed)), access: Access::Always }
}

impl Row {
    pub(crate) const fn read_only(mut self, why: &'static str) -> Self {
        self.access = Access::ReadOnly(why);
        self
    }

    pub(crate) const fn write_only(mut self, why: &'static str) -> Self {
        self.access = Access::WriteOnly(why);
        self
    }
}

/// What comes out of a conversion.
pub(crate) struct Out {
    pub(crate) purpose: Use,
    way: Way,
    object: Object,
    losses: Losses,
    /// Where in the whole thing this object stands: `attendees[].`
    within: String,
}

impl Out {
    fn new(purpose: Use, way: Way, within: String) -> Self {
        Self { purpose, way, object: Object::new(), losses: Losses::default(), within }
    }

    pub(crate) fn is_request(&self) -> bool {
        self.purpose != Use::Read
    }

    /// Whether a field of this value can be left out without a word. V2 fills its answers with empty texts and lists; in what
    /// V1 told they count.
    fn is_silent(&self, value: &Value) -> bool {
        let counts = self.way == Way::ToV2 && self.purpose == Use::Read;
        value.is_null() || (!counts && says_nothing(value))
    }

    pub(crate) fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.object.insert(name.to_owned(), value.into());
    }

    pub(crate) fn lose(&mut self, field: &str, why: Why) {
        self.losses.add(format!("{}{field}", self.within), why);
    }

    /// Reports every field of `object` that says something and is not among the `known`.
    pub(crate) fn lose_others(&mut self, at: &str, object: &Object, known: &[&str], why: &'static str) {
        for (name, value) in object {
            if !self.is_silent(value) && !known.contains(&name.as_str()) {
                self.lose(&format!("{at}{name}"), Why::Dropped(why));
            }
        }
    }

    /// An object inside by a table of its own; its losses are named below `at`.
    fn inner(&mut self, at: &str, table: &[Row], way: Way, from: &Object) -> Object {
        let mut inner = Out::new(self.purpose, way, format!("{}{at}", self.within));
        fill(table, way, from, &mut inner);
        self.losses.extend(inner.losses.list().to_vec());
        inner.object
    }
}

/// Null, an empty list, object or text.
pub(crate) fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Converts an object by its table, and reads it as what it becomes.
///
/// # Errors
///
/// Where something required is missing that no row can make up.
pub(crate) fn convert<T: DeserializeOwned + Serialize>(
    table: &[Row],
    way: Way,
    purpose: Use,
    from: &Object,
) -> Result<Converted<T>, serde_json::Error> {
    let mut out = Out::new(purpose, way, String::new());
    fill(table, way, from, &mut out);
    let Out { object, mut losses, .. } = out;
    let value = fit(object, &mut losses)?;
    Ok(Converted::new(value, losses))
}

fn fill(table: &[Row], way: Way, from: &Object, out: &mut Out) {
    let no_twin = match way {
        Way::ToV2 => "V2 does not know this field",
        Way::ToV1 => "V1 does not know this field",
    };
    let names = |row: &Row| if way == Way::ToV2 { row.v1 } else { row.v2 };
    let known: Vec<&str> = table.iter().flat_map(names).copied().collect();
    for row in table {
        row.apply(way, from, out);
    }
    for (name, value) in from {
        if !known.contains(&name.as_str()) && !out.is_silent(value) {
            out.lose(name, Why::Dropped(no_twin));
        }
    }
}

impl Row {
    fn apply(&self, way: Way, from: &Object, out: &mut Out) {
        let (sources, target) = match way {
            Way::ToV2 => (self.v1, self.v2.first()),
            Way::ToV1 => (self.v2, self.v1.first()),
        };
        let told = sources.iter().any(|name| from.get(*name).is_some_and(|value| !value.is_null()));
        let out_of_turn = match (self.access, out.purpose) {
            (Access::ReadOnly(why), Use::Make | Use::Change) | (Access::WriteOnly(why), Use::Read) => Some(why),
            _ => None,
        };
        if let Some(why) = out_of_turn {
            for name in sources {
                if from.get(*name).is_some_and(|value| !out.is_silent(value)) {
                    out.lose(name, Why::Dropped(why));
                }
            }
            return;
        }
        match (&self.rule, way) {
            (Rule::OnlyV1(why, _), Way::ToV2) | (Rule::OnlyV2(why, _), Way::ToV1) => {
                // What the other way puts there anyway is not lost.
                let usual = match &self.rule {
                    Rule::OnlyV2(_, Some(usual)) | Rule::OnlyV1(_, usual) => Some(usual()),
                    _ => None,
                };
                for name in sources {
                    if from.get(*name).is_some_and(|value| !out.is_silent(value) && usual.as_ref() != Some(value)) {
                        out.lose(name, Why::Dropped(why));
                    }
                }
            }
            (Rule::OnlyV1(why, stands_for), Way::ToV1) => {
                for name in self.v1 {
                    out.put(name, stands_for());
                    out.lose(name, Why::MadeUp(why));
                }
            }
            (Rule::OnlyV2(_, None), Way::ToV2) => {}
            (Rule::OnlyV2(why, Some(needed)), Way::ToV2) => {
                for name in self.v2 {
                    out.put(name, needed());
                    out.lose(name, Why::MadeUp(why));
                }
            }
            (Rule::Several(to_v2, _), Way::ToV2) => to_v2(from, out),
            (Rule::Several(_, to_v1), Way::ToV1) => to_v1(from, out),
            (rule, way) => {
                let (Some(source), Some(target)) = (sources.first(), target) else { return };
                match from.get(*source) {
                    Some(found) if told => rule.one(way, source, target, found, out),
                    Some(_) if way == Way::ToV2 && out.purpose == Use::Change => {
                        out.lose(source, Why::NotExpressible("V2 takes no null here"));
                    }
                    _ if way == Way::ToV1 => out.put(target, Value::Null),
                    _ => {}
                }
            }
        }
    }
}

impl Rule {
    fn one(&self, way: Way, source: &str, target: &str, found: &Value, out: &mut Out) {
        let converted = match (self, way) {
            (Self::Value(to_v2, _), Way::ToV2) => to_v2(found, out),
            (Self::Value(_, to_v1), Way::ToV1) => to_v1(found, out),
            (Self::Nested(table), way) => match found {
                Value::Array(items) => {
                    let at = format!("{source}[].");
                    let items = items.iter().filter_map(Value::as_object);
                    Some(items.map(|item| Value::Object(out.inner(&at, table, way, item))).collect())
                }
                Value::Object(object) => Some(Value::Object(out.inner(&format!("{source}."), table, way, object))),
                _ => None,
            },
            _ => Some(found.clone()),
        };
        match converted {
            Some(value) => out.put(target, value),
            None if way == Way::ToV1 => out.put(target, Value::Null),
            None => {}
        }
    }
}

/// Reads the object as a `T`. What does not fit is taken out, and reported, until the rest fits; and so is what the type
/// takes in and does not keep.
pub(crate) fn fit<T: DeserializeOwned + Serialize>(
    object: Object,
    losses: &mut Losses,
) -> Result<T, serde_json::Error> {
    let mut value = Value::Object(object);
    loop {
        let problem = match serde_path_to_error::deserialize::<_, T>(&value) {
            Ok(read) => {
                not_kept(&value, &serde_json::to_value(&read)?, String::new(), losses);
                return Ok(read);
            }
            Err(problem) => problem,
        };
        let Some(field) = take_out(&mut value, problem.path()) else { return Err(problem.into_inner()) };
        losses.add(field, Why::NotExpressible("the other version has no form for this value"));
    }
}

/// Reports the fields that are gone after reading and writing.
fn not_kept(before: &Value, after: &Value, at: String, losses: &mut Losses) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            for (name, value) in before.iter().filter(|(_, value)| !value.is_null()) {
                let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                match after.get(name) {
                    Some(after) => not_kept(value, after, at, losses),
                    None => losses.add(at, Why::NotExpressible("the other version has no form for this value")),
                }
            }
        }
        (Value::Array(before), Value::Array(after)) => {
            before.iter().zip(after).for_each(|(before, after)| not_kept(before, after, format!("{at}[]"), losses));
        }
        _ => {}
    }
}

/// Takes the item of a list, or else the field, at which reading failed out; `None` where there is nothing to take.
fn take_out(value: &mut Value, path: &serde_path_to_error::Path) -> Option<String> {
    use serde_path_to_error::Segment;

    let mut segments = path.iter();
    let Some(Segment::Map { key }) = segments.next() else { return None };
    let object = value.as_object_mut()?;
    if let (Some(Value::Array(items)), Some(Segment::Seq { index })) = (object.get_mut(key), segments.next())
        && *index < items.len()
    {
        items.remove(*index);
        return Some(format!("{key}[]"));
    }
    object.remove(key)?;
    Some(key.clone())
}
