//! Decodes a value of which parts cannot be decoded: elements of an optional list in it, or optional objects. They are left out
//! and reported.
//!
//! What a value requires is not left out: a booking without one of its attendees is another booking.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};

use super::decode::{DecodeFailure, ResponseStep, path_text, read_body};

/// The bound on the bytes that are read for one response: each item is decoded together with what stands beside the list, and
/// once more for each part of it that is left out.
pub(super) const MAX_READ_BYTES: usize = 256 << 20;

/// The bound on the parts of one value that are left out: more than a booking has attendees. A long response reaches
/// [`MAX_READ_BYTES`] before.
const MAX_PARTS: usize = 128;

/// Whether a response can be decoded.
pub(super) type Check<'c> = dyn Fn(Bytes) -> Result<(), DecodeFailure> + 'c;

/// A response without the parts that could not be decoded.
pub(super) struct WithoutParts {
    pub(super) body: Bytes,
    pub(super) parts: Vec<UnreadPart>,
}

/// A part that could not be decoded.
pub(super) struct UnreadPart {
    /// Its place, in a response that lacks the parts before it.
    steps: Vec<ResponseStep>,
    /// The response before anything in it was left out.
    before: Bytes,
    pub(super) json: String,
    /// The place of the failure, which can be within the part.
    pub(super) path: String,
    pub(super) cause: String,
}

/// Decodes a single value without the parts that cannot be decoded. `None` if the fault is not in a part.
#[cold]
pub(crate) fn read_value_without_parts<T: DeserializeOwned>(json: &Value) -> Option<T> {
    let body = Bytes::from(serde_json::to_vec(json).ok()?);
    let check = |body: Bytes| read_body::<T>(&body).map(drop);
    let failure = check(body.clone()).err()?;
    read_body(&without_parts(&body, 0, &check, failure, &mut MAX_READ_BYTES.clone())?.body).ok()
}

/// Removes the parts that cannot be decoded from the value at the first `depth` steps of a response; `failure` is that of the
/// whole response. `None` if the fault is not in a part. `budget` is the number of bytes that may be read.
pub(super) fn without_parts(
    body: &Bytes,
    depth: usize,
    check: &Check<'_>,
    mut failure: DecodeFailure,
    budget: &mut usize,
) -> Option<WithoutParts> {
    let mut body = body.clone();
    let mut parts: Vec<UnreadPart> = Vec::new();
    let mut check = |body: Bytes| {
        *budget = budget.checked_sub(body.len())?;
        Some(check(body))
    };
    loop {
        if parts.len() >= MAX_PARTS {
            return None;
        }
        let part = UnreadPart::of(&body, depth, failure, &parts)?;
        body = without(&body, &part.steps)?;
        parts.retain(|known| !known.is_within(&part.steps));
        parts.push(part);
        match check(body.clone())? {
            Ok(()) => break,
            Err(next) => failure = next,
        }
    }
    let mut lists: Vec<&[ResponseStep]> = Vec::new();
    for part in &parts {
        if let Some((ResponseStep::Index(_), list)) = part.steps.split_last()
            && !lists.contains(&list)
        {
            lists.push(list);
        }
    }
    for list in lists {
        // A list that the value cannot be without is not shortened.
        check(without(&body, list)?)?.ok()?;
    }
    Some(WithoutParts { body, parts })
}

impl UnreadPart {
    /// Whether it is a part of the value at this place. The next element of a list has the place of one that was left out.
    fn is_within(&self, steps: &[ResponseStep]) -> bool {
        self.steps.len() > steps.len() && self.steps.starts_with(steps)
    }

    /// The part of the response that a failure is in.
    fn of(body: &Bytes, depth: usize, failure: DecodeFailure, known: &[Self]) -> Option<Self> {
        let DecodeFailure { steps, cause, .. } = failure;
        let inner = steps.get(depth..)?;
        let json = value_at(body, &steps)?;
        // A field of the value itself is a part only if it is an object, in which something is missing.
        if inner.is_empty() || inner.len() == 1 && !json.get().starts_with('{') {
            return None;
        }
        // Something within it was left out, and it needs that.
        if let Some(first) = known.iter().find(|known| known.is_within(&steps)) {
            let json = value_at(&first.before, &steps)?.get().to_owned();
            let (before, path, cause) = (first.before.clone(), first.path.clone(), first.cause.clone());
            return Some(Self { steps, before, json, path, cause });
        }
        let path = path_text(&place_in_response(&steps, known));
        Some(Self { json: json.get().to_owned(), before: body.clone(), path, cause, steps })
    }
}

