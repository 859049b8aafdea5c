//! The retry policy: what a failed attempt says of the request's execution, and whether another attempt follows.
//!
//! [`decide`] is the only place that states the rule. The pipeline asks it after each failed attempt,
//! [`Error::is_retryable`](crate::Error::is_retryable) asks it of the last one, and the booking service reads the
//! [`CallFailure`]. The function has no clock and no network. The module is below `error`, because errors carry its types.

#![cfg_attr(not(feature = "client"), allow(dead_code, unreachable_pub))]

use std::time::Duration;

/// The effect of sending an operation twice. It decides whether an attempt whose outcome is not known is retried.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::operation::{Method, Resend};
/// let request = client.request::<serde_json::Value>(Method::Get, "/v2/verified-resources/emails").resend(Resend::Safe);
/// println!("{}", request.await?["data"]);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums)]
pub enum Resend {
    /// The operation changes nothing.
    Safe,
    /// Executed twice it has the same effect as once.
    Idempotent,
    /// Executed twice it can book, send or move something twice: it is never retried on a guess.
    Unsafe,
}

/// The class of a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureClass {
    /// The client refuses the request: it cannot be sent.
    Invalid,
    /// The request did not reach the service: no connection, a pooled connection that was closed before the request, no
    /// permit of limiter or breaker, no time.
    NotSent,
    /// HTTP 429.
    RateLimited,
    /// Any other status that rejects the request: 3xx, 4xx.
    Refused,
    /// The service rejected the access token (HTTP 401, 403 or 498), and the provider has another one.
    StaleToken,
    /// HTTP 5xx or 408, or a success status whose body says that the service failed.
    ServerError,
    /// The request was sent, and no complete response arrived: the connection broke, or the time was up.
    NoResponse,
    /// A success status whose body reports a refusal.
    Contradictory,
    /// A successful response that cannot be decoded: too large, or of another form.
    Unreadable,
}

impl FailureClass {
    /// The class of a status alone.
    pub(crate) fn of_status(status: u16) -> Self {
        match status {
            200..=299 => Self::Contradictory,
            429 => Self::RateLimited,
            300..=407 | 409..=499 => Self::Refused,
            _ => Self::ServerError,
        }
    }
}

/// What is known of the execution of a request. Ordered by certainty that it was executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Execution {
    /// It was certainly not executed, or its operation changes nothing.
    #[default]
    Never,
    /// It may have been executed.
    Unknown,
    /// It was executed.
    Done,
}

/// The attempts and the time that a call has left after a failed attempt.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RetryBudget {
    pub(crate) attempts_left: u32,
    pub(crate) time_left: Duration,
    /// The delay before the next attempt, unless the service asks for a longer one.
    pub(crate) backoff: Duration,
    /// The delay that the service asks for.
    pub(crate) retry_after: Option<Duration>,
}

impl RetryBudget {
    /// The budget of a new call, made later.
    pub(crate) const NEW_CALL: Self =
        Self { attempts_left: u32::MAX, time_left: Duration::MAX, backoff: Duration::ZERO, retry_after: None };
}

/// Whether another attempt follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryDecision {
    /// After this delay.
    RetryAfter(Duration),
    /// No: the error is the result of the call.
    Stop,
}

/// The verdict on a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AttemptVerdict {
    pub(crate) execution: Execution,
    pub(crate) retry: RetryDecision,
}

