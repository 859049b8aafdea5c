//! The callers of the matrix: the booking service of this crate, and two simple clients for comparison.

use std::{fmt, time::Duration};

use calcom::{
    Client,
    model::{Booking, CreateBooking},
    service::{Appointment, BookedAppointment, IDEMPOTENCY_KEY_FIELD, Outcome, Service, Ticket},
};

/// A caller that books appointments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Caller {
    /// [`Service`].
    Service,
    /// Sends once, and reports the response as it is.
    NoRetry,
    /// Retries up to three times if there is no response or a 5xx, and reports the last response as it is.
    ThreeRetries,
}

impl Caller {
    /// All variants.
    pub const ALL: [Self; 3] = [Self::Service, Self::NoRetry, Self::ThreeRetries];
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Service => "calcom::service",
            Self::NoRetry => "never re-sends",
            Self::ThreeRetries => "re-sends three times",
        })
    }
}

/// The outcome that a caller reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ReportedOutcome {
    /// The uids of the booked seats, or else of the bookings.
    Booked(Vec<String>),
    Failed,
    Unknown(Option<Box<Ticket>>),
}

impl ReportedOutcome {
    pub(super) fn from_outcome(outcome: Outcome<BookedAppointment>) -> Self {
        match outcome {
            Outcome::Done(BookedAppointment { seat: Some(seat), .. }) => Self::Booked(vec![seat.to_string()]),
            Outcome::Done(booked) if booked.series.is_empty() => Self::Booked(vec![booked.booking.uid.to_string()]),
            Outcome::Done(booked) => {
                Self::Booked(booked.series.iter().map(|booking| booking.uid.to_string()).collect())
            }
            Outcome::NotDone(_) => Self::Failed,
            Outcome::Unknown(unknown) => Self::Unknown(unknown.ticket.map(Box::new)),
        }
    }

    fn from_bookings(bookings: &[Booking]) -> Self {
        let uid = |booking: &Booking| booking.seat_uid().map_or(booking.uid.to_string(), |seat| seat.to_string());
        Self::Booked(bookings.iter().map(uid).collect())
    }
}

/// Books an appointment as `caller`.
pub(super) async fn book(
    caller: Caller,
    service: &Service,
    client: &Client,
    booking: CreateBooking,
    key: &str,
    deadline: Duration,
) -> ReportedOutcome {
    if caller == Caller::Service {
        let appointment = Appointment::new(booking).key(key).deadline(deadline);
        return ReportedOutcome::from_outcome(service.book(appointment).await);
    }
    let mut booking = booking;
    booking.metadata.insert(IDEMPOTENCY_KEY_FIELD.to_owned(), key.into());
    let client = client.with_deadline(REQUEST_TIMEOUT);
    let resends = if caller == Caller::ThreeRetries { 3 } else { 0 };
    for sent in 0..=resends {
        match client.bookings().create_series(&booking).await {
            Ok(bookings) => return ReportedOutcome::from_bookings(&bookings),
            Err(error) if sent == resends || !should_retry(&error) => return ReportedOutcome::Failed,
            Err(_) => tokio::time::sleep(RETRY_PAUSE).await,
        }
    }
    ReportedOutcome::Failed
}

/// Time limit of a request of the simple clients.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(4);
const RETRY_PAUSE: Duration = Duration::from_millis(500);

fn should_retry(error: &calcom::Error) -> bool {
    error.status().is_none_or(|status| status >= 500 || (200..300).contains(&status))
}
