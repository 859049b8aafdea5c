//! Streams as iterators.

use std::{future::poll_fn, pin::Pin};

use futures_core::Stream;

use super::driver::Driver;
use crate::{
    Error, Result,
    facade::{BookingStream, ItemStream},
    raw::UnreadItem,
};

/// The items of a list, page after page: an iterator that waits for the next page. See [`BookingStream`] and [`ItemStream`].
///
/// ```no_run
/// # fn main() -> calcom::Result<()> {
/// # let client = calcom::blocking::Client::from_env()?;
/// use calcom::facade::BookingFilter;
///
/// let mut bookings = client.bookings().stream(&BookingFilter::default());
/// let first: Vec<_> = bookings.by_ref().take(10).collect::<calcom::Result<_>>()?;
/// println!("{} bookings, {} unread", first.len(), bookings.unread().len());
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use]
pub struct Items<S> {
    stream: S,
    driver: Driver,
    refused: bool,
}

impl<S> Items<S> {
    pub(super) fn new(stream: S, driver: &Driver) -> Self {
        Self { stream, driver: driver.clone(), refused: false }
    }

    /// The stream, which reports what could not be read.
    pub fn stream(&self) -> &S {
        &self.stream
    }
}

impl Items<BookingStream> {
    /// The bookings that could not be read so far: [`BookingStream::unread`].
    pub fn unread(&self) -> &[UnreadItem] {
        self.stream.unread()
    }
}

impl<T> Items<ItemStream<T>> {
    /// The items that could not be read so far: [`ItemStream::unread`].
    pub fn unread(&self) -> &[UnreadItem] {
        self.stream.unread()
    }
}

impl<S: Stream<Item = Result<T>> + Unpin, T> Iterator for Items<S> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.refused {
            return None;
        }
        let stream = &mut self.stream;
        let next = self.driver.wait(async { poll_fn(|cx| Pin::new(&mut *stream).poll_next(cx)).await.transpose() });
        // On a current-thread runtime nothing was asked, and nothing will be.
        self.refused = matches!(next, Err(Error::Configuration(_)));
        next.transpose()
    }
}