/// Decides what a failed attempt means.
///
/// | class | execution | safe | idempotent | unsafe |
/// |---|---|---|---|---|
/// | invalid | never | stop | stop | stop |
/// | not sent | never | retry | retry | retry |
/// | rate limited | never | retry at once | retry at once | retry at once |
/// | rejected | never | stop | stop | stop |
/// | stale token | never | retry at once | retry at once | retry at once |
/// | server error | unknown | retry | retry | stop |
/// | no response | unknown | retry | retry | stop |
/// | contradictory | never, as its body says | stop | stop | stop |
/// | unreadable | done | stop | stop | stop |
///
/// - The execution of a safe operation is always *never*: it changes nothing.
/// - "Retry" is after the backoff, or after the delay that the service asks for if that is longer.
/// - "At once" leaves the wait to the limiter, which has the time of the reset and admits the waiting calls one by one. The
///   retry of a stale token has another token, and happens once a call.
/// - No attempt follows if none is left, or if its delay does not end before the time is up. After a 429 the limiter compares
///   the wait with the time.
pub(crate) fn decide(class: FailureClass, resend: Resend, budget: &RetryBudget) -> AttemptVerdict {
    use FailureClass as Class;
    let delay = budget.backoff.max(budget.retry_after.unwrap_or_default());
    let (execution, delay) = match (class, resend) {
        (Class::Invalid | Class::Refused | Class::Contradictory, _) => (Execution::Never, None),
        (Class::NotSent, _) => (Execution::Never, Some(delay)),
        (Class::RateLimited | Class::StaleToken, _) => (Execution::Never, Some(Duration::ZERO)),
        (Class::ServerError | Class::NoResponse, Resend::Safe | Resend::Idempotent) => {
            (Execution::Unknown, Some(delay))
        }
        (Class::ServerError | Class::NoResponse, Resend::Unsafe) => (Execution::Unknown, None),
        (Class::Unreadable, _) => (Execution::Done, None),
    };
    let in_time = |delay: &Duration| class == Class::RateLimited || *delay < budget.time_left;
    let retry = match delay.filter(in_time) {
        Some(delay) if budget.attempts_left > 0 => RetryDecision::RetryAfter(delay),
        _ => RetryDecision::Stop,
    };
    let execution = if resend == Resend::Safe { Execution::Never } else { execution };
    AttemptVerdict { execution, retry }
}

/// The result of a failed call, for a caller that decides on further calls itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallFailure {
    /// The request may have been executed, or was.
    Unknown,
    /// The request was not executed, and can be sent again unchanged.
    NotSent,
    /// The request was rejected, and a repetition would be too.
    Refused,
}

