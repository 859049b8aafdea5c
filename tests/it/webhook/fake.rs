//! The deliveries of the fake have the form of those of the service.

use std::{collections::BTreeMap, time::Duration};

use calcom::{
    ApiKey, Client,
    model::{Booking, CancelBooking, CreateBooking, CreateWebhook, RescheduleBooking, Trigger, Webhook},
    webhook::{Event, Verifier},
};
use calcom_fake::{FakeCalcom, WebhookDelivery, signed_webhook};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{events, one};

/// A URL at which no server listens.
const UNUSED_URL: &str = "http://127.0.0.1:1/hook";

struct Scene {
    fake: FakeCalcom,
    client: Client,
}

impl Scene {
    async fn with_webhook(webhook: CreateWebhook) -> (Self, Webhook) {
        let fake = FakeCalcom::recorded_seed().await;
        let client = Client::builder().credentials(ApiKey::new(fake.api_key())).api_url(fake.url()).build().unwrap();
        let webhook = client.webhooks().create(&webhook).await.unwrap();
        (Self { fake, client }, webhook)
    }

    /// A webhook for all triggers of the recorded service.
    async fn with_all_triggers() -> Self {
        let unsupported = [Trigger::InstantMeeting, Trigger::RoutingFormFallbackHit];
        let triggers = Trigger::KNOWN.iter().filter(|trigger| !unsupported.contains(trigger)).cloned();
        Self::with_webhook(CreateWebhook::new(UNUSED_URL, triggers).secret("s")).await.0
    }

    async fn book(&self, slug: &str, hour: i64) -> Booking {
        self.book_for(slug, hour, "alice@example.org").await.remove(0)
    }

    async fn book_for(&self, slug: &str, hour: i64, email: &str) -> Vec<Booking> {
        let wanted = CreateBooking::new(self.fake.event_type_id("johndoe", slug), at(hour), "Alice Attendee", email);
        self.client.bookings().create_series(&wanted).await.unwrap()
    }

    async fn delivered(&self) -> Vec<WebhookDelivery> {
        self.fake.wait_for_webhooks().await;
        self.fake.deliveries()
    }

    async fn triggers(&self) -> Vec<&'static str> {
        self.delivered().await.iter().map(|delivery| delivery.trigger).collect()
    }
}

/// A time on Tuesday, 1 December 2026.
fn at(hour: i64) -> Timestamp {
    let day: Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
    day + SignedDuration::from_hours(hour)
}

fn event(delivery: &WebhookDelivery) -> Event {
    Event::parse(delivery.body.clone()).unwrap()
}

#[tokio::test]
async fn every_change_is_delivered_with_its_trigger() {
    let scene = Scene::with_all_triggers().await;
    let bookings = scene.client.bookings();
    let booking = scene.book("30min", 9).await;
    let moved = bookings.reschedule(&booking.uid, &RescheduleBooking::to(at(10))).await.unwrap();
    bookings.cancel(&moved.uid, &CancelBooking::with_reason("ill")).await.unwrap();
    let asked_for = scene.book("needs-confirmation", 13).await;
    bookings.confirm(&asked_for.uid).await.unwrap();
    let refused = scene.book("needs-confirmation", 37).await;
    bookings.decline(&refused.uid, Some("Host has to take another call")).await.unwrap();
    assert_eq!(
        scene.triggers().await,
        [
            "BOOKING_CREATED",
            "BOOKING_RESCHEDULED",
            "BOOKING_CANCELLED",
            "BOOKING_REQUESTED",
            "BOOKING_CREATED",
            "BOOKING_REQUESTED",
            "BOOKING_REJECTED"
        ]
    );
    let deliveries = scene.delivered().await;
    assert_eq!(event(&deliveries[1]).previous_uid(), Some(booking.uid.as_str()));
    assert_eq!(event(&deliveries[1]).booking_uid(), Some(moved.uid.as_str()));
    assert!(deliveries.iter().all(|delivery| delivery.status.is_none()), "one try, and nobody there");
}

