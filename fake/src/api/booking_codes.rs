//! Verification of the addresses of attendees before they book, on the hosted service. The document describes it; it is in no
//! recording.

use calcom::Contract;
use serde_json::json;

use super::super::auth::AccessRule;
use super::super::check::{Checker, ValidationRule};
use super::super::exchange::Request;
use super::super::outcome::HandlerOutcome;
use super::super::reply::Reply;
use super::super::route::Route;
use super::super::state::State;
use super::super::version::Versions;
use super::handler::finish;
use super::verified::{has_code, send_code};

pub(crate) const ROUTES: &[Route] = &[
    Route::new(
        "send_booking_email_code",
        "POST",
        "/bookings/verification/email/send-code",
        Versions::ANY,
        AccessRule::Optional,
        send,
    )
    .only_in(Contract::Hosted),
    Route::new(
        "verify_booking_email_code",
        "POST",
        "/bookings/verification/email/verify-code",
        Versions::ANY,
        AccessRule::Optional,
        verify,
    )
    .only_in(Contract::Hosted),
];

fn send(state: &mut State, request: &Request) -> HandlerOutcome {
    let checked = Checker::of(&request.body)
        .required("email", &[ValidationRule::Email])
        .optional("username", &[ValidationRule::String])
        .optional("language", &[ValidationRule::String])
        .optional("isVerifyingEmail", &[ValidationRule::Boolean])
        .tree();
    finish(checked.map(|()| {
        send_code(state, request.text("email").unwrap_or_default());
        Reply::ok(json!({ "sent": true }))
    }))
}

fn verify(state: &mut State, request: &Request) -> HandlerOutcome {
    let checked = Checker::of(&request.body)
        .required("email", &[ValidationRule::Email])
        .required("code", &[ValidationRule::String])
        .tree();
    finish(checked.and_then(|()| match has_code(state, request.text("email").unwrap_or_default(), request) {
        true => Ok(Reply::ok(json!({ "verified": true }))),
        false => Err(Reply::coded(400, "TRPCError", "invalid_code")),
    }))
}
