//! The crypto provider of rustls.

use rustls::crypto::CryptoProvider;

/// Installs a crypto provider for the process, if it has none: that of the feature `rustls`, or ring.
///
/// What is built without a provider of its own needs it: redis, and reqwest if only `rustls-ring` is enabled.
pub(crate) fn ensure_provider() {
    if CryptoProvider::get_default().is_some() {
        return;
    }
    #[cfg(feature = "rustls")]
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    #[cfg(not(feature = "rustls"))]
    let provider = rustls::crypto::ring::default_provider();
    // Fails if another thread has installed one meanwhile.
    let _ = provider.install_default();
}
