//! The settings of a service: how long a call may take, and how long an unknown outcome is given to show itself.

use std::{fmt, sync::Arc, time::Duration};

use jiff::Timestamp;
use secrecy::SecretString;

/// The settings of a [`Service`](super::Service).
///
/// The defaults are made for a caller on the phone, and for the service as it was measured: under load a booking became
/// visible up to 2.9 s after it was sent, and its series was complete after 7.3 s, with less than 1.8 s between two
/// occurrences. No time is longer than 30 days; a longer one is cut.
///
/// ```
/// use std::time::Duration;
/// use calcom::service::Settings;
///
/// let settings = Settings::default().budget(Duration::from_secs(8)).watch(Duration::from_secs(30));
/// assert_eq!(settings.budget, Duration::from_secs(8));
/// ```
///
/// # Which time wins
///
/// | time | default | what it bounds here |
/// |---|---|---|
/// | [`Appointment::within`](super::Appointment::within) | | one booking, in the place of the next two |
/// | [`Service::within`](super::Service::within) | | each call of that clone, in the place of `budget` |
/// | `budget` | 10 s | each call, in the place of `timeout.total` of [`Config`](crate::Config) |
/// | `timeout.request` of [`Config`](crate::Config) | 30 s | one attempt, if it is shorter than what the service allows it |
///
/// The service allows a lookup [`lookup`](Self::lookup), and an attempt that books or changes something three tenths of the
/// call's time or four tenths of what is left of it, whichever is shorter (3 s of the first attempt of 10 s). A
/// `timeout.request` below that makes attempts unknown that would have been answered.
#[derive(Clone)]
#[non_exhaustive]
pub struct Settings {
    /// How long one business call may take, all its requests and waiting included; default 10 s. It replaces `timeout.total`
    /// of [`Config`](crate::Config), whichever is longer.
    pub budget: Duration,
    /// How long an attempt whose outcome is unknown is given to show itself, from when it was sent; default 3 s.
    ///
    /// For half of it at least the service must have answered lookups without a break. Only then is a request
    /// sent again that the service might otherwise carry out twice, and only then is a missing booking told as "not
    /// booked".
    pub settling_time: Duration,
    /// As [`settle`](Self::settle), for [`reconcile`](super::Service::reconcile), which has no person waiting and does
    /// not send again: all of it must be covered by lookups; default 10 s.
    pub reconcile_settling_time: Duration,
    /// How long a lost attempt at a plain event type is looked for before it is sent again; default 1 s.
    ///
    /// The service itself refuses the second of two plain bookings of one time, so this only saves a request.
    pub plain_resend_delay: Duration,
    /// How long a single lookup may take; default 2 s.
    pub lookup_timeout: Duration,
    /// How long after a booking whose first request was lost a double, or a part of a series, is watched for in the
    /// background; default 60 s.
    pub watch_duration: Duration,
    /// How long the work may go on in the background where a caller asked for it; default 120 s.
    pub background_budget: Duration,
    /// How many bookings [`find`](super::Service::find) goes through where it knows nothing but a key; default 1000.
    pub search_limit: usize,
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
            settling_time: Duration::from_secs(3),
            reconcile_settling_time: Duration::from_secs(10),
            plain_resend_delay: Duration::from_secs(1),
            lookup_timeout: Duration::from_secs(2),
            watch_duration: Duration::from_secs(60),
            background_budget: Duration::from_secs(120),
            search_limit: 1000,
            webhook_secret: None,
            now: Arc::new(Timestamp::now),
        }
    }
}

impl Settings {
    /// Sets [`budget`](#structfield.budget).
    #[must_use]
    pub fn budget(self, budget: Duration) -> Self {
        Self { budget, ..self }
    }

    /// Sets [`settle`](#structfield.settle).
    #[must_use]
    pub fn settling_time(self, settling_time: Duration) -> Self {
        Self { settling_time, ..self }
    }

    /// Sets [`reconcile_settle`](#structfield.reconcile_settle).
    #[must_use]
    pub fn reconcile_settling_time(self, reconcile_settling_time: Duration) -> Self {
        Self { reconcile_settling_time, ..self }
    }

