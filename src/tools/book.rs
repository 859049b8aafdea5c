//! Booking, under a key of the session and the arguments.

use std::sync::PoisonError;

use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    arguments::{self, BookAppointment},
    reply::ToolReply,
    session::Tools,
    text,
};
use crate::{
    model::{BookingStatus, CreateBooking, EventTypeId},
    service::{Appointment, Outcome, Problem},
};

/// The number of free times that a refusal suggests.
const SUGGESTED: usize = 3;

impl Tools {
    pub(super) async fn book(&self, arguments: Value) -> Result<ToolReply, ToolReply> {
        let BookAppointment { event_type_id, start, name, email, time_zone, phone, notes } =
            arguments::parse(arguments)?;
        let event_type = EventTypeId(event_type_id);
        self.check_event_type(event_type)?;
        let start = arguments::instant("start", &start)?;
        let zone = arguments::zone(&time_zone)?;
        if self.attendee.as_deref().is_some_and(|attendee| !text::same_address(attendee, &email)) {
            return Err(ToolReply::failed(
                "email: this session books for the person who is logged in only. Nothing was booked.",
            ));
        }
        let key = self.key(event_type, start, &email);
        let mut wanted = CreateBooking::new(event_type, start, name.trim(), email.trim()).time_zone(time_zone.trim());
        if let Some(phone) = arguments::given(phone) {
            wanted = wanted.phone(phone);
        }
        if let Some(notes) = arguments::given(notes) {
            wanted = wanted.notes(notes);
        }
        match self.service.book(Appointment::new(wanted).key(key).suggest(SUGGESTED)).await {
            Outcome::Done(booked) => {
                let how = if booked.moved {
                    "It was booked before, and moved to another time since."
                } else if booked.found {
                    "It is booked."
                } else {
                    "Booked."
                };
                Ok(ToolReply::done(format!("{how} {}", text::booking(&booked.booking, &zone))))
            }
            Outcome::NotDone(why) => {
                // The same time for the same person, with another spelling of the name or other notes.
                let first = why.booking.as_deref().filter(|booking| {
                    matches!(why.problem(), Problem::KeyUsed { .. })
                        && matches!(booking.status, BookingStatus::Accepted | BookingStatus::Pending)
                });
                match first {
                    Some(booking) => Ok(ToolReply::done(format!(
                        "It was booked before, with other details, which have not changed. {}",
                        text::booking(booking, &zone)
                    ))),
                    None => Err(text::not_done("Not booked", &why, &zone)),
                }
            }
            Outcome::Unknown(unknown) => match unknown.refusal() {
                Some(problem) => Err(ToolReply::failed(format!(
                    "This call has booked nothing: {}. An earlier one may have. Repeat the same call in a moment.",
                    text::reason(problem)
                ))),
                None => Err(text::unknown("the appointment is booked")),
            },
        }
    }

    /// The key of an appointment: a hash, which does not reveal the address.
    pub(super) fn key(&self, event_type: EventTypeId, start: Timestamp, email: &str) -> String {
        let email = email.trim().to_lowercase();
        let start = start.as_second();
        let mut hash = Sha256::new();
        for part in [self.session.as_str(), &event_type.0.to_string(), &start.to_string(), &email] {
            hash.update(format!("{}:{part}", part.len()));
        }
        let digest: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let cancelled = self.cancelled.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).copied();
        match cancelled {
            Some(times) => format!("tool-{digest}-{times}"),
            None => format!("tool-{digest}"),
        }
    }

    /// Lets what was booked under a key be booked again, because this session has cancelled it.
    pub(super) fn release_key(&self, key: &str) {
        let Some(rest) = key.strip_prefix("tool-") else { return };
        let (digest, times) = rest.split_once('-').unwrap_or((rest, "0"));
        let next = times.parse::<u32>().unwrap_or_default().saturating_add(1);
        let mut cancelled = self.cancelled.lock().unwrap_or_else(PoisonError::into_inner);
        let known = cancelled.entry(digest.to_owned()).or_default();
        // A repeated cancellation of an earlier booking says nothing about the later ones.
        *known = next.max(*known);
    }
}
