//! Connected conferencing apps.

use super::{
    CredentialId, UserId,
    one_form::{null_as_default, one_form},
};

one_form! {
    /// A connected conferencing app.
    ///
    /// ```no_run
    /// # #[cfg(feature = "conferencing")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// for app in client.conferencing().list().await?.iter().filter(|app| app.invalid) {
    ///     println!("{:?} has to be connected again", app.kind);
    /// }
    /// # Ok(()) }
    /// ```
    pub struct ConferencingApp {
        /// The id of the connection.
        pub id: CredentialId,
        /// The kind of the app: `google_video`, `zoom_video`.
        #[serde(rename = "type", default)]
        pub kind: Option<String>,
        /// The user whose it is; `None` for one of a team.
        #[serde(default)]
        pub user_id: Option<UserId>,
        /// Whether the connection does not work any more: the app has to be connected again.
        #[serde(default, deserialize_with = "null_as_default")]
        pub invalid: bool,
    }
    nested: [],
    areas: ["conferencing", "organization-teams"], wire: crate::generated::types::ConferencingApp,
    shows: { id, kind, user_id, invalid },
}

one_form! {
    /// The conferencing app of event types without a location of their own.
    ///
    /// ```no_run
    /// # #[cfg(feature = "conferencing")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// if let Some(app) = client.conferencing().default().await? {
    ///     println!("{:?}", app.app_slug);
    /// }
    /// # Ok(()) }
    /// ```
    pub struct DefaultConferencingApp {
        /// The name of the app: `zoom`.
        #[serde(default)]
        pub app_slug: Option<String>,
        /// The address of the meetings, for apps with one address.
        #[serde(default)]
        pub app_link: Option<String>,
    }
    nested: [],
    areas: ["conferencing", "organization-teams"], wire: crate::generated::types::DefaultConferencingApp,
    shows: { app_slug },
}

one_form! {
    /// A conferencing app of a user of an organization.
    ///
    /// ```no_run
    /// # #[cfg(feature = "organizations")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// for app in client.organization(1).user(3).conferencing().list().await?.iter().filter(|app| app.is_default) {
    ///     println!("{:?}", app.app_slug);
    /// }
    /// # Ok(()) }
    /// ```
    pub struct UserConferencingApp {
        /// The id of the connection.
        #[serde(default)]
        pub id: Option<CredentialId>,
        /// The kind of the app: `google_video`, `zoom_video`.
        #[serde(rename = "type", default)]
        pub kind: Option<String>,
        /// The name of the app in paths: `zoom`.
        #[serde(default)]
        pub app_slug: Option<String>,
        /// Whether event types without a location of their own take it.
        #[serde(default, deserialize_with = "null_as_default")]
        pub is_default: bool,
        /// Whether the connection does not work any more: the app has to be connected again.
        #[serde(default, deserialize_with = "null_as_default")]
        pub invalid: bool,
    }
    nested: [],
    areas: ["organizations"], wire: crate::generated::types::UserConferencingApp,
    shows: { id, kind, app_slug, is_default, invalid },
}
