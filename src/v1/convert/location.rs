//! Locations. V1 uses the location types of the service's database, V2 those of its API.

use serde_json::{Map, Value, json};

use super::table::ConversionOutput;
use crate::{
    model::apps::{APPS, PREFIX as APP},
    v1::{LossReason, schema::JsonObject, types::international_phone_number},
};

/// A location type: its names in V1 and V2, and the names of its detail.
struct LocationKind {
    v1: &'static str,
    v2: &'static str,
    v1_detail: Option<&'static str>,
    v2_detail: Option<&'static str>,
    /// V2's name of the detail that the attendee gives, which V1 has as `optionValue`.
    attendee_detail: Option<&'static str>,
}

const fn location_kind(
    v1: &'static str,
    v2: &'static str,
    v1_detail: Option<&'static str>,
    v2_detail: Option<&'static str>,
) -> LocationKind {
    LocationKind { v1, v2, v1_detail, v2_detail, attendee_detail: None }
}

const fn attendee_kind(v1: &'static str, v2: &'static str, attendee_detail: &'static str) -> LocationKind {
    LocationKind { v1, v2, v1_detail: None, v2_detail: None, attendee_detail: Some(attendee_detail) }
}

const KINDS: [LocationKind; 7] = [
    location_kind("inPerson", "address", Some("address"), Some("address")),
    location_kind("link", "link", Some("link"), Some("link")),
    location_kind("userPhone", "phone", Some("hostPhoneNumber"), Some("phone")),
    location_kind("conferencing", "organizersDefaultApp", None, None),
    attendee_kind("attendeeInPerson", "attendeeAddress", "address"),
    attendee_kind("phone", "attendeePhone", "phone"),
    attendee_kind("somewhereElse", "attendeeDefined", "location"),
];

fn v2_app(kind: &str) -> Option<&'static str> {
    let name = kind.strip_prefix(APP)?;
    APPS.iter().find(|(v1, _)| *v1 == name).map(|(_, v2)| *v2)
}

const NO_PHONE_NUMBER: LossReason = LossReason::NotExpressible("it is no phone number in international form");
const UNKNOWN_KIND: LossReason = LossReason::NotExpressible("V2 has no such kind of location");

/// Converts the locations of an event type to V2.
pub(super) fn list_to_v2(list: &Value, out: &mut ConversionOutput) -> Option<Value> {
    let items = list.as_array()?.iter().filter_map(Value::as_object);
    Some(items.filter_map(|location| event_location_to_v2(location, out)).collect())
}

fn event_location_to_v2(location: &JsonObject, out: &mut ConversionOutput) -> Option<Value> {
    let kind_name = location.get("type").and_then(Value::as_str).unwrap_or_default();
    let mut json = Map::new();
    let mut known = vec!["type"];
    if let Some(app) = v2_app(kind_name) {
        json.insert("type".to_owned(), "integration".into());
        json.insert("integration".to_owned(), app.into());
    } else if let Some(kind) = KINDS.iter().find(|kind| kind.v1 == kind_name) {
        json.insert("type".to_owned(), kind.v2.into());
        if let (Some(v1), Some(v2)) = (kind.v1_detail, kind.v2_detail) {
            known.extend([v1, "displayLocationPublicly"]);
            if let Some(detail) = location.get(v1) {
                json.insert(v2.to_owned(), detail.clone());
            }
            match location.get("displayLocationPublicly").filter(|public| public.is_boolean()) {
                Some(public) => _ = json.insert("public".to_owned(), public.clone()),
                // V1's default.
                None if out.is_request() => _ = json.insert("public".to_owned(), false.into()),
                None => {}
            }
        }
    } else if out.is_request() {
        out.report_loss("locations[]", UNKNOWN_KIND);
        return None;
    } else {
        // V2 returns a stored location of unknown type in this form.
        return Some(json!({"type": "unknown", "location": Value::Object(location.clone()).to_string()}));
    }
    if !out.is_request() && json["type"] == "integration" {
        known.push("credentialId");
        if let Some(credential) = location.get("credentialId") {
            json.insert("credentialId".to_owned(), credential.clone());
        }
    }
    out.report_unmapped("locations[].", location, &known, "V2 has no such part of this kind of location");
    Some(Value::Object(json))
}

/// Converts the locations of an event type to V1.
pub(super) fn list_to_v1(list: &Value, out: &mut ConversionOutput) -> Option<Value> {
    let items = list.as_array()?.iter().filter_map(Value::as_object);
    Some(items.filter_map(|location| event_location_to_v1(location, out)).collect())
}