/// The place that a value has in the response as it came: elements before it can have been left out.
fn place_in_response(steps: &[ResponseStep], known: &[UnreadPart]) -> Vec<ResponseStep> {
    let place = steps.iter().enumerate().map(|(at, step)| match step {
        ResponseStep::Index(index) => {
            let of_list = |part: &&UnreadPart| {
                part.steps.len() == at + 1
                    && part.steps.get(..at) == steps.get(..at)
                    && matches!(part.steps.last(), Some(ResponseStep::Index(_)))
            };
            ResponseStep::Index(index + known.iter().filter(of_list).count())
        }
        ResponseStep::Key(_) => step.clone(),
    });
    place.collect()
}

/// The value at this place of a response.
pub(super) fn value_at<'b>(body: &'b [u8], steps: &[ResponseStep]) -> Option<&'b RawValue> {
    let mut inner: &RawValue = serde_json::from_slice(body).ok()?;
    for step in steps {
        inner = match step {
            ResponseStep::Key(name) => {
                serde_json::from_str::<BTreeMap<String, &RawValue>>(inner.get()).ok()?.remove(name)?
            }
            ResponseStep::Index(index) => {
                serde_json::from_str::<Vec<&RawValue>>(inner.get()).ok()?.get(*index).copied()?
            }
        };
    }
    Some(inner)
}

/// The response without the value at this place.
fn without(body: &[u8], steps: &[ResponseStep]) -> Option<Bytes> {
    let (last, parent) = steps.split_last()?;
    edited(body, parent, &|json| match last {
        ResponseStep::Key(name) => {
            let mut fields: BTreeMap<String, &RawValue> = serde_json::from_str(json.get()).ok()?;
            fields.remove(name)?;
            to_raw_value(&fields).ok()
        }
        ResponseStep::Index(index) => {
            let mut items: Vec<&RawValue> = serde_json::from_str(json.get()).ok()?;
            (*index < items.len()).then(|| items.remove(*index))?;
            to_raw_value(&items).ok()
        }
    })
}

/// The response with one more field in the object at this place. `None` if there is no object, or if it has that field.
pub(super) fn with_field(body: &[u8], steps: &[ResponseStep], name: &str, value: &impl Serialize) -> Option<Bytes> {
    let value = to_raw_value(value).ok()?;
    edited(body, steps, &|json| {
        let mut fields: BTreeMap<String, &RawValue> = serde_json::from_str(json.get()).ok()?;
        fields.insert(name.to_owned(), &value).is_none().then(|| to_raw_value(&fields).ok())?
    })
}

/// The response with an edited value at this place.
fn edited(body: &[u8], steps: &[ResponseStep], edit: &dyn Fn(&RawValue) -> Option<Box<RawValue>>) -> Option<Bytes> {
    let whole = edited_value(serde_json::from_slice(body).ok()?, steps, edit)?;
    Some(Bytes::from(Box::<str>::from(whole).into_boxed_bytes()))
}

