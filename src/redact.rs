//! Masks secrets and personal data in `Debug` and in errors.

use std::fmt;

/// Prints as `[redacted]` in `Debug`.
#[cfg_attr(not(feature = "client"), allow(dead_code))]
pub(crate) struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Implements a `Debug` that shows the named fields, and that there are others; or all fields, if they are revealed.
macro_rules! debug_shows {
    ($name:ident { $($shown:ident),* $(,)? }) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::redact::if_revealed!($name, self, f);
                f.debug_struct(stringify!($name))$(.field(stringify!($shown), &self.$shown))*.finish_non_exhaustive()
            }
        }
    };
}

/// Returns from `fmt` with the whole value as JSON, if it is revealed and its type can be written as JSON.
macro_rules! if_revealed {
    ($name:ident, $self:ident, $f:ident) => {
        if $crate::reveal::is_revealed() {
            #[allow(unused_imports)]
            use $crate::reveal::{ByFullJson as _, ByNothing as _, BySerde as _};
            if let Some(json) = (&&$crate::reveal::Probe($self)).json() {
                return $crate::reveal::write_json(stringify!($name), json, $f);
            }
        }
    };
}

pub(crate) use debug_shows;
pub(crate) use if_revealed;

/// Returns serde's error about a field that is missing or of the wrong type, without the value that it quotes. Returns `None`
/// for every other error.
#[cfg_attr(not(feature = "client"), allow(dead_code))]
pub(crate) fn without_value(error: &serde_json::Error) -> Option<String> {
    let text = error.to_string();
    let text = text.split(" at line").next().unwrap_or_default();
    if text.starts_with("missing field ") {
        return Some(text.to_owned());
    }
    let rest = text.strip_prefix("invalid type: ")?;
    let found = rest.split([' ', ',']).next().unwrap_or_default();
    Some(format!("found {found}, expected {}", rest.rsplit_once(", expected ")?.1))
}
