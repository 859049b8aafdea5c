//! Decodes a list of which some items cannot be decoded: these are left out and reported. So are parts of an item, if the item
//! can be without them.

use std::{borrow::Cow, collections::BTreeMap};

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::{
    decode::{DecodeFailure, ResponseStep, unreadable},
    error_response::field_names,
    parts::{Check, MAX_READ_BYTES, UnreadPart, value_at, with_field, without_parts},
    response::ApiResponse,
    unread_items::{FIELD, UnreadItem},
};
use crate::operation::ItemsPath;

/// A list without the items that could not be decoded.
pub(crate) struct PartialList<V> {
    pub(crate) value: V,
    /// The number of items that could be decoded.
    pub(crate) read: usize,
    /// The items that could not be decoded, and parts of others.
    pub(crate) unread: Vec<UnreadItem>,
}

/// A response without the items and parts that could not be decoded.
struct ReadableBody {
    body: Bytes,
    read: usize,
    unread: Vec<UnreadItem>,
}

impl ReadableBody {
    fn decode<V>(self, read: impl Fn(Bytes) -> Result<V, DecodeFailure>) -> Option<PartialList<V>> {
        Some(PartialList { value: read(self.body).ok()?, read: self.read, unread: self.unread })
    }
}

/// Where parts that could not be decoded are, besides the report.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum PartsIn {
    /// In the report only.
    Report,
    /// In a field of the item or resource that they are parts of, so that it holds everything that was received.
    Value,
}

impl PartsIn {
    /// The response in which the value at this place holds its parts, if it shall.
    fn add(self, body: &[u8], steps: &[ResponseStep], parts: &[UnreadItem]) -> Option<Bytes> {
        (self == Self::Value).then(|| with_field(body, steps, FIELD, &parts))?
    }
}

type RawFields<'b> = BTreeMap<String, &'b RawValue>;

impl ApiResponse {
    /// The list without the items that `read` cannot decode. `read` is given the response with one item at a time, and at
    /// the end with all that it could decode. `None` if the response has no items, or if the fault is not in an item.
    #[cold]
    pub(crate) fn read_items<V>(
        &self,
        items: ItemsPath,
        parts_in: PartsIn,
        read: impl Fn(Bytes) -> Result<V, DecodeFailure>,
    ) -> Option<PartialList<V>> {
        self.readable_items(items, parts_in, &|body| read(body).map(drop))?.decode(read)
    }

