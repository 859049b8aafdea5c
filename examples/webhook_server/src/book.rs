//! An appointment book that webhooks update, and the server that receives them.
//!
//! Deliveries can be repeated, late, out of order, or forged. The book is the same in each case.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    extract::{FromRef, State},
    routing::post,
};
use calcom::{
    model::BookingStatus,
    webhook::{BookingPayload, CalcomWebhook, Event, Payload, Verifier},
};
use jiff::Timestamp;

/// A booking in the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appointment {
    pub start: Option<Timestamp>,
    pub status: BookingStatus,
    /// Whether the meeting is over.
    pub over: bool,
    /// The uid of the booking that replaced it.
    pub moved_to: Option<String>,
    /// The time of the latest event about it.
    as_of: Timestamp,
}

/// The appointments, by uid of the booking.
#[derive(Clone, Default)]
pub struct AppointmentBook(Arc<Mutex<BTreeMap<String, Appointment>>>);

impl AppointmentBook {
    pub fn appointments(&self) -> BTreeMap<String, Appointment> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Applies an event. The latest event counts, whatever their order and number.
    pub fn take_in(&self, event: &Event) {
        let (Some(uid), Some(at)) = (event.booking_uid(), event.occurred_at()) else { return };
        match event.payload() {
            Payload::MeetingEnded(_) => self.update(uid, None, |appointment| appointment.over = true),
            // Only one of several seats is cancelled; the booking is still active.
            Payload::BookingCancelled(booking) if booking.cancelled_seat().is_some() => {}
            payload => {
                let Some(booking) = payload.booking() else { return };
                if let Some(previous) = event.previous_uid() {
                    self.update(previous, Some(at), |appointment| {
                        appointment.status = BookingStatus::Cancelled;
                        appointment.start = booking.reschedule_start_time;
                        appointment.moved_to = Some(uid.to_owned());
                    });
                }
                self.update(uid, Some(at), |appointment| write_down(appointment, booking));
            }
        }
    }

    /// Changes an appointment, unless a later event has changed it. An event without a time is always applied.
    fn update(&self, uid: &str, at: Option<Timestamp>, change: impl FnOnce(&mut Appointment)) {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let appointment = book.entry(uid.to_owned()).or_insert_with(|| Appointment {
            start: None,
            status: BookingStatus::Pending,
            over: false,
            moved_to: None,
            as_of: Timestamp::MIN,
        });
        match at {
            Some(at) if at < appointment.as_of => {}
            Some(at) => {
                appointment.as_of = at;
                change(appointment);
            }
            None => change(appointment),
        }
    }
}

fn write_down(appointment: &mut Appointment, booking: &BookingPayload) {
    appointment.start = booking.start_time.or(appointment.start);
    appointment.status = booking.status.clone().unwrap_or(BookingStatus::Accepted);
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

async fn hook(State(app): State<App>, CalcomWebhook(event): CalcomWebhook) {
    app.book.take_in(&event);
}
