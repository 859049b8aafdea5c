//! How a generated struct is read from an object and written to one. The build writes for each struct what is its own
//! (`build/records.rs`).

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor},
    ser::SerializeMap,
};

/// A struct whose fields have numbers.
pub(crate) trait Record: Sized {
    /// What an error calls it.
    const TITLE: &'static str;
    /// The names of the fields in JSON, by number.
    const NAMES: &'static [&'static str];
    /// Whether a field holds what no other one does.
    const KEEPS_OTHERS: bool;

    /// The number of a field; that of no field if there is none of this name.
    fn number(name: &str) -> usize;

    fn read<'de, M: MapAccess<'de>>(fields: Fields<M>) -> Result<Self, M::Error>;
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

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<R, M::Error> {
        R::read(Fields {
            map,
            number: R::number,
            names: R::NAMES,
            at: 0,
            other: if R::KEEPS_OTHERS { Some(String::new()) } else { None },
        })
    }
}

/// The fields of an object, one after the other.
pub(crate) struct Fields<M> {
    map: M,
    number: fn(&str) -> usize,
    names: &'static [&'static str],
    /// The number of the current field.
    at: usize,
    /// The name of the current field, if it has no number and is kept.
    other: Option<String>,
}

impl<'de, M: MapAccess<'de>> Fields<M> {
    /// The number of the next field.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<usize>, M::Error> {
        let number = self.map.next_key_seed(Name { number: self.number, other: self.other.as_mut() })?;
        self.at = number.unwrap_or_default();
        Ok(number)
    }

    /// Reads the value of the current field.
    #[inline]
    pub(crate) fn value<T: Deserialize<'de>>(&mut self, slot: &mut Option<T>) -> Result<(), M::Error> {
        self.is_first(slot.is_none())?;
        *slot = Some(self.map.next_value()?);
        Ok(())
    }

    /// Reads a list or a map, of which `null` is an empty one.
    pub(crate) fn null_is_empty<T: Deserialize<'de> + Default>(
        &mut self,
        slot: &mut Option<T>,
    ) -> Result<(), M::Error> {
        self.is_first(slot.is_none())?;
        *slot = Some(self.map.next_value::<Option<T>>()?.unwrap_or_default());
        Ok(())
    }

    /// Reads a list, and allocates at its first item what `CAPACITY` items need.
    pub(crate) fn list<const CAPACITY: usize, T: Deserialize<'de>>(
        &mut self,
        slot: &mut Option<Vec<T>>,
    ) -> Result<(), M::Error> {
        self.is_first(slot.is_none())?;
        *slot = Some(self.map.next_value_seed(super::list::List::<CAPACITY, T>(PhantomData))?);
        Ok(())
    }

    /// Reads the value of a field that has no number.
    pub(crate) fn rest(&mut self, rest: &mut serde_json::Map<String, serde_json::Value>) -> Result<(), M::Error> {
        let value = self.map.next_value()?;
        rest.insert(self.other.clone().unwrap_or_default(), value);
        Ok(())
    }

    #[inline]
    pub(crate) fn skip(&mut self) -> Result<(), M::Error> {
        self.map.next_value::<IgnoredAny>().map(drop)
    }

    #[inline]
    fn is_first(&self, is_first: bool) -> Result<(), M::Error> {
        if is_first { Ok(()) } else { Err(self.twice()) }
    }

    #[cold]
    fn twice(&self) -> M::Error {
        M::Error::duplicate_field(self.names.get(self.at).copied().unwrap_or_default())
    }
}

/// The name of a field, read as its number.
struct Name<'o> {
    number: fn(&str) -> usize,
    other: Option<&'o mut String>,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = usize;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("field identifier")
    }

    #[inline]
    fn visit_str<E: Error>(self, name: &str) -> Result<usize, E> {
        let number = (self.number)(name);
        if let Some(other) = self.other
            && number == usize::MAX
        {
            name.clone_into(other);
        }
        Ok(number)
    }
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
