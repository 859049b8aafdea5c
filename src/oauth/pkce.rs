//! Random secrets of a login: the state, and the verifier of PKCE (RFC 7636) with its challenge.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::OAuthError;

/// How many random bytes a secret has. In base64url they are 43 characters, the least length of a verifier.
const SECRET_BYTES: usize = 32;

/// A new secret from the random numbers of the operating system.
pub(super) fn random_secret() -> Result<SecretString, OAuthError> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes).map_err(|_| OAuthError::Random)?;
    Ok(SecretString::from(URL_SAFE_NO_PAD.encode(bytes)))
}

/// The challenge of a verifier by the method `S256`.
pub(super) fn challenge(verifier: &SecretString) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose_secret().as_bytes()))
}

/// Whether two texts are the same, in a time that depends on their lengths alone.
pub(super) fn is_same_secret(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// The example of RFC 7636, appendix B.
    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        let verifier = SecretString::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn secrets_differ_and_have_the_characters_of_a_verifier() {
        let secrets: HashSet<String> =
            (0..500).map(|_| random_secret().expect("there are random numbers").expose_secret().to_owned()).collect();
        assert_eq!(secrets.len(), 500);
        for secret in secrets {
            assert_eq!(secret.len(), 43);
            assert!(secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{secret}");
        }
    }

    #[test]
    fn only_the_same_text_is_the_same_secret() {
        assert!(is_same_secret("state", "state"));
        for other in ["", "stat", "statE", "state "] {
            assert!(!is_same_secret("state", other), "{other}");
        }
    }
}
