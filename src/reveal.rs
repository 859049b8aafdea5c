//! Shows personal data in `Debug`, if the program asks for it. Secrets stay hidden.

use std::{
    cell::Cell,
    fmt,
    sync::{
        LazyLock,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::Serialize;
use serde_json::Value;

/// The variable that reveals personal data in builds with debug assertions.
const VARIABLE: &str = "CALCOM_REVEAL";

/// Names of fields whose values are secrets, without case and underscores.
const SECRETS: [&str; 8] =
    ["accesscode", "code", "codeverifier", "emailverificationcode", "encryptedkey", "key", "pin", "privatekey"];

/// The ends of names of such fields.
const SECRET_ENDS: [&str; 4] = ["apikey", "password", "secret", "token"];

static EVERYWHERE: AtomicBool = AtomicBool::new(false);
static BY_VARIABLE: LazyLock<bool> = LazyLock::new(|| {
    let is_set = |value: std::ffi::OsString| value == "1" || value.eq_ignore_ascii_case("true");
    cfg!(debug_assertions) && std::env::var_os(VARIABLE).is_some_and(is_set)
});

thread_local! {
    /// The number of revealed values that are being formatted on this thread.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Whether `Debug` shows personal data now.
pub(crate) fn is_revealed() -> bool {
    DEPTH.get() > 0 || EVERYWHERE.load(Ordering::Relaxed) || *BY_VARIABLE
}

/// A value whose `Debug` shows personal data; from [`reveal`].
///
/// Two are equal if their values are, so that a failed comparison shows the difference:
///
/// ```
/// use calcom::{model::BookingUid, observe::reveal};
///
/// let (got, wanted) = (BookingUid::from("kgiKeoVgk6NpALrVxDhWeY"), BookingUid::from("kgiKeoVgk6NpALrVxDhWeY"));
/// assert_eq!(reveal(&got), reveal(&wanted));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Revealed<'a, T: ?Sized>(&'a T);

/// Shows a value with the personal data in it: names, addresses, answers, uids. Without it `Debug` hides them.
///
/// Secrets (API keys, tokens, the secrets of webhooks) stay hidden.
///
/// ```
/// use calcom::{model::CreateBooking, observe::reveal};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let booking = CreateBooking::new(1, "2030-01-15T10:00:00Z".parse()?, "John Doe", "john@example.com");
/// assert!(!format!("{booking:?}").contains("john@example.com"));
/// assert!(format!("{:?}", reveal(&booking)).contains("john@example.com"));
/// # Ok(()) }
/// ```
///
/// [`reveal_everywhere`] shows personal data in every `Debug`, for a test run.
pub fn reveal<T: fmt::Debug + ?Sized>(value: &T) -> Revealed<'_, T> {
    Revealed(value)
}

/// Shows personal data in every `Debug` of this process from now on, or hides it again, so that the failure of an `assert_eq!`
/// shows the difference. For tests.
///
/// The variable `CALCOM_REVEAL=1` does the same for a whole test run, in builds with debug assertions only: in
/// `.cargo/config.toml` as `[env]`, or `CALCOM_REVEAL=1 cargo test`.
///
/// ```
/// use calcom::{model::CreateBooking, observe::reveal_everywhere};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let booking = CreateBooking::new(1, "2030-01-15T10:00:00Z".parse()?, "John Doe", "john@example.com");
/// reveal_everywhere(true);
/// assert!(format!("{booking:?}").contains("john@example.com"));
/// # reveal_everywhere(false);
/// # Ok(()) }
/// ```
pub fn reveal_everywhere(shows: bool) {
    EVERYWHERE.store(shows, Ordering::Relaxed);
}

impl<T: fmt::Debug + ?Sized> fmt::Debug for Revealed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Hides again, also if `Debug` panics.
        struct Hide;
        impl Drop for Hide {
            fn drop(&mut self) {
                DEPTH.set(DEPTH.get() - 1);
            }
        }
        DEPTH.set(DEPTH.get() + 1);
        let _hide = Hide;
        self.0.fmt(f)
    }
}

/// Everything that a value holds, as JSON.
pub(crate) trait FullJson {
    /// All of it.
    fn full_json(&self) -> Value;
}

/// Finds the JSON of a value by the traits that its type implements: [`FullJson`], else serde's, else none.
pub(crate) struct Probe<'a, T>(pub(crate) &'a T);

impl<T> Clone for Probe<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Probe<'_, T> {}

pub(crate) trait ByFullJson {
    fn json(&self) -> Option<Value>;
}

impl<T: FullJson> ByFullJson for &Probe<'_, T> {
    fn json(&self) -> Option<Value> {
        Some(self.0.full_json())
    }
}

pub(crate) trait BySerde {
    fn json(&self) -> Option<Value>;
}

impl<T: Serialize> BySerde for Probe<'_, T> {
    fn json(&self) -> Option<Value> {
        serde_json::to_value(self.0).ok()
    }
}

pub(crate) trait ByNothing {
    fn json(self) -> Option<Value>;
}

impl<T> ByNothing for Probe<'_, T> {
    fn json(self) -> Option<Value> {
        None
    }
}

/// Writes a revealed value: the name of its type, and its JSON without secrets.
pub(crate) fn write_json(name: &str, mut json: Value, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    mask_secrets(&mut json);
    if f.alternate() { write!(f, "{name} {json:#}") } else { write!(f, "{name} {json}") }
}

fn mask_secrets(json: &mut Value) {
    match json {
        Value::Array(items) => items.iter_mut().for_each(mask_secrets),
        Value::Object(fields) => fields.iter_mut().for_each(|(name, value)| {
            if is_secret(name) && (value.is_string() || value.is_object()) {
                *value = "[redacted]".into();
            } else {
                mask_secrets(value);
            }
        }),
        _ => {}
    }
}

fn is_secret(name: &str) -> bool {
    let plain: String = name.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase()).collect();
    SECRETS.contains(&plain.as_str()) || SECRET_ENDS.iter().any(|end| plain.ends_with(end))
}

/// Prints as `[redacted]` in `Debug`, or as JSON without secrets if it is revealed.
#[cfg_attr(not(feature = "client"), allow(dead_code))]
pub(crate) struct HiddenJson<'a, T>(pub(crate) &'a T);

impl<T: Serialize> fmt::Debug for HiddenJson<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match serde_json::to_value(self.0) {
            Ok(json) if is_revealed() => write_json("", json, f),
            _ => f.write_str("[redacted]"),
        }
    }
}

/// As [`HiddenJson`], for a field of this name. A secret is never revealed.
#[cfg_attr(not(feature = "client"), allow(dead_code))]
pub(crate) struct HiddenField<'a, T>(pub(crate) &'a str, pub(crate) &'a T);

impl<T: Serialize> fmt::Debug for HiddenField<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_secret(self.0) { f.write_str("[redacted]") } else { HiddenJson(self.1).fmt(f) }
    }
}
