//! Limiter, circuit breaker and cache from outside: what is sent, what is not sent, and what calls return.

mod attempts;
mod breaker;
mod cache;
mod fetch;
mod hops;
mod limiter;
mod quota;
mod recovery;

use std::time::Duration;

use calcom::{ApiKey, Client, ClientBuilder};
use serde_json::{Value, json};

/// A client without retries, so that every call is one request.
fn once(url: String) -> ClientBuilder {
    Client::builder().credentials(ApiKey::new("cal_live_planted")).api_url(url).max_attempts(1)
}

/// Advances tokio's clock, and no other.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

/// The service's response about a user.
fn user(id: usize) -> Value {
    json!({"status": "success", "data": {
        "id": id, "username": "johndoe", "email": "john.doe@example.com", "name": "John Doe", "avatarUrl": null,
        "bio": null, "timeFormat": 24, "defaultScheduleId": 1, "weekStart": "Monday", "timeZone": "Europe/Berlin",
        "organizationId": null
    }})
}
