//! `/me`.

use serde::{Deserialize, Serialize};

use super::Time;
use crate::redact::debug_shows;

/// The user behind the key, in V1's form. V2 tells only a part of it; the rest is `null`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct User {
    /// The number of the user.
    pub id: i64,
    /// The name in booking links.
    pub username: Option<String>,
    /// The full name.
    pub name: Option<String>,
    /// The e-mail address.
    pub email: String,
    /// When the address was verified.
    pub email_verified: Option<Time>,
    /// A text about the user.
    pub bio: Option<String>,
    /// The URL of a picture.
    pub avatar: Option<String>,
    /// An IANA name.
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
    /// The schedule of event types that name none.
    pub default_schedule_id: Option<i64>,
    /// A language.
    pub locale: Option<String>,
    /// 12 or 24.
    pub time_format: Option<i64>,
    /// Whether booking pages hide the service's name.
    pub hide_branding: Option<bool>,
    /// A color of booking pages.
    pub brand_color: Option<String>,
    /// The same for dark themes.
    pub dark_brand_color: Option<String>,
    /// Whether others may book this user together with more.
    pub allow_dynamic_booking: Option<bool>,
    /// When the account was made.
    pub created_date: Option<Time>,
    /// Whether the account is verified.
    pub verified: Option<bool>,
    /// Who invited the user.
    pub invited_to: Option<i64>,
    /// `USER` or `ADMIN`.
    pub role: Option<String>,
}

debug_shows!(User { id, time_zone, week_start, default_schedule_id, time_format });