#[tokio::test]
async fn a_series_has_a_delivery_for_each_occurrence_and_one_for_its_end() {
    let scene = Scene::with_all_triggers().await;
    let series = scene.book_for("weekly-sync", 9, "alice@example.org").await;
    let uids: Vec<String> = series.iter().map(|booking| booking.uid.as_str().to_owned()).collect();
    let deliveries = scene.delivered().await;
    assert!(uids.len() > 1);
    assert_eq!(deliveries.iter().map(|d| event(d).booking_uid().unwrap().to_owned()).collect::<Vec<_>>(), uids);
    assert!(deliveries.iter().all(|delivery| delivery.trigger == "BOOKING_CREATED"));

    let recurring = series[0].extra("recurringBookingUid").and_then(Value::as_str).unwrap();
    scene.client.bookings().cancel(recurring, &CancelBooking::with_reason("all of them")).await.unwrap();
    let deliveries = scene.delivered().await.split_off(uids.len());
    assert_eq!(deliveries.len(), 1, "{deliveries:?}");
    assert_eq!(
        (deliveries[0].trigger, event(&deliveries[0]).booking_uid()),
        ("BOOKING_CANCELLED", Some(uids[0].as_str()))
    );
}

#[tokio::test]
async fn a_cancelled_seat_is_delivered_with_its_holder() {
    let scene = Scene::with_all_triggers().await;
    let first = scene.book_for("group-class", 9, "alice@example.org").await.remove(0);
    let second = scene.book_for("group-class", 9, "bob@example.org").await.remove(0);
    assert_eq!(first.uid, second.uid);
    let seat = second.extra("seatUid").and_then(Value::as_str).unwrap().to_owned();
    let how = CancelBooking::with_reason("seat only").seat(seat.as_str());
    scene.client.bookings().cancel(&second.uid, &how).await.unwrap();

    let deliveries = scene.delivered().await;
    let seats: Vec<_> = deliveries.iter().map(|d| event(d).booking().unwrap().attendee_seat_id.clone()).collect();
    assert_eq!(seats[1], Some(seat));
    assert_ne!(seats[0], seats[1]);
    let cancelled = event(&deliveries[2]);
    let holder = cancelled.booking().unwrap().cancelled_seat().unwrap();
    assert_eq!(holder.email.as_deref(), Some("bob@example.org"));
    assert_eq!(cancelled.booking().unwrap().cancellation_reason.as_deref(), Some("seat only"));
    for delivery in &deliveries[..2] {
        assert!(event(delivery).booking().unwrap().cancelled_seat().is_none());
    }

    let recorded = events().into_iter().find(|delivery| delivery.name.starts_with("104")).unwrap();
    let recorded = Event::parse(recorded.bytes()).unwrap();
    assert!(recorded.booking().unwrap().cancelled_seat().is_some(), "as the service does it");
    let whole = Event::parse(one("BOOKING_CANCELLED").bytes()).unwrap();
    assert!(whole.booking().unwrap().cancelled_seat().is_none());
}

#[tokio::test]
async fn a_meeting_is_delivered_at_its_time_unless_it_is_cancelled() {
    let scene = Scene::with_all_triggers().await;
    let held = scene.book("30min", 9).await;
    let cancelled = scene.book("30min", 10).await;
    scene.client.bookings().cancel(&cancelled.uid, &CancelBooking::with_reason("ill")).await.unwrap();
    assert_eq!(scene.triggers().await.len(), 3);
    scene.fake.clock().set(at(9));
    assert_eq!(scene.triggers().await[3..], ["MEETING_STARTED"]);
    scene.fake.clock().set(at(24));
    let deliveries = scene.delivered().await.split_off(3);
    assert_eq!(
        deliveries.iter().map(|delivery| delivery.trigger).collect::<Vec<_>>(),
        ["MEETING_STARTED", "MEETING_ENDED"]
    );
    let ended = event(&deliveries[1]);
    assert_eq!(ended.booking_uid(), Some(held.uid.as_str()));
    assert_eq!(ended.occurred_at(), Some(at(9) + SignedDuration::from_mins(30)));

    let absent = [("alice@example.org", true)];
    scene.client.bookings().mark_absent(&held.uid, None, &absent).await.unwrap();
    let deliveries = scene.delivered().await;
    assert_eq!(deliveries[5].trigger, "BOOKING_NO_SHOW_UPDATED");
    assert_eq!(event(&deliveries[5]).extra("message").unwrap(), "alice@example.org marked as no-show");
}

