//! The states of a booking.

/// The state of an appointment: the rows of the table in ARCHITECTURE.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BookingState {
    /// The key was made for this call.
    New,
    /// The caller's own key: another call may have booked under it, or be about to.
    CallerKey,
    /// A process that may have sent it crashed.
    Interrupted,
    /// The service answered with success.
    Created,
    /// The service answered with a booking that has another key.
    OtherKey,
    /// The service refused it, and no attempt is unresolved.
    Refused,
    /// The service refused it, and an earlier attempt is unresolved.
    RefusedAgain,
    /// The request was not sent.
    NotSent,
    /// The outcome of an attempt is unknown.
    Unresolved,
    /// All rows with the key are active, or it is known to be booked and is not listed.
    Found,
    /// A part of a series is active.
    Partial,
    /// A person cancelled or rescheduled it.
    Cancelled,
    /// The key was used for other content.
    OtherContent,
    /// A check keeps it from being sent.
    Blocked,
}

impl BookingState {
    /// The name in events.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::CallerKey => "caller_key",
            Self::Interrupted => "interrupted",
            Self::Created => "created",
            Self::OtherKey => "other_key",
            Self::Refused => "refused",
            Self::RefusedAgain => "refused_again",
            Self::NotSent => "not_sent",
            Self::Unresolved => "unresolved",
            Self::Found => "found",
            Self::Partial => "partial",
            Self::Cancelled => "cancelled",
            Self::OtherContent => "other_content",
            Self::Blocked => "blocked",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::BookingState;

    #[test]
    fn every_state_is_documented_under_the_name_that_its_event_has() {
        let documented = include_str!("../../pipeline/observe/mod.rs");
        let architecture = include_str!("../../../ARCHITECTURE.md");
        let all = [
            BookingState::New,
            BookingState::CallerKey,
            BookingState::Interrupted,
            BookingState::Created,
            BookingState::OtherKey,
            BookingState::Refused,
            BookingState::RefusedAgain,
            BookingState::NotSent,
            BookingState::Unresolved,
            BookingState::Found,
            BookingState::Partial,
            BookingState::Cancelled,
            BookingState::OtherContent,
            BookingState::Blocked,
        ];
        for state in all {
            let name = state.as_str();
            assert!(documented.contains(&format!("`{name}`")), "{name}");
            assert!(architecture.contains(&format!("| *{}* |", name.replace('_', " "))), "{name}");
        }
    }
}
