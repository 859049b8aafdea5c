//! Checks a [`LeaseStore`] of a program against the rules.

use std::time::Duration;

use tokio::time::sleep;

use super::{
    future::StoreError,
    lease::{Lease, LeaseDecision, LeaseStore},
};

/// A lease that does not expire during the check.
const LONG_TTL: Duration = Duration::from_secs(30);
/// A lease that expires during the check.
const SHORT_TTL: Duration = Duration::from_millis(300);
const NOTE: &str = r#"{"digest":"0123456789abcdef0123456789abcdef","uid":"2NtaeaVcKfpmSZ4CthFdfk"}"#;

/// Checks a store against the rules of [`LeaseStore`], one after the other. Meant for the tests of a program's own store. Takes
/// about a second.
///
/// `name` must be new to the store, and so must be the name with `-other` appended.
///
/// ```
/// use calcom::state::{MemoryStore, check_lease_store};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), calcom::state::StoreError> {
/// check_lease_store(&MemoryStore::new(0), "a name that nothing else uses").await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// [`StoreError`] with the first rule that the store breaks, or with the store's own error.
pub async fn check_lease_store(store: &dyn LeaseStore, name: &str) -> Result<(), StoreError> {
    let first = expect_grant(store, name, LONG_TTL).await?;
    check(first == Lease::new(1, None, None), "the first grant has token 1, no note and no idle time")?;
    check(
        matches!(store.acquire(name, LONG_TTL).await?, LeaseDecision::Held { expires_in } if expires_in <= LONG_TTL),
        "a name that is held is not granted, and its time left is not longer than the one that was asked for",
    )?;
    let other = expect_grant(store, &format!("{name}-other"), LONG_TTL).await?;
    check(other.token == 1, "names do not affect each other")?;
    check(store.renew(name, 1, LONG_TTL).await?, "the holder renews its lease")?;
    check(!store.renew(name, 2, LONG_TTL).await?, "a lease is renewed with its own token only")?;
    check(!store.release(name, 2, Some("x")).await?, "a lease is released with its own token only")?;
    check(store.release(name, 1, Some(NOTE)).await?, "the holder releases its lease")?;
    check(!store.renew(name, 1, LONG_TTL).await?, "a lease that was released is not renewed")?;

    let second = expect_grant(store, name, SHORT_TTL).await?;
    check(second.token == 2, "the token grows by one with each grant")?;
    check(second.note.as_deref() == Some(NOTE), "the next holder is given the note, unchanged")?;
    check(second.idle.is_some_and(|idle| idle < LONG_TTL), "the next holder is told how long the name was free")?;
    check(
        !store.release(name, 1, Some("late")).await?,
        "the holder before has no effect on a name that was granted since",
    )?;
    sleep(SHORT_TTL * 2).await;
    check(!store.renew(name, 2, LONG_TTL).await?, "a lease whose time has run out is not renewed")?;

    let third = expect_grant(store, name, SHORT_TTL).await?;
    check(third.token == 3 && third.note.is_none(), "a holder whose time runs out leaves no note")?;
    check(third.idle.is_some_and(|idle| idle >= SHORT_TTL / 2), "a name is free since its holder's time ran out")?;
    sleep(SHORT_TTL * 2).await;
    check(store.release(name, 3, Some(NOTE)).await?, "a holder whose time has run out still leaves its note")?;
    let fourth = expect_grant(store, name, LONG_TTL).await?;
    check(fourth.note.as_deref() == Some(NOTE), "the note of a holder that came late is given to the next")?;
    check(fourth.idle.is_some_and(|idle| idle >= SHORT_TTL / 2), "a release does not make the name held until then")?;
    check(store.release(name, 4, None).await?, "the holder releases its lease without a note")?;
    check(expect_grant(store, name, LONG_TTL).await?.note.is_none(), "a release without a note leaves none")?;
    check(store.release(name, 5, None).await?, "the last holder releases its lease")
}

async fn expect_grant(store: &dyn LeaseStore, name: &str, ttl: Duration) -> Result<Lease, StoreError> {
    match store.acquire(name, ttl).await? {
        LeaseDecision::Granted(lease) => Ok(lease),
        LeaseDecision::Held { .. } => Err(StoreError("a name that is free is granted".to_owned())),
    }
}

fn check(holds: bool, rule: &str) -> Result<(), StoreError> {
    if holds { Ok(()) } else { Err(StoreError(format!("the store breaks a rule: {rule}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{MemoryStore, StoreFuture};

    /// A store that breaks one rule.
    #[derive(Debug)]
    struct BrokenStore(MemoryStore, Fault);

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Fault {
        KeepsTheToken,
        KeepsTheNote,
        LosesTheNote,
        HasNoIdleTime,
        MixesNames,
        RenewsAnything,
        ReleasesAnything,
    }

    impl LeaseStore for BrokenStore {
        fn acquire<'a>(&'a self, name: &'a str, ttl: Duration) -> StoreFuture<'a, LeaseDecision> {
            Box::pin(async move {
                let name = if self.1 == Fault::MixesNames { "all" } else { name };
                let LeaseDecision::Granted(mut lease) = self.0.acquire(name, ttl).await? else {
                    return self.0.acquire(name, ttl).await;
                };
                match self.1 {
                    Fault::KeepsTheToken => lease.token = 1,
                    Fault::KeepsTheNote if lease.token == 3 => lease.note = Some(NOTE.to_owned()),
                    Fault::LosesTheNote => lease.note = None,
                    Fault::HasNoIdleTime => lease.idle = None,
                    _ => {}
                }
                Ok(LeaseDecision::Granted(lease))
            })
        }

        fn renew<'a>(&'a self, name: &'a str, token: u64, ttl: Duration) -> StoreFuture<'a, bool> {
            Box::pin(async move { Ok(self.0.renew(name, token, ttl).await? || self.1 == Fault::RenewsAnything) })
        }

        fn release<'a>(&'a self, name: &'a str, token: u64, note: Option<&'a str>) -> StoreFuture<'a, bool> {
            Box::pin(async move { Ok(self.0.release(name, token, note).await? || self.1 == Fault::ReleasesAnything) })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_store_in_memory_follows_the_rules() {
        check_lease_store(&MemoryStore::new(0), "k").await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_breaks_a_rule_gets_the_rule_as_the_error() {
        for (fault, rule) in [
            (Fault::KeepsTheToken, "the token grows by one"),
            (Fault::KeepsTheNote, "a holder whose time runs out leaves no note"),
            (Fault::LosesTheNote, "the next holder is given the note"),
            (Fault::HasNoIdleTime, "the next holder is told how long"),
            (Fault::MixesNames, "a name that is free is granted"),
            (Fault::RenewsAnything, "a lease is renewed with its own token only"),
            (Fault::ReleasesAnything, "a lease is released with its own token only"),
        ] {
            let StoreError(text) = check_lease_store(&BrokenStore(MemoryStore::new(0), fault), "k").await.unwrap_err();
            assert!(text.contains(rule), "{fault:?}: {text}");
        }
    }
}
