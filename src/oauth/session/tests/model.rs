//! A random model: two subjects, several processes on one store, a token service that rotates, revokes, rejects, refuses and
//! loses responses, and a store that fails and loses writes.

use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::*;

#[derive(Debug, Clone)]
enum ModelStep {
    /// A request of a process for a subject.
    Call {
        process: usize,
        subject: usize,
    },
    /// Calls of all processes for all subjects at once.
    CallAll,
    Advance(u64),
    /// A process is killed and started again.
    Restart(usize),
    /// The service takes no refresh token of the subject any more.
    Revoke(usize),
    /// The service rejects all access tokens of the subject.
    Reject(usize),
    /// What happens to the next request for tokens.
    Next(Reply),
    /// The next writes of the store fail, after some that do not.
    FailSaves(usize, usize),
    /// The store has what it had before its last write.
    LoseLastWrite,
    /// The user consents again.
    Consent {
        process: usize,
        subject: usize,
    },
}

const SUBJECTS: [&str; 2] = ["ada", "grace"];
const PROCESSES: usize = 2;

fn steps() -> impl Strategy<Value = Vec<ModelStep>> {
    let (process, subject) = (0..PROCESSES, 0..SUBJECTS.len());
    let reply = prop_oneof![
        Just(Reply::NotSent),
        Just(Reply::Refused),
        any::<bool>().prop_map(|executed| Reply::Unknown { executed }),
    ];
    let step = prop_oneof![
        6 => (process.clone(), subject.clone()).prop_map(|(process, subject)| ModelStep::Call { process, subject }),
        2 => Just(ModelStep::CallAll),
        4 => prop_oneof![1u64..90, 1700u64..1830].prop_map(ModelStep::Advance),
        2 => process.clone().prop_map(ModelStep::Restart),
        1 => subject.clone().prop_map(ModelStep::Revoke),
        2 => subject.clone().prop_map(ModelStep::Reject),
        3 => reply.prop_map(ModelStep::Next),
        1 => Just(ModelStep::LoseLastWrite),
        1 => (0usize..3, 1usize..6).prop_map(|(after, count)| ModelStep::FailSaves(after, count)),
        1 => (process, subject).prop_map(|(process, subject)| ModelStep::Consent { process, subject }),
    ];
    prop::collection::vec(step, 1..40)
}

struct World {
    service: TokenService,
    store: Arc<FailingTokenStore>,
    processes: Vec<Vec<OAuthSession>>,
}

impl World {
    async fn new(is_lenient: bool) -> Self {
        let service = if is_lenient { TokenService::lenient() } else { TokenService::strict() };
        let store = FailingTokenStore::new();
        for subject in SUBJECTS {
            consented(&service, &store, subject).await;
        }
        let mut world = Self { service, store, processes: Vec::new() };
        world.processes = (0..PROCESSES).map(|_| world.start()).collect();
        world
    }

    fn start(&self) -> Vec<OAuthSession> {
        SUBJECTS.iter().map(|subject| session(&self.service, &self.store, subject)).collect()
    }

    /// A request as the pipeline sends it: with the current token, and once more if that is rejected.
    async fn call(&self, process: usize, subject: usize) -> Result<(), TokenError> {
        let session = &self.processes[process][subject];
        let before = self.service.requests();
        let token = session.token().await?;
        let first = self.send(&token, subject);
        let result = match first {
            true => Ok(()),
            false => match session.replace(&token).await? {
                Some(fresh) if fresh.is_of_same_consent(&token) => {
                    self.send(&fresh, subject);
                    Ok(())
                }
                _ => Ok(()),
            },
        };
        // Others may refresh at the same time, each once; none without an end.
        let asked = self.service.requests() - before;
        assert!(asked <= 12, "{asked} requests for tokens in one call");
        result
    }

    /// Whether the service takes the token. It is never one of another subject.
    fn send(&self, token: &ProvidedToken, subject: usize) -> bool {
        let name = SUBJECTS[subject];
        assert!(token.secret().starts_with(&format!("a-{name}-")), "a request of {name} has another's token");
        self.service.owner(token.secret()).is_some()
    }

    async fn step(&mut self, step: &ModelStep) {
        match step {
            ModelStep::Call { process, subject } => drop(self.call(*process, *subject).await),
            ModelStep::CallAll => {
                let calls =
                    (0..PROCESSES).flat_map(|process| (0..SUBJECTS.len()).map(move |subject| (process, subject)));
                let mut pending: Vec<_> =
                    calls.map(|(process, subject)| Box::pin(self.call(process, subject))).collect();
                std::future::poll_fn(|context| {
                    pending.retain_mut(|call| call.as_mut().poll(context).is_pending());
                    if pending.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
                })
                .await;
            }
            ModelStep::Advance(seconds) => advance(Duration::from_secs(*seconds)).await,
            ModelStep::Restart(process) => self.processes[*process] = self.start(),
            ModelStep::Revoke(subject) => self.service.revoke(SUBJECTS[*subject]),
            ModelStep::Reject(subject) => self.service.reject_access(SUBJECTS[*subject]),
            ModelStep::Next(reply) => self.service.answer([*reply]),
            ModelStep::LoseLastWrite => self.store.lose_last_write(),
            ModelStep::FailSaves(after, count) => self.store.fail_saves(*after..*after + *count),
            ModelStep::Consent { process, subject } => {
                let name = SUBJECTS[*subject];
                let session = &self.processes[*process][*subject];
                let record =
                    SessionRecord::new(self.service.consent(name), format!("consent {}", self.service.requests()));
                let _lock = session.state().lock().await.unwrap();
                let _ = session.state().begin(record).await;
            }
        }
    }

    /// When all faults are over, a session lives if the service takes its refresh token, and otherwise says that it has ended.
    async fn check_end(&self) {
        self.store.fail_saves(0..0);
        // Replies that were not used are none.
        while self.service.take_reply() {}
        advance(Duration::from_secs(60)).await;
        for (process, sessions) in self.processes.iter().enumerate() {
            for (subject, session) in sessions.iter().enumerate() {
                // A later pair of a process is as good as one in the store, in the process that has it.
                let latest = session.state().latest();
                let stored = stored(session).await;
                let present = latest.as_ref().filter(|latest| latest.is_newer_than(&stored)).unwrap_or(&stored);
                let takes = self.service.takes(present.tokens.refresh.expose_secret());
                let is_valid = self.service.owner(present.tokens.access.expose_secret()).is_some();
                let called = self.call(process, subject).await;
                match called {
                    Ok(()) => {}
                    Err(TokenError::ConsentRequired(_)) => assert!(!takes, "{stored:?} could have been kept"),
                    Err(error) => panic!("takes {takes}, valid {is_valid}: {error:?}"),
                }
                if takes {
                    let token = session.token().await.unwrap();
                    assert!(self.send(&token, subject) || self.call(process, subject).await.is_ok());
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn no_session_is_lost_that_could_be_kept_and_no_request_has_the_token_of_another(
        is_lenient: bool,
        steps in steps(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let mut world = World::new(is_lenient).await;
            for step in &steps {
                world.step(step).await;
            }
            world.check_end().await;
        });
    }
}
