//! Validates V1's requests, with V1's own error texts.
//!
//! A request type is declared once ([`request!`]), which produces the struct, its serde implementation and its schema.
//! Validation reports all problems of a request; serde alone would stop at the first. The conversions decide what a field
//! means.

mod field_types;

use std::{collections::BTreeMap, fmt};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub(crate) type JsonObject = Map<String, Value>;

/// One problem of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Issue {
    code: &'static str,
    path: IssuePath,
    message: String,
}

/// The position of a problem in a request. V1Error texts join it with commas: `responses,guests,0`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct IssuePath(Vec<String>);

impl IssuePath {
    pub(crate) fn child(&self, key: impl Into<String>) -> Self {
        Self(self.0.iter().cloned().chain([key.into()]).collect())
    }
}

/// All problems of a request. `Display` gives V1's `message`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Issues(Vec<Issue>);

impl Issues {
    pub(crate) fn add(&mut self, code: &'static str, path: &IssuePath, message: impl Into<String>) {
        self.0.push(Issue { code, path: path.clone(), message: message.into() });
    }

    /// Adds a problem: the value has another type than `expected`.
    pub(crate) fn wrong_type(&mut self, expected: &str, value: &Value, path: &IssuePath) {
        self.add("invalid_type", path, format!("Expected {expected}, received {}", json_type_name(value)));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Issues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Issue { code, path, message }) in self.0.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { "; " })?;
            match path.0.as_slice() {
                // V1 gives no code and no path for unknown keys: the message names them.
                _ if *code == "unrecognized_keys" => f.write_str(message)?,
                [] => f.write_str(message)?,
                path => write!(f, "{code} in '{}': {message}", path.join(","))?,
            }
        }
        Ok(())
    }
}

/// V1's name for the type of a JSON value.
fn json_type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A type that a field of a request can have.
pub(crate) trait FieldType {
    /// Validates `value` and adds its problems.
    fn check(value: &Value, at: &IssuePath, issues: &mut Issues);

    /// Parses the text of a query parameter. A text that does not parse stays a text, which `check` rejects.
    fn parse_text(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    /// Parses all texts of a query parameter that may be repeated.
    fn parse_texts(texts: &[String]) -> Value {
        texts.last().map_or(Value::Null, |text| Self::parse_text(text))
    }
}

/// How a field of a request is validated.
pub(crate) struct FieldSchema {
    pub(crate) name: &'static str,
    pub(crate) presence: Presence,
    pub(crate) check: fn(&Value, &IssuePath, &mut Issues),
    pub(crate) parse_texts: fn(&[String]) -> Value,
}

/// Whether a field can be missing, or null.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Required,
    Optional,
    /// Null is a value of its own.
    Nullable,
    /// Null counts as missing.
    Nullish,
}

/// How V1 treats unknown keys.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnknownFields {
    Reject,
    Ignore,
}

/// The schema of a V1 request: a body or a query.
pub(crate) trait RequestSchema: DeserializeOwned {
    const UNKNOWN_FIELDS: UnknownFields;

    fn fields() -> &'static [FieldSchema];

    /// Validates what the types of single fields do not express.
    fn check_further(object: &JsonObject, issues: &mut Issues);

    /// Validates `value` and adds all its problems.
    fn validate(value: &Value, at: &IssuePath, issues: &mut Issues) {
        let Value::Object(object) = value else { return issues.wrong_type("object", value, at) };
        for field in Self::fields() {
            let at = at.child(field.name);
            match (object.get(field.name), field.presence) {
                (None, Presence::Required) => issues.add("invalid_type", &at, "Required"),
                (None, _) | (Some(Value::Null), Presence::Nullable | Presence::Nullish) => {}
                (Some(value), _) => (field.check)(value, &at, issues),
            }
        }
        if Self::UNKNOWN_FIELDS == UnknownFields::Reject {
            let unknown: Vec<String> =
                object.keys().filter(|key| !Self::has_field(key)).map(|key| format!("'{key}'")).collect();
            if !unknown.is_empty() {
                issues.add("unrecognized_keys", at, format!("Unrecognized key(s) in object: {}", unknown.join(", ")));
            }
        }
        Self::check_further(object, issues);
    }

    /// Whether the schema has a field of this name.
    fn has_field(key: &str) -> bool {
        Self::fields().iter().any(|field| field.name == key)
    }
}

/// A valid request.
#[derive(Debug)]
pub(crate) struct ParsedRequest<T> {
    pub(crate) request: T,
    /// Unknown keys, which V1 ignores.
    pub(crate) ignored_fields: Vec<String>,
}

