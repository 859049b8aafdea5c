//! Locations in requests: each kind is taken by each of its names.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Location, apps};
use crate::{
    Result,
    error::{FieldError, refused},
    generated::types,
    model::normalize_phone_number,
};

/// The field of a location in a request besides its kind.
enum Detail {
    Nothing,
    Field(&'static str),
    Phone,
    App,
}

impl Location {
    /// The location of `POST /v2/bookings`. For locations of the host the event type has the address, and none is sent.
    pub(crate) fn to_new_booking(&self) -> Result<types::CreateBookingLocation, FieldError> {
        self.to_wire(false)
    }

    /// The body of `PATCH /v2/bookings/{uid}/location`.
    pub(crate) fn to_update(&self) -> Result<types::UpdateBookingLocation> {
        let location = self.to_wire(true).map_err(|problem| refused(vec![problem]))?;
        Ok(types::UpdateBookingLocation { location: Some(location) })
    }

    fn to_wire<T: DeserializeOwned>(&self, with_host_address: bool) -> Result<T, FieldError> {
        let host = |detail| if with_host_address { detail } else { Detail::Nothing };
        let (kind, detail) = match self.kind.as_str() {
            "inPerson" | "address" => ("address", host(Detail::Field("address"))),
            "link" => ("link", host(Detail::Field("link"))),
            "phone" | "userPhone" => ("phone", host(Detail::Phone)),
            "attendeeAddress" | "attendeeInPerson" => ("attendeeAddress", Detail::Field("address")),
            "attendeePhone" => ("attendeePhone", Detail::Phone),
            "attendeeDefined" | "somewhereElse" => ("attendeeDefined", Detail::Field("location")),
            "organizersDefaultApp" | "conferencing" => ("organizersDefaultApp", Detail::Nothing),
            kind if kind == "integration" || kind.starts_with(apps::PREFIX) => ("integration", Detail::App),
            kind => (kind, Detail::Nothing),
        };
        let problem = |message: &str| FieldError::new("location", message);
        let text = self.address.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let needed = || text.ok_or_else(|| problem("needs the address that belongs to its type"));
        let mut json = Map::new();
        json.insert("type".to_owned(), kind.into());
        match detail {
            Detail::Nothing => None,
            Detail::Field(name) => json.insert(name.to_owned(), needed()?.into()),
            Detail::Phone => {
                let number = normalize_phone_number(needed()?).map_err(|refused| problem(&refused.message))?;
                json.insert("phone".to_owned(), number.into())
            }
            Detail::App => {
                let app = self.kind.strip_prefix(apps::PREFIX).or(text).filter(|app| !app.trim().is_empty());
                let app = app.ok_or_else(|| problem("needs the name of the app"))?;
                json.insert("integration".to_owned(), apps::request_name(app).into())
            }
        };
        serde_json::from_value(Value::Object(json)).map_err(|_| problem("must be a kind that the service takes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(location: &Location) -> Value {
        serde_json::to_value(location.to_update().unwrap()).unwrap()["location"].take()
    }

    #[test]
    fn a_location_that_was_read_of_a_booking_can_be_sent() {
        for (read, sent) in [
            ("12 Side St", r#"{"type":"address","address":"12 Side St"}"#),
            ("https://video.example.org/r", r#"{"type":"link","link":"https://video.example.org/r"}"#),
            ("+49 30 1234567", r#"{"type":"phone","phone":"+49301234567"}"#),
            ("integrations:daily", r#"{"type":"integration","integration":"cal-video"}"#),
            ("integrations:google:meet", r#"{"type":"integration","integration":"google-meet"}"#),
            ("integrations:sirius_video_video", r#"{"type":"integration","integration":"sirius-video"}"#),
        ] {
            let location = Location::from_text(read.to_owned());
            assert_eq!(update(&location), serde_json::from_str::<Value>(sent).unwrap(), "{read}");
            assert!(location.to_new_booking().is_ok(), "{read}");
        }
    }

    #[test]
    fn every_app_name_of_a_response_is_sent_as_the_name_in_requests() {
        for (in_responses, in_requests) in apps::APPS {
            for name in [format!("integrations:{in_responses}"), format!("integrations:{in_requests}")] {
                let location = Location { kind: name, address: None };
                assert_eq!(update(&location)["integration"], in_requests);
            }
            let location = Location::new("integration", in_responses);
            assert_eq!(serde_json::to_value(location.to_new_booking().unwrap()).unwrap()["integration"], in_requests);
        }
    }

    #[test]
    fn a_location_that_cannot_be_sent_names_its_field() {
        for (kind, address) in [
            ("inPerson", None),
            ("link", Some(" ")),
            ("phone", Some("030")),
            ("integrations: ", None),
            ("moon", Some("x")),
        ] {
            let location = Location { kind: kind.to_owned(), address: address.map(str::to_owned) };
            let error = location.to_update().unwrap_err();
            assert_eq!(error.field_errors()[0].field, "location", "{kind}");
        }
        assert!(Location::new("organizersDefaultApp", "").to_update().is_err(), "only for a new booking");
    }

    #[test]
    fn a_location_in_the_form_of_a_request_is_read() {
        let read = |json: &str| serde_json::from_str::<Location>(json).unwrap();
        assert_eq!(update(&read(r#"{"type":"integration","integration":"zoom"}"#))["integration"], "zoom");
        assert_eq!(update(&read(r#"{"type":"attendeeDefined","location":"at the lake"}"#))["location"], "at the lake");
        assert_eq!(update(&read(r#"{"type":"userPhone","hostPhoneNumber":"+4930123456"}"#))["phone"], "+4930123456");
    }
}
