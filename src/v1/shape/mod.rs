//! The form of V1's requests, and what V1 says where a request does not have it.
//!
//! A request type is declared once ([`request!`]): from that come the struct, its serde and the check. The check names
//! everything that is wrong at once, in the texts of V1's validation; serde would stop at the first. What a field means
//! is left to the conversions.

mod kinds;

use std::{collections::BTreeMap, fmt};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub(crate) type Object = Map<String, Value>;

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Issue {
    code: &'static str,
    path: Path,
    message: String,
}

/// Where in a request: `responses,guests,0`, as V1 writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Path(Vec<String>);

impl Path {
    pub(crate) fn key(&self, key: impl Into<String>) -> Self {
        Self(self.0.iter().cloned().chain([key.into()]).collect())
    }
}

/// Everything that is wrong with a request. Prints as V1's `message`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Issues(Vec<Issue>);

impl Issues {
    pub(crate) fn add(&mut self, code: &'static str, path: &Path, message: impl Into<String>) {
        self.0.push(Issue { code, path: path.clone(), message: message.into() });
    }

    /// A value of another type than the one that is expected.
    pub(crate) fn type_of(&mut self, expected: &str, value: &Value, path: &Path) {
        self.add("invalid_type", path, format!("Expected {expected}, received {}", kind(value)));
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
                // V1 names these keys in the text alone.
                _ if *code == "unrecognized_keys" => f.write_str(message)?,
                [] => f.write_str(message)?,
                path => write!(f, "{code} in '{}': {message}", path.join(","))?,
            }
        }
        Ok(())
    }
}

/// What V1 calls the kind of a value.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The kind of value that a field of a request takes.
pub(crate) trait Kind {
    /// Adds what is wrong with `value`.
    fn check(value: &Value, at: &Path, issues: &mut Issues);

    /// The value of a text in a query. One that cannot be it stays a text, for the check to refuse.
    fn of_text(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    /// The value of a parameter that stands several times in a query.
    fn of_texts(texts: &[String]) -> Value {
        texts.last().map_or(Value::Null, |text| Self::of_text(text))
    }
}

/// A field of a request, as the check sees it.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) presence: Presence,
    pub(crate) check: fn(&Value, &Path, &mut Issues),
    pub(crate) of_texts: fn(&[String]) -> Value,
}

/// Whether a field may be missing, or null.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Required,
    Optional,
    Nullable,
}

/// What V1 does with keys that it does not know.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknown {
    Refused,
    Ignored,
}

/// A request of V1, in a body or in a query.
pub(crate) trait Request: DeserializeOwned {
    const UNKNOWN: Unknown;

    fn fields() -> &'static [Field];

    /// What V1 checks beyond the kinds of single fields.
    fn check_further(object: &Object, issues: &mut Issues);

    /// Adds everything that is wrong with `value`.
    fn check_all(value: &Value, at: &Path, issues: &mut Issues) {
        let Value::Object(object) = value else { return issues.type_of("object", value, at) };
        for field in Self::fields() {
            let at = at.key(field.name);
            match (object.get(field.name), field.presence) {
                (None, Presence::Required) => issues.add("invalid_type", &at, "Required"),
                (None, _) | (Some(Value::Null), Presence::Nullable) => {}
                (Some(value), _) => (field.check)(value, &at, issues),
            }
        }
        if Self::UNKNOWN == Unknown::Refused {
            let unknown: Vec<String> =
                object.keys().filter(|key| !Self::knows(key)).map(|key| format!("'{key}'")).collect();
            if !unknown.is_empty() {
                issues.add("unrecognized_keys", at, format!("Unrecognized key(s) in object: {}", unknown.join(", ")));
            }
        }
        Self::check_further(object, issues);
    }

    /// Whether this is one of its fields.
    fn knows(key: &str) -> bool {
        Self::fields().iter().any(|field| field.name == key)
    }
}

/// A request that has V1's form, and its object as it came.
#[derive(Debug)]
pub(crate) struct Checked<T> {
    pub(crate) request: T,
    /// Keys that V1 does not know and lets pass.
    pub(crate) ignored: Vec<String>,
}

