//! The cause of an error, without anything that must not be shown.

use std::{error::Error as StdError, fmt, sync::Arc};

/// The cause of a broken connection or of a response that could not be decoded. Its text contains no URL and no value.
#[derive(Clone)]
pub struct Cause(Arc<dyn StdError + Send + Sync>);

#[cfg_attr(not(feature = "client"), allow(dead_code))]
impl Cause {
    pub(crate) fn new(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self(Arc::from(cause.into()))
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0.to_string())
    }
}

impl StdError for Cause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}
