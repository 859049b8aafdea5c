//! Processes that share a store: one refreshes, the others use its tokens; one is killed, the next one goes on. Time is real.
//!
//! The processes are this test binary again, told by its environment to run `a_process_with_a_session`.

use std::{path::Path, process::Stdio};

use calcom::oauth::FileTokenStore;
#[cfg(feature = "redis")]
use calcom::oauth::{EncryptionKey, RedisTokenStore};
use calcom_fake::Fault;
use tokio::{process::Command, task::JoinSet};

use super::*;

const PROCESSES: usize = 4;
const CALLS: usize = 8;

/// A store by its name: a folder, or the address of a Redis server.
fn store(place: &str) -> Arc<dyn TokenStore> {
    #[cfg(feature = "redis")]
    if place.starts_with("redis://") {
        return Arc::new(RedisTokenStore::open(place, EncryptionKey::new([7; 32])).unwrap());
    }
    Arc::new(FileTokenStore::new(place))
}

/// In a process of its own: calls for the subject. Without its environment it has nothing to do.
#[test]
fn a_process_with_a_session() {
    let Ok(order) = std::env::var("CALCOM_TEST_SESSION") else { return };
    let (url, place) = order.split_once(' ').unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let urls = OAuthUrls::self_hosted(url, url);
        let app = OAuthApp::public(ID, BACK).urls(urls).config(config()).store(store(place)).build().unwrap();
        let client = app.client("ada").unwrap();
        let mut calls = JoinSet::new();
        for _ in 0..CALLS {
            let client = client.clone();
            calls.spawn(async move { client.raw().get_me().bypass_cache().await });
        }
        for result in calls.join_all().await {
            match result {
                Ok(me) => println!("\ntold {}", me.data.username.as_deref().unwrap()),
                Err(error) if error.is_consent_required() => println!("\ntold consent-required"),
                Err(error) => println!("\ntold {error}"),
            }
        }
    });
}

fn process(fake: &FakeCalcom, place: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "oauth::processes::a_process_with_a_session", "--nocapture"])
        .env("CALCOM_TEST_SESSION", format!("{} {place}", fake.url()))
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// What the calls of a process were told.
async fn told(mut command: Command) -> Vec<String> {
    let output = command.output().await.unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.strip_prefix("told ")).map(str::to_owned).collect()
}

async fn four_processes_refresh_once(place: &str) {
    let fake = fake().await;
    logged_in(&fake, &app_on(&fake, store(place)), "ada").await;
    fake.clock().advance(HALF_AN_HOUR);
    // The others come while the refresh is in flight.
    fake.fault(Fault::delay(Duration::from_millis(700)).on("create_oauth2_token"));
    let mut running = JoinSet::new();
    for _ in 0..PROCESSES {
        running.spawn(told(process(&fake, place)));
    }
    let told = running.join_all().await.concat();
    assert_eq!(told, vec!["ada"; PROCESSES * CALLS]);
    assert_eq!(refreshes(&fake), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_processes_with_a_token_file_refresh_once() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("sessions");
    four_processes_refresh_once(place.to_str().unwrap()).await;
    check_modes(&place);
}

/// Only the user of the process can read what is in the folder.
#[cfg(unix)]
fn check_modes(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(folder), 0o700);
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 2, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{file:?}");
    }
}

#[cfg(not(unix))]
fn check_modes(_: &Path) {}

#[cfg(feature = "redis")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_processes_with_redis_refresh_once() {
    let redis = crate::redis_server::RedisServer::start();
    four_processes_refresh_once(&redis.url()).await;
}

/// Kills a process whose refresh the service has, and tells what the next one is told.
async fn after_a_kill(place: &str, is_lenient: bool) -> (Vec<String>, usize) {
    let fake = fake().await;
    fake.set_lenient_refresh(is_lenient);
    logged_in(&fake, &app_on(&fake, store(place)), "ada").await;
    fake.clock().advance(HALF_AN_HOUR);
    fake.fault(Fault::delay(Duration::from_secs(60)).after_effect().on("create_oauth2_token"));
    let mut killed = process(&fake, place).spawn().unwrap();
    while refreshes(&fake) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    killed.kill().await.unwrap();
    let told = told(process(&fake, place)).await;
    (told, refreshes(&fake))
}

async fn check_kills(place: &str) {
    let lenient = after_a_kill(&format!("{place}1"), true).await;
    assert_eq!(lenient, (vec!["ada".to_owned(); CALLS], 2));
    let strict = after_a_kill(&format!("{place}2"), false).await;
    assert_eq!(strict, (vec!["consent-required".to_owned(); CALLS], 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_kill_the_next_process_tries_the_old_token_of_the_file_once() {
    let folder = tempfile::tempdir().unwrap();
    check_kills(folder.path().join("sessions").to_str().unwrap()).await;
}

#[cfg(feature = "redis")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_kill_the_next_process_tries_the_old_token_of_redis_once() {
    let redis = crate::redis_server::RedisServer::start();
    check_kills(&redis.url()).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_token_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("sessions");
    let fake = fake().await;
    logged_in(&fake, &app_on(&fake, store(place.to_str().unwrap())), "ada").await;
    let file = std::fs::read_dir(&place).unwrap().map(|file| file.unwrap().path());
    let file = file.into_iter().find(|file| file.extension().is_some_and(|ending| ending == "json")).unwrap();
    for mode in [0o644, 0o640, 0o604, 0o620] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let again = app_on(&fake, store(place.to_str().unwrap())).client("ada").unwrap();
        let error = again.raw().get_me().await.unwrap_err();
        assert!(error.to_string().contains("its mode must be 0600"), "{mode:o}: {error}");
    }
    assert!(fake.requests_of("get_me").is_empty());
}
