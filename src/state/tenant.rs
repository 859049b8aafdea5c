//! Identifies a tenant by a hash of the service's address and of the credential. Memory and Redis hold only the hash, from
//! which the credential cannot be read.

use std::fmt;

use sha2::{Digest, Sha256};

/// Hash of base URL and credential: one caller at one service.
///
/// State of one tenant is never given to another.
///
/// ```
/// use calcom::state::TenantId;
///
/// let tenant = TenantId::new("https://api.cal.com", &["key", "cal_live_xxxxxxxxxxxxxx"]);
/// assert_eq!(tenant, TenantId::new("https://api.cal.com", &["key", "cal_live_xxxxxxxxxxxxxx"]));
/// assert_ne!(tenant, TenantId::new("https://cal.example.org", &["key", "cal_live_xxxxxxxxxxxxxx"]));
/// // The text is a hash, which contains no part of the key.
/// assert_eq!(tenant.to_string().len(), 32);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TenantId([u8; 16]);

impl TenantId {
    /// Hashes the service at `base` and `credential`: its kind first, then its parts.
    #[must_use]
    pub fn new(base: &str, credential: &[&str]) -> Self {
        let mut parts = vec!["calcom scope", base];
        parts.extend(credential);
        Self(hash(&parts))
    }

    /// The first eight bytes as a number.
    pub(crate) fn prefix(&self) -> u64 {
        self.0.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

/// Hashes the length of each part before the part, so that two different lists of parts never hash alike.
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

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TenantId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_callers_never_share_a_tenant() {
        let one = TenantId::new("https://api.cal.com", &["key", "cal_live_one"]);
        assert_eq!(one, TenantId::new("https://api.cal.com", &["key", "cal_live_one"]));
        for other in [
            TenantId::new("https://api.cal.com", &["key", "cal_live_two"]),
            TenantId::new("https://cal.example.org", &["key", "cal_live_one"]),
            TenantId::new("https://api.cal.com", &["token", "cal_live_one"]),
            TenantId::new("https://api.cal.com", &["keycal_live_one"]),
            TenantId::new("https://api.cal.com", &[]),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn a_tenant_is_printed_as_its_hash() {
        let tenant = TenantId::new("https://api.cal.com", &["key", "cal_live_one"]);
        assert_eq!(tenant.to_string().len(), 32);
        assert!(!format!("{tenant:?}").contains("cal_live"));
    }
}
