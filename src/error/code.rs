//! The documented error codes, open to those that are not documented.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// A stable name for a kind of failure, as documented.
        ///
        /// The service itself sends names of exception classes that change between routes; the code is therefore taken
        /// from the body only where it is one of these names, and from the HTTP status otherwise.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])* $name,)+
            /// A code that is none of the documented ones, as the service wrote it (empty where it wrote none).
            Other(String),
        }

        impl ErrorCode {
            /// The code as it is written in a body.
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
    /// 404: there is no such resource.
    NotFound = "NOT_FOUND",
    /// 400 or 422: the request's data is invalid. Also 413 and its like, where the request's form is refused.
    ValidationError = "VALIDATION_ERROR",
    /// 409: the slot is taken, or the state does not allow it.
    Conflict = "CONFLICT",
    /// 429: too many requests.
    RateLimited = "RATE_LIMITED",
    /// 500: the service failed.
    ServerError = "SERVER_ERROR",
    /// 502, 503, 504: the service is not there for now.
    ServiceUnavailable = "SERVICE_UNAVAILABLE",
}

impl ErrorCode {
    /// The documented code of an HTTP status; `written` is what the body called it.
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
            // The request's form: the service names none of them.
            405 | 406 | 411 | 413..=415 | 431 if written.is_none_or(str::is_empty) => Self::ValidationError,
            500..=599 => Self::ServerError,
            _ => Self::Other(written.unwrap_or_default().to_owned()),
        }
    }
}

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
