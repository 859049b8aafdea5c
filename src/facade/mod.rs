//! The facade: a module per area over the generated bindings, in the documented shapes.
//!
//! What is shared here is the way from an answer to a documented type. The bindings read the form that the service
//! speaks today; only where that fails, the same bytes are read once more in the form that the reference documents.
//! What goes out, and what a method means, is the business of the areas.

use serde::{Deserialize, de::DeserializeOwned};

use crate::{Result, model::Extra, raw::Answer};

mod bookings;
mod me;

pub use bookings::{BookingFilter, BookingPages, Bookings, Page, Sort};
pub use me::{Me, UserUpdate};

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
    let error = match answer {
        Ok(answer) => {
            let (value, exchange) = answer.into_parts();
            return Ok(today(value, &Extra::of(exchange.body.clone())));
        }
        Err(error) => error,
    };
    let Some(body) = error.failure().body() else { return Err(error) };
    match serde_json::from_slice::<Envelope<D>>(body) {
        Ok(Envelope { mut data }) => {
            data.keep(Extra::of(body.clone()).key("data"));
            Ok(data)
        }
        Err(_) => Err(error),
    }
}
