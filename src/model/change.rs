//! Writes a changed value in the form in which it was sent.

use serde_json::{Map, Value};

/// A JSON object.
type FieldsByName = Map<String, Value>;

/// What a documented type says of its forms.
pub(super) struct Forms<'r> {
    /// The names in the wire form of fields that have another name in the documented form.
    pub(super) wire_names: &'static [&'static str],
    /// The documented fields of the value that the JSON reads as.
    pub(super) read: &'r dyn Fn(&FieldsByName) -> Option<FieldsByName>,
}

impl Forms<'_> {
    /// The JSON `sent` with the change from the documented fields `before` to those `now`.
    ///
    /// Three candidates are tried, and the first one that reads as the value that is `now` is returned:
    ///
    /// 1. What was sent, with the changed fields in the form in which they were sent.
    /// 2. The documented form of all documented fields, with what was sent within the unchanged ones.
    /// 3. The documented form, with the undocumented fields beside it.
    pub(super) fn apply_change(&self, sent: FieldsByName, before: &FieldsByName, now: FieldsByName) -> Value {
        let merged = merge_fields(&sent, before, &now);
        let as_sent = self.write_in_sent_form(merged.clone(), before, &now);
        if (self.read)(&as_sent).as_ref() == Some(&now) {
            return Value::Object(as_sent);
        }
        // A field that was removed is not written in either form: its old value in the wire form would be read again.
        let beside = |name: &str| !self.wire_names.contains(&name);
        let mut as_documented: Map<_, _> = merged.into_iter().filter(|(name, _)| beside(name)).collect();
        for (name, field) in &now {
            as_documented.entry(name).or_insert_with(|| field.clone());
        }
        if (self.read)(&as_documented).as_ref() == Some(&now) {
            return Value::Object(as_documented);
        }
        let kept = sent.into_iter().filter(|(name, _)| beside(name) && !before.contains_key(name));
        Value::Object(kept.chain(now).collect())
    }

    /// Writes changed fields under their name in the wire form if the value is read from that name; else under the documented
    /// name, without the field of the wire form.
    fn write_in_sent_form(&self, mut json: FieldsByName, before: &FieldsByName, now: &FieldsByName) -> FieldsByName {
        for (name, field) in now.iter().filter(|(name, field)| before.get(*name) != Some(field)) {
            let is_read = |json: &FieldsByName| (self.read)(json).is_some_and(|read| read.get(name) == Some(field));
            if is_read(&json) {
                continue;
            }
            let wire_names = || self.wire_names.iter().filter(|wire| json.contains_key(**wire));
            let renamed = wire_names().map(|wire| {
                let mut renamed = json.clone();
                renamed.remove(name);
                renamed.insert((*wire).to_owned(), field.clone());
                renamed
            });
            // Only if no name of the wire form holds the field: without one, other fields may be read in the documented form.
            let removed = wire_names().map(|wire| {
                let mut removed = json.clone();
                removed.remove(*wire);
                removed
            });
            let candidates = renamed.chain(removed);
            if let Some(candidate) = candidates.into_iter().find(is_read) {
                json = self.replace_wire_copies(candidate, json);
            }
        }
        json
    }

    /// Writes a value that was changed under one name of the wire form under the other names too that had its former value, if
    /// the result reads the same (`attendeesCount` and `seatsBooked` of a slot).
    fn replace_wire_copies(&self, changed: FieldsByName, before: FieldsByName) -> FieldsByName {
        let is_changed = |name: &&&str| changed.get(**name).is_some_and(|now| before.get(**name) != Some(now));
        let Some(name) = self.wire_names.iter().find(is_changed) else { return changed };
        let mut replaced = changed.clone();
        for copy in
            self.wire_names.iter().filter(|copy| before.contains_key(**copy) && before.get(**copy) == before.get(*name))
        {
            replaced.insert((*copy).to_owned(), changed[*name].clone());
        }
        if (self.read)(&replaced) == (self.read)(&changed) { replaced } else { changed }
    }
}