    fn readable_items(&self, items: ItemsPath, parts_in: PartsIn, check: &Check<'_>) -> Option<ReadableBody> {
        let (steps, has_keys) = match items {
            ItemsPath::At(steps) => (steps, false),
            ItemsPath::ByKey(steps) => (steps, true),
        };
        let (envelope, inner) = AroundList::open(&self.body, steps)?;
        let lists: Vec<(Option<String>, &RawValue)> = if has_keys {
            serde_json::from_str::<RawFields<'_>>(inner.get())
                .ok()?
                .into_iter()
                .map(|(key, list)| (Some(key), list))
                .collect()
        } else {
            vec![(None, inner)]
        };
        let size = envelope.size();
        let mut budget = MAX_READ_BYTES;
        let (mut kept, mut unread, mut count) = (Vec::new(), Vec::new(), 0_usize);
        for (key, list) in lists {
            let place = ListPlace { envelope: &envelope, path: steps.join("."), key };
            let items: Option<Vec<&RawValue>> = serde_json::from_str(list.get()).ok();
            let is_list = items.is_some();
            if place.key.is_some() {
                let whole = if is_list { place.around(&[(); 0]) } else { place.around(list) };
                if let Err(failure) = check(whole?) {
                    unread.push(place.unread(self, None, list, failure));
                    continue;
                }
            }
            let items = items?;
            count += items.len();
            if size.saturating_mul(count) > MAX_READ_BYTES {
                return None;
            }
            let came = items.len();
            let mut readable = Vec::new();
            for (index, item) in items.into_iter().enumerate() {
                let alone = place.around(&[item])?;
                let failure = match check(alone.clone()) {
                    Ok(()) => {
                        readable.push(Cow::Borrowed(item));
                        continue;
                    }
                    Err(failure) => failure,
                };
                let (path, cause) = (failure.path.clone(), failure.cause.clone());
                let steps = place.first_item(steps);
                match without_parts(&alone, steps.len(), check, failure, &mut budget) {
                    Some(found) => {
                        let parts = found.parts.into_iter().map(|part| place.unread_part(self, index, part));
                        let parts: Vec<_> = parts.collect();
                        let body = parts_in.add(&found.body, &steps, &parts).unwrap_or(found.body);
                        readable.push(Cow::Owned(value_at(&body, &steps)?.to_owned()));
                        unread.extend(parts);
                    }
                    None => unread.push(place.unread(self, Some(index), item, DecodeFailure::new(path, cause))),
                }
            }
            // A key whose items all failed is left out.
            if !readable.is_empty() || came == 0 || place.key.is_none() {
                kept.push((place.key, readable));
            }
        }
        if unread.is_empty() {
            return None;
        }
        let count = kept.iter().map(|(_, items): &(_, Vec<Cow<'_, RawValue>>)| items.len()).sum();
        let whole = if has_keys {
            envelope
                .around(&kept.into_iter().filter_map(|(key, items)| Some((key?, items))).collect::<BTreeMap<_, _>>())
        } else {
            envelope.around(&kept.pop()?.1)
        };
        Some(ReadableBody { body: whole?, read: count, unread })
    }

    /// The single resource of a response without its parts that `read` cannot decode. `None` if the fault is not in a part.
    #[cold]
    pub(crate) fn read_parts<V>(
        &self,
        parts_in: PartsIn,
        read: impl Fn(Bytes) -> Result<V, DecodeFailure>,
    ) -> Option<PartialList<V>> {
        self.readable_parts(parts_in, &|body| read(body).map(drop))?.decode(read)
    }

    fn readable_parts(&self, parts_in: PartsIn, check: &Check<'_>) -> Option<ReadableBody> {
        let failure = check(self.body.clone()).err()?;
        // The one item of a response whose `data` is a list or an object is the resource.
        let depth = match failure.steps.as_slice() {
            [ResponseStep::Key(data), ResponseStep::Index(_), ..] if data == "data" => 2,
            [ResponseStep::Key(data), ..] if data == "data" => 1,
            _ => return None,
        };
        let steps = failure.steps.get(..depth)?.to_vec();
        let found = without_parts(&self.body, depth, check, failure, &mut MAX_READ_BYTES.clone())?;
        let unread = found.parts.into_iter().map(|part| {
            let path = part.path.clone();
            unread_part(self, part, path)
        });
        let unread: Vec<_> = unread.collect();
        let with_parts = parts_in.add(&found.body, &steps, &unread).filter(|body| check(body.clone()).is_ok());
        Some(ReadableBody { body: with_parts.unwrap_or(found.body), read: 1, unread })
    }
}

/// The report of a part of an item or of a single resource.
fn unread_part(response: &ApiResponse, part: UnreadPart, path: String) -> UnreadItem {
    let operation = response.operation.map(|operation| operation.id);
    tracing::warn!(target: "calcom", operation, path, cause = part.cause, "a part of an item was not read");
    let error = unreadable(response, format!("at `{path}`"), part.cause);
    UnreadItem { index: None, key: None, json: part.json, error }
}

/// The fields beside a list in a response, for each step on the path to it, outermost first.
struct AroundList<'b>(Vec<(&'static str, RawFields<'b>)>);

impl<'b> AroundList<'b> {
    /// The value at the end of `steps`, and the fields beside it.
    fn open(body: &'b Bytes, steps: &'static [&'static str]) -> Option<(Self, &'b RawValue)> {
        let mut inner: &RawValue = serde_json::from_slice(body).ok()?;
        let mut beside = Vec::new();
        for step in steps {
            let mut fields: RawFields<'_> = serde_json::from_str(inner.get()).ok()?;
            inner = fields.remove(*step)?;
            beside.push((*step, fields));
        }
        Some((Self(beside), inner))
    }

    fn size(&self) -> usize {
        self.0.iter().flat_map(|(_, beside)| beside.values()).map(|value| value.get().len()).sum()
    }

    /// The response with this value in the place of the list.
    fn around(&self, inner: &impl Serialize) -> Option<Bytes> {
        let mut whole = to_raw_value(inner).ok()?;
        for (step, beside) in self.0.iter().rev() {
            let mut fields: BTreeMap<&str, &RawValue> =
                beside.iter().map(|(name, value)| (name.as_str(), *value)).collect();
            fields.insert(step, &whole);
            whole = to_raw_value(&fields).ok()?;
        }
        Some(Bytes::from(Box::<str>::from(whole).into_boxed_bytes()))
    }
}

/// A list in a response.
struct ListPlace<'e, 'b> {
    envelope: &'e AroundList<'b>,
    /// The path of the list, without its key.
    path: String,
    key: Option<String>,
}

impl ListPlace<'_, '_> {
    /// The response with only this list.
    fn around(&self, list: &(impl Serialize + ?Sized)) -> Option<Bytes> {
        match &self.key {
            Some(key) => self.envelope.around(&BTreeMap::from([(key, list)])),
            None => self.envelope.around(&list),
        }
    }

    /// The report of an item, or of the whole list if `index` is `None`.
    fn unread(
        &self,
        response: &ApiResponse,
        index: Option<usize>,
        json: &RawValue,
        failure: DecodeFailure,
    ) -> UnreadItem {
        let DecodeFailure { path, cause, .. } = failure;
        let path = self.path_in_response(index, &path);
        let operation = response.operation.map(|operation| operation.id);
        tracing::warn!(target: "calcom", operation, path, cause, "an item of a list was not read");
        UnreadItem {
            index,
            key: self.key.clone(),
            json: json.get().to_owned(),
            error: unreadable(response, format!("at `{path}`"), cause),
        }
    }
    /// The report of a part of the item at `index`.
    fn unread_part(&self, response: &ApiResponse, index: usize, part: UnreadPart) -> UnreadItem {
        let path = self.path_in_response(Some(index), &part.path);
        unread_part(response, part, path)
    }

    /// The place in the response of a value that was decoded with one item, the first of its list, or with the whole list.
    fn path_in_response(&self, index: Option<usize>, path: &str) -> String {
        let list = match &self.key {
            Some(key) => field_names(&format!("{}.{key}", self.path)),
            None => self.path.clone(),
        };
        let (read_at, stood_at) = match index {
            Some(index) => (format!("{list}[0]"), format!("{list}[{index}]")),
            None => (list.clone(), list),
        };
        path.strip_prefix(&read_at).map_or_else(|| stood_at.clone(), |rest| format!("{stood_at}{rest}"))
    }

    /// The steps to the one item of a list.
    fn first_item(&self, steps: &[&str]) -> Vec<ResponseStep> {
        let names = steps.iter().map(|step| (*step).to_owned()).chain(self.key.clone());
        names.map(ResponseStep::Key).chain([ResponseStep::Index(0)]).collect()
    }
}
