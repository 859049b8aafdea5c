//! The older create: names and answers under `responses`, an end that need not be said, a series as a list.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::super::super::super::check::{Checker, Rule};
use super::super::super::super::exchange::Request;
use super::super::super::super::instant;
use super::super::super::super::outcome::{Outcome, later};
use super::super::super::super::reply::Reply;
use super::super::super::super::state::{Kind, State, Status};
use super::super::super::event_types::old_fields::location_type;
use super::super::super::slots::engine;
use super::super::draft::Draft;
use super::super::making::{self, Dress};
use super::super::place::address_of;
use super::super::reschedule::replace;
use super::refusal::http_exception;
use super::shape;

fn check(body: &Value) -> Result<(), Reply> {
    Checker::of(body)
        .optional("end", &[Rule::String])
        .required("start", &[Rule::String])
        .required("eventTypeId", &[Rule::Number])
        .optional("eventTypeSlug", &[Rule::String])
        .optional("rescheduleUid", &[Rule::String])
        .required("timeZone", &[Rule::TimeZone])
        .required("language", &[Rule::String])
        .required("metadata", &[Rule::Object])
        .tree()
}

pub(in super::super) fn create(state: &mut State, request: &Request) -> Outcome {
    let draft = check(&request.body).and_then(|()| draft(state, request.fields()));
    match (draft, request.text("rescheduleUid")) {
        (Ok(draft), Some(old)) => reschedule(state, draft, old.to_owned()),
        (Ok(draft), None) => making::make(state, draft, Dress::Old),
        (Err(reply), _) => reply.into(),
    }
}

fn draft(state: &State, body: &Map<String, Value>) -> Result<Draft, Reply> {
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let id = body.get("eventTypeId").and_then(Value::as_i64).unwrap_or_default();
    let Some(event) = state.event_type(id) else {
        // The service lets its database's complaint out here.
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
    Ok(Draft {
        event_type: event.id,
        host: event.owner,
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

fn reschedule(state: &mut State, draft: Draft, old: String) -> Outcome {
    later(state.pace.check, move |state, request| {
        let Some(before) = state.booking(&old).cloned() else {
            return http_exception(404, "Could not find original booking").into();
        };
        if before.status == Status::Cancelled && before.to_uid.is_some() {
            return http_exception(400, "Booking has been rescheduled already").into();
        }
        let Some(event) = state.event_type(draft.event_type).cloned() else { return Reply::internal().into() };
        if let Err(why) = engine::judge(state, &event, draft.start, draft.end(), Some(&old)) {
            return making::refusal(why, Dress::Old).into();
        }
        let pending = request.user() != Some(event.owner) && event.needs_confirmation(state.now(), draft.start);
        later(state.pace.commit, move |state, request| {
            if !pending && engine::collides(state, draft.host, draft.start, draft.end(), Some(&old)) {
                return making::conflict(state, Dress::Old).into();
            }
            let reason = request.text("rescheduleReason");
            let uid = replace(state, &draft, &old, pending, reason, None);
            later(state.pace.answer, move |state, _| {
                let shown = state.booking(&uid).map(|booking| shape::created(state, booking));
                Reply::created(shown.unwrap_or_default()).into()
            })
        })
    })
}

/// A list of bookings of one series. Anything but a list makes the service stumble.
pub(in super::super) fn create_recurring(state: &mut State, request: &Request) -> Outcome {
    match recurring(state, request) {
        Ok(drafts) => {
            let uid = request.body.get(0).and_then(|first| first.get("recurringEventId")).and_then(Value::as_str);
            let uid = uid.map_or_else(|| state.ids.uuid(Kind::Series), str::to_owned);
            later(state.pace.check, move |state, request| next(state, request, drafts, uid, Vec::new()))
        }
        Err(reply) => reply.into(),
    }
}

fn recurring(state: &State, request: &Request) -> Result<Vec<Draft>, Reply> {
    let internal = || Reply::exception(500, "Internal Server Error");
    let list = request.body.as_array().filter(|list| !list.is_empty()).ok_or_else(internal)?;
    let mut drafts = Vec::new();
    for item in list {
        check(item)?;
        drafts.push(draft(state, item.as_object().ok_or_else(internal)?)?);
    }
    if let Some(first) = drafts.first()
        && let Some(event) = state.event_type(first.event_type)
        && let Err(why) = engine::judge(state, event, first.start, first.end(), None)
    {
        return Err(making::refusal(why, Dress::Old));
    }
    drafts.reverse();
    Ok(drafts)
}

/// Makes the next occurrence; `left` has it last.
fn next(state: &mut State, _: &Request, mut left: Vec<Draft>, series: String, mut made: Vec<String>) -> Outcome {
    let Some(draft) = left.pop() else {
        return later(state.pace.answer, move |state, _| {
            let rows = made.iter().filter_map(|uid| state.booking(uid));
            Reply::created(rows.map(|booking| shape::created(state, booking)).collect()).into()
        });
    };
    let wait = if made.is_empty() { state.pace.commit } else { state.pace.row };
    later(wait, move |state, request| {
        let pending =
            state.event_type(draft.event_type).is_some_and(|event| event.needs_confirmation(state.now(), draft.start));
        if !pending && engine::collides(state, draft.host, draft.start, draft.end(), None) {
            return making::conflict(state, Dress::Old).into();
        }
        made.push(making::insert(state, &draft, draft.start, pending, Some(series.clone())));
        next(state, request, left, series, made)
    })
}
