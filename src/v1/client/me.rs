//! `/me`.

use super::{Client, data, one};
use crate::v1::{Converted, Result, loss::Losses, types::User};

impl Client {
    /// The user behind the key (V1's `GET /me`).
    ///
    /// # Errors
    ///
    /// [`Error`](crate::v1::Error) with V1's status, as for every call.
    pub async fn me(&self) -> Result<Converted<User>> {
        let answer = self.v2.raw().get_me().await?;
        let mut losses = Losses::default();
        let user = one(&data(&answer), &mut losses)?;
        Ok(Converted::new(user, losses))
    }
}