fn event_location_to_v1(location: &JsonObject, out: &mut ConversionOutput) -> Option<Value> {
    let kind_name = location.get("type").and_then(Value::as_str).unwrap_or_default();
    let text = |name: &str| location.get(name).and_then(Value::as_str);
    if kind_name == "unknown" {
        let stored: Option<JsonObject> = text("location").and_then(|text| serde_json::from_str(text).ok());
        let stored = stored.filter(|stored| stored.contains_key("type"));
        if stored.is_none() {
            out.report_loss("locations[]", LossReason::NotExpressible("V2 does not know this location itself"));
        }
        return stored.map(Value::Object);
    }
    let mut json = Map::new();
    let mut known = vec!["type"];
    if kind_name == "integration" {
        known.extend(["integration", "credentialId"]);
        let app = text("integration").unwrap_or_default();
        let name = APPS.iter().find(|(_, v2)| *v2 == app).map_or(app, |(v1, _)| *v1);
        json.insert("type".to_owned(), format!("{APP}{name}").into());
        if let Some(credential) = location.get("credentialId") {
            json.insert("credentialId".to_owned(), credential.clone());
        }
    } else if let Some(kind) = KINDS.iter().find(|kind| kind.v2 == kind_name) {
        json.insert("type".to_owned(), kind.v1.into());
        if let (Some(v1), Some(v2)) = (kind.v1_detail, kind.v2_detail) {
            known.extend([v2, "public"]);
            if let Some(detail) = location.get(v2) {
                json.insert(v1.to_owned(), detail.clone());
            }
            if let Some(public) = location.get("public") {
                json.insert("displayLocationPublicly".to_owned(), public.clone());
            }
        }
    } else {
        out.report_loss("locations[]", LossReason::NotExpressible("V1 has no such kind of location"));
        return None;
    }
    out.report_unmapped("locations[].", location, &known, "V1 has no such part of this kind of location");
    Some(Value::Object(json))
}

/// Converts the location that an attendee selected (`{value, optionValue}`, or the value alone) for a new booking.
pub(super) fn attendee_location_to_v2(chosen: &Value) -> Result<Value, LossReason> {
    let value = chosen.as_str().or_else(|| chosen.get("value")?.as_str()).unwrap_or_default();
    let option = chosen.get("optionValue").and_then(Value::as_str).filter(|option| !option.is_empty());
    if let Some(app) = v2_app(value) {
        return Ok(json!({"type": "integration", "integration": app}));
    }
    let Some(kind) = KINDS.iter().find(|kind| kind.v1 == value) else {
        // The older form has a link, a phone number or an address instead of a type.
        return Ok(match value {
            "" => return Err(UNKNOWN_KIND),
            url if is_url(url) => json!({"type": "link"}),
            kind_name if kind_name.starts_with(APP) => return Err(UNKNOWN_KIND),
            number if number.starts_with('+') => {
                let number = international_phone_number(number).ok_or(NO_PHONE_NUMBER)?;
                json!({"type": "attendeePhone", "phone": number})
            }
            location => json!({"type": "attendeeDefined", "location": location}),
        });
    };
    match (kind.attendee_detail, option) {
        (Some("phone"), Some(option)) => {
            let number = international_phone_number(option).ok_or(NO_PHONE_NUMBER)?;
            Ok(json!({"type": kind.v2, "phone": number}))
        }
        (Some(attendee_detail), Some(option)) => Ok(json!({"type": kind.v2, attendee_detail: option})),
        (Some(_), None) => Err(LossReason::NotExpressible("V2 wants to know where")),
        (None, _) => Ok(json!({"type": kind.v2})),
    }
}

/// Converts the new location of an existing booking: an app, a link, a phone number or an address.
pub(super) fn booking_location_to_v2(text: &str) -> Result<Value, LossReason> {
    match text {
        "" => Err(UNKNOWN_KIND),
        app if app.starts_with(APP) => {
            v2_app(app).map(|app| json!({"type": "integration", "integration": app})).ok_or(UNKNOWN_KIND)
        }
        url if is_url(url) => Ok(json!({"type": "link", "link": url})),
        number if number.starts_with('+') => {
            let number = international_phone_number(number).ok_or(NO_PHONE_NUMBER)?;
            Ok(json!({"type": "phone", "phone": number}))
        }
        address => Ok(json!({"type": "address", "address": address})),
    }
}

pub(super) fn is_url(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw::types::{BookingIntegration, EventTypeApp};

    #[test]
    fn every_app_of_v2_has_a_name_in_v1_and_back() {
        for (v1, v2) in APPS {
            assert_eq!(v2_app(&format!("{APP}{v1}")), Some(v2));
            assert!(EventTypeApp::from(v2).is_known() && BookingIntegration::from(v2).is_known(), "{v2}");
        }
    }

    #[test]
    fn the_older_form_has_a_link_a_phone_number_or_an_address() {
        let chosen = |text: &str| attendee_location_to_v2(&json!(text)).ok();
        assert_eq!(chosen("https://example.org/room"), Some(json!({"type": "link"})));
        assert_eq!(chosen("+49 (0)30 901820"), Some(json!({"type": "attendeePhone", "phone": "+4930901820"})));
        assert_eq!(chosen("12 Side St"), Some(json!({"type": "attendeeDefined", "location": "12 Side St"})));
        assert_eq!((chosen("+49"), chosen("")), (None, None));
    }
}
