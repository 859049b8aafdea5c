//! Sends webhook deliveries: one connection and one attempt each.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Request, Uri, header};
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::deliveries::enqueue_meeting;
use super::shared::FakeServer;
use super::state::WebhookDelivery;

/// Sends the deliveries that are ready, and schedules those of meetings. Each runs in a task of its own, in no fixed order.
pub(crate) fn send_due(shared: &Arc<FakeServer>) {
    let (ready, meetings) = {
        let mut core = shared.lock();
        let ready = std::mem::take(&mut core.state.outbox.ready);
        let meetings = std::mem::take(&mut core.state.outbox.meetings);
        core.deliveries.scheduled.extend(meetings.iter().cloned());
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
                enqueue_meeting(&mut core.state, &waiting);
            }
            send_due(&worker);
            worker.lock().deliveries.scheduled.retain(|known| *known != waiting);
            worker.delivered();
        });
    }
}

/// Sends a delivery over plain HTTP. Returns the status of the response, or `None` if there was none.
pub(crate) async fn deliver(shared: &FakeServer, delivery: &WebhookDelivery) -> Option<u16> {
    let request = delivery.to_request();
    let authority = request.uri().authority().filter(|_| request.uri().scheme_str() == Some("http"))?.clone();
    let stream = TcpStream::connect((authority.host(), authority.port_u16().unwrap_or(80))).await.ok()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
    shared.spawn(async move {
        // An error means that the receiver closed the connection; the missing response shows it too.
        let _ = connection.await;
    });
    let answer = sender.send_request(to_origin(request, authority.as_str())).await.ok()?;
    Some(answer.status().as_u16())
}

/// The request in origin form, with the header `Host`.
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
