//! Every operation of the service as the document describes it: typed, positional, unconverted.
//!
//! The bindings are generated from `openapi/calcom-v2.json` when the crate is built. Every call goes through the same
//! pipeline as the facade's: version header, credential, retries, deadline. What the facade adds (documented shapes, ids
//! as types, filters that the service does not have) is not here.
//!
//! ```no_run
//! # async fn example() -> calcom::Result<()> {
//! let client = calcom::Client::from_env()?;
//! let me = client.raw().get_me().await?;
//! println!("{:?} in {:?}", me.data.id, me.data.time_zone);
//! # Ok(()) }
//! ```

use std::{fmt, ops::Deref, sync::Arc};

use bytes::Bytes;
use http::HeaderMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;

use crate::{
    Error, Result,
    error::read,
    pipeline::{Call, Exchange},
};

mod bindings {
    #![allow(
        clippy::all,
        clippy::pedantic,
        clippy::unwrap_used,
        clippy::expect_used,
        missing_docs,
        unreachable_pub,
        unused_qualifications,
        rustdoc::all
    )]
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
}

pub use bindings::{Client, types};
#[cfg(feature = "testing")]
#[doc(hidden)]
pub use bindings::{reencode, reencode_request};

/// Decodes and encodes again; an error names the place.
#[cfg(feature = "testing")]
fn through<T: DeserializeOwned + serde::Serialize>(json: &[u8]) -> Result<serde_json::Value, String> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let value: T = serde_path_to_error::deserialize(&mut reader).map_err(|error| error.to_string())?;
    serde_json::to_value(value).map_err(|error| error.to_string())
}

impl Client {
    pub(crate) fn with(baseurl: String, client: reqwest::Client, inner: Call) -> Self {
        Self { baseurl, client, inner }
    }
}

/// A value as one part of a path. progenitor's own leaves `\`, which a URL reads as `/`; what is empty, `.` or `..` cannot
/// be written so, and is refused by the pipeline.
pub(crate) fn encode_path(value: &str) -> String {
    const PLAIN: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(value, &PLAIN).to_string()
}

/// A success, decoded, with what came with it. Dereferences to the decoded value.
#[derive(Clone)]
pub struct Answer<T> {
    value: T,
    exchange: Arc<Exchange>,
}

impl<T> Answer<T> {
    /// The decoded value.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.exchange.status
    }

    /// The headers of the answer.
    pub fn headers(&self) -> &HeaderMap {
        &self.exchange.headers
    }

    /// The body, as it came.
    pub fn body(&self) -> &Bytes {
        &self.exchange.body
    }

    pub(crate) fn into_parts(self) -> (T, Arc<Exchange>) {
        (self.value, self.exchange)
    }
}

impl<T> Deref for Answer<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Answer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.exchange.status)
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}

/// As text where it is text: looking at the whole body once for what is not UTF-8 is cheaper, by a seventh of a list's
/// whole cost, than looking at every string in it.
fn decode<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    match std::str::from_utf8(body) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(body),
    }
}

impl<T: DeserializeOwned> Answer<T> {
    /// What a generated method makes of the pipeline's answer.
    pub(crate) fn of(exchange: Result<Exchange>) -> Result<Self> {
        let exchange = Arc::new(exchange?);
        // A 204 says nothing: right where everything in the answer may be missing, or nothing is in it.
        let decoded = match &*exchange.body {
            [] => decode(b"{}").or_else(|_| decode(b"null")),
            body => decode(body),
        };
        match decoded {
            Ok(value) => Ok(Self { value, exchange }),
            Err(_) => Err(read::undecodable::<T>(&exchange)),
        }
    }
}

impl From<reqwest::Error> for Error {
    /// A request that could not be built: the only thing that reaches a generated method as reqwest's error.
    fn from(error: reqwest::Error) -> Self {
        Error::configuration(format!("the request could not be built: {}", error.without_url()))
    }
}
