//! Behaviour when the server evicts or loses values, or holds foreign values under the keys of the crate.

use std::collections::HashMap;

use redis::{Commands, Connection, cmd};

use super::*;

pub(super) const FRESHNESS: Freshness = Freshness { fresh_for: Duration::from_secs(60), stale_for: Duration::ZERO };

pub(super) fn connection(server: &RedisServer) -> Connection {
    redis::Client::open(server.url()).unwrap().get_connection().unwrap()
}

pub(super) fn tags() -> Vec<String> {
    ["calcom", "slots", "slots:1"].map(str::to_owned).to_vec()
}

pub(super) fn response(body: &str) -> Arc<CachedResponse> {
    Arc::new(CachedResponse::new(200, Vec::new(), body.to_owned().into(), 0))
}

/// Every key of the crate.
fn keys(connection: &mut Connection) -> Vec<String> {
    let mut keys: Vec<String> = connection.keys("calcom:*").unwrap();
    keys.sort();
    keys
}

async fn put(store: &RedisStore, key: &CacheKey) {
    let (_, versions) = store.lookup(key, &tags()).await.unwrap();
    store.put(key, &response("{}"), &tags(), &versions, FRESHNESS).await.unwrap();
    assert!(matches!(store.lookup(key, &tags()).await.unwrap().0, CacheLookup::Fresh(_)));
}

pub(super) fn ids() -> (CacheKey, CircuitId, QuotaId) {
    let tenant = TenantId::new("base", &["planted"]);
    let settings = CircuitSettings {
        failure_threshold: 1,
        success_threshold: 1,
        open_duration: Duration::from_secs(60),
        max_probes: 1,
    };
    let circuit = CircuitId { key_prefix: "calcom:circuit:state".into(), tenant, operation: None, settings };
    (CacheKey::new(tenant, "calcom:slots:1|..."), circuit, QuotaId { tenant, operation: Some("list_slots") })
}

/// Runs a step of each kind of state.
async fn run_steps(store: &RedisStore) {
    let (key, circuit, quota) = ids();
    store.inspect_quota(&quota.tenant).await.unwrap();
    put(store, &key).await;
    let admission = store.admit(&circuit).await.unwrap().0.unwrap();
    store.record_circuit(&circuit, admission, HealthSignal::Success).await.unwrap();
    store.reset_circuit(&circuit).await.unwrap();
    let rule = QuotaRule { per_minute: 1_000_000, burst: 1_000_000, hard: true, max_wait: Duration::from_secs(300) };
    let (decision, _) = store.acquire_quota(&quota, &QuotaState::default().export(0), &rule).await.unwrap();
    let QuotaDecision::Granted(grant) = decision else { panic!("{decision:?}") };
    store.record_quota(&quota, Some(grant), None).await.unwrap();
}

#[tokio::test]
async fn every_key_has_the_format_and_the_hash_tag_of_its_tenant_and_no_credential() {
    let server = RedisServer::start();
    let store = RedisStore::open(&server.url()).unwrap();
    run_steps(&store).await;
    let keys = keys(&mut connection(&server));
    // A circuit; a response and its marks; a quota without requests in flight, and the tenant's quota by rule.
    assert_eq!(keys.len(), 8, "{keys:?}");
    let tenant = TenantId::new("base", &["planted"]);
    for key in keys {
        assert!(key.contains("v2"), "{key}");
        let tag = key.split_once('{').and_then(|(_, rest)| Some(rest.split_once('}')?.0)).unwrap();
        assert!(tag == tenant.to_string(), "{key}");
        let expires: i64 = connection(&server).pttl(&key).unwrap();
        assert!(expires > 0, "{key} does not expire");
    }
}

