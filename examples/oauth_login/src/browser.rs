//! A browser: opens pages over HTTP, follows redirects, and keeps a cookie for each host.

use std::collections::HashMap;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const MAX_REDIRECTS: usize = 10;

#[derive(Default)]
pub struct Browser {
    /// By host and port.
    cookies: HashMap<String, String>,
}

impl Browser {
    /// Opens an address, and returns the text of the page that it leads to.
    pub async fn open(&mut self, address: &str) -> crate::Result<String> {
        let mut address = address.to_owned();
        for _ in 0..MAX_REDIRECTS {
            let (host, path) =
                address.strip_prefix("http://").and_then(|rest| rest.split_once('/')).ok_or("no page")?;
            let cookie = self.cookies.get(host).map(|cookie| format!("Cookie: {cookie}\r\n")).unwrap_or_default();
            let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n{cookie}Connection: close\r\n\r\n");
            let mut socket = TcpStream::connect(host).await?;
            socket.write_all(request.as_bytes()).await?;
            let mut response = String::new();
            socket.read_to_string(&mut response).await?;
            let (head, body) = response.split_once("\r\n\r\n").ok_or("no response")?;
            let header = |wanted: &str| {
                let headers = head.lines().filter_map(|line| line.split_once(": "));
                headers.filter(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value).next()
            };
            if let Some(cookie) = header("set-cookie").and_then(|cookie| cookie.split(';').next()) {
                self.cookies.insert(host.to_owned(), cookie.to_owned());
            }
            address = match header("location") {
                Some(location) if location.starts_with('/') => format!("http://{host}{location}"),
                Some(location) => location.to_owned(),
                None => return Ok(body.to_owned()),
            };
        }
        Err("too many redirects".into())
    }
}
