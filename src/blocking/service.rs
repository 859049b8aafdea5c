//! The booking service, and its batches as iterators.

use std::fmt;

use futures_core::Stream;

use super::{
    client::Client,
    driver::{Driver, FromRefusal},
};
use crate::{
    Error, Result,
    service::{
        Appointment, BatchProgress, BookedAppointment, BookingBatch, IdempotencyKey, NotDone, Outcome,
        Service as AsyncService, Settings,
    },
};

impl<T> FromRefusal for Outcome<T> {
    fn refused(error: Error) -> Self {
        Self::NotDone(NotDone::from_error(error))
    }
}

/// The booking service of one tenant, with methods that wait. See [`crate::service::Service`].
///
/// ```no_run
/// # fn main() -> calcom::Result<()> {
/// use calcom::{blocking::{Client, Service}, model::CreateBooking, service::{Appointment, Outcome}};
///
/// let service = Service::new(&Client::from_env()?);
/// let start = "2030-01-15T10:00:00Z".parse().expect("an instant");
/// let wanted = CreateBooking::new(2026361, start, "Erika Muster", "erika@example.com");
/// match service.book(Appointment::new(wanted).key("order-4711")) {
///     Outcome::Done(booked) => println!("booked: {}", booked.booking.uid),
///     Outcome::NotDone(why) => println!("not booked: {why}"),
///     Outcome::Unknown(unknown) => println!("not known yet: {:?}", unknown.ticket),
/// }
/// service.idle()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Service(pub(super) AsyncService, pub(super) Driver);

impl Service {
    /// A service for the tenant of `client`, with the default settings.
    #[must_use]
    pub fn new(client: &Client) -> Self {
        Self::with_settings(client, Settings::default())
    }

    /// A service with these settings.
    #[must_use]
    pub fn with_settings(client: &Client, settings: Settings) -> Self {
        Self(AsyncService::with_settings(client.0.clone(), settings), client.1.clone())
    }

    /// The asynchronous service.
    #[must_use]
    pub fn as_async(&self) -> &AsyncService {
        &self.0
    }

    /// Waits until no background work is left. Call it before the process ends; see
    /// [`Service::idle`](AsyncService::idle).
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`] on a current-thread runtime.
    pub fn idle(&self) -> Result<()> {
        self.1.wait(async {
            self.0.idle().await;
            Ok(())
        })
    }

    /// Books every appointment of a list, as [`Service::book_each`](AsyncService::book_each), with the defaults of a batch.
    ///
    /// ```no_run
    /// # fn example(service: calcom::blocking::Service, appointments: Vec<calcom::service::Appointment>) -> calcom::Result<()> {
    /// for booked in service.book_each(appointments) {
    ///     let (key, outcome) = booked?;
    ///     println!("{key}: {outcome:?}");
    /// }
    /// # Ok(()) }
    /// ```
    pub fn book_each<I: IntoIterator<Item = Appointment>>(
        &self,
        appointments: I,
    ) -> BatchItems<impl Stream<Item = Appointment> + use<I>> {
        self.run(self.0.book_each(appointments))
    }

    /// Runs a batch of the [asynchronous service](Self::as_async), which has settings of its own.
    ///
    /// ```no_run
    /// # fn example(service: calcom::blocking::Service, appointments: Vec<calcom::service::Appointment>) {
    /// let batch = service.as_async().book_each(appointments).concurrency(4);
    /// let mut items = service.run(batch);
    /// while let Some(booked) = items.next() {
    ///     println!("{}: {}", booked.is_ok(), items.progress());
    /// }
    /// # }
    /// ```
    pub fn run<S: Stream<Item = Appointment>>(&self, batch: BookingBatch<S>) -> BatchItems<S> {
        BatchItems { batch, driver: self.1.clone(), refused: false }
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The outcomes of a batch, in the order in which they end: an iterator that waits. From [`Service::book_each`].
///
/// ```
/// use calcom::{blocking::{Client, Service}, model::CreateBooking, service::{Appointment, Settings}};
/// use calcom_fake::FakeCalcom;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
/// // A runtime of another thread drives the fake.
/// let fake = runtime.block_on(FakeCalcom::recorded_seed());
/// let clock = fake.clock();
/// let client = Client::build(calcom::Client::builder().credentials(fake.api_key()).api_url(fake.url()))?;
/// let service = Service::with_settings(&client, Settings::default().now(move || clock.now()));
/// let wanted = CreateBooking::new(1, "2026-12-01T09:00:00Z".parse()?, "Erika Muster", "erika@example.com");
/// let mut items = service.book_each([Appointment::new(wanted).key("order-4711")]);
/// while let Some(item) = items.next() {
///     let (key, outcome) = item?;
///     assert_eq!((key.as_str(), outcome.is_done()), ("order-4711", true));
/// }
/// assert_eq!(items.progress().booked, 1);
/// service.idle()?;
/// # Ok(()) }
/// ```
#[must_use]
pub struct BatchItems<S> {
    batch: BookingBatch<S>,
    driver: Driver,
    refused: bool,
}

impl<S: Stream<Item = Appointment>> BatchItems<S> {
    /// The progress of the batch.
    pub fn progress(&self) -> BatchProgress {
        self.batch.progress()
    }
}

impl<S: Stream<Item = Appointment>> Iterator for BatchItems<S> {
    type Item = Result<(IdempotencyKey, Outcome<BookedAppointment>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.refused {
            return None;
        }
        let next = self.driver.wait(async { Ok(self.batch.next().await) });
        // The batch itself has no errors: the wait was refused.
        self.refused = next.is_err();
        next.transpose()
    }
}

impl<S> fmt::Debug for BatchItems<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchItems").field("refused", &self.refused).finish_non_exhaustive()
    }
}
