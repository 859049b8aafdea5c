//! Which pool a request takes: a pure state machine.
//!
//! A server closes connections without requests after a time that only some servers announce. A request that crosses such a
//! close has an unknown outcome. So there are two pools. The *short* one drops connections before usual servers close them.
//! The *long* one keeps them for as long as reqwest does by default; an unsafe request takes it only if the connection is
//! certainly not older than connections are known to stay open. A third one keeps none: it is used if the server announces a
//! shorter time than that of the short pool, for requests to which that would give an older connection.

use std::time::Duration;

use tokio::time::Instant;

/// A self-hosted service closes a connection after 5 s without requests.
pub(super) const SHORT_IDLE: Duration = Duration::from_secs(4);
/// The default of reqwest.
pub(super) const LONG_IDLE: Duration = Duration::from_secs(90);
/// The time before an announced close at which a connection is not used any more.
const MARGIN: Duration = Duration::from_secs(1);

/// One of the pools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PoolKind {
    Short,
    Long,
    /// Every connection is new.
    Unpooled,
}

/// A pool, and what is known of the connection that it gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PoolChoice {
    pub(super) pool: PoolKind,
    /// Its idle time, if it is known.
    pub(super) idle: Option<Duration>,
    /// Its local port, if its idle time is known.
    last_port: Option<u16>,
    /// Whether the pool was empty, so that the connection is a new one.
    is_first: bool,
}

impl PoolChoice {
    /// Whether the response of the connection with this local port shows nothing new: it is the one that was used last, a moment
    /// ago.
    pub(super) fn is_as_before(&self, port: Option<u16>) -> bool {
        port.is_some() && port == self.last_port && self.idle.is_some_and(|idle| idle <= SHORT_IDLE)
    }
}

/// What the head of a response says of its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ConnectionReport {
    /// HTTP/2: the server says which requests it has not processed when it closes the connection.
    Multiplexed,
    /// HTTP/1.1, and the server closes the connection after this time without requests.
    KeptFor(Duration),
    /// HTTP/1.1 without a time.
    Kept,
}

/// How an exchange ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExchangeEnd {
    /// The response is read, and its connection can be used again.
    Reusable,
    /// The connection broke, or there was no response in time.
    Lost,
    /// The connection is closed, for a reason that says nothing of it.
    Closed,
}

/// What is known of the connections of a pool.
#[derive(Debug, Default)]
struct Activity {
    in_flight: usize,
    /// When the last exchange ended.
    last_end: Option<Instant>,
    /// The local port of that exchange's connection, if it went back into the pool, which gives the youngest first.
    last_port: Option<u16>,
}

impl Activity {
    /// Whether the pool holds no connection that can be used.
    fn is_empty(&self, now: Instant, idle_timeout: Duration) -> bool {
        self.in_flight == 0 && self.last_end.is_none_or(|end| end + idle_timeout < now)
    }

    /// The idle time of the connection that the pool gives next, if it is known.
    fn next_idle(&self, now: Instant) -> Option<Duration> {
        let known = self.in_flight == 0 && self.last_port.is_some();
        self.last_end.filter(|_| known).map(|end| now.saturating_duration_since(end))
    }
}

/// What responses and closed connections have shown.
#[derive(Debug)]
pub(super) struct ConnectionEvidence {
    short: Activity,
    long: Activity,
    unpooled: Activity,
    multiplexed: bool,
    /// Whether a response has shown how long the server keeps connections.
    has_seen_http1: bool,
    /// The longest idle time of a connection that is used at all.
    limit: Duration,
    /// The longest idle time that a connection has survived, or that the server announces.
    proven: Duration,
    /// The shortest idle time after which a connection was found closed.
    closed_after: Duration,
}

impl ConnectionEvidence {
    /// `keeps_long`: whether the server is one that is known to keep connections for longer than the short pool.
    pub(super) fn new(keeps_long: bool) -> Self {
        Self {
            short: Activity::default(),
            long: Activity::default(),
            unpooled: Activity::default(),
            multiplexed: false,
            has_seen_http1: false,
            limit: if keeps_long { LONG_IDLE } else { SHORT_IDLE },
            proven: Duration::ZERO,
            closed_after: Duration::MAX,
        }
    }

    fn activity(&mut self, pool: PoolKind) -> &mut Activity {
        match pool {
            PoolKind::Short => &mut self.short,
            PoolKind::Long => &mut self.long,
            PoolKind::Unpooled => &mut self.unpooled,
        }
    }

