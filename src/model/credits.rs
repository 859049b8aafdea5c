//! Credits, which text messages, phone calls and agents cost.

#[cfg(feature = "credits")]
mod input;

use super::{
    one_form::{null_as_default, one_form},
    open_enum::open_enum,
};

#[cfg(feature = "credits")]
pub use self::input::ChargeCredits;

one_form! {
    /// The credits that are left.
    ///
    /// ```
    /// use calcom::model::CreditBalance;
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let balance: CreditBalance = serde_json::from_str(r#"{"monthlyRemaining": 120, "additional": 30.5}"#)?;
    /// assert_eq!(balance.total(), 150.5);
    /// # Ok(()) }
    /// ```
    pub struct CreditBalance {
        /// Those of this month.
        #[serde(default, deserialize_with = "null_as_default")]
        pub monthly_remaining: f64,
        /// Those that were bought, which do not expire with the month.
        #[serde(default, deserialize_with = "null_as_default")]
        pub additional: f64,
    }
    nested: [],
    shows: { monthly_remaining, additional },
}

one_form! {
    /// Whether the caller has credits, and how many.
    ///
    /// ```no_run
    /// # #[cfg(feature = "credits")]
    /// # async fn example(client: calcom::Client) -> calcom::Result<()> {
    /// let available = client.credits().available().await?;
    /// println!("{}: {}", available.has_credits, available.balance.total());
    /// # Ok(()) }
    /// ```
    pub struct AvailableCredits {
        /// Whether there are credits left.
        pub has_credits: bool,
        /// The credits that are left.
        pub balance: CreditBalance,
    }
    nested: [balance as "balance"],
    shows: { has_credits, balance },
}

one_form! {
    /// The result of charging credits.
    ///
    /// ```
    /// use calcom::model::CreditCharge;
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let json = r#"{"charged": true, "remainingBalance": {"monthlyRemaining": 10, "additional": 0}}"#;
    /// let charge: CreditCharge = serde_json::from_str(json)?;
    /// assert!(charge.charged);
    /// # Ok(()) }
    /// ```
    pub struct CreditCharge {
        /// Whether the credits were charged.
        pub charged: bool,
        /// The credits that are left.
        #[serde(default)]
        pub remaining_balance: Option<CreditBalance>,
    }
    nested: [remaining_balance as "remainingBalance"],
    shows: { charged, remaining_balance },
}

impl CreditBalance {
    /// All credits that are left.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.monthly_remaining + self.additional
    }
}

open_enum! {
    /// The services that credits are charged for.
    ///
    /// ```
    /// use calcom::model::CreditPurpose;
    ///
    /// assert_eq!(CreditPurpose::from("SMS"), CreditPurpose::Sms);
    /// ```
    pub enum CreditPurpose {
        /// A text message.
        Sms = "SMS",
        /// A phone call of the agent.
        PhoneCall = "CAL_AI_PHONE_CALL",
        /// A use of the agent.
        Agent = "AI_AGENT",
    }
}
