use std::sync::atomic::AtomicU32;

use bytes::Bytes;
use tokio::time::sleep;

use super::*;

const TTL: Duration = Duration::from_secs(60);

fn cache() -> (ResponseCache, CacheKey) {
    let key = CacheKey::new(TenantId::new("https://api.cal.com", &["key"]), "calcom:user");
    (ResponseCache::new(Store::memory(1 << 20)), key)
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(3_600)
}

fn tags() -> Arc<[String]> {
    Arc::new([ROOT_TAG.to_owned(), "user".to_owned()])
}

async fn fetch(cache: &ResponseCache, key: &CacheKey, refresh: bool) -> Option<FetchGuard> {
    match cache.find(key.clone(), tags(), refresh, soon()).await.unwrap() {
        CacheOutcome::Hit(_) => None,
        CacheOutcome::Miss(fetch) => Some(fetch),
        other => panic!("{other:?}"),
    }
}

async fn keep(fetch: FetchGuard) {
    let headers = vec![(http::header::ETAG, HeaderValue::from_static("\"1\""))];
    let response = fetch.new_response(200, headers, Bytes::from_static(b"{}"));
    assert!(fetch.put(&response, TTL).is_none(), "there is no shared store");
}

#[tokio::test(start_paused = true)]
async fn a_thousand_callers_cause_one_request() {
    let (cache, key) = cache();
    let fetched = Arc::new(AtomicU32::new(0));
    let callers: Vec<_> = (0..1_000)
        .map(|_| {
            let (cache, key, fetched) = (cache.clone(), key.clone(), Arc::clone(&fetched));
            tokio::spawn(async move {
                if let Some(fetch) = fetch(&cache, &key, false).await {
                    fetched.fetch_add(1, Ordering::Relaxed);
                    sleep(Duration::from_millis(150)).await;
                    keep(fetch).await;
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(fetched.load(Ordering::Relaxed), 1);
    assert!(cache.single_flight.is_empty(), "nothing is left of the fetch");
}

#[tokio::test(start_paused = true)]
async fn if_the_fetching_call_is_dropped_or_fails_a_waiting_call_fetches() {
    let (cache, key) = cache();
    let fetched = Arc::new(AtomicU32::new(0));
    let callers: Vec<_> = (0..1_000)
        .map(|n| {
            let (cache, key, fetched) = (cache.clone(), key.clone(), Arc::clone(&fetched));
            tokio::spawn(async move {
                if let Some(fetch) = fetch(&cache, &key, false).await {
                    fetched.fetch_add(1, Ordering::Relaxed);
                    sleep(Duration::from_millis(150)).await;
                    if n > 2 {
                        keep(fetch).await;
                    } // The others fail: their guard is dropped.
                }
            })
        })
        .collect();
    sleep(Duration::from_millis(10)).await;
    callers[0].abort();
    let mut ended = 0;
    for caller in callers {
        ended += u32::from(caller.await.is_ok());
    }
    assert_eq!((ended, fetched.load(Ordering::Relaxed)), (999, 4), "one dropped, two failed, one fetched");
    assert!(cache.single_flight.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_hangs_takes_half_of_the_time_and_one_in_its_place_half_of_the_rest() {
    let (cache, key) = cache();
    let hanging = fetch(&cache, &key, false).await.unwrap();
    let began = Instant::now();
    let second = |total: u64| {
        let (cache, key) = (cache.clone(), key.clone());
        let deadline = began + Duration::from_secs(total);
        async move {
            match cache.find(key, tags(), false, deadline).await.unwrap() {
                CacheOutcome::Miss(fetch) => (began.elapsed().as_secs(), fetch),
                other => panic!("{other:?}"),
            }
        }
    };
    let (one, other) = tokio::join!(second(8), second(8));
    assert_eq!((one.0.min(other.0), one.0.max(other.0)), (4, 6));
    let (third, fourth) = tokio::join!(second(16), second(16));
    assert_eq!((third.0.min(fourth.0), third.0.max(fourth.0)), (11, 13));
    assert!(cache.find(key.clone(), tags(), false, began).await.is_err(), "there is no time left");
    drop((hanging, one, other, third, fourth));
    assert!(cache.single_flight.is_empty());
}

#[tokio::test(start_paused = true)]
async fn waiting_calls_get_the_error_and_calls_after_a_write_do_not() {
    let (cache, key) = cache();
    let wait = |refresh| {
        let (cache, key) = (cache.clone(), key.clone());
        tokio::spawn(async move { cache.find(key, tags(), refresh, soon()).await.unwrap() })
    };
    let slow = fetch(&cache, &key, false).await.unwrap();
    let (waits, refreshes) = (wait(false), wait(true));
    sleep(Duration::from_millis(1)).await;
    cache.invalidate(&key.tenant, &["user".to_owned()]).await;
    let after = wait(false);
    sleep(Duration::from_millis(1)).await;
    slow.finish_failed(&Error::invalid("planted", "for all"));
    assert!(matches!(waits.await.unwrap(), CacheOutcome::Failed(Error::Validation(_))));
    let one = after.await.unwrap();
    assert!(matches!(&one, CacheOutcome::Miss(_)), "what began before the write is not its answer: {one:?}");
    drop(one);
    assert!(matches!(refreshes.await.unwrap(), CacheOutcome::Miss(_)), "it asked for what is newer");
}

#[tokio::test(start_paused = true)]
async fn an_undecodable_response_goes_to_waiting_calls_and_is_not_cached() {
    let (cache, key) = cache();
    let slow = fetch(&cache, &key, false).await.unwrap();
    let waits = tokio::spawn({
        let (cache, key) = (cache.clone(), key.clone());
        async move { cache.find(key, tags(), false, soon()).await.unwrap() }
    });
    sleep(Duration::from_millis(1)).await;
    let response = slow.new_response(200, Vec::new(), Bytes::from_static(b"{"));
    slow.finish_undecodable(response);
    assert!(matches!(waits.await.unwrap(), CacheOutcome::Undecodable(_)));
    assert!(fetch(&cache, &key, false).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_response_without_validator_is_dropped_when_it_is_stale() {
    let (cache, key) = cache();
    let fetched = fetch(&cache, &key, false).await.unwrap();
    let response = fetched.new_response(200, Vec::new(), Bytes::from_static(b"{}"));
    assert!(fetched.put(&response, TTL).is_none());
    assert!(fetch(&cache, &key, false).await.is_none());
    tokio::time::advance(TTL).await;
    assert!(matches!(cache.store.local().lookup(&key), CacheLookup::Missing));
}

#[tokio::test(start_paused = true)]
async fn a_stale_response_is_revalidated() {
    let (cache, key) = cache();
    keep(fetch(&cache, &key, false).await.unwrap()).await;
    tokio::time::advance(TTL).await;
    let mut again = fetch(&cache, &key, false).await.unwrap();
    assert_eq!(again.etag(), Some("\"1\""));
    let response = again.revalidated_response().unwrap();
    assert!(again.put(&response, TTL).is_none());
    assert_eq!(&*response.body, b"{}");
    assert!(fetch(&cache, &key, false).await.is_none(), "fresh again");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_fetches_a_fresh_response_and_one_fetch_serves_all_waiting_calls() {
    let (cache, key) = cache();
    keep(fetch(&cache, &key, false).await.unwrap()).await;
    assert!(fetch(&cache, &key, false).await.is_none());
    let first = fetch(&cache, &key, true).await.unwrap();
    let waiters: Vec<_> = (0..10)
        .map(|_| {
            let (cache, key) = (cache.clone(), key.clone());
            tokio::spawn(async move {
                match fetch(&cache, &key, true).await {
                    Some(fetch) => {
                        sleep(Duration::from_millis(1)).await;
                        keep(fetch).await;
                        1
                    }
                    None => 0,
                }
            })
        })
        .collect();
    sleep(Duration::from_millis(1)).await;
    keep(first).await;
    let mut fetched = 0;
    for task in waiters {
        fetched += task.await.unwrap();
    }
    // The first fetch began before these calls, so that one of them fetches again, for all of them.
    assert_eq!(fetched, 1);
}

#[tokio::test(start_paused = true)]
async fn an_invalidation_during_a_fetch_is_not_lost() {
    let (cache, key) = cache();
    let on_its_way = fetch(&cache, &key, false).await.unwrap();
    cache.invalidate(&key.tenant, &["user".to_owned()]).await;
    keep(on_its_way).await;
    assert!(fetch(&cache, &key, false).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn documented_keys_are_forgotten() {
    let (answers, mut key) = cache();
    key.name = "calcom:slots:2026361:2025-01-15|...".into();
    let tags = ["calcom", "slots", "slots:2026361", "slots:2026361:2025-01-15"].map(str::to_owned).to_vec();
    let is_kept = || async {
        match answers.find(key.clone(), tags.clone().into(), false, soon()).await.unwrap() {
            CacheOutcome::Hit(_) => true,
            CacheOutcome::Miss(fetch) => {
                keep(fetch).await;
                false
            }
            other => panic!("{other:?}"),
        }
    };
    let cache = Cache::new(answers.clone(), key.tenant);
    let other = Cache::new(answers.clone(), TenantId::new("https://api.cal.com", &["other"]));
    assert!(!is_kept().await);
    assert!(is_kept().await);
    cache.forget("calcom:slots:2026361:2025-01-15").await;
    assert!(!is_kept().await);
    cache.forget("slots:2026361").await;
    assert!(!is_kept().await);
    cache.flush("slots").await;
    assert!(!is_kept().await);
    cache.flush_all().await;
    assert!(!is_kept().await);
    cache.forget("calcom:slots:2026361:2025-01-16").await;
    cache.flush("event_types").await;
    other.flush_all().await;
    assert!(is_kept().await, "another day, another tag, another tenant");
}
