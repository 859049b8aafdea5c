//! The request to create a managed user, and the one to change it.

use jiff::civil::Weekday;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Error, Result,
    error::refused,
    generated::types,
    model::{
        ClockFormat, UpdateUser, weekday,
        zone::{TimeZoneName, check_time_zone},
    },
    patch::Patch,
    redact::debug_shows,
};

/// The request to create a user whom an OAuth client of the platform manages. It is changed with [`UpdateUser`].
///
/// ```
/// use calcom::model::CreateManagedUser;
/// use jiff::civil::Weekday;
///
/// let user = CreateManagedUser::new("jane@example.org", "Jane Doe").time_zone("Europe/Berlin").week_start(Weekday::Monday);
/// // client.platform("client-id").users().create(&user).await?;
/// # let json = r#"{"email":"jane@example.org","name":"Jane Doe","timeZone":"Europe/Berlin","weekStart":"Monday"}"#;
/// # assert_eq!(serde_json::to_string(&user).unwrap(), json);
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateManagedUser {
    /// The e-mail address. The service adds the id of the OAuth client to it.
    pub email: String,
    /// The name that mails show.
    pub name: String,
    /// The time zone, an IANA name. With it the user has a schedule from Monday to Friday, 9 to 17; without it none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The first day of the week, in JSON its English name.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "weekday::optional")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
    pub week_start: Option<Weekday>,
    /// The format of times on pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_format: Option<ClockFormat>,
    /// The language of pages and mails, as its code: `de`, `pt-BR`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// The text of the public profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bio: Option<String>,
    /// The absolute URL of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    /// Values of the program's own: up to 50 keys of at most 40 characters, with texts of at most 500 characters, numbers or
    /// booleans.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
}

debug_shows!(CreateManagedUser { time_zone, week_start, time_format, locale });

impl CreateManagedUser {
    /// A user with this e-mail address and name.
    pub fn new(email: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            email: email.into(),
            name: name.into(),
            time_zone: None,
            week_start: None,
            time_format: None,
            locale: None,
            bio: None,
            avatar_url: None,
            metadata: Map::new(),
        }
    }

    /// Sets the time zone, as an IANA name or a [`TimeZone`](jiff::tz::TimeZone).
    #[must_use]
    pub fn time_zone(mut self, zone: impl Into<TimeZoneName>) -> Self {
        self.time_zone = Some(TimeZoneName::text(zone));
        self
    }

    /// Sets the first day of the week.
    #[must_use]
    pub fn week_start(mut self, day: Weekday) -> Self {
        self.week_start = Some(day);
        self
    }

    /// Sets the format of times on pages.
    #[must_use]
    pub fn time_format(mut self, format: ClockFormat) -> Self {
        self.time_format = Some(format);
        self
    }

    /// Sets the language of pages and mails, as its code.
    #[must_use]
    pub fn locale(mut self, locale: impl Into<String>) -> Self {
        self.locale = Some(locale.into());
        self
    }

    /// Sets the text of the public profile.
    #[must_use]
    pub fn bio(mut self, bio: impl Into<String>) -> Self {
        self.bio = Some(bio.into());
        self
    }

    /// Sets the absolute URL of a picture.
    #[must_use]
    pub fn avatar_url(mut self, url: impl Into<String>) -> Self {
        self.avatar_url = Some(url.into());
        self
    }

    /// Adds a value of the program's own.
    #[must_use]
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl TryFrom<&CreateManagedUser> for types::CreateManagedUser {
    type Error = Error;

    /// The body of `POST /v2/oauth-clients/{clientId}/users`.
    fn try_from(input: &CreateManagedUser) -> Result<Self> {
        let problem = input.time_zone.as_deref().and_then(|zone| check_time_zone("timeZone", zone));
        if let Some(problem) = problem {
            return Err(refused(vec![problem]));
        }
        let mut body = Self::new(input.email.clone(), input.name.clone());
        body.time_zone.clone_from(&input.time_zone);
        body.week_start = input.week_start.map(|day| weekday::name(day).into());
        body.time_format = input.time_format.map(|format| format.hours().into());
        body.locale = input.locale.clone().map(types::MeLocale::from);
        body.bio.clone_from(&input.bio);
        body.avatar_url.clone_from(&input.avatar_url);
        body.metadata.clone_from(&input.metadata);
        Ok(body)
    }
}

impl TryFrom<&UpdateUser> for types::UpdateManagedUser {
    type Error = Error;

    /// The body of `PATCH /v2/oauth-clients/{clientId}/users/{userId}`.
    fn try_from(changes: &UpdateUser) -> Result<Self> {
        let problems = changes.problems();
        if !problems.is_empty() {
            return Err(refused(problems));
        }
        let mut body = Self::new();
        body.email.clone_from(&changes.email);
        body.name = changes.name.clone().map_or(Patch::Keep, Patch::Set);
        body.time_format = changes.time_format.map(|format| format.hours().into());
        body.default_schedule_id = changes.default_schedule_id.map(|id| id.0);
        body.week_start = changes.week_start.map(|day| weekday::name(day).into());
        body.time_zone.clone_from(&changes.time_zone);
        body.locale = changes.locale.clone().map(types::MeLocale::from);
        body.avatar_url.clone_from(&changes.avatar_url);
        body.bio.clone_from(&changes.bio);
        body.metadata.clone_from(&changes.metadata);
        Ok(body)
    }
}
