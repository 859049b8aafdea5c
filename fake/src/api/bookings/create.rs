//! `POST /v2/bookings`, version 2024-08-13: from the body to a draft. Making it is left to `making`.

use calcom::Contract;
use jiff::Timestamp;
use serde_json::Value;

use super::super::super::exchange::Request;
use super::super::super::instant::{self, zone};
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::Reply;
use super::super::super::state::{EventType, SchedulingType, State};
use super::draft::{BookingDraft, occurrences};
use super::insert::{self, BookingShape};
use super::offered_location::resolve_location;
use super::{fields, input};

pub(super) fn create(state: &mut State, request: &Request) -> HandlerOutcome {
    match draft(state, request) {
        Ok(draft) => insert::make(state, draft, BookingShape::New),
        Err(reply) => reply.into(),
    }
}

/// The client that a booking of its user is marked with, if the client or the user makes it.
fn platform_client(state: &State, request: &Request, host: i64) -> Option<String> {
    let managed = state.managed_users.iter().find(|managed| managed.user == host)?;
    let by_client = request.header("x-cal-client-id") == Some(managed.client.as_str());
    let by_user = state.managed_users.iter().any(|known| Some(known.user) == request.user());
    (by_client || by_user).then(|| managed.client.clone())
}

fn draft(state: &State, request: &Request) -> Result<BookingDraft, Reply> {
    // Servers with teams have instant meetings, and fail to make them.
    let is_instant = request.fields().get("instant") == Some(&Value::Bool(true));
    if is_instant && state.contract == Contract::SelfHosted && !state.community {
        return Err(Reply::bare(500, "Internal server error"));
    }
    input::check_create(&request.body)?;
    input::storable(&request.body)?;
    id_fits(request)?;
    let event = event_type(state, request)?;
    is_bookable(event)?;
    may_book(event, request)?;
    let duration = duration(event, request)?;
    let count = recurrence_count(event, request)?;
    let responses =
        request.fields().get("bookingFieldsResponses").and_then(Value::as_object).cloned().unwrap_or_default();
    let start = request.text("start").and_then(instant::parse).unwrap_or(Timestamp::UNIX_EPOCH);
    let attendee = request.fields().get("attendee").cloned().unwrap_or_default();
    let of_attendee = |name: &str| attendee.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut metadata = request.fields().get("metadata").and_then(Value::as_object).cloned().unwrap_or_default();
    metadata.remove("__proto__");
    if let Some(client) = platform_client(state, request, state.first_host(event)) {
        metadata.insert("platformClientId".to_owned(), client.into());
    }
    let phone = of_attendee("phoneNumber");
    fields::check(event, &responses, phone.as_deref())?;
    let guests: Vec<String> = request
        .fields()
        .get("guests")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|guest| guest.as_str().map(str::to_owned))
        .collect();
    let requested = request.fields().get("location").or_else(|| request.fields().get("meetingUrl"));
    let (location, kept) = resolve_location(event, requested.filter(|requested| !requested.is_null()))?;
    // The schema of the form is checked after the time.
    let is_past = start < state.now();
    if !is_past {
        input::metadata_types(&metadata)?;
        input::no_null_guests(&request.body)?;
        fields::check_schema(event, &responses, &guests)?;
    }
    let name = of_attendee("name").unwrap_or_default();
    let email = match (of_attendee("email"), &phone) {
        (Some(email), _) => email,
        (None, Some(phone)) if is_past || !fields::needs_email(event) => {
            format!("{}@sms.cal.com", phone.trim_start_matches('+'))
        }
        _ => return Err(fields::no_email()),
    };
    let mut stored_responses = responses;
    stored_responses.insert("name".to_owned(), name.clone().into());
    stored_responses.insert("email".to_owned(), email.clone().into());
    if let Some(phone) = &phone {
        stored_responses.insert("attendeePhoneNumber".to_owned(), phone.clone().into());
    }
    if !guests.is_empty() {
        stored_responses.insert("guests".to_owned(), guests.clone().into());
    }
    if let Some(kept) = kept {
        stored_responses.insert("location".to_owned(), kept);
    }
    let host_zone = zone(state.user(state.first_host(event)).map(|user| user.time_zone.as_str()).unwrap_or("UTC"));
    Ok(BookingDraft {
        event_type: event.id,
        host: state.first_host(event),
        other_hosts: Vec::new(),
        start,
        duration,
        name,
        email,
        phone,
        time_zone: of_attendee("timeZone").unwrap_or_default(),
        language: of_attendee("language").unwrap_or_else(|| "en".to_owned()),
        guests,
        metadata,
        location,
        responses: stored_responses,
        occurrences: occurrences(event, start, count, &host_zone),
    })
}

