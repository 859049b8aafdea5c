//! Errors of logins and token requests, by RFC 6749, with the reasons that the service gives.

use std::fmt;

use crate::{Error, state::StoreError};

/// Error of a login, or of a request for tokens.
///
/// The text shows no code, no token and no state.
///
/// ```no_run
/// use calcom::oauth::{OAuthApp, OAuthError, OAuthErrorCode, PendingLogin};
///
/// # async fn example(app: OAuthApp, login: PendingLogin, query: &str) {
/// match app.finish(&login, query, "user 17").await {
///     Ok(session) => println!("may use {}", session.scopes().map(|scopes| scopes.to_string()).unwrap_or_default()),
///     Err(OAuthError::Refused(refusal)) if refusal.code == OAuthErrorCode::AccessDenied => println!("not allowed"),
///     Err(OAuthError::Refused(refusal)) => println!("{refusal}: begin again"),
///     Err(error) => println!("{error}"),
/// }
/// # }
/// ```
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum OAuthError {
    /// The service, or the user, refused: in the redirect, or in the response to a token request.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// The state of the redirect is not that of the login: the redirect belongs to another login, or is forged. Nothing was
    /// sent.
    #[error("the redirect does not belong to this login")]
    StateMismatch,
    /// The redirect has neither a code nor an error, or a parameter twice. Nothing was sent.
    #[error("unreadable redirect: {0}")]
    Redirect(&'static str),
    /// The store of sessions failed. Tokens that were issued meanwhile are not used.
    #[error("the store of sessions failed: {0}")]
    Store(StoreError),
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers")]
    Random,
    /// The request failed in another way. If [`may_have_been_applied`](Error::may_have_been_applied), the code of the redirect
    /// may be used up: the user has to log in again.
    #[error(transparent)]
    Call(#[from] Error),
}

macro_rules! open_words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// Another one, as the response or the redirect has it. Any page can send a browser to a redirect: escape it before
            /// it is shown.
            Other(String),
        }

        impl $name {
            /// Returns the text that the service writes; an unknown one as it came.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(text) => text,
                }
            }
        }

        /// The name of the variant. An unknown text is shown as by `Display`.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$variant => f.write_str(stringify!($variant)),)+
                    Self::Other(_) => write!(f, "Other({self})"),
                }
            }
        }

        /// The text that the service writes; an unknown one only if it is made of lower-case letters and underscores.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    Self::Other(text) if !is_word(text) => "another reason",
                    known => known.as_str(),
                })
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)+
                    other => Self::Other(bounded(other)),
                }
            }
        }
    };
}

open_words! {
    /// Error code of RFC 6749. The set is open.
    ///
    /// ```
    /// use calcom::oauth::OAuthErrorCode;
    ///
    /// assert_eq!(OAuthErrorCode::from("invalid_grant"), OAuthErrorCode::InvalidGrant);
    /// ```
    OAuthErrorCode {
        /// A parameter is missing or wrong.
        InvalidRequest = "invalid_request",
        /// The client is unknown, or its secret is wrong.
        InvalidClient = "invalid_client",
        /// The code or the refresh token is used, expired, revoked, or of another client.
        InvalidGrant = "invalid_grant",
        /// The client may not do this: it is not approved, or was rejected.
        UnauthorizedClient = "unauthorized_client",
        /// The service does not support the grant type.
        UnsupportedGrantType = "unsupported_grant_type",
        /// The service does not support the response type.
        UnsupportedResponseType = "unsupported_response_type",
        /// A scope is unknown.
        InvalidScope = "invalid_scope",
        /// The user refused.
        AccessDenied = "access_denied",
        /// The service failed.
        ServerError = "server_error",
        /// The service is temporarily unavailable.
        TemporarilyUnavailable = "temporarily_unavailable",
    }
}

