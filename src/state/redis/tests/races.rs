//! Lookups against everything that happens to the server at the same time.

use std::sync::atomic::AtomicU64;

use redis::cmd;

use super::{
    values::{FRESHNESS, connection, ids, response, tags},
    *,
};

/// The value at the service, and how much of it an invalidation has followed.
#[derive(Default)]
struct Truth {
    value: AtomicU64,
    invalidated: AtomicU64,
}

async fn read_often(url: String, truth: Arc<Truth>, times: usize) -> usize {
    let store = RedisStore::open(&url).unwrap();
    let (key, ..) = ids();
    let mut fresh = 0;
    for _ in 0..times {
        let before = truth.invalidated.load(Ordering::SeqCst);
        let Ok((found, versions)) = store.lookup(&key, &tags()).await else { continue };
        if let CacheLookup::Fresh(found) = &found {
            let value: u64 = std::str::from_utf8(&found.body).unwrap().parse().unwrap();
            assert!(value >= before, "{value} is served after {before} was written and invalidated");
            fresh += 1;
            continue;
        }
        let value = truth.value.load(Ordering::SeqCst).to_string();
        tokio::task::yield_now().await;
        let _ = store.put(&key, &response(&value), &tags(), &versions, FRESHNESS).await;
    }
    fresh
}

async fn write_often(url: String, truth: Arc<Truth>, times: usize) {
    let store = RedisStore::open(&url).unwrap();
    let (key, ..) = ids();
    for n in 0..times {
        let value = truth.value.fetch_add(1, Ordering::SeqCst) + 1;
        if store.invalidate(&key.tenant, &tags()[n % 3..=n % 3]).await.is_ok() {
            truth.invalidated.fetch_max(value, Ordering::SeqCst);
        }
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }
}

/// Evicts, empties, plants foreign values and stops taking writes, at random.
fn meddle(server: &RedisServer, truth: &Truth, enough: u64) {
    let mut raw = connection(server);
    while truth.value.load(Ordering::SeqCst) < enough {
        let key: Option<String> = cmd("RANDOMKEY").query(&mut raw).unwrap();
        let Some(key) = key else { continue };
        let _: redis::Value = match fastrand::u8(0..12) {
            0 => cmd("FLUSHALL").query(&mut raw).unwrap(),
            1 => cmd("SET").arg(&key).arg("foreign").query(&mut raw).unwrap(),
            2 => redis::pipe().del(&key).lpush(&key, 1).query(&mut raw).unwrap(),
            3 => redis::pipe().del(&key).sadd(&key, 1).query(&mut raw).unwrap(),
            4 => redis::pipe().del(&key).hset(&key, "f", "x").query(&mut raw).unwrap(),
            5 => cmd("SET").arg(&key).arg("-1").query(&mut raw).unwrap(),
            _ => cmd("DEL").arg(&key).query(&mut raw).unwrap(),
        };
        std::thread::yield_now();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_response_is_fresh_after_its_invalidation_whatever_happens_to_the_keys() {
    const WRITES: usize = 1_500;
    let server = RedisServer::start();
    let truth = Arc::new(Truth::default());
    let mut readers = tokio::task::JoinSet::new();
    for _ in 0..6 {
        readers.spawn(read_often(server.url(), Arc::clone(&truth), 3_000));
    }
    let writer = tokio::spawn(write_often(server.url(), Arc::clone(&truth), WRITES));
    let meddler = {
        let truth = Arc::clone(&truth);
        tokio::task::spawn_blocking(move || meddle(&server, &truth, WRITES as u64))
    };
    let fresh: usize = readers.join_all().await.into_iter().sum();
    writer.await.unwrap();
    meddler.await.unwrap();
    assert!(fresh > 0);
}

/// Passes on what client and server send. After so many bytes of replies it sends others `instead`, and closes.
async fn proxy(server: &RedisServer, cut: usize, instead: &'static [u8]) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}/", listener.local_addr().unwrap());
    let port = server.port();
    tokio::spawn(async move {
        let mut left = Some(cut);
        while let Ok((client, _)) = listener.accept().await {
            let server = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = server.into_split();
            let up = tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
            let mut buffer = [0; 4_096];
            while let Ok(count @ 1..) = from_server.read(&mut buffer).await {
                match left {
                    Some(bytes) if bytes < count => {
                        let _ = to_client.write_all(&buffer[..bytes]).await;
                        let _ = to_client.write_all(instead).await;
                        left = None;
                        break;
                    }
                    Some(bytes) => left = Some(bytes - count),
                    None => {}
                }
                if to_client.write_all(&buffer[..count]).await.is_err() {
                    break;
                }
            }
            drop(to_client);
            up.abort();
        }
    });
    url
}

#[tokio::test]
async fn a_reply_that_is_cut_at_any_byte_is_no_other_response_and_one_that_is_garbled_is_no_panic() {
    let server = RedisServer::start();
    let direct = RedisStore::open(&server.url()).unwrap();
    let (key, ..) = ids();
    for instead in
        [&b""[..], b"-ERR x\r\n", b"-LOADING x\r\n", b"$-1\r\n", b":7\r\n", b"*-1\r\n", b"*1\r\n", b"$9999999\r\n"]
    {
        for cut in (0..600).step_by(if instead.is_empty() { 3 } else { 7 }) {
            let (_, versions) = direct.lookup(&key, &tags()).await.unwrap();
            direct.put(&key, &response("known"), &tags(), &versions, FRESHNESS).await.unwrap();
            let store = RedisStore::open(&proxy(&server, cut, instead).await).unwrap();
            for _ in 0..3 {
                match tokio::time::timeout(Duration::from_secs(5), store.lookup(&key, &tags())).await.unwrap() {
                    Ok((CacheLookup::Fresh(found) | CacheLookup::Stale(found), _)) => {
                        assert!(found.body == "known" || !instead.is_empty())
                    }
                    Ok((CacheLookup::Missing, versions)) => assert_eq!(versions.0.len(), 3),
                    Err(_) => {}
                }
            }
        }
    }
}
