//! Replays recordings against the fake: sends each recorded request to a fake in the state of the recorded server, and
//! compares the responses. State that the recordings do not contain (earlier writes, redacted callers) is added to the fake
//! before, as far as the recordings prove it.

mod areas;
mod compare;
mod full_server;
mod order;
mod pairs;
mod race;
mod setup;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::{fmt, io};

use calcom_fake::__conformance::{RecordedExchange, State, load, with_state};
use calcom_fake::FakeCalcom;

use crate::raw_http::{RawRequest, RawResponse};
pub use areas::{AreaFigure, AreaFigures};
use order::sort_by_time;

/// The agreement of the fake with the recordings.
#[derive(Clone, Debug, Default)]
pub struct AgreementReport {
    /// Names of the exchanges that agree.
    pub passed: Vec<String>,
    /// The other exchanges, with their differences.
    pub failed: Vec<(String, Vec<String>)>,
    /// The state that was added to the fake because the recordings lack it, with counts.
    pub setup: BTreeMap<&'static str, usize>,
    /// The figures by area.
    pub areas: AreaFigures,
}

impl AgreementReport {
    /// Whether at least 95 % agree.
    pub fn is_sufficient(&self) -> bool {
        self.all() > 0 && self.passed.len() * 100 >= self.all() * 95
    }

    fn add(&mut self, other: Self) {
        self.passed.extend(other.passed);
        self.failed.extend(other.failed);
        self.areas.add(other.areas);
        for (what, times) in other.setup {
            *self.setup.entry(what).or_default() += times;
        }
    }

    fn all(&self) -> usize {
        self.passed.len() + self.failed.len()
    }
}

impl fmt::Display for AgreementReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, differences) in &self.failed {
            writeln!(f, "{name}")?;
            for difference in differences {
                writeln!(f, "    {difference}")?;
            }
        }
        for (what, times) in &self.setup {
            writeln!(f, "given beforehand, because no recording made it: {times} x {what}")?;
        }
        let share = self.passed.len() * 1000 / self.all().max(1);
        writeln!(f, "agreement: {}.{} %", share / 10, share % 10)?;
        write!(f, "{} passed, {} failed", self.passed.len(), self.failed.len())
    }
}

/// Areas of exchanges without the session around them: the state that they need is not recorded, so that they are not sent.
const SINGLE: &str = "single-";

/// Replays the recordings below `judged` and `context`, in the order of their times. Only those below `judged` count.
///
/// Run it with tokio's clock paused, so that only the recorded times count.
///
/// # Errors
/// If a recording cannot be read or the fake cannot be reached.
pub async fn measure(judged: &[PathBuf], context: &[PathBuf]) -> io::Result<AgreementReport> {
    let mut exchanges = Vec::new();
    for dir in judged {
        exchanges.extend(load(dir)?.into_iter().filter(|exchange| !exchange.name.starts_with(SINGLE)));
    }
    let judged = exchanges.iter().map(|exchange| exchange.name.clone()).collect();
    for dir in context {
        for exchange in load(dir)? {
            if !exchange.name.starts_with(SINGLE) && !exchanges.iter().any(|known| known.name == exchange.name) {
                exchanges.push(exchange);
            }
        }
    }
    let areas = full_server::areas(&exchanges);
    let (mut full, mut community): (Vec<_>, Vec<_>) =
        exchanges.into_iter().partition(|exchange| areas.contains(full_server::area(exchange)));
    let judged: HashSet<String> = judged;
    let mut report = AgreementReport::default();
    for (exchanges, is_full) in [(&mut community, false), (&mut full, true)] {
        sort_by_time(exchanges);
        let fake = if is_full { full_server::start().await } else { FakeCalcom::recorded_seed().await };
        report.add(AgreementRun::new(fake, exchanges, judged.clone()).run(exchanges).await?);
    }
    Ok(report)
}

/// A replay of recordings against a fake.
struct AgreementRun {
    fake: FakeCalcom,
    facts: setup::Facts,
    /// The names of the exchanges that count. The others only change the state.
    judged: HashSet<String>,
    report: AgreementReport,
    /// The state of the fake at the start of this server's recordings.
    fresh: State,
    /// The fake's entity tags, by recorded tag.
    tags: HashMap<String, String>,
}

impl AgreementRun {
    fn new(fake: FakeCalcom, exchanges: &[RecordedExchange], judged: HashSet<String>) -> Self {
        let fresh = with_state(&fake, |state| state.clone());
        let facts = setup::Facts::of(exchanges);
        Self { fake, facts, judged, report: AgreementReport::default(), fresh, tags: HashMap::new() }
    }

    async fn run(mut self, exchanges: &[RecordedExchange]) -> io::Result<AgreementReport> {
        let races = pairs::pairs(exchanges);
        for (index, exchange) in exchanges.iter().enumerate() {
            if let Some(partner) = races.get(&index) {
                // The first exchange of a pair is sent with the second one.
                if index < *partner {
                    self.race(exchange, &exchanges[*partner]).await?;
                }
                continue;
            }
            if pairs::lacks_partner(exchange) {
                // The other exchange of the pair was not recorded.
                self.race(exchange, &pairs::duplicate_of(exchange)).await?;
                continue;
            }
            self.prepare(exchange);
            self.learn_tag(exchange).await?;
            let differences = self.ask(exchange).await?;
            self.count(exchange, differences);
        }
        Ok(self.report)
    }

