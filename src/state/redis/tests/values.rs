//! What becomes of the answers when the server evicts, forgets, or holds something else under our keys.

use std::collections::HashMap;

use redis::{Commands, Connection, cmd};

use super::*;

const LIFE: Lifetime = Lifetime { fresh: Duration::from_secs(60), stale: Duration::ZERO };

fn connection(server: &RedisServer) -> Connection {
    redis::Client::open(server.url()).unwrap().get_connection().unwrap()
}

fn tags() -> Vec<String> {
    ["calcom", "slots", "slots:1"].map(str::to_owned).to_vec()
}

fn kept(body: &str) -> Arc<Kept> {
    Arc::new(Kept::new(200, Vec::new(), body.to_owned().into(), 0))
}

/// Every key of the crate.
fn keys(connection: &mut Connection) -> Vec<String> {
    let mut keys: Vec<String> = connection.keys("calcom:*").unwrap();
    keys.sort();
    keys
}

async fn put(store: &RedisStore, key: &CacheKey) {
    let (_, seen) = store.lookup(key, &tags()).await.unwrap();
    store.put(key, &kept("{}"), &tags(), &seen, LIFE).await.unwrap();
    assert!(matches!(store.lookup(key, &tags()).await.unwrap().0, Lookup::Fresh(_)));
}

fn ids() -> (CacheKey, CircuitId, LaneId) {
    let scope = Scope::new("base", &["planted"]);
    let rules = CircuitRules { failures: 1, successes: 1, open_for: Duration::from_secs(60), probes: 1 };
    let circuit = CircuitId { key: "calcom:circuit:state".into(), scope, operation: None, rules };
    (CacheKey::new(scope, "calcom:slots:1|..."), circuit, LaneId { scope, operation: Some("list_slots") })
}

/// Does a step of everything that is kept there.
async fn step(store: &RedisStore) {
    let (key, circuit, lane) = ids();
    store.view_quota(&lane.scope).await.unwrap();
    put(store, &key).await;
    let pass = store.admit(&circuit).await.unwrap().0.unwrap();
    store.settle_circuit(&circuit, pass, Verdict::Success).await.unwrap();
    store.reset_circuit(&circuit).await.unwrap();
    let rule = QuotaRule { per_minute: 1_000_000, burst: 1_000_000, firm: true, max_wait: Duration::from_secs(300) };
    let (turn, _) = store.ask_quota(&lane, &Lane::default().export(0), &rule).await.unwrap();
    let Turn::Go(grant) = turn else { panic!("{turn:?}") };
    store.settle_quota(&lane, Some(grant), None).await.unwrap();
}

#[tokio::test]
async fn every_key_carries_the_format_and_the_hash_tag_of_its_tenant_and_no_name() {
    let server = RedisServer::start();
    let store = RedisStore::open(&server.url()).unwrap();
    step(&store).await;
    let keys = keys(&mut connection(&server));
    // A circuit; a response and its marks; a lane without requests under way, and the tenant's quota by rule.
    assert_eq!(keys.len(), 8, "{keys:?}");
    let scope = Scope::new("base", &["planted"]);
    for key in keys {
        assert!(key.contains("v2"), "{key}");
        let tag = key.split_once('{').and_then(|(_, rest)| Some(rest.split_once('}')?.0)).unwrap();
        assert!(tag == scope.to_string(), "{key}");
        let expires: i64 = connection(&server).pttl(&key).unwrap();
        assert!(expires > 0, "{key} does not expire");
    }
}

#[tokio::test]
async fn what_is_not_ours_under_our_keys_is_a_miss_and_heals_and_costs_no_other_tenant_a_hit() {
    let server = RedisServer::start();
    let mut raw = connection(&server);
    let store = RedisStore::open(&server.url()).unwrap();
    let other = CacheKey::new(Scope::new("base", &["other"]), "calcom:slots:1|...");
    put(&store, &other).await;
    let theirs = keys(&mut raw);
    step(&store).await;
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
            step(&store).await;
        }
    }
    assert!(matches!(store.lookup(&other, &tags()).await.unwrap().0, Lookup::Fresh(_)));
}

