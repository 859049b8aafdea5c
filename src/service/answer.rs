//! What came of sending a booking, read from its answer.

use super::{
    Ticket,
    event_type::Kind,
    lookup::{Row, bears_any_key},
    once::Sent,
};
use crate::{model::Booking, retry_policy::SendResult};

/// What an answer, or the lack of one, says of the request.
pub(super) fn sent(answer: crate::Result<Vec<Booking>>, ticket: &Ticket, kind: Kind) -> Sent {
    match answer {
        Ok(bookings) => made(bookings, ticket, kind),
        Err(error) => match error.send_result() {
            SendResult::Unknown => Sent::Lost(Some(error)),
            SendResult::NotSent => Sent::NotSent(error),
            SendResult::Refused => Sent::Refused(error),
        },
    }
}

fn made(bookings: Vec<Booking>, ticket: &Ticket, kind: Kind) -> Sent {
    let rows: Vec<Row> = bookings.iter().flat_map(|booking| Row::of(booking, &ticket.key)).collect();
    let Some(first) = bookings.first() else { return Sent::Lost(None) };
    if let Some(seat) = first.seat_uid() {
        // The answer names the seat that was just taken. Its attendee is not shown to strangers.
        return Sent::Made(vec![Row { booking: first.clone(), seat: Some(seat) }]);
    }
    if !rows.is_empty() {
        return Sent::Made(rows);
    }
    // The service answers with a booking that was there for pending ones only; any other is the one that was just made,
    // whether or not the answer says what it bears.
    let is_new = matches!(kind, Kind::Plain | Kind::Series | Kind::Seated);
    if is_new && !bears_any_key(first) {
        return Sent::Made(bookings.into_iter().map(|booking| Row { booking, seat: None }).collect());
    }
    Sent::Foreign(Box::new(first.clone()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        model::{Extra, FromWire},
        raw::types,
    };

    fn answered(metadata: Option<&serde_json::Value>, kind: Kind) -> Sent {
        let mut json = json!({
            "id": 1, "uid": "u", "title": "t", "status": "accepted", "start": "2030-01-07T09:00:00Z",
            "end": "2030-01-07T09:30:00Z", "duration": 30, "hosts": [], "attendees": [], "absentHost": false,
            "eventTypeId": 1, "location": null, "createdAt": "2030-01-01T09:00:00Z", "updatedAt": "2030-01-01T09:00:00Z",
        });
        if let Some(metadata) = metadata {
            json["metadata"] = metadata.clone();
        }
        let today: types::Booking = serde_json::from_value(json.clone()).unwrap();
        let booking = Booking::from_wire(today, Extra::of(json.to_string().into()));
        let start = booking.start_time;
        let ticket = Ticket {
            key: "k".into(),
            event_type_id: 1.into(),
            start,
            email: "a@example.org".into(),
            occurrences: None,
        };
        sent(Ok(vec![booking]), &ticket, kind)
    }

    #[test]
    fn a_success_without_the_key_is_this_booking_unless_the_service_may_have_answered_with_another() {
        for without in [None, Some(json!({})), Some(json!({ "source": "web" }))] {
            for kind in [Kind::Plain, Kind::Series, Kind::Seated] {
                let Sent::Made(rows) = answered(without.as_ref(), kind) else { panic!("{kind:?}, {without:?}") };
                assert_eq!(rows[0].booking.uid.as_str(), "u");
            }
            for kind in [Kind::Pending, Kind::PendingSeries, Kind::Unread] {
                assert!(matches!(answered(without.as_ref(), kind), Sent::Foreign(_)), "{kind:?}, {without:?}");
            }
        }
        for kind in [Kind::Plain, Kind::Pending, Kind::Unread] {
            assert!(matches!(answered(Some(&json!({ "idempotencyKey": "k" })), kind), Sent::Made(_)));
            assert!(matches!(answered(Some(&json!({ "idempotencyKey": "other" })), kind), Sent::Foreign(_)));
        }
        let start = "2030-01-07T09:00:00Z".parse().unwrap();
        let ticket =
            Ticket { key: "k".into(), event_type_id: 1.into(), start, email: String::new(), occurrences: None };
        assert!(matches!(sent(Ok(Vec::new()), &ticket, Kind::Plain), Sent::Lost(None)));
    }
}
