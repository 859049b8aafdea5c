//! Stores in bad shape: files that are damaged, linked, or in a folder that cannot be made; a Redis server that goes away.

use std::path::{Path, PathBuf};

use calcom::oauth::FileTokenStore;
#[cfg(feature = "redis")]
use calcom::oauth::{EncryptionKey, RedisTokenStore};

use super::*;
#[cfg(feature = "redis")]
use crate::redis_server::RedisServer;

fn files(place: &Path) -> Arc<dyn TokenStore> {
    Arc::new(FileTokenStore::new(place))
}

/// The file of the only session in a folder.
fn session_file(place: &Path) -> PathBuf {
    let mut files = std::fs::read_dir(place).unwrap().map(|file| file.unwrap().path());
    files.find(|file| file.extension().is_some_and(|ending| ending == "json")).unwrap()
}

#[tokio::test]
async fn a_damaged_file_needs_a_consent_which_replaces_it() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("sessions");
    let fake = fake().await;
    logged_in(&fake, &app_on(&fake, files(&place)), "ada").await;
    let file = session_file(&place);
    let whole = std::fs::read(&file).unwrap();
    for damaged in [&whole[..0], &whole[..whole.len() / 2], b"\xff\xfe planted", b"{}"] {
        std::fs::write(&file, damaged).unwrap();
        let error = me(&app_on(&fake, files(&place)).client("ada").unwrap()).await.unwrap_err();
        assert!(error.is_consent_required() && !error.to_string().contains("planted"), "{error}");
        assert_eq!(std::fs::read(&file).unwrap(), damaged, "it is not overwritten");
    }
    let again = app_on(&fake, files(&place));
    assert_eq!(me(&logged_in(&fake, &again, "ada").await).await.unwrap(), "ada");
    assert_eq!(me(&app_on(&fake, files(&place)).client("ada").unwrap()).await.unwrap(), "ada");
    assert_eq!(refreshes(&fake), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_in_place_of_a_file_is_read_and_then_replaced_by_a_file() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let (place, elsewhere) = (folder.path().join("sessions"), folder.path().join("elsewhere"));
    let fake = fake().await;
    logged_in(&fake, &app_on(&fake, files(&place)), "ada").await;
    let file = session_file(&place);
    std::fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    let before = std::fs::read(&elsewhere).unwrap();
    let app = app_on(&fake, files(&place));
    assert_eq!(me(&app.client("ada").unwrap()).await.unwrap(), "ada");
    app.session("ada").refresh().await.unwrap();
    assert_eq!(std::fs::read(&elsewhere).unwrap(), before, "nothing is written through the link");
    let written = std::fs::symlink_metadata(&file).unwrap();
    assert_eq!((written.is_file(), written.permissions().mode() & 0o777, written.nlink()), (true, 0o600, 1));
    // What a crash left beside the file, a link too, is not written through.
    let beside = file.with_extension("new");
    symlink(&elsewhere, &beside).unwrap();
    app.session("ada").refresh().await.unwrap();
    assert_eq!(std::fs::read(&elsewhere).unwrap(), before);
    assert!(!beside.exists());
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_noticed_before_a_code_or_a_token_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("planted");
    std::fs::write(&file, "no folder").unwrap();
    let fake = fake().await;
    let app = app_on(&fake, files(&file.join("sessions")));
    let (pending, location) = consent(&fake, &app, "ada", &all_scopes()).await;
    let error = app.finish(&pending, &location, "ada").await.unwrap_err();
    assert!(matches!(error, calcom::oauth::OAuthError::Store(_)), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("planted"), "{error:?}");
    let error = me(&app.client("ada").unwrap()).await.unwrap_err();
    assert!(error.is_retryable() && !error.is_consent_required(), "{error:?}");
    assert!(fake.requests_of("create_oauth2_token").is_empty());
}

/// A valid token is used without the lock: nothing has to be written for it.
#[tokio::test]
async fn a_valid_token_is_read_from_a_folder_in_which_nothing_can_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("sessions");
    let fake = fake().await;
    logged_in(&fake, &app_on(&fake, files(&place)), "ada").await;
    // A folder in place of the lock: it cannot be opened to be written.
    let lock = session_file(&place).with_extension("lock");
    std::fs::remove_file(&lock).unwrap();
    std::fs::create_dir(&lock).unwrap();
    let client = app_on(&fake, files(&place)).client("ada").unwrap();
    assert_eq!(me(&client).await.unwrap(), "ada");
    fake.clock().advance(HALF_AN_HOUR);
    let error = me(&client).await.unwrap_err();
    assert!(error.is_retryable() && !error.is_consent_required(), "{error:?}");
    assert_eq!(refreshes(&fake), 0);
}

#[cfg(feature = "redis")]
fn on_redis(redis: &RedisServer) -> Arc<dyn TokenStore> {
    Arc::new(RedisTokenStore::open(&redis.url(), EncryptionKey::new([7; 32])).unwrap())
}

/// A server, the fake, and a client whose session is on the server.
#[cfg(feature = "redis")]
async fn session_on_redis() -> (RedisServer, FakeCalcom, Client) {
    let (redis, fake) = (RedisServer::start(), fake().await);
    let client = logged_in(&fake, &app_on(&fake, on_redis(&redis)), "ada").await;
    (redis, fake, client)
}

