//! Users of organizations.

#[cfg(feature = "organizations")]
mod input;

use super::{ScheduleId, UserId, one_form::one_form};

#[cfg(feature = "organizations")]
pub use self::input::{CreateOrganizationUser, UpdateOrganizationUser};

one_form! {
    /// A user of an organization.
    ///
    /// ```no_run
    /// # #[cfg(feature = "organizations")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// use calcom::facade::OrganizationUserFilter;
    ///
    /// for user in &client.organization(1).users().list(&OrganizationUserFilter::default()).await? {
    ///     println!("{}: {:?}, {:?}", user.id, user.time_zone, user.extra("profile"));
    /// }
    /// # Ok(()) }
    /// ```
    pub struct OrganizationUser {
        /// The id of the user.
        pub id: UserId,
        /// The e-mail address.
        pub email: String,
        /// The name.
        #[serde(default)]
        pub name: Option<String>,
        /// The name in links to booking pages.
        #[serde(default)]
        pub username: Option<String>,
        /// The text of the public profile.
        #[serde(default)]
        pub bio: Option<String>,
        /// The time zone, an IANA name.
        #[serde(default)]
        pub time_zone: Option<String>,
        /// The first day of the week, an English name.
        #[serde(default)]
        pub week_start: Option<String>,
        /// The language, as its code.
        #[serde(default)]
        pub locale: Option<String>,
        /// The schedule of event types without one of their own.
        #[serde(default)]
        pub default_schedule_id: Option<ScheduleId>,
    }
    nested: [],
    areas: ["organizations"],
    wire: crate::generated::types::OrganizationUser,
    shows: { id, time_zone, week_start, locale, default_schedule_id },
}
