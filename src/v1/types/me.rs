//! `/me`.

use serde::{Deserialize, Serialize};

use super::Time;
use crate::redact::debug_shows;

/// The user of the key, in V1's form. V2 returns some of the fields only; the others are `null`.
///
/// [`calcom::v1`](crate::v1) has an example of a call.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct User {
    /// The id of the user.
    pub id: i64,
    /// The name in booking links.
    pub username: Option<String>,
    /// The full name.
    pub name: Option<String>,
    /// The e-mail address.
    pub email: String,
    /// The time of the verification of the address.
    pub email_verified: Option<Time>,
    /// A text about the user.
    pub bio: Option<String>,
    /// The URL of a picture.
    pub avatar: Option<String>,
    /// The IANA name of the time zone.
    pub time_zone: String,
    /// The English name of the first day of the week.
    pub week_start: String,
    /// An old form of the working hours.
    pub end_time: Option<i64>,
    /// An old form of the buffer, in minutes.
    pub buffer_time: Option<i64>,
    /// The theme of the dashboard.
    pub app_theme: Option<String>,
    /// The theme of booking pages.
    pub theme: Option<String>,
    /// The schedule of event types that have none of their own.
    pub default_schedule_id: Option<i64>,
    /// The language.
    pub locale: Option<String>,
    /// The hours of the clock: 12 or 24.
    pub time_format: Option<i64>,
    /// Whether booking pages hide the service's name.
    pub hide_branding: Option<bool>,
    /// A color of booking pages.
    pub brand_color: Option<String>,
    /// The same for dark themes.
    pub dark_brand_color: Option<String>,
    /// Whether the user can be booked together with other users.
    pub allow_dynamic_booking: Option<bool>,
    /// The time of the account's creation.
    pub created_date: Option<Time>,
    /// Whether the account is verified.
    pub verified: Option<bool>,
    /// The id of the team to which the user is invited.
    pub invited_to: Option<i64>,
    /// `USER` or `ADMIN`.
    pub role: Option<String>,
}

debug_shows!(User { id, time_zone, week_start, default_schedule_id, time_format });
