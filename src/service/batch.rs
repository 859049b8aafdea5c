//! Batches of appointments: some at the same time, each exactly once, which can be continued after a crash.

use std::{
    collections::HashMap,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_core::Stream;
use tokio::{
    task::{Id, JoinSet},
    time::Instant,
};

use super::{Appointment, BookedAppointment, IdempotencyKey, Outcome, Service, Ticket, Unknown};

/// Appointments at the same time, if the caller sets no number.
const DEFAULT_CONCURRENCY: usize = 8;
/// Time for each appointment, if the caller sets none. No person waits, and the service's rate limit can make a call
/// wait for a minute.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(120);

impl Service {
    /// Books every appointment of a stream, some at the same time, and returns each outcome when it is known.
    ///
    /// The client keeps to the rate limit; a higher concurrency only waits. After a crash the same appointments can be
    /// submitted again if they have keys of the caller's own: with [`after_crash`](BookingBatch::after_crash), what was
    /// booked is found and the rest is booked. Dropping the batch ends the work; requests in flight may still be
    /// executed.
    ///
    /// ```no_run
    /// use calcom::service::{Appointment, Service};
    ///
    /// # async fn example(service: Service, appointments: Vec<Appointment>) {
    /// let mut batch = service.book_each(appointments).concurrency(4).on_progress(|progress| eprintln!("{progress}"));
    /// while let Some((key, outcome)) = batch.next().await {
    ///     println!("{key}: {outcome:?}");
    /// }
    /// # }
    /// ```
    pub fn book_all<S: Stream<Item = Appointment>>(&self, appointments: S) -> BookingBatch<S> {
        BookingBatch {
            service: self.clone(),
            source: Some(Box::pin(appointments)),
            concurrency: DEFAULT_CONCURRENCY,
            deadline: DEFAULT_DEADLINE,
            after_crash_at: None,
            progress_callback: None,
            progress: BatchProgress::default(),
            tasks: JoinSet::new(),
            tickets: HashMap::new(),
        }
    }

    /// Books every appointment of a list or another iterator; else as [`book_all`](Self::book_all).
    pub fn book_each<I: IntoIterator<Item = Appointment>>(
        &self,
        appointments: I,
    ) -> BookingBatch<impl Stream<Item = Appointment> + use<I>> {
        self.book_all(IterStream(appointments.into_iter()))
    }
}

/// The progress of a batch.
///
/// ```
/// use calcom::service::BatchProgress;
///
/// let progress = BatchProgress::default();
/// assert_eq!(progress.finished(), 0);
/// assert_eq!(progress.to_string(), "0 of 0 finished: 0 booked, 0 not booked, 0 unknown");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BatchProgress {
    /// Appointments that were started.
    pub started: u64,
    /// Appointments that are booked.
    pub booked: u64,
    /// Those of them that were booked before, by a process that crashed or by an earlier call.
    pub found: u64,
    /// Appointments that are certainly not booked.
    pub not_booked: u64,
    /// Appointments whose outcome is unknown.
    pub unknown: u64,
}

impl BatchProgress {
    /// The number of appointments that have an outcome.
    #[must_use]
    pub fn finished(&self) -> u64 {
        self.booked + self.not_booked + self.unknown
    }

    fn count(&mut self, outcome: &Outcome<BookedAppointment>) {
        match outcome {
            Outcome::Done(booked) => {
                self.booked += 1;
                self.found += u64::from(booked.found);
            }
            Outcome::NotDone(_) => self.not_booked += 1,
            Outcome::Unknown(_) => self.unknown += 1,
        }
    }
}

impl fmt::Display for BatchProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { started, booked, not_booked, unknown, .. } = self;
        write!(
            f,
            "{} of {started} finished: {booked} booked, {not_booked} not booked, {unknown} unknown",
            self.finished()
        )
    }
}

type ProgressCallback = Arc<dyn Fn(&BatchProgress) + Send + Sync>;

