//! Who is calling.

use crate::{
    Client, Result,
    facade::read,
    model::User,
    raw::types::{self, UpdateMe},
};

/// The caller's own profile; from [`Client::me`].
#[derive(Debug, Clone)]
pub struct Me {
    client: Client,
}

/// What to change in the caller's profile; from the generated request, of which every field may be left out.
pub type UserUpdate = UpdateMe;

impl Me {
    /// Reads the caller's profile (`GET /v2/me`; [documented](crate::model#the-documented-interface) as `getMe`).
    ///
    /// # Errors
    ///
    /// [`Error::Authentication`](crate::Error::Authentication) without a valid credential.
    pub async fn get(&self) -> Result<User> {
        read(self.client.raw().get_me(), |answer: types::MeAnswer| answer.data).await
    }

    /// Changes the caller's profile (`PATCH /v2/me`).
    ///
    /// A changed e-mail address has to be confirmed by mail; until then the answer holds the old one.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation), naming the refused fields.
    pub async fn update(&self, changes: &UserUpdate) -> Result<User> {
        read(self.client.raw().update_me(changes), |answer: types::MeAnswer| answer.data).await
    }
}

impl Client {
    /// The caller's own profile.
    ///
    /// Cargo feature: `me`.
    #[must_use]
    pub fn me(&self) -> Me {
        Me { client: self.clone() }
    }
}
