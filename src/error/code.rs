//! The documented error codes.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::compare::{eq_by_text, parse_any_text};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// A documented error code: a stable name for a kind of failure.
        ///
        /// The service itself sends names of exception classes, which differ between routes. The code is therefore taken from
        /// the body only if it is one of these names, and from the HTTP status otherwise.
        ///
        /// ```
        /// use calcom::ErrorCode;
        ///
        /// assert_eq!(ErrorCode::from("CONFLICT"), ErrorCode::Conflict);
        /// assert_eq!(ErrorCode::RateLimited.to_string(), "RATE_LIMITED");
        /// ```
        #[derive(Debug, Clone)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])* $name,)+
            /// A code that is not documented, as the service wrote it. Empty if it wrote none.
            Other(String),
        }

        impl ErrorCode {
            /// The code as a response body has it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$name => $text,)+
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for ErrorCode {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$name,)+
                    other => Self::Other(other.to_owned()),
                }
            }
        }
    };
}

codes! {
    /// 401: the API key is invalid or missing.
    Unauthorized = "UNAUTHORIZED",
    /// 403: no access to the resource.
    Forbidden = "FORBIDDEN",
    /// 404: the resource does not exist.
    NotFound = "NOT_FOUND",
    /// 400 or 422: the request's data is invalid. Also 405, 406, 411, 413 to 415 and 431, which reject the request's form.
    ValidationError = "VALIDATION_ERROR",
    /// 409: the slot is taken, or the state does not allow it.
    Conflict = "CONFLICT",
    /// 429: too many requests.
    RateLimited = "RATE_LIMITED",
    /// 500: the service failed.
    ServerError = "SERVER_ERROR",
    /// 502, 503, 504: the service is temporarily unavailable.
    ServiceUnavailable = "SERVICE_UNAVAILABLE",
}

impl ErrorCode {
    /// The documented code of an HTTP status; `written` is the code in the body.
    #[cfg(feature = "client")]
    pub(crate) fn of(status: u16, written: Option<&str>) -> Self {
        if let Some(code) = written.map(Self::from).filter(|code| !matches!(code, Self::Other(_))) {
            return code;
        }
        match status {
            401 | 498 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 | 410 => Self::NotFound,
            409 => Self::Conflict,
            429 => Self::RateLimited,
            400 | 422 => Self::ValidationError,
            502..=504 => Self::ServiceUnavailable,
            // The service sends no code with these.
            405 | 406 | 411 | 413..=415 | 431 if written.is_none_or(str::is_empty) => Self::ValidationError,
            500..=599 => Self::ServerError,
            _ => Self::Other(written.unwrap_or_default().to_owned()),
        }
    }
}

eq_by_text!(ErrorCode);
parse_any_text!(ErrorCode);

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ErrorCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::from(text.as_str()))
    }
}
