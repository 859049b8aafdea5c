//! The connections: HTTP clients with their pools and TLS, and the choice between the pools. The pipeline decides on redirects
//! and retries, not the HTTP client.

mod certainty;
mod evidence;
mod http_client;

use std::{
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use http::{HeaderMap, HeaderName, HeaderValue, Version, header::CONNECTION};
use hyper_util::client::legacy::connect::HttpInfo;
use tokio::time::Instant;
use url::Url;

use crate::{Config, Result, contract::Contract, operation::Resend, sync::lock};
pub(super) use certainty::{cause_of, was_never_sent};
use evidence::{ConnectionEvidence, ConnectionReport, ExchangeEnd, LONG_IDLE, PoolChoice, PoolKind, SHORT_IDLE};
use http_client::HttpClients;
pub(crate) use http_client::HttpHook;
pub(super) use http_client::USER_AGENT;

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");

/// The connections to one service. Clones share them.
#[derive(Clone)]
pub(crate) struct Transport(Arc<Inner>);

struct Inner {
    short: reqwest::Client,
    /// `None` if the settings say how long connections are kept: then `short` is the only pool.
    long: Option<reqwest::Client>,
    /// Keeps no connections; made if the server announces a shorter time than that of `short`.
    unpooled: OnceLock<reqwest::Client>,
    evidence: Mutex<ConnectionEvidence>,
    http: HttpClients,
}

impl Transport {
    /// # Errors
    ///
    /// [`Error::Configuration`](crate::Error::Configuration) if TLS cannot be set up.
    pub(super) fn new(config: &Config, base: &Url, hook: Option<&HttpHook>) -> Result<Self> {
        let http = HttpClients::new(config, base, hook);
        let (short, long) = match config.timeout.idle {
            Some(idle) => (http.build(idle)?, None),
            None => (http.build(SHORT_IDLE)?, Some(http.build(LONG_IDLE)?)),
        };
        // An edge is in front of the hosted service.
        let evidence = Mutex::new(ConnectionEvidence::new(config.contract() == Contract::Hosted));
        Ok(Self(Arc::new(Inner { short, long, unpooled: OnceLock::new(), evidence, http })))
    }

    /// Whether requests leave the `User-Agent` to the HTTP client.
    pub(super) fn has_hook(&self) -> bool {
        self.0.http.has_hook()
    }

    /// Begins an exchange, at this time, of a request that `resend` says how to repeat.
    pub(super) fn begin(&self, resend: Resend, now: Instant) -> Exchange<'_> {
        let choose = || lock(&self.0.evidence).begin(resend == Resend::Unsafe, now);
        let choice = self.0.long.is_some().then(choose);
        let pool = match (choice, &self.0.long) {
            (Some(PoolChoice { pool: PoolKind::Long, .. }), Some(long)) => long,
            (Some(PoolChoice { pool: PoolKind::Unpooled, .. }), _) => self.0.unpooled(),
            _ => &self.0.short,
        };
        Exchange { transport: &self.0, pool, choice, port: None, closes: true }
    }
}

impl Inner {
    fn unpooled(&self) -> &reqwest::Client {
        // The same settings made the other clients.
        self.unpooled.get_or_init(|| self.http.build(Duration::ZERO).unwrap_or_else(|_| self.short.clone()))
    }
}

/// A request on its way, until its response is read. On drop it ends.
pub(super) struct Exchange<'a> {
    transport: &'a Inner,
    pool: &'a reqwest::Client,
    /// `None` if there is only one pool, or if the end is recorded.
    choice: Option<PoolChoice>,
    /// The local port of the connection that the response came on.
    port: Option<u16>,
    /// Whether the server closes the connection after the response.
    closes: bool,
}

