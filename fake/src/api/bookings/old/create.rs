//! `POST /v2/bookings` of the older versions: names and answers under `responses`, an optional end, a series as a list.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::super::super::super::check::{Checker, ValidationRule};
use super::super::super::super::exchange::Request;
use super::super::super::super::instant;
use super::super::super::super::outcome::{HandlerOutcome, later};
use super::super::super::super::reply::Reply;
use super::super::super::super::state::{BookingStatus, IdKind, State};
use super::super::super::event_types::old_fields::location_type;
use super::super::super::slots::engine;
use super::super::super::slots::hosts;
use super::super::draft::BookingDraft;
use super::super::insert::{self, BookingShape};
use super::super::offered_location::address_of;
use super::super::reschedule::replace;
use super::errors::http_exception;
use super::render;

fn check(body: &Value) -> Result<(), Reply> {
    Checker::of(body)
        .optional("end", &[ValidationRule::String])
        .required("start", &[ValidationRule::String])
        .required("eventTypeId", &[ValidationRule::Number])
        .optional("eventTypeSlug", &[ValidationRule::String])
        .optional("rescheduleUid", &[ValidationRule::String])
        .required("timeZone", &[ValidationRule::TimeZone])
        .required("language", &[ValidationRule::String])
        .required("metadata", &[ValidationRule::Object])
        .tree()
}

pub(in super::super) fn create(state: &mut State, request: &Request) -> HandlerOutcome {
    let draft = check(&request.body).and_then(|()| draft(state, request.fields()));
    match (draft, request.text("rescheduleUid")) {
        (Ok(draft), Some(old)) => reschedule(state, draft, old.to_owned()),
        (Ok(draft), None) => insert::make(state, draft, BookingShape::Old),
        (Err(reply), _) => reply.into(),
    }
}

fn draft(state: &State, body: &Map<String, Value>) -> Result<BookingDraft, Reply> {
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let id = body.get("eventTypeId").and_then(Value::as_i64).unwrap_or_default();
    let Some(event) = state.event_type(id) else {
        // The service returns an error of its database for this route.
        return Err(Reply::exception(500, "Invalid database invocation"));
    };
    let start = text("start").and_then(|text| instant::parse(&text)).unwrap_or(Timestamp::UNIX_EPOCH);
    let end = text("end").and_then(|text| instant::parse(&text));
    let duration = end.map_or(event.length, |end| (end.as_second() - start.as_second()) / 60);
    let responses = body.get("responses").and_then(Value::as_object).cloned().unwrap_or_default();
    let answer = |name: &str| responses.get(name).and_then(Value::as_str).map(str::to_owned);
    if start >= state.now() {
        let missing: String = [("name", answer("name")), ("email", answer("email"))]
            .iter()
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| format!("responses - {{{name}}}error_required_field, "))
            .collect();
        if !missing.is_empty() {
            return Err(Reply::coded(400, "BAD_REQUEST", missing));
        }
    }
    let guests = responses.get("guests").and_then(Value::as_array).into_iter().flatten();
    let chosen = responses.get("location").and_then(|location| location.get("value")).and_then(Value::as_str);
    let internal = |location: &Value| {
        let text = |name: &str| location.get(name).and_then(Value::as_str);
        location_type(text("type").unwrap_or_default(), text("integration"))
    };
    let own = event.locations.iter().find(|location| chosen.is_none_or(|chosen| internal(location) == chosen));
    let own = own.or(event.locations.first());
    Ok(BookingDraft {
        event_type: event.id,
        host: state.first_host(event),
        other_hosts: Vec::new(),
        start,
        duration,
        name: answer("name").unwrap_or_default(),
        email: answer("email").unwrap_or_default(),
        phone: answer("attendeePhoneNumber"),
        time_zone: text("timeZone").unwrap_or_default(),
        language: text("language").unwrap_or_default(),
        guests: guests.filter_map(|guest| guest.as_str().map(str::to_owned)).collect(),
        metadata: body.get("metadata").and_then(Value::as_object).cloned().unwrap_or_default(),
        location: own.map_or_else(|| "integrations:daily".to_owned(), address_of),
        responses,
        occurrences: Vec::new(),
    })
}