/// The fields that were sent, with the changed ones replaced, nested ones included.
fn merge_fields(sent: &FieldsByName, before: &FieldsByName, now: &FieldsByName) -> FieldsByName {
    let mut merged = sent.clone();
    merged.retain(|name, _| now.contains_key(name) || !before.contains_key(name));
    for (name, field) in now {
        let was = before.get(name);
        if was != Some(field) {
            let field = merge(sent.get(name), was, field);
            merged.insert(name.clone(), field);
        }
    }
    merged
}

/// Puts a changed text where the wire form has it under another name (`link` of a location), and removes a removed one, so that
/// the text before does not stay.
fn in_place_of_copies(
    mut merged: FieldsByName,
    sent: &FieldsByName,
    before: &FieldsByName,
    now: &FieldsByName,
) -> FieldsByName {
    for (name, was) in before.iter().filter(|(name, was)| was.is_string() && !sent.contains_key(*name)) {
        let field = now.get(name).filter(|field| !field.is_null());
        if field == Some(was) {
            continue;
        }
        let copies: Vec<String> = sent
            .iter()
            .filter(|(other, value)| *value == was && !now.contains_key(*other))
            .map(|(other, _)| other.clone())
            .collect();
        if copies.is_empty() {
            continue;
        }
        merged.remove(name);
        for copy in copies {
            match field {
                Some(field) => merged.insert(copy, field.clone()),
                None => merged.remove(&copy),
            };
        }
    }
    merged
}

fn merge(sent: Option<&Value>, before: Option<&Value>, now: &Value) -> Value {
    match (sent, before, now) {
        (Some(sent), Some(before), _) if before == now => sent.clone(),
        (Some(Value::Object(sent)), Some(Value::Object(before)), Value::Object(now)) if is_same_object(before, now) => {
            Value::Object(in_place_of_copies(merge_fields(sent, before, now), sent, before, now))
        }
        (Some(Value::Array(sent)), Some(Value::Array(before)), Value::Array(now)) if sent.len() == before.len() => {
            let item = |(item, from): (&Value, Option<usize>)| {
                merge(from.and_then(|at| sent.get(at)), from.and_then(|at| before.get(at)), item)
            };
            now.iter().zip(origins(before, now)).map(item).collect()
        }
        _ => now.clone(),
    }
}

/// Whether `now` is `before` with a change: at least half of its fields are as they were. An object with fewer is a different
/// one, and has none of the undocumented fields of the former.
fn is_same_object(before: &FieldsByName, now: &FieldsByName) -> bool {
    let unchanged = equal_fields(before, now);
    unchanged > 0 && 2 * unchanged >= stated_fields(before).min(stated_fields(now))
}

/// The number of fields that are equal in both, and say something.
fn equal_fields(before: &FieldsByName, now: &FieldsByName) -> usize {
    before.iter().filter(|(name, field)| !field.is_null() && now.get(*name) == Some(field)).count()
}

fn stated_fields(fields: &FieldsByName) -> usize {
    fields.values().filter(|field| !field.is_null()).count()
}

