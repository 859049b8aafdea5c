//! Manual setup of the recorded server between recordings: apps, connections, verified addresses, OAuth 2 clients and
//! codes. A response that requires one proves it.

use calcom_fake::__conformance::{
    AppConnection, OAuth2Code, OAuth2Refresh, OAuthAppRecord, SelectedCalendar, State, VerifiedContact, challenge_of,
    user_of_key,
};
use serde_json::Value;

use super::tally::{Tally, count};
use calcom_fake::__conformance::RecordedExchange;

/// The owner of the connections of the community's server.
const JOHN: i64 = 1;

/// The owner of what an exchange shows: the caller. The community's server redacts all keys to that of one user.
fn owner(state: &State, exchange: &RecordedExchange) -> i64 {
    let key = exchange.request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let of_key = key.filter(|_| !state.community).and_then(|key| user_of_key(state, key));
    of_key.unwrap_or(JOHN)
}

pub(super) fn apply(state: &mut State, exchange: &RecordedExchange, tally: &mut Tally) {
    let path: Vec<&str> = exchange.request.path.split('/').filter(|part| !part.is_empty()).collect();
    match path.get(1).copied() {
        Some("bookings") => video(state, exchange, &path, tally),
        Some("calendars" | "gcal" | "selected-calendars" | "destination-calendars") => {
            calendars(state, exchange, &path, tally)
        }
        Some("conferencing") => conferencing(state, exchange, &path, tally),
        Some("verified-resources") => verified(state, exchange, tally),
        Some("auth") => oauth2(state, exchange, tally),
        _ => {}
    }
}

fn is_of_google(exchange: &RecordedExchange) -> bool {
    exchange.request.body.get("integration").is_some_and(|kind| kind == "google_calendar")
}

fn connect(state: &mut State, user: i64, id: i64, kind: &str, app: &str, tally: &mut Tally) {
    if state.apps.connection(user, app).is_none() {
        state.apps.connected.push(AppConnection { id, user, kind: kind.to_owned(), app: app.to_owned() });
        count(tally, "a connected app");
    }
}

fn disconnect(state: &mut State, user: i64, app: &str) {
    state.apps.connected.retain(|connected| connected.user != user || connected.app != app);
}

fn set_up(state: &mut State, app: &str, is_set_up: bool, tally: &mut Tally) {
    if is_set_up && state.apps.set_up.insert(app.to_owned()) {
        count(tally, "an app that the server is set up with");
    } else if !is_set_up {
        state.apps.set_up.remove(app);
    }
}

fn calendars(state: &mut State, exchange: &RecordedExchange, path: &[&str], tally: &mut Tally) {
    let user = owner(state, exchange);
    let (success, message) = (exchange.response.is_success(), exchange.response.message());
    match (path.get(1).copied(), path.get(2).copied(), path.get(3).copied()) {
        (Some("gcal"), Some("oauth"), _) => set_up(state, "google", success, tally),
        (_, Some(calendar), Some("connect")) => set_up(state, calendar, success, tally),
        (_, Some("ics-feed"), Some("check")) if success => {
            connect(state, user, 1, "ics-feed_calendar", "ics-feed", tally)
        }
        (_, Some("ics-feed"), Some("save")) if message.starts_with("Could not add ICS feeds") => {
            let urls = exchange.request.body.get("urls").and_then(Value::as_array).into_iter().flatten();
            state.apps.unreachable.extend(urls.filter_map(|url| url.as_str().map(str::to_owned)));
        }
        (_, Some("connections"), Some(id)) if success && id.parse::<i64>().is_ok() => {
            let id = id.parse().unwrap_or_default();
            state.apps.connected.retain(|connected| connected.app != "google");
            connect(state, user, id, "google_calendar", "google", tally);
        }
        (_, Some("google"), Some("events" | "freebusy" | "check")) if success => {
            connect(state, user, 36, "google_calendar", "google", tally);
        }
        (Some("destination-calendars"), ..) if success => connect(state, user, 36, "google_calendar", "google", tally),
        (Some("selected-calendars"), ..) if success && is_of_google(exchange) => {
            connect(state, user, 36, "google_calendar", "google", tally);
            selected(state, exchange, tally);
            // A second request has no data.
            if exchange.request.method == "POST" && exchange.response.body.get("data").is_none() {
                let text = |name: &str| exchange.request.body.get(name).and_then(Value::as_str).unwrap_or_default();
                let (integration, external) = (text("integration").to_owned(), text("externalId").to_owned());
                let selected = SelectedCalendar { user, integration, external, credential: 36 };
                state.apps.selected.push(selected);
            }
        }
        (_, Some("busy-times"), _) if success => connect(state, user, 1, "ics-feed_calendar", "ics-feed", tally),
        (Some("selected-calendars"), ..) if success || message == "No SelectedCalendar found." => {
            connect(state, user, 1, "ics-feed_calendar", "ics-feed", tally);
            selected(state, exchange, tally);
        }
        _ => {}
    }
}

