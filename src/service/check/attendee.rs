//! The attendee and the metadata: the form of addresses, numbers, names of zones and languages, and of metadata.

use crate::{Error, FieldError, model::CreateBooking, service::Problem};

pub(super) fn check(request: &CreateBooking, problems: &mut Vec<Problem>) {
    // The conversion to the wire form checks name, addresses, zone, language, phone number and metadata (recordings
    // `bookings-2024-08-13/error-bad-timezone`, `create-bad-language`, `once-marker/limit-*`).
    if let Err(error) = request.to_wire() {
        problems.extend(field_problems(&error));
    }
    let responses = &request.responses;
    for (at, guest) in responses.guests.iter().enumerate() {
        if !guest.is_empty() && (*guest == responses.email || responses.guests[..at].contains(guest)) {
            problems.push(Problem::invalid(format!("responses.guests[{at}]"), "is invited already"));
        }
    }
}

fn field_problems(error: &Error) -> Vec<Problem> {
    let fields = error.field_errors().iter();
    let message = |field: &FieldError| match field.field.as_str() {
        "metadata" => "must not have more than 48 keys: two of the service's 50 hold the idempotency key".to_owned(),
        _ => field.message.clone(),
    };
    fields.map(|field| Problem::invalid(field.field.clone(), message(field))).collect()
}
