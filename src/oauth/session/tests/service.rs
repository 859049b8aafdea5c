//! A token service and a store that do what a test says.

use std::{
    collections::{HashMap, VecDeque},
    future::Future,
    ops::Range,
    pin::Pin,
    sync::atomic::{AtomicUsize, Ordering},
};

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Notify;

use super::super::super::{store::MemoryTokenStore, store::SessionLock, tokens::SessionTokens};
use super::*;
use crate::state::StoreFuture;

/// What the service does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reply {
    /// It issues the same tokens again.
    Same,
    /// It is not reached.
    NotSent,
    /// No response arrives.
    Unknown { executed: bool },
    /// It refuses the client.
    Refused,
}

type Hook = Box<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

#[derive(Default)]
struct Issued {
    count: u64,
    /// Subjects and expiry of access tokens, by token.
    access: HashMap<String, (String, jiff::Timestamp)>,
    /// Subjects of the refresh tokens that are taken, by token.
    refresh: HashMap<String, String>,
    replies: VecDeque<Reply>,
    requests: usize,
    hook: Option<Hook>,
}

/// Issues pairs. A strict one takes a refresh token once, and revokes all others of its subject.
#[derive(Clone)]
pub(super) struct TokenService {
    pub(super) clock: TokenClock,
    is_lenient: bool,
    issued: Arc<Mutex<Issued>>,
    /// Where a test stops the process: before or after the effect of the next request.
    pub(super) stops: Stops,
}

impl fmt::Debug for TokenService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenService").finish_non_exhaustive()
    }
}

impl TokenService {
    pub(super) fn strict() -> Self {
        Self { clock: TokenClock::start(), is_lenient: false, issued: Arc::default(), stops: Stops::default() }
    }

    pub(super) fn lenient() -> Self {
        Self { is_lenient: true, ..Self::strict() }
    }

    pub(super) fn consent(&self, subject: &str) -> SessionTokens {
        self.issue(&mut lock(&self.issued), subject)
    }

    fn issue(&self, issued: &mut Issued, subject: &str) -> SessionTokens {
        issued.count += 1;
        let (access, refresh) = (format!("a-{subject}-{}", issued.count), format!("r-{subject}-{}", issued.count));
        let pair =
            SessionTokens::new(Some(access.clone()), Some(refresh.clone()), self.clock.now(), Some(1800)).unwrap();
        issued.access.insert(access, (subject.to_owned(), pair.expires));
        issued.refresh.insert(refresh, subject.to_owned());
        pair
    }

    /// Says what happens to the next requests. Those after them are answered.
    pub(super) fn answer(&self, replies: impl IntoIterator<Item = Reply>) {
        lock(&self.issued).replies.extend(replies);
    }

    /// Removes the next reply; whether there was one.
    pub(super) fn take_reply(&self) -> bool {
        lock(&self.issued).replies.pop_front().is_some()
    }

    pub(super) fn before_next(&self, hook: impl Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + 'static) {
        lock(&self.issued).hook = Some(Box::new(hook));
    }

    pub(super) fn requests(&self) -> usize {
        lock(&self.issued).requests
    }

    /// Whose a token is, if it is valid.
    pub(super) fn owner(&self, access: &str) -> Option<String> {
        let now = self.clock.now();
        lock(&self.issued).access.get(access).filter(|(_, expires)| now < *expires).map(|(owner, _)| owner.clone())
    }

    pub(super) fn takes(&self, refresh: &str) -> bool {
        lock(&self.issued).refresh.contains_key(refresh)
    }

    /// Takes no refresh token of a subject any more.
    pub(super) fn revoke(&self, subject: &str) {
        lock(&self.issued).refresh.retain(|_, owner| owner != subject);
    }

    /// Rejects all access tokens of a subject from now on.
    pub(super) fn reject_access(&self, subject: &str) {
        lock(&self.issued).access.retain(|_, (owner, _)| owner != subject);
    }

    pub(super) fn refresh_now(&self, tokens: &SessionTokens) -> Result<SessionTokens, RenewError> {
        let issued = &mut *lock(&self.issued);
        let owner = issued.refresh.get(tokens.refresh.expose_secret()).cloned();
        let owner = owner.ok_or_else(|| RenewError::Ended("revoked".to_owned()))?;
        if !self.is_lenient {
            issued.refresh.retain(|_, other| *other != owner);
        }
        Ok(self.issue(issued, &owner))
    }
}

