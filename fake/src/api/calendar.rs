//! Calendars of users: fixtures, and how responses show them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::reply::{Reply, millis};
use super::super::state::apps::{DestinationCalendar, UserCalendar};
use super::super::state::{IdKind, State};

const KIND: &str = "google_calendar";

/// The data of `GET /v2/calendars`: the connections of a user with their calendars, and where bookings are written.
pub(super) fn connected(state: &State, user: i64) -> Value {
    let connections = state.apps.connected.iter().filter(|connected| connected.user == user);
    let shown = connections.filter_map(|connected| {
        let own = || state.apps.calendars.iter().filter(|calendar| calendar.credential == connected.id);
        let primary = own().find(|calendar| calendar.primary)?;
        Some(json!({
            "integration": { "appData": null, "dirName": "googlecalendar", "name": "Google Calendar",
                "installed": false, "type": KIND, "title": "Google Calendar", "variant": "calendar",
                "category": "calendar", "categories": ["calendar"], "logo": "/app-store/googlecalendar/icon.svg",
                "publisher": "Cal.com", "slug": "google-calendar", "url": "https://cal.com/", "email": "help@cal.com",
                "isOAuth": true, "locationOption": null },
            "credentialId": connected.id,
            "delegationCredentialId": null,
            "primary": calendar(state, primary),
            "calendars": own().map(|each| calendar(state, each)).collect::<Vec<_>>(),
        }))
    });
    let connected: Vec<Value> = shown.collect();
    let chosen = state.apps.destinations.iter().find(|chosen| chosen.user == user);
    json!({ "connectedCalendars": connected, "destinationCalendar": chosen.map_or(json!({}), destination) })
}

fn calendar(state: &State, calendar: &UserCalendar) -> Value {
    let of_calendar =
        |external: &str, credential: i64| external == calendar.external && credential == calendar.credential;
    let selected = state.apps.selected.iter().any(|selected| of_calendar(&selected.external, selected.credential));
    json!({ "externalId": calendar.external, "integration": KIND, "name": calendar.name,
        "primary": calendar.primary.then_some(true), "readOnly": false, "email": calendar.external,
        "isSelected": selected, "credentialId": calendar.credential, "delegationCredentialId": null })
}

fn destination(chosen: &DestinationCalendar) -> Value {
    let at = millis(chosen.at);
    json!({ "id": chosen.id, "integration": KIND, "externalId": chosen.external, "primaryEmail": chosen.primary,
        "userId": chosen.user, "eventTypeId": null, "credentialId": chosen.credential, "createdAt": at, "updatedAt": at,
        "delegationCredentialId": null, "domainWideDelegationCredentialId": null, "customCalendarReminder": null })
}

/// The connections of a user whose calendars the test gave.
pub(super) fn connections(state: &State, user: i64) -> Value {
    let primary = state.apps.calendars.iter().filter(|calendar| calendar.user == user && calendar.primary);
    let shown = primary.map(|calendar| {
        json!({ "connectionId": calendar.credential.to_string(), "type": "google", "email": calendar.external })
    });
    shown.collect()
}

/// Removes a connection with its calendars. Returns how responses show it.
pub(super) fn disconnect(state: &mut State, id: i64) -> Option<Value> {
    let at = state.apps.connected.iter().position(|connected| connected.id == id)?;
    let gone = state.apps.connected.remove(at);
    state.apps.calendars.retain(|calendar| calendar.credential != id);
    state.apps.selected.retain(|selected| selected.credential != id);
    state.apps.destinations.retain(|chosen| chosen.credential != id);
    let app = if gone.app == "google" { "google-calendar".to_owned() } else { gone.app };
    Some(json!({ "id": id, "type": gone.kind, "userId": gone.user, "teamId": null, "appId": app, "invalid": false }))
}

/// Chooses where the bookings of a user with calendars are written.
pub(super) fn choose(state: &mut State, user: i64, kind: &str, external: &str) -> Option<Result<Reply, Reply>> {
    let mut own = state.apps.calendars.iter().filter(|calendar| calendar.user == user).peekable();
    own.peek().filter(|_| kind == KIND)?;
    let primary = own.clone().find(|calendar| calendar.primary).map(|calendar| calendar.external.clone());
    let Some(credential) = own.find(|calendar| calendar.external == external).map(|calendar| calendar.credential)
    else {
        return Some(Err(Reply::exception(404, format!("Could not find calendar {external}"))));
    };
    state.apps.destinations.retain(|chosen| chosen.user != user);
    let (id, at) = (state.ids.number(IdKind::Calendar), state.now());
    state.apps.destinations.push(DestinationCalendar {
        id,
        user,
        external: external.to_owned(),
        primary,
        credential,
        at,
    });
    Some(Ok(Reply::ok(
        json!({ "userId": user, "integration": kind, "externalId": external, "credentialId": credential }),
    )))
}

/// The busy times of calendars within a range, in order.
pub(super) fn busy<'a>(
    calendars: impl Iterator<Item = &'a UserCalendar>,
    from: Timestamp,
    to: Timestamp,
) -> Vec<(Timestamp, Timestamp)> {
    let mut found: Vec<(Timestamp, Timestamp)> = calendars
        .flat_map(|calendar| calendar.busy.iter().copied())
        .filter(|(start, end)| *start < to && from < *end)
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Busy times as responses show them.
pub(super) fn spans(busy: Vec<(Timestamp, Timestamp)>) -> Value {
    let shown = |(start, end)| json!({ "start": millis(start), "end": millis(end), "source": "google-calendar" });
    busy.into_iter().map(shown).collect()
}
