//! Requests to create and to change a user of an organization.

use serde::{Deserialize, Serialize};

use crate::{
    Error, Result,
    error::refused,
    generated::types,
    model::{
        MembershipRole, ScheduleId,
        zone::{TimeZoneName, check_time_zone},
    },
    patch::Patch,
    redact::debug_shows,
};

/// The request to create a user in an organization. Further fields of the service are in the generated request, which this type
/// converts into.
///
/// ```
/// use calcom::{model::CreateOrganizationUser, raw::types};
///
/// # fn main() -> calcom::Result<()> {
/// let user = CreateOrganizationUser::new("frieda@example.com").name("Frieda").time_zone("Europe/Berlin");
/// // client.organization(1).users().create(&user).await?;
///
/// let mut request = types::CreateOrganizationUser::try_from(&user)?;
/// request.skip_notification_email = Some(true);
/// // client.organization(1).users().create(request).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateOrganizationUser {
    /// The e-mail address.
    pub email: String,
    /// The name that attendees see, at most 50 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name in links to booking pages; default: made of the e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The text of the public profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bio: Option<String>,
    /// The time zone, an IANA name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The language, as its code; default `en`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// The role in the organization; default [`MembershipRole::Member`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_role: Option<MembershipRole>,
    /// Whether the user is a member at once; default `true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_accept: Option<bool>,
}

/// The request to change a user of an organization. Fields that are not set stay unchanged. A role is changed in the
/// [membership](crate::facade::OrganizationMemberships).
///
/// ```
/// use calcom::{Patch, model::UpdateOrganizationUser};
///
/// let changes = UpdateOrganizationUser::new().time_zone("Europe/Vienna").bio(Patch::Clear);
/// // client.organization(1).user(3).update(&changes).await?;
/// # assert_eq!(changes.time_zone.as_deref(), Some("Europe/Vienna"));
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct UpdateOrganizationUser {
    /// The e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The name that attendees see, at most 50 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name in links to booking pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The text of the public profile; `null` removes it.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
    pub bio: Patch<String>,
    /// The time zone, an IANA name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The schedule of event types without one of their own; `null` for none.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<ScheduleId>"))]
    pub default_schedule_id: Patch<ScheduleId>,
}

debug_shows!(CreateOrganizationUser { time_zone, locale, organization_role, auto_accept });
debug_shows!(UpdateOrganizationUser { time_zone, default_schedule_id });

impl CreateOrganizationUser {
    /// A user with this e-mail address.
    pub fn new(email: impl Into<String>) -> Self {
        Self {
            email: email.into(),
            name: None,
            username: None,
            bio: None,
            time_zone: None,
            locale: None,
            organization_role: None,
            auto_accept: None,
        }
    }

    /// Sets the language, as its code.
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

    /// Sets the role in the organization.
    #[must_use]
    pub fn organization_role(mut self, role: impl Into<MembershipRole>) -> Self {
        self.organization_role = Some(role.into());
        self
    }

    /// Sets whether the user is a member at once.
    #[must_use]
    pub fn auto_accept(mut self, accept: bool) -> Self {
        self.auto_accept = Some(accept);
        self
    }
}

impl UpdateOrganizationUser {
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

    /// Sets the text of the public profile.
    #[must_use]
    pub fn bio(mut self, bio: impl Into<Patch<String>>) -> Self {
        self.bio = bio.into();
        self
    }

    /// Sets the schedule of event types without one of their own.
    #[must_use]
    pub fn default_schedule_id(mut self, id: impl Into<Patch<ScheduleId>>) -> Self {
        self.default_schedule_id = id.into();
        self
    }
}

macro_rules! user_setters {
    ($($name:ident),+) => {$(
        impl $name {
            /// Sets the name that attendees see.
            #[must_use]
            pub fn name(mut self, name: impl Into<String>) -> Self {
                self.name = Some(name.into());
                self
            }

            /// Sets the name in links to booking pages.
            #[must_use]
            pub fn username(mut self, username: impl Into<String>) -> Self {
                self.username = Some(username.into());
                self
            }

            /// Sets the time zone, as an IANA name or a [`TimeZone`](jiff::tz::TimeZone).
            #[must_use]
            pub fn time_zone(mut self, zone: impl Into<TimeZoneName>) -> Self {
                self.time_zone = Some(TimeZoneName::text(zone));
                self
            }
        }
    )+};
}

user_setters!(CreateOrganizationUser, UpdateOrganizationUser);

impl TryFrom<&CreateOrganizationUser> for types::CreateOrganizationUser {
    type Error = Error;

    /// The body of `POST /v2/organizations/{orgId}/users`.
    fn try_from(input: &CreateOrganizationUser) -> Result<Self> {
        check(input.time_zone.as_deref())?;
        let mut body = Self::new(input.email.clone());
        body.name.clone_from(&input.name);
        body.username.clone_from(&input.username);
        body.bio.clone_from(&input.bio);
        body.time_zone.clone_from(&input.time_zone);
        body.locale.clone_from(&input.locale);
        body.organization_role = input.organization_role.as_ref().map(|role| role.as_str().into());
        body.auto_accept = input.auto_accept;
        Ok(body)
    }
}

impl TryFrom<&UpdateOrganizationUser> for types::UpdateOrganizationUser {
    type Error = Error;

    /// The body of `PATCH /v2/organizations/{orgId}/users/{userId}`.
    fn try_from(input: &UpdateOrganizationUser) -> Result<Self> {
        check(input.time_zone.as_deref())?;
        let mut body = Self::new();
        body.email.clone_from(&input.email);
        body.name.clone_from(&input.name);
        body.username.clone_from(&input.username);
        body.bio.clone_from(&input.bio);
        body.time_zone.clone_from(&input.time_zone);
        body.default_schedule_id = input.default_schedule_id.map(|id| id.0);
        Ok(body)
    }
}

fn check(time_zone: Option<&str>) -> Result<()> {
    match time_zone.and_then(|zone| check_time_zone("timeZone", zone)) {
        Some(problem) => Err(refused(vec![problem])),
        None => Ok(()),
    }
}
