//! How a generated struct is read from an object and written to one. The build writes for each struct what is its own
//! (`build/records.rs`).

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor},
    ser::SerializeMap,
};

use super::list::ListSeed;

/// A struct whose fields have numbers.
pub(crate) trait Record: Sized {
    /// What an error calls it.
    const TITLE: &'static str;

    /// The number of the field with this name in JSON; [`usize::MAX`] if there is none.
    fn number(name: &str) -> usize;

    fn read<'de, M: MapAccess<'de>>(map: M) -> Result<Self, M::Error>;
}

/// Reads a struct.
pub(crate) fn read<'de, R: Record, D: Deserializer<'de>>(deserializer: D) -> Result<R, D::Error> {
    deserializer.deserialize_map(RecordVisitor(PhantomData))
}

struct RecordVisitor<R>(PhantomData<R>);

impl<'de, R: Record> Visitor<'de> for RecordVisitor<R> {
    type Value = R;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(R::TITLE)
    }

    #[inline]
    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<R, M::Error> {
        R::read(map)
    }
}

/// The number of the next field.
#[inline]
pub(crate) fn next<'de, R: Record, M: MapAccess<'de>>(map: &mut M) -> Result<Option<usize>, M::Error> {
    map.next_key_seed(Name::<R>(PhantomData))
}

/// The name of a field, read as its number.
struct Name<R>(PhantomData<R>);

impl<'de, R: Record> DeserializeSeed<'de> for Name<R> {
    type Value = usize;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<R: Record> Visitor<'_> for Name<R> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("field identifier")
    }

    #[inline]
    fn visit_str<E: Error>(self, name: &str) -> Result<usize, E> {
        Ok(R::number(name))
    }
}

/// Reads the value of the current field.
#[inline]
pub(crate) fn value<'de, M: MapAccess<'de>, T: Deserialize<'de>>(
    map: &mut M,
    name: &'static str,
    slot: &mut Option<T>,
) -> Result<(), M::Error> {
    if slot.is_some() {
        return Err(M::Error::duplicate_field(name));
    }
    *slot = Some(map.next_value()?);
    Ok(())
}

/// Reads a list or a map, of which `null` is an empty one.
pub(crate) fn null_is_empty<'de, M: MapAccess<'de>, T: Deserialize<'de> + Default>(
    map: &mut M,
    name: &'static str,
    slot: &mut Option<T>,
) -> Result<(), M::Error> {
    let mut read = slot.take().map(Some);
    value::<M, Option<T>>(map, name, &mut read)?;
    *slot = read.map(Option::unwrap_or_default);
    Ok(())
}

/// Reads a list, and allocates at its first item what `CAPACITY` items need.
#[inline]
pub(crate) fn list<'de, const CAPACITY: usize, M: MapAccess<'de>, T: Deserialize<'de>>(
    map: &mut M,
    name: &'static str,
    slot: &mut Option<Vec<T>>,
) -> Result<(), M::Error> {
    if slot.is_some() {
        return Err(M::Error::duplicate_field(name));
    }
    *slot = Some(map.next_value_seed(ListSeed::<CAPACITY, T>(PhantomData))?);
    Ok(())
}

/// Keeps the value of a field that has no number.
pub(crate) fn rest<'de, M: MapAccess<'de>>(
    map: &mut M,
    name: String,
    rest: &mut serde_json::Map<String, serde_json::Value>,
) -> Result<(), M::Error> {
    rest.insert(name, map.next_value()?);
    Ok(())
}

/// Skips the value of a field that has no number.
#[inline]
pub(crate) fn skip<'de, M: MapAccess<'de>>(map: &mut M) -> Result<(), M::Error> {
    map.next_value::<IgnoredAny>().map(drop)
}

/// The value of a field that is always sent.
#[inline]
pub(crate) fn required<T, E: Error>(value: Option<T>, name: &'static str) -> Result<T, E> {
    value.ok_or_else(|| E::missing_field(name))
}

/// Writes a field, unless it is left out.
#[inline]
pub(crate) fn write<M: SerializeMap, T: Serialize + ?Sized>(
    fields: &mut M,
    name: &'static str,
    value: &T,
    skip: bool,
) -> Result<(), M::Error> {
    if skip { Ok(()) } else { fields.serialize_entry(name, value) }
}

/// Writes the fields that have no name of their own.
pub(crate) fn write_rest<M: SerializeMap>(
    fields: &mut M,
    rest: &serde_json::Map<String, serde_json::Value>,
) -> Result<(), M::Error> {
    rest.iter().try_for_each(|(name, value)| fields.serialize_entry(name, value))
}

#[cfg(all(test, feature = "full"))]
mod derived;

#[cfg(all(test, feature = "full"))]
mod tests {
    use serde_json::{Value, json};

    use crate::raw::types::{AddBookingAttendee, BookingListResponse, OAuth2Client};

    fn failure<T: serde::de::DeserializeOwned>(json: &Value) -> String {
        match serde_json::from_value::<T>(json.clone()) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn an_error_names_the_field_that_is_missing_or_there_twice_and_the_kind_that_is_not_an_object() {
        let of = |text: &str| serde_json::from_str::<AddBookingAttendee>(text).map(drop).unwrap_err().to_string();
        let all = r#""email": "a@example.com", "name": "Ann", "timeZone": "UTC""#;
        assert!(serde_json::from_str::<AddBookingAttendee>(&format!("{{{all}}}")).is_ok());
        assert!(of(r#"{"email": "a@example.com", "name": "Ann"}"#).starts_with("missing field `timeZone`"));
        assert!(
            of(&format!("{{{all}, \"language\": null, \"language\": null}}")).starts_with("duplicate field `language`")
        );
        assert!(of(&format!("{{{all}, \"name\": \"Bob\"}}")).starts_with("duplicate field `name`"));
        for (json, kind) in [("[1]", "sequence"), ("7", "integer `7`"), ("null", "null")] {
            assert!(
                of(json).starts_with(&format!("invalid type: {kind}, expected struct AddBookingAttendee")),
                "{}",
                of(json)
            );
        }
    }

    #[test]
    fn unknown_fields_of_every_kind_are_skipped_and_absent_ones_are_not_written() {
        let json = json!({"email": "a@example.com", "name": "Ann", "timeZone": "UTC"});
        let mut received = json.clone();
        for (name, value) in [("new", json!({"deep": [1, {"x": null}]})), ("", json!("y")), ("Email", json!(7))] {
            received[name] = value;
        }
        let read: AddBookingAttendee = serde_json::from_value(received).unwrap();
        assert_eq!((read.email.as_str(), read.language.is_none()), ("a@example.com", true));
        assert_eq!(serde_json::to_value(&read).unwrap(), json);
        assert_eq!(serde_json::to_string(&read).unwrap(), r#"{"email":"a@example.com","name":"Ann","timeZone":"UTC"}"#);
    }

    #[test]
    fn a_required_list_is_there_and_no_other_kind() {
        assert!(failure::<BookingListResponse>(&json!({"status": "success"})).starts_with("missing field `data`"));
        assert!(failure::<BookingListResponse>(&json!({"status": "success", "data": null})).contains("null"));
    }

    #[test]
    fn fields_without_a_name_of_their_own_are_kept_and_written_again() {
        let json = json!({"redirect_uris": ["https://example.com/cb"], "x": 1, "y": {"z": [true]}, "name": "Clinic"});
        let read: OAuth2Client = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), json);
    }
}
