//! Encryption of what a store keeps: XChaCha20-Poly1305 with a key of the caller's.

use std::fmt;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use secrecy::{ExposeSecret, SecretBox, SecretString};

use super::SessionKey;
use crate::{Error, Result, state::StoreError};

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// Begins what is encrypted, so that another form is recognized.
const FORMAT: &str = "xc20p1:";

/// Key with which sessions are encrypted: 32 random bytes of the caller's.
///
/// Each text has a random nonce, and is bound to the name of its session: it cannot be read as the session of another subject.
/// `Debug` shows nothing of the key.
///
/// ```
/// use calcom::oauth::EncryptionKey;
///
/// // `openssl rand -base64 32`, kept outside of the store.
/// let key = EncryptionKey::from_base64("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")?;
/// # let _ = key;
/// # Ok::<(), calcom::Error>(())
/// ```
pub struct EncryptionKey(SecretBox<[u8; KEY_BYTES]>);

impl EncryptionKey {
    /// Takes the bytes of the key.
    #[must_use]
    pub fn new(key: [u8; KEY_BYTES]) -> Self {
        Self(SecretBox::new(Box::new(key)))
    }

    /// Reads the key from base64.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`] if the text is no base64 of 32 bytes. The error does not repeat it.
    pub fn from_base64(text: &str) -> Result<Self> {
        let decoded = STANDARD_NO_PAD.decode(text.trim().trim_end_matches('=')).ok();
        match decoded.and_then(|bytes| bytes.try_into().ok()) {
            Some(key) => Ok(Self::new(key)),
            None => Err(Error::configuration("the encryption key must be base64 of 32 bytes")),
        }
    }

    /// Encrypts a session.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the operating system gives no random numbers.
    pub fn encrypt(&self, name: &SessionKey, value: &SecretString) -> std::result::Result<String, StoreError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| failed("there are no random numbers"))?;
        let name = name.to_string();
        let payload = Payload { msg: value.expose_secret().as_bytes(), aad: name.as_bytes() };
        let encrypted = self.cipher().encrypt(&nonce.into(), payload).map_err(|_| failed("it cannot be encrypted"))?;
        Ok(format!("{FORMAT}{}", STANDARD.encode([&nonce[..], &encrypted].concat())))
    }

    /// Decrypts what [`encrypt`](Self::encrypt) returned for a session of this name.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the text was encrypted with another key or for another session, or was changed.
    pub fn decrypt(&self, name: &SessionKey, text: &str) -> std::result::Result<SecretString, StoreError> {
        let refused = || failed("it cannot be decrypted: another key, or it was changed");
        let bytes = text.strip_prefix(FORMAT).and_then(|text| STANDARD.decode(text).ok()).ok_or_else(refused)?;
        let (nonce, encrypted) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or_else(refused)?;
        let name = name.to_string();
        let payload = Payload { msg: encrypted, aad: name.as_bytes() };
        let value = self.cipher().decrypt(nonce.into(), payload).map_err(|_| refused())?;
        String::from_utf8(value).map(SecretString::from).map_err(|_| refused())
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.0.expose_secret().into())
    }
}

fn failed(why: &str) -> StoreError {
    StoreError(format!("the session: {why}"))
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptionKey").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::TokenSubject;

    fn name(subject: &str) -> SessionKey {
        SessionKey::new("https://api.cal.com", &TokenSubject::new("client", subject))
    }

    #[test]
    fn only_the_same_key_reads_a_session_and_only_under_its_name() {
        let (key, other) = (EncryptionKey::new([7; 32]), EncryptionKey::new([8; 32]));
        let value = SecretString::from("planted-token");
        let text = key.encrypt(&name("one"), &value).expect("it is encrypted");
        assert!(!text.contains("planted"), "{text}");
        assert_ne!(text, key.encrypt(&name("one"), &value).expect("it is encrypted"), "nonces differ");
        assert_eq!(key.decrypt(&name("one"), &text).expect("it is the key").expose_secret(), "planted-token");
        assert!(other.decrypt(&name("one"), &text).is_err());
        assert!(key.decrypt(&name("two"), &text).is_err());
        let mut changed = text.clone().into_bytes();
        let last = changed.len() - 3;
        changed[last] = if changed[last] == b'A' { b'B' } else { b'A' };
        assert!(key.decrypt(&name("one"), &String::from_utf8(changed).expect("it is text")).is_err());
        for text in ["", "planted-token", "xc20p1:", "xc20p1:AAAA"] {
            assert!(key.decrypt(&name("one"), text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_has_32_bytes_and_is_never_repeated() {
        let error = EncryptionKey::from_base64("cGxhbnRlZA==").expect_err("it is too short");
        assert!(!format!("{error:?}").contains("cGxhbnRlZA"), "{error:?}");
        let key = EncryptionKey::from_base64("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").expect("it is a key");
        assert_eq!(format!("{key:?}"), "EncryptionKey { .. }");
    }
}