impl Renewer for TokenService {
    fn renew<'a>(&'a self, tokens: Option<&'a SessionTokens>) -> RenewFuture<'a> {
        Box::pin(async move {
            let (reply, hook) = {
                let issued = &mut *lock(&self.issued);
                issued.requests += 1;
                (issued.replies.pop_front(), issued.hook.take())
            };
            if let Some(hook) = hook {
                hook().await;
            }
            self.stops.pass().await;
            let unknown = || RenewError::Unknown("no response".to_owned());
            let Some(tokens) = tokens else { return Err(RenewError::Ended("no session".to_owned())) };
            let renewed = match reply {
                None => self.refresh_now(tokens),
                Some(Reply::Same) => Ok(tokens.clone()),
                Some(Reply::NotSent) => Err(RenewError::NotSent("no connection".to_owned())),
                Some(Reply::Refused) => Err(RenewError::Refused("client_not_approved".to_owned())),
                Some(Reply::Unknown { executed }) => {
                    let _ = executed.then(|| self.refresh_now(tokens));
                    Err(unknown())
                }
            };
            self.stops.pass().await;
            renewed
        })
    }
}

/// Counts the points at which a process can be killed, and stops it at one of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Stops(Arc<StopState>);

#[derive(Debug, Default)]
struct StopState {
    passed: AtomicUsize,
    /// The point at which it stops, counted from 1; 0 for none.
    at: AtomicUsize,
    stopped: Notify,
}

impl Stops {
    pub(super) fn stop_at(&self, point: usize) {
        self.0.passed.store(0, Ordering::SeqCst);
        self.0.at.store(point, Ordering::SeqCst);
    }

    pub(super) async fn stopped(&self) {
        self.0.stopped.notified().await;
    }

    async fn pass(&self) {
        let point = self.0.passed.fetch_add(1, Ordering::SeqCst) + 1;
        if point == self.0.at.load(Ordering::SeqCst) {
            self.0.stopped.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

/// A store in memory, of which a test lets operations fail.
#[derive(Debug, Default)]
pub(super) struct FailingTokenStore {
    inner: MemoryTokenStore,
    saves: AtomicUsize,
    failing: Mutex<Range<usize>>,
    /// What was there before the last write.
    before: Mutex<Option<(SessionKey, Option<SecretString>)>>,
    pub(super) stops: Stops,
}

impl FailingTokenStore {
    pub(super) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(super) fn stopping_with(service: &TokenService) -> Arc<Self> {
        Arc::new(Self { stops: service.stops.clone(), ..Self::default() })
    }

    /// Lets these writes from now on fail.
    pub(super) fn fail_saves(&self, failing: Range<usize>) {
        self.saves.store(0, Ordering::SeqCst);
        *lock(&self.failing) = failing;
    }
}

impl FailingTokenStore {
    /// Loses the last write, as a replica that takes over does, or a backup that is restored.
    pub(super) fn lose_last_write(&self) {
        if let Some((key, Some(before))) = lock(&self.before).take() {
            self.put(&key, before);
        }
    }

    /// Puts a text into the store, whatever it is.
    pub(super) fn put(&self, key: &SessionKey, text: SecretString) {
        let mut saved = self.inner.save(key, &text);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(saved.as_mut().poll(&mut context).is_ready(), "memory takes everything at once");
    }
}

impl TokenStore for FailingTokenStore {
    fn load<'a>(&'a self, key: &'a SessionKey) -> StoreFuture<'a, Option<SecretString>> {
        Box::pin(async move {
            self.stops.pass().await;
            self.inner.load(key).await
        })
    }

    fn save<'a>(&'a self, key: &'a SessionKey, value: &'a SecretString) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let number = self.saves.fetch_add(1, Ordering::SeqCst);
            if lock(&self.failing).contains(&number) {
                return Err(StoreError("full".to_owned()));
            }
            self.stops.pass().await;
            let before = self.inner.load(key).await?;
            *lock(&self.before) = Some((*key, before));
            self.inner.save(key, value).await?;
            self.stops.pass().await;
            Ok(())
        })
    }

    fn remove<'a>(&'a self, key: &'a SessionKey) -> StoreFuture<'a, ()> {
        self.inner.remove(key)
    }

    fn lock<'a>(&'a self, key: &'a SessionKey, wait: Duration) -> StoreFuture<'a, SessionLock> {
        self.inner.lock(key, wait)
    }
}
