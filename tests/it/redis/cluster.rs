//! A cluster of three, named by several URLs. Takes a while: with `CALCOM_LONG`.

use std::time::{Duration, Instant};

use calcom::{ApiKey, CircuitState, Client};
use calcom_fake::FakeCalcom;
use redis::{Value, cmd};

use crate::redis_server::RedisServer;

/// Three servers that share all slots.
struct Cluster {
    servers: Vec<RedisServer>,
    _folder: tempfile::TempDir,
}

impl Cluster {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = |port: u16| {
            let nodes = folder.path().join(format!("nodes-{port}.conf"));
            let words = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--port"];
            let mut words: Vec<String> = words.map(str::to_owned).to_vec();
            // The bus is on a port of its own, by default 10,000 higher.
            let bus = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            words.extend([port.to_string(), "--cluster-port".to_owned(), bus.to_string()]);
            words.extend(["--cluster-config-file".to_owned(), nodes.to_str().unwrap().to_owned()]);
            words
        };
        let servers: Vec<_> = (0..3).map(|_| RedisServer::start_with(options)).collect();
        let ask = |at: usize, words: &[String]| -> Value {
            let mut connection = redis::Client::open(servers[at].url()).unwrap().get_connection().unwrap();
            words.iter().fold(cmd("CLUSTER"), |mut cmd, word| cmd.arg(word).to_owned()).query(&mut connection).unwrap()
        };
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for (at, slots) in ["0 5460", "5461 10922", "10923 16383"].iter().enumerate() {
            ask(at, &words(&format!("ADDSLOTSRANGE {slots}")));
        }
        let bus = |at: usize| {
            let mut connection = redis::Client::open(servers[at].url()).unwrap().get_connection().unwrap();
            let config: Vec<String> = cmd("CONFIG").arg("GET").arg("cluster-port").query(&mut connection).unwrap();
            config[1].clone()
        };
        for (other, server) in servers.iter().enumerate().skip(1) {
            ask(0, &words(&format!("MEET 127.0.0.1 {} {}", server.port(), bus(other))));
        }
        let is_whole = |at| {
            let Value::VerbatimString { text, .. } = ask(at, &words("INFO")) else {
                let text: String = redis::from_redis_value(ask(at, &words("INFO"))).unwrap();
                return text.contains("cluster_state:ok") && text.contains("cluster_known_nodes:3");
            };
            text.contains("cluster_state:ok")
        };
        let began = Instant::now();
        while !(0..3).all(is_whole) {
            assert!(began.elapsed() < Duration::from_secs(60), "the cluster does not come together");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Self { servers, _folder: folder }
    }

    fn urls(&self) -> String {
        self.servers.iter().map(RedisServer::url).collect::<Vec<_>>().join(", ")
    }

    /// How many keys each holds.
    fn sizes(&self) -> Vec<u64> {
        let size = |server: &RedisServer| {
            let mut connection = redis::Client::open(server.url()).unwrap().get_connection().unwrap();
            cmd("DBSIZE").query(&mut connection).unwrap()
        };
        self.servers.iter().map(size).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tenants_of_two_processes_share_their_state_on_a_cluster() {
    if std::env::var_os("CALCOM_LONG").is_none() {
        return;
    }
    let cluster = Cluster::start().await;
    let fake = FakeCalcom::start().await;
    let client = || {
        let builder = Client::builder().credentials(ApiKey::new(fake.api_key())).api_url(fake.url());
        builder.redis(&cluster.urls()).unwrap().build().unwrap()
    };
    let (one, other) = (client(), client());
    // The first may take longer for its connections than a call waits; from then on they share.
    let began = Instant::now();
    loop {
        one.refresh_cache().me().get().await.unwrap();
        let before = fake.requests().len();
        other.me().get().await.unwrap();
        if fake.requests().len() == before {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "they never came to share anything");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    one.cache().flush_all().await;
    let before = fake.requests().len();
    other.me().get().await.unwrap();
    assert_eq!(fake.requests().len(), before + 1, "what one makes stale is stale for the other");
    one.reset_circuit().await;
    assert_eq!(other.circuit_state().await, CircuitState::Closed);
    // Tenants are spread over the servers.
    for n in 0..30 {
        let tenant = one.with_credentials(ApiKey::new(format!("cal_test_tenant_{n}"))).unwrap();
        let _ = tenant.me().get().await;
        tenant.reset_circuit().await;
    }
    let sizes = cluster.sizes();
    assert!(sizes.iter().all(|keys| *keys > 0), "{sizes:?}");
}
