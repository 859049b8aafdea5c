//! A macro for documented types of which both forms of JSON are the same.

/// Defines a documented type of which both forms are the same. After the struct follow the fields that hold documented types, the
/// areas whose responses have it with its generated type, if it has one, and the fields that `Debug` shows.
macro_rules! one_form {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident { $($fields:tt)* }
        nested: [$($nested:tt)*],
        $(areas: [$($area:literal),+], wire: $wire:path,)?
        shows: { $($shown:ident),* $(,)? },
    ) => {
        crate::model::documented::documented! {
            $(#[doc = $doc])*
            #[serde(rename_all = "camelCase")]
            pub struct $name { $($fields)* }
            wire_names: [],
            nested: [$($nested)*],
        }

        crate::redact::debug_shows!($name { $($shown),* });

        $(
            #[cfg(any($(feature = $area),+))]
            impl $name {
                /// Decodes every field that the service sent, typed.
                ///
                /// Each call decodes the response anew; changes of this value since are not in the result. Elements of
                /// optional lists and optional objects that cannot be decoded are left out. `None` if this value was not
                /// read from a response, or if a required field cannot be decoded.
                #[must_use]
                pub fn wire(&self) -> Option<$wire> {
                    let json = self.extra.value()?;
                    serde::Deserialize::deserialize(json).ok().or_else(|| crate::pipeline::read_value_without_parts(json))
                }
            }
        )?

        #[cfg(feature = "client")]
        impl crate::model::FromWire for $name {
            type Wire = Self;

            fn from_wire(mut wire: Self, extra: crate::model::RawValueRef) -> Self {
                wire.extra = extra;
                wire
            }
        }
    };
}

pub(crate) use one_form;

/// Reads `null` as the default value, in serde attributes.
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + serde::Deserialize<'de>,
{
    use serde::Deserialize as _;

    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
