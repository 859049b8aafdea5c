//! Whose state it is: a hash of the service's address and of the credential. The hash is all that is kept of a
//! credential, in memory and in Redis; nobody reads the credential back out of it.

use std::fmt;

use sha2::{Digest, Sha256};

/// One caller at one service: the hash of base URL and credential.
///
/// What is kept for one scope is never given to another.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope([u8; 16]);

impl Scope {
    /// The caller at `base` who shows `credential`: its kind first, then its parts.
    #[must_use]
    pub fn new(base: &str, credential: &[&str]) -> Self {
        let mut parts = vec!["calcom scope", base];
        parts.extend(credential);
        Self(hash(&parts))
    }

    /// A part of it, as a number.
    pub(crate) fn number(&self) -> u64 {
        self.0.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

/// Every part goes in with its length before it, so that no two lists of parts read the same.
fn hash(parts: &[&str]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    let mut short = [0; 16];
    short.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    short
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scope({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_callers_never_share_a_scope() {
        let one = Scope::new("https://api.cal.com", &["key", "cal_live_one"]);
        assert_eq!(one, Scope::new("https://api.cal.com", &["key", "cal_live_one"]));
        for other in [
            Scope::new("https://api.cal.com", &["key", "cal_live_two"]),
            Scope::new("https://cal.example.org", &["key", "cal_live_one"]),
            Scope::new("https://api.cal.com", &["token", "cal_live_one"]),
            Scope::new("https://api.cal.com", &["keycal_live_one"]),
            Scope::new("https://api.cal.com", &[]),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn a_scope_is_printed_as_its_hash() {
        let scope = Scope::new("https://api.cal.com", &["key", "cal_live_one"]);
        assert_eq!(scope.to_string().len(), 32);
        assert!(!format!("{scope:?}").contains("cal_live"));
    }
}
