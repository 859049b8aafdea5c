//! Looks a cached response up in one round trip: clock, marks and response are read together, by plain commands, which cost the
//! server a third of what a script does.
//!
//! The commands are not one step. The marks are read first: a response that was replaced meanwhile has other marks, and is stale.

use std::sync::Arc;

use redis::{FromRedisValue, RedisError, Value};

use super::{connection::Connection, headers::decode_headers, held::HeldResponse};
use crate::state::cached_response::{CacheLookup, CachedResponse, TagVersions};

/// How long a mark is kept that no lookup or response uses.
pub(super) const MARK_TTL_MILLIS: u64 = 24 * 3_600_000;
/// The fields of a response that say whether it is fresh: fresh until, the marks and the clock when it was stored, identity.
const STATE_FIELDS: [&str; 4] = ["f", "m", "c", "i"];
/// Its status, headers and body.
const CONTENT_FIELDS: [&str; 3] = ["s", "h", "b"];

/// A lookup of one response.
pub(super) struct Lookup<'a> {
    pub(super) connection: &'a mut Connection,
    /// The key of the response, then those of the marks of its tags.
    pub(super) keys: &'a [String],
    /// The time on the server's clock, if a test sets it.
    pub(super) now: Option<u64>,
}

/// What is stored.
struct Stored {
    now: u64,
    /// The present marks.
    marks: Vec<Option<u64>>,
    fresh_until: Option<u64>,
    /// The marks when the response was requested.
    marks_then: Option<String>,
    stored_at: Option<u64>,
    identity: u64,
    /// Status, headers and body, if they were asked for and can be read.
    content: Option<(u16, String, Vec<u8>)>,
}

impl Lookup<'_> {
    /// Finds the response. `held` is the one that this process holds: if the server still has it, its bytes are not sent. A fresh
    /// response that is not `held` is passed to `keep` with its identity.
    pub(super) async fn find(
        &mut self,
        held: Option<HeldResponse>,
        keep: impl FnOnce(u64, &Arc<CachedResponse>),
    ) -> Result<(CacheLookup, TagVersions), RedisError> {
        let mut stored = self.read(held.is_none()).await?;
        if let Some(held) = held {
            if stored.is_fresh() && stored.identity == held.identity {
                return Ok((CacheLookup::Fresh(held.response), stored.versions()));
            }
            stored = self.read(true).await?;
        }
        let is_fresh = stored.is_fresh();
        let response = stored.content.take().map(|(status, headers, body)| {
            Arc::new(CachedResponse::new(status, decode_headers(&headers), body.into(), 0))
        });
        if let Some(response) = response.as_ref().filter(|_| is_fresh) {
            keep(stored.identity, response);
            return Ok((CacheLookup::Fresh(Arc::clone(response)), stored.versions()));
        }
        let is_known = stored.fresh_until.is_some() && stored.marks_then.is_some();
        let found = response.filter(|_| is_known).map_or(CacheLookup::Missing, CacheLookup::Stale);
        Ok((found, TagVersions(self.set_missing_marks(stored.marks).await?)))
    }

    async fn read(&mut self, with_content: bool) -> Result<Stored, RedisError> {
        let Some((response, marks)) = self.keys.split_first() else { return Err(incomplete()) };
        let mut commands = redis::pipe();
        commands.cmd("TIME");
        marks.iter().for_each(|mark| _ = commands.get(mark));
        commands.cmd("HMGET").arg(response).arg(&STATE_FIELDS);
        if with_content {
            commands.arg(&CONTENT_FIELDS);
        }
        let replies: Vec<Value> = commands.query_async(self.connection).await?;
        self.parse(replies)
    }

    fn parse(&self, replies: Vec<Value>) -> Result<Stored, RedisError> {
        let mut replies = replies.into_iter();
        let (Some(time), Some(fields)) = (replies.next(), replies.next_back()) else { return Err(incomplete()) };
        let (seconds, micros): (u64, u64) = read(time)?;
        let now = self.now.unwrap_or_else(|| seconds.saturating_mul(1_000).saturating_add(micros / 1_000));
        // A mark that is no number is foreign, and an error.
        Ok(Stored::new(now, replies.map(read).collect::<Result<_, _>>()?, read(fields)?))
    }

    /// The present marks. What is missing is set, unless another process has set it.
    async fn set_missing_marks(&mut self, marks: Vec<Option<u64>>) -> Result<Vec<u64>, RedisError> {
        let new = fastrand::u64(1..);
        let names = self.keys.iter().skip(1);
        let missing: Vec<&String> =
            names.zip(&marks).filter(|(_, mark)| mark.is_none()).map(|(name, _)| name).collect();
        if missing.is_empty() {
            return Ok(marks.into_iter().flatten().collect());
        }
        let mut commands = redis::pipe();
        for name in &missing {
            commands.cmd("SET").arg(name).arg(new).arg("NX").arg("PX").arg(MARK_TTL_MILLIS).ignore();
        }
        missing.iter().for_each(|name| _ = commands.get(name));
        let set: Vec<Option<u64>> = commands.query_async(self.connection).await?;
        let mut set = set.into_iter();
        // A mark that is evicted at once matches none: what is stored with it is stale.
        Ok(marks.into_iter().map(|mark| mark.or_else(|| set.next().flatten()).unwrap_or(new)).collect())
    }
}

impl Stored {
    fn new(now: u64, marks: Vec<Option<u64>>, fields: Vec<Option<Vec<u8>>>) -> Self {
        let mut fields = fields.into_iter();
        let mut bytes = move || fields.next().flatten();
        let text = |bytes: Option<Vec<u8>>| bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        let number = |bytes: Option<Vec<u8>>| text(bytes).and_then(|text| text.parse::<u64>().ok());
        let fresh_until = number(bytes());
        let marks_then = text(bytes());
        let stored_at = number(bytes());
        let identity = number(bytes()).unwrap_or_default();
        let status = text(bytes()).and_then(|text| text.parse().ok());
        let content = (status, text(bytes()), bytes());
        let content = match content {
            (Some(status), Some(headers), Some(body)) => Some((status, headers, body)),
            _ => None,
        };
        Self { now, marks, fresh_until, marks_then, stored_at, identity, content }
    }

    /// Whether the response is fresh: in time, and with the marks that its tags have now.
    fn is_fresh(&self) -> bool {
        // If the clock was set back since the response was stored, it would be fresh for too long.
        let in_time = self.fresh_until.is_some_and(|until| self.now < until && self.now >= self.stored_at.unwrap_or(0));
        in_time && self.marks_then.as_ref().is_some_and(|then| self.has_marks(then))
    }

    /// The marks that are there: of a fresh response all.
    fn versions(&self) -> TagVersions {
        TagVersions(self.marks.iter().copied().flatten().collect())
    }

    fn has_marks(&self, then: &str) -> bool {
        // A response without tags has none.
        let mut then = then.split(' ').filter(|mark| !mark.is_empty());
        let all = self
            .marks
            .iter()
            .all(|mark| mark.is_some_and(|mark| then.next().is_some_and(|text| text.parse() == Ok(mark))));
        all && then.next().is_none()
    }
}

fn read<T: FromRedisValue>(value: Value) -> Result<T, RedisError> {
    redis::from_redis_value(value).map_err(Into::into)
}

/// The server sent fewer replies than it got commands.
fn incomplete() -> RedisError {
    (redis::ErrorKind::UnexpectedReturnType, "replies are missing").into()
}
