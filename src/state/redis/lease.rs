//! Leases on a Redis server.

use std::time::Duration;

use super::{RedisStore, arguments, keys};
use crate::state::{
    future::StoreFuture,
    lease::{Lease, LeaseDecision, LeaseStore},
};

/// Whether it was granted, token or remaining time, idle time, whether there is a note, note.
type LeaseReply = (u8, u64, i64, u8, String);

impl RedisStore {
    fn on_lease<'a, U>(
        &'a self,
        name: &str,
        command: &str,
        (ttl, token, note): (Duration, u64, Option<&str>),
        read: impl FnOnce(LeaseReply) -> U + Send + 'a,
    ) -> StoreFuture<'a, U> {
        let args = arguments(&[
            &command,
            &self.now(),
            &ttl.as_millis(),
            &token,
            &u8::from(note.is_some()),
            &note.unwrap_or_default(),
        ]);
        self.run(&self.lease, keys::lease(name), args, read)
    }
}

impl LeaseStore for RedisStore {
    fn acquire<'a>(&'a self, name: &'a str, ttl: Duration) -> StoreFuture<'a, LeaseDecision> {
        self.on_lease(name, "acquire", (ttl, 0, None), |(granted, number, idle, noted, note)| {
            if granted == 0 {
                return LeaseDecision::Held { expires_in: Duration::from_millis(number) };
            }
            let idle = u64::try_from(idle).ok().map(Duration::from_millis);
            LeaseDecision::Granted(Lease::new(number, (noted == 1).then_some(note), idle))
        })
    }

    fn renew<'a>(&'a self, name: &'a str, token: u64, ttl: Duration) -> StoreFuture<'a, bool> {
        self.on_lease(name, "renew", (ttl, token, None), |reply| reply.0 == 1)
    }

    fn release<'a>(&'a self, name: &'a str, token: u64, note: Option<&'a str>) -> StoreFuture<'a, bool> {
        self.on_lease(name, "release", (Duration::ZERO, token, note), |reply| reply.0 == 1)
    }
}
