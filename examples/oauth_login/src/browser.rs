//! A browser: follows redirects, and keeps cookies for each host.

use std::collections::HashMap;

use reqwest::{Client, Url, header, redirect::Policy};

const MAX_REDIRECTS: usize = 10;

pub struct Browser {
    client: Client,
    /// By host and port.
    cookies: HashMap<String, String>,
}

impl Browser {
    pub fn new() -> Self {
        let client = Client::builder().redirect(Policy::none()).no_proxy().build();
        Self { client: client.unwrap_or_default(), cookies: HashMap::new() }
    }

    /// Opens an address, and returns the text of the page that it leads to.
    pub async fn open(&mut self, address: &str) -> crate::Result<String> {
        let mut url: Url = address.parse()?;
        for _ in 0..MAX_REDIRECTS {
            let host = url.authority().to_owned();
            let mut request = self.client.get(url.clone());
            if let Some(cookie) = self.cookies.get(&host) {
                request = request.header(header::COOKIE, cookie);
            }
            let response = request.send().await?;
            let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
            if let Some(cookie) = text(header::SET_COOKIE).and_then(|cookie| cookie.split(';').next()) {
                self.cookies.insert(host, cookie.to_owned());
            }
            match text(header::LOCATION) {
                Some(location) if response.status().is_redirection() => url = url.join(location)?,
                _ => return Ok(response.text().await?),
            }
        }
        Err("too many redirects".into())
    }
}
