//! Lookups of cached responses: what is fresh, which marks they get, and what is sent.

use redis::cmd;

use super::{
    values::{FRESHNESS, connection, ids, response, tags},
    *,
};

#[tokio::test]
async fn processes_that_miss_at_the_same_time_get_the_same_marks_and_each_may_store() {
    let server = RedisServer::start();
    let stores = [(); 8].map(|()| RedisStore::open(&server.url()).unwrap());
    let (key, ..) = ids();
    for store in &stores {
        store.ping().await.unwrap();
    }
    for round in 0..20 {
        let mut tasks = tokio::task::JoinSet::new();
        for url in [(); 8].map(|()| server.url()) {
            let key = key.clone();
            tasks.spawn(async move { RedisStore::open(&url).unwrap().lookup(&key, &tags()).await.unwrap().1 });
        }
        let marks: Vec<TagVersions> = tasks.join_all().await;
        assert!(marks.iter().all(|other| *other == marks[0] && other.0.len() == 3), "{round}: {marks:?}");
        for store in &stores {
            store.put(&key, &response("{}"), &tags(), &marks[0], FRESHNESS).await.unwrap();
            assert!(matches!(store.lookup(&key, &tags()).await.unwrap().0, CacheLookup::Fresh(_)), "{round}");
        }
        stores[0].invalidate(&key.tenant, &tags()).await.unwrap();
    }
}

#[tokio::test]
async fn a_response_is_fresh_only_with_all_of_its_marks_until_its_time_and_not_before_it_was_stored() {
    let server = RedisServer::start();
    let store = RedisStore::open(&server.url()).unwrap();
    let (key, ..) = ids();
    let now = 1_700_000_000_000;
    store.now.store(now, Ordering::Relaxed);
    let (_, versions) = store.lookup(&key, &tags()).await.unwrap();
    let freshness = Freshness { fresh_for: Duration::from_secs(60), stale_for: Duration::from_secs(60) };
    store.put(&key, &response("{}"), &tags(), &versions, freshness).await.unwrap();
    let other = RedisStore::open(&server.url()).unwrap();
    for (time, is_fresh) in [(now, true), (now + 59_999, true), (now + 60_000, false), (now - 1, false)] {
        // One of them holds the response, the other reads it.
        for store in [&store, &other] {
            store.now.store(time, Ordering::Relaxed);
            let (found, marks) = store.lookup(&key, &tags()).await.unwrap();
            match found {
                CacheLookup::Fresh(_) => assert!(is_fresh, "{time}"),
                CacheLookup::Stale(_) => assert!(!is_fresh && marks == versions, "{time}: {marks:?}"),
                CacheLookup::Missing => panic!("{time}"),
            }
        }
    }
    for tag in 0..3 {
        store.now.store(now, Ordering::Relaxed);
        let (_, versions) = store.lookup(&key, &tags()).await.unwrap();
        let versions = if versions.0.is_empty() {
            store.lookup(&CacheKey::new(key.tenant, "other"), &tags()).await.unwrap().1
        } else {
            versions
        };
        store.put(&key, &response("{}"), &tags(), &versions, freshness).await.unwrap();
        assert!(matches!(store.lookup(&key, &tags()).await.unwrap().0, CacheLookup::Fresh(_)));
        store.invalidate(&key.tenant, &tags()[tag..=tag]).await.unwrap();
        let (found, marks) = store.lookup(&key, &tags()).await.unwrap();
        assert!(matches!(found, CacheLookup::Stale(_)), "{tag}");
        let changed: Vec<bool> = marks.0.iter().zip(&versions.0).map(|(now, then)| now != then).collect();
        assert_eq!(changed, [0, 1, 2].map(|at| at == tag), "the others keep their marks");
    }
}

#[tokio::test]
async fn the_bytes_of_a_response_that_a_process_holds_are_not_sent_again() {
    let server = RedisServer::start();
    let mut raw = connection(&server);
    let store = RedisStore::open(&server.url()).unwrap();
    let (key, ..) = ids();
    let body = "x".repeat(100_000);
    let (_, versions) = store.lookup(&key, &tags()).await.unwrap();
    store.put(&key, &response(&body), &tags(), &versions, FRESHNESS).await.unwrap();
    let mut sent = || -> u64 {
        let info: String = cmd("INFO").arg("stats").query(&mut raw).unwrap();
        let line = info.lines().find_map(|line| line.strip_prefix("total_net_output_bytes:")).unwrap();
        line.parse().unwrap()
    };
    let before = sent();
    for _ in 0..10 {
        let CacheLookup::Fresh(found) = store.lookup(&key, &tags()).await.unwrap().0 else { panic!("not fresh") };
        assert_eq!(found.body, body);
    }
    assert!(sent() - before < 50_000);
    let CacheLookup::Fresh(found) = RedisStore::open(&server.url()).unwrap().lookup(&key, &tags()).await.unwrap().0
    else {
        panic!("not fresh")
    };
    assert_eq!(found.body, body);
    assert!(sent() - before > 100_000, "another process reads it");
}

#[tokio::test]
async fn a_response_without_tags_is_fresh_and_a_fresh_one_has_the_marks_with_which_another_is_stored() {
    let server = RedisServer::start();
    let stores = [(); 2].map(|()| RedisStore::open(&server.url()).unwrap());
    let (key, ..) = ids();
    for tags in [Vec::new(), tags()] {
        for body in ["1", "2", "3"] {
            for store in &stores {
                let (_, versions) = store.lookup(&key, &tags).await.unwrap();
                assert_eq!(versions.0.len(), tags.len());
                store.put(&key, &response(body), &tags, &versions, FRESHNESS).await.unwrap();
                let CacheLookup::Fresh(found) = store.lookup(&key, &tags).await.unwrap().0 else { panic!("{tags:?}") };
                assert_eq!(found.body, body);
            }
        }
    }
}

#[tokio::test]
async fn a_response_with_other_tags_than_it_was_stored_with_is_stale() {
    let server = RedisServer::start();
    let store = RedisStore::open(&server.url()).unwrap();
    let (key, ..) = ids();
    let (_, versions) = store.lookup(&key, &tags()).await.unwrap();
    store.put(&key, &response("{}"), &tags(), &versions, FRESHNESS).await.unwrap();
    for (tags, is_fresh) in [(&tags()[..2], false), (&tags()[1..], false), (&tags()[..], true), (&[][..], false)] {
        let found = store.lookup(&key, tags).await.unwrap().0;
        assert_eq!(matches!(found, CacheLookup::Fresh(_)), is_fresh, "{tags:?}");
    }
}
