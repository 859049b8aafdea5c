//! The service that is tested: a fake whose host is available at all hours, or a real server with event types for the test.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use calcom::{ApiKey, Client, Config, model::CreateBooking, raw::types, service::Service};
use calcom_fake::{FakeBuilder, FakeCalcom, FakeEventType, FakeSchedule, FakeUser, Latency};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::scenario::BookingShape;

/// The event types, and the times at which they are booked.
pub(super) struct TestEnvironment {
    /// The address of the service without the proxy.
    pub(super) address: SocketAddr,
    pub(super) key: String,
    ids: EventTypeIds,
    starts: Vec<Timestamp>,
    /// The fake, which runs as long as the environment.
    pub(super) fake: Option<FakeCalcom>,
}

#[derive(Clone, Copy)]
struct EventTypeIds {
    plain: i64,
    pending: i64,
    seated: i64,
    recurring: i64,
    recurring_pending: i64,
}

const MINUTES: i64 = 30;
const WEEK: i64 = 7 * 24 * 60;
const SLUGS: [&str; 5] = ["plain", "pending", "seated", "recurring", "recurring-pending"];

impl TestEnvironment {
    /// Starts a fake that is `slowness` times slower than an idle service.
    pub(super) async fn fake(number: usize, slowness: u32) -> Self {
        let hours = FakeSchedule::empty("always").time_zone("UTC").hours(&[0, 1, 2, 3, 4, 5, 6], "00:00", "24:00");
        let john = FakeUser::new("johndoe").time_zone("UTC").schedule(hours);
        let of_john = |slug: &str| FakeEventType::new("johndoe", slug, MINUTES);
        let begin: Timestamp = Timestamp::from_second(1_795_392_000).unwrap_or_default();
        let fake = FakeBuilder::default()
            .at(begin)
            .user(john)
            .event_type(of_john("plain"))
            .event_type(of_john("pending").requires_confirmation())
            .event_type(of_john("seated").seats(3))
            .event_type(of_john("recurring").weekly(4))
            .event_type(of_john("recurring-pending").weekly(4).requires_confirmation())
            .rate_limits(Vec::new())
            .latency(Latency::recorded().scaled(slowness))
            .start()
            .await;
        let id = |slug| fake.event_type_id("johndoe", slug);
        let ids = ids(id);
        let (address, key) = (fake.address(), fake.api_key());
        Self { address, key, ids, starts: (0..number).map(|at| own_time(begin, at)).collect(), fake: Some(fake) }
    }

    /// Prepares a real server: creates event types, and finds times that are free, also in the three following weeks.
    pub(super) async fn server(client: &Client, address: SocketAddr, key: &str, number: usize) -> Result<Self> {
        let mut made = Vec::new();
        let stamp = Timestamp::now().as_millisecond();
        for slug in SLUGS {
            let body = json!({ "title": format!("Fault matrix, {slug}"), "slug": format!("faults-{slug}-{stamp}"),
                "lengthInMinutes": MINUTES, "minimumBookingNotice": 0 });
            let mut body = serde_json::Map::from_iter(body.as_object().cloned().unwrap_or_default());
            if slug.contains("pending") {
                let policy = json!({ "type": "always", "blockUnconfirmedBookingsInBooker": false });
                body.insert("confirmationPolicy".to_owned(), policy);
            }
            if slug.contains("recurring") {
                let weekly = json!({ "frequency": "weekly", "interval": 1, "occurrences": 4 });
                body.insert("recurrence".to_owned(), weekly);
            }
            if slug == "seated" {
                let seats = json!({ "seatsPerTimeSlot": 3, "showAttendeeInfo": true, "showAvailabilityCount": true });
                body.insert("seats".to_owned(), seats);
            }
            let body: types::CreateEventType =
                serde_json::from_value(body.into()).context("an event type that cannot be made")?;
            made.push(client.raw().create_event_type(&body).await?.into_inner().data.id);
        }
        let id = |slug: &str| SLUGS.iter().position(|known| *known == slug).map_or(0, |at| made[at]);
        let ids = ids(id);
        let service = Service::new(client.clone());
        let now = Timestamp::now();
        let far = now.checked_add(SignedDuration::from_hours(24 * 7 * 40)).unwrap_or(Timestamp::MAX);
        let mut free = std::collections::BTreeSet::new();
        for day in service.find_slots(ids.plain, now..far, &jiff::tz::TimeZone::UTC).await? {
            free.extend(day.slots.into_iter().map(|slot| slot.start.timestamp()));
        }
        let mut starts = Vec::new();
        let mut taken = std::collections::BTreeSet::new();
        for start in &free {
            let weeks: Vec<Timestamp> = (0..4).filter_map(|week| later(*start, week * WEEK)).collect();
            if weeks.iter().all(|time| free.contains(time) && !taken.contains(time)) {
                taken.extend(weeks);
                starts.push(*start);
            }
        }
        starts.truncate(number);
        Ok(Self { address, key: key.to_owned(), ids, starts, fake: None })
    }

