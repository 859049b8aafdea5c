//! The caller's profile.

mod limits;

use crate::{
    Client, Result,
    facade::{CheckBefore, fetch},
    model::User,
};

pub use crate::model::UpdateUser;

/// The profile of the user that the credential belongs to; from [`Client::me`].
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::model::UpdateUser;
///
/// let user = client.me().get().await?;
/// if user.time_zone != "Europe/Berlin" {
///     client.me().update(&UpdateUser::new().time_zone("Europe/Berlin")).await?;
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Me {
    client: Client,
}

impl Me {
    /// Reads the caller's profile (`GET /v2/me`; [documented](crate::model#the-documented-interface) as `getMe`).
    ///
    /// # Errors
    ///
    /// [`Error::Authentication`](crate::Error::Authentication) without a valid credential.
    pub async fn get(&self) -> Result<User> {
        fetch(self.client.raw().get_me(), |answer| answer.data).await
    }

    /// Changes the caller's profile (`PATCH /v2/me`).
    ///
    /// The user has to confirm a changed e-mail address by mail; until then responses have the old one.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation), which names the refused fields; before anything is sent for an invalid
    /// time zone or URL.
    pub async fn update(&self, changes: &UpdateUser) -> Result<User> {
        fetch(self.client.raw().update_me(&changes.to_wire().before("update_me")?), |answer| answer.data).await
    }
}

impl Client {
    /// The profile of the user that the credential belongs to.
    ///
    /// Cargo feature: `me`.
    #[must_use]
    pub fn me(&self) -> Me {
        Me { client: self.clone() }
    }
}