fn reschedule(state: &mut State, draft: BookingDraft, old: String) -> HandlerOutcome {
    later(state.latency.check, move |state, request| {
        let Some(before) = state.booking(&old).cloned() else {
            return http_exception(404, "Could not find original booking").into();
        };
        if before.status == BookingStatus::Cancelled && before.to_uid.is_some() {
            return http_exception(400, "Booking has been rescheduled already").into();
        }
        let Some(event) = state.event_type(draft.event_type).cloned() else { return Reply::internal().into() };
        if let Err(why) = hosts::check_bookable(state, &event, draft.start, draft.end(), Some(&old)) {
            return insert::refusal(why, BookingShape::Old).into();
        }
        let pending = request.user() != Some(event.owner) && event.needs_confirmation(state.now(), draft.start);
        later(state.latency.commit, move |state, request| {
            if !pending && engine::collides(state, draft.host, draft.start, draft.end(), Some(&old)) {
                return insert::conflict(state, BookingShape::Old).into();
            }
            let reason = request.text("rescheduleReason");
            let uid = replace(state, &draft, &old, pending, reason, None);
            later(state.latency.response, move |state, _| {
                let shown = state.booking(&uid).map(|booking| render::created(state, booking));
                Reply::created(shown.unwrap_or_default()).into()
            })
        })
    })
}

/// Creates a series from a list of bookings. Any other body is an internal error of the service.
pub(in super::super) fn create_recurring(state: &mut State, request: &Request) -> HandlerOutcome {
    match recurring(state, request) {
        Ok(drafts) => {
            let uid = request.body.get(0).and_then(|first| first.get("recurringEventId")).and_then(Value::as_str);
            let uid = uid.map_or_else(|| state.ids.uuid(IdKind::Series), str::to_owned);
            later(state.latency.check, move |state, request| next(state, request, drafts, uid, Vec::new()))
        }
        Err(reply) => reply.into(),
    }
}

fn recurring(state: &State, request: &Request) -> Result<Vec<BookingDraft>, Reply> {
    let internal = || Reply::exception(500, "Internal Server Error");
    let list = request.body.as_array().filter(|list| !list.is_empty()).ok_or_else(internal)?;
    let mut drafts = Vec::new();
    for item in list {
        check(item)?;
        drafts.push(draft(state, item.as_object().ok_or_else(internal)?)?);
    }
    if let Some(first) = drafts.first()
        && let Some(event) = state.event_type(first.event_type)
        && let Err(why) = hosts::check_bookable(state, event, first.start, first.end(), None)
    {
        return Err(insert::refusal(why, BookingShape::Old));
    }
    drafts.reverse();
    Ok(drafts)
}

/// Creates the next occurrence, the last one of `left`.
fn next(
    state: &mut State,
    _: &Request,
    mut left: Vec<BookingDraft>,
    series: String,
    mut made: Vec<String>,
) -> HandlerOutcome {
    let Some(draft) = left.pop() else {
        return later(state.latency.response, move |state, _| {
            let rows = made.iter().filter_map(|uid| state.booking(uid));
            Reply::created(rows.map(|booking| render::created(state, booking)).collect()).into()
        });
    };
    let wait = if made.is_empty() { state.latency.commit } else { state.latency.row };
    later(wait, move |state, request| {
        let pending =
            state.event_type(draft.event_type).is_some_and(|event| event.needs_confirmation(state.now(), draft.start));
        if !pending && engine::collides(state, draft.host, draft.start, draft.end(), None) {
            return insert::conflict(state, BookingShape::Old).into();
        }
        made.push(insert::insert(state, &draft, draft.start, pending, Some(series.clone())));
        next(state, request, left, series, made)
    })
}
