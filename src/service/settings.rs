//! The settings of a service: deadlines, and the times for which unknown outcomes are looked up.

use std::{fmt, sync::Arc, time::Duration};

use jiff::Timestamp;
use secrecy::SecretString;

use super::BookingScope;

/// The settings of a [`Service`](super::Service).
///
/// The defaults suit an interactive call, and are derived from measurements of the service. Under load a booking became visible
/// up to 2.9 s after it was sent. A series was complete after 7.3 s, with less than 1.8 s between two occurrences. No time is
/// longer than 30 days; a longer one is reduced.
///
/// ```
/// use std::time::Duration;
/// use calcom::service::Settings;
///
/// let settings = Settings::default().deadline(Duration::from_secs(8)).watch_duration(Duration::from_secs(30));
/// assert_eq!(settings.deadline, Duration::from_secs(8));
/// ```
///
/// # Precedence of times
///
/// | time | default | what it bounds |
/// |---|---|---|
/// | [`Appointment::deadline`](super::Appointment::deadline) | | one booking, instead of the next two |
/// | [`Service::with_deadline`](super::Service::with_deadline) | | each call of that clone, instead of `deadline` |
/// | `deadline` | 10 s | each call, instead of `timeout.total` of [`Config`](crate::Config) |
/// | `timeout.request` of [`Config`](crate::Config) | 30 s | one attempt, if it is shorter than the service's own bound |
///
/// The service allows [`lookup_timeout`](Self::lookup_timeout) for a lookup. For an attempt that books or changes
/// something it allows three tenths of the deadline or four tenths of what remains, whichever is shorter (3 s for the
/// first attempt of 10 s). A shorter `timeout.request` makes the outcome of attempts unknown that would have been
/// answered.
#[derive(Clone)]
#[non_exhaustive]
pub struct Settings {
    /// Time of one call of the booking service, with all its requests and waits; default 10 s. It replaces `timeout.total` of
    /// [`Config`](crate::Config), whichever is longer.
    pub deadline: Duration,
    /// Time for an attempt with unknown outcome to become visible, from when it was sent; default 3 s.
    ///
    /// The service must have answered lookups without a break for at least half of it. Only then is a request sent
    /// again that the service might otherwise execute twice, and only then is a missing booking reported as "not
    /// booked".
    pub settling_time: Duration,
    /// As [`settling_time`](Self::settling_time), for [`reconcile`](super::Service::reconcile), which does not send
    /// again: lookups must cover all of it; default 10 s.
    pub reconcile_settling_time: Duration,
    /// Time for which lookups must show nothing before an attempt with unknown outcome at a plain event type is sent
    /// again; default 1 s.
    ///
    /// The service itself refuses the second of two plain bookings of one time, so that this only saves a request. An event type
    /// with confirmation, with seats, or with hosts of whom the service picks one (round robin) is not plain.
    pub plain_resend_delay: Duration,
    /// Time of a single lookup; default 2 s.
    pub lookup_timeout: Duration,
    /// Time after a booking for which the service watches in the background for a duplicate, or a part of a series, if
    /// one may appear; default 60 s.
    pub watch_duration: Duration,
    /// Time for which a call continues in the background, if the caller asked for it; default 120 s.
    pub background_deadline: Duration,
    /// Most bookings that [`find`](super::Service::find) reads if only a key is known; default 1000.
    pub search_limit: usize,
    /// The bookings that lookups list; default the caller's own.
    pub scope: BookingScope,
    /// The secret of the tenant's webhooks, for
    /// [`validate_webhook_signature`](super::Service::validate_webhook_signature).
    pub webhook_secret: Option<SecretString>,
    /// The clock; default the system's. A test sets the clock of its fake.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(10),
            settling_time: Duration::from_secs(3),
            reconcile_settling_time: Duration::from_secs(10),
            plain_resend_delay: Duration::from_secs(1),
            lookup_timeout: Duration::from_secs(2),
            watch_duration: Duration::from_secs(60),
            background_deadline: Duration::from_secs(120),
            search_limit: 1000,
            scope: BookingScope::Own,
            webhook_secret: None,
            now: Arc::new(Timestamp::now),
        }
    }
}

