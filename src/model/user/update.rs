//! The request to change the profile of the caller, or of a managed user.

use jiff::civil::Weekday;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

#[cfg(feature = "me")]
use crate::{Result, error::refused, generated::types};
use crate::{
    error::FieldError,
    model::{
        ScheduleId, weekday,
        zone::{TimeZoneName, check_time_zone},
    },
    patch::Patch,
    redact::debug_shows,
};

/// The request to change the caller's profile, or that of a managed user. Fields that are not set stay unchanged.
///
/// ```
/// use calcom::{Patch, model::{ClockFormat, UpdateUser}};
/// use jiff::civil::Weekday;
///
/// let changes = UpdateUser::new().week_start(Weekday::Sunday).time_format(ClockFormat::Hours24).bio(Patch::Clear);
/// // client.me().update(&changes).await?;
/// # let json = r#"{"timeFormat":24,"weekStart":"Sunday","bio":null}"#;
/// # assert_eq!(serde_json::to_string(&changes).unwrap(), json);
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct UpdateUser {
    /// The e-mail address. The user has to confirm it by mail; until then responses have the old one. The address of a managed
    /// user changes at once, and has the id of the OAuth client in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The format of times on pages; `null` clears it.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<ClockFormat>"))]
    pub time_format: Patch<ClockFormat>,
    /// The schedule of event types without one of their own; `null` for none. The service accepts the number of another
    /// user's schedule too.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<ScheduleId>"))]
    pub default_schedule_id: Patch<ScheduleId>,
    /// The first day of the week, in JSON its English name.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "weekday::optional")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
    pub week_start: Option<Weekday>,
    /// The time zone, an IANA name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The language of pages and mails, as its code: `de`, `pt-BR`; `null` clears it.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
    pub locale: Patch<String>,
    /// The absolute URL of a picture; `null` removes it.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
    pub avatar_url: Patch<String>,
    /// A text about the user; `null` removes it.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
    pub bio: Patch<String>,
    /// The metadata of the profile: up to 50 keys of at most 40 characters, with texts of at most 500 characters, numbers or
    /// booleans; `null` removes it.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<Map<String, Value>>"))]
    pub metadata: Patch<Map<String, Value>>,
}

/// The format of times on pages: a clock of 12 or 24 hours. In JSON it is that number.
///
/// ```
/// use calcom::model::{ClockFormat, UpdateUser};
///
/// let changes = UpdateUser::new().time_format(ClockFormat::Hours24);
/// # assert_eq!(serde_json::to_string(&changes).unwrap(), r#"{"timeFormat":24}"#);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClockFormat {
    /// A clock of 12 hours: 1:30 pm.
    Hours12,
    /// A clock of 24 hours: 13:30.
    Hours24,
}

debug_shows!(UpdateUser { time_format, default_schedule_id, week_start, time_zone, locale });

impl UpdateUser {
    /// A request without changes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the e-mail address.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Sets the name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the format of times on pages.
    #[must_use]
    pub fn time_format(mut self, format: impl Into<Patch<ClockFormat>>) -> Self {
        self.time_format = format.into();
        self
    }

    /// Sets the schedule of event types without one of their own.
    #[must_use]
    pub fn default_schedule_id(mut self, id: impl Into<Patch<ScheduleId>>) -> Self {
        self.default_schedule_id = id.into();
        self
    }

    /// Sets the first day of the week.
    #[must_use]
    pub fn week_start(mut self, day: Weekday) -> Self {
        self.week_start = Some(day);
        self
    }

    /// Sets the time zone, as an IANA name or a [`TimeZone`](jiff::tz::TimeZone).
    #[must_use]
    pub fn time_zone(mut self, zone: impl Into<TimeZoneName>) -> Self {
        self.time_zone = Some(TimeZoneName::text(zone));
        self
    }

    /// Sets the language of pages and mails, as its code.
    #[must_use]
    pub fn locale(mut self, locale: impl Into<Patch<String>>) -> Self {
        self.locale = locale.into();
        self
    }

    /// Sets the absolute URL of a picture.
    #[must_use]
    pub fn avatar_url(mut self, url: impl Into<Patch<String>>) -> Self {
        self.avatar_url = url.into();
        self
    }

    /// Sets a text about the user.
    #[must_use]
    pub fn bio(mut self, bio: impl Into<Patch<String>>) -> Self {
        self.bio = bio.into();
        self
    }

    /// Sets the metadata of the profile.
    #[must_use]
    pub fn metadata(mut self, metadata: impl Into<Patch<Map<String, Value>>>) -> Self {
        self.metadata = metadata.into();
        self
    }

    /// The values that no profile can have.
    pub(crate) fn problems(&self) -> Vec<FieldError> {
        let mut problems: Vec<FieldError> =
            self.time_zone.as_deref().and_then(|zone| check_time_zone("timeZone", zone)).into_iter().collect();
        if matches!(&self.locale, Patch::Set(locale) if locale.trim().is_empty()) {
            problems.push(FieldError::new("locale", "must not be empty"));
        }
        if matches!(&self.avatar_url, Patch::Set(url) if url::Url::parse(url).is_err()) {
            problems.push(FieldError::new("avatarUrl", "must be an absolute URL"));
        }
        problems
    }

    /// The body of `PATCH /v2/me`.
    #[cfg(feature = "me")]
    pub(crate) fn to_wire(&self) -> Result<types::UpdateMe> {
        let mut problems = self.problems();
        let mut body = types::UpdateMe::new();
        body.email.clone_from(&self.email);
        body.name.clone_from(&self.name);
        body.time_format = match self.time_format.map(|format| types::MeTimeFormat::try_from(i64::from(format.hours())))
        {
            Patch::Keep => Patch::Keep,
            Patch::Clear => Patch::Clear,
            Patch::Set(Ok(format)) => Patch::Set(format),
            Patch::Set(Err(_)) => {
                problems.push(FieldError::new("timeFormat", "must be 12 or 24"));
                Patch::Keep
            }
        };
        body.default_schedule_id = self.default_schedule_id.map(|id| id.0);
        body.week_start = self.week_start.map(weekday::to_wire);
        body.time_zone.clone_from(&self.time_zone);
        body.locale = self.locale.clone().map(types::MeLocale::from);
        body.avatar_url.clone_from(&self.avatar_url);
        body.bio.clone_from(&self.bio);
        body.metadata.clone_from(&self.metadata);
        if problems.is_empty() { Ok(body) } else { Err(refused(problems)) }
    }
}

impl ClockFormat {
    pub(crate) fn hours(self) -> u8 {
        match self {
            Self::Hours12 => 12,
            Self::Hours24 => 24,
        }
    }
}

impl Serialize for ClockFormat {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.hours())
    }
}

impl<'de> Deserialize<'de> for ClockFormat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        match u8::deserialize(deserializer)? {
            12 => Ok(Self::Hours12),
            24 => Ok(Self::Hours24),
            _ => Err(de::Error::custom("not 12 or 24")),
        }
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for ClockFormat {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ClockFormat".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "integer", "enum": [12, 24]})
    }
}
