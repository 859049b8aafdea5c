//! Requests to create and to change an absence.

use jiff::{
    Timestamp,
    civil::{Date, time},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};

use super::OutOfOfficeReason;
use crate::{Error, Result, generated::types, model::UserId, patch::Patch, redact::debug_shows};

/// The request to create an absence of whole days.
///
/// ```
/// use calcom::model::{CreateOutOfOffice, OutOfOfficeReason};
/// use jiff::civil::date;
///
/// let vacation = CreateOutOfOffice::new(date(2027, 5, 1), date(2027, 5, 10))
///     .reason(OutOfOfficeReason::Vacation)
///     .to_user_id(4);
/// // client.out_of_office().create(&vacation).await?;
/// # assert_eq!(vacation.to_user_id, Some(4.into()));
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateOutOfOffice {
    /// The first day.
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    pub first_day: Date,
    /// The last day; the first day for an absence of one day.
    #[cfg_attr(feature = "schemars", schemars(with = "String"))]
    pub last_day: Date,
    /// The reason; default [`OutOfOfficeReason::Unspecified`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<OutOfOfficeReason>,
    /// A note on the absence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// The user to whom the booking page refers on these days, a member of a team with the absent user. The days have no free
    /// slots either way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_user_id: Option<UserId>,
}

/// The request to change an absence. Fields that are not set stay unchanged.
///
/// ```
/// use calcom::{Patch, model::UpdateOutOfOffice};
/// use jiff::civil::date;
///
/// let longer = UpdateOutOfOffice::new().days(date(2027, 5, 1), date(2027, 5, 14)).to_user_id(Patch::Clear);
/// // client.out_of_office().update(1, &longer).await?;
/// # let _ = longer;
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct UpdateOutOfOffice {
    /// The first day; it is changed together with the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
    pub first_day: Option<Date>,
    /// The last day; it is changed together with the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
    pub last_day: Option<Date>,
    /// The reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<OutOfOfficeReason>,
    /// A note on the absence; `null` removes it.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
    pub notes: Patch<String>,
    /// The user to whom the booking page refers; `null` for none.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<UserId>"))]
    pub to_user_id: Patch<UserId>,
}

debug_shows!(CreateOutOfOffice { first_day, last_day, to_user_id });
debug_shows!(UpdateOutOfOffice { first_day, last_day, to_user_id });

impl CreateOutOfOffice {
    /// An absence from the first day to the last day, both included.
    #[must_use]
    pub fn new(first_day: Date, last_day: Date) -> Self {
        Self { first_day, last_day, reason: None, notes: None, to_user_id: None }
    }

    /// Sets the reason.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<OutOfOfficeReason>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Sets a note on the absence.
    #[must_use]
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Some(notes.into());
        self
    }

    /// Sets the user to whom the booking page refers.
    #[must_use]
    pub fn to_user_id(mut self, user: impl Into<UserId>) -> Self {
        self.to_user_id = Some(user.into());
        self
    }

    /// The body of `POST .../ooo`.
    pub(crate) fn to_wire(&self) -> Result<types::CreateOutOfOfficeEntry> {
        let (start, end) = whole_days(self.first_day, self.last_day)?;
        let mut body = types::CreateOutOfOfficeEntry::new(start, end);
        body.reason = self.reason.as_ref().map(|reason| reason.as_str().into());
        body.notes.clone_from(&self.notes);
        body.to_user_id = self.to_user_id.map(|user| user.0);
        Ok(body)
    }
}

impl UpdateOutOfOffice {
    /// A request without changes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the first and the last day.
    #[must_use]
    pub fn days(mut self, first_day: Date, last_day: Date) -> Self {
        (self.first_day, self.last_day) = (Some(first_day), Some(last_day));
        self
    }

    /// Sets the reason.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<OutOfOfficeReason>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Sets the note on the absence.
    #[must_use]
    pub fn notes(mut self, notes: impl Into<Patch<String>>) -> Self {
        self.notes = notes.into();
        self
    }

    /// Sets the user to whom the booking page refers.
    #[must_use]
    pub fn to_user_id(mut self, user: impl Into<Patch<UserId>>) -> Self {
        self.to_user_id = user.into();
        self
    }

    /// The body of `PATCH .../ooo/{oooId}`.
    pub(crate) fn to_wire(&self) -> Result<types::UpdateOutOfOfficeEntry> {
        let mut body = types::UpdateOutOfOfficeEntry::new();
        match (self.first_day, self.last_day) {
            (Some(first), Some(last)) => {
                let (start, end) = whole_days(first, last)?;
                (body.start, body.end) = (Some(start), Some(end));
            }
            (None, None) => {}
            (Some(_), None) => return Err(Error::invalid("lastDay", "is changed together with firstDay")),
            (None, Some(_)) => return Err(Error::invalid("firstDay", "is changed together with lastDay")),
        }
        body.reason = self.reason.as_ref().map(|reason| reason.as_str().into());
        body.notes.clone_from(&self.notes);
        body.to_user_id = self.to_user_id.map(|user| user.0);
        Ok(body)
    }
}

/// The start of the first day and the end of the last one, in UTC, as the service stores them.
fn whole_days(first: Date, last: Date) -> Result<(Timestamp, Timestamp)> {
    if last < first {
        return Err(Error::invalid("lastDay", "must not be before firstDay"));
    }
    let utc = |field, at| TimeZone::UTC.to_timestamp(at).map_err(|_| Error::invalid(field, "is out of range"));
    let start = utc("firstDay", first.to_datetime(time(0, 0, 0, 0)))?;
    let end = utc("lastDay", last.to_datetime(time(23, 59, 59, 999_000_000)))?;
    Ok((start, end))
}
