//! `rediss://`, with certificates made for the test.

use std::sync::Arc;

use calcom::{
    ApiKey, Client,
    state::{RedisStore, Store},
};
use calcom_fake::FakeCalcom;

use crate::redis_server::RedisServer;

#[tokio::test]
async fn a_server_is_spoken_to_over_tls() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = std::env::temp_dir().join(format!("calcom-tls-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (certificate, key) = (file("cert.pem", &made.cert.pem()), file("key.pem", &made.signing_key.serialize_pem()));
    let server = RedisServer::start_with(|port| {
        let port = port.to_string();
        let options = ["--port", "0", "--tls-port", &port, "--tls-auth-clients", "no"];
        let files = ["--tls-cert-file", &certificate, "--tls-key-file", &key, "--tls-ca-cert-file", &certificate];
        options.into_iter().chain(files).map(str::to_owned).collect()
    });
    std::fs::remove_dir_all(&folder).unwrap();

    let fake = FakeCalcom::start().await;
    let url = format!("rediss://localhost:{}/", server.port());
    let client = |store| {
        let builder = Client::builder().credentials(ApiKey::new(fake.api_key())).api_url(fake.url());
        builder.store(store).build().unwrap()
    };
    let trusting = RedisStore::open_trusting(&url, made.cert.pem().into_bytes()).unwrap();
    let one = client(Store::shared(Arc::new(trusting), 1 << 20));
    let other = RedisStore::open_trusting(&url, made.cert.pem().into_bytes()).unwrap();
    let other = client(Store::shared(Arc::new(other), 1 << 20));
    // The first may take longer for its connection than a call waits; from then on they share.
    while fake.requests().len() < 50 {
        one.refresh_cache().me().get().await.unwrap();
        let before = fake.requests().len();
        other.me().get().await.unwrap();
        if fake.requests().len() == before {
            break;
        }
    }
    let before = fake.requests().len();
    assert!(before < 50, "they never came to share anything");

    // Whom the system does not trust is not spoken to, and calls go on without it.
    let distrusting = client(Store::redis(&url, 1 << 20).unwrap());
    distrusting.me().get().await.unwrap();
    assert_eq!(fake.requests().len(), before + 1);
}
