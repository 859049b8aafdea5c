//! The outcome of an attempt, read from its response.

use super::{
    Ticket,
    event_type::BookingKind,
    lookup::{BookingRow, has_any_key},
    machine::SendOutcome,
};
use crate::{model::Booking, retry_policy::CallFailure};

/// The outcome that a response, or its absence, means.
pub(super) fn classify_response(
    answer: crate::Result<Vec<Booking>>,
    ticket: &Ticket,
    kind: BookingKind,
) -> SendOutcome {
    match answer {
        Ok(bookings) => classify_created(bookings, ticket, kind),
        Err(error) => match error.call_failure() {
            CallFailure::Unknown => SendOutcome::Unknown(Some(error)),
            CallFailure::NotSent => SendOutcome::NotSent(error),
            CallFailure::Refused => SendOutcome::Refused(error),
        },
    }
}

fn classify_created(bookings: Vec<Booking>, ticket: &Ticket, kind: BookingKind) -> SendOutcome {
    let rows: Vec<BookingRow> =
        bookings.iter().flat_map(|booking| BookingRow::with_key(booking, &ticket.key)).collect();
    let Some(first) = bookings.first() else { return SendOutcome::Unknown(None) };
    if let Some(seat) = first.seat_uid() {
        // The response names the seat that was taken. Callers without access are not shown its attendee.
        return SendOutcome::Created(vec![BookingRow { booking: first.clone(), seat: Some(seat) }]);
    }
    if !rows.is_empty() {
        return SendOutcome::Created(rows);
    }
    // Only for event types that need confirmation does the service answer with an earlier booking. Any other booking
    // was just created, whether or not the response has its metadata.
    let is_new = matches!(kind, BookingKind::Plain | BookingKind::Series | BookingKind::Seated);
    if is_new && !has_any_key(first) {
        return SendOutcome::Created(bookings.into_iter().map(|booking| BookingRow { booking, seat: None }).collect());
    }
    SendOutcome::OtherKey(Box::new(first.clone()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        model::{FromWire, RawValueRef},
        raw::types,
    };

    fn answered(metadata: Option<&serde_json::Value>, kind: BookingKind) -> SendOutcome {
        let mut json = json!({
            "id": 1, "uid": "u", "title": "t", "status": "accepted", "start": "2030-01-07T09:00:00Z",
            "end": "2030-01-07T09:30:00Z", "duration": 30, "hosts": [], "attendees": [], "absentHost": false,
            "eventTypeId": 1, "location": null, "createdAt": "2030-01-01T09:00:00Z", "updatedAt": "2030-01-01T09:00:00Z",
        });
        if let Some(metadata) = metadata {
            json["metadata"] = metadata.clone();
        }
        let today: types::BookingParts = serde_json::from_value(json.clone()).unwrap();
        let booking = Booking::from_wire(today, RawValueRef::of_body(json.to_string().into()));
        let start = booking.start_time;
        let ticket = Ticket {
            key: "k".into(),
            event_type_id: 1.into(),
            start,
            email: "a@example.org".into(),
            occurrences: None,
        };
        classify_response(Ok(vec![booking]), &ticket, kind)
    }

    #[test]
    fn a_success_without_the_key_is_this_booking_unless_the_service_may_have_answered_with_another() {
        for without in [None, Some(json!({})), Some(json!({ "source": "web" }))] {
            for kind in [BookingKind::Plain, BookingKind::Series, BookingKind::Seated] {
                let SendOutcome::Created(rows) = answered(without.as_ref(), kind) else {
                    panic!("{kind:?}, {without:?}")
                };
                assert_eq!(rows[0].booking.uid.as_str(), "u");
            }
            for kind in [BookingKind::Pending, BookingKind::PendingSeries, BookingKind::Unknown] {
                assert!(matches!(answered(without.as_ref(), kind), SendOutcome::OtherKey(_)), "{kind:?}, {without:?}");
            }
        }
        for kind in [BookingKind::Plain, BookingKind::Pending, BookingKind::Unknown] {
            assert!(matches!(answered(Some(&json!({ "idempotencyKey": "k" })), kind), SendOutcome::Created(_)));
            assert!(matches!(answered(Some(&json!({ "idempotencyKey": "other" })), kind), SendOutcome::OtherKey(_)));
        }
        let start = "2030-01-07T09:00:00Z".parse().unwrap();
        let ticket =
            Ticket { key: "k".into(), event_type_id: 1.into(), start, email: String::new(), occurrences: None };
        assert!(matches!(classify_response(Ok(Vec::new()), &ticket, BookingKind::Plain), SendOutcome::Unknown(None)));
    }
}
