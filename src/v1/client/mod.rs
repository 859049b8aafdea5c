//! The client of V1's calls, which sends V2's requests.

mod availability;
mod booking_id;
mod bookings;
mod event_types;
mod me;
mod memberships;
mod occurrence;
mod schedules;
mod series;
mod slots;
mod team_availability;
mod teams;
mod webhooks;

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

pub use booking_id::BookingIdOrUid;

use self::series::SeriesRegistry;
use super::{
    Converted, V1Error, V1Result,
    convert::{ConversionError, FromV2},
    ids::{UidResolver, UidSearch},
    key,
    loss::Losses,
    schema::{IssuePath, Issues, JsonObject, RequestSchema},
};
use crate::{Credentials, raw::Response};

/// A client with V1's calls, which are executed by V2.
///
/// Every call validates its request as V1 did, and returns a [`Converted`] value with its losses. The client is cheap to
/// clone. Clones share connections, recorded uids, and the state of series.
///
/// ```
/// # fn main() -> Result<(), calcom::v1::V1Error> {
/// use calcom::v1;
///
/// // The base URL of a V1 program. The key is taken from the URL and sent in a header.
/// let client = v1::V1Client::from_url("https://api.cal.com/v1?apiKey=cal_live_xxxxxxxxxxxxxx")?;
/// // A client that uses an existing V2 client.
/// let client = v1::V1Client::from(client.v2_client().clone()).strict(true);
/// # let _ = client;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct V1Client {
    v2: crate::Client,
    uid_resolver: Arc<dyn UidResolver>,
    series: Arc<SeriesRegistry>,
    strict: bool,
}

impl From<crate::Client> for V1Client {
    fn from(v2: crate::Client) -> Self {
        Self { v2, uid_resolver: Arc::new(UidSearch::default()), series: Arc::default(), strict: false }
    }
}

impl V1Client {
    /// Creates a client from V1's base URL with its `?apiKey=`.
    ///
    /// # Errors
    ///
    /// The text is not a URL, or it contains no key. [`from_parts`](Self::from_parts) takes the key separately.
    pub fn from_url(url: &str) -> V1Result<Self> {
        let (base, key) = key::parse_base_url(url)?;
        let key = key.ok_or_else(V1Error::missing_key)?;
        Ok(crate::Client::builder().api_url(base).credentials(key).build()?.into())
    }

    /// Creates a client from V1's base URL and a key.
    ///
    /// # Errors
    ///
    /// Where the one is no URL, or the other no key.
    pub fn from_parts(url: &str, key: &str) -> V1Result<Self> {
        let (base, _) = key::parse_base_url(url)?;
        Ok(crate::Client::builder().api_url(base).credentials(crate::ApiKey::new(key)).build()?.into())
    }

    /// Sets strict mode: a request that would lose anything is rejected before it is sent. Off by default.
    ///
    /// Strict mode does not apply to the losses of responses, because the request is executed by then. They are reported.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Sets how the uid of a booking number is found. The default is a [`UidSearch`].
    #[must_use]
    pub fn uid_resolver(mut self, resolver: impl UidResolver + 'static) -> Self {
        self.uid_resolver = Arc::new(resolver);
        self
    }

    /// Returns a client with other credentials, which shares the connections. Uids are recorded for each credential
    /// separately.
    ///
    /// # Errors
    ///
    /// As [`crate::Client::with_credentials`].
    pub fn with_credentials(&self, credentials: impl Into<Credentials>) -> V1Result<Self> {
        Ok(Self { v2: self.v2.with_credentials(credentials)?, ..self.clone() })
    }

    /// Returns the V2 client that sends the requests.
    #[must_use]
    pub fn v2_client(&self) -> &crate::Client {
        &self.v2
    }

    /// Validates a request as V1 did.
    fn validate<T: RequestSchema + Serialize>(&self, request: &T) -> V1Result<()> {
        let json = serde_json::to_value(request).unwrap_or_default();
        let mut issues = Issues::default();
        T::validate(&json, &IssuePath::default(), &mut issues);
        if issues.is_empty() { Ok(()) } else { Err(V1Error::invalid(&issues)) }
    }

    /// Returns the converted request. Strict mode rejects it if anything is lost.
    fn accept<T>(&self, converted: Result<Converted<T>, ConversionError>, losses: &mut Losses) -> V1Result<T> {
        let converted = converted.map_err(|error| V1Error::unsupported(error.to_string()))?;
        if self.strict && !converted.losses.is_empty() {
            return Err(V1Error::lossy(converted.losses));
        }
        Ok(converted.unpack(losses))
    }

    /// Rejects losses in strict mode.
    pub(super) fn reject_losses(&self, losses: &Losses) -> V1Result<()> {
        if self.strict && !losses.list().is_empty() { Err(V1Error::lossy(losses.list().to_vec())) } else { Ok(()) }
    }
}

/// Returns the `data` of a response.
fn response_data<T>(response: &Response<T>) -> Value {
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    match body {
        Value::Object(mut body) => body.remove("data").unwrap_or_default(),
        _ => Value::Null,
    }
}

/// Converts an item of a response to V1's form.
fn convert_one<T: FromV2>(value: &Value, losses: &mut Losses) -> V1Result<T> {
    let empty = JsonObject::new();
    let object = value.as_object().unwrap_or(&empty);
    let converted = T::from_v2(object).map_err(|error| crate::Error::empty(&error.to_string()))?;
    Ok(converted.unpack(losses))
}

/// Converts the items of a response to V1's form.
fn convert_list<T: FromV2>(value: &Value, losses: &mut Losses) -> V1Result<Vec<T>> {
    value.as_array().into_iter().flatten().map(|value| convert_one(value, losses)).collect()
}