/// Parses and validates a body.
pub(crate) fn parse_body<T: RequestSchema>(body: &Value) -> Result<ParsedRequest<T>, Issues> {
    let mut issues = Issues::default();
    T::validate(body, &IssuePath::default(), &mut issues);
    if !issues.is_empty() {
        return Err(issues);
    }
    let ignored_fields =
        body.as_object().into_iter().flat_map(Map::keys).filter(|key| !T::has_field(key)).cloned().collect();
    match T::deserialize(body) {
        Ok(request) => Ok(ParsedRequest { request, ignored_fields }),
        // serde can reject what the validation accepts, a day number above 255 for example.
        Err(error) => {
            issues.add("custom", &IssuePath::default(), error.to_string());
            Err(issues)
        }
    }
}

/// Parses and validates a query.
pub(crate) fn parse_query<T: RequestSchema>(pairs: &[(String, String)]) -> Result<ParsedRequest<T>, Issues> {
    let mut texts: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, value) in pairs {
        let name = name.strip_suffix("[]").unwrap_or(name);
        texts.entry(name).or_default().push(value.clone());
    }
    let value = |(name, texts): (&str, Vec<String>)| {
        let field = T::fields().iter().find(|field| field.name == name);
        (name.to_owned(), field.map_or(Value::Null, |field| (field.parse_texts)(&texts)))
    };
    parse_body(&Value::Object(texts.into_iter().map(value).collect()))
}

/// The further checks of a request that has none.
pub(crate) fn no_further_checks(_: &JsonObject, _: &mut Issues) {}

/// Declares a request. A required field must be present, an optional field may be missing but not null, a nullable field
/// has three states (missing, null, a value), and for a nullish field null counts as missing. Field names are V1's in
/// snake case.
macro_rules! request {
    (
        $(#[$doc:meta])*
        $name:ident, unknown fields: $unknown:ident;
        required { $( $(#[$rdoc:meta])* $rfield:ident $rname:literal: $rtype:ty, )* }
        optional { $( $(#[$odoc:meta])* $ofield:ident $oname:literal: $otype:ty, )* }
        nullable { $( $(#[$ndoc:meta])* $nfield:ident $nname:literal: $ntype:ty, )* }
        $( nullish { $( $(#[$ldoc:meta])* $lfield:ident $lname:literal: $ltype:ty, )* } )?
        check $check:path;
    ) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $name {
            $( $(#[$rdoc])* #[serde(rename = $rname)] pub $rfield: $rtype, )*
            $( $(#[$odoc])* #[serde(rename = $oname, skip_serializing_if = "Option::is_none")] pub $ofield: Option<$otype>, )*
            $( $(#[$ndoc])* #[serde(rename = $nname, default, skip_serializing_if = "crate::v1::types::Patch::is_keep")]
               pub $nfield: crate::v1::types::Patch<$ntype>, )*
            $( $( $(#[$ldoc])* #[serde(rename = $lname, skip_serializing_if = "Option::is_none")] pub $lfield: Option<$ltype>, )* )?
        }

        impl std::fmt::Debug for $name {
            /// Shows the names of the fields that are present. Values can be personal.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::redact::if_revealed!($name, self, f);
                let object = serde_json::to_value(self).ok();
                let keys = object.as_ref().and_then(serde_json::Value::as_object).into_iter().flat_map(|object| object.keys());
                write!(f, "{} ", stringify!($name))?;
                f.debug_set().entries(keys).finish()
            }
        }

        impl crate::v1::schema::RequestSchema for $name {
            const UNKNOWN_FIELDS: crate::v1::schema::UnknownFields = crate::v1::schema::UnknownFields::$unknown;

            fn fields() -> &'static [crate::v1::schema::FieldSchema] {
                use crate::v1::schema::{FieldSchema, FieldType, Presence};
                const FIELDS: &[FieldSchema] = &[
                    $( FieldSchema { name: $rname, presence: Presence::Required, check: <$rtype as FieldType>::check, parse_texts: <$rtype as FieldType>::parse_texts }, )*
                    $( FieldSchema { name: $oname, presence: Presence::Optional, check: <$otype as FieldType>::check, parse_texts: <$otype as FieldType>::parse_texts }, )*
                    $( FieldSchema { name: $nname, presence: Presence::Nullable, check: <$ntype as FieldType>::check, parse_texts: <$ntype as FieldType>::parse_texts }, )*
                    $( $( FieldSchema { name: $lname, presence: Presence::Nullish, check: <$ltype as FieldType>::check, parse_texts: <$ltype as FieldType>::parse_texts }, )* )?
                ];
                FIELDS
            }

            fn check_further(object: &crate::v1::schema::JsonObject, issues: &mut crate::v1::schema::Issues) {
                $check(object, issues);
            }
        }
    };
}

pub(crate) use request;
