//! Verified e-mail addresses and phone numbers.

use super::{TeamId, UserId, VerifiedResourceId, one_form::one_form};

one_form! {
    /// An e-mail address that a user or a team has verified. Workflows send mails to verified addresses alone.
    ///
    /// ```no_run
    /// # #[cfg(feature = "verified-resources")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// for address in &client.verified_resources().emails().await? {
    ///     println!("{}: {} characters", address.id, address.email.len());
    /// }
    /// # Ok(()) }
    /// ```
    pub struct VerifiedEmail {
        /// The id of the verified resource.
        pub id: VerifiedResourceId,
        /// The address.
        pub email: String,
        /// The user who verified it.
        #[serde(default)]
        pub user_id: Option<UserId>,
        /// The team that it belongs to; `None` for one of a user.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub team_id: Option<TeamId>,
    }
    nested: [],
    shows: { id, user_id, team_id },
}

one_form! {
    /// A phone number that a user or a team has verified. Workflows send text messages to verified numbers alone.
    ///
    /// ```no_run
    /// # #[cfg(feature = "verified-resources")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// for number in &client.verified_resources().phones().await? {
    ///     println!("{}: {} digits", number.id, number.phone_number.len());
    /// }
    /// # Ok(()) }
    /// ```
    pub struct VerifiedPhone {
        /// The id of the verified resource.
        pub id: VerifiedResourceId,
        /// The phone number, in international form.
        pub phone_number: String,
        /// The user who verified it.
        #[serde(default)]
        pub user_id: Option<UserId>,
        /// The team that it belongs to; `None` for one of a user.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub team_id: Option<TeamId>,
    }
    nested: [],
    shows: { id, user_id, team_id },
}
