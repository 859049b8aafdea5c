//! Another process with a client in it: this test binary, run once more. It does what it is told, line by line.

use std::{
    io::{BufRead, BufReader, Lines, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use calcom::{
    ApiKey, Client,
    model::{CreateBooking, SlotQuery},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tracing::{
    Event, Level, Metadata, Subscriber,
    span::{Attributes, Id, Record},
};

/// The environment variable that makes this process one of several.
const JOB: &str = "CALCOM_TEST_PROCESS";
/// Before every line that is meant for the parent; the test harness prints on the same channel.
const MARK: &str = ">>> ";

/// What to do.
#[derive(Debug, Serialize, Deserialize)]
pub enum Order {
    /// So many calls by so many tasks at once; gives how they ended.
    Call { times: usize, tasks: usize },
    /// The state of the circuit of `get_me`.
    Circuit,
    /// How often it gave up on the Redis server since it started.
    Alone,
    /// Closes the circuit.
    ResetCircuit,
    /// How many slots a day of an event type has.
    Slots { event_type: i64, from: String, to: String },
    /// Books.
    Book { event_type: i64, start: String },
}

/// How calls ended.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Ended {
    pub well: usize,
    /// Refused by an open circuit.
    pub refused: usize,
    /// In another way, in words.
    pub badly: Vec<String>,
    /// How often the process gave up on the Redis server, since it started.
    pub alone: usize,
}

/// Counts warnings of the shared state: there is one for every time that the server is given up.
#[derive(Clone, Default)]
struct Warnings(Arc<AtomicUsize>);

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN && metadata.target() == "calcom::state"
    }

    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// A running process.
pub struct Process {
    child: Child,
    orders: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts one with these settings, this key, and state on this server.
    pub fn start(config: &Value, key: &str, redis: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["redis::process::another_process_does_what_it_is_told", "--exact", "--nocapture"])
            .env(JOB, json!({"config": config, "key": key, "redis": redis}).to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, orders, answers }
    }

    /// Has it begin something.
    pub fn tell(&mut self, order: &Order) {
        writeln!(self.orders.as_mut().unwrap(), "{}", serde_json::to_string(order).unwrap()).unwrap();
    }

    /// What came of it.
    pub fn answer<T: for<'de> Deserialize<'de>>(&mut self) -> T {
        let line = self.answers.by_ref().map(Result::unwrap).find_map(|line| Some(line.split_once(MARK)?.1.to_owned()));
        serde_json::from_str(&line.expect("the process has ended early")).unwrap()
    }

    pub fn ask<T: for<'de> Deserialize<'de>>(&mut self, order: &Order) -> T {
        self.tell(order);
        self.answer()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.orders.take());
        let _ = self.child.wait();
    }
}

async fn call(client: Client, times: usize, tasks: usize) -> Ended {
    let mut ended = Ended::default();
    let calls: Vec<_> = (0..tasks)
        .map(|task| {
            let client = client.clone();
            tokio::spawn(async move {
                let mut ended = Ended::default();
                for _ in 0..times / tasks + usize::from(task < times % tasks) {
                    match client.raw().get_me().await {
                        Ok(_) => ended.well += 1,
                        Err(error) if error.details().is_circuit_open() => ended.refused += 1,
                        Err(error) => ended.badly.push(error.to_string()),
                    }
                }
                ended
            })
        })
        .collect();
    for call in calls {
        let one = call.await.unwrap();
        ended.well += one.well;
        ended.refused += one.refused;
        ended.badly.extend(one.badly);
    }
    ended
}

/// As a test, it starts itself and gives one order; as the process that was started, it obeys.
#[test]
fn another_process_does_what_it_is_told() {
    let Ok(job) = std::env::var(JOB) else {
        let server = crate::redis_server::RedisServer::start();
        let config = json!({"api_url": "http://127.0.0.1:9", "retry": {"times": 1}});
        let mut process = Process::start(&config, "k", &server.url());
        assert_eq!(process.ask::<Value>(&Order::Circuit), json!("CLOSED"));
        return;
    };
    let job: Value = serde_json::from_str(&job).unwrap();
    let warnings = Warnings::default();
    tracing::subscriber::set_global_default(warnings.clone()).unwrap();
    let builder = Client::builder()
        .config(serde_json::from_value(job["config"].clone()).unwrap())
        .credentials(ApiKey::new(job["key"].as_str().unwrap()));
    let client = builder.redis(job["redis"].as_str().unwrap()).unwrap().build().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for line in std::io::stdin().lines() {
        let answer = match serde_json::from_str(&line.unwrap()).unwrap() {
            Order::Call { times, tasks } => {
                let mut ended = runtime.block_on(call(client.bypass_cache(), times, tasks));
                ended.alone = warnings.0.load(Ordering::Relaxed);
                json!(ended)
            }
            Order::Alone => json!(warnings.0.load(Ordering::Relaxed)),
            Order::Circuit => {
                let open = runtime.block_on(client.circuits());
                let state = open.iter().find(|open| open.operation == "get_me").map(|open| open.state);
                json!(state.unwrap_or(calcom::CircuitState::Closed))
            }
            Order::ResetCircuit => json!(runtime.block_on(client.reset_circuit())),
            Order::Slots { event_type, from, to } => {
                let query = SlotQuery::new(event_type, from.parse().unwrap(), to.parse().unwrap());
                json!(runtime.block_on(client.slots().list(&query)).unwrap().len())
            }
            Order::Book { event_type, start } => {
                let new = CreateBooking::new(event_type, start.parse().unwrap(), "Alice", "alice@example.org");
                json!(runtime.block_on(client.bookings().create(&new)).unwrap().uid.as_str())
            }
        };
        println!("\n{MARK}{answer}");
    }
}
