//! A request with a key and an OAuth client would be the OAuth client's: nobody can ask for both.

use calcom::{ApiKey, Client, Credentials, PlatformCredentials};

fn key() -> ApiKey {
    ApiKey::new("cal_live_x")
}

fn client() -> PlatformCredentials {
    PlatformCredentials::new("id", "secret")
}

fn main() {
    let _ = Client::new(key());
    let _ = Client::new(client());
    let _ = Client::new((key(), client())); //~ E0277
    let _ = Client::builder().credentials((key(), client())); //~ E0277
    let _ = Client::new(key(), client()); //~ E0061
    let _ = Credentials::ApiKey(key());
    let _ = Credentials::ApiKey(client()); //~ E0308
    let _ = Credentials::ApiKey(key(), client()); //~ E0061
}
