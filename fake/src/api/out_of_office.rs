//! Absences of users: the caller's own, those of an organization's users, and those of a team's members.

use calcom::Contract;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::super::auth::AccessRule;
use super::super::check::{Checker, ValidationRule};
use super::super::exchange::Request;
use super::super::instant::{day_end, day_start};
use super::super::outcome::HandlerOutcome;
use super::super::reply::{Reply, millis};
use super::super::route::{Handler, Route};
use super::super::state::{IdKind, OutOfOffice, State, TeamRole};
use super::super::version::Versions;
use super::handler::{finish, id_of};
use super::teams::access::{self, Access};
use super::teams::page;

const REASONS: &[&str] = &["unspecified", "vacation", "travel", "sick", "public_holiday"];
const OF_ORG_USER: &str = "/organizations/{orgId}/users/{userId}/ooo";
const ONE_OF_ORG_USER: &str = "/organizations/{orgId}/users/{userId}/ooo/{oooId}";
const OF_MEMBER: &str = "/teams/{teamId}/users/{userId}/ooo";
const ONE_OF_MEMBER: &str = "/teams/{teamId}/users/{userId}/ooo/{oooId}";

const fn route(operation: &'static str, method: &'static str, template: &'static str, handler: Handler) -> Route {
    Route::new(operation, method, template, Versions::ANY, AccessRule::Required, handler)
}

const fn hosted(operation: &'static str, method: &'static str, template: &'static str, handler: Handler) -> Route {
    route(operation, method, template, handler).only_in(Contract::Hosted)
}

pub(crate) const ROUTES: &[Route] = &[
    route("list_organization_out_of_office_entries", "GET", "/organizations/{orgId}/ooo", list_of_organization),
    route("list_organization_user_out_of_office_entries", "GET", OF_ORG_USER, list),
    route("create_organization_user_out_of_office_entry", "POST", OF_ORG_USER, create),
    route("update_organization_user_out_of_office_entry", "PATCH", ONE_OF_ORG_USER, update),
    route("delete_organization_user_out_of_office_entry", "DELETE", ONE_OF_ORG_USER, delete),
    hosted("list_out_of_office_entries", "GET", "/me/ooo", list),
    hosted("create_out_of_office_entry", "POST", "/me/ooo", create),
    hosted("update_out_of_office_entry", "PATCH", "/me/ooo/{oooId}", update),
    hosted("delete_out_of_office_entry", "DELETE", "/me/ooo/{oooId}", delete),
    hosted("list_team_member_out_of_office_entries", "GET", OF_MEMBER, list),
    hosted("create_team_member_out_of_office_entry", "POST", OF_MEMBER, create),
    hosted("update_team_member_out_of_office_entry", "PATCH", ONE_OF_MEMBER, update),
    hosted("delete_team_member_out_of_office_entry", "DELETE", ONE_OF_MEMBER, delete),
];

fn render(absence: &OutOfOffice) -> Value {
    json!({
        "userId": absence.user,
        "toUserId": absence.to_user,
        "id": absence.id,
        "uuid": absence.uuid,
        "start": millis(absence.start),
        "end": millis(absence.end),
        "notes": absence.notes,
        "reason": absence.reason,
    })
}

/// The user of the path, or the caller on routes without one.
fn user(state: &State, request: &Request) -> Result<i64, Reply> {
    if request.has_param("orgId") {
        let org = access::organization(state, request, TeamRole::Admin)?;
        return access::user_of_organization(state, request, org);
    }
    if !request.has_param("teamId") {
        return request.user().ok_or_else(Reply::internal);
    }
    let team = access::team(state, request, Access::Team(TeamRole::Admin))?;
    let user = id_of(request, "userId")?;
    let message = || Reply::exception(404, format!("User with id={user} is not part of the team with id={team}."));
    state.role_in(team, user).map(|_| user).ok_or_else(message)
}

/// Users to whom the bookings of an absent user can be redirected: those of the same team or organization.
fn shares_team(state: &State, one: i64, other: i64) -> bool {
    state.memberships.iter().filter(|m| m.user == one).any(|m| state.role_in(m.team, other).is_some())
}

fn list(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(user(state, request).and_then(|user| listed(state, request, |absence| absence.user == user)))
}

fn list_of_organization(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(access::organization(state, request, TeamRole::Admin).and_then(|org| {
        let email = request.first_query("email");
        listed(state, request, |absence| {
            let user = state.user(absence.user);
            let named = email.is_none_or(|email| user.is_some_and(|user| user.email == email));
            named && state.role_in(org, absence.user).is_some()
        })
    }))
}

fn listed(state: &State, request: &Request, of: impl Fn(&OutOfOffice) -> bool) -> Result<Reply, Reply> {
    let page = page::of(request)?;
    let mut query = Map::new();
    for name in ["sortStart", "sortEnd"] {
        query.extend(request.first_query(name).map(|text| (name.to_owned(), text.into())));
    }
    let query = Value::Object(query);
    Checker::of(&query)
        .optional("sortStart", &[ValidationRule::Enum(&["asc", "desc"])])
        .optional("sortEnd", &[ValidationRule::Enum(&["asc", "desc"])])
        .tree()?;
    let mut found: Vec<&OutOfOffice> = state.absences.iter().filter(|absence| of(absence)).collect();
    type AbsenceKey = fn(&OutOfOffice) -> Timestamp;
    let keys: [(&str, AbsenceKey); 2] = [("sortEnd", |absence| absence.end), ("sortStart", |absence| absence.start)];
    for (name, key) in keys {
        match query.get(name).and_then(Value::as_str) {
            Some("asc") => found.sort_by_key(|absence| key(absence)),
            Some(_) => found.sort_by_key(|absence| std::cmp::Reverse(key(absence))),
            None => {}
        }
    }
    Ok(Reply::ok(page.cut(found.into_iter().map(render))))
}

