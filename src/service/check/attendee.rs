//! The attendee and the metadata: the form of addresses, numbers, names of zones and languages, and of metadata.

use crate::{Error, FieldError, model::CreateBooking, service::Problem};

pub(super) fn check(request: &CreateBooking, problems: &mut Vec<Problem>) {
    // The conversion to the wire form checks name, zone, language, phone number and metadata (recordings
    // `bookings-2024-08-13/error-bad-timezone`, `create-bad-language`, `once-marker/limit-*`).
    if let Err(error) = request.to_wire() {
        problems.extend(field_problems(&error));
    }
    let responses = &request.responses;
    if !responses.email.is_empty() && !is_address(&responses.email) {
        problems.push(Problem::invalid("responses.email", "must be an e-mail address"));
    }
    for (at, guest) in responses.guests.iter().enumerate() {
        let field = || format!("responses.guests[{at}]");
        if !is_address(guest) {
            problems.push(Problem::invalid(field(), "must be an e-mail address"));
        } else if *guest == responses.email || responses.guests[..at].contains(guest) {
            problems.push(Problem::invalid(field(), "is invited already"));
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

/// Strict enough to detect a typing error, and no stricter than the service (class-validator's `isEmail`).
fn is_address(text: &str) -> bool {
    let Some((user, host)) = text.rsplit_once('@') else { return false };
    let user_fits = !user.is_empty()
        && user.len() <= 64
        && !user.starts_with('.')
        && !user.ends_with('.')
        && !user.contains("..")
        && user.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let labels: Vec<&str> = host.split('.').collect();
    let top = labels.last().is_some_and(|top| top.chars().count() >= 2 && !top.chars().all(|c| c.is_ascii_digit()));
    user_fits && labels.len() >= 2 && labels.into_iter().all(label) && top
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_slips() {
        for good in ["a@b.cd", "jo.doe+tag@example.co.uk", "jürgen@müller.de", "x_y@sub-domain.example.org"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "jo",
            "jo@",
            "@example.org",
            "jo@example",
            "jo doe@example.org",
            "jo@exa mple.org",
            "jo@.org",
            "jo..doe@example.org",
            "jo@example.c",
            "jo@-x.org",
            "jo@example.123",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
