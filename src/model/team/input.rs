//! Requests to create and to change a team.

use jiff::civil::Weekday;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Error, Result,
    error::{FieldError, refused},
    generated::types,
    model::{
        weekday,
        zone::{TimeZoneName, check_time_zone},
    },
    patch::Patch,
    redact::debug_shows,
};

/// The largest number of characters in the name of a team.
const MAX_NAME_LENGTH: usize = 155;

/// The request to create a team. Further fields of the service are in the generated request, which this type converts into.
///
/// ```
/// use calcom::{model::CreateTeam, raw::types};
///
/// # #[cfg(feature = "teams")]
/// # fn main() -> calcom::Result<()> {
/// let sales = CreateTeam::new("Sales").slug("sales").time_zone("Europe/Berlin").auto_accept_creator(true);
/// // client.teams().create(&sales).await?;
///
/// let mut request = types::CreateTeam::try_from(&sales)?;
/// request.brand_color = Some("#111111".to_owned());
/// // client.teams().create(request).await?;
/// # Ok(()) }
/// # #[cfg(not(feature = "teams"))]
/// # fn main() {}
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateTeam {
    /// The name, 1 to 155 characters.
    pub name: String,
    /// The part of its address, unique beside the teams of the same organization; default: made of the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// The text of its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bio: Option<String>,
    /// The absolute URL of its logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_url: Option<String>,
    /// The time zone, an IANA name; default `Europe/London`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The first day of the week, in JSON its English name; default Sunday.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "weekday::optional")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
    pub week_start: Option<Weekday>,
    /// Whether members are not shown to others; default `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_private: Option<bool>,
    /// Whether the caller is a member at once; default: the caller's membership waits to be accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_accept_creator: Option<bool>,
    /// Values of the caller: up to 50 keys of at most 40 characters, with texts of at most 500 characters, numbers or booleans.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}

/// The request to change a team. Fields that are not set stay unchanged; the name is always sent, because self-hosted servers
/// refuse a change without it.
///
/// ```
/// use calcom::{Patch, model::UpdateTeam};
///
/// let changes = UpdateTeam::new("Sales").bio(Patch::Clear).is_private(true);
/// // client.team(4).update(&changes).await?;
/// # assert_eq!(changes.name, "Sales");
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct UpdateTeam {
    /// The name, new or as it is.
    pub name: String,
    /// The part of its address; `null` removes it.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
    pub slug: Patch<String>,
    /// The text of its page; `null` removes it.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
    pub bio: Patch<String>,
    /// The absolute URL of its logo; `null` removes it.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
    pub logo_url: Patch<String>,
    /// The time zone, an IANA name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The first day of the week, in JSON its English name.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "weekday::optional")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
    pub week_start: Option<Weekday>,
    /// Whether members are not shown to others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_private: Option<bool>,
    /// Values of the caller, in place of the old ones; `null` removes them.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<Map<String, Value>>"))]
    pub metadata: Patch<Map<String, Value>>,
}

debug_shows!(CreateTeam { time_zone, week_start, is_private, auto_accept_creator });
debug_shows!(UpdateTeam { time_zone, week_start, is_private });

macro_rules! team_setters {
    ($($name:ident),+) => {$(
        impl $name {
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

            /// Sets whether members are not shown to others.
            #[must_use]
            pub fn is_private(mut self, private: bool) -> Self {
                self.is_private = Some(private);
                self
            }
        }
    )+};
}

team_setters!(CreateTeam, UpdateTeam);

impl CreateTeam {
    /// A team with this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            slug: None,
            bio: None,
            logo_url: None,
            time_zone: None,
            week_start: None,
            is_private: None,
            auto_accept_creator: None,
            metadata: None,
        }
    }

    /// Sets the part of its address.
    #[must_use]
    pub fn slug(mut self, slug: impl Into<String>) -> Self {
        self.slug = Some(slug.into());
        self
    }

    /// Sets the text of its page.
    #[must_use]
    pub fn bio(mut self, bio: impl Into<String>) -> Self {
        self.bio = Some(bio.into());
        self
    }

    /// Sets the absolute URL of its logo.
    #[must_use]
    pub fn logo_url(mut self, url: impl Into<String>) -> Self {
        self.logo_url = Some(url.into());
        self
    }

    /// Sets whether the caller is a member at once.
    #[must_use]
    pub fn auto_accept_creator(mut self, accept: bool) -> Self {
        self.auto_accept_creator = Some(accept);
        self
    }

    /// Sets the metadata of the team: keys and values that the caller chooses.
    #[must_use]
    pub fn metadata(mut self, metadata: Map<String, Value>) -> Self {
        self.metadata = Some(metadata);
        self
    }
}