/// Reads a body.
pub(crate) fn read<T: Request>(body: &Value) -> Result<Checked<T>, Issues> {
    let mut issues = Issues::default();
    T::check_all(body, &Path::default(), &mut issues);
    if !issues.is_empty() {
        return Err(issues);
    }
    let ignored = body.as_object().into_iter().flat_map(Map::keys).filter(|key| !T::knows(key)).cloned().collect();
    match T::deserialize(body) {
        Ok(request) => Ok(Checked { request, ignored }),
        // What the checks of single fields let pass and serde does not.
        Err(error) => {
            issues.add("custom", &Path::default(), error.to_string());
            Err(issues)
        }
    }
}

/// Reads a query.
pub(crate) fn read_query<T: Request>(pairs: &[(String, String)]) -> Result<Checked<T>, Issues> {
    let mut texts: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, value) in pairs {
        let name = name.strip_suffix("[]").unwrap_or(name);
        texts.entry(name).or_default().push(value.clone());
    }
    let value = |(name, texts): (&str, Vec<String>)| {
        let field = T::fields().iter().find(|field| field.name == name);
        (name.to_owned(), field.map_or(Value::Null, |field| (field.of_texts)(&texts)))
    };
    read(&Value::Object(texts.into_iter().map(value).collect()))
}

/// The further check of requests that need none.
pub(crate) fn nothing_further(_: &Object, _: &mut Issues) {}

/// Declares a request: its fields are required, optional (may be missing, not null) or nullable (missing, null and a value
/// are three things). Field names are V1's in snake case.
macro_rules! request {
    (
        $(#[$doc:meta])*
        $name:ident, unknown fields are $unknown:ident;
        required { $( $(#[$rdoc:meta])* $rfield:ident $rname:literal: $rtype:ty, )* }
        optional { $( $(#[$odoc:meta])* $ofield:ident $oname:literal: $otype:ty, )* }
        nullable { $( $(#[$ndoc:meta])* $nfield:ident $nname:literal: $ntype:ty, )* }
        check $check:path;
    ) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $name {
            $( $(#[$rdoc])* #[serde(rename = $rname)] pub $rfield: $rtype, )*
            $( $(#[$odoc])* #[serde(rename = $oname, skip_serializing_if = "Option::is_none")] pub $ofield: Option<$otype>, )*
            $( $(#[$ndoc])* #[serde(rename = $nname, default, skip_serializing_if = "crate::v1::types::Patch::is_keep")]
               pub $nfield: crate::v1::types::Patch<$ntype>, )*
        }

        impl std::fmt::Debug for $name {
            /// Which fields there are; values can be personal.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let object = serde_json::to_value(self).ok();
                let keys = object.as_ref().and_then(serde_json::Value::as_object).into_iter().flat_map(|object| object.keys());
                write!(f, "{} ", stringify!($name))?;
                f.debug_set().entries(keys).finish()
            }
        }

        impl crate::v1::shape::Request for $name {
            const UNKNOWN: crate::v1::shape::Unknown = crate::v1::shape::Unknown::$unknown;

            fn fields() -> &'static [crate::v1::shape::Field] {
                use crate::v1::shape::{Field, Kind, Presence};
                const FIELDS: &[Field] = &[
                    $( Field { name: $rname, presence: Presence::Required, check: <$rtype as Kind>::check, of_texts: <$rtype as Kind>::of_texts }, )*
                    $( Field { name: $oname, presence: Presence::Optional, check: <$otype as Kind>::check, of_texts: <$otype as Kind>::of_texts }, )*
                    $( Field { name: $nname, presence: Presence::Nullable, check: <$ntype as Kind>::check, of_texts: <$ntype as Kind>::of_texts }, )*
                ];
                FIELDS
            }

            fn check_further(object: &crate::v1::shape::Object, issues: &mut crate::v1::shape::Issues) {
                $check(object, issues);
            }
        }
    };
}

pub(crate) use request;
