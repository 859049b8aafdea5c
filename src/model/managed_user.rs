//! Users whom an OAuth client of the platform manages.

#[cfg(feature = "platform")]
mod create;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    ScheduleId, UserId,
    one_form::{null_as_default, one_form},
};

#[cfg(feature = "platform")]
pub use self::create::CreateManagedUser;

one_form! {
    /// A user whom an OAuth client of the platform manages.
    ///
    /// ```no_run
    /// # #[cfg(feature = "platform")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// use calcom::facade::ManagedUserFilter;
    ///
    /// for user in &client.platform("client-id").users().list(&ManagedUserFilter::default()).await? {
    ///     println!("{}: {:?}, {:?}", user.id, user.time_zone, user.extra("timeFormat"));
    /// }
    /// # Ok(()) }
    /// ```
    pub struct ManagedUser {
        /// The id of the user.
        pub id: UserId,
        /// The e-mail address. The service adds the id of the OAuth client to the one that was given:
        /// `jane+client-id@example.com`.
        pub email: String,
        /// The name that mails show.
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
        /// The address of the picture.
        #[serde(default)]
        pub avatar_url: Option<String>,
        /// The time at which the user was created.
        #[serde(default)]
        #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
        pub created_date: Option<Timestamp>,
        /// Values of the program's own.
        #[serde(default, deserialize_with = "null_as_default")]
        pub metadata: Map<String, Value>,
    }
    nested: [],
    areas: ["platform"],
    wire: crate::generated::types::ManagedUser,
    shows: { id, time_zone, week_start, locale, default_schedule_id, created_date },
}
