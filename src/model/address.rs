//! Validation of e-mail addresses.

use crate::error::FieldError;

/// Returns the problem if the text in `field` is no e-mail address.
pub(crate) fn check_address(field: impl Into<String>, text: &str) -> Option<FieldError> {
    (!is_address(text)).then(|| FieldError::new(field, "must be an e-mail address"))
}

/// Strict enough to detect a typing error, and no stricter than the service (class-validator's `isEmail`).
fn is_address(text: &str) -> bool {
    let Some((user, host)) = text.rsplit_once('@') else { return false };
    let user_fits = !user.is_empty()
        && user.len() <= 64
        && !user.starts_with('.')
        && !user.ends_with('.')
        && !user.contains("..")
        && user.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let labels: Vec<&str> = host.split('.').collect();
    let top = labels.last().is_some_and(|top| top.chars().count() >= 2 && !top.chars().all(|c| c.is_ascii_digit()));
    user_fits && labels.len() >= 2 && labels.into_iter().all(label) && top
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_formed_addresses_are_accepted_and_malformed_ones_are_not() {
        for good in ["a@b.cd", "jo.doe+tag@example.co.uk", "jürgen@müller.de", "x_y@sub-domain.example.org"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "jo",
            "jo@",
            "@example.org",
            "jo@example",
            "jo doe@example.org",
            "jo@exa mple.org",
            "jo@.org",
            "jo..doe@example.org",
            "jo@example.c",
            "jo@-x.org",
            "jo@example.123",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