/// The video call of a booking, whose provider was set up, and was not always reachable.
fn video(state: &mut State, exchange: &RecordedExchange, path: &[&str], tally: &mut Tally) {
    let user = owner(state, exchange);
    let of_video = ["recordings", "transcripts", "conferencing-sessions", "references"];
    let (Some(uid), Some(part)) = (path.get(2), path.get(3)) else { return };
    if !of_video.contains(part) {
        return;
    }
    let (success, down) = (exchange.response.is_success(), exchange.response.status == 500);
    if *part != "references" {
        set_up(state, "daily", success || down, tally);
        if down {
            state.apps.unreachable.insert("daily".to_owned());
        } else {
            state.apps.unreachable.remove("daily");
        }
    }
    let shows = exchange.response.body.pointer("/data/0/type").is_none_or(|kind| kind == "daily_video");
    if let Some(booking) = state.booking_mut(uid).filter(|_| success || down) {
        // The redacted key is that of the host.
        booking.host = user;
    } else if (success || down) && shows {
        super::blocking::invent_call(state, uid, exchange);
        count(tally, "a booking with a video call");
    }
}

fn selected(state: &mut State, exchange: &RecordedExchange, tally: &mut Tally) {
    let user = owner(state, exchange);
    let data = exchange.response.body.get("data").filter(|_| exchange.request.method == "DELETE");
    let Some(data) = data else { return };
    let text = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let credential = data.get("credentialId").and_then(Value::as_i64).unwrap_or_default();
    let selected =
        SelectedCalendar { user, integration: text("integration"), external: text("externalId"), credential };
    if !state.apps.selected.contains(&selected) {
        state.apps.selected.push(selected);
        count(tally, "a selected calendar");
    }
}

fn conferencing(state: &mut State, exchange: &RecordedExchange, path: &[&str], tally: &mut Tally) {
    let user = owner(state, exchange);
    let success = exchange.response.is_success();
    match (path.get(2).copied(), path.get(3).copied()) {
        (None, _) => {
            for shown in exchange.response.body.get("data").and_then(Value::as_array).into_iter().flatten() {
                let text = |name: &str| shown.get(name).and_then(Value::as_str).unwrap_or_default();
                let id = shown.get("id").and_then(Value::as_i64).unwrap_or_default();
                connect(state, user, id, text("type"), text("appId"), tally);
            }
        }
        (Some("google-meet"), Some("connect")) if success => {
            connect(state, user, 36, "google_calendar", "google", tally);
            disconnect(state, user, "google-meet");
        }
        (Some("default"), None) if success => {
            let chosen = exchange.response.body.get("data").cloned();
            let settings = state.user_mut(user).map(|user| &mut user.settings);
            if let (Some(settings), Some(chosen)) = (settings, chosen) {
                settings.insert("defaultConferencingApp".to_owned(), chosen);
            }
        }
        (Some(app), Some("oauth")) => set_up(state, app, success, tally),
        (Some(app), Some("default" | "disconnect")) if success && app != "daily-video" => {
            connect(state, user, 3, &format!("{app}_video"), app, tally);
        }
        _ => {}
    }
}

