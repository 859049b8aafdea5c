//! `GET /v2/bookings`, version 2024-08-13: filters, sorting and pages. As on the service, the counters ignore two filters.

use calcom::Contract;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::Reply;
use super::super::super::state::{Booking, State};
use super::super::handler::finish;
use super::query::{BookingQuery, check, query_object};
use super::{cursor, render};

pub(super) fn list(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_list(state, request))
}

fn try_list(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let user = request.user().ok_or_else(Reply::internal)?;
    respond(state, request, |state, booking| is_of(state, booking, user))
}

/// A page of the bookings that are `of` the list.
pub(crate) fn respond(
    state: &mut State,
    request: &Request,
    of: impl Fn(&State, &Booking) -> bool,
) -> Result<Reply, Reply> {
    if state.contract == Contract::Hosted && request.header("cal-api-version") == Some(cursor::VERSION) {
        return cursor::respond(state, request, of);
    }
    let query = query_object(request);
    check(&query)?;
    let user = request.user();
    let filter = BookingQuery { query: &query, now: state.now() };
    let listed = state.list_history.shown(&state.bookings, filter.now);
    let state = &*state;
    let mut found: Vec<&Booking> =
        listed.iter().filter(|booking| of(state, booking) && filter.counts(state, booking)).collect();
    sort(&mut found, &query);
    let number = |name: &str, default: usize| query.get(name).and_then(Value::as_u64).map_or(default, |n| n as usize);
    let (take, skip) = (number("take", 100), number("skip", 0));
    let total = found.len();
    // The service counts before it applies these two filters.
    let shown: Vec<Value> = found
        .into_iter()
        .filter(|booking| filter.shows(booking))
        .skip(skip)
        .take(take)
        .map(|booking| render::render_for(state, booking, user))
        .collect();
    Ok(Reply::json(200, json!({ "status": "success", "data": shown, "pagination": pagination(total, take, skip) })))
}

/// Whether a booking is in the lists of a user, as host or as attendee.
pub(crate) fn is_of(state: &State, booking: &Booking, user: i64) -> bool {
    let email = state.user(user).map(|user| user.email.as_str());
    booking.is_held_by(user) || booking.attendees.iter().any(|attendee| Some(attendee.email.as_str()) == email)
}

fn sort(found: &mut [&Booking], query: &Value) {
    let wanted = |name: &str| query.get(name).and_then(Value::as_str);
    type Key = fn(&Booking) -> Timestamp;
    let orders: [(&str, Key); 4] = [
        ("sortUpdatedAt", |booking| booking.updated),
        ("sortCreated", |booking| booking.created),
        ("sortEnd", |booking| booking.end),
        ("sortStart", |booking| booking.start),
    ];
    found.sort_by_key(|booking| (booking.start, booking.id));
    for (name, key) in orders {
        match wanted(name) {
            Some("asc") => found.sort_by_key(|booking| key(booking)),
            Some(_) => found.sort_by_key(|booking| std::cmp::Reverse(key(booking))),
            None => {}
        }
    }
}

fn pagination(total: usize, take: usize, skip: usize) -> Value {
    let returned = total.saturating_sub(skip).min(take);
    let remaining = total.saturating_sub(skip + returned);
    let pages = total.div_ceil(take.max(1));
    let page = (skip / take.max(1) + 1).min(pages);
    json!({
        "returnedItems": returned,
        "totalItems": total,
        "itemsPerPage": take,
        "remainingItems": remaining,
        "currentPage": page,
        "totalPages": pages,
        "hasNextPage": remaining > 0,
        "hasPreviousPage": skip > 0 && total > 0,
    })
}
