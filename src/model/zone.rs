//! Validation of time zones.

use crate::error::FieldError;

/// Returns the problem if the text in `field` does not name a time zone.
///
/// If the machine has no time zone database, every text is accepted, and the service validates it.
pub(crate) fn check_time_zone(field: &str, zone: &str) -> Option<FieldError> {
    let unknown = jiff::tz::TimeZone::get(zone).is_err() && !jiff::tz::db().is_definitively_empty();
    unknown.then(|| FieldError::new(field, "must be an IANA time zone"))
}
