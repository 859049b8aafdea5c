//! Credits: how many are left, and charging them. Hosted service only.

use crate::{
    Client, Result,
    facade::{CheckBefore, fetch_documented},
    model::{AvailableCredits, ChargeCredits, CreditCharge},
    operation::Resend,
};

/// The credits of the caller, on the hosted service; from [`Client::credits`].
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::model::{ChargeCredits, CreditPurpose};
///
/// let credits = client.credits();
/// if credits.available().await?.has_credits {
///     credits.charge(&ChargeCredits::new(1, CreditPurpose::Agent).external_ref("conversation-17")).await?;
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Credits {
    client: Client,
}

impl Client {
    /// The credits of the caller, on the hosted service.
    ///
    /// Cargo feature: `credits`.
    #[must_use]
    pub fn credits(&self) -> Credits {
        Credits { client: self.clone() }
    }
}

impl Credits {
    /// Reads how many credits are left (`GET /v2/credits/available`).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`](crate::Error::Unsupported) on self-hosted servers.
    pub async fn available(&self) -> Result<AvailableCredits> {
        fetch_documented(self.client.raw().get_available_credits()).await
    }

    /// Charges credits (`POST /v2/credits/charge`).
    ///
    /// After a lost response the request is sent again only if it has an
    /// [`external_ref`](ChargeCredits::external_ref): the service charges once for each. Without one the call fails with
    /// [`may_have_been_applied`](crate::Error::may_have_been_applied).
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation), before anything is sent, for 0 credits or an empty reference;
    /// [`Error::Unsupported`](crate::Error::Unsupported) on self-hosted servers.
    pub async fn charge(&self, charge: &ChargeCredits) -> Result<CreditCharge> {
        let mut request = self.client.raw().charge_credits(&charge.to_wire().before("charge_credits")?);
        if charge.external_ref.is_some() {
            request = request.resent_as(Resend::Idempotent);
        }
        fetch_documented(request).await
    }
}
