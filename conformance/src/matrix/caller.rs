//! Those who book: this crate's service, and two clients that know no better, for comparison.

use std::{fmt, time::Duration};

use calcom::{
    Client,
    model::{Booking, CreateBooking},
    service::{Appointment, BookedAppointment, IDEMPOTENCY_KEY_FIELD, Outcome, Service, Ticket},
};

/// Who books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Caller {
    /// [`Service`].
    Service,
    /// Sends once, and believes what it gets.
    Never,
    /// Sends up to three times again when there is no answer or a 5xx, and believes what it gets in the end.
    Thrice,
}

impl Caller {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Service, Self::Never, Self::Thrice];
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Service => "calcom::service",
            Self::Never => "never re-sends",
            Self::Thrice => "re-sends three times",
        })
    }
}

/// What a caller was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// The uids of what was booked: of seats the seats', else the bookings'.
    Booked(Vec<String>),
    Failed,
    Unknown(Option<Box<Ticket>>),
}

impl Told {
    pub(super) fn by(outcome: Outcome<BookedAppointment>) -> Self {
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

    fn answered(bookings: &[Booking]) -> Self {
        let uid = |booking: &Booking| booking.seat_uid().map_or(booking.uid.to_string(), |seat| seat.to_string());
        Self::Booked(bookings.iter().map(uid).collect())
    }
}

/// Books for `caller`; `client` is given so long for each request where it has no budget of its own.
pub(super) async fn book(
    caller: Caller,
    service: &Service,
    client: &Client,
    booking: CreateBooking,
    key: &str,
    budget: Duration,
) -> Told {
    if caller == Caller::Service {
        let appointment = Appointment::new(booking).key(key).budget(budget);
        return Told::by(service.book(appointment).await);
    }
    let mut booking = booking;
    booking.metadata.insert(IDEMPOTENCY_KEY_FIELD.to_owned(), key.into());
    let client = client.clone().deadline(PATIENCE);
    let resends = if caller == Caller::Thrice { 3 } else { 0 };
    for sent in 0..=resends {
        match client.bookings().create_series(&booking).await {
            Ok(bookings) => return Told::answered(&bookings),
            Err(error) if sent == resends || !is_worth_another(&error) => return Told::Failed,
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
    Told::Failed
}

/// How long the clients that know no better wait for an answer.
const PATIENCE: Duration = Duration::from_secs(4);
const PAUSE: Duration = Duration::from_millis(500);

fn is_worth_another(error: &calcom::Error) -> bool {
    error.status().is_none_or(|status| status >= 500 || (200..300).contains(&status))
}
