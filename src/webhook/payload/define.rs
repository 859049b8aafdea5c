//! The declaration of payloads and their parts.

/// Declares a part of a payload: its fields, their JSON keys, and which of them `Debug` shows (`shown`). Fields that can
/// contain personal data are not shown. `or text` names the function that makes the part of a text in its place.
macro_rules! payload {
    ($(#[$doc:meta])* $name:ident $(or text $of_text:path)? {
        $($(#[$field_doc:meta])* $field:ident: $type:ty = $key:literal $($shown:ident)?,)+
    }) => {
        $(#[$doc])*
        #[derive(Clone, Default, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)+
        }

        impl $crate::webhook::payload::read::PayloadObject for $name {
            const KEYS: &'static [&'static str] = &[$($key),+];

            $(fn of_text(text: &str) -> Option<Self> {
                $of_text(text)
            })?

            fn read_field<'de, A: serde::de::MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error> {
                use $crate::webhook::payload::read::FieldSeed;
                match key {
                    $($key => self.$field = map.next_value_seed(FieldSeed::<$type>::new())?,)+
                    _ => return Ok(false),
                }
                Ok(true)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::webhook::payload::read::object(deserializer)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap as _;
                use $crate::webhook::payload::read::PayloadField as _;
                let mut map = serializer.serialize_map(None)?;
                $(if !self.$field.is_absent() {
                    map.serialize_entry($key, &self.$field)?;
                })+
                map.end()
            }
        }

        /// Shows the fields that are present and identify the event, and no personal data.
        impl std::fmt::Debug for $name {
            #[allow(unused, reason = "some payloads show nothing")]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                use $crate::webhook::payload::read::PayloadField as _;
                $crate::redact::if_revealed!($name, self, f);
                let mut out = f.debug_struct(stringify!($name));
                $($(if !self.$field.is_absent() {
                    let _ = stringify!($shown);
                    out.field(stringify!($field), &self.$field);
                })?)+
                out.finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use payload;
