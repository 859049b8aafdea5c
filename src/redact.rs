//! What stands in `Debug` in the place of what must not be seen there.

use std::fmt;

/// Prints as `[redacted]`.
#[cfg_attr(not(feature = "client"), allow(dead_code))]
pub(crate) struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Writes a `Debug` that shows the named fields, and of the others that they are there.
macro_rules! debug_shows {
    ($name:ident { $($shown:ident),* $(,)? }) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))$(.field(stringify!($shown), &self.$shown))*.finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use debug_shows;