impl UpdateTeam {
    /// A change of the team with this name, or a change of the name to it.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            slug: Patch::Keep,
            bio: Patch::Keep,
            logo_url: Patch::Keep,
            time_zone: None,
            week_start: None,
            is_private: None,
            metadata: Patch::Keep,
        }
    }

    /// Sets the part of its address.
    #[must_use]
    pub fn slug(mut self, slug: impl Into<Patch<String>>) -> Self {
        self.slug = slug.into();
        self
    }

    /// Sets the text of its page.
    #[must_use]
    pub fn bio(mut self, bio: impl Into<Patch<String>>) -> Self {
        self.bio = bio.into();
        self
    }

    /// Sets the absolute URL of its logo.
    #[must_use]
    pub fn logo_url(mut self, url: impl Into<Patch<String>>) -> Self {
        self.logo_url = url.into();
        self
    }

    /// Sets the metadata of the team: keys and values that the caller chooses.
    #[must_use]
    pub fn metadata(mut self, metadata: impl Into<Patch<Map<String, Value>>>) -> Self {
        self.metadata = metadata.into();
        self
    }
}

/// Makes a body of the request to create a team.
macro_rules! body_of_new_team {
    ($($feature:literal: $body:ident),+) => {$(
        #[cfg(feature = $feature)]
        impl TryFrom<&CreateTeam> for types::$body {
            type Error = Error;

            fn try_from(input: &CreateTeam) -> Result<Self> {
                check(&input.name, input.time_zone.as_deref(), input.logo_url.as_deref())?;
                let mut body = Self::new(input.name.clone());
                body.slug.clone_from(&input.slug);
                body.bio.clone_from(&input.bio);
                body.logo_url.clone_from(&input.logo_url);
                body.time_zone.clone_from(&input.time_zone);
                body.week_start = input.week_start.map(|day| weekday::name(day).to_owned());
                body.is_private = input.is_private;
                body.auto_accept_creator = input.auto_accept_creator;
                body.metadata = input.metadata.clone().unwrap_or_default();
                Ok(body)
            }
        }
    )+};
}

body_of_new_team!("teams": CreateTeam, "organizations": CreateOrganizationTeam);

#[cfg(any(feature = "teams", feature = "organization-teams"))]
impl TryFrom<&UpdateTeam> for types::UpdateOrganizationTeam {
    type Error = Error;

    fn try_from(input: &UpdateTeam) -> Result<Self> {
        let logo = match &input.logo_url {
            Patch::Set(url) => Some(url.as_str()),
            _ => None,
        };
        check(&input.name, input.time_zone.as_deref(), logo)?;
        let mut body = Self::new();
        body.name = Some(input.name.clone());
        body.slug.clone_from(&input.slug);
        body.bio.clone_from(&input.bio);
        body.logo_url.clone_from(&input.logo_url);
        body.time_zone.clone_from(&input.time_zone);
        body.week_start = input.week_start.map(|day| weekday::name(day).to_owned());
        body.is_private = input.is_private;
        body.metadata.clone_from(&input.metadata);
        Ok(body)
    }
}

/// Refuses values that the service refuses, or stores although they are wrong.
fn check(name: &str, time_zone: Option<&str>, logo_url: Option<&str>) -> Result<()> {
    let mut problems = Vec::new();
    if name.trim().is_empty() || name.chars().count() > MAX_NAME_LENGTH {
        problems.push(FieldError::new("name", format!("must have 1 to {MAX_NAME_LENGTH} characters")));
    }
    problems.extend(time_zone.and_then(|zone| check_time_zone("timeZone", zone)));
    if logo_url.is_some_and(|url| url::Url::parse(url).is_err()) {
        problems.push(FieldError::new("logoUrl", "must be an absolute URL"));
    }
    if problems.is_empty() { Ok(()) } else { Err(refused(problems)) }
}
