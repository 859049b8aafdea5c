//! Calls that are seconds apart, through TLS and a network with a round trip of 50 ms: the facade against reqwest with its
//! defaults. It takes a quarter of an hour: 30 calls that are 30 s apart. Paused time does not do: it passes while bytes are in
//! the sockets.

#![allow(missing_docs, clippy::unwrap_used)]

use std::{convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use calcom::{ApiKey, Client};
use http_body_util::Full;
use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::{rt::TokioIo, server::conn::auto};
use side_by_side::figure;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, split},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::{Instant, sleep, sleep_until},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer},
};

/// The time of a round trip.
const ROUND_TRIP: Duration = Duration::from_millis(50);
const CALLS: usize = 30;
const ME: &str = r#"{"status":"success","data":{"id":1,"username":"clinic","email":"clinic@example.org","timeFormat":12,"defaultScheduleId":1,"weekStart":"Sunday","timeZone":"Europe/Rome"}}"#;

/// What a server does with its connections.
#[derive(Clone, Copy)]
enum Protocol {
    /// HTTP/1.1 with `Keep-Alive: timeout=5`, closed after 5 s.
    Announced,
    /// HTTP/1.1 without a word, kept.
    Silent,
    /// HTTP/2.
    Http2,
}

fn main() {
    let protocols = [("announced", Protocol::Announced), ("silent", Protocol::Silent), ("http2", Protocol::Http2)];
    let cases = protocols.into_iter().flat_map(|protocol| [1, 6, 30].map(|seconds| (protocol, seconds)));
    // All at once, because nearly all of the time passes between calls.
    let running: Vec<_> = cases
        .map(|((name, protocol), seconds)| {
            let run = move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(compare(protocol, Duration::from_secs(seconds)))
            };
            (name, seconds, std::thread::spawn(run))
        })
        .collect();
    for (name, seconds, compared) in running {
        let (ours, by_hand) = compared.join().unwrap();
        let figure = format!("connections_{name}_every_{seconds}_s");
        figure::print(&figure, ours / by_hand, "times by hand", Some("at most 1.02"));
        figure::print(&format!("{figure}_facade"), ours * 1e3, "ms", None);
    }
}

/// The median seconds of a call through the facade and by hand.
async fn compare(protocol: Protocol, every: Duration) -> (f64, f64) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let port = serve(protocol, &made).await;
    let root = calcom::reqwest::Certificate::from_der(made.cert.der()).unwrap();
    let url = format!("https://localhost:{port}");
    let client = Client::builder().credentials(ApiKey::new("cal_live_bench")).api_url(&url);
    let trusted = root.clone();
    let client = client.http_client(|http| http.tls_certs_only([trusted])).build().unwrap().bypass_cache();
    let by_hand = reqwest::Client::builder().tls_certs_only([root]).build().unwrap();
    let ours = times(every, async || drop(client.me().get().await.unwrap()));
    let theirs = times(every, async || {
        let answer = by_hand.get(format!("{url}/v2/me")).bearer_auth("cal_live_bench").send().await.unwrap();
        drop(answer.error_for_status().unwrap().json::<serde_json::Value>().await.unwrap());
    });
    let (ours, theirs) = tokio::join!(ours, theirs);
    (figure::median(ours), figure::median(theirs))
}

async fn times(every: Duration, mut call: impl AsyncFnMut()) -> Vec<f64> {
    let mut times = Vec::new();
    for _ in 0..CALLS {
        let started = Instant::now();
        call().await;
        times.push(started.elapsed().as_secs_f64());
        sleep(every).await;
    }
    times
}

async fn serve(protocol: Protocol, made: &rcgen::CertifiedKey<rcgen::KeyPair>) -> u16 {
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let mut config = config.with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    if matches!(protocol, Protocol::Http2) {
        config.alpn_protocols.push(b"h2".to_vec());
    }
    config.alpn_protocols.push(b"http/1.1".to_vec());
    let tls = TlsAcceptor::from(Arc::new(config));
    let behind = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = behind.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (connection, _) = behind.accept().await.unwrap();
            tokio::spawn(serve_connection(connection, tls.clone(), protocol));
        }
    });
    let front = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = front.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (client, _) = front.accept().await.unwrap();
            tokio::spawn(async move {
                // The handshake of TCP.
                sleep(ROUND_TRIP).await;
                let server = TcpStream::connect(address).await.unwrap();
                let ((from_client, to_client), (from_server, to_server)) = (split(client), split(server));
                tokio::spawn(carry(from_client, to_server));
                carry(from_server, to_client).await;
            });
        }
    });
    port
}

async fn serve_connection(connection: TcpStream, tls: TlsAcceptor, protocol: Protocol) {
    let Ok(stream) = tls.accept(connection).await else { return };
    let answer = service_fn(move |_: Request<Incoming>| async move {
        let mut answer = Response::builder().header("content-type", "application/json");
        if matches!(protocol, Protocol::Announced) {
            answer = answer.header("connection", "keep-alive").header("keep-alive", "timeout=5");
        }
        Ok::<_, Infallible>(answer.body(Full::new(Bytes::from_static(ME.as_bytes()))).unwrap())
    });
    let mut server = auto::Builder::new(hyper_util::rt::TokioExecutor::new());
    if matches!(protocol, Protocol::Announced) {
        let timeout = Duration::from_secs(5);
        server.http1().timer(hyper_util::rt::TokioTimer::new()).header_read_timeout(timeout);
    }
    // The client may have gone.
    let _ = server.serve_connection(TokioIo::new(stream), answer).await;
}

/// Carries bytes in one direction, each half a round trip later, and then the close.
async fn carry(mut from: impl AsyncReadExt + Unpin, mut to: impl AsyncWriteExt + Unpin + Send + 'static) {
    let (sender, mut under_way) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    tokio::spawn(async move {
        while let Some((at, bytes)) = under_way.recv().await {
            sleep_until(at).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
        let _ = to.shutdown().await;
    });
    let mut buffer = vec![0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        if sender.send((Instant::now() + ROUND_TRIP / 2, buffer[..count].to_vec())).is_err() {
            return;
        }
    }
}
