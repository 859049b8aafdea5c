//! The facade: a module per area over the generated bindings, in the documented shapes.
//!
//! What is shared here is the way from an answer to a documented type. The bindings read the form that the service
//! speaks today; only where that fails, the same bytes are read once more in the form that the reference documents.
//! What goes out, and what a method means, is the business of the areas.

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    Error, Result, error,
    model::{Extra, Key},
    raw::Request,
};

mod api_keys;
mod bookings;
mod event_types;
mod me;
mod schedules;
mod slots;
mod webhooks;

pub use api_keys::{ApiKeys, RefreshApiKey};
pub use bookings::{BookingFilter, BookingPages, Bookings, Page, Sort};
pub use event_types::{EventTypeFilter, EventTypes};
pub use me::{Me, UserUpdate};
pub use schedules::Schedules;
pub use slots::SlotFinder;
pub use webhooks::Webhooks;

/// A documented type, and how it comes out of what the service speaks today.
pub(crate) trait Documented: DeserializeOwned + Clone + Send + Sync + 'static {
    /// The generated type of the same thing.
    type Today;

    /// From today's form; `extra` is the place in the answer where it stood.
    fn from_today(today: Self::Today, extra: Extra) -> Self;

    /// Keeps the place in the answer where it stood.
    fn keep(&mut self, extra: Extra);

    /// From a list in today's form.
    fn from_today_list(today: Vec<Self::Today>, extra: &Extra) -> Vec<Self> {
        today.into_iter().enumerate().map(|(at, item)| Self::from_today(item, extra.index(at))).collect()
    }
}

impl<D: Documented> Documented for Vec<D> {
    type Today = Vec<D::Today>;

    fn from_today(today: Self::Today, extra: Extra) -> Self {
        D::from_today_list(today, &extra)
    }

    fn keep(&mut self, extra: Extra) {
        for (at, item) in self.iter_mut().enumerate() {
            item.keep(extra.index(at));
        }
    }
}

impl<D: Documented> Documented for Option<D> {
    type Today = Option<D::Today>;

    fn from_today(today: Self::Today, extra: Extra) -> Self {
        today.map(|today| D::from_today(today, extra))
    }

    fn keep(&mut self, extra: Extra) {
        if let Some(value) = self {
            value.keep(extra);
        }
    }
}

/// `{status, data}` in the documented form.
#[derive(Deserialize)]
struct Envelope<D> {
    data: D,
}

/// The documented type in an answer: from today's form (`data` takes it out of the generated type), or from the
/// documented one.
pub(crate) fn read<R: DeserializeOwned, D: Documented>(
    request: Request<R>,
    data: impl FnOnce(R) -> D::Today + Send,
) -> impl Future<Output = Result<D>> + Send {
    sent(request, |value, extra| Ok(D::from_today(data(value), extra.key(Key::Data))))
}

/// As [`read`], where the generated type is more than an envelope.
pub(crate) fn read_with<R: DeserializeOwned, D: Documented>(
    request: Request<R>,
    today: impl FnOnce(R, &Extra) -> D + Send,
) -> impl Future<Output = Result<D>> + Send {
    sent(request, |value, extra| Ok(today(value, &extra)))
}

/// As [`read`], where today's form holds texts that need not be what they stand for: a time, a date, a weekday.
pub(crate) fn try_read<R: DeserializeOwned, D: Documented>(
    request: Request<R>,
    data: impl FnOnce(R) -> Result<D::Today, Unreadable> + Send,
) -> impl Future<Output = Result<D>> + Send {
    sent(request, |value, extra| Ok(D::from_today(data(value)?, extra.key(Key::Data))))
}

/// Sends a request, and reads its answer unless that was done for somebody before.
async fn sent<R: DeserializeOwned, D: Documented>(
    request: Request<R>,
    today: impl FnOnce(R, Extra) -> Result<D, Unreadable>,
) -> Result<D> {
    let exchange = match request.exchange().await {
        Ok(exchange) => exchange,
        Err(error) => return documented(error),
    };
    if let Some(known) = exchange.known::<D>() {
        return Ok((*known).clone());
    }
    let found = exchange.decode::<R>().and_then(|value| {
        today(value, Extra::of(exchange.body.clone()))
            .map_err(|text| error::read::unreadable_at(&exchange, &text.path, format!("expected {}", text.expected)))
    });
    let found = found.or_else(documented)?;
    exchange.remember(|| Arc::new(found.clone()));
    Ok(found)
}

/// A text in an answer that is not what it stands for.
pub(crate) struct Unreadable {
    path: String,
    expected: &'static str,
}

impl Unreadable {
    /// `path` is the place in the answer, `expected` what should stand there.
    pub(crate) fn new(path: impl Into<String>, expected: &'static str) -> Self {
        Self { path: path.into(), expected }
    }
}

/// The documented type in an answer that the service gives in the documented form today.
pub(crate) async fn read_documented<R, D: Documented>(request: Request<R>) -> Result<D> {
    let exchange = request.exchange().await?;
    if let Some(known) = exchange.known::<D>() {
        return Ok((*known).clone());
    }
    let found: D =
        in_documented_form(&exchange.body).ok_or_else(|| error::read::undecodable::<Envelope<D>>(&exchange))?;
    exchange.remember(|| Arc::new(found.clone()));
    Ok(found)
}

/// The documented type in the body that could not be read in today's form; that error where it is not there either.
fn documented<D: Documented>(error: Error) -> Result<D> {
    error.failure().body().and_then(in_documented_form).ok_or(error)
}

fn in_documented_form<D: Documented>(body: &Bytes) -> Option<D> {
    let Envelope { mut data } = serde_json::from_slice::<Envelope<D>>(body).ok()?;
    data.keep(Extra::of(body.clone()).key(Key::Data));
    Some(data)
}