#[tokio::test]
async fn foreign_values_are_a_miss_and_are_replaced_and_cost_no_other_tenant_a_hit() {
    let server = RedisServer::start();
    let mut raw = connection(&server);
    let store = RedisStore::open(&server.url()).unwrap();
    let other = CacheKey::new(TenantId::new("base", &["other"]), "calcom:slots:1|...");
    put(&store, &other).await;
    let theirs = keys(&mut raw);
    run_steps(&store).await;
    let ours: Vec<String> = keys(&mut raw).into_iter().filter(|key| !theirs.contains(key)).collect();
    let garbage: [&[&[u8]]; 9] = [
        &[b"SET", b"garbage"],
        &[b"SET", b"\xff\xfe{"],
        &[b"SET", b"{}"],
        &[b"SET", b"[1,[2]]"],
        &[b"RPUSH", b"1"],
        &[b"SADD", b"1"],
        &[b"ZADD", b"1", b"1"],
        &[b"HSET", b"f", b"x", b"s", b"y", b"t", b"z", b"u", b"{"],
        &[b"HSET", b"f", b"9e99", b"s", b"99999", b"h", b"\xff", b"b", b"", b"m", b"1 2 3"],
    ];
    for key in &ours {
        for words in garbage {
            let _: () = raw.del(key).unwrap();
            let mut write = cmd(std::str::from_utf8(words[0]).unwrap());
            write.arg(key);
            words[1..].iter().for_each(|word| _ = write.arg(*word));
            write.exec(&mut raw).unwrap();
            run_steps(&store).await;
        }
    }
    assert!(matches!(store.lookup(&other, &tags()).await.unwrap().0, CacheLookup::Fresh(_)));
}

/// A value of another version may parse and have another meaning.
#[tokio::test]
async fn a_quota_of_another_format_is_ignored() {
    let server = RedisServer::start();
    let mut raw = connection(&server);
    let store = RedisStore::open(&server.url()).unwrap();
    let (.., quota) = ids();
    let rule = QuotaRule { per_minute: 600, burst: 600, hard: false, max_wait: Duration::from_secs(300) };
    let exported = QuotaState::default().export(0);
    let rejection = QuotaFeedback { status: Some(429), limits: vec![], retry_after: Some(Duration::from_secs(60)) };
    store.record_quota(&quota, None, Some(&rejection)).await.unwrap();
    assert!(matches!(store.acquire_quota(&quota, &exported, &rule).await.unwrap().0, QuotaDecision::RetryAfter(_)));
    assert_eq!(store.inspect_quota(&quota.tenant).await.unwrap().len(), 1);
    let key = super::keys::quota(&quota).swap_remove(0);
    let text: String = raw.get(&key).unwrap();
    let other = text.replacen("\"v\":2", "\"v\":1", 1);
    assert_ne!(other, text);
    let _: () = raw.set(&key, other).unwrap();
    assert_eq!(store.inspect_quota(&quota.tenant).await.unwrap(), []);
    assert!(matches!(store.acquire_quota(&quota, &exported, &rule).await.unwrap().0, QuotaDecision::Granted(_)));
}

#[tokio::test]
async fn a_foreign_value_of_a_circuit_affects_no_other_circuit() {
    let server = RedisServer::start();
    let mut raw = connection(&server);
    let store = RedisStore::open(&server.url()).unwrap();
    let (_, circuit, _) = ids();
    let of_operation = CircuitId { operation: Some("get_me"), ..circuit.clone() };
    let admission = store.admit(&of_operation).await.unwrap().0.unwrap();
    store.record_circuit(&of_operation, admission, HealthSignal::Failure).await.unwrap();
    let key = super::keys::circuit(&circuit).swap_remove(0);
    for garbage in ["{}", r#"{"s":"O"}"#, r#"{"s":"O","g":1,"u":9e18}"#, "[]", "1", "garbage"] {
        let _: () = raw.set(&key, garbage).unwrap();
        let snapshots = store.inspect_circuit(&circuit).await.unwrap();
        assert_eq!((snapshots.tenant.state, snapshots.operations.len()), (CircuitState::Closed, 1), "{garbage}");
        assert!(store.admit(&circuit).await.unwrap().0.is_ok(), "{garbage}");
        assert!(store.admit(&of_operation).await.unwrap().0.is_err(), "{garbage}");
    }
}

