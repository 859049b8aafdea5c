//! What the machine is told, and what it says: the words between it and whoever carries its steps out.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    Error,
    model::{Booking, BookingUid},
    service::{Problem, Settings, event_type::Kind, lookup::Row, reason::Why},
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
}

/// What an appointment is judged by, besides what is known of it.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    pub(crate) kind: Kind,
    /// How many rows make it whole, where that is known.
    pub(crate) wanted: Option<usize>,
    pub(crate) timing: Timing,
    /// Whether it may be sent at all; `reconcile` only looks.
    pub(crate) sends: bool,
    /// What keeps it from being sent.
    pub(crate) blocked: Vec<Problem>,
}

/// How it stands with an appointment: the rows of the table in ARCHITECTURE.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// The key was made for this call.
    New,
    /// The caller's own key: another call may have booked under it, or be about to.
    AskedBefore,
    /// A process died that may have sent it.
    Orphaned,
    /// The service answered with success.
    Answered,
    /// The service answered with a booking that bears another key.
    Another,
    /// The service refused it, and no attempt is open.
    Refused,
    /// The service refused it, and an earlier attempt is open.
    RefusedAgain,
    /// Nothing left this machine.
    NotSent,
    /// The outcome of an attempt is not known.
    Lost,
    /// What bears the key stands, whole.
    Found,
    /// A part of a series stands.
    Part,
    /// What bears the key was called off or moved by a person.
    CalledOff,
    /// The key was used for other content.
    Used,
    /// A check keeps it from being sent.
    Blocked,
}

impl State {
    /// The name in events.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::AskedBefore => "asked_before",
            Self::Orphaned => "orphaned",
            Self::Answered => "answered",
            Self::Another => "another",
            Self::Refused => "refused",
            Self::RefusedAgain => "refused_again",
            Self::NotSent => "not_sent",
            Self::Lost => "lost",
            Self::Found => "found",
            Self::Part => "part",
            Self::CalledOff => "called_off",
            Self::Used => "used",
            Self::Blocked => "blocked",
        }
    }
}

/// What follows from what is known.
#[derive(Debug, Clone)]
pub(crate) struct Next {
    pub(crate) state: State,
    pub(crate) step: Step,
}

/// What to do next.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "one at a time, on the stack")]
pub(crate) enum Step {
    /// Send the booking at this time.
    Send { at: Instant },
    /// Look at this time; a wide look where it may show whose the time is.
    Look { at: Instant, wide: bool },
    /// Read this booking: something says that it is the appointment.
    Read(BookingUid),
    /// Cancel these rows, and tell the attendee why, if a reading shows that those to be kept stand.
    Withdraw { rows: Vec<Row>, keep: Vec<Row>, why: Why },
    /// Nothing: it is known.
    Finish(Verdict),
}

impl Step {
    /// The name in events.
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Self::Send { .. } => "send",
            Self::Look { .. } => "look",
            Self::Read(_) => "read",
            Self::Withdraw { .. } => "withdraw",
            Self::Finish(_) => "finish",
        }
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
    /// The key was used for other content: this booking.
    Used(Box<Booking>),
    /// The service refuses it.
    Refused(Error),
    /// A check refuses it.
    Blocked(Vec<Problem>),
    /// Nothing left this machine.
    NotSent(Error),
    /// Whatever was sent, nothing of it stands or is to come.
    NothingBooked,
    /// A part of the series was booked and withdrawn: somebody else has the time of a later occurrence.
    Torn,
    /// This caller cannot find out.
    Unknowable,
}

impl Verdict {
    /// Whether it says that nothing stands.
    #[cfg(test)]
    pub(crate) fn denies(&self) -> bool {
        !matches!(self, Self::Booked { .. } | Self::Unknowable)
    }
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

#[cfg(test)]
mod tests {
    use super::State;

    #[test]
    fn every_state_is_documented_under_the_name_that_its_event_has() {
        let documented = include_str!("../../pipeline/observe/mod.rs");
        let architecture = include_str!("../../../ARCHITECTURE.md");
        let all = [
            State::New,
            State::AskedBefore,
            State::Orphaned,
            State::Answered,
            State::Another,
            State::Refused,
            State::RefusedAgain,
            State::NotSent,
            State::Lost,
            State::Found,
            State::Part,
            State::CalledOff,
            State::Used,
            State::Blocked,
        ];
        for state in all {
            let name = state.as_str();
            assert!(documented.contains(&format!("`{name}`")), "{name}");
            assert!(architecture.contains(&format!("| *{}* |", name.replace('_', " "))), "{name}");
        }
    }
}
