//! The location: only those that the event type offers. The service accepts any other without an error, and books
//! another location.

use crate::{
    model::{CreateBooking, Location, apps},
    raw::types::EventTypeLocation,
    service::{Problem, event_type::EventTypeRules},
};

pub(super) fn check(request: &CreateBooking, rules: &EventTypeRules, problems: &mut Vec<Problem>) {
    let Some(location) = &request.location else { return };
    if rules.locations.is_empty() || rules.locations.iter().any(|offered| fits(location, offered)) {
        return;
    }
    let mut kinds: Vec<&str> = rules.locations.iter().map(|offered| offered.type_.as_str()).collect();
    kinds.dedup();
    problems
        .push(Problem::invalid("location", format!("must be one that the event type offers: {}", kinds.join(", "))));
}

fn fits(wanted: &Location, offered: &EventTypeLocation) -> bool {
    let kind = match wanted.kind.as_str() {
        "inPerson" => "address",
        "userPhone" => "phone",
        "attendeeInPerson" => "attendeeAddress",
        "somewhereElse" => "attendeeDefined",
        "conferencing" => "organizersDefaultApp",
        kind if kind.starts_with("integrations:") => "integration",
        kind => kind,
    };
    if kind != offered.type_ {
        return false;
    }
    let app = wanted.kind.strip_prefix(apps::PREFIX).or(wanted.address.as_deref());
    match (kind, app, &offered.integration) {
        // Bookings name `integrations:daily`, event types `cal-video`.
        ("integration", Some(app), Some(offered)) => apps::request_name(app) == apps::request_name(offered),
        _ => true,
    }
}
