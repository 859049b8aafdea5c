//! The two services that implement the API, and between which operations differ.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The service whose operations, versions and forms a client uses.
///
/// ```
/// use calcom::{Config, Contract};
///
/// assert_eq!(Config::default().contract(), Contract::Hosted);
/// assert_eq!(Contract::SelfHosted.to_string(), "self-hosted");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Contract {
    /// The hosted service, at `api.cal.com` and `api.cal.eu`.
    Hosted,
    /// A self-hosted server.
    SelfHosted,
}

impl Contract {
    /// Returns `hosted` or `self-hosted`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hosted => "hosted",
            Self::SelfHosted => "self-hosted",
        }
    }
}

impl fmt::Display for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contract_has_the_same_name_in_text_and_json() {
        for (contract, word) in [(Contract::Hosted, "hosted"), (Contract::SelfHosted, "self-hosted")] {
            assert_eq!((contract.as_str(), contract.to_string().as_str()), (word, word));
            assert_eq!(serde_json::to_value(contract).unwrap(), word);
            assert_eq!(serde_json::from_value::<Contract>(word.into()).unwrap(), contract);
        }
    }
}