impl CallFailure {
    /// The result of a call whose last attempt failed with this class. `execution` is that of all its attempts.
    pub(crate) fn of(class: FailureClass, resend: Resend, execution: Execution) -> Self {
        let retry = decide(class, resend, &RetryBudget::NEW_CALL).retry;
        match (execution, class) {
            (Execution::Unknown | Execution::Done, _) => Self::Unknown,
            // Status and body contradict each other, so that the execution is not known.
            (Execution::Never, FailureClass::Contradictory) if resend != Resend::Safe => Self::Unknown,
            (Execution::Never, _) if retry != RetryDecision::Stop => Self::NotSent,
            (Execution::Never, _) => Self::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        FailureClass::{
            Contradictory, Invalid, NoResponse, NotSent, RateLimited, Refused, ServerError, StaleToken, Unreadable,
        },
        Resend::{Idempotent, Safe, Unsafe},
        *,
    };

    const BACKOFF: Duration = Duration::from_millis(300);
    const SECOND: Duration = Duration::from_secs(1);
    const BUDGET: RetryBudget =
        RetryBudget { attempts_left: 1, time_left: SECOND, backoff: BACKOFF, retry_after: None };

    const RETRY: RetryDecision = RetryDecision::RetryAfter(BACKOFF);
    const AT_ONCE: RetryDecision = RetryDecision::RetryAfter(Duration::ZERO);
    const STOP: RetryDecision = RetryDecision::Stop;

    /// The table of [`decide`]: class, execution, then safe, idempotent, unsafe.
    const TABLE: [(FailureClass, Execution, [RetryDecision; 3]); 9] = [
        (Invalid, Execution::Never, [STOP, STOP, STOP]),
        (NotSent, Execution::Never, [RETRY, RETRY, RETRY]),
        (RateLimited, Execution::Never, [AT_ONCE, AT_ONCE, AT_ONCE]),
        (Refused, Execution::Never, [STOP, STOP, STOP]),
        (StaleToken, Execution::Never, [AT_ONCE, AT_ONCE, AT_ONCE]),
        (ServerError, Execution::Unknown, [RETRY, RETRY, STOP]),
        (NoResponse, Execution::Unknown, [RETRY, RETRY, STOP]),
        (Contradictory, Execution::Never, [STOP, STOP, STOP]),
        (Unreadable, Execution::Done, [STOP, STOP, STOP]),
    ];

    fn rows() -> impl Iterator<Item = (FailureClass, Resend, AttemptVerdict)> {
        TABLE.into_iter().flat_map(|(class, execution, decisions)| {
            std::iter::zip([Safe, Idempotent, Unsafe], decisions).map(move |(resend, retry)| {
                let execution = if resend == Safe { Execution::Never } else { execution };
                (class, resend, AttemptVerdict { execution, retry })
            })
        })
    }

    #[test]
    fn the_documentation_has_the_table() {
        let documented = include_str!("retry_policy.md").lines().skip(2).map(|row| {
            let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
            assert_eq!(cells.len(), 5, "{row}");
            cells[1..].to_vec()
        });
        let table = TABLE.into_iter().map(|(_, execution, decisions)| {
            let word = |decision| if decision == STOP { "-" } else { "retried" };
            let executed = match execution {
                Execution::Never => "no",
                Execution::Unknown => "unknown",
                Execution::Done => "yes",
            };
            decisions.map(word).into_iter().chain([executed]).collect::<Vec<_>>()
        });
        assert_eq!(documented.collect::<Vec<_>>(), table.collect::<Vec<_>>());
    }

    #[test]
    fn every_row_of_the_table_holds() {
        assert_eq!(rows().count(), 27);
        for (class, resend, expected) in rows() {
            assert_eq!(decide(class, resend, &BUDGET), expected, "{class:?}, {resend:?}");
        }
    }

    #[test]
    fn no_attempt_follows_if_none_is_left_whatever_else_holds() {
        for (class, resend, expected) in rows() {
            let verdict = decide(class, resend, &RetryBudget { attempts_left: 0, ..BUDGET });
            assert_eq!(verdict, AttemptVerdict { retry: STOP, ..expected }, "{class:?}, {resend:?}");
        }
    }

    #[test]
    fn no_attempt_follows_a_delay_that_lasts_as_long_as_the_time_left_except_after_a_429() {
        for (class, resend, expected) in rows() {
            let verdict = decide(class, resend, &RetryBudget { time_left: BACKOFF, ..BUDGET });
            let retry = if matches!(class, RateLimited | StaleToken) { AT_ONCE } else { STOP };
            assert_eq!(verdict, AttemptVerdict { retry, ..expected }, "{class:?}, {resend:?}");
            let verdict =
                decide(class, resend, &RetryBudget { time_left: BACKOFF + Duration::from_nanos(1), ..BUDGET });
            assert_eq!(verdict, expected, "{class:?}, {resend:?}");
            let retry = if class == RateLimited { AT_ONCE } else { STOP };
            let verdict = decide(class, resend, &RetryBudget { time_left: Duration::ZERO, ..BUDGET });
            assert_eq!(verdict, AttemptVerdict { retry, ..expected }, "{class:?}, {resend:?}: no time is left");
        }
    }

    #[test]
    fn the_longer_of_backoff_and_retry_after_is_waited_and_a_429_leaves_the_wait_to_the_limiter() {
        for (asked, waited) in [(0, 300), (299, 300), (301, 301), (999, 999)] {
            let budget = RetryBudget { retry_after: Some(Duration::from_millis(asked)), ..BUDGET };
            let decision = decide(ServerError, Safe, &budget).retry;
            assert_eq!(decision, RetryDecision::RetryAfter(Duration::from_millis(waited)), "{asked}");
            assert_eq!(decide(RateLimited, Unsafe, &budget).retry, AT_ONCE);
        }
        let budget = RetryBudget { retry_after: Some(SECOND), ..BUDGET };
        assert_eq!(decide(ServerError, Safe, &budget).retry, STOP, "it ends when the time is up");
    }

    #[test]
    fn a_status_alone_says_its_class() {
        for status in 100..=999 {
            let expected = match status {
                200..=299 => Contradictory,
                408 => ServerError,
                429 => RateLimited,
                300..=499 => Refused,
                _ => ServerError,
            };
            assert_eq!(FailureClass::of_status(status), expected, "{status}");
        }
    }

    #[test]
    fn a_new_call_may_be_made_after_what_an_attempt_may_follow() {
        for (class, resend, expected) in rows() {
            let verdict = decide(class, resend, &RetryBudget::NEW_CALL);
            assert_eq!(verdict.retry == STOP, expected.retry == STOP, "{class:?}, {resend:?}");
        }
    }

    #[test]
    fn what_a_send_came_to_follows_from_execution_and_class() {
        for (class, resend, verdict) in rows() {
            let expected = match (class, resend) {
                (NotSent | RateLimited | StaleToken, _) | (ServerError | NoResponse, Safe) => CallFailure::NotSent,
                (ServerError | NoResponse | Contradictory | Unreadable, Idempotent | Unsafe) => CallFailure::Unknown,
                _ => CallFailure::Refused,
            };
            assert_eq!(CallFailure::of(class, resend, verdict.execution), expected, "{class:?}, {resend:?}");
            assert_eq!(
                CallFailure::of(class, resend, Execution::Unknown),
                CallFailure::Unknown,
                "an attempt before it"
            );
        }
    }
}
