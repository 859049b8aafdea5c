//! A macro for settings whose errors name the setting: `timeout.connect: invalid type: string "x", expected f64`.

/// Defines a struct with a default, and reads it so that every field can be left out, and an error names its path. A null is
/// read as a field that is left out.
macro_rules! deserialized_by_path {
    (
        $(#[doc = $doc:literal])*
        #[derive($($derive:ident),+)]
        #[non_exhaustive]
        pub struct $name:ident {
            $($(#[$attribute:meta])* pub $field:ident: $type:ty,)+
        }
    ) => {
        $(#[doc = $doc])*
        #[derive($($derive),+)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$attribute])* pub $field: $type,)+
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                /// The fields that are not left out.
                #[derive(serde::Deserialize)]
                #[serde(deny_unknown_fields)]
                struct GivenFields {
                    $($field: Option<$type>,)+
                }

                let fields: GivenFields =
                    serde_path_to_error::deserialize(deserializer).map_err(serde::de::Error::custom)?;
                let default = Self::default();
                Ok(Self { $($field: fields.$field.unwrap_or(default.$field),)+ })
            }
        }
    };
}

pub(super) use deserialized_by_path;
