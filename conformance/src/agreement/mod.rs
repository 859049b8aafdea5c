//! Replaying recordings against the fake: every recorded request is sent to a fake that stands as the recorded server
//! stood, and the answers are compared. What the recordings leave out (earlier writes that were not recorded, who of
//! the redacted callers asked) is given to the fake first, as far as the recordings prove it.

mod compare;
mod given;
mod order;
mod pairs;
mod race;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::{fmt, io};

use calcom_fake::__conformance::{Exchange, State, load, with_state};
use calcom_fake::FakeCalcom;

use crate::wire::{Answer, Call};
use order::in_order;

/// How far the fake agrees.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Names of the exchanges that agree.
    pub passed: Vec<String>,
    /// Those that do not, and how they differ.
    pub failed: Vec<(String, Vec<String>)>,
    /// What was given to the fake because the recordings left it out, with how often.
    pub given: BTreeMap<&'static str, usize>,
}

impl Report {
    /// Whether at least 95 % agree.
    pub fn suffices(&self) -> bool {
        self.all() > 0 && self.passed.len() * 100 >= self.all() * 95
    }

    fn all(&self) -> usize {
        self.passed.len() + self.failed.len()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, differences) in &self.failed {
            writeln!(f, "{name}")?;
            for difference in differences {
                writeln!(f, "    {difference}")?;
            }
        }
        for (what, times) in &self.given {
            writeln!(f, "given beforehand, because no recording made it: {times} x {what}")?;
        }
        let share = self.passed.len() * 1000 / self.all().max(1);
        writeln!(f, "agreement: {}.{} %", share / 10, share % 10)?;
        write!(f, "{} passed, {} failed", self.passed.len(), self.failed.len())
    }
}

/// Replays what lies below `judged`; what lies below `context` happens too, in its order, but does not count.
///
/// To be run with tokio's clock paused, so that the recorded times are the only ones.
///
/// # Errors
/// When a recording cannot be read or the fake cannot be reached.
pub async fn measure(judged: &[PathBuf], context: &[PathBuf]) -> io::Result<Report> {
    let mut exchanges = Vec::new();
    for dir in judged {
        exchanges.extend(load(dir)?);
    }
    let judged = exchanges.iter().map(|exchange| exchange.name.clone()).collect();
    for dir in context {
        for exchange in load(dir)? {
            if !exchanges.iter().any(|known| known.name == exchange.name) {
                exchanges.push(exchange);
            }
        }
    }
    in_order(&mut exchanges);
    Stage::new(&exchanges, judged).await.run(&exchanges).await
}

/// The fake with the recordings around it.
struct Stage {
    fake: FakeCalcom,
    facts: given::Facts,
    /// The names of the exchanges that count; the others only set the stage for them.
    judged: HashSet<String>,
    report: Report,
    /// How the fake stood when this world began.
    fresh: State,
    /// The fake's entity tag for each recorded one.
    tags: HashMap<String, String>,
}

impl Stage {
    async fn new(exchanges: &[Exchange], judged: HashSet<String>) -> Self {
        let fake = FakeCalcom::recorded_seed().await;
        let fresh = with_state(&fake, |state| state.clone());
        let facts = given::Facts::of(exchanges);
        Self { fake, facts, judged, report: Report::default(), fresh, tags: HashMap::new() }
    }

    async fn run(mut self, exchanges: &[Exchange]) -> io::Result<Report> {
        let races = pairs::pairs(exchanges);
        for (index, exchange) in exchanges.iter().enumerate() {
            if let Some(partner) = races.get(&index) {
                // The first of a pair is sent with its partner.
                if index < *partner {
                    self.race(exchange, &exchanges[*partner]).await?;
                }
                continue;
            }
            if pairs::lost(exchange) {
                // The winner was not recorded.
                self.race(exchange, &pairs::twin(exchange)).await?;
                continue;
            }
            self.prepare(exchange);
            self.learn_tag(exchange).await?;
            let differences = self.ask(exchange).await?;
            self.note(exchange, differences);
        }
        Ok(self.report)
    }

