//! The input and output of the machine: parameters, send outcomes, actions and resolutions.

use std::time::Duration;

use tokio::time::Instant;

use super::BookingState;
use crate::{
    Error,
    model::{Booking, BookingUid},
    service::{Problem, Settings, cancel_reason::CancelReason, event_type::BookingKind, lookup::BookingRow},
};

/// The times for which an unknown outcome is looked up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SettlingTimes {
    /// Before it is sent again, or reported as not booked.
    pub(crate) settle: Duration,
    /// Before a plain booking, which cannot duplicate, is sent again.
    pub(crate) plain_resend: Duration,
}

impl SettlingTimes {
    pub(crate) fn of(settings: &Settings) -> Self {
        Self { settle: settings.settling_time, plain_resend: settings.plain_resend_delay.min(settings.settling_time) }
    }
}

/// The parameters of a decision, besides the evidence.
#[derive(Debug, Clone)]
pub(crate) struct BookingTerms {
    pub(crate) kind: BookingKind,
    /// The number of rows of a complete booking, if it is known.
    pub(crate) expected_rows: Option<usize>,
    pub(crate) times: SettlingTimes,
    /// Whether it may be sent; `reconcile` only looks up.
    pub(crate) may_send: bool,
    /// The problems that prevent it from being sent.
    pub(crate) blocking_problems: Vec<Problem>,
}

/// A decision: the state, and the action that follows from it.
#[derive(Debug, Clone)]
pub(crate) struct Transition {
    pub(crate) state: BookingState,
    pub(crate) action: Action,
}

/// The next action.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "one at a time, on the stack")]
pub(crate) enum Action {
    /// Send the booking at this time.
    Send { at: Instant },
    /// Look up at this time; `wide` if another attendee's booking of the time matters.
    Lookup { at: Instant, wide: bool },
    /// Read this booking, which may be the appointment.
    Read(BookingUid),
    /// Cancel these rows, with the reason for the attendee, if a read shows that the kept rows are active.
    Cancel { rows: Vec<BookingRow>, keep: Vec<BookingRow>, reason: CancelReason },
    /// End: the outcome is known.
    Finish(Resolution),
}

impl Action {
    /// The name in events.
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Self::Send { .. } => "send",
            Self::Lookup { .. } => "lookup",
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
    /// These rows are the appointment. `found` says that a lookup showed them.
    Booked { rows: Vec<BookingRow>, found: bool },
    /// It was booked, and cancelled or rescheduled since.
    Cancelled(BookingRow),
    /// The same attendee has the time under another key.
    OtherKey(Box<Booking>),
    /// The key was used for other content: this booking.
    OtherContent(Box<Booking>),
    /// The service refused it.
    Refused(Error),
    /// A check refused it.
    Blocked(Vec<Problem>),
    /// The request was not sent.
    NotSent(Error),
    /// Nothing is booked, and no request can still book.
    NothingBooked,
    /// A part of the series was booked and cancelled: another attendee has the time of a later occurrence.
    PartialSeries,
    /// This caller cannot learn the outcome.
    Unknown,
}

impl Resolution {
    /// Whether it says that nothing is booked.
    #[cfg(test)]
    pub(crate) fn is_not_booked(&self) -> bool {
        !matches!(self, Self::Booked { .. } | Self::Unknown)
    }
}

/// The outcome of one send.
#[derive(Debug, Clone)]
#[allow(clippy::enum_variant_names, reason = "the opposite of sent has no shorter name")]
pub(crate) enum SendOutcome {
    /// Booked; the response has these rows.
    Created(Vec<BookingRow>),
    /// The response has a booking with another key, or with none.
    OtherKey(Box<Booking>),
    /// Refused, by a response to this request.
    Refused(Error),
    /// Certainly not sent, or certainly not processed.
    NotSent(Error),
    /// Unknown.
    Unknown(Option<Error>),
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_action_is_documented_under_the_name_that_its_event_has() {
        let documented = include_str!("../../pipeline/observe/mod.rs");
        let source = include_str!("action.rs");
        let names = source
            .lines()
            .filter_map(|line| line.trim().strip_prefix("Self::")?.split_once("=> \"")?.1.split('"').next());
        let names: Vec<_> = names.collect();
        assert_eq!(names.len(), 5);
        for name in names {
            assert!(documented.contains(&format!("`{name}`")), "{name}");
        }
    }
}
