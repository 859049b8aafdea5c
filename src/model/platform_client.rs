//! OAuth clients of the platform.

use jiff::Timestamp;

use super::{
    OrganizationId,
    one_form::{null_as_default, one_form},
};

one_form! {
    /// An OAuth client of the platform.
    ///
    /// ```no_run
    /// # #[cfg(feature = "platform")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// for known in &client.platform_clients().list().await? {
    ///     println!("{:?} ({}) returns to {:?}", known.name, known.id, known.redirect_uris);
    /// }
    /// # Ok(()) }
    /// ```
    pub struct PlatformOAuthClient {
        /// The id, for [`Client::platform`](crate::Client::platform).
        pub id: String,
        /// The name.
        #[serde(default)]
        pub name: Option<String>,
        /// What it may read and write for its users: `BOOKING_READ`.
        #[serde(default, deserialize_with = "null_as_default")]
        pub permissions: Vec<String>,
        /// The addresses that a redirect after consent may lead to.
        #[serde(default, deserialize_with = "null_as_default")]
        pub redirect_uris: Vec<String>,
        /// The address of the logo.
        #[serde(default)]
        pub logo: Option<String>,
        /// The organization that it belongs to.
        #[serde(default)]
        pub organization_id: Option<OrganizationId>,
        /// The time at which it was created.
        #[serde(default)]
        #[cfg_attr(feature = "schemars", schemars(with = "Option<String>"))]
        pub created_at: Option<Timestamp>,
        /// Whether the service sends mails about bookings of managed users.
        #[serde(default)]
        pub are_emails_enabled: Option<bool>,
        /// Whether a new managed user has four event types.
        #[serde(default)]
        pub are_default_event_types_enabled: Option<bool>,
        /// Whether bookings are written to the connected calendars of managed users.
        #[serde(default)]
        pub are_calendar_events_enabled: Option<bool>,
    }
    nested: [],
    areas: ["platform"],
    wire: crate::generated::types::PlatformOAuthClient,
    shows: { id, permissions, organization_id, created_at, are_emails_enabled },
}

#[cfg(feature = "platform")]
impl PlatformOAuthClient {
    /// Returns the credential of the client, which the service shows to the owner; `None` if the response has no secret.
    #[must_use]
    pub fn credentials(&self) -> Option<crate::PlatformCredentials> {
        let secret = self.extra("secret")?.as_str().filter(|secret| !secret.is_empty())?;
        Some(crate::PlatformCredentials::new(&*self.id, secret))
    }
}
