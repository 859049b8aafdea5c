//! Whether a time zone is one.

use crate::error::FieldError;

/// The problem with a text in `field` that does not name a time zone.
///
/// Where the machine has no time zone database the service is left to judge.
pub(crate) fn not_a_zone(field: &str, zone: &str) -> Option<FieldError> {
    let unknown = jiff::tz::TimeZone::get(zone).is_err() && !jiff::tz::db().is_definitively_empty();
    unknown.then(|| FieldError::new(field, "must be an IANA time zone"))
}
