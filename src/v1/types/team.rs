//! `/teams`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Time;
use crate::{
    redact::debug_shows,
    v1::schema::{no_further_checks, request},
};

/// A team, in V1's form. V2 returns some of the fields only; the others are `null`.
///
/// [`calcom::v1`](crate::v1) has an example of a call.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Team {
    /// The id of the team.
    pub id: i64,
    /// The organization that it belongs to.
    pub parent_id: Option<i64>,
    /// The name.
    pub name: String,
    /// The name in booking links. A team that is not published has none.
    pub slug: Option<String>,
    /// The URL of the logo.
    pub logo_url: Option<String>,
    /// The URL of the logo in Cal Video.
    pub cal_video_logo: Option<String>,
    /// The URL of the logo in the app.
    pub app_logo: Option<String>,
    /// The URL of the small logo in the app.
    pub app_icon_logo: Option<String>,
    /// A text about the team.
    pub bio: Option<String>,
    /// Whether booking pages hide the service's name.
    pub hide_branding: Option<bool>,
    /// Whether members are not shown to others.
    pub is_private: Option<bool>,
    /// Whether the team's page has no link to its members.
    pub hide_book_a_team_member: Option<bool>,
    /// Whether it is an organization.
    pub is_organization: Option<bool>,
    /// Free JSON.
    pub metadata: Option<Map<String, Value>>,
    /// The theme of booking pages.
    pub theme: Option<String>,
    /// A color of booking pages.
    pub brand_color: Option<String>,
    /// The same for dark themes.
    pub dark_brand_color: Option<String>,
    /// The URL of the banner on booking pages.
    pub banner_url: Option<String>,
    /// The hours of the clock: 12 or 24.
    pub time_format: Option<i64>,
    /// The IANA name of the time zone.
    pub time_zone: Option<String>,
    /// The English name of the first day of the week.
    pub week_start: Option<String>,
    /// The time of creation.
    pub created_at: Option<Time>,
    /// Whether the team waits for its payment.
    pub pending_payment: Option<bool>,
}

debug_shows!(Team { id, parent_id, slug, is_organization, time_zone, week_start });

/// Declares a body of `/teams`: the required and optional fields of its own, and those of both bodies.
macro_rules! team_body {
    ($(#[$doc:meta])* $name:ident required $required:tt optional { $($optional:tt)* }) => {
        request! {
            $(#[$doc])*
            $name, unknown fields: Reject;
            required $required
            optional {
                $($optional)*
                /// Whether booking pages hide the service's name.
                hide_branding "hideBranding": bool,
                /// Whether members are not shown to others.
                is_private "isPrivate": bool,
                /// Whether the team's page has no link to its members.
                hide_book_a_team_member "hideBookATeamMember": bool,
                /// The IANA name of the time zone.
                time_zone "timeZone": String,
                /// The English name of the first day of the week.
                week_start "weekStart": String,
                /// Whether it is an organization. V2 has separate routes for organizations.
                is_organization "isOrganization": bool,
                /// Whether the team waits for its payment. V2 decides it.
                pending_payment "pendingPayment": bool,
            }
            nullable {
                /// The name in booking links.
                slug "slug": String,
                /// The URL of the logo.
                logo_url "logoUrl": String,
                /// The URL of the logo in Cal Video.
                cal_video_logo "calVideoLogo": String,
                /// The URL of the logo in the app.
                app_logo "appLogo": String,
                /// The URL of the small logo in the app.
                app_icon_logo "appIconLogo": String,
                /// A text about the team.
                bio "bio": String,
                /// Free JSON.
                metadata "metadata": Map<String, Value>,
                /// The theme of booking pages.
                theme "theme": String,
                /// A color of booking pages.
                brand_color "brandColor": String,
                /// The same for dark themes.
                dark_brand_color "darkBrandColor": String,
                /// The URL of the banner on booking pages.
                banner_url "bannerUrl": String,
                /// The hours of the clock. V2 does not take them.
                time_format "timeFormat": i64,
                /// The organization that it belongs to. V2 has separate routes for organizations.
                parent_id "parentId": i64,
            }
            check no_further_checks;
        }
    };
}

team_body! {
    /// The body of `POST /teams`. `name` is required.
    ///
    /// ```
    /// use calcom::v1::types::{CreateTeam, Patch};
    ///
    /// let team = CreateTeam { slug: Patch::Set("sales".to_owned()), ..CreateTeam::new("Sales") };
    /// # let _ = team;
    /// ```
    #[derive(Default)]
    CreateTeam
    required {
        /// The name.
        name "name": String,
    }
    optional {
        /// The user who becomes the owner. In V2 it is the caller.
        owner_id "ownerId": i64,
    }
}

team_body! {
    /// The body of `PATCH /teams/{id}`. Missing fields stay unchanged.
    ///
    /// ```
    /// use calcom::v1::types::PatchTeam;
    ///
    /// let changes = PatchTeam { name: Some("Support".to_owned()), ..Default::default() };
    /// # let _ = changes;
    /// ```
    #[derive(Default)]
    PatchTeam
    required {}
    optional {
        /// The name.
        name "name": String,
    }
}

impl CreateTeam {
    /// Creates a request for a team with a name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

/// The response to `POST /teams`: the team, or a link to its payment.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CreatedTeam {
    /// The new team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<Team>,
    /// The team that is created when it is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_team: Option<Team>,
    /// The URL of the payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_link: Option<String>,
    /// What happened.
    pub message: String,
}

debug_shows!(CreatedTeam { team, pending_team });
