//! The request to charge credits.

use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use super::CreditPurpose;
use crate::{
    Error, Result,
    error::{FieldError, refused},
    generated::types,
    redact::debug_shows,
};

/// The request to charge credits.
///
/// With a [reference](Self::external_ref) the service charges once, however often the request arrives: only then is it sent again
/// after a lost response.
///
/// ```
/// use calcom::model::{ChargeCredits, CreditPurpose};
///
/// let charge = ChargeCredits::new(5, CreditPurpose::PhoneCall).external_ref("call-2027-03-01-17");
/// // client.credits().charge(&charge).await?;
/// # assert_eq!(charge.credits, 5);
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct ChargeCredits {
    /// How many, at least 1.
    pub credits: u32,
    /// What they are charged for.
    pub credit_for: CreditPurpose,
    /// A key of the caller for what is charged, such as the number of a call: the service charges once for each key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_ref: Option<String>,
}

debug_shows!(ChargeCredits { credits, credit_for });

impl ChargeCredits {
    /// So many credits for this purpose, without a reference.
    pub fn new(credits: u32, credit_for: impl Into<CreditPurpose>) -> Self {
        Self { credits, credit_for: credit_for.into(), external_ref: None }
    }

    /// Sets the key of the caller for what is charged.
    #[must_use]
    pub fn external_ref(mut self, reference: impl Into<String>) -> Self {
        self.external_ref = Some(reference.into());
        self
    }

    /// The body of `POST /v2/credits/charge`.
    pub(crate) fn to_wire(&self) -> Result<types::ChargeCredits> {
        let mut problems = Vec::new();
        let Some(credits) = NonZeroU64::new(self.credits.into()) else {
            return Err(Error::invalid("credits", "must be at least 1"));
        };
        if self.external_ref.as_ref().is_some_and(|reference| reference.trim().is_empty()) {
            problems.push(FieldError::new("externalRef", "must not be empty"));
        }
        let purpose: types::ChargeCreditsCreditFor = self.credit_for.as_str().into();
        let mut body = types::ChargeCredits::new(credits, purpose);
        body.external_ref.clone_from(&self.external_ref);
        if problems.is_empty() { Ok(body) } else { Err(refused(problems)) }
    }
}