/// Sends one command, and returns the response.
#[cfg(feature = "redis")]
async fn ask(redis: &RedisServer, command: &str) -> String {
    let mut socket = TcpStream::connect(("127.0.0.1", redis.port())).await.unwrap();
    socket.write_all(format!("{command}\r\nQUIT\r\n").as_bytes()).await.unwrap();
    let mut response = String::new();
    socket.read_to_string(&mut response).await.unwrap();
    response
}

#[cfg(feature = "redis")]
#[tokio::test]
async fn a_session_that_redis_has_lost_altogether_counts_as_removed() {
    let (mut redis, fake, client) = session_on_redis().await;
    fake.clock().advance(HALF_AN_HOUR);
    fake.fault(calcom_fake::Fault::delay(Duration::from_millis(700)).on("create_oauth2_token"));
    let call = tokio::spawn({
        let client = client.clone();
        async move { me(&client).await }
    });
    while refreshes(&fake) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    redis.kill();
    let error = call.await.unwrap().unwrap_err();
    assert!(error.is_retryable() && !error.is_consent_required(), "{error:?}");
    // This process has the only pair. A session that was removed is not written again, and the server cannot tell the two apart.
    redis.restart();
    let seen = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            match me(&client).await {
                Ok(name) => break name,
                Err(error) if error.is_consent_required() => break "consent".to_owned(),
                Err(_) => tokio::time::sleep(Duration::from_millis(300)).await,
            }
        }
    });
    assert_eq!(seen.await.unwrap(), "consent");
    assert_eq!(refreshes(&fake), 1);
}

#[cfg(feature = "redis")]
#[tokio::test]
async fn without_redis_a_valid_token_is_used_and_nothing_is_refreshed() {
    let (mut redis, fake, client) = session_on_redis().await;
    assert_eq!(me(&client).await.unwrap(), "ada");
    redis.kill();
    assert_eq!(me(&client).await.unwrap(), "ada");
    fake.clock().advance(HALF_AN_HOUR);
    let error = me(&client).await.unwrap_err();
    assert!(error.is_retryable() && !error.is_consent_required(), "{error:?}");
    assert_eq!(refreshes(&fake), 0);
}

/// The server answers, and grants no leases.
#[cfg(feature = "redis")]
#[tokio::test]
async fn without_a_lease_on_redis_no_code_and_no_refresh_token_is_used() {
    let plain = |port: u16| vec!["--port".to_owned(), port.to_string()];
    let redis = RedisServer::start_with(|port| {
        let forbidden = ["--rename-command", "EVAL", "", "--rename-command", "EVALSHA", ""];
        plain(port).into_iter().chain(forbidden.map(str::to_owned)).collect()
    });
    let fake = fake().await;
    let app = app_on(&fake, on_redis(&redis));
    let (pending, location) = consent(&fake, &app, "ada", &all_scopes()).await;
    let error = app.finish(&pending, &location, "ada").await.unwrap_err();
    assert!(matches!(error, calcom::oauth::OAuthError::Store(_)), "{error:?}");
    let error = me(&app.client("ada").unwrap()).await.unwrap_err();
    assert!(error.is_retryable() && !error.is_consent_required(), "{error:?}");
    assert!(fake.requests_of("create_oauth2_token").is_empty());
}

#[cfg(feature = "redis")]
#[tokio::test]
async fn swapped_sessions_on_redis_are_refused() {
    let redis = RedisServer::start();
    let fake = fake().await;
    let app = app_on(&fake, on_redis(&redis));
    logged_in(&fake, &app, "ada").await;
    logged_in(&fake, &app, "grace").await;
    let keys = ask(&redis, "KEYS *").await;
    let names: Vec<&str> = keys.lines().filter(|line| line.contains(":session:")).collect();
    assert_eq!(names.len(), 2, "{keys}");
    for (from, to) in [(names[0], "kept"), (names[1], names[0]), ("kept", names[1])] {
        ask(&redis, &format!("RENAME {from} {to}")).await;
    }
    let fresh = app_on(&fake, on_redis(&redis));
    for name in ["ada", "grace"] {
        let error = me(&fresh.client(name).unwrap()).await.unwrap_err();
        assert!(error.to_string().contains("it cannot be decrypted") && !error.is_consent_required(), "{error}");
    }
    assert!(fake.requests_of("get_me").is_empty());
}

/// A process pauses for longer than its lease while its refresh is in flight, and another one refreshes.
#[cfg(feature = "redis")]
#[tokio::test]
async fn a_lease_that_ends_while_a_refresh_is_in_flight_keeps_the_session() {
    let redis = RedisServer::start();
    let fake = fake().await;
    let (one, two) = (app_on(&fake, on_redis(&redis)), app_on(&fake, on_redis(&redis)));
    let slow = logged_in(&fake, &one, "ada").await;
    fake.clock().advance(HALF_AN_HOUR);
    fake.fault(calcom_fake::Fault::delay(Duration::from_millis(1_500)).after_effect().on("create_oauth2_token"));
    let call = tokio::spawn(async move { me(&slow).await });
    while refreshes(&fake) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // The lease is gone, as if its time were over.
    let keys = ask(&redis, "KEYS *").await;
    for name in keys.lines().filter(|line| line.contains("lease")) {
        ask(&redis, &format!("DEL {name}")).await;
    }
    // The other process is told that the session has ended, until the first one has its pair.
    let other = two.client("ada").unwrap();
    assert!(me(&other).await.unwrap_err().is_consent_required());
    assert_eq!(call.await.unwrap().unwrap(), "ada");
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    assert_eq!(me(&other).await.unwrap(), "ada");
    assert_eq!(refreshes(&fake), 2);
}