/// A batch of appointments that are being booked: a stream of outcomes. [`Service::book_all`] and
/// [`Service::book_each`] make it.
///
/// ```no_run
/// # async fn example(service: calcom::service::Service, appointments: Vec<calcom::service::Appointment>) {
/// let mut batch = service.book_each(appointments);
/// while let Some((key, outcome)) = batch.next().await {
///     println!("{key:?}: {outcome:?}");
/// }
/// # }
/// ```
#[must_use = "a batch does nothing until it is polled"]
pub struct BookingBatch<S> {
    service: Service,
    source: Option<Pin<Box<S>>>,
    concurrency: usize,
    deadline: Duration,
    after_crash_at: Option<Instant>,
    progress_callback: Option<ProgressCallback>,
    progress: BatchProgress,
    tasks: JoinSet<(IdempotencyKey, Outcome<BookedAppointment>)>,
    /// The ticket of each task, for tasks that the runtime aborts.
    tickets: HashMap<Id, Ticket>,
}

impl<S: Stream<Item = Appointment>> BookingBatch<S> {
    /// Sets the number of appointments that are booked at the same time; default 8, at least 1.
    pub fn concurrency(mut self, number: usize) -> Self {
        self.concurrency = number.max(1);
        self
    }

    /// Sets the deadline of each appointment that has none of its own; default 2 minutes.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// States that a process that may have sent any of them has crashed: as [`Appointment::after_crash`], for all.
    ///
    /// Only those that start within the first seconds wait for the settling time.
    pub fn after_crash(mut self) -> Self {
        self.after_crash_at = Some(Instant::now());
        self
    }

    /// Sets a callback that runs after each outcome.
    pub fn on_progress(mut self, callback: impl Fn(&BatchProgress) + Send + Sync + 'static) -> Self {
        self.progress_callback = Some(Arc::new(callback));
        self
    }

    /// The progress so far.
    #[must_use]
    pub fn progress(&self) -> BatchProgress {
        self.progress
    }

    /// Returns the next outcome, in the order in which they become known; `None` after the last.
    pub async fn next(&mut self) -> Option<(IdempotencyKey, Outcome<BookedAppointment>)> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Books all of them, and returns only the counts.
    pub async fn run(mut self) -> BatchProgress {
        while self.next().await.is_some() {}
        self.progress
    }

    fn start(&mut self, appointment: Appointment) {
        let mut appointment = appointment;
        appointment.deadline.get_or_insert(self.deadline);
        if let Some(since) = self.after_crash_at {
            appointment = appointment.after_crash_at(since);
        }
        self.progress.started += 1;
        let service = self.service.clone();
        let ticket = appointment.ticket();
        let task = self.tasks.spawn(async move {
            let key = appointment.key.clone();
            (key, service.book(appointment).await)
        });
        self.tickets.insert(task.id(), ticket);
    }
}

impl<S: Stream<Item = Appointment>> Stream for BookingBatch<S> {
    type Item = (IdempotencyKey, Outcome<BookedAppointment>);

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        while this.tasks.len() < this.concurrency
            && let Some(source) = &mut this.source
        {
            match source.as_mut().poll_next(context) {
                Poll::Ready(Some(appointment)) => this.start(appointment),
                Poll::Ready(None) => this.source = None,
                Poll::Pending => break,
            }
        }
        if this.tasks.is_empty() {
            return if this.source.is_none() { Poll::Ready(None) } else { Poll::Pending };
        }
        let Some(joined) = ready!(this.tasks.poll_join_next_with_id(context)) else { return Poll::Ready(None) };
        let (task, result) = match joined {
            Ok((task, result)) => (task, Some(result)),
            Err(error) => (error.id(), None),
        };
        let ticket = this.tickets.remove(&task);
        // A task that the runtime aborted has no result: the outcome of its appointment is unknown.
        let result = result
            .or_else(|| ticket.map(|ticket| (ticket.key.clone(), Outcome::Unknown(Unknown::with_ticket(ticket)))));
        let Some((key, outcome)) = result else { return Poll::Pending };
        this.progress.count(&outcome);
        if let Some(callback) = &this.progress_callback {
            callback(&this.progress);
        }
        Poll::Ready(Some((key, outcome)))
    }
}

impl<S> fmt::Debug for BookingBatch<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BookingBatch")
            .field("concurrency", &self.concurrency)
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}

/// The items of an iterator, as a stream.
struct IterStream<I>(I);

impl<I> Unpin for IterStream<I> {}

impl<I: Iterator<Item = Appointment>> Stream for IterStream<I> {
    type Item = Appointment;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Appointment>> {
        Poll::Ready(self.get_mut().0.next())
    }
}