fn verified(state: &mut State, exchange: &RecordedExchange, tally: &mut Tally) {
    let user = owner(state, exchange);
    let sent = |name: &str| exchange.request.body.get(name).and_then(Value::as_str).map(str::to_owned);
    if let (true, Some(contact), Some(code)) =
        (exchange.response.is_success(), sent("email").or_else(|| sent("phone")), sent("code"))
    {
        state.apps.sent_codes.insert(contact, code);
    }
    let Some(data) = exchange.response.body.get("data") else { return };
    let one = std::slice::from_ref(data);
    for shown in data.as_array().map_or(one, Vec::as_slice) {
        for kind in ["email", "phoneNumber"] {
            let (value, id) = (shown.get(kind).and_then(Value::as_str), shown.get("id").and_then(Value::as_i64));
            let (Some(value), Some(id)) = (value, id) else { continue };
            if !state.apps.verified.iter().any(|known| known.kind == kind && known.id == id) {
                state.apps.verified.push(VerifiedContact {
                    id,
                    user: shown.get("userId").and_then(Value::as_i64).filter(|_| !state.community).unwrap_or(user),
                    kind,
                    value: value.to_owned(),
                });
                count(tally, "a verified address");
            }
        }
    }
}

/// Adds an OAuth client with the accepted secret, and an accepted code.
fn oauth2(state: &mut State, exchange: &RecordedExchange, tally: &mut Tally) {
    let user = owner(state, exchange);
    let form = exchange.request.body.as_str().unwrap_or_default();
    let form: Vec<(String, String)> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    let path: Vec<&str> = exchange.request.path.split('/').filter(|part| !part.is_empty()).collect();
    // Older servers have the client in the path, and names in camel case.
    let older = path.get(5).is_some();
    let sent = |name: &str| {
        if older {
            let (head, rest) = name.split_once('_').unwrap_or((name, ""));
            let initial = rest.get(..1).unwrap_or_default().to_uppercase();
            let own = format!("{head}{initial}{}", rest.get(1..).unwrap_or_default());
            let of_path = path.get(4).filter(|_| name == "client_id").map(|id| (*id).to_owned());
            return of_path.or_else(|| Some(exchange.request.body.get(own)?.as_str()?.to_owned()));
        }
        let of_form = form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        exchange.request.body.get(name).and_then(Value::as_str).map(str::to_owned).or(of_form)
    };
    let message = exchange.response.body.get("error_description").and_then(Value::as_str);
    // Older servers say only what kind of error it is.
    let message = message.unwrap_or_else(|| match exchange.response.message() {
        "invalid_client" => "invalid_client_credentials",
        "invalid_grant" => "code_invalid_or_expired",
        other => other,
    });
    let shown = exchange.response.body.get("data").filter(|data| data.get("client_type").is_some());
    if let Some(shown) = shown {
        let text = |name: &str| shown.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let secret = (text("client_type") == "CONFIDENTIAL").then(|| "oauth2_client_secret_redacted".to_owned());
        state.oauth2.clients.retain(|client| client.id != text("client_id"));
        let client = OAuthAppRecord::new(&text("client_id"), secret, &text("redirect_uri"));
        state.oauth2.clients.push(OAuthAppRecord { name: text("name"), ..client });
        return;
    }
    let Some(id) = sent("client_id").filter(|_| message != "client_not_found") else { return };
    let redirect = sent("redirect_uri").filter(|_| message != "redirect_uri_mismatch");
    let secret = sent("client_secret")
        .map(|secret| if message == "invalid_client_credentials" { String::new() } else { secret })
        .or_else(|| (message == "invalid_client_credentials").then(String::new));
    let at = state.oauth2.clients.iter().position(|client| client.id == id);
    let client = match at {
        Some(at) => &mut state.oauth2.clients[at],
        None => {
            count(tally, "an OAuth 2 client");
            state.oauth2.clients.push(OAuthAppRecord::new(&id, None, ""));
            let last = state.oauth2.clients.len() - 1;
            &mut state.oauth2.clients[last]
        }
    };
    client.secret = secret.or(client.secret.take());
    client.redirects.splice(..0, redirect);
    if let Some(token) = sent("refresh_token").filter(|_| exchange.response.is_success()) {
        state.oauth2.refresh_tokens.push(OAuth2Refresh::new(token, id.clone(), user));
    }
    let Some(code) = sent("code") else { return };
    state.oauth2.codes.retain(|known| known.code != code);
    let challenge = sent("code_verifier")
        .map(|verifier| if message == "pkce_verification_failed" { String::new() } else { challenge_of(&verifier) });
    if message != "code_invalid_or_expired" {
        state.oauth2.codes.push(OAuth2Code::new(code, id, user, challenge));
    }
}
