//! Answers on a server: what one client writes makes stale what the others have.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use calcom::{ApiKey, Client};
use serde_json::json;
use tokio::time::{sleep, timeout};

use crate::{
    redis_server::RedisServer,
    support::socket::{self, Service},
};

const SECOND: Duration = Duration::from_secs(1);

fn client(service: &Service, server: &RedisServer) -> Client {
    let builder = Client::builder().api_url(service.url()).credentials(ApiKey::new("cal_test")).max_attempts(1);
    builder.redis(&server.url()).unwrap().build().unwrap()
}

/// Two clients that have the same response, and what it says.
async fn two_that_share(service: &Service, server: &RedisServer) -> (Client, Client, i64) {
    let (one, other) = (client(service, server), client(service, server));
    // The first to ask the server may not wait long enough for its connection, and keeps nothing there.
    let shared = async { while read(&one).await != read(&other).await {} };
    timeout(10 * SECOND, shared).await.unwrap();
    let known = read(&one).await;
    (one, other, known)
}

/// A service that answers each reading with a user of the next id, and nothing else at all.
async fn answers_readings() -> Service {
    let next = AtomicI64::new(0);
    Service::serving_with(move |request| {
        if !request.line.starts_with("GET ") {
            return Vec::new();
        }
        let user = json!({"status": "success", "data": {
            "id": next.fetch_add(1, Ordering::Relaxed), "username": "x", "email": "x@example.com", "timeZone": "UTC",
            "weekStart": "Monday", "timeFormat": 24, "defaultScheduleId": null, "organizationId": null, "name": null,
            "avatarUrl": null, "bio": null
        }});
        socket::json(200, &[], user.to_string())
    })
    .await
}

async fn read(client: &Client) -> i64 {
    client.raw().get_me().await.unwrap().data.id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_its_caller_drops_midway_makes_stale_what_others_have() {
    let server = RedisServer::start();
    let service = answers_readings().await;
    let (writer, reader, known) = two_that_share(&service, &server).await;
    let before = service.requests().len();

    let changes = serde_json::from_value(json!({"timeZone": "Europe/Paris"})).unwrap();
    let write = tokio::spawn({
        let writer = writer.clone();
        async move { writer.me().update(&changes).await.map(drop) }
    });
    let sent = async {
        while service.requests().len() == before {
            sleep(SECOND / 100).await;
        }
    };
    timeout(5 * SECOND, sent).await.unwrap();
    assert_eq!((read(&reader).await, read(&writer).await), (known, known), "it is not known to have been carried out");
    write.abort();
    assert!(write.await.unwrap_err().is_cancelled());

    // The server is told in the background.
    let told = async {
        while read(&reader).await == known {
            sleep(SECOND / 100).await;
        }
    };
    timeout(5 * SECOND, told).await.expect("it may have been executed");
    assert_eq!((read(&reader).await, read(&writer).await), (known + 1, known + 1));
    let lines: Vec<_> = service.requests().into_iter().skip(before).map(|request| request.line).collect();
    assert_eq!(lines, ["PATCH /v2/me", "GET /v2/me"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refreshed_response_replaces_the_one_that_all_clients_have() {
    let server = RedisServer::start();
    let service = answers_readings().await;
    let (one, other, known) = two_that_share(&service, &server).await;
    for n in 1..4 {
        assert_eq!(read(&one.refresh_cache()).await, known + n);
        assert_eq!((read(&one).await, read(&other).await), (known + n, known + n));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_becomes_a_replica_gives_no_response_that_is_stale() {
    let server = RedisServer::start();
    let service = answers_readings().await;
    let (one, other, known) = two_that_share(&service, &server).await;
    let mut raw = redis::Client::open(server.url()).unwrap().get_connection().unwrap();
    let mut replica_of = |name: &str, port: &str| {
        redis::cmd("REPLICAOF").arg(name).arg(port).query::<()>(&mut raw).unwrap();
    };
    // Of nobody: it goes on with what it has.
    replica_of("127.0.0.1", "1");
    one.cache().flush_all().await;
    assert!(read(&one).await > known);
    let shared = read(&one).await;
    replica_of("NO", "ONE");
    // When it can be written to again, it learns of the invalidation.
    let told = async {
        while read(&other).await == known {
            sleep(SECOND / 100).await;
        }
    };
    timeout(10 * SECOND, told).await.unwrap();
    assert!(read(&other).await >= shared);
}