    /// Sets the clock and gives the fake what this exchange needs.
    fn prepare(&mut self, exchange: &Exchange) {
        self.fake.clock().set(exchange.at);
        with_state(&self.fake, |state| {
            if self.facts.another_world(state, exchange) {
                state.clone_from(&self.fresh);
                *self.report.given.entry("a fresh server").or_default() += 1;
            }
            self.facts.give(state, exchange, &mut self.report.given);
        });
    }

    /// A conditional request needs the tag that the fake would have given.
    async fn learn_tag(&mut self, exchange: &Exchange) -> io::Result<()> {
        let Some(recorded) = exchange.request.header("if-none-match").map(str::to_owned) else { return Ok(()) };
        if !self.tags.contains_key(&recorded) {
            let mut plain = exchange.clone();
            plain.request.headers.retain(|name, _| !name.eq_ignore_ascii_case("if-none-match"));
            let answer = self.send(&plain, None).await?;
            self.tags.insert(recorded, answer.header("etag").unwrap_or_default().to_owned());
        }
        Ok(())
    }

    /// Sends it as the recording has it; where the redacted key could be the other user's, as that one too.
    async fn ask(&mut self, exchange: &Exchange) -> io::Result<Vec<String>> {
        let before = with_state(&self.fake, |state| state.clone());
        let answer = self.send(exchange, None).await?;
        let mut differences = compare::differences(exchange, &answer);
        if differences.is_empty() {
            self.keep_tag(exchange, &answer);
        }
        if differences.is_empty() || !is_redacted(exchange) {
            return Ok(differences);
        }
        let stale = answer.status == 401;
        let after = with_state(&self.fake, |state| std::mem::replace(state, before.clone()));
        // The first user may have a new key by now, which is redacted to the same text.
        for user in ["johndoe", "janeroe"] {
            let answer = self.send(exchange, Some(user)).await?;
            if compare::differences(exchange, &answer).is_empty() {
                self.keep_tag(exchange, &answer);
                *self.report.given.entry("another caller or key").or_default() += 1;
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

    fn keep_tag(&mut self, exchange: &Exchange, answer: &Answer) {
        if let (Some(recorded), Some(own)) = (exchange.response.header("etag"), answer.header("etag")) {
            self.tags.insert(recorded.to_owned(), own.to_owned());
        }
    }

    fn note(&mut self, exchange: &Exchange, differences: Vec<String>) {
        with_state(&self.fake, |state| state.ids.forget_expected());
        if !self.judged.contains(&exchange.name) {
            return;
        }
        if differences.is_empty() {
            self.report.passed.push(exchange.name.clone());
        } else {
            self.report.failed.push((exchange.name.clone(), differences));
        }
    }

    /// Sends the recorded request. `<N bytes of JSON>` stands for a body too long to keep.
    async fn send(&self, exchange: &Exchange, as_user: Option<&str>) -> io::Result<Answer> {
        let request = &exchange.request;
        let mut call = Call::new(&request.method, &request.target());
        let mut headers: Vec<(&String, &String)> = request.headers.iter().collect();
        headers.sort();
        for (name, value) in headers {
            call = match as_user {
                Some(user) if name.eq_ignore_ascii_case("authorization") => call.key(&self.fake.api_key_of(user)),
                _ => call.header(name, self.tags.get(value).unwrap_or(value)),
            };
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

fn is_redacted(exchange: &Exchange) -> bool {
    exchange.request.header("authorization").is_some_and(|value| value.contains("redacted"))
}

fn left_out(text: &str) -> Option<usize> {
    text.strip_prefix('<')?.strip_suffix(" bytes of JSON>")?.parse().ok()
}

/// A webhook with a long URL that is none: what the recordings' long bodies were.
fn filler(length: usize) -> Vec<u8> {
    let head = r#"{"active":true,"triggers":["BOOKING_CREATED"],"subscriberUrl":""#;
    let mut body = head.as_bytes().to_vec();
    body.resize(length.saturating_sub(2).max(head.len()), b'x');
    body.extend_from_slice(b"\"}");
    body
}