#[tokio::test]
async fn a_damaged_response_makes_no_other_response_stale() {
    let server = RedisServer::start();
    let mut raw = connection(&server);
    let store = RedisStore::open(&server.url()).unwrap();
    let (key, ..) = ids();
    let other = CacheKey::new(key.tenant, "calcom:slots:2|...");
    put(&store, &other).await;
    for field in ["f", "s", "h", "b", "m"] {
        put(&store, &key).await;
        let at = super::keys::response(&key, &[]).swap_remove(0);
        let _: () = raw.hdel(&at, field).unwrap();
        // It holds none of the responses itself.
        let another = RedisStore::open(&server.url()).unwrap();
        assert!(matches!(another.lookup(&key, &tags()).await.unwrap().0, CacheLookup::Missing), "{field}");
        assert!(matches!(another.lookup(&other, &tags()).await.unwrap().0, CacheLookup::Fresh(_)), "{field}");
    }
}

#[tokio::test]
async fn a_response_that_the_process_holds_is_confirmed_without_its_bytes_until_it_is_stale_or_another_is_stored() {
    let server = RedisServer::start();
    let mut raw = connection(&server);
    let (one, other) = (RedisStore::open(&server.url()).unwrap(), RedisStore::open(&server.url()).unwrap());
    let (key, ..) = ids();
    let found = async |store: &RedisStore| match store.lookup(&key, &tags()).await.unwrap().0 {
        CacheLookup::Fresh(response) => Some(response),
        _ => None,
    };
    put(&one, &key).await;
    let first = found(&one).await.unwrap();
    assert!(found(&other).await.is_some(), "the other process gets the bytes once");
    let at = super::keys::response(&key, &[]).swap_remove(0);
    let _: () = raw.hdel(&at, "b").unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &found(&one).await.unwrap()), "and its decoded values with it");
    assert!(found(&other).await.is_some());

    one.invalidate(&key.tenant, &tags()).await.unwrap();
    assert!(found(&one).await.is_none() && found(&other).await.is_none(), "stale for all");
    put(&other, &key).await;
    assert!(!std::sync::Arc::ptr_eq(&first, &found(&one).await.unwrap()), "another is stored");
}

#[tokio::test]
async fn inspecting_a_quota_changes_nothing_and_works_beside_foreign_values() {
    let server = RedisServer::start();
    let mut raw = connection(&server);
    let store = RedisStore::open(&server.url()).unwrap();
    let (.., quota) = ids();
    let limit = RateLimit {
        limit: Some(20),
        remaining: Some(10),
        reset: Some(Duration::from_secs(60)),
        ..RateLimit::named("default")
    };
    let feedback = QuotaFeedback { status: Some(200), limits: vec![limit], retry_after: None };
    store.record_quota(&quota, None, Some(&feedback)).await.unwrap();
    let in_flight = super::keys::quota(&quota).swap_remove(1);
    for garbage in [false, true] {
        if garbage {
            let _: () = raw.set(&in_flight, "garbage").unwrap();
        }
        let before = keys(&mut raw);
        let snapshots = store.inspect_quota(&quota.tenant).await.unwrap();
        assert_eq!((snapshots.len(), snapshots[0].0), (1, quota.operation));
        assert_eq!(snapshots[0].1.limits[0].remaining, Some(10), "{garbage}");
        assert_eq!(keys(&mut raw), before, "{garbage}");
    }
}

#[tokio::test]
async fn the_store_works_after_the_server_has_lost_its_data_or_its_scripts() {
    let server = RedisServer::start();
    let mut raw = connection(&server);
    let store = RedisStore::open(&server.url()).unwrap();
    let (key, ..) = ids();
    for command in [&["FLUSHALL"][..], &["SCRIPT", "FLUSH"]] {
        run_steps(&store).await;
        let (_, versions) = store.lookup(&CacheKey::new(key.tenant, "another"), &tags()).await.unwrap();
        let mut loss = cmd(command[0]);
        command[1..].iter().for_each(|word| _ = loss.arg(*word));
        loss.exec(&mut raw).unwrap();
        run_steps(&store).await;
        // A response whose lookup was before the loss is not fresh.
        let another = CacheKey::new(key.tenant, "another");
        store.put(&another, &response("{}"), &tags(), &versions, FRESHNESS).await.unwrap();
        let fresh = matches!(store.lookup(&another, &tags()).await.unwrap().0, CacheLookup::Fresh(_));
        assert_eq!(fresh, command[0] == "SCRIPT", "{command:?}");
    }
}

