//! A macro for the setters of filters.

/// Defines a setter for each of these fields of a filter.
macro_rules! filter_setters {
    ($name:ident { $($field:ident: $value:ty),+ $(,)? }) => {
        impl $name {
            $(
                #[doc = concat!("Sets [`", stringify!($field), "`](field@Self::", stringify!($field), ").")]
                #[must_use]
                pub fn $field(mut self, value: impl Into<$value>) -> Self {
                    self.$field = Some(value.into());
                    self
                }
            )+
        }
    };
}

pub(super) use filter_setters;
