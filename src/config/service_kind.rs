//! The kind of service that a client calls.

use serde::{Deserialize, Serialize};

use crate::contract::Contract;

/// Kind of the service that a client calls.
///
/// ```
/// use calcom::{Config, Contract};
///
/// let config: Config = serde_json::from_str(r#"{"service": "self-hosted"}"#).unwrap();
/// assert_eq!(config.contract(), Contract::SelfHosted);
/// assert_eq!(Config::default().contract(), Contract::Hosted);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ServiceKind {
    /// The hosted service at `api.cal.com` and `api.cal.eu`, a self-hosted server at every other address.
    #[default]
    ByAddress,
    /// The hosted service, at any address.
    Hosted,
    /// A self-hosted server.
    SelfHosted,
}

impl From<Contract> for ServiceKind {
    fn from(contract: Contract) -> Self {
        match contract {
            Contract::Hosted => Self::Hosted,
            Contract::SelfHosted => Self::SelfHosted,
        }
    }
}
