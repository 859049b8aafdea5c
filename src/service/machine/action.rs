//! What the machine is told, and what it says: the words between it and whoever carries its steps out.

use std::time::Duration;

use tokio::time::Instant;

use super::BookingState;
use crate::{
    Error,
    model::{Booking, BookingUid},
    service::{Problem, Settings, cancel_reason::CancelReason, event_type::BookingKind, lookup::BookingRow},
};

/// How long an unknown outcome is given to show itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SettlingTimes {
    /// Before it is sent again, or told as not booked.
    pub(crate) settle: Duration,
    /// Before a plain booking, which cannot double, is sent again.
    pub(crate) plain_resend: Duration,
}

impl SettlingTimes {
    pub(crate) fn of(settings: &Settings) -> Self {
        Self { settle: settings.settling_time, plain_resend: settings.plain_resend_delay.min(settings.settling_time) }
    }
}

/// What an appointment is judged by, besides what is known of it.
#[derive(Debug, Clone)]
pub(crate) struct BookingTerms {
    pub(crate) kind: BookingKind,
    /// How many rows make it whole, where that is known.
    pub(crate) expected_rows: Option<usize>,
    pub(crate) times: SettlingTimes,
    /// Whether it may be sent at all; `reconcile` only looks.
    pub(crate) may_send: bool,
    /// What keeps it from being sent.
    pub(crate) blocking_problems: Vec<Problem>,
}

/// What follows from what is known.
#[derive(Debug, Clone)]
pub(crate) struct Transition {
    pub(crate) state: BookingState,
    pub(crate) action: Action,
}

/// What to do next.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "one at a time, on the stack")]
pub(crate) enum Action {
    /// Send the booking at this time.
    Send { at: Instant },
    /// LookupSnapshot at this time; a wide look where it may show whose the time is.
    Lookup { at: Instant, wide: bool },
    /// Read this booking: something says that it is the appointment.
    Read(BookingUid),
    /// Cancel these rows, and tell the attendee why, if a reading shows that those to be kept stand.
    Cancel { rows: Vec<BookingRow>, keep: Vec<BookingRow>, reason: CancelReason },
    /// Nothing: it is known.
    Finish(Resolution),
}

impl Action {
    /// The name in events.
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Self::Send { .. } => "send",
            Self::Lookup { .. } => "look",
            Self::Read(_) => "read",
            Self::Cancel { .. } => "cancel",
            Self::Finish(_) => "finish",
        }
    }
}

/// What is known in the end.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "one at a time, on the stack")]
pub(crate) enum Resolution {
    /// These rows are the appointment. `found` tells that a look showed them.
    Booked { rows: Vec<BookingRow>, found: bool },
    /// It was booked, and called off or moved since.
    Cancelled(BookingRow),
    /// The same person has the time under another key.
    OtherKey(Box<Booking>),
    /// The key was used for other content: this booking.
    OtherContent(Box<Booking>),
    /// The service refuses it.
    Refused(Error),
    /// A check refuses it.
    Blocked(Vec<Problem>),
    /// Nothing left this machine.
    NotSent(Error),
    /// Whatever was sent, nothing of it stands or is to come.
    NothingBooked,
    /// A part of the series was booked and withdrawn: somebody else has the time of a later occurrence.
    PartialSeries,
    /// This caller cannot find out.
    Unknown,
}

impl Resolution {
    /// Whether it says that nothing stands.
    #[cfg(test)]
    pub(crate) fn is_not_booked(&self) -> bool {
        !matches!(self, Self::Booked { .. } | Self::Unknown)
    }
}

/// What came of sending.
#[derive(Debug, Clone)]
#[allow(clippy::enum_variant_names, reason = "the opposite of sent has no shorter name")]
pub(crate) enum SendOutcome {
    /// Booked, and answered with these rows.
    Created(Vec<BookingRow>),
    /// Answered with a booking that bears another key, or none.
    OtherKey(Box<Booking>),
    /// Refused, by an answer to this very request.
    Refused(Error),
    /// Surely not sent, or surely not looked at.
    NotSent(Error),
    /// Unknown.
    Unknown(Option<Error>),
}