/// The database has 32 bits for an id.
fn id_fits(request: &Request) -> Result<(), Reply> {
    let id = request.fields().get("eventTypeId").and_then(Value::as_i64);
    if id.is_some_and(|id| i32::try_from(id).is_err()) { Err(Reply::internal()) } else { Ok(()) }
}

fn event_type<'a>(state: &'a State, request: &Request) -> Result<&'a EventType, Reply> {
    if let Some(id) = request.fields().get("eventTypeId").and_then(Value::as_i64) {
        return state
            .event_type(id)
            .ok_or_else(|| Reply::exception(404, format!("Event type with id {id} not found.")));
    }
    let slug = request.text("eventTypeSlug").unwrap_or_default();
    let Some(username) = request.text("username") else {
        let team = request.text("teamSlug").unwrap_or_default();
        let no_team = || Reply::exception(404, format!("Team with slug {team} not found"));
        let team = state.team_named(team, request.text("organizationSlug")).ok_or_else(no_team)?;
        let message =
            || Reply::exception(404, format!("Event type with slug {slug} belonging to team {} not found.", team.id));
        return state.event_type_of_team(team.id, slug).ok_or_else(message);
    };
    let user = state
        .user_named(username)
        .ok_or_else(|| Reply::exception(404, format!("User with username {username} not found")))?;
    state.event_type_named(user.id, slug).ok_or_else(|| {
        Reply::exception(404, format!("Event type with slug {slug} belonging to user {username} not found."))
    })
}

/// A managed event type cannot be booked, its copies can.
fn is_bookable(event: &EventType) -> Result<(), Reply> {
    if event.team.as_ref().is_none_or(|of| of.scheduling != SchedulingType::Managed) {
        return Ok(());
    }
    let message = format!(
        "Event type with id={} is the parent managed event type that can't be booked. You have to provide the child event \
         type id aka id of event type that has been assigned to one of the users.",
        event.id
    );
    Err(Reply::exception(400, message))
}

/// Some event types require an authenticated booker.
fn may_book(event: &EventType, request: &Request) -> Result<(), Reply> {
    if event.rest.get("bookingRequiresAuthentication") != Some(&Value::Bool(true)) {
        return Ok(());
    }
    match request.user() {
        Some(user) if user == event.owner => Ok(()),
        Some(_) => Err(Reply::exception(
            403,
            "checkBookingRequiresAuthentication - User is not authorized to access this event type. User has to be \
             either event type owner, host, team admin or owner or org admin or owner.",
        )),
        None => Err(Reply::exception(
            401,
            "checkBookingRequiresAuthentication - Booking requires authentication because it was booked for an event \
             type that requires authentication. No user was authenticated.",
        )),
    }
}

fn duration(event: &EventType, request: &Request) -> Result<i64, Reply> {
    let Some(wanted) = request.fields().get("lengthInMinutes").and_then(Value::as_i64) else {
        return Ok(event.length);
    };
    if event.length_options.is_empty() {
        let message = "Can't specify 'lengthInMinutes' because event type does not have multiple possible lengths. \
                       Please, remove the 'lengthInMinutes' field from the request.";
        return Err(Reply::exception(400, message));
    }
    if !event.length_options.contains(&wanted) {
        let lengths: Vec<String> = event.length_options.iter().map(i64::to_string).collect();
        let message = format!(
            "Provided 'lengthInMinutes' is not one of the possible lengths for the event type. The possible lengths \
             are: {}",
            lengths.join(", ")
        );
        return Err(Reply::exception(400, message));
    }
    Ok(wanted)
}

/// The number of requested occurrences. 0 for an event type without recurrence.
fn recurrence_count(event: &EventType, request: &Request) -> Result<i64, Reply> {
    let wanted = request.fields().get("recurrenceCount").and_then(Value::as_i64);
    let most = event.recurrence.as_ref().map_or(0, |recurrence| recurrence.occurrences);
    match wanted {
        _ if most == 0 => Ok(0),
        Some(count) if count > most => {
            let message = "Provided recurrence count is higher than the event type's recurring event count.";
            Err(Reply::exception(400, message))
        }
        Some(count) => Ok(count),
        None => Ok(most),
    }
}
