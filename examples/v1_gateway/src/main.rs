//! A gateway that serves V1's routes and executes them with V2. A program for V1 needs a new base URL only.
//!
//! `cargo run -p v1_gateway` runs a V1 program against the gateway and an embedded fake of the service, and ends.
//! `cargo run -p v1_gateway -- --serve` listens on `CALCOM_V1_LISTEN` (default 127.0.0.1:8081) and uses the service at
//! `CALCOM_API_URL` (default `https://api.cal.com`). The key of each request is its `?apiKey=`, as in V1.

mod gateway;
mod old_program;

use calcom::{Client, Credentials, v1};
use calcom_fake::FakeCalcom;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    if std::env::args().any(|argument| argument == "--serve") {
        let url = std::env::var("CALCOM_API_URL").unwrap_or_else(|_| "https://api.cal.com".to_owned());
        let client = v1::V1Client::from(Client::builder().api_url(url).credentials(Credentials::Anonymous).build()?);
        let address = std::env::var("CALCOM_V1_LISTEN").unwrap_or_else(|_| "127.0.0.1:8081".to_owned());
        let listener = tokio::net::TcpListener::bind(&address).await?;
        println!("V1 at http://{}/v1", listener.local_addr()?);
        axum::serve(listener, gateway::router(client)).await?;
        return Ok(());
    }
    let fake = FakeCalcom::start().await;
    let client = v1::V1Client::from(Client::builder().api_url(fake.url()).credentials(Credentials::Anonymous).build()?);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}/v1", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, gateway::router(client)).await });

    let now = fake.clock().now();
    let event_type = fake.event_type_id("johndoe", "30min");
    for line in old_program::run(&base, &fake.api_key(), event_type, now).await? {
        println!("{line}");
    }
    Ok(())
}
