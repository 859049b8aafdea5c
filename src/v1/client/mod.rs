//! V1's calls, made in V2.

mod availability;
mod bookings;
mod event_types;
mod me;
mod occurrence;
mod schedules;
mod series;
mod slots;
mod webhooks;

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

pub use bookings::BookingRef;

use self::series::AllSeries;
use super::{
    Converted, Error, Result,
    convert::{FromV2, NoForm},
    ids::{BookingIds, Search},
    key,
    loss::Losses,
    shape::{Issues, Object, Path, Request},
};
use crate::{Credentials, raw::Answer};

/// V1's calls over V2.
///
/// Cheap to clone; clones share connections, what is known of booking numbers, and series that are being booked.
///
/// ```
/// # fn main() -> Result<(), calcom::v1::Error> {
/// use calcom::v1;
///
/// // As a V1 program was set up: the key is taken out of the URL, and travels in a header.
/// let client = v1::Client::from_url("https://api.cal.com/v1?apiKey=cal_live_xxxxxxxxxxxxxx")?;
/// // Or over a client of V2.
/// let client = v1::Client::from(client.v2().clone()).strict(true);
/// # let _ = client;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Client {
    v2: crate::Client,
    ids: Arc<dyn BookingIds>,
    series: Arc<AllSeries>,
    strict: bool,
}

impl From<crate::Client> for Client {
    fn from(v2: crate::Client) -> Self {
        Self { v2, ids: Arc::new(Search::default()), series: Arc::default(), strict: false }
    }
}

impl Client {
    /// From V1's base URL with its `?apiKey=`.
    ///
    /// # Errors
    ///
    /// Where it is no URL, or holds no key ([`from_parts`](Self::from_parts) takes it apart from the URL).
    pub fn from_url(url: &str) -> Result<Self> {
        let (base, key) = key::base_url(url)?;
        let key = key.ok_or_else(Error::no_key)?;
        Ok(crate::Client::builder().api_url(base).credentials(key).build()?.into())
    }

    /// From V1's base URL and a key.
    ///
    /// # Errors
    ///
    /// Where the one is no URL, or the other no key.
    pub fn from_parts(url: &str, key: &str) -> Result<Self> {
        let (base, _) = key::base_url(url)?;
        Ok(crate::Client::builder().api_url(base).credentials(crate::ApiKey::new(key)).build()?.into())
    }

    /// Whether a request that would lose anything on its way to V2 is refused before it is sent.
    ///
    /// The losses of answers are reported and never refused: what was asked for has happened by then.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// How booking numbers become uids; by default a [`Search`].
    #[must_use]
    pub fn ids(mut self, ids: impl BookingIds + 'static) -> Self {
        self.ids = Arc::new(ids);
        self
    }

    /// The same for another caller: what is known of booking numbers is kept apart by caller.
    ///
    /// # Errors
    ///
    /// As [`crate::Client::with_credentials`].
    pub fn with_credentials(&self, credentials: impl Into<Credentials>) -> Result<Self> {
        Ok(Self { v2: self.v2.with_credentials(credentials)?, ..self.clone() })
    }

    /// The client of V2 underneath.
    #[must_use]
    pub fn v2(&self) -> &crate::Client {
        &self.v2
    }

    /// Checks a request as V1 did.
    fn check<T: Request + Serialize>(&self, request: &T) -> Result<()> {
        let json = serde_json::to_value(request).unwrap_or_default();
        let mut issues = Issues::default();
        T::check_all(&json, &Path::default(), &mut issues);
        if issues.is_empty() { Ok(()) } else { Err(Error::invalid(&issues)) }
    }

    /// What a request becomes; in strict mode only if nothing is lost.
    fn allowed<T>(&self, converted: Result<Converted<T>, NoForm>, losses: &mut Losses) -> Result<T> {
        let converted = converted.map_err(|error| Error::unsupported(error.to_string()))?;
        if self.strict && !converted.losses.is_empty() {
            return Err(Error::lossy(converted.losses));
        }
        Ok(converted.into(losses))
    }

    /// Refuses losses in strict mode.
    pub(super) fn allowed_losses(&self, losses: &Losses) -> Result<()> {
        if self.strict && !losses.list().is_empty() { Err(Error::lossy(losses.list().to_vec())) } else { Ok(()) }
    }
}

/// What an answer holds under `data`.
fn data<T>(answer: &Answer<T>) -> Value {
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    match body {
        Value::Object(mut body) => body.remove("data").unwrap_or_default(),
        _ => Value::Null,
    }
}

/// One thing of an answer, in V1's form.
fn one<T: FromV2>(value: &Value, losses: &mut Losses) -> Result<T> {
    let nothing = Object::new();
    let object = value.as_object().unwrap_or(&nothing);
    let converted = T::from_v2(object).map_err(|error| crate::Error::empty(&error.to_string()))?;
    Ok(converted.into(losses))
}

/// Several things of an answer, in V1's form.
fn several<T: FromV2>(value: &Value, losses: &mut Losses) -> Result<Vec<T>> {
    value.as_array().into_iter().flatten().map(|value| one(value, losses)).collect()
}
