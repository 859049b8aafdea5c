//! The two services that speak the API: what an operation needs differs between them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whose operations, versions and forms a client uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Contract {
    /// The hosted service, at `api.cal.com` and `api.cal.eu`.
    Hosted,
    /// A server of one's own.
    SelfHosted,
}

impl Contract {
    /// `hosted` or `self-hosted`.
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
    fn a_contract_has_one_word_wherever_it_is_written() {
        for (contract, word) in [(Contract::Hosted, "hosted"), (Contract::SelfHosted, "self-hosted")] {
            assert_eq!((contract.as_str(), contract.to_string().as_str()), (word, word));
            assert_eq!(serde_json::to_value(contract).unwrap(), word);
            assert_eq!(serde_json::from_value::<Contract>(word.into()).unwrap(), contract);
        }
    }
}