/// What another version has written may read like this one's, and mean something else.
#[tokio::test]
async fn a_lane_of_another_format_is_as_good_as_none() {
    let server = RedisServer::start();
    let mut raw = connection(&server);
    let store = RedisStore::open(&server.url()).unwrap();
    let (.., lane) = ids();
    let rule = QuotaRule { per_minute: 600, burst: 600, firm: false, max_wait: Duration::from_secs(300) };
    let known = Lane::default().export(0);
    let refusal = Answer { status: Some(429), limits: vec![], retry_after: Some(Duration::from_secs(60)) };
    store.settle_quota(&lane, None, Some(&refusal)).await.unwrap();
    assert!(matches!(store.ask_quota(&lane, &known, &rule).await.unwrap().0, Turn::In(_)));
    assert_eq!(store.view_quota(&lane.scope).await.unwrap().len(), 1);
    let key = super::keys::lane(&lane).swap_remove(0);
    let text: String = raw.get(&key).unwrap();
    let other = text.replacen("\"v\":2", "\"v\":1", 1);
    assert_ne!(other, text);
    let _: () = raw.set(&key, other).unwrap();
    assert_eq!(store.view_quota(&lane.scope).await.unwrap(), []);
    assert!(matches!(store.ask_quota(&lane, &known, &rule).await.unwrap().0, Turn::Go(_)));
}

#[tokio::test]
async fn what_is_not_a_circuit_takes_none_of_the_others_with_it() {
    let server = RedisServer::start();
    let mut raw = connection(&server);
    let store = RedisStore::open(&server.url()).unwrap();
    let (_, circuit, _) = ids();
    let of_operation = CircuitId { operation: Some("get_me"), ..circuit.clone() };
    let pass = store.admit(&of_operation).await.unwrap().0.unwrap();
    store.settle_circuit(&of_operation, pass, Verdict::Failure).await.unwrap();
    let key = super::keys::circuit(&circuit).swap_remove(0);
    for garbage in ["{}", r#"{"s":"O"}"#, r#"{"s":"O","g":1,"u":9e18}"#, "[]", "1", "garbage"] {
        let _: () = raw.set(&key, garbage).unwrap();
        let views = store.view_circuit(&circuit).await.unwrap();
        assert_eq!((views.tenant.state, views.operations.len()), (CircuitState::Closed, 1), "{garbage}");
        assert!(store.admit(&circuit).await.unwrap().0.is_ok(), "{garbage}");
        assert!(store.admit(&of_operation).await.unwrap().0.is_err(), "{garbage}");
    }
}

#[tokio::test]
async fn what_is_not_an_answer_makes_none_of_the_others_stale() {
    let server = RedisServer::start();
    let mut raw = connection(&server);
    let store = RedisStore::open(&server.url()).unwrap();
    let (key, ..) = ids();
    let other = CacheKey::new(key.scope, "calcom:slots:2|...");
    put(&store, &other).await;
    for field in ["f", "s", "h", "b", "m"] {
        put(&store, &key).await;
        let at = super::keys::answer(&key, &[]).swap_remove(0);
        let _: () = raw.hdel(&at, field).unwrap();
        assert!(matches!(store.lookup(&key, &tags()).await.unwrap().0, Lookup::Missing), "{field}");
        assert!(matches!(store.lookup(&other, &tags()).await.unwrap().0, Lookup::Fresh(_)), "{field}");
    }
}

#[tokio::test]
async fn a_look_at_the_quota_changes_nothing_and_is_not_kept_from_it_by_what_is_not_ours() {
    let server = RedisServer::start();
    let mut raw = connection(&server);
    let store = RedisStore::open(&server.url()).unwrap();
    let (.., lane) = ids();
    let limit = RateLimit {
        limit: Some(20),
        remaining: Some(10),
        reset: Some(Duration::from_secs(60)),
        ..RateLimit::named("default")
    };
    let answer = Answer { status: Some(200), limits: vec![limit], retry_after: None };
    store.settle_quota(&lane, None, Some(&answer)).await.unwrap();
    let under_way = super::keys::lane(&lane).swap_remove(1);
    for garbage in [false, true] {
        if garbage {
            let _: () = raw.set(&under_way, "garbage").unwrap();
        }
        let before = keys(&mut raw);
        let views = store.view_quota(&lane.scope).await.unwrap();
        assert_eq!((views.len(), views[0].0), (1, lane.operation));
        assert_eq!(views[0].1.limits[0].remaining, Some(10), "{garbage}");
        assert_eq!(keys(&mut raw), before, "{garbage}");
    }
}

