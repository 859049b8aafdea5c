//! What a service may be told about time: how long a call may take, when silence means that nothing was booked.

use std::{fmt, sync::Arc, time::Duration};

use jiff::Timestamp;
use secrecy::SecretString;

/// The settings of a [`Service`](super::Service).
///
/// The defaults are made for somebody who waits on the phone, and for the service as it was measured: under load a
/// booking became visible up to 2.9 s after it was sent, and its series was complete after 7.3 s, with less than 1.8 s
/// between two occurrences.
#[derive(Clone)]
#[non_exhaustive]
pub struct Settings {
    /// How long one business call may take, all its requests and waiting included; default 10 s.
    pub budget: Duration,
    /// How long an attempt whose outcome is unknown is given to show itself, from when it was sent; default 3 s.
    ///
    /// For half of it at least the service must have answered lookups without a break. Only then is a request
    /// sent again that the service might otherwise carry out twice, and only then is a missing booking told as "not
    /// booked".
    pub settle: Duration,
    /// As [`settle`](Self::settle), for [`reconcile`](super::Service::reconcile), which has no person waiting and does
    /// not send again: all of it must be covered by lookups; default 10 s.
    pub reconcile_settle: Duration,
    /// How long a lost attempt at a plain event type is looked for before it is sent again; default 1 s.
    ///
    /// The service itself refuses the second of two plain bookings of one time, so this only saves a request.
    pub resend_plain: Duration,
    /// How long a single lookup may take; default 2 s.
    pub lookup: Duration,
    /// How long after a booking whose first request was lost a double, or a part of a series, is watched for in the
    /// background; default 60 s.
    pub watch: Duration,
    /// How long the work may go on in the background where a caller asked for it; default 120 s.
    pub carry_on: Duration,
    /// How many bookings [`find`](super::Service::find) goes through where it knows nothing but a key; default 1000.
    pub search: usize,
    /// The secret of the tenant's webhooks, for
    /// [`validate_webhook_signature`](super::Service::validate_webhook_signature).
    pub webhook_secret: Option<SecretString>,
    /// What time it is; default the system's clock. A test sets the clock of its fake.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            budget: Duration::from_secs(10),
            settle: Duration::from_secs(3),
            reconcile_settle: Duration::from_secs(10),
            resend_plain: Duration::from_secs(1),
            lookup: Duration::from_secs(2),
            watch: Duration::from_secs(60),
            carry_on: Duration::from_secs(120),
            search: 1000,
            webhook_secret: None,
            now: Arc::new(Timestamp::now),
        }
    }
}

impl Settings {
    /// The settings with times that can be added to each other and to an instant: no time is longer than 30 days.
    pub(crate) fn bounded(mut self) -> Self {
        const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);
        for time in [
            &mut self.budget,
            &mut self.settle,
            &mut self.reconcile_settle,
            &mut self.resend_plain,
            &mut self.lookup,
            &mut self.watch,
            &mut self.carry_on,
        ] {
            *time = (*time).min(LONGEST);
        }
        self
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("budget", &self.budget)
            .field("settle", &self.settle)
            .field("reconcile_settle", &self.reconcile_settle)
            .field("resend_plain", &self.resend_plain)
            .field("lookup", &self.lookup)
            .field("watch", &self.watch)
            .field("carry_on", &self.carry_on)
            .field("search", &self.search)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(settings: &Settings) -> [Duration; 7] {
        let Settings { budget, settle, reconcile_settle, resend_plain, lookup, watch, carry_on, .. } = *settings;
        [budget, settle, reconcile_settle, resend_plain, lookup, watch, carry_on]
    }

    #[test]
    fn no_time_is_longer_than_a_month_and_every_other_is_as_it_was_given() {
        let most = Duration::MAX;
        let longest = Settings {
            budget: most,
            settle: most,
            reconcile_settle: most,
            resend_plain: most,
            lookup: most,
            watch: most,
            carry_on: most,
            ..Settings::default()
        };
        assert_eq!(times(&longest.bounded()), [Duration::from_secs(30 * 24 * 60 * 60); 7]);
        assert_eq!(times(&Settings::default().bounded()), times(&Settings::default()));
    }
}
