//! Many tenants in several processes: each has its own key, circuit breaker, quota and cache, and Redis shares them among the
//! processes. Bookings under one key are made once, whichever process books.
//!
//! By default it runs on an embedded fake of the service and on a `redis-server` of its own; `CALCOM_REDIS_URL` names another. If
//! there is none, the state stays in memory.

use std::process::Stdio;

use calcom::{
    Client, Result,
    jiff::tz::TimeZone,
    service::{Appointment, Service, SlotPreferences},
    state::Store,
};
use calcom_fake::{FakeBuilder, FakeCalcom, FakeEventType, FakeUser};
use tokio::{
    net::{TcpListener, TcpStream},
    process::{Child, Command},
};

const TENANTS: usize = 20;

/// One process of the program: a client whose connections and store all tenants use.
struct Process {
    base: Client,
}

impl Process {
    fn start(fake: &FakeCalcom, store: Store) -> Result<Self> {
        Ok(Self { base: fake.client_builder().store(store).build()? })
    }

    /// The booking service of a tenant. A clone of its client is cheap; keep it as long as the tenant is used.
    fn tenant(&self, key: &str) -> Result<Service> {
        Ok(Service::new(self.base.with_credentials(key)?))
    }
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let fake = practices().await;
    let redis = redis().await?;
    let store = || match &redis {
        Some((url, _)) => Store::redis(url, 1 << 20),
        None => Ok(Store::memory(1 << 20)),
    };
    // Two processes would each have a store on the same server; without a server they share one in memory.
    let first = store()?;
    let second = if redis.is_some() { store()? } else { first.clone() };
    let processes = [Process::start(&fake, first)?, Process::start(&fake, second)?];

    // Both processes get the same order for each tenant at the same time.
    let mut orders = tokio::task::JoinSet::new();
    for tenant in 0..TENANTS {
        let user = format!("practice{tenant}");
        let (key, event_type) = (fake.api_key_of(&user), fake.event_type_id(&user, "visit"));
        let free =
            processes[0].tenant(&key)?.next_free(event_type, 1, &SlotPreferences::in_zone(TimeZone::UTC)).await?;
        let wanted =
            free.first().ok_or("there is no free time")?.booking(event_type, "Erika Muster", "erika@example.com");
        for process in &processes {
            let (service, wanted) = (process.tenant(&key)?, wanted.clone());
            let appointment = Appointment::new(wanted).key(format!("order-{tenant}"));
            orders.spawn(async move { service.book(appointment).await.is_done() });
        }
    }
    let done = orders.join_all().await.into_iter().filter(|done| *done).count();
    println!("{done} of {} calls ended with a booking, of {TENANTS} orders.", 2 * TENANTS);
    fake.expect_booked(TENANTS);

    // The cached profile of a tenant is read by the other process, and by no other tenant.
    let key = fake.api_key_of("practice0");
    let before = fake.requests_of("get_me").len();
    for process in &processes {
        process.tenant(&key)?.client().me().get().await?;
    }
    println!(
        "Two processes read the profile of one tenant with {} request(s).",
        fake.requests_of("get_me").len() - before
    );

    if let Some((_, Some(mut server))) = redis {
        server.kill().await?;
    }
    Ok(())
}

/// A fake with a user for each tenant.
async fn practices() -> FakeCalcom {
    let mut fake = FakeBuilder::default();
    for tenant in 0..TENANTS {
        let user = format!("practice{tenant}");
        fake = fake.user(FakeUser::new(&user)).event_type(FakeEventType::new(&user, "visit", 30));
    }
    fake.start().await
}

/// The address of a Redis server, and the server if this program has started it.
async fn redis() -> std::io::Result<Option<(String, Option<Child>)>> {
    if let Ok(url) = std::env::var("CALCOM_REDIS_URL") {
        return Ok(Some((url, None)));
    }
    let port = TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port();
    let arguments = ["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    let started = Command::new("redis-server")
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let Ok(server) = started else {
        println!("There is no redis-server: the state stays in memory.");
        return Ok(None);
    };
    for _ in 0..200 {
        if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return Ok(Some((format!("redis://127.0.0.1:{port}/"), Some(server))));
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    println!("The redis-server does not answer: the state stays in memory.");
    Ok(None)
}
