//! The way to the subscriber: one connection, one try.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Request, Uri, header};
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::deliveries::on_meeting;
use super::shared::Shared;
use super::state::WebhookDelivery;

/// Sends what is ready, and waits for the meetings. All of it in tasks of their own, so in no promised order.
pub(crate) fn post(shared: &Arc<Shared>) {
    let (ready, meetings) = {
        let mut core = shared.lock();
        let ready = std::mem::take(&mut core.state.outbox.ready);
        let meetings = std::mem::take(&mut core.state.outbox.meetings);
        core.deliveries.waiting.extend(meetings.iter().cloned());
        let ready: Vec<_> = ready.into_iter().map(|delivery| core.deliveries.begin(delivery)).collect();
        (ready, meetings)
    };
    for (index, delivery) in ready {
        let worker = Arc::clone(shared);
        shared.spawn(async move {
            let status = deliver(&worker, &delivery).await;
            worker.lock().deliveries.end(index, status);
            worker.delivered();
        });
    }
    for waiting in meetings {
        let worker = Arc::clone(shared);
        shared.spawn(async move {
            worker.clock.until(waiting.at).await;
            {
                let mut core = worker.lock();
                on_meeting(&mut core.state, &waiting);
            }
            post(&worker);
            worker.lock().deliveries.waiting.retain(|known| *known != waiting);
            worker.delivered();
        });
    }
}

/// The status of the answer; nothing where there was none. Over plain HTTP only.
async fn deliver(shared: &Shared, delivery: &WebhookDelivery) -> Option<u16> {
    let request = delivery.to_request();
    let authority = request.uri().authority().filter(|_| request.uri().scheme_str() == Some("http"))?.clone();
    let stream = TcpStream::connect((authority.host(), authority.port_u16().unwrap_or(80))).await.ok()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
    shared.spawn(async move {
        // An error here is a subscriber that left, which the answer tells too.
        let _ = connection.await;
    });
    let answer = sender.send_request(to_origin(request, authority.as_str())).await.ok()?;
    Some(answer.status().as_u16())
}

/// The request as it stands on the connection to its host.
fn to_origin(request: Request<Bytes>, authority: &str) -> Request<Full<Bytes>> {
    let mut request = request.map(Full::new);
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    if let Ok(uri) = path.parse::<Uri>() {
        *request.uri_mut() = uri;
    }
    if let Ok(host) = HeaderValue::from_str(authority) {
        request.headers_mut().insert(header::HOST, host);
    }
    request
}
