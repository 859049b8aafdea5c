//! A server with a few fixed responses and persistent connections. It runs in a process of its own, so that it is not part
//! of the measured time and instructions.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::answers::{self, RecordedResponse};

/// Serves until the process ends, and prints the address. It uses one thread, so that both sides find the server in the same
/// state. Each response is sent after `delay`.
pub fn serve(delay: Duration) -> Result<()> {
    let answers: Vec<_> = answers::all()?.into_iter().map(stored_response).collect();
    let answers: &'static [StoredResponse] = answers.leak();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        loop {
            let (connection, _) = listener.accept().await?;
            // An error closes this connection only.
            tokio::spawn(serve_connection(connection, answers, delay));
        }
    })
}

/// The bytes of a response, and the request line of its request.
struct StoredResponse {
    asked: &'static [u8],
    bytes: Vec<u8>,
}

fn stored_response((asked, status, body): RecordedResponse) -> StoredResponse {
    let mut bytes = format!(
        "HTTP/1.1 {status} OK\r\nX-RateLimit-Limit-Default: 60000000\r\n\
         X-RateLimit-Remaining-Default: 59999999\r\nX-RateLimit-Reset-Default: 60\r\nX-Request-Id: 2c2e10c7-da22-48e1-a3ef-6f2e1f975166\r\n\
         Content-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\nConnection: keep-alive\r\n\
         Keep-Alive: timeout=5\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend(body);
    StoredResponse { asked, bytes }
}

async fn serve_connection(
    mut connection: TcpStream,
    answers: &'static [StoredResponse],
    delay: Duration,
) -> Result<()> {
    connection.set_nodelay(true)?;
    let mut request = Vec::with_capacity(4096);
    let mut buffer = [0; 4096];
    loop {
        let end = loop {
            if let Some(end) = end_of_request(&request) {
                break end;
            }
            match connection.read(&mut buffer).await? {
                0 => return Ok(()),
                count => request.extend_from_slice(&buffer[..count]),
            }
        };
        let answer = answers.iter().find(|answer| {
            request.strip_prefix(answer.asked).is_some_and(|rest| rest.first().is_some_and(|byte| b" ?".contains(byte)))
        });
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        connection.write_all(&answer.context("no answer to this request")?.bytes).await?;
        request.drain(..end);
    }
}

/// The end of the first request, if it is complete.
fn end_of_request(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let lines = std::str::from_utf8(&bytes[..head]).ok()?.lines();
    let length =
        lines.filter_map(|line| line.split_once(':')).find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: usize = length.map_or(Some(0), |(_, value)| value.trim().parse().ok())?;
    (bytes.len() >= head + length).then_some(head + length)
}

/// The server in a process of its own, which is killed when this is dropped.
pub struct Server {
    process: Child,
    pub address: String,
}

impl Server {
    /// `program` is the binary `one_side`.
    pub fn start(program: &Path) -> Result<Self> {
        Self::start_with_delay(program, Duration::ZERO)
    }

    /// Starts the server with a delay before each response.
    pub fn start_with_delay(program: &Path, delay: Duration) -> Result<Self> {
        let delay = delay.as_millis().to_string();
        let mut process =
            Command::new(program).args(["serve", &delay]).stdout(Stdio::piped()).spawn().context("the server")?;
        let mut address = String::new();
        BufReader::new(process.stdout.take().context("its output")?).read_line(&mut address)?;
        Ok(Self { process, address: address.trim().to_owned() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