#[tokio::test]
async fn requests_in_flight_while_a_server_loses_its_data_are_recorded_and_block_nothing() {
    let server = RedisServer::start();
    let mut raw = connection(&server);
    let store = RedisStore::open(&server.url()).unwrap();
    let (_, circuit, quota) = ids();
    let rule = QuotaRule { per_minute: 600, burst: 600, hard: false, max_wait: Duration::from_secs(300) };
    let exported = QuotaState::default().export(0);
    let ttl = Duration::from_secs(60);
    for status in [200, 404, 500] {
        let mut grants = Vec::new();
        for _ in 0..10 {
            let QuotaDecision::Granted(grant) = store.acquire_quota(&quota, &exported, &rule).await.unwrap().0 else {
                panic!("not granted")
            };
            grants.push(grant);
        }
        let admission = store.admit(&circuit).await.unwrap().0.unwrap();
        let LeaseDecision::Granted(held) = store.acquire("k", ttl).await.unwrap() else { panic!("held") };
        cmd("FLUSHALL").exec(&mut raw).unwrap();

        assert!(!store.renew("k", held.token, ttl).await.unwrap(), "the holder learns that it has lost the lease");
        store.record_circuit(&circuit, admission, HealthSignal::Success).await.unwrap();
        store.admit(&circuit).await.unwrap().0.unwrap();
        let reset = Some(Duration::ZERO);
        let limit = RateLimit { limit: Some(20), remaining: Some(10), reset, ..RateLimit::named("default") };
        let feedback = QuotaFeedback { status: Some(status), limits: vec![limit], retry_after: None };
        for grant in grants {
            store.record_quota(&quota, Some(grant), Some(&feedback)).await.unwrap();
        }
        let (decision, in_flight) = store.acquire_quota(&quota, &exported, &rule).await.unwrap();
        assert!(matches!(decision, QuotaDecision::Granted(_)), "{status}: {decision:?}");
        assert_eq!(in_flight, 1, "{status}");
        cmd("FLUSHALL").exec(&mut raw).unwrap();
    }
}

#[tokio::test]
async fn a_response_without_its_marks_is_not_fresh() {
    let server = RedisServer::start();
    let mut raw = connection(&server);
    let store = RedisStore::open(&server.url()).unwrap();
    let (key, ..) = ids();
    let marks: Vec<String> = {
        put(&store, &key).await;
        keys(&mut raw).into_iter().filter(|key| key.contains(":tag:")).collect()
    };
    assert_eq!(marks.len(), 3);
    for mark in &marks {
        put(&store, &key).await;
        let _: () = raw.del(mark).unwrap();
        assert!(
            matches!(store.lookup(&key, &tags()).await.unwrap().0, CacheLookup::Stale(_) | CacheLookup::Missing),
            "{mark}"
        );
        // Invalidated while the mark was missing: a response that was fetched before is not fresh afterwards.
        put(&store, &key).await;
        let (_, versions) = store.lookup(&CacheKey::new(key.tenant, "x"), &tags()).await.unwrap();
        let _: () = raw.del(mark).unwrap();
        store.invalidate(&key.tenant, &tags()).await.unwrap();
        store.lookup(&CacheKey::new(key.tenant, "y"), &tags()).await.unwrap();
        store.put(&key, &response("{}"), &tags(), &versions, FRESHNESS).await.unwrap();
        assert!(!matches!(store.lookup(&key, &tags()).await.unwrap().0, CacheLookup::Fresh(_)), "{mark}");
    }
}

