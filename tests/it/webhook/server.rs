//! The server of the example keeps its appointment book correct with any deliveries.

use bytes::Bytes;
use calcom::{
    ApiKey, Client,
    model::{BookingStatus, CancelBooking, CreateBooking, RescheduleBooking, Trigger},
    webhook::{MemoryReplayStore, Verifier},
};
use calcom_fake::{FakeCalcom, WebhookDelivery};
use http::Request;
use jiff::SignedDuration;
use tokio::net::TcpListener;
use tower_service::Service;

use self::book::{App, AppointmentBook, server};

#[path = "../../../examples/webhook_server/src/book.rs"]
mod book;

const SECRET: &str = "whsec_test_0123456789";

const TRIGGERS: [Trigger; 6] = [
    Trigger::BookingCreated,
    Trigger::BookingRequested,
    Trigger::BookingRescheduled,
    Trigger::BookingCancelled,
    Trigger::BookingRejected,
    Trigger::MeetingEnded,
];

fn app() -> App {
    let verifier = Verifier::new(SECRET).unwrap().with_replay_store(MemoryReplayStore::new());
    App { verifier, book: AppointmentBook::open(":memory:").unwrap() }
}

/// The responses of a new server to these deliveries in order, and its book afterwards.
async fn receive(deliveries: impl IntoIterator<Item = Request<Bytes>>) -> (Vec<u16>, AppointmentBook) {
    let app = app();
    let book = app.book.clone();
    let mut server = server(app);
    let mut statuses = Vec::new();
    for delivery in deliveries {
        let response = server.call(delivery.map(axum::body::Body::from)).await.unwrap();
        statuses.push(response.status().as_u16());
    }
    (statuses, book)
}

/// The request as the server receives it.
fn request(delivery: &WebhookDelivery) -> Request<Bytes> {
    let mut request = delivery.to_request();
    *request.uri_mut() = "/hook".parse().unwrap();
    request
}

#[tokio::test]
async fn the_appointment_book_survives_duplicates_reordering_and_forgeries() {
    let fake = FakeCalcom::recorded_seed().await;
    let app = app();
    let book = app.book.clone();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, server(app)).await });

    let client = Client::builder().credentials(ApiKey::new(fake.api_key())).api_url(fake.url()).build().unwrap();
    for _ in 0..2 {
        client.webhooks().ensure(&url, &TRIGGERS, SECRET).await.unwrap();
    }
    assert_eq!(client.webhooks().list().await.unwrap().len(), 1, "never a second one");

    // One booking is rescheduled and takes place, one is cancelled, and one is requested and declined.
    let start = |hour: i64| {
        let day: jiff::Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
        day + SignedDuration::from_hours(hour)
    };
    let book_at = async |event_type: i64, hour: i64| {
        let wanted = CreateBooking::new(event_type, start(hour), "Erika Muster", "erika@example.com");
        let booking = client.bookings().create(&wanted).await.unwrap();
        // No two events are in the same millisecond.
        fake.clock().advance(std::time::Duration::from_secs(1));
        booking.uid
    };
    let plain = fake.event_type_id("johndoe", "30min");
    let first = book_at(plain, 9).await;
    let second = book_at(plain, 10).await;
    let asked_for = book_at(fake.event_type_id("johndoe", "needs-confirmation"), 13).await;
    let moved = client.bookings().reschedule(&first, &RescheduleBooking::to(start(11))).await.unwrap().uid;
    fake.clock().advance(std::time::Duration::from_secs(1));
    client.bookings().cancel(&second, &CancelBooking::with_reason("ill")).await.unwrap();
    client.bookings().decline(&asked_for, Some("no time")).await.unwrap();
    fake.clock().set(start(12));
    fake.wait_for_webhooks().await;

    let appointments = book.appointments().unwrap();
    assert_eq!(appointments.len(), 4);
    let of = |uid: &calcom::model::BookingUid| appointments.iter().find(|it| *uid == it.uid).unwrap().clone();
    assert_eq!((of(&moved).start, of(&moved).status), (Some(start(11)), BookingStatus::Accepted));
    assert!(of(&moved).over && !of(&second).over);
    assert_eq!(of(&first).moved_to.as_deref(), Some(moved.as_str()));
    assert_eq!(of(&second).status, BookingStatus::Cancelled);
    assert_eq!(of(&asked_for).status, BookingStatus::Rejected);

    let sent = fake.deliveries();
    assert!(sent.iter().all(|delivery| delivery.status == Some(200)), "{sent:?}");
    let triggers: Vec<&str> = sent.iter().map(|delivery| delivery.trigger).collect();
    assert_eq!(triggers.iter().filter(|trigger| **trigger == "BOOKING_CREATED").count(), 2);
    assert_eq!(sent.len(), 7, "{triggers:?}");
    serving.abort();

    // Deliveries in random order, each of them twice.
    for shift in 0..sent.len() {
        let mut order: Vec<Request<Bytes>> = sent.iter().map(request).collect();
        order.rotate_left(shift);
        for reversed in [false, true] {
            let mut twice: Vec<_> = order.iter().cloned().chain(order.iter().cloned()).collect();
            if reversed {
                twice.reverse();
            }
            let (statuses, book) = receive(twice).await;
            assert_eq!(statuses, vec![200; 2 * sent.len()]);
            assert_eq!(book.appointments().unwrap(), appointments, "from {shift}, reversed: {reversed}");
        }
    }

    // A forgery of each delivery: another body, another secret, no secret.
    let mut mixed = Vec::new();
    for delivery in &sent {
        let mut other_body = request(delivery);
        let text = String::from_utf8(other_body.body().to_vec())
            .unwrap()
            .replace("ACCEPTED", "REJECTED")
            .replace("2026", "2027");
        *other_body.body_mut() = text.into();
        let mut other_secret = request(delivery);
        let signature = calcom::webhook::sign(other_secret.body(), "another secret").unwrap();
        other_secret.headers_mut().insert("x-cal-signature-256", signature.parse().unwrap());
        let mut no_secret = request(delivery);
        no_secret.headers_mut().insert("x-cal-signature-256", "no-secret-provided".parse().unwrap());
        mixed.extend([other_body, other_secret, request(delivery), no_secret]);
    }
    let (statuses, book) = receive(mixed).await;
    assert_eq!(statuses, [401, 401, 200, 401].repeat(sent.len()));
    assert_eq!(book.appointments().unwrap(), appointments);
}
