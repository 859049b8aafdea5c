//! Where things take place: V1's kinds are the service's inner ones, V2's its documented ones.

use serde_json::{Map, Value, json};

use super::table::Out;
use crate::{
    model::apps::{APPS, PREFIX as APP},
    v1::{Why, shape::Object},
};

/// V1's name of a kind, V2's, and under which names the two hold what belongs to it.
struct Kind {
    v1: &'static str,
    v2: &'static str,
    v1_detail: Option<&'static str>,
    v2_detail: Option<&'static str>,
    /// Under which name V2 takes from a booker what V1 has as `optionValue`.
    asked: Option<&'static str>,
}

const fn kind(
    v1: &'static str,
    v2: &'static str,
    v1_detail: Option<&'static str>,
    v2_detail: Option<&'static str>,
) -> Kind {
    Kind { v1, v2, v1_detail, v2_detail, asked: None }
}

const fn asks(v1: &'static str, v2: &'static str, asked: &'static str) -> Kind {
    Kind { v1, v2, v1_detail: None, v2_detail: None, asked: Some(asked) }
}

const KINDS: [Kind; 7] = [
    kind("inPerson", "address", Some("address"), Some("address")),
    kind("link", "link", Some("link"), Some("link")),
    kind("userPhone", "phone", Some("hostPhoneNumber"), Some("phone")),
    kind("conferencing", "organizersDefaultApp", None, None),
    asks("attendeeInPerson", "attendeeAddress", "address"),
    asks("phone", "attendeePhone", "phone"),
    asks("somewhereElse", "attendeeDefined", "location"),
];

fn app_of_v1(kind: &str) -> Option<&'static str> {
    let name = kind.strip_prefix(APP)?;
    APPS.iter().find(|(v1, _)| *v1 == name).map(|(_, v2)| *v2)
}

const NO_KIND: Why = Why::NotExpressible("V2 has no such kind of location");

/// The locations of an event type, for V2.
pub(super) fn list_to_v2(found: &Value, out: &mut Out) -> Option<Value> {
    let items = found.as_array()?.iter().filter_map(Value::as_object);
    Some(items.filter_map(|place| event_place_to_v2(place, out)).collect())
}

fn event_place_to_v2(place: &Object, out: &mut Out) -> Option<Value> {
    let named = place.get("type").and_then(Value::as_str).unwrap_or_default();
    let mut json = Map::new();
    let mut known = vec!["type"];
    if let Some(app) = app_of_v1(named) {
        json.insert("type".to_owned(), "integration".into());
        json.insert("integration".to_owned(), app.into());
    } else if let Some(kind) = KINDS.iter().find(|kind| kind.v1 == named) {
        json.insert("type".to_owned(), kind.v2.into());
        if let (Some(v1), Some(v2)) = (kind.v1_detail, kind.v2_detail) {
            known.extend([v1, "displayLocationPublicly"]);
            if let Some(detail) = place.get(v1) {
                json.insert(v2.to_owned(), detail.clone());
            }
            match place.get("displayLocationPublicly").filter(|public| public.is_boolean()) {
                Some(public) => _ = json.insert("public".to_owned(), public.clone()),
                // As V1 took it where nothing was said.
                None if out.is_request() => _ = json.insert("public".to_owned(), false.into()),
                None => {}
            }
        }
    } else if out.is_request() {
        out.lose("locations[]", NO_KIND);
        return None;
    } else {
        // As V2 itself tells what it does not know.
        return Some(json!({"type": "unknown", "location": Value::Object(place.clone()).to_string()}));
    }
    if !out.is_request() && json["type"] == "integration" {
        known.push("credentialId");
        if let Some(credential) = place.get("credentialId") {
            json.insert("credentialId".to_owned(), credential.clone());
        }
    }
    out.lose_others("locations[].", place, &known, "V2 has no such part of this kind of location");
    Some(Value::Object(json))
}

