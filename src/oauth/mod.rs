//! OAuth 2: act for users who consented, with tokens that are refreshed in time.
//!
//! [`OAuthApp`] is the OAuth client of a program. It begins a login ([`OAuthApp::begin`]), reads the redirect with which the
//! browser returns and exchanges the code ([`OAuthApp::finish`]), and makes a [`Client`](crate::Client) for each subject
//! ([`OAuthApp::client`]), whose session it keeps in a [`TokenStore`].
//!
//! # What is sent
//!
//! | | public client | confidential client |
//! |---|---|---|
//! | login | `code_challenge` with `S256` | no challenge |
//! | exchange | `code_verifier` | `client_secret` |
//! | refresh | the refresh token alone | `client_secret` |
//!
//! Credentials are in the body. Secret and verifier are never sent together: the service refuses that. The redirect URI is sent
//! as it was given. Requests for tokens take the same path as all others, without a credential of their own, and one call
//! never sends them again if their outcome is not known.
//!
//! # Sessions
//!
//! An access token of a user is valid for 30 minutes, a refresh token for 30 days and for one refresh. Every refresh ends all
//! other sessions of the same OAuth client and user: two programs with one client, or two stores, log each other out. So there
//! is one refresh at a time for each subject, in a process and among those that share the store.
//!
//! Before the refresh token is sent, the store says so; before a new access token is used, the store has it. If a process is
//! killed in between, the next one sends the old refresh token once more, which some servers still take. If the service refuses
//! it, requests fail with [`Error::is_consent_required`](crate::Error::is_consent_required) until the user has consented again.
//! An access token that is still valid is used until it expires. A pair that the store has lost since (a replica took over, a
//! backup was restored) is written again by a process that knows it. A session that cannot be read, because it is damaged,
//! needs a consent, unless this process has its tokens or the platform can request new ones; one that another version of this
//! crate wrote is left as it is.
//!
//! | store | for | sessions survive | refreshes at a time |
//! |---|---|---|---|
//! | [`MemoryTokenStore`] | tests, short programs | nothing | one in the process |
//! | [`FileTokenStore`] | the processes of one machine | restarts | one on the machine |
//! | `RedisTokenStore` (feature `redis`) | any number of machines | restarts; encrypted | one |
//!
//! # Managed users
//!
//! The tokens of a platform's managed users are sessions too: `client.platform(..)`, with the feature `platform`.

mod app;
mod client_info;
mod clock;
mod error;
mod login;
#[cfg(feature = "platform")]
mod managed;
mod pkce;
mod redirect;
mod registry;
mod session;
mod store;
mod token_answer;
mod token_requests;
mod tokens;
mod urls;

pub use app::{OAuthApp, OAuthAppBuilder};
pub use client_info::OAuthAppInfo;
pub use error::{OAuthError, OAuthErrorCode, OAuthReason, Refusal};
pub use login::{Login, PendingLogin};
#[cfg(feature = "platform")]
pub(crate) use managed::{IssuedTokens, ManagedSessions};
pub use session::OAuthSession;
#[cfg(feature = "redis")]
pub use store::RedisTokenStore;
pub use store::{EncryptionKey, FileTokenStore, MemoryTokenStore, SessionKey, SessionLock, TokenStore};
pub use urls::OAuthUrls;
