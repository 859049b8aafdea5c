//! An appointment book in SQLite that webhooks update, and the server that receives them.
//!
//! Deliveries can be repeated, late, out of order, or forged. The book is the same in each case, also after a restart: which
//! deliveries were received is in the same database.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    extract::{FromRef, State},
    http::StatusCode,
    routing::post,
};
use calcom::{
    model::BookingStatus,
    webhook::{BookingPayload, CalcomWebhook, DedupeKey, Event, Payload, ReplayFuture, ReplayStore, Verifier},
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result, params};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS appointments (
        uid TEXT PRIMARY KEY, start TEXT, status TEXT NOT NULL, over INTEGER NOT NULL, moved_to TEXT, as_of INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS deliveries (key TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT;
";

/// A booking in the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appointment {
    pub uid: String,
    pub start: Option<Timestamp>,
    pub status: BookingStatus,
    /// Whether the meeting is over.
    pub over: bool,
    /// The uid of the booking that replaced it.
    pub moved_to: Option<String>,
    /// The time of the latest event about it, in milliseconds.
    as_of: i64,
}

/// The appointments, by uid of the booking. Each statement is short, so that it runs in the task of its delivery.
#[derive(Clone)]
pub struct AppointmentBook(Arc<Mutex<Connection>>);

impl AppointmentBook {
    pub fn open(path: &str) -> Result<Self> {
        let database = Connection::open(path)?;
        database.execute_batch(SCHEMA)?;
        Ok(Self(Arc::new(Mutex::new(database))))
    }

    pub fn appointments(&self) -> Result<Vec<Appointment>> {
        let database = self.database();
        let mut statement = database.prepare("SELECT * FROM appointments ORDER BY start, uid")?;
        statement.query_map([], Appointment::read)?.collect()
    }

    /// Applies an event. The latest event counts, whatever their order and number.
    pub fn take_in(&self, event: &Event) -> Result<()> {
        let (Some(uid), Some(at)) = (event.booking_uid(), event.occurred_at()) else { return Ok(()) };
        match event.payload() {
            Payload::MeetingEnded(_) => self.update(uid, None, |appointment| appointment.over = true),
            // Only one of several seats is cancelled; the booking is still active.
            Payload::BookingCancelled(booking) if booking.cancelled_seat().is_some() => Ok(()),
            payload => {
                let Some(booking) = payload.booking() else { return Ok(()) };
                if let Some(previous) = event.previous_uid() {
                    self.update(previous, Some(at), |appointment| {
                        appointment.status = BookingStatus::Cancelled;
                        appointment.start = booking.reschedule_start_time;
                        appointment.moved_to = Some(uid.to_owned());
                    })?;
                }
                self.update(uid, Some(at), |appointment| write_down(appointment, booking))
            }
        }
    }

    /// Changes an appointment, unless a later event has changed it. An event without a time is always applied.
    fn update(&self, uid: &str, at: Option<Timestamp>, change: impl FnOnce(&mut Appointment)) -> Result<()> {
        let mut database = self.database();
        let database = database.transaction()?;
        let known =
            database.query_row("SELECT * FROM appointments WHERE uid = ?", [uid], Appointment::read).optional()?;
        let mut appointment = known.unwrap_or_else(|| Appointment::new(uid));
        let at = at.map_or(appointment.as_of, Timestamp::as_millisecond);
        if at >= appointment.as_of {
            change(&mut appointment);
            let Appointment { start, status, over, moved_to, .. } = &appointment;
            database.execute(
                "INSERT OR REPLACE INTO appointments VALUES (?, ?, ?, ?, ?, ?)",
                params![uid, start.map(|start| start.to_string()), status.as_str(), over, moved_to, at],
            )?;
        }
        database.commit()
    }

    fn database(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Appointment {
    fn new(uid: &str) -> Self {
        let (status, as_of) = (BookingStatus::Pending, i64::MIN);
        Self { uid: uid.to_owned(), start: None, status, over: false, moved_to: None, as_of }
    }

    fn read(row: &rusqlite::Row<'_>) -> Result<Self> {
        Ok(Self {
            uid: row.get(0)?,
            start: row.get::<_, Option<String>>(1)?.and_then(|start| start.parse().ok()),
            status: row.get::<_, String>(2)?.into(),
            over: row.get(3)?,
            moved_to: row.get(4)?,
            as_of: row.get(5)?,
        })
    }
}

fn write_down(appointment: &mut Appointment, booking: &BookingPayload) {
    appointment.start = booking.start_time.or(appointment.start);
    appointment.status = booking.status.clone().unwrap_or(BookingStatus::Accepted);
}

/// Remembers which deliveries were received, so that a repeated one is not applied again.
impl ReplayStore for AppointmentBook {
    fn remember<'a>(&'a self, key: &'a DedupeKey, ttl: Duration) -> ReplayFuture<'a, bool> {
        Box::pin(async move {
            let now = Timestamp::now().as_second();
            let database = self.database();
            database.execute("DELETE FROM deliveries WHERE until <= ?", [now])?;
            let until = now.saturating_add_unsigned(ttl.as_secs());
            let new =
                database.execute("INSERT OR IGNORE INTO deliveries VALUES (?, ?)", params![key.to_string(), until])?;
            Ok(new == 1)
        })
    }

    fn forget<'a>(&'a self, key: &'a DedupeKey) -> ReplayFuture<'a, ()> {
        Box::pin(async move {
            self.database().execute("DELETE FROM deliveries WHERE key = ?", [key.to_string()])?;
            Ok(())
        })
    }
}

/// The state of the server.
#[derive(Clone)]
pub struct App {
    pub verifier: Verifier,
    pub book: AppointmentBook,
}

impl FromRef<App> for Verifier {
    fn from_ref(app: &App) -> Self {
        app.verifier.clone()
    }
}

/// The server: one route, which accepts authentic and new deliveries.
pub(crate) fn server(app: App) -> Router {
    Router::new().route("/hook", post(hook)).with_state(app)
}

async fn hook(State(app): State<App>, CalcomWebhook(event): CalcomWebhook) -> StatusCode {
    match app.book.take_in(&event) {
        Ok(()) => StatusCode::OK,
        Err(error) => {
            eprintln!("the delivery is not written down: {error}");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}
