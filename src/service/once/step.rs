//! What the machine is told, and what it says: the words between it and whoever carries its steps out.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    Error,
    model::Booking,
    service::{Settings, lookup::Row},
};

/// How long an unknown outcome is given to show itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    /// Before it is sent again, or told as not booked.
    pub(crate) settle: Duration,
    /// Before a plain booking, which cannot double, is sent again.
    pub(crate) plain: Duration,
}

impl Timing {
    pub(crate) fn of(settings: &Settings) -> Self {
        Self { settle: settings.settle, plain: settings.resend_plain.min(settings.settle) }
    }

    /// How long a part of a series must have been seen without another row: more than it takes from one to the next.
    pub(super) fn growth(self) -> Duration {
        self.settle * 5 / 8
    }
}

/// What to do next.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "one at a time, on the stack")]
pub(crate) enum Step {
    /// Send the booking at this time.
    Send { at: Instant },
    /// Look at this time; a wide look where it may show whose the time is.
    Look { at: Instant, wide: bool },
    /// Cancel these rows, and tell the attendee why.
    Withdraw { rows: Vec<Row>, why: Why },
    /// Nothing: it is known.
    Finish(Verdict),
}

/// Why rows are cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// They are there beyond the appointment.
    Twice,
    /// They are part of a series that was not finished.
    Torn,
}

impl Why {
    /// What the attendee reads, and how a later look knows that it was not a person who called the row off.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Twice => "This booking was made twice by mistake. The other one stands.",
            Self::Torn => "This series could not be booked as a whole, so this part of it is withdrawn.",
        }
    }

    pub(crate) fn is_ours(booking: &Booking) -> bool {
        let reason = booking.cancellation_reason.as_deref();
        reason == Some(Self::Twice.reason()) || reason == Some(Self::Torn.reason())
    }
}

/// What is known in the end.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "one at a time, on the stack")]
pub(crate) enum Verdict {
    /// These rows are the appointment. `found` tells that a look showed them.
    Booked { rows: Vec<Row>, found: bool },
    /// It was booked, and called off or moved since.
    CalledOff(Row),
    /// The same person has the time under another key.
    Foreign(Box<Booking>),
    /// The service refuses it.
    Refused(Error),
    /// Nothing left this machine.
    NotSent(Error),
    /// It was sent and never carried out.
    NeverArrived,
    /// A part of the series was booked and withdrawn: somebody else has the time of a later occurrence.
    Torn,
}

/// What came of sending.
#[derive(Debug, Clone)]
#[allow(clippy::enum_variant_names, reason = "the opposite of sent has no shorter name")]
pub(crate) enum Sent {
    /// Booked, and answered with these rows.
    Made(Vec<Row>),
    /// Answered with a booking that bears another key, or none.
    Foreign(Box<Booking>),
    /// Refused, by an answer to this very request.
    Refused(Error),
    /// Surely not sent, or surely not looked at.
    NotSent(Error),
    /// Unknown.
    Lost(Option<Error>),
}
