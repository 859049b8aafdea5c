//! A macro for the setters of settings.

/// Defines a setter for each of these settings. A setting in the second list is optional, and its setter takes the value.
macro_rules! setters {
    ($name:ident { $($field:ident: $value:ty),* $(,)? } optional { $($optional:ident: $some:ty),* $(,)? }) => {
        impl $name {
            $(
                #[doc = concat!("Sets [`", stringify!($field), "`](field@Self::", stringify!($field), ").")]
                #[must_use]
                pub fn $field(mut self, value: impl Into<$value>) -> Self {
                    self.$field = value.into();
                    self
                }
            )*
            $(
                #[doc = concat!("Sets [`", stringify!($optional), "`](field@Self::", stringify!($optional), ").")]
                #[must_use]
                pub fn $optional(mut self, value: impl Into<$some>) -> Self {
                    self.$optional = Some(value.into());
                    self
                }
            )*
        }
    };
    ($name:ident { $($field:ident: $value:ty),* $(,)? }) => {
        $crate::config::setters::setters!($name { $($field: $value),* } optional {});
    };
}

pub(super) use setters;