impl Settings {
    /// Sets [`deadline`](#structfield.deadline).
    #[must_use]
    pub fn deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// Sets [`settling_time`](#structfield.settling_time).
    #[must_use]
    pub fn settling_time(self, settling_time: Duration) -> Self {
        Self { settling_time, ..self }
    }

    /// Sets [`reconcile_settling_time`](#structfield.reconcile_settling_time).
    #[must_use]
    pub fn reconcile_settling_time(self, reconcile_settling_time: Duration) -> Self {
        Self { reconcile_settling_time, ..self }
    }

    /// Sets [`plain_resend_delay`](#structfield.plain_resend_delay).
    #[must_use]
    pub fn plain_resend_delay(self, plain_resend_delay: Duration) -> Self {
        Self { plain_resend_delay, ..self }
    }

    /// Sets [`lookup_timeout`](#structfield.lookup_timeout).
    #[must_use]
    pub fn lookup_timeout(self, lookup_timeout: Duration) -> Self {
        Self { lookup_timeout, ..self }
    }

    /// Sets [`watch_duration`](#structfield.watch_duration).
    #[must_use]
    pub fn watch_duration(self, watch_duration: Duration) -> Self {
        Self { watch_duration, ..self }
    }

    /// Sets [`background_deadline`](#structfield.background_deadline).
    #[must_use]
    pub fn background_deadline(self, background_deadline: Duration) -> Self {
        Self { background_deadline, ..self }
    }

    /// Sets [`scope`](#structfield.scope).
    #[must_use]
    pub fn scope(self, scope: BookingScope) -> Self {
        Self { scope, ..self }
    }

    /// Sets [`search_limit`](#structfield.search_limit).
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

    /// Bounds all times to 30 days, so that they can be added to each other and to an instant.
    pub(crate) fn bounded(mut self) -> Self {
        const MAX_TIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);
        for time in [
            &mut self.deadline,
            &mut self.settling_time,
            &mut self.reconcile_settling_time,
            &mut self.plain_resend_delay,
            &mut self.lookup_timeout,
            &mut self.watch_duration,
            &mut self.background_deadline,
        ] {
            *time = (*time).min(MAX_TIME);
        }
        self
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("deadline", &self.deadline)
            .field("settling_time", &self.settling_time)
            .field("reconcile_settling_time", &self.reconcile_settling_time)
            .field("plain_resend_delay", &self.plain_resend_delay)
            .field("lookup_timeout", &self.lookup_timeout)
            .field("watch_duration", &self.watch_duration)
            .field("background_deadline", &self.background_deadline)
            .field("search_limit", &self.search_limit)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(settings: &Settings) -> [Duration; 7] {
        let Settings {
            deadline,
            settling_time,
            reconcile_settling_time,
            plain_resend_delay,
            lookup_timeout,
            watch_duration,
            background_deadline,
            ..
        } = *settings;
        [
            deadline,
            settling_time,
            reconcile_settling_time,
            plain_resend_delay,
            lookup_timeout,
            watch_duration,
            background_deadline,
        ]
    }

    #[test]
    fn each_setter_sets_its_own_setting() {
        let time = Duration::from_secs;
        let settings = Settings::default()
            .deadline(time(1))
            .settling_time(time(2))
            .reconcile_settling_time(time(3))
            .plain_resend_delay(time(4))
            .lookup_timeout(time(5))
            .watch_duration(time(6))
            .background_deadline(time(7))
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
            deadline: most,
            settling_time: most,
            reconcile_settling_time: most,
            plain_resend_delay: most,
            lookup_timeout: most,
            watch_duration: most,
            background_deadline: most,
            ..Settings::default()
        };
        assert_eq!(times(&longest.bounded()), [Duration::from_secs(30 * 24 * 60 * 60); 7]);
        assert_eq!(times(&Settings::default().bounded()), times(&Settings::default()));
    }
}