/// Both days of a body. The service replaces the times of day.
fn days(request: &Request) -> Result<(Option<Timestamp>, Option<Timestamp>), Reply> {
    let day = |name: &str, of: fn(jiff::civil::Date) -> Timestamp| {
        let Some(value) = request.fields().get(name) else { return Ok(None) };
        let text = value.as_str().filter(|text| text.contains('T') && text.ends_with('Z'));
        let at: Option<Timestamp> = text.and_then(|text| text.parse().ok());
        let at = at.ok_or_else(|| Reply::exception(400, "Invalid Date."))?;
        Ok(Some(of(at.to_zoned_datetime(TimeZone::UTC).date())))
    };
    Ok((day("start", day_start)?, day("end", day_end)?))
}

fn check(request: &Request, creating: bool) -> Result<(), Reply> {
    let mut checker = Checker::of(&request.body);
    for name in ["start", "end"] {
        if creating && request.fields().get(name).is_none() {
            let text = format!("{name} must be a Date instance");
            checker.push(name, vec![("isDate", text)], Vec::new());
        }
    }
    checker
        .optional("notes", &[ValidationRule::String])
        .optional("toUserId", &[ValidationRule::Int])
        .optional("reason", &[ValidationRule::Enum(REASONS)])
        .tree()
}

/// The rules that need other absences and users.
fn refuse(
    state: &State,
    request: &Request,
    user: i64,
    range: (Timestamp, Timestamp),
    except: i64,
) -> Result<(), Reply> {
    let refused = |message: &str| Err(Reply::exception(400, message));
    let (start, end) = range;
    if start > end {
        return refused("Start date must be before end date.");
    }
    if let Some(to) = request.fields().get("toUserId").and_then(Value::as_i64) {
        if to == user {
            return refused("Cannot redirect to self.");
        }
        if state.user(to).is_none() || !shares_team(state, user, to) {
            return refused("Cannot redirect to this user.");
        }
        let back = |a: &&OutOfOffice| a.user == to && a.to_user == Some(user) && a.start <= end && start <= a.end;
        if state.absences.iter().any(|absence| back(&absence)) {
            return refused("Booking redirect infinite not allowed.");
        }
    }
    let same = |a: &&OutOfOffice| a.user == user && a.start == start && a.end == end && a.id != except;
    if state.absences.iter().any(|absence| same(&absence)) {
        return Err(Reply::exception(409, "Ooo entry already exists."));
    }
    Ok(())
}

fn create(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_create(state, request))
}

fn try_create(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let user = user(state, request)?;
    let (start, end) = days(request)?;
    check(request, true)?;
    let (Some(start), Some(end)) = (start, end) else { return Err(Reply::exception(400, "Invalid Date.")) };
    refuse(state, request, user, (start, end), 0)?;
    let mut absence = OutOfOffice {
        id: state.ids.number(IdKind::OutOfOffice),
        uuid: state.ids.uuid(IdKind::OutOfOffice),
        user,
        to_user: None,
        start,
        end,
        notes: None,
        reason: "unspecified".to_owned(),
    };
    apply(&mut absence, request);
    let shown = render(&absence);
    state.absences.push(absence);
    Ok(Reply::created(shown))
}

fn apply(absence: &mut OutOfOffice, request: &Request) {
    if let Some(notes) = request.fields().get("notes") {
        absence.notes = notes.as_str().map(str::to_owned);
    }
    if let Some(to) = request.fields().get("toUserId") {
        absence.to_user = to.as_i64();
    }
    if let Some(reason) = request.text("reason") {
        reason.clone_into(&mut absence.reason);
    }
}

/// The position of the path's absence, if it is one of this user.
fn found(state: &State, request: &Request, user: i64) -> Result<usize, Reply> {
    let id = id_of(request, "oooId")?;
    let at = state.absences.iter().position(|absence| absence.id == id && absence.user == user);
    at.ok_or_else(|| Reply::exception(403, "This OOO entry does not belong to this user."))
}

fn update(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_update(state, request))
}

fn try_update(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let user = user(state, request)?;
    let at = found(state, request, user)?;
    let (start, end) = days(request)?;
    check(request, false)?;
    let before = state.absences[at].clone();
    let range = match (start, end) {
        (Some(start), Some(end)) => (start, end),
        (None, None) => (before.start, before.end),
        _ => return Err(Reply::exception(400, "Please specify both ooo start and end time.")),
    };
    refuse(state, request, user, range, before.id)?;
    let absence = &mut state.absences[at];
    (absence.start, absence.end) = range;
    apply(absence, request);
    Ok(Reply::ok(render(absence)))
}

fn delete(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(user(state, request).and_then(|user| {
        let at = found(state, request, user)?;
        Ok(Reply::ok(render(&state.absences.remove(at))))
    }))
}