#[tokio::test]
async fn only_subscribed_webhooks_get_deliveries() {
    let (scene, _) = Scene::with_webhook(CreateWebhook::new(UNUSED_URL, [Trigger::BookingCancelled])).await;
    let webhooks = scene.client.webhooks();
    let of_event_type = webhooks.for_event_type(scene.fake.event_type_id("johndoe", "30min"));
    let other = "http://127.0.0.1:2/hook";
    let narrow = of_event_type.create(&CreateWebhook::new(other, [Trigger::BookingCreated])).await.unwrap();
    let of_other = webhooks.for_event_type(scene.fake.event_type_id("johndoe", "group-class"));
    of_other.create(&CreateWebhook::new(other, [Trigger::BookingCreated])).await.unwrap();
    webhooks.create(&CreateWebhook::new("http://127.0.0.1:3/", [Trigger::BookingCreated]).inactive()).await.unwrap();
    scene.book("30min", 9).await;
    let deliveries = scene.delivered().await;
    assert_eq!(deliveries.iter().map(|delivery| delivery.webhook.as_str()).collect::<Vec<_>>(), [narrow.id.as_str()]);
}

#[tokio::test]
async fn deliveries_are_signed_or_marked_as_unsigned() {
    let created = [Trigger::BookingCreated];
    let (scene, _) = Scene::with_webhook(CreateWebhook::new(UNUSED_URL, created.clone()).secret("a secret")).await;
    scene.client.webhooks().create(&CreateWebhook::new("http://127.0.0.1:2/", created)).await.unwrap();
    scene.book("30min", 9).await;
    let deliveries = scene.delivered().await;
    let received = Verifier::new("a secret").unwrap().receive(deliveries[0].to_request()).await.unwrap();
    assert_eq!(received.body(), &deliveries[0].body);
    assert_eq!(deliveries[1].signature, "no-secret-provided");
    assert!(deliveries[0].body.starts_with(b"{\"triggerEvent\":\"BOOKING_CREATED\",\"createdAt\":\"2026-"));
}

#[tokio::test]
async fn a_template_is_filled_as_it_was_recorded() {
    let json = r#"{"content":"A new event has been scheduled","type":"{{type}}","name":"{{title}}","organizer":"{{organizer.name}}","booker":"{{attendees.0.name}}"}"#;
    let form = "type={{type}}&title={{title}}";
    let created = [Trigger::BookingCreated];
    let (scene, _) = Scene::with_webhook(CreateWebhook::new(UNUSED_URL, created.clone()).payload_template(json)).await;
    let with_form = CreateWebhook::new("http://127.0.0.1:2/", created).payload_template(form).secret("s");
    scene.client.webhooks().create(&with_form).await.unwrap();
    scene.book("30min", 9).await;
    let deliveries = scene.delivered().await;

    let all = super::recorded();
    let like = |kind: &str| {
        all.iter().find(|d| d.kind() == kind && d.body.contains("30 Minutes between John Doe and Alice")).unwrap()
    };
    assert_eq!(serde_json::from_slice::<Value>(&deliveries[0].body).unwrap(), like("template").json());
    assert_eq!(deliveries[1].body, like("notjson").body);
    assert_eq!(
        (deliveries[0].content_type, deliveries[1].content_type),
        ("application/json", "application/x-www-form-urlencoded")
    );
}

