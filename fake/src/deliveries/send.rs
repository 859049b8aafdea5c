//! The way to the subscriber: one connection, one try.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Request, Uri, header};
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::super::server::Shared;
use super::{Meeting, WebhookDelivery, on_meeting};

/// What was sent, and what waits for its time.
#[derive(Debug, Default)]
pub(crate) struct Deliveries {
    pub(crate) made: Vec<WebhookDelivery>,
    under_way: usize,
    waiting: Vec<Meeting>,
}

impl Deliveries {
    /// Whether nothing is under way, and nothing is due at `now`.
    pub(crate) fn are_settled(&self, now: jiff::Timestamp) -> bool {
        self.under_way == 0 && self.waiting.iter().all(|meeting| meeting.at > now)
    }

    fn begin(&mut self, mut delivery: WebhookDelivery) -> (usize, WebhookDelivery) {
        let index = self.made.len();
        delivery.number = index as u64 + 1;
        self.made.push(delivery.clone());
        self.under_way += 1;
        (index, delivery)
    }

    fn end(&mut self, index: usize, status: Option<u16>) {
        self.under_way -= 1;
        if let Some(delivery) = self.made.get_mut(index) {
            delivery.status = status;
        }
    }
}

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
