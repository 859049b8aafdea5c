//! Who is calling.

use crate::{Client, Result, facade::read, model::User, raw::types};

pub use crate::model::UserUpdate;

/// The caller's own profile; from [`Client::me`].
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
        read(self.client.raw().get_me(), |answer: types::MeAnswer| answer.data).await
    }

    /// Changes the caller's profile (`PATCH /v2/me`).
    ///
    /// A changed e-mail address has to be confirmed by mail; until then the answer holds the old one.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation), naming the refused fields: before anything is sent for a time zone or a
    /// URL that is none.
    pub async fn update(&self, changes: &UserUpdate) -> Result<User> {
        read(self.client.raw().update_me(&changes.to_wire()?), |answer: types::MeAnswer| answer.data).await
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
