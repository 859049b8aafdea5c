//! What came of sending a booking, read from its answer.

use super::{
    Ticket,
    event_type::Kind,
    lookup::{Row, bears_any_key},
    once::Sent,
};
use crate::{Error, model::Booking};

/// What an answer, or the lack of one, says of the request.
pub(super) fn sent(answer: crate::Result<Vec<Booking>>, ticket: &Ticket, kind: Kind) -> Sent {
    match answer {
        Ok(bookings) => made(bookings, ticket, kind),
        Err(error) if error.may_have_been_applied() => Sent::Lost(Some(error)),
        // A success that says it failed: either may be true.
        Err(error) if error.status().is_some_and(|status| (200..300).contains(&status)) => Sent::Lost(Some(error)),
        Err(error) if error.status().is_none() || matches!(error, Error::RateLimit(_)) => not_sent(error),
        Err(error) => Sent::Refused(error),
    }
}

/// What this crate refuses itself is a refusal too: it will not be otherwise next time.
fn not_sent(error: Error) -> Sent {
    match error {
        Error::Validation(_) | Error::Configuration(_) | Error::Unsupported(..) => Sent::Refused(error),
        error => Sent::NotSent(error),
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
