//! A server that closes idle connections at random, behind a network that takes its time: writes cross closes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use calcom::{ApiKey, Client};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    select,
    sync::mpsc,
    time::{Instant, sleep, sleep_until},
};

use crate::support::{
    recorded_body,
    socket::{json as response, let_time_pass},
};

/// The time that bytes take in one direction.
const ONE_WAY: Duration = Duration::from_millis(10);
/// The longest time after which the server closes a connection without requests.
const MAX_IDLE: Duration = Duration::from_secs(60);
/// The longest time between two writes.
const MAX_PAUSE: Duration = Duration::from_secs(10);

/// How often each write was executed, by its number.
type Executions = Arc<Mutex<HashMap<u64, usize>>>;

#[tokio::test(start_paused = true)]
async fn a_write_that_crosses_a_close_is_sent_again_or_unknown_and_never_executed_twice() {
    let writes = if std::env::var_os("CALCOM_LONG").is_some() { 10_000 } else { 300 };
    let mut random = fastrand::Rng::with_seed(22);
    let executions = Executions::default();
    let port = serve(Arc::clone(&executions), random.fork()).await;
    let passing = let_time_pass();
    let builder = Client::builder().credentials(ApiKey::new("cal_live_closes"));
    let client = builder.api_url(format!("http://127.0.0.1:{port}")).build().unwrap();
    let mut unknown = 0;
    for number in 0..writes {
        let body = json!({"number": number});
        let request = client.request::<Value>(calcom::operation::Method::Post, "/v2/bookings").body(&body);
        let result = request.await;
        let executed = executions.lock().unwrap().get(&number).copied().unwrap_or_default();
        match result {
            Ok(_) => assert_eq!(executed, 1, "{number}"),
            Err(error) if error.may_have_been_applied() => {
                assert!(executed <= 1, "{number}: executed {executed} times");
                unknown += 1;
            }
            Err(error) => panic!("{number}: {error}"),
        }
        sleep(MAX_PAUSE.mul_f64(random.f64())).await;
    }
    passing.abort();
    println!("{writes} writes, {unknown} unknown");
    assert!(unknown * 1_000 <= writes.max(1_000), "{unknown} of {writes} are unknown");
}

async fn serve(executions: Executions, mut random: fastrand::Rng) -> u16 {
    let behind = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = behind.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (connection, _) = behind.accept().await.unwrap();
            tokio::spawn(serve_connection(connection, Arc::clone(&executions), random.fork()));
        }
    });
    let front = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = front.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (client, _) = front.accept().await.unwrap();
            let server = TcpStream::connect(address).await.unwrap();
            let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
            tokio::spawn(carry(from_client, to_server));
            tokio::spawn(carry(from_server, to_client));
        }
    });
    port
}

async fn serve_connection(mut connection: TcpStream, executions: Executions, mut random: fastrand::Rng) {
    let success = response(201, &[], recorded_body("bookings-2024-08-13/create-regular").to_string());
    let mut received = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let count = select! {
            count = connection.read(&mut buffer) => count.unwrap_or(0),
            () = sleep(MAX_IDLE.mul_f64(random.f64())) => 0,
        };
        if count == 0 {
            return;
        }
        received.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&received);
        let Some(number) = text.split_once("\r\n\r\n").and_then(|(_, body)| serde_json::from_str::<Value>(body).ok())
        else {
            continue;
        };
        *executions.lock().unwrap().entry(number["number"].as_u64().unwrap()).or_default() += 1;
        received.clear();
        if connection.write_all(&success).await.is_err() {
            return;
        }
    }
}

/// Carries bytes in one direction, and then the close.
async fn carry(mut from: impl AsyncReadExt + Unpin, mut to: impl AsyncWriteExt + Unpin + Send + 'static) {
    let (sender, mut under_way) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    tokio::spawn(async move {
        while let Some((at, bytes)) = under_way.recv().await {
            sleep_until(at).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
        let _ = to.shutdown().await;
    });
    let mut buffer = vec![0; 16 << 10];
    loop {
        let count = from.read(&mut buffer).await.unwrap_or(0);
        if sender.send((Instant::now() + ONE_WAY, buffer[..count].to_vec())).is_err() || count == 0 {
            return;
        }
    }
}
