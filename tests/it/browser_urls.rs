//! Addresses that only a browser visits: they are built, and nothing is sent.

use calcom::{Client, Credentials, Error, http::Method, operation::Operation, raw::BrowserUrl};
use serde_json::Value;

fn client(api_url: &str) -> Client {
    Client::builder().credentials(Credentials::Anonymous).api_url(api_url).build().unwrap()
}

fn addresses(client: &Client) -> Vec<BrowserUrl> {
    let raw = client.raw();
    let made = [
        raw.calendar_redirect("google"),
        raw.conferencing_redirect("zoom"),
        raw.stripe_redirect(),
        raw.organization_team_conferencing_redirect(7, 9, "zoom"),
        raw.organization_team_stripe_redirect(7, 9),
    ];
    made.map(Result::unwrap).to_vec()
}

#[test]
fn each_address_is_that_of_the_service_with_its_values() {
    let made = addresses(&client("https://cal.example.org/api"));
    assert_eq!(
        made.iter().map(BrowserUrl::redirect_uri).collect::<Vec<_>>(),
        [
            "https://cal.example.org/api/v2/calendars/google/save",
            "https://cal.example.org/api/v2/conferencing/zoom/oauth/callback",
            "https://cal.example.org/api/v2/stripe/save",
            "https://cal.example.org/api/v2/organizations/7/teams/9/conferencing/zoom/oauth/callback",
            "https://cal.example.org/api/v2/organizations/7/teams/9/stripe/save",
        ]
    );
    let hosted = addresses(&client("https://api.cal.com"));
    assert_eq!(hosted[2].to_string(), "https://api.cal.com/v2/stripe/save");
}

#[test]
fn they_are_no_operations_and_are_counted_apart() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/calcom-v2.json");
    let document: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let browser = document["x-browser-paths"].as_object().unwrap();
    assert_eq!((Operation::all().len(), browser.len()), (359, addresses(&client("https://api.cal.com")).len()));
    for address in addresses(&client("https://api.cal.com")) {
        let path = address.redirect_uri().strip_prefix("https://api.cal.com").unwrap();
        assert_eq!(Operation::route(Method::GET.as_str(), path), None, "{path}");
    }
}

#[test]
fn code_and_state_are_encoded_and_debug_shows_neither() {
    let address = client("https://api.cal.com").raw().calendar_redirect("google").unwrap();
    let whole = address.with_answer("4/0 a&b", r#"{"accessToken":"cal_live_secret"}"#);
    assert_eq!(
        whole,
        "https://api.cal.com/v2/calendars/google/save?code=4%2F0%20a%26b&\
         state=%7B%22accessToken%22%3A%22cal_live_secret%22%7D"
    );
    assert_eq!(format!("{address:?}"), r#"BrowserUrl("https://api.cal.com/v2/calendars/google/save")"#);
}

#[test]
fn a_value_stays_within_its_part_of_the_path() {
    let raw = client("https://api.cal.com");
    let address = raw.raw().calendar_redirect("../me?x#y").unwrap();
    assert_eq!(address.redirect_uri(), "https://api.cal.com/v2/calendars/..%2Fme%3Fx%23y/save");
    for value in ["", ".", ".."] {
        let error = raw.raw().calendar_redirect(value).unwrap_err();
        assert!(matches!(error, Error::Validation(_)), "{error}");
        assert_eq!(error.field_errors()[0].field, "calendar");
    }
}
