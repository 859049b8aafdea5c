//! Normalizing the attendee's data: the service compares text exactly, and takes another spelling for another person.

use crate::model::{CreateBooking, normalize_phone_number};

/// The booking as it is sent: without surrounding blanks, e-mail addresses in lower case, the phone number without
/// punctuation.
pub(crate) fn normalize_booking(booking: &CreateBooking) -> CreateBooking {
    let mut normal = booking.clone();
    let responses = &mut normal.responses;
    responses.name = responses.name.trim().to_owned();
    responses.email = normalize_email(&responses.email);
    responses.phone = responses.phone.take().map(|phone| normalize_phone_number(&phone).unwrap_or(phone));
    responses.guests = responses.guests.iter().map(|guest| normalize_email(guest)).collect();
    normal.time_zone = normal.time_zone.trim().to_owned();
    normal.language = normal.language.map(|language| language.trim().to_owned());
    normal
}

pub(crate) fn normalize_email(address: &str) -> String {
    address.trim().to_lowercase()
}

/// The address that the service keeps: for an attendee with only a phone it makes one of the digits (recording
/// `once-phone/phone-only-1`).
pub(crate) fn effective_email(booking: &CreateBooking) -> String {
    let given = normalize_email(&booking.responses.email);
    if !given.is_empty() {
        return given;
    }
    let phone = booking.responses.phone.as_deref().unwrap_or_default();
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    format!("{digits}@sms.cal.com")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address_or_number_are_normalized_alike() {
        let start = "2030-01-15T10:00:00Z".parse().unwrap();
        let wanted = CreateBooking::new(1, start, " Jo ", " Jo.Doe+X@Example.ORG ").phone("+49 (30) 12-34.56");
        let sent = normalize_booking(&wanted);
        assert_eq!(sent.responses.email, "jo.doe+x@example.org");
        assert_eq!(sent.responses.name, "Jo");
        assert_eq!(sent.responses.phone.as_deref(), Some("+4930123456"));
        assert_eq!(normalize_booking(&sent), sent);
        assert_eq!(
            effective_email(&CreateBooking::new(1, start, "Jo", "").phone("+49 151-12345678")),
            "4915112345678@sms.cal.com"
        );
    }
}
