//! Time zones in requests: their names, and the validation of these.

use jiff::{ZonedDateTime, tz::TimeZone};

#[cfg(feature = "client")]
use crate::error::FieldError;

/// The name of a time zone in a request: an IANA name, or that of a [`TimeZone`].
///
/// A time zone without a name (a fixed offset) is refused with the field when the request is sent, as every unknown name is.
///
/// ```
/// use calcom::model::{CreateBooking, TimeZoneName};
/// use jiff::tz::TimeZone;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let booking = CreateBooking::new(1, "2030-01-15T10:00:00Z".parse()?, "Jo", "jo@example.com");
/// let by_text = booking.clone().time_zone("Europe/Berlin");
/// assert_eq!(by_text, booking.time_zone(TimeZone::get("Europe/Berlin")?));
/// assert_eq!(TimeZoneName::from(TimeZone::UTC).as_str(), "UTC");
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeZoneName(String);

impl TimeZoneName {
    #[cfg_attr(not(feature = "client"), allow(dead_code))]
    pub(crate) fn text(name: impl Into<Self>) -> String {
        name.into().0
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<TimeZoneName> for String {
    fn from(name: TimeZoneName) -> Self {
        name.0
    }
}

impl From<&TimeZone> for TimeZoneName {
    fn from(zone: &TimeZone) -> Self {
        match (zone.iana_name(), zone.to_fixed_offset()) {
            (Some(name), _) => Self(name.to_owned()),
            (None, Ok(offset)) => Self(offset.to_string()),
            (None, Err(_)) => Self("a time zone without a name".to_owned()),
        }
    }
}

impl From<TimeZone> for TimeZoneName {
    fn from(zone: TimeZone) -> Self {
        Self::from(&zone)
    }
}

/// The time zone of a zoned time.
impl From<&ZonedDateTime> for TimeZoneName {
    fn from(time: &ZonedDateTime) -> Self {
        Self::from(time.time_zone())
    }
}

impl From<&str> for TimeZoneName {
    fn from(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl From<String> for TimeZoneName {
    fn from(name: String) -> Self {
        Self(name)
    }
}

impl From<&String> for TimeZoneName {
    fn from(name: &String) -> Self {
        Self(name.clone())
    }
}

/// Returns the problem if the text in `field` does not name a time zone.
///
/// If the machine has no time zone database, every text is accepted, and the service validates it.
#[cfg(feature = "client")]
pub(crate) fn check_time_zone(field: &str, zone: &str) -> Option<FieldError> {
    let unknown = jiff::tz::TimeZone::get(zone).is_err() && !jiff::tz::db().is_definitively_empty();
    unknown.then(|| FieldError::new(field, "must be an IANA time zone"))
}