    /// Sets the clock, and adds the state that this exchange needs.
    fn prepare(&mut self, exchange: &RecordedExchange) {
        self.fake.clock().set(exchange.at);
        with_state(&self.fake, |state| {
            if self.facts.is_other_server(state, exchange) {
                state.clone_from(&self.fresh);
                *self.report.setup.entry("a fresh server").or_default() += 1;
            }
            self.facts.apply(state, exchange, &mut self.report.setup);
        });
    }

    /// Requests the fake's entity tag for a conditional request.
    async fn learn_tag(&mut self, exchange: &RecordedExchange) -> io::Result<()> {
        let Some(recorded) = exchange.request.header("if-none-match").map(str::to_owned) else { return Ok(()) };
        if !self.tags.contains_key(&recorded) {
            let mut plain = exchange.clone();
            plain.request.headers.retain(|name, _| !name.eq_ignore_ascii_case("if-none-match"));
            let answer = self.send(&plain, None).await?;
            self.tags.insert(recorded, answer.header("etag").unwrap_or_default().to_owned());
        }
        Ok(())
    }

    /// Sends the request as it was recorded. If the redacted key can be that of the other user, it is sent as that user too.
    async fn ask(&mut self, exchange: &RecordedExchange) -> io::Result<Vec<String>> {
        let before = with_state(&self.fake, |state| state.clone());
        let answer = self.send(exchange, None).await?;
        let mut differences = compare::differences(exchange, &answer);
        if differences.is_empty() {
            self.store_tag(exchange, &answer);
        }
        if differences.is_empty() || !is_redacted(exchange) {
            return Ok(differences);
        }
        let stale = answer.status == 401;
        let after = with_state(&self.fake, |state| std::mem::replace(state, before.clone()));
        // The first user may have a new key, which is redacted to the same text.
        let exists = |user: &&str| with_state(&self.fake, |state| state.users.iter().any(|it| it.username == *user));
        let others: Vec<&str> = ["johndoe", "janeroe"].into_iter().filter(exists).collect();
        for user in others {
            let answer = self.send(exchange, Some(user)).await?;
            if compare::differences(exchange, &answer).is_empty() {
                self.store_tag(exchange, &answer);
                *self.report.setup.entry("another caller or key").or_default() += 1;
                return Ok(Vec::new());
            }
            if stale && user == "johndoe" {
                differences = compare::differences(exchange, &answer);
            }
            with_state(&self.fake, |state| state.clone_from(&before));
        }
        with_state(&self.fake, |state| *state = after);
        Ok(differences)
    }

    fn store_tag(&mut self, exchange: &RecordedExchange, answer: &RawResponse) {
        if let (Some(recorded), Some(own)) = (exchange.response.header("etag"), answer.header("etag")) {
            self.tags.insert(recorded.to_owned(), own.to_owned());
        }
    }

    fn count(&mut self, exchange: &RecordedExchange, differences: Vec<String>) {
        with_state(&self.fake, |state| state.ids.clear_next());
        if !self.judged.contains(&exchange.name) {
            return;
        }
        self.report.areas.count(exchange, differences.is_empty());
        if differences.is_empty() {
            self.report.passed.push(exchange.name.clone());
        } else {
            self.report.failed.push((exchange.name.clone(), differences));
        }
    }

    /// Sends the recorded request. `<N bytes of JSON>` is replaced by a body of this length.
    async fn send(&self, exchange: &RecordedExchange, as_user: Option<&str>) -> io::Result<RawResponse> {
        let request = &exchange.request;
        let mut call = RawRequest::new(&request.method, &request.target());
        let mut headers: Vec<(&String, &String)> = request.headers.iter().collect();
        headers.sort();
        for (name, value) in headers {
            call = match as_user {
                Some(user) if name.eq_ignore_ascii_case("authorization") => call.key(&self.fake.api_key_of(user)),
                _ => call.header(name, self.tags.get(value).unwrap_or(value)),
            };
        }
        if let Some(client) = setup::platform::missing_client_id(exchange) {
            call = call.header("x-cal-client-id", client);
        }
        let body = match &request.body {
            serde_json::Value::Null => Vec::new(),
            serde_json::Value::String(text) => match left_out(text) {
                Some(length) => filler(length),
                None => text.clone().into_bytes(),
            },
            other => other.to_string().into_bytes(),
        };
        call.bytes(body).send(self.fake.address()).await
    }
}

fn is_redacted(exchange: &RecordedExchange) -> bool {
    exchange.request.header("authorization").is_some_and(|value| value.contains("redacted"))
}

fn left_out(text: &str) -> Option<usize> {
    text.strip_prefix('<')?.strip_suffix(" bytes of JSON>")?.parse().ok()
}

/// A body of this length: a webhook with a long invalid URL, as it was recorded.
fn filler(length: usize) -> Vec<u8> {
    let head = r#"{"active":true,"triggers":["BOOKING_CREATED"],"subscriberUrl":""#;
    let mut body = head.as_bytes().to_vec();
    body.resize(length.saturating_sub(2).max(head.len()), b'x');
    body.extend_from_slice(b"\"}");
    body
}