open_words! {
    /// Reason that the service gives with an error code, in `error_description`. The set is open.
    ///
    /// ```
    /// use calcom::oauth::OAuthReason;
    ///
    /// assert_eq!(OAuthReason::from("refresh_token_revoked"), OAuthReason::RefreshTokenRevoked);
    /// ```
    OAuthReason {
        /// The code was used, has expired, or is wrong.
        CodeInvalidOrExpired = "code_invalid_or_expired",
        /// The refresh token is wrong, or has expired.
        InvalidRefreshToken = "invalid_refresh_token",
        /// The refresh token was used, or another refresh of the same user and client replaced it.
        RefreshTokenRevoked = "refresh_token_revoked",
        /// The code or the token was issued to another client.
        ClientIdMismatch = "client_id_mismatch",
        /// The redirect URI is not the one of the login.
        RedirectUriMismatch = "redirect_uri_mismatch",
        /// The verifier is not that of the challenge.
        PkceVerificationFailed = "pkce_verification_failed",
        /// The login had a challenge, and the request has no verifier.
        PkceMissing = "pkce_missing_parameters_or_invalid_method",
        /// The secret is wrong or missing.
        InvalidClientCredentials = "invalid_client_credentials",
        /// There is no such client.
        ClientNotFound = "client_not_found",
        /// The client waits for its approval.
        ClientNotApproved = "client_not_approved",
        /// The client was rejected.
        ClientRejected = "client_rejected",
        /// A requested scope is unknown.
        UnknownScope = "Requested scope is not a recognized scope",
        /// A requested scope is none of the client's.
        ScopeNotRegistered = "Requested scope exceeds the client's registered scopes",
        /// A public client sent no challenge.
        ChallengeRequired = "code_challenge required for public clients",
    }
}

/// Refusal by the service, or by the user: an error code, and the reason if one was given.
///
/// The text shows codes and reasons that are made of lower-case letters and underscores, and no other: a redirect is
/// not authenticated.
///
/// ```
/// use calcom::oauth::{OAuthErrorCode, OAuthReason, Refusal};
///
/// let refusal = Refusal::new(OAuthErrorCode::InvalidGrant).reason(OAuthReason::RefreshTokenRevoked);
/// assert_eq!(refusal.to_string(), "invalid_grant (refresh_token_revoked)");
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The error code.
    pub code: OAuthErrorCode,
    /// The reason, if one was given.
    pub reason: Option<OAuthReason>,
    /// The HTTP status; `None` in a redirect.
    pub status: Option<u16>,
}

impl Refusal {
    /// Creates a refusal with this code.
    #[must_use]
    pub fn new(code: OAuthErrorCode) -> Self {
        Self { code, reason: None, status: None }
    }

    /// Sets the reason.
    #[must_use]
    pub fn reason(mut self, reason: OAuthReason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// The refusal in the response to a token request; `None` if the request failed in another way.
    pub(super) fn of(error: &Error) -> Option<Self> {
        let status = error.status().filter(|status| (400..500).contains(status) && *status != 429)?;
        let message = error.service_message();
        let (code, reason) = match error.details().written_code() {
            Some(code) if is_word(code) => (code, message),
            // Servers of an older version write the code as the message of their usual error.
            _ => (message.filter(|message| is_known_code(message))?, None),
        };
        let reason = reason.filter(|reason| *reason != code).map(OAuthReason::from);
        Some(Self { code: code.into(), reason, status: Some(status) })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Some(reason) => write!(f, "{} ({reason})", self.code),
            None => self.code.fmt(f),
        }
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refusal({self}, status {:?})", self.status)
    }
}

/// The longest code or reason that is kept, in bytes.
const MAX_WORD_BYTES: usize = 256;

fn bounded(text: &str) -> String {
    text.char_indices().take_while(|(at, _)| *at < MAX_WORD_BYTES).map(|(_, letter)| letter).collect()
}

/// Whether a text has the form of the codes of RFC 6749.
fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

fn is_known_code(text: &str) -> bool {
    !matches!(OAuthErrorCode::from(text), OAuthErrorCode::Other(_))
}
