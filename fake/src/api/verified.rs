//! `/v2/verified-resources`: verified addresses and telephone numbers of a user. The fake sends no codes; the test reads them.

use serde_json::{Value, json};

use super::super::auth::AccessRule;
use super::super::check::{Checker, ValidationRule};
use super::super::exchange::Request;
use super::super::outcome::HandlerOutcome;
use super::super::reply::Reply;
use super::super::route::{Handler, Route};
use super::super::state::apps::VerifiedContact;
use super::super::state::{IdKind, State};
use super::super::version::Versions;
use super::handler::{finish, id_of};
use super::teams::page;

const fn route(operation: &'static str, method: &'static str, template: &'static str, handler: Handler) -> Route {
    Route::new(operation, method, template, Versions::ONLY_0415, AccessRule::Required, handler)
}

pub(crate) const ROUTES: &[Route] = &[
    route("list_verified_emails", "GET", "/verified-resources/emails", list_emails),
    route("get_verified_email", "GET", "/verified-resources/emails/{id}", get_email),
    route("request_email_verification", "POST", "/verified-resources/emails/verification-code/request", request_email)
        .limited("users_verified_resources_emails_requests", 5, 60),
    route("verify_email", "POST", "/verified-resources/emails/verification-code/verify", verify_email).limited(
        "users_verified_resources_phones_verify",
        3,
        60,
    ),
    route("list_verified_phones", "GET", "/verified-resources/phones", list_phones),
    route("get_verified_phone", "GET", "/verified-resources/phones/{id}", get_phone),
    route("request_phone_verification", "POST", "/verified-resources/phones/verification-code/request", request_phone)
        .limited("users_verified_resources_phones_requests", 3, 60),
    route("verify_phone", "POST", "/verified-resources/phones/verification-code/verify", verify_phone),
];

const EMAIL: &str = "email";
const PHONE: &str = "phoneNumber";

fn render(verified: &VerifiedContact) -> Value {
    json!({ "id": verified.id, "userId": verified.user, "teamId": null, verified.kind: verified.value })
}

fn own<'a>(state: &'a State, request: &Request, kind: &'static str) -> impl Iterator<Item = &'a VerifiedContact> {
    let user = request.user();
    state.apps.verified.iter().filter(move |verified| Some(verified.user) == user && verified.kind == kind)
}

fn list(state: &State, request: &Request, kind: &'static str) -> HandlerOutcome {
    finish(page::of(request).map(|page| Reply::ok(page.cut(own(state, request, kind).map(render)))))
}

/// An unknown resource is null, with 200.
fn get(state: &State, request: &Request, kind: &'static str) -> HandlerOutcome {
    finish(id_of(request, "id").map(|id| {
        let found = own(state, request, kind).find(|verified| verified.id == id);
        Reply::ok(found.map(render).unwrap_or_default())
    }))
}

fn list_emails(state: &mut State, request: &Request) -> HandlerOutcome {
    list(state, request, EMAIL)
}

fn get_email(state: &mut State, request: &Request) -> HandlerOutcome {
    get(state, request, EMAIL)
}

fn list_phones(state: &mut State, request: &Request) -> HandlerOutcome {
    list(state, request, PHONE)
}

fn get_phone(state: &mut State, request: &Request) -> HandlerOutcome {
    get(state, request, PHONE)
}

/// Sends a code to an address or a telephone number: the same one for each request.
pub(super) fn send_code(state: &mut State, contact: &str) {
    let code = state.ids.digits(IdKind::VerificationCode, 6);
    state.apps.sent_codes.entry(contact.to_owned()).or_insert(code);
}

/// Whether the code of a body is the one that was sent.
pub(super) fn has_code(state: &State, contact: &str, request: &Request) -> bool {
    let code = request.text("code");
    code.is_some() && state.apps.sent_codes.get(contact).map(String::as_str) == code
}

fn request_email(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(Checker::of(&request.body).required("email", &[ValidationRule::Email]).tree().map(|()| {
        send_code(state, request.text("email").unwrap_or_default());
        Reply::done()
    }))
}

fn verify_email(state: &mut State, request: &Request) -> HandlerOutcome {
    let checked = Checker::of(&request.body)
        .required("email", &[ValidationRule::Email])
        .required("code", &[ValidationRule::String])
        .tree();
    finish(checked.and_then(|()| verified(state, request, EMAIL, request.text("email").unwrap_or_default())))
}

const NUMBER: ValidationRule =
    ValidationRule::Custom("isPhoneNumber", is_number, "$property must be a valid phone number");

fn is_number(value: &Value) -> bool {
    let digits = value.as_str().and_then(|text| text.strip_prefix('+'));
    digits.is_some_and(|digits| digits.len() > 6 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The community's server has no provider of text messages.
fn request_phone(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(Checker::of(&request.body).required("phone", &[NUMBER]).tree().and_then(|()| {
        if state.community {
            return Err(Reply::exception(400, "Could not send verification code to this phone number."));
        }
        send_code(state, request.text("phone").unwrap_or_default());
        Ok(Reply::done())
    }))
}

fn verify_phone(state: &mut State, request: &Request) -> HandlerOutcome {
    let checked =
        Checker::of(&request.body).required("phone", &[NUMBER]).required("code", &[ValidationRule::String]).tree();
    finish(checked.and_then(|()| verified(state, request, PHONE, request.text("phone").unwrap_or_default())))
}

/// Adds the contact, each time. The response is the first one.
fn verified(state: &mut State, request: &Request, kind: &'static str, value: &str) -> Result<Reply, Reply> {
    if !has_code(state, value, request) {
        return Err(match (state.community, kind) {
            (true, _) => Reply::exception(400, "Invalid Verification Code"),
            (false, EMAIL) => Reply::coded(400, "TRPCError", "invalid_code"),
            (false, _) => Reply::exception(400, "Could not verify phone number."),
        });
    }
    let id = state.ids.number(IdKind::VerifiedContact);
    let user = request.user().unwrap_or_default();
    state.apps.verified.push(VerifiedContact { id, user, kind, value: value.to_owned() });
    let first = own(state, request, kind).find(|known| known.value == value);
    Ok(Reply::ok(first.map(render).unwrap_or_default()))
}