/// For each item of `now` the place of the item of `before` that it was; `None` if it is a new one.
///
/// An equal item is the same one: that at the same place if there are several. Of the others, an item is that at the same place
/// if the list is as long as before, else the one with the most equal fields. No item is the origin of two, except of equal ones.
fn origins(before: &[Value], now: &[Value]) -> Vec<Option<usize>> {
    let equal = |(at, item): (usize, &Value)| {
        let in_place = before.get(at).filter(|before| *before == item).map(|_| at);
        in_place.or_else(|| before.iter().position(|before| before == item))
    };
    let mut origins: Vec<Option<usize>> = now.iter().enumerate().map(equal).collect();
    for (at, item) in now.iter().enumerate() {
        if origins[at].is_some() {
            continue;
        }
        let free = |from: &usize| !origins.contains(&Some(*from));
        let in_place = (before.len() == now.len()).then_some(at).filter(free);
        origins[at] = in_place.filter(|_| !item.is_object()).or_else(|| {
            let similar = (0..before.len()).filter(free).filter_map(|from| {
                let (before, now) = (before[from].as_object()?, item.as_object()?);
                let in_place = in_place == Some(from);
                // At another place, half is not enough: all locations of a kind have that.
                let is_similar = 2 * equal_fields(before, now) > stated_fields(before).min(stated_fields(now));
                (is_similar || in_place && is_same_object(before, now))
                    .then(|| (equal_fields(before, now), in_place, from))
            });
            // Of alike ones the first, unless one is in place.
            similar.max_by_key(|(equal, in_place, from)| (*equal, *in_place, usize::MAX - from)).map(|(.., from)| from)
        });
    }
    origins
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn item(fields: [i64; 4]) -> Value {
        json!({"a": fields[0], "b": fields[1], "c": fields[2], "d": fields[3], "e": null})
    }

    fn origins_of(before: &[[i64; 4]], now: &[[i64; 4]]) -> Vec<Option<usize>> {
        let items = |list: &[[i64; 4]]| list.iter().copied().map(item).collect::<Vec<_>>();
        origins(&items(before), &items(now))
    }

    #[test]
    fn an_object_is_the_same_if_half_of_what_it_states_is_unchanged() {
        let is_same = |now: Value| is_same_object(item([1, 2, 3, 4]).as_object().unwrap(), now.as_object().unwrap());
        assert!(is_same(item([1, 2, 8, 9])));
        assert!(!is_same(item([1, 7, 8, 9])));
        assert!(!is_same(json!({"e": null})), "an equal null says nothing");
        assert!(is_same(json!({"a": 1, "b": 9})), "half of the smaller one");
    }

    #[test]
    fn a_changed_item_is_found_at_its_place_by_half_and_at_another_by_more() {
        let (one, other) = ([1, 2, 3, 4], [5, 6, 7, 8]);
        assert_eq!(origins_of(&[one, other], &[[1, 2, 0, 0], other]), [Some(0), Some(1)], "in place");
        assert_eq!(origins_of(&[one, other], &[other, [1, 2, 0, 0]]), [Some(1), None], "half, at another place");
        assert_eq!(origins_of(&[one, other], &[other, [1, 2, 3, 0]]), [Some(1), Some(0)], "more than half");
        assert_eq!(origins_of(&[one, other], &[[1, 2, 3, 0]]), [Some(0)], "a shorter list");
        assert_eq!(origins_of(&[one, other], &[[1, 2, 0, 0]]), [None], "a shorter list has no places");
    }

    #[test]
    fn no_item_is_the_origin_of_two() {
        let one = [1, 2, 3, 4];
        assert_eq!(origins_of(&[one], &[[1, 2, 3, 0], [1, 2, 3, 9]]), [Some(0), None]);
        assert_eq!(origins_of(&[one, one], &[[1, 2, 3, 0], one]), [Some(0), Some(1)], "an equal one is at its place");
        assert_eq!(origins_of(&[one], &[one, one]), [Some(0), Some(0)], "except of equal ones");
    }

    #[test]
    fn of_alike_items_the_one_in_place_is_the_origin_else_the_first() {
        let (first, second) = ([1, 2, 3, 4], [1, 2, 3, 5]);
        assert_eq!(origins_of(&[first, second], &[[9, 9, 9, 9], [1, 2, 3, 6]]), [None, Some(1)]);
        assert_eq!(origins_of(&[first, second], &[[1, 2, 3, 6]]), [Some(0)]);
        assert_eq!(origins_of(&[[1, 2, 0, 0], second], &[[1, 2, 3, 6]]), [Some(1)], "more equal fields");
    }

    #[test]
    fn a_text_that_has_another_name_in_the_wire_form_is_changed_there() {
        let sent = json!({"kind": "link", "url": "https://a.example", "note": "https://a.example"});
        let before = json!({"kind": "link", "link": "https://a.example"});
        let changed = |now: Value| merge(Some(&sent), Some(&before), &now);
        let now = json!({"kind": "link", "link": "https://b.example"});
        assert_eq!(changed(now), json!({"kind": "link", "url": "https://b.example", "note": "https://b.example"}));
        assert_eq!(changed(json!({"kind": "link", "link": null})), json!({"kind": "link"}));
        assert_eq!(changed(json!({"kind": "link"})), json!({"kind": "link"}));
        // A field that has the text by chance, and that is documented, is none of its names.
        let now = json!({"kind": "link", "link": "https://b.example", "note": "https://a.example"});
        assert_eq!(changed(now), json!({"kind": "link", "url": "https://b.example", "note": "https://a.example"}));
    }
}
