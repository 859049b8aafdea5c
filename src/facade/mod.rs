//! The facade: a module per area over the generated bindings, in the documented shapes.
//!
//! What is shared here is the way from an answer to a documented type. The bindings read the form that the service
//! speaks today; only where that fails, the same bytes are read once more in the form that the reference documents.
//! What goes out, and what a method means, is the business of the areas.

use bytes::Bytes;
use serde::{Deserialize, de::DeserializeOwned};

use crate::{Error, Result, error, model::Extra, raw::Answer};

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
pub(crate) trait Documented: DeserializeOwned {
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
pub(crate) fn read<R, D: Documented>(answer: Result<Answer<R>>, data: impl FnOnce(R) -> D::Today) -> Result<D> {
    read_with(answer, |value, extra| D::from_today(data(value), extra.key("data")))
}

/// As [`read`], where the generated type is more than an envelope.
pub(crate) fn read_with<R, D: Documented>(answer: Result<Answer<R>>, today: impl FnOnce(R, &Extra) -> D) -> Result<D> {
    match answer {
        Ok(answer) => {
            let (value, exchange) = answer.into_parts();
            Ok(today(value, &Extra::of(exchange.body.clone())))
        }
        Err(error) => documented(error),
    }
}

/// As [`read`], where today's form holds texts that need not be what they stand for: a time, a date, a weekday.
pub(crate) fn try_read<R, D: Documented>(
    answer: Result<Answer<R>>,
    data: impl FnOnce(R) -> Result<D::Today, Unreadable>,
) -> Result<D> {
    let (value, exchange) = match answer {
        Ok(answer) => answer.into_parts(),
        Err(error) => return documented(error),
    };
    match data(value) {
        Ok(today) => Ok(D::from_today(today, Extra::of(exchange.body.clone()).key("data"))),
        Err(text) => {
            documented(error::read::unreadable_at(&exchange, &text.path, format!("expected {}", text.expected)))
        }
    }
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
pub(crate) fn read_documented<R, D: Documented>(answer: Answer<R>) -> Result<D> {
    let (_, exchange) = answer.into_parts();
    in_documented_form(&exchange.body).ok_or_else(|| error::read::undecodable::<Envelope<D>>(&exchange))
}

/// The documented type in the body that could not be read in today's form; that error where it is not there either.
fn documented<D: Documented>(error: Error) -> Result<D> {
    error.failure().body().and_then(in_documented_form).ok_or(error)
}

fn in_documented_form<D: Documented>(body: &Bytes) -> Option<D> {
    let Envelope { mut data } = serde_json::from_slice::<Envelope<D>>(body).ok()?;
    data.keep(Extra::of(body.clone()).key("data"));
    Some(data)
}