    /// Deletes the event types of a real server.
    pub(super) async fn clean_up(&self, client: &Client) {
        let EventTypeIds { plain, pending, seated, recurring, recurring_pending } = self.ids;
        for id in [plain, pending, seated, recurring, recurring_pending] {
            // An event type that cannot be deleted is left to its owner.
            let _ = client.raw().delete_event_type(id).await;
        }
    }

    /// The number of appointments that fit.
    pub(super) fn capacity(&self) -> usize {
        self.starts.len()
    }

    /// A client that connects to `address`.
    pub(super) fn client(&self, address: SocketAddr, breaker: bool, http2: bool) -> Result<Client> {
        let mut config = config(address)?;
        config.circuit_breaker.enabled = breaker;
        if self.fake.is_some() {
            config.rate_limit.per_minute = Some(10_000_000);
        }
        let builder = Client::builder().config(config).credentials(ApiKey::new(self.key.clone()));
        let builder = if http2 { builder.http_client(|http| http.http2_prior_knowledge()) } else { builder };
        Ok(builder.build()?)
    }

    /// The booking of appointment `number` for this address.
    pub(super) fn booking(&self, shape: BookingShape, number: usize, email: &str) -> CreateBooking {
        let start = self.starts.get(number).copied().unwrap_or_default();
        CreateBooking::new(self.event_type(shape), start, "Ada Test", email)
    }

    /// A booking at the time of an appointment, or of its occurrence `weeks` weeks later.
    pub(super) fn rival(&self, number: usize, weeks: i64, email: &str) -> CreateBooking {
        let start = self.starts.get(number).and_then(|start| later(*start, weeks * WEEK)).unwrap_or_default();
        CreateBooking::new(self.ids.plain, start, "Rival", email)
    }

    fn event_type(&self, shape: BookingShape) -> i64 {
        match shape {
            BookingShape::Plain => self.ids.plain,
            BookingShape::Pending => self.ids.pending,
            BookingShape::Recurring => self.ids.recurring,
            BookingShape::RecurringPending => self.ids.recurring_pending,
            BookingShape::SeatedEmpty | BookingShape::SeatedOthers => self.ids.seated,
        }
    }
}

/// The configuration from environment variables, the rate limit of a server included.
pub(super) fn config(address: SocketAddr) -> Result<Config> {
    let mut config = Config::from_env()?;
    config.api_url = format!("http://{address}");
    Ok(config)
}

fn ids(id: impl Fn(&'static str) -> i64) -> EventTypeIds {
    EventTypeIds {
        plain: id("plain"),
        pending: id("pending"),
        seated: id("seated"),
        recurring: id("recurring"),
        recurring_pending: id("recurring-pending"),
    }
}

/// The time of an appointment. No two appointments and their occurrences in the three following weeks overlap.
fn own_time(begin: Timestamp, at: usize) -> Timestamp {
    let at = i64::try_from(at).unwrap_or(0);
    let a_week = WEEK / MINUTES;
    let (block, place) = (at / a_week, at % a_week);
    later(begin, WEEK + block * 4 * WEEK + place * MINUTES).unwrap_or(begin)
}

fn later(start: Timestamp, minutes: i64) -> Option<Timestamp> {
    start.checked_add(SignedDuration::from_mins(minutes)).ok()
}