#[tokio::test]
async fn a_server_that_forgets_everything_or_its_scripts_goes_on() {
    let server = RedisServer::start();
    let mut raw = connection(&server);
    let store = RedisStore::open(&server.url()).unwrap();
    let (key, ..) = ids();
    for forget in [&["FLUSHALL"][..], &["SCRIPT", "FLUSH"]] {
        step(&store).await;
        let (_, seen) = store.lookup(&CacheKey::new(key.scope, "another"), &tags()).await.unwrap();
        let mut forgotten = cmd(forget[0]);
        forget[1..].iter().for_each(|word| _ = forgotten.arg(*word));
        forgotten.exec(&mut raw).unwrap();
        step(&store).await;
        // What was looked for before is not taken for fresh.
        let another = CacheKey::new(key.scope, "another");
        store.put(&another, &kept("{}"), &tags(), &seen, LIFE).await.unwrap();
        let fresh = matches!(store.lookup(&another, &tags()).await.unwrap().0, Lookup::Fresh(_));
        assert_eq!(fresh, forget[0] == "SCRIPT", "{forget:?}");
    }
}

#[tokio::test]
async fn what_was_under_way_when_a_server_forgot_everything_is_settled_and_closes_nothing() {
    let server = RedisServer::start();
    let mut raw = connection(&server);
    let store = RedisStore::open(&server.url()).unwrap();
    let (_, circuit, lane) = ids();
    let rule = QuotaRule { per_minute: 600, burst: 600, firm: false, max_wait: Duration::from_secs(300) };
    let known = Lane::default().export(0);
    let ttl = Duration::from_secs(60);
    for status in [200, 404, 500] {
        let mut grants = Vec::new();
        for _ in 0..10 {
            let Turn::Go(grant) = store.ask_quota(&lane, &known, &rule).await.unwrap().0 else { panic!("closed") };
            grants.push(grant);
        }
        let pass = store.admit(&circuit).await.unwrap().0.unwrap();
        let LeaseAnswer::Granted(held) = store.acquire("k", ttl).await.unwrap() else { panic!("held") };
        cmd("FLUSHALL").exec(&mut raw).unwrap();

        assert!(!store.renew("k", held.token, ttl).await.unwrap(), "the holder learns that it has the lease no more");
        store.settle_circuit(&circuit, pass, Verdict::Success).await.unwrap();
        store.admit(&circuit).await.unwrap().0.unwrap();
        let reset = Some(Duration::ZERO);
        let limit = RateLimit { limit: Some(20), remaining: Some(10), reset, ..RateLimit::named("default") };
        let answer = Answer { status: Some(status), limits: vec![limit], retry_after: None };
        for grant in grants {
            store.settle_quota(&lane, Some(grant), Some(&answer)).await.unwrap();
        }
        let (turn, under_way) = store.ask_quota(&lane, &known, &rule).await.unwrap();
        assert!(matches!(turn, Turn::Go(_)), "{status}: {turn:?}");
        assert_eq!(under_way, 1, "{status}");
        cmd("FLUSHALL").exec(&mut raw).unwrap();
    }
}

#[tokio::test]
async fn an_answer_without_its_marks_is_not_fresh_whoever_took_them_away() {
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
        assert!(matches!(store.lookup(&key, &tags()).await.unwrap().0, Lookup::Stale(_) | Lookup::Missing), "{mark}");
        // Flushed while the mark was gone: what was fetched before is not fresh afterwards.
        put(&store, &key).await;
        let (_, seen) = store.lookup(&CacheKey::new(key.scope, "x"), &tags()).await.unwrap();
        let _: () = raw.del(mark).unwrap();
        store.flush(&key.scope, &tags()).await.unwrap();
        store.lookup(&CacheKey::new(key.scope, "y"), &tags()).await.unwrap();
        store.put(&key, &kept("{}"), &tags(), &seen, LIFE).await.unwrap();
        assert!(!matches!(store.lookup(&key, &tags()).await.unwrap().0, Lookup::Fresh(_)), "{mark}");
    }
}