    /// Sets [`resend_plain`](#structfield.resend_plain).
    #[must_use]
    pub fn plain_resend_delay(self, plain_resend_delay: Duration) -> Self {
        Self { plain_resend_delay, ..self }
    }

    /// Sets [`lookup`](#structfield.lookup).
    #[must_use]
    pub fn lookup_timeout(self, lookup_timeout: Duration) -> Self {
        Self { lookup_timeout, ..self }
    }

    /// Sets [`watch`](#structfield.watch).
    #[must_use]
    pub fn watch_duration(self, watch_duration: Duration) -> Self {
        Self { watch_duration, ..self }
    }

    /// Sets [`carry_on`](#structfield.carry_on).
    #[must_use]
    pub fn background_budget(self, background_budget: Duration) -> Self {
        Self { background_budget, ..self }
    }

    /// Sets [`search`](#structfield.search).
    #[must_use]
    pub fn search_limit(self, search_limit: usize) -> Self {
        Self { search_limit, ..self }
    }

    /// Sets [`webhook_secret`](#structfield.webhook_secret).
    #[must_use]
    pub fn webhook_secret(self, secret: impl Into<SecretString>) -> Self {
        Self { webhook_secret: Some(secret.into()), ..self }
    }

    /// Sets [`now`](#structfield.now).
    #[must_use]
    pub fn now(self, now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { now: Arc::new(now), ..self }
    }

    /// The settings with times that can be added to each other and to an instant: no time is longer than 30 days.
    pub(crate) fn bounded(mut self) -> Self {
        const MAX_TIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);
        for time in [
            &mut self.budget,
            &mut self.settling_time,
            &mut self.reconcile_settling_time,
            &mut self.plain_resend_delay,
            &mut self.lookup_timeout,
            &mut self.watch_duration,
            &mut self.background_budget,
        ] {
            *time = (*time).min(MAX_TIME);
        }
        self
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("budget", &self.budget)
            .field("settling_time", &self.settling_time)
            .field("reconcile_settling_time", &self.reconcile_settling_time)
            .field("plain_resend_delay", &self.plain_resend_delay)
            .field("lookup_timeout", &self.lookup_timeout)
            .field("watch_duration", &self.watch_duration)
            .field("background_budget", &self.background_budget)
            .field("search_limit", &self.search_limit)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(settings: &Settings) -> [Duration; 7] {
        let Settings {
            budget,
            settling_time,
            reconcile_settling_time,
            plain_resend_delay,
            lookup_timeout,
            watch_duration,
            background_budget,
            ..
        } = *settings;
        [
            budget,
            settling_time,
            reconcile_settling_time,
            plain_resend_delay,
            lookup_timeout,
            watch_duration,
            background_budget,
        ]
    }

    #[test]
    fn each_setter_sets_its_own_setting() {
        let time = Duration::from_secs;
        let settings = Settings::default()
            .budget(time(1))
            .settling_time(time(2))
            .reconcile_settling_time(time(3))
            .plain_resend_delay(time(4))
            .lookup_timeout(time(5))
            .watch_duration(time(6))
            .background_budget(time(7))
            .search_limit(8)
            .webhook_secret("whsec")
            .now(|| Timestamp::UNIX_EPOCH);
        assert_eq!(times(&settings), [1, 2, 3, 4, 5, 6, 7].map(time));
        assert_eq!((settings.search_limit, (settings.now)()), (8, Timestamp::UNIX_EPOCH));
        assert!(settings.webhook_secret.is_some());
    }

    #[test]
    fn no_time_is_longer_than_a_month_and_every_other_is_as_it_was_given() {
        let most = Duration::MAX;
        let longest = Settings {
            budget: most,
            settling_time: most,
            reconcile_settling_time: most,
            plain_resend_delay: most,
            lookup_timeout: most,
            watch_duration: most,
            background_budget: most,
            ..Settings::default()
        };
        assert_eq!(times(&longest.bounded()), [Duration::from_secs(30 * 24 * 60 * 60); 7]);
        assert_eq!(times(&Settings::default().bounded()), times(&Settings::default()));
    }
}
