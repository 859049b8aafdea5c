mod denials;
mod keys;
mod model;
mod properties;
mod rows;
mod unresolved;

use std::time::Duration;

use serde_json::json;

use super::{decide::MAX_SEAT_ATTEMPTS, *};
use crate::{
    error::{CallReport, ErrorCode, ErrorDetailsBuilder},
    model::{Booking, FromWire, RawValueRef},
    raw::types,
    retry_policy::{FailureClass, Resend},
};

/// A row with the key of these tests.
pub(super) fn row(id: usize, start: usize, series: Option<u64>, seat: Option<usize>, live: bool) -> BookingRow {
    let seats = seat.map(|seat| format!("seat-{seat:03}"));
    let mut json = json!({
        "id": id, "uid": seat.map_or(format!("uid-{id}"), |_| "uid-seated".to_owned()), "title": "t", "status": if live { "accepted" } else { "cancelled" },
        "start": format!("2030-01-{:02}T10:00:00.000Z", start + 1), "end": format!("2030-01-{:02}T10:30:00.000Z", start + 1),
        "duration": 30, "hosts": [], "attendees": [], "absentHost": false, "metadata": {"idempotencyKey": "k"},
        "createdAt": format!("2029-12-01T10:00:{:02}.000Z", id.min(59)), "updatedAt": "2029-12-01T10:00:00.000Z",
        "eventTypeId": 1, "location": null, "cancellationReason": "",
    });
    if let Some(series) = series {
        json["recurringBookingUid"] = format!("series-{series}").into();
    }
    let today: types::BookingParts = serde_json::from_value(json.clone()).unwrap();
    let booking = Booking::from_wire(today, RawValueRef::of_body(json.to_string().into()));
    BookingRow { booking, seat: seats.map(Into::into) }
}

pub(super) fn refusal(text: &str) -> Error {
    let failure = ErrorDetailsBuilder::new().message(Some(text.to_owned()));
    if text.contains("querying the database") {
        // Only the text tells what it is.
        return Error::Validation(failure.status(400).build());
    }
    Error::Conflict(failure.status(409).code(ErrorCode::Conflict).build())
}

pub(super) fn broken() -> Error {
    let mut error = Error::Timeout(ErrorDetailsBuilder::new().build());
    let report = CallReport::new("create_booking", Resend::Unsafe, FailureClass::NoResponse);
    error.details_mut().set_call_report(report.attempts(1));
    error
}

pub(super) fn machine(kind: BookingKind, wanted: usize, former: PriorUse) -> (BookingMachine, Instant) {
    let now = Instant::now();
    let mut machine =
        BookingMachine::new(kind, Some(wanted), SettlingTimes::of(&crate::service::Settings::default()), former, now);
    machine.set_can_list(true);
    (machine, now)
}

pub(super) fn saw(rows: Vec<BookingRow>) -> Result<LookupResult, Error> {
    Ok(LookupResult { rows, ..LookupResult::default() })
}

/// Runs lookups with always the same result until another action follows; returns its time.
pub(super) fn looks_until(machine: &mut BookingMachine, mut now: Instant, result: &LookupResult) -> (Instant, Action) {
    for _ in 0..100 {
        match machine.next_transition(now).action {
            Action::Lookup { at, .. } => {
                let began = at;
                now = at + Duration::from_millis(10);
                machine.record_lookup(began, now, Ok(result.clone()));
            }
            action => return (now, action),
        }
    }
    panic!("it looks for ever");
}

pub(super) fn is_send(action: &Action) -> bool {
    matches!(action, Action::Send { .. })
}

/// A booking that has the key, and other content.
pub(super) fn of_other_content() -> Booking {
    row(99, 5, None, None, true).booking
}