/// A response may hold personal data. It is not kept beyond its time to live unless it can be revalidated.
#[tokio::test]
async fn a_response_without_validator_is_removed_after_its_time_to_live() {
    let server = RedisServer::start();
    let mut raw = connection(&server);
    let store = RedisStore::open(&server.url()).unwrap();
    let (key, ..) = ids();
    put(&store, &key).await;
    let answer = keys(&mut raw).into_iter().find(|key| key.contains(":answer:")).unwrap();
    let lives: u64 = raw.pttl(&answer).unwrap();
    assert!(lives <= 60_000, "{lives}");
    let long = Freshness { fresh_for: Duration::MAX, stale_for: Duration::MAX };
    let (_, versions) = store.lookup(&key, &tags()).await.unwrap();
    let versions = if versions.0.is_empty() {
        store.lookup(&CacheKey::new(key.tenant, "x"), &tags()).await.unwrap().1
    } else {
        versions
    };
    store.put(&key, &response("{}"), &tags(), &versions, long).await.unwrap();
    assert!(raw.pttl::<_, i64>(&answer).unwrap() > 60_000, "no duration is too long");
}

/// Reads and writes on a server whose memory holds only a part of the data. `CALCOM_LONG` makes it longer.
#[tokio::test]
async fn a_server_that_evicts_never_returns_a_response_that_a_write_made_stale() {
    let steps = if std::env::var_os("CALCOM_LONG").is_some() { 60_000 } else { 3_000 };
    let server = RedisServer::start();
    let mut raw = connection(&server);
    for (name, value) in [("maxmemory-policy", "allkeys-random"), ("maxmemory", "2200kb")] {
        cmd("CONFIG").arg("SET").arg(name).arg(value).exec(&mut raw).unwrap();
    }
    let store = RedisStore::open(&server.url()).unwrap();
    let tenant = TenantId::new("base", &["planted"]);
    let mut random = fastrand::Rng::with_seed(15);
    let mut versions: HashMap<u32, u32> = HashMap::new();
    let mut in_flight: Vec<(u32, u32, TagVersions)> = Vec::new();
    let (mut hits, mut writes) = (0, 0);
    let padding = "x".repeat(20_000);
    for _ in 0..steps {
        let n = random.u32(..40);
        let key = CacheKey::new(tenant, format!("calcom:slots:{n}|{}", random.u32(..4)));
        let tags = ["calcom".to_owned(), "slots".to_owned(), format!("slots:{n}")];
        let version = *versions.entry(n).or_default();
        match random.u32(..10) {
            0 => {
                versions.insert(n, version + 1);
                let tag = if random.u32(..20) == 0 { &tags[1] } else { &tags[2] };
                store.invalidate(&tenant, std::slice::from_ref(tag)).await.unwrap();
                writes += 1;
            }
            1 if !in_flight.is_empty() => {
                let (n, version, versions) = in_flight.swap_remove(random.usize(..in_flight.len()));
                let key = CacheKey::new(tenant, format!("calcom:slots:{n}|0"));
                let tags = ["calcom".to_owned(), "slots".to_owned(), format!("slots:{n}")];
                let _ = store.put(&key, &response(&format!("{version} {padding}")), &tags, &versions, FRESHNESS).await;
            }
            _ => match store.lookup(&key, &tags).await {
                Ok((CacheLookup::Fresh(found), _)) => {
                    let body = String::from_utf8_lossy(&found.body);
                    assert_eq!(body.split(' ').next(), Some(&*version.to_string()), "{n}");
                    hits += 1;
                }
                Ok((_, versions)) if random.bool() => in_flight.push((n, version, versions)),
                Ok((_, versions)) => {
                    let _ =
                        store.put(&key, &response(&format!("{version} {padding}")), &tags, &versions, FRESHNESS).await;
                }
                // There is no memory left for a mark at the moment.
                Err(_) => {}
            },
        }
        in_flight.truncate(50);
    }
    let stats: String = cmd("INFO").arg("stats").query(&mut raw).unwrap();
    let evicted =
        stats.lines().find_map(|line| line.strip_prefix("evicted_keys:")?.trim().parse::<u32>().ok()).unwrap();
    assert!(hits > steps / 100 && writes > 0 && evicted > steps / 100, "{hits} {writes} {evicted}");
}