fn edited_value(
    json: &RawValue,
    steps: &[ResponseStep],
    edit: &dyn Fn(&RawValue) -> Option<Box<RawValue>>,
) -> Option<Box<RawValue>> {
    let Some((step, rest)) = steps.split_first() else { return edit(json) };
    match step {
        ResponseStep::Key(name) => {
            let mut fields: BTreeMap<String, &RawValue> = serde_json::from_str(json.get()).ok()?;
            let inner = edited_value(fields.remove(name)?, rest, edit)?;
            fields.insert(name.clone(), &inner);
            to_raw_value(&fields).ok()
        }
        ResponseStep::Index(index) => {
            let mut items: Vec<&RawValue> = serde_json::from_str(json.get()).ok()?;
            let item = items.get_mut(*index)?;
            let inner = edited_value(item, rest, edit)?;
            *item = &inner;
            to_raw_value(&items).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;
    use crate::pipeline::read_body;

    #[derive(Deserialize)]
    struct Answer {
        data: Item,
    }

    #[derive(Deserialize)]
    struct Item {
        id: i64,
        needed: Vec<Part>,
        #[serde(default)]
        optional: Vec<Part>,
        one: Option<Part>,
    }

    #[derive(Deserialize)]
    struct Part {
        id: i64,
        #[allow(dead_code, reason = "it is decoded")]
        note: Option<String>,
    }

    /// The ids of what is read, and the places and JSON of what is left out.
    type Found = (Vec<i64>, Vec<(String, Value)>);

    /// What is found; the budget is in lengths of the body.
    fn read(item: &Value, lengths: usize) -> Option<Found> {
        let body = Bytes::from(json!({ "data": item }).to_string());
        let failure = read_body::<Answer>(&body).err()?;
        let mut budget = body.len() * lengths;
        let found = without_parts(&body, 1, &|body| read_body::<Answer>(&body).map(drop), failure, &mut budget)?;
        let Item { id, needed, optional, one } = read_body::<Answer>(&found.body).ok()?.data;
        let ids = needed.iter().chain(&optional).chain(&one).map(|part| part.id);
        let parts = found.parts.into_iter().map(|part| (part.path, part.json.parse().unwrap()));
        Some((std::iter::once(id).chain(ids).collect(), parts.collect()))
    }

    #[test]
    fn each_part_is_reported_once_with_its_json_and_place_as_they_came() {
        let item = json!({"id": 1, "needed": [{"id": 2}], "one": {"id": "?", "note": "n"}, "optional": [
            {"id": null, "note": "a"}, {"id": 3, "note": 7}, 8, {"id": 4}, {"note": "b"},
        ]});
        let (ids, parts) = read(&item, 99).unwrap();
        assert_eq!(ids, [1, 2, 3, 4]);
        let part = |place: &str, json: Value| (format!("data.{place}"), json);
        assert_eq!(
            parts,
            [
                part("one.id", json!({"id": "?", "note": "n"})),
                part("optional[0].id", json!({"id": null, "note": "a"})),
                part("optional[1].note", json!(7)),
                part("optional[2]", json!(8)),
                part("optional[4]", json!({"note": "b"})),
            ]
        );
    }

    #[test]
    fn what_is_needed_is_not_left_out_beside_parts_that_are() {
        for needed in [json!([{"id": 2}, {"id": null}]), json!([7]), json!({"0": {"id": 2}}), json!(null)] {
            let item = json!({"id": 1, "needed": needed, "optional": [7, {"id": 3}]});
            assert!(read(&item, 99).is_none(), "{needed}");
        }
        let item = json!({"id": 1, "needed": [{"id": 2, "note": 7}], "optional": []});
        assert_eq!(read(&item, 99).unwrap().0, [1, 2], "the part is there without its note");
        assert!(read(&json!({"id": "one", "needed": []}), 99).is_none());
    }

    #[test]
    fn a_value_is_read_without_a_hundred_parts_and_fails_with_more_than_the_bound() {
        let of = |odd: usize| {
            let list: Vec<Value> =
                (0..odd).map(|n| json!({"id": null, "note": n.to_string()})).chain([json!({"id": 2})]).collect();
            read(&json!({"id": 1, "needed": [], "optional": list}), usize::from(u16::MAX))
        };
        let (ids, parts) = of(MAX_PARTS - 28).unwrap();
        assert_eq!((ids, parts.len()), (vec![1, 2], MAX_PARTS - 28));
        assert_eq!(parts[99].0, "data.optional[99].id");
        assert!(of(MAX_PARTS + 1).is_none());
    }

    #[test]
    fn no_more_is_read_than_the_budget_allows() {
        let item = json!({"id": 1, "needed": [], "optional": [7, 7, 7]});
        let fitting = (0..9).find(|lengths| read(&item, *lengths).is_some());
        assert_eq!(
            fitting,
            Some(4),
            "three responses that lack ever more, and one without the list, are less than four whole"
        );
    }
}