    /// Chooses the pool of a request, and counts it as in flight.
    pub(super) fn begin(&mut self, is_unsafe: bool, now: Instant) -> PoolChoice {
        let pool = self.choose(is_unsafe, now);
        let activity = self.activity(pool);
        let (idle, is_first) = (activity.next_idle(now), activity.is_empty(now, LONG_IDLE));
        activity.in_flight += 1;
        PoolChoice { pool, idle, last_port: activity.last_port.filter(|_| idle.is_some()), is_first }
    }

    fn choose(&self, is_unsafe: bool, now: Instant) -> PoolKind {
        if !self.short.is_empty(now, SHORT_IDLE) {
            return self.choose_short(is_unsafe, now);
        }
        if self.limit <= SHORT_IDLE {
            return PoolKind::Short;
        }
        if self.long.is_empty(now, LONG_IDLE) {
            return PoolKind::Long;
        }
        let is_usable = match self.long.next_idle(now) {
            Some(idle) if idle > self.limit => false,
            Some(idle) => !is_unsafe || self.is_proven(idle),
            // The connection is in use.
            None if self.multiplexed && self.long.in_flight > 0 => true,
            // Any connection of the pool: as old as it keeps them.
            None => !is_unsafe || (self.limit >= LONG_IDLE && self.is_proven(LONG_IDLE)),
        };
        if is_usable { PoolKind::Long } else { PoolKind::Short }
    }

    /// The short pool, unless its connection may be older than the server keeps it.
    fn choose_short(&self, is_unsafe: bool, now: Instant) -> PoolKind {
        let is_usable = match self.short.next_idle(now) {
            _ if self.limit >= SHORT_IDLE => true,
            Some(idle) => idle <= self.limit,
            None => !is_unsafe,
        };
        if is_usable { PoolKind::Short } else { PoolKind::Unpooled }
    }

    /// Whether a connection that is idle for this time is certainly open.
    fn is_proven(&self, idle: Duration) -> bool {
        idle <= SHORT_IDLE || (idle <= self.proven && idle < self.closed_after / 4 * 3)
    }

    /// Records the head of a response, and the local port of its connection, if it has one.
    pub(super) fn response(&mut self, choice: PoolChoice, report: ConnectionReport, port: Option<u16>) {
        if self.multiplexed && report != ConnectionReport::Multiplexed {
            // What HTTP/2 has shown does not hold for the other connections.
            (self.multiplexed, self.proven) = (false, Duration::ZERO);
        }
        match report {
            // The pool can still have connections of HTTP/1.1.
            ConnectionReport::Multiplexed if self.multiplexed || self.has_seen_http1 => {}
            ConnectionReport::Multiplexed => {
                (self.multiplexed, self.limit, self.proven) = (true, LONG_IDLE, LONG_IDLE);
            }
            ConnectionReport::KeptFor(time) => {
                let usable = time.saturating_sub(MARGIN).min(LONG_IDLE);
                self.limit = if self.has_seen_http1 { self.limit.min(usable) } else { usable };
                self.proven = self.proven.max(usable);
            }
            ConnectionReport::Kept if !self.has_seen_http1 => self.limit = LONG_IDLE,
            ConnectionReport::Kept => {}
        }
        self.has_seen_http1 |= report != ConnectionReport::Multiplexed;
        let Some(idle) = choice.idle.filter(|idle| choice.pool == PoolKind::Long && *idle > SHORT_IDLE) else { return };
        if port == choice.last_port {
            self.proven = self.proven.max(idle);
        } else if idle < LONG_IDLE && report != ConnectionReport::Multiplexed {
            // The server had closed the connection. Over HTTP/2 it says which requests it has not processed.
            self.closed_after = self.closed_after.min(idle);
        }
    }

    /// Records the end of an exchange, and the local port of its connection, if its response has begun.
    pub(super) fn end(&mut self, choice: PoolChoice, end: ExchangeEnd, port: Option<u16>, now: Instant) {
        let activity = self.activity(choice.pool);
        activity.in_flight = activity.in_flight.saturating_sub(1);
        activity.last_end = Some(now);
        activity.last_port = port.filter(|_| end == ExchangeEnd::Reusable);
        // A connection that was new, or on which a response began, was open when the request was written.
        let was_open = choice.is_first || port.is_some();
        if end == ExchangeEnd::Lost && !was_open && choice.pool == PoolKind::Long {
            let idle = choice.idle.unwrap_or(LONG_IDLE);
            if idle > SHORT_IDLE {
                self.closed_after = self.closed_after.min(idle);
                self.limit = self.limit.min(idle / 4 * 3);
            }
        }
    }
}

#[cfg(test)]
mod tests;
