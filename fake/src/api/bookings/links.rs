//! Sub-resources of a booking: calendar links, references, recordings, reassignment.

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::super::super::check::{Checker, ValidationRule};
use super::super::super::documented;
use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::Reply;
use super::super::super::state::{Booking, State};
use super::super::handler::finish;
use super::lookup::{managed_booking, may_manage};

const REFERENCE_TYPES: &[&str] =
    &["google_calendar", "office365_calendar", "daily_video", "google_video", "office365_video", "zoom_video"];

/// The characters that `encodeURIComponent` does not encode.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, COMPONENT).to_string()
}

pub(super) fn calendar_links(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(managed_booking(state, request).map(|booking| Reply::ok(links(&booking))))
}

fn links(booking: &Booking) -> Value {
    let compact = |at: Timestamp| at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let plain = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let (start, end) = (booking.start, booking.end);
    let title = &booking.title;
    let body = encoded(&booking.description);
    let location = encoded(booking.location.as_deref().unwrap_or_default());
    let ics = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nCALSCALE:GREGORIAN\r\nBEGIN:VEVENT\r\nUID:{}\r\nSUMMARY:{title}\r\n\
         DTSTART:{}\r\nDTEND:{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        booking.ics_uid,
        compact(start),
        compact(end)
    );
    let link = |label: &str, id: &str, link: String| json!({ "label": label, "id": id, "link": link });
    json!([
        link(
            "Google Calendar",
            "googleCalendar",
            format!(
                "https://calendar.google.com/calendar/r/eventedit?dates={}/{}&text={title}&details={body}&location={location}",
                compact(start),
                compact(end)
            )
        ),
        link(
            "Microsoft Office",
            "microsoftOffice",
            format!(
                "https://outlook.office.com/calendar/0/deeplink/compose?body={body}&enddt={}\
             &path=%2Fcalendar%2Faction%2Fcompose&rru=addevent&startdt={}&subject={title}&location={location}",
                plain(end),
                plain(start)
            )
        ),
        link(
            "Microsoft Outlook",
            "microsoftOutlook",
            format!(
                "https://outlook.live.com/calendar/0/deeplink/compose?body={body}&enddt={}\
             &path=%252Fcalendar%252Faction%252Fcompose&rru=addevent&startdt={}&subject={}&location={location}",
                plain(end),
                plain(start),
                encoded(title)
            )
        ),
        link("ICS", "ics", format!("data:text/calendar,{}", encoded(&ics))),
    ])
}

pub(super) fn references(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_references(state, request))
}

/// The only reference is the built-in video call, because the fake has no calendars.
fn try_references(state: &State, request: &Request) -> Result<Reply, Reply> {
    let uid = request.param("bookingUid");
    let not_found = || Reply::exception(404, format!("Booking with uid {uid} not found"));
    let booking = state.booking(uid).ok_or_else(not_found)?;
    if !may_manage(state, booking, request.user().unwrap_or_default()) {
        return Err(Reply::exception(400, format!("Booking with uid {uid} does not belong to user")));
    }
    references_of(state, request)
}

/// The references of the path's booking, for every caller.
pub(crate) fn references_of(state: &State, request: &Request) -> Result<Reply, Reply> {
    let uid = request.param("bookingUid");
    let not_found = || Reply::exception(404, format!("Booking with uid {uid} not found"));
    let booking = state.booking(uid).ok_or_else(not_found)?;
    let wanted = request.first_query("type");
    if wanted.is_some() {
        Checker::of(&json!({ "type": wanted })).required("type", &[ValidationRule::In(REFERENCE_TYPES)]).tree()?;
    }
    let video = has_video(booking) && wanted.is_none_or(|kind| kind == "daily_video");
    let reference = json!({ "type": "daily_video", "eventUid": "", "destinationCalendarId": null, "id": booking.id });
    Ok(Reply::ok(Value::Array(Some(reference).filter(|_| video).into_iter().collect())))
}

/// Whether the location is the service's built-in video call.
pub(super) fn has_video(booking: &Booking) -> bool {
    booking.location.as_deref() == Some("integrations:daily")
}

/// The recordings of a meeting: the example, because the fake holds no meetings. Only a video call has any.
pub(super) fn no_video(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(managed_booking(state, request).and_then(|booking| {
        if has_video(&booking) && state.apps.unreachable.contains("daily") {
            return Err(Reply::bare(500, "Internal server error"));
        }
        if has_video(&booking) && state.apps.set_up.contains("daily") {
            return Ok(documented::respond(state, request));
        }
        Err(Reply::exception(404, format!("No Cal Video reference found with booking uid {}", booking.uid)))
    }))
}