/// What holds personal data lives no longer than its time to live, unless it can be revalidated.
#[tokio::test]
async fn an_answer_without_validator_is_gone_after_its_time_to_live() {
    let server = RedisServer::start();
    let mut raw = connection(&server);
    let store = RedisStore::open(&server.url()).unwrap();
    let (key, ..) = ids();
    put(&store, &key).await;
    let answer = keys(&mut raw).into_iter().find(|key| key.contains(":answer:")).unwrap();
    let lives: u64 = raw.pttl(&answer).unwrap();
    assert!(lives <= 60_000, "{lives}");
    let long = Lifetime { fresh: Duration::MAX, stale: Duration::MAX };
    let (_, seen) = store.lookup(&key, &tags()).await.unwrap();
    let seen =
        if seen.0.is_empty() { store.lookup(&CacheKey::new(key.scope, "x"), &tags()).await.unwrap().1 } else { seen };
    store.put(&key, &kept("{}"), &tags(), &seen, long).await.unwrap();
    assert!(raw.pttl::<_, i64>(&answer).unwrap() > 60_000, "no duration is too long");
}

/// Reads and writes on a server that has room for a part only; with `CALCOM_LONG` for longer.
#[tokio::test]
async fn a_server_that_evicts_never_gives_what_a_write_made_stale() {
    let steps = if std::env::var_os("CALCOM_LONG").is_some() { 60_000 } else { 3_000 };
    let server = RedisServer::start();
    let mut raw = connection(&server);
    for (name, value) in [("maxmemory-policy", "allkeys-random"), ("maxmemory", "2200kb")] {
        cmd("CONFIG").arg("SET").arg(name).arg(value).exec(&mut raw).unwrap();
    }
    let store = RedisStore::open(&server.url()).unwrap();
    let scope = Scope::new("base", &["planted"]);
    let mut random = fastrand::Rng::with_seed(15);
    let mut versions: HashMap<u32, u32> = HashMap::new();
    let mut under_way: Vec<(u32, u32, Seen)> = Vec::new();
    let (mut hits, mut writes) = (0, 0);
    let padding = "x".repeat(20_000);
    for _ in 0..steps {
        let n = random.u32(..40);
        let key = CacheKey::new(scope, format!("calcom:slots:{n}|{}", random.u32(..4)));
        let tags = ["calcom".to_owned(), "slots".to_owned(), format!("slots:{n}")];
        let version = *versions.entry(n).or_default();
        match random.u32(..10) {
            0 => {
                versions.insert(n, version + 1);
                let tag = if random.u32(..20) == 0 { &tags[1] } else { &tags[2] };
                store.flush(&scope, std::slice::from_ref(tag)).await.unwrap();
                writes += 1;
            }
            1 if !under_way.is_empty() => {
                let (n, version, seen) = under_way.swap_remove(random.usize(..under_way.len()));
                let key = CacheKey::new(scope, format!("calcom:slots:{n}|0"));
                let tags = ["calcom".to_owned(), "slots".to_owned(), format!("slots:{n}")];
                let _ = store.put(&key, &kept(&format!("{version} {padding}")), &tags, &seen, LIFE).await;
            }
            _ => match store.lookup(&key, &tags).await {
                Ok((Lookup::Fresh(found), _)) => {
                    let body = String::from_utf8_lossy(&found.body);
                    assert_eq!(body.split(' ').next(), Some(&*version.to_string()), "{n}");
                    hits += 1;
                }
                Ok((_, seen)) if random.bool() => under_way.push((n, version, seen)),
                Ok((_, seen)) => {
                    let _ = store.put(&key, &kept(&format!("{version} {padding}")), &tags, &seen, LIFE).await;
                }
                // No room left for a mark, for now.
                Err(_) => {}
            },
        }
        under_way.truncate(50);
    }
    let stats: String = cmd("INFO").arg("stats").query(&mut raw).unwrap();
    let evicted =
        stats.lines().find_map(|line| line.strip_prefix("evicted_keys:")?.trim().parse::<u32>().ok()).unwrap();
    assert!(hits > steps / 100 && writes > 0 && evicted > steps / 100, "{hits} {writes} {evicted}");
}