impl<'a> Exchange<'a> {
    /// The client that sends the request.
    pub(super) fn client(&self) -> &'a reqwest::Client {
        self.pool
    }

    /// Records what the head of the response says of its connection.
    pub(super) fn record_head(&mut self, response: &reqwest::Response) {
        if let Some(choice) = self.choice {
            self.closes = closes(response.version(), response.headers());
            self.port = response.extensions().get().map(|info: &HttpInfo| info.local_addr().port());
            // What a server says of a connection it has said before.
            if !choice.is_as_before(self.port) {
                let report = report(response.version(), response.headers());
                lock(&self.transport.evidence).response(choice, report, self.port);
            }
        }
    }

    /// The response is read to its end.
    pub(super) fn complete(&mut self, now: Instant) {
        self.end(if self.closes { ExchangeEnd::Closed } else { ExchangeEnd::Reusable }, now);
    }

    /// The connection broke, or its time was over.
    pub(super) fn lose(&mut self, now: Instant) {
        self.end(ExchangeEnd::Lost, now);
    }

    fn end(&mut self, end: ExchangeEnd, now: Instant) {
        if let Some(choice) = self.choice.take() {
            lock(&self.transport.evidence).end(choice, end, self.port, now);
        }
    }
}

impl Drop for Exchange<'_> {
    fn drop(&mut self) {
        if self.choice.is_some() {
            self.end(ExchangeEnd::Closed, Instant::now());
        }
    }
}

/// What a response says of its connection.
fn report(version: Version, headers: &HeaderMap) -> ConnectionReport {
    if version == Version::HTTP_2 {
        return ConnectionReport::Multiplexed;
    }
    // Each server on the way can announce one.
    match headers.get_all(KEEP_ALIVE).iter().filter_map(announced).min() {
        Some(time) => ConnectionReport::KeptFor(time),
        None => ConnectionReport::Kept,
    }
}

/// The `timeout` of `Keep-Alive: timeout=5, max=100`, the shortest of several.
fn announced(keep_alive: &HeaderValue) -> Option<Duration> {
    let text = keep_alive.to_str().ok()?;
    let seconds = |parameter: &str| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("timeout").then(|| value.trim().parse::<u32>().ok()).flatten()
    };
    // As most servers write it.
    let only = text.strip_prefix("timeout=").and_then(|value| value.parse::<u32>().ok());
    let timeout = only.or_else(|| text.split(',').filter_map(seconds).min())?;
    Some(Duration::from_secs(timeout.into()))
}

/// Whether the server closes the connection after this response.
fn closes(version: Version, headers: &HeaderMap) -> bool {
    let says_close = |value: &HeaderValue| {
        let is_close = |option: &[u8]| option.trim_ascii().eq_ignore_ascii_case(b"close");
        value != "keep-alive" && value.as_bytes().split(|byte| *byte == b',').any(is_close)
    };
    version < Version::HTTP_11 || headers.get_all(CONNECTION).iter().any(says_close)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_announced_time_is_read_from_any_of_the_parameters() {
        let read = |text: &'static str| announced(&HeaderValue::from_static(text)).map(|time| time.as_secs());
        assert_eq!(read("timeout=5"), Some(5));
        assert_eq!(read("max=100, Timeout = 65"), Some(65));
        assert_eq!(read("timeout=65, max=100, timeout=7,timeout=x"), Some(7));
        for nothing in ["", "max=100", "timeout", "timeout=soon", "timeout=-1", "timeout=99999999999"] {
            assert_eq!(read(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_connection_is_closed_if_the_response_says_so_or_is_older_than_http_1_1() {
        let headers = |value: &'static str| HeaderMap::from_iter([(CONNECTION, HeaderValue::from_static(value))]);
        assert!(closes(Version::HTTP_11, &headers("close")) && closes(Version::HTTP_11, &headers("te, Close")));
        assert!(!closes(Version::HTTP_11, &headers("keep-alive")) && !closes(Version::HTTP_2, &HeaderMap::new()));
        assert!(closes(Version::HTTP_10, &HeaderMap::new()));
    }
}
