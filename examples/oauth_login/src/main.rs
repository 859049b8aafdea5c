//! A web application with "Continue with Cal.com": it lists the upcoming bookings of whoever is logged in.
//!
//! `cargo run -p oauth_login` plays a browser against a fake Cal.com, and ends. With `CALCOM_OAUTH_CLIENT_ID` and
//! `CALCOM_OAUTH_CLIENT_SECRET` set it serves the client of that id at <http://localhost:3000>, whose redirect URI is
//! `http://localhost:3000/back`.

mod browser;
mod web;

use std::{env, sync::Arc};

use browser::Browser;
use calcom::oauth::{FileTokenStore, OAuthApp, OAuthAppBuilder, OAuthUrls};
use calcom_fake::{FakeCalcom, FakeOAuthApp};
use tokio::net::TcpListener;
use web::{Web, router, scopes};

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

#[tokio::main]
async fn main() -> Result<()> {
    match (env::var("CALCOM_OAUTH_CLIENT_ID"), env::var("CALCOM_OAUTH_CLIENT_SECRET")) {
        (Ok(id), Ok(secret)) => {
            let listener = TcpListener::bind("127.0.0.1:3000").await?;
            let store = Arc::new(FileTokenStore::new("calcom-sessions"));
            let app = OAuthApp::confidential(id, secret, "http://localhost:3000/back").store(store);
            println!("open http://localhost:3000");
            serve(listener, app).await
        }
        _ => play().await,
    }
}

async fn serve(listener: TcpListener, app: OAuthAppBuilder) -> Result<()> {
    Ok(axum::serve(listener, router(Web::new(app.build()?))).await?)
}

/// A login on the fake, as a browser sees it.
async fn play() -> Result<()> {
    let (fake, home) = start().await?;
    fake.give_consent("johndoe");
    let mut browser = Browser::default();
    println!("{}", browser.open(&home).await?);
    println!("{}", browser.open(&format!("{home}login")).await?);
    // Half an hour later the token has expired; the next page refreshes it.
    fake.clock().advance(std::time::Duration::from_secs(31 * 60));
    println!("{}", browser.open(&home).await?);
    println!("{} requests for tokens", fake.requests_of("create_oauth2_token").len());
    Ok(())
}

/// The application, and a fake Cal.com that knows it. The address of its first page ends with a slash.
async fn start() -> Result<(FakeCalcom, String)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let home = format!("http://{}/", listener.local_addr()?);
    let back = format!("{home}back");
    let client = FakeOAuthApp::confidential("client-id", "client-secret", &back).scopes(scopes().iter().cloned());
    let fake = FakeCalcom::builder().oauth_app(client).start().await;
    let urls = OAuthUrls::self_hosted(&fake.url(), &fake.url());
    let app = OAuthApp::confidential("client-id", "client-secret", &*back).urls(urls);
    tokio::spawn(async move {
        if let Err(error) = serve(listener, app).await {
            eprintln!("the server has ended: {error}");
        }
    });
    Ok((fake, home))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_user_logs_in_lists_bookings_and_keeps_the_session() -> Result<()> {
        let (fake, home) = start().await?;
        fake.give_consent("johndoe");
        let mut browser = Browser::default();
        assert!(browser.open(&home).await?.contains("Continue with Cal.com"));
        let page = browser.open(&format!("{home}login")).await?;
        assert!(page.contains("johndoe") && page.contains("upcoming bookings: 0"), "{page}");
        fake.clock().advance(std::time::Duration::from_secs(31 * 60));
        let page = browser.open(&home).await?;
        assert!(page.contains("johndoe"), "{page}");
        assert_eq!(fake.requests_of("create_oauth2_token").len(), 2);
        // Another browser is nobody.
        assert!(Browser::default().open(&home).await?.contains("Continue with Cal.com"));
        Ok(())
    }

    #[tokio::test]
    async fn a_refusal_a_forged_redirect_and_a_revoked_consent_lead_back_to_the_first_page() -> Result<()> {
        let (fake, home) = start().await?;
        fake.refuse_consent();
        let mut browser = Browser::default();
        let page = browser.open(&format!("{home}login")).await?;
        assert!(page.contains("access_denied") && page.contains("Continue with Cal.com"), "{page}");
        let page = browser.open(&format!("{home}back?code=stolen&state=forged")).await?;
        assert!(page.contains("Continue with Cal.com"), "{page}");
        assert!(fake.requests_of("create_oauth2_token").is_empty());
        fake.give_consent("johndoe");
        browser.open(&format!("{home}login")).await?;
        fake.revoke_oauth_tokens("johndoe");
        let page = browser.open(&home).await?;
        assert!(page.contains("Continue with Cal.com"), "{page}");
        Ok(())
    }
}