/// The locations of an event type, for V1.
pub(super) fn list_to_v1(found: &Value, out: &mut Out) -> Option<Value> {
    let items = found.as_array()?.iter().filter_map(Value::as_object);
    Some(items.filter_map(|place| event_place_to_v1(place, out)).collect())
}

fn event_place_to_v1(place: &Object, out: &mut Out) -> Option<Value> {
    let named = place.get("type").and_then(Value::as_str).unwrap_or_default();
    let text = |name: &str| place.get(name).and_then(Value::as_str);
    if named == "unknown" {
        let stored: Option<Object> = text("location").and_then(|text| serde_json::from_str(text).ok());
        let stored = stored.filter(|stored| stored.contains_key("type"));
        if stored.is_none() {
            out.lose("locations[]", Why::NotExpressible("V2 does not know this location itself"));
        }
        return stored.map(Value::Object);
    }
    let mut json = Map::new();
    let mut known = vec!["type"];
    if named == "integration" {
        known.extend(["integration", "credentialId"]);
        let app = text("integration").unwrap_or_default();
        let name = APPS.iter().find(|(_, v2)| *v2 == app).map_or(app, |(v1, _)| *v1);
        json.insert("type".to_owned(), format!("{APP}{name}").into());
        if let Some(credential) = place.get("credentialId") {
            json.insert("credentialId".to_owned(), credential.clone());
        }
    } else if let Some(kind) = KINDS.iter().find(|kind| kind.v2 == named) {
        json.insert("type".to_owned(), kind.v1.into());
        if let (Some(v1), Some(v2)) = (kind.v1_detail, kind.v2_detail) {
            known.extend([v2, "public"]);
            if let Some(detail) = place.get(v2) {
                json.insert(v1.to_owned(), detail.clone());
            }
            if let Some(public) = place.get("public") {
                json.insert("displayLocationPublicly".to_owned(), public.clone());
            }
        }
    } else {
        out.lose("locations[]", Why::NotExpressible("V1 has no such kind of location"));
        return None;
    }
    out.lose_others("locations[].", place, &known, "V1 has no such part of this kind of location");
    Some(Value::Object(json))
}

/// The location that a booker chose (`{value, optionValue}`, or the value alone), for a booking of V2.
pub(super) fn chosen(found: &Value) -> Result<Value, Why> {
    let value = found.as_str().or_else(|| found.get("value")?.as_str()).unwrap_or_default();
    let option = found.get("optionValue").and_then(Value::as_str).filter(|option| !option.is_empty());
    if let Some(app) = app_of_v1(value) {
        return Ok(json!({"type": "integration", "integration": app}));
    }
    let Some(kind) = KINDS.iter().find(|kind| kind.v1 == value) else {
        // The older form gave a link or a place instead of a kind.
        return Ok(match value {
            "" => return Err(NO_KIND),
            url if is_url(url) => json!({"type": "link"}),
            named if named.starts_with(APP) => return Err(NO_KIND),
            place => json!({"type": "attendeeDefined", "location": place}),
        });
    };
    match (kind.asked, option) {
        (Some(asked), Some(option)) => Ok(json!({"type": kind.v2, asked: option})),
        (Some(_), None) => Err(Why::NotExpressible("V2 wants to know where")),
        (None, _) => Ok(json!({"type": kind.v2})),
    }
}

/// Where a booking that exists shall take place: an app, a link, a phone number, an address.
pub(super) fn new_place(text: &str) -> Result<Value, Why> {
    match text {
        "" => Err(NO_KIND),
        app if app.starts_with(APP) => {
            app_of_v1(app).map(|app| json!({"type": "integration", "integration": app})).ok_or(NO_KIND)
        }
        url if is_url(url) => Ok(json!({"type": "link", "link": url})),
        number if number.starts_with('+') => Ok(json!({"type": "phone", "phone": number})),
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
            assert_eq!(app_of_v1(&format!("{APP}{v1}")), Some(v2));
            assert!(EventTypeApp::from(v2).is_known() && BookingIntegration::from(v2).is_known(), "{v2}");
        }
    }
}
