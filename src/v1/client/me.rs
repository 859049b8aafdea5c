//! `/me`.

use super::{V1Client, convert_one, response_data};
use crate::v1::{Converted, V1Result, loss::Losses, types::User};

impl V1Client {
    /// Reads the user of the key (V1's `GET /me`).
    ///
    /// # Errors
    ///
    /// [`V1Error`](crate::v1::V1Error) with V1's status, as for every call.
    pub async fn me(&self) -> V1Result<Converted<User>> {
        let response = self.v2.raw().get_me().await?;
        let mut losses = Losses::default();
        let user = convert_one(&response_data(&response), &mut losses)?;
        Ok(Converted::new(user, losses))
    }
}