/// The deliveries of the fake have the keys and JSON kinds of the recorded ones.
#[tokio::test]
async fn deliveries_have_the_recorded_form() {
    let scene = Scene::with_all_triggers().await;
    let bookings = scene.client.bookings();
    let booking = scene.book("30min", 9).await;
    let moved = bookings.reschedule(&booking.uid, &RescheduleBooking::to(at(10))).await.unwrap();
    bookings.cancel(&moved.uid, &CancelBooking::with_reason("ill")).await.unwrap();
    let refused = scene.book("needs-confirmation", 13).await;
    bookings.decline(&refused.uid, Some("no")).await.unwrap();
    scene.book("30min", 33).await;
    scene.fake.clock().set(at(48));
    scene.fake.clock().advance(Duration::from_secs(1));

    let mut recorded: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for delivery in events() {
        recorded.entry(delivery.kind().to_owned()).or_default().push(delivery.json());
    }
    let mut compared = 0;
    for delivery in scene.delivered().await {
        let deliveries: Value = serde_json::from_slice(&delivery.body).unwrap();
        let deliveries = forms(&deliveries);
        let known: Vec<BTreeMap<String, &str>> = recorded[delivery.trigger].iter().map(forms).collect();
        let nearest = known.iter().min_by_key(|known| differences(known, &deliveries).len()).unwrap();
        let differences = differences(nearest, &deliveries);
        assert!(differences.is_empty(), "{}: {differences:#?}", delivery.trigger);
        compared += 1;
    }
    assert_eq!(compared, 8);
}

/// The JSON kind of each value by path, without values that depend on persons or the event type.
fn forms(json: &Value) -> BTreeMap<String, &'static str> {
    fn walk(path: &str, json: &Value, forms: &mut BTreeMap<String, &'static str>) {
        let kind = match json {
            Value::Object(fields) => {
                fields.iter().for_each(|(key, value)| walk(&format!("{path}.{key}"), value, forms));
                "object"
            }
            Value::Array(items) => {
                items.iter().for_each(|item| walk(&format!("{path}[]"), item, forms));
                "array"
            }
            Value::String(_) => "string",
            Value::Number(_) => "number",
            Value::Bool(_) => "boolean",
            Value::Null => "null",
        };
        forms.insert(path.to_owned(), kind);
    }
    let mut found = BTreeMap::new();
    walk("", json, &mut found);
    found.retain(|path, _| !path.contains("esponses") && !path.contains("metadata") && !path.ends_with("phoneNumber"));
    found
}

fn differences(known: &BTreeMap<String, &str>, delivered: &BTreeMap<String, &str>) -> Vec<String> {
    let optional = [".payload.rejectionReason", ".payload.rescheduledBy", ".payload.recurringEvent"];
    let paths = known.keys().chain(delivered.keys()).filter(|path| known.get(*path) != delivered.get(*path));
    let paths = paths.filter(|path| !optional.iter().any(|optional| path.starts_with(optional)));
    paths.map(|path| format!("{path}: recorded {:?}, delivered {:?}", known.get(path), delivered.get(path))).collect()
}

#[tokio::test]
async fn an_event_of_ones_own_can_be_signed_for_a_test() {
    let event = Event::parse(one("BOOKING_CREATED").bytes()).unwrap();
    let request = signed_webhook(&event, "s").unwrap();
    assert_eq!(request.method(), http::Method::POST);
    for (name, value) in &one("BOOKING_CREATED").headers {
        let is_ours = !matches!(name.as_str(), "connection" | "content-length" | "X-Cal-Signature-256");
        assert!(!is_ours || request.headers()[name.as_str()] == value.as_str(), "{name}");
    }
    let received = Verifier::new("s").unwrap().receive(request).await.unwrap();
    assert_eq!(received.body(), event.body());
    assert!(signed_webhook(&event, "").is_err());
}
