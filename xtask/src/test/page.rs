//! Shows the page of the fake as a program in a browser without a window, and keeps a picture of it.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::{
    process::{cargo, exists, output, run},
    workspace::Workspace,
};

/// The names of the browser on different systems.
pub const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A name that is no HTML unless the page writes it as such.
const HOSTILE_NAME: &str = "<img src=x onerror=document.title='run'>";

/// The fixtures: a booking whose attendee's name looks like HTML.
const SEED: &str = r#"{ "now": "2026-11-23T00:00:00Z",
  "users": [{ "username": "ada" }],
  "eventTypes": [{ "user": "ada", "slug": "intro", "lengthInMinutes": 30 }],
  "bookings": [{ "user": "ada", "eventType": "intro", "start": "2026-11-24T09:00:00Z", "uid": "seeded-booking",
                 "attendees": [{ "name": "<img src=x onerror=document.title='run'>", "email": "erika@example.org" }] }] }"#;

/// The running fake, which ends with this value.
struct Fake(Child);

impl Drop for Fake {
    fn drop(&mut self) {
        // An error means that it has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Loads the page, compares what it shows with the fake, and writes `target/fake-page.png`.
pub fn check(workspace: &Workspace) -> Result<()> {
    let browser = BROWSERS.into_iter().find(|name| exists(name)).context("no browser is installed")?;
    run(cargo(&workspace.root).args(["build", "--workspace", "--all-features", "--bins", "--tests"]))?;
    let folder = workspace.target.join("fake-page");
    fs::create_dir_all(&folder)?;
    let seed = folder.join("seed.json");
    fs::write(&seed, SEED)?;
    let mut command = Command::new(workspace.target.join("debug/calcom-fake"));
    let child = command.arg("--seed").arg(&seed).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut fake = Fake(child);
    let out = fake.0.stdout.take().context("the fake has no output")?;
    let lines: Vec<String> = BufReader::new(out).lines().take(2).collect::<std::io::Result<_>>()?;
    let value =
        |name: &str| lines.iter().find_map(|line| line.strip_prefix(name)).context("the fake printed no address");
    let (url, key) = (value("CALCOM_API_URL=")?.to_owned(), value("CALCOM_API_KEY=")?.to_owned());
    book(&url, &key)?;

    let page = output(show(browser, &folder).args(["--dump-dom", &format!("{url}/")]))?;
    for text in ["seeded-booking", "create_booking", "POST /v2/bookings", "complete 201", "id=\"bookings-count\">2<"] {
        if !page.contains(text) {
            bail!("the page does not show `{text}`:\n{page}");
        }
    }
    if page.contains(HOSTILE_NAME) || page.contains("<title>run</title>") || !page.contains("&lt;img src=x") {
        bail!("the page writes the name of an attendee as HTML:\n{page}");
    }
    let picture = workspace.target.join("fake-page.png");
    let screenshot = format!("--screenshot={}", picture.display());
    output(show(browser, &folder).args([&screenshot, "--window-size=1200,800", &format!("{url}/")]))?;
    if fs::read(&picture).is_ok_and(|bytes| bytes.starts_with(b"\x89PNG")) {
        println!("the page is in {}", picture.display());
        return Ok(());
    }
    bail!("the browser has written no picture")
}

/// The browser without a window. Time of the page runs for five seconds, as fast as it can.
fn show(browser: &str, folder: &Path) -> Command {
    let mut command = Command::new("timeout");
    command.args(["60", browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]);
    command.arg(format!("--user-data-dir={}", folder.join("profile").display()));
    command.args(["--no-first-run", "--virtual-time-budget=5000"]);
    command
}

/// Makes a booking with a plain request.
fn book(url: &str, key: &str) -> Result<()> {
    let address = url.strip_prefix("http://").context("the fake's address is not http")?;
    let body = r#"{"start":"2026-11-23T10:00:00Z","eventTypeId":1,"attendee":{"name":"Erika Muster","email":"erika@example.com","timeZone":"Europe/Berlin"}}"#;
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(
        stream,
        "POST /v2/bookings HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\ncal-api-version: 2024-08-13\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer)?;
    match &answer {
        b"HTTP/1.1 201" => Ok(()),
        other => bail!("the fake answered {}", String::from_utf8_lossy(other)),
    }
}
