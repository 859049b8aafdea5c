//! Absences: days on which a user is out of office.

#[cfg(any(feature = "out-of-office", feature = "organizations", feature = "teams"))]
mod input;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{OutOfOfficeId, UserId, one_form::one_form, open_enum::open_enum};

#[cfg(any(feature = "out-of-office", feature = "organizations", feature = "teams"))]
pub use self::input::{CreateOutOfOffice, UpdateOutOfOffice};

one_form! {
    /// An absence of a user: days on which the user has no free slots. If another user is named, the booking page refers to
    /// that one; the API does not book that user by itself.
    ///
    /// ```
    /// use calcom::model::{OutOfOfficeEntry, OutOfOfficeReason};
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let json = r#"{"id": 1, "userId": 3, "start": "2027-05-01T00:00:00.000Z", "end": "2027-05-10T23:59:59.999Z",
    ///     "reason": "vacation", "notes": null, "toUserId": null}"#;
    /// let entry: OutOfOfficeEntry = serde_json::from_str(json)?;
    /// assert_eq!(entry.first_day().to_string(), "2027-05-01");
    /// assert_eq!(entry.last_day().to_string(), "2027-05-10");
    /// assert_eq!(entry.reason, Some(OutOfOfficeReason::Vacation));
    /// # Ok(()) }
    /// ```
    pub struct OutOfOfficeEntry {
        /// The id of the entry.
        pub id: OutOfOfficeId,
        /// The user who is absent.
        #[serde(default)]
        pub user_id: Option<UserId>,
        /// The user to whom the booking page refers on these days.
        #[serde(default)]
        pub to_user_id: Option<UserId>,
        /// The start of the first day. The service sets the time of day to 00:00 UTC.
        #[cfg_attr(feature = "schemars", schemars(with = "String"))]
        pub start: Timestamp,
        /// The end of the last day. The service sets the time of day to 23:59:59.999 UTC.
        #[cfg_attr(feature = "schemars", schemars(with = "String"))]
        pub end: Timestamp,
        /// The reason.
        #[serde(default)]
        pub reason: Option<OutOfOfficeReason>,
        /// A note on the absence.
        #[serde(default)]
        pub notes: Option<String>,
    }
    nested: [],
    areas: ["out-of-office", "organizations", "teams"],
    wire: crate::generated::types::OutOfOfficeEntry,
    shows: { id, user_id, to_user_id, start, end },
}

impl OutOfOfficeEntry {
    /// The first day of the absence.
    #[must_use]
    pub fn first_day(&self) -> Date {
        TimeZone::UTC.to_datetime(self.start).date()
    }

    /// The last day of the absence.
    #[must_use]
    pub fn last_day(&self) -> Date {
        TimeZone::UTC.to_datetime(self.end).date()
    }
}

open_enum! {
    /// The reason of an absence.
    ///
    /// ```
    /// use calcom::model::OutOfOfficeReason;
    ///
    /// assert_eq!(OutOfOfficeReason::from("public_holiday"), OutOfOfficeReason::PublicHoliday);
    /// assert_eq!(OutOfOfficeReason::from("parental").as_str(), "parental");
    /// ```
    pub enum OutOfOfficeReason {
        /// No reason is given: the default.
        Unspecified = "unspecified",
        /// A vacation.
        Vacation = "vacation",
        /// A journey.
        Travel = "travel",
        /// An illness.
        Sick = "sick",
        /// A public holiday.
        PublicHoliday = "public_holiday",
    }
}
