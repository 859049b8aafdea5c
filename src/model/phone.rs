//! Phone numbers in the form that the service takes.

use crate::error::FieldError;

/// Removes separators, and a zero in brackets that is dialled within the country only: `+49 (0)30 123456` becomes
/// `+4930123456`. Refuses what is not in international form.
pub(crate) fn normalize_phone_number(phone: &str) -> Result<String, FieldError> {
    let refuse = |message: &str| Err(FieldError::new("responses.phone", message));
    let text: String = phone.chars().filter(|c| !c.is_whitespace() && !"-/.".contains(*c)).collect();
    let (text, has_bracketed_zero) = match text.split_once("(0)") {
        Some((country, rest)) => {
            if country.strip_prefix('+').is_none_or(|digits| country_code(digits) != Some(digits)) {
                return refuse("must be in international form, without the (0)");
            }
            (format!("{country}{rest}"), true)
        }
        None => (text, false),
    };
    let has_trunk = |(country, trunk): &(&str, &str)| text.starts_with(&format!("+{country}({trunk})"));
    if let Some((_, trunk)) = OTHER_TRUNKS.iter().find(|pair| has_trunk(pair)) {
        return refuse(&format!("must be in international form, without the ({trunk})"));
    }
    let number: String = text.chars().filter(|c| !"()".contains(*c)).collect();
    let digits = number.strip_prefix('+').unwrap_or_default();
    let fits = (6..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    let Some(country) = country_code(digits).filter(|_| fits) else {
        return refuse("must be in international form: + and up to 15 digits");
    };
    let starts_with_zero = digits[country.len()..].starts_with('0');
    let keeps_zero = KEEPS_ZERO.contains(&country);
    if has_bracketed_zero && (keeps_zero || starts_with_zero) {
        return refuse("must be in international form, without the (0)");
    }
    if starts_with_zero && !keeps_zero {
        return refuse("must be in international form, without the zero after the country code");
    }
    Ok(number)
}

/// The country code at the start of a number in international form.
fn country_code(digits: &str) -> Option<&str> {
    let length = match digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        [b'2'..=b'9', ..] => 3,
        _ => return None,
    };
    digits.get(..length)
}

/// The country codes whose numbers can begin with a zero in international form too: Italy, Ivory Coast, Burkina Faso,
/// Niger, Benin, Gabon, Congo, Botswana, Eswatini, San Marino, and those that belong to no country.
const KEEPS_ZERO: [&str; 19] = [
    "39", "225", "226", "227", "229", "241", "242", "267", "268", "378", "800", "808", "870", "878", "881", "882",
    "883", "888", "979",
];

/// Country codes with other digits in brackets that are dialled within the country only.
const OTHER_TRUNKS: [(&str, &str); 7] =
    [("7", "8"), ("370", "8"), ("375", "8"), ("992", "8"), ("993", "8"), ("36", "06"), ("1", "1")];

#[cfg(test)]
mod tests {
    use super::*;

    fn normalized(phone: &str) -> Option<String> {
        normalize_phone_number(phone).ok()
    }

    #[test]
    fn separators_are_removed() {
        for number in ["+44 20 7946 0958", "+44 (20) 7946-0958", "+44/20.79460958", " +442079460958 "] {
            assert_eq!(normalized(number).as_deref(), Some("+442079460958"), "{number}");
        }
        for other in [
            "",
            "+",
            "020 7946 0958",
            "0044 20 7946 0958",
            "+44 20",
            "+44 20 7946 ext 5",
            "+4420794609581234",
            "+0123456789",
        ] {
            assert_eq!(normalized(other), None, "{other}");
        }
    }

    #[test]
    fn a_bracketed_zero_after_the_country_code_is_left_out() {
        for number in ["+44 (0)20 7946 0958", "+44(0)2079460958", "+44 ( 0 ) 20 79460958", "+44-(0)-20-7946-0958"] {
            assert_eq!(normalized(number).as_deref(), Some("+442079460958"), "{number}");
        }
        assert_eq!(normalized("+353 (0)1 234 5678").as_deref(), Some("+35312345678"));
        for other in ["+44 20 (0) 7946 0958", "(0)20 7946 0958", "+44 (0)020 7946 0958", "+44 (0)(0)20 7946 0958"] {
            assert_eq!(normalized(other), None, "{other}");
        }
    }

    #[test]
    fn a_zero_after_the_country_code_is_refused_unless_numbers_of_the_country_have_one() {
        for number in
            ["+44 020 7946 0958", "+44 (020) 7946 0958", "+43 0664 1234567", "+353 01 234 5678", "+1 0212 555 0100"]
        {
            assert_eq!(normalized(number), None, "{number}");
        }
        assert_eq!(normalized("+39 06 1234 5678").as_deref(), Some("+390612345678"));
        assert_eq!(normalized("+225 07 12 34 56 78").as_deref(), Some("+2250712345678"));
        assert_eq!(normalized("+39 (0)6 1234 5678"), None);
    }

    #[test]
    fn other_digits_in_brackets_that_are_dialled_within_the_country_only_are_refused() {
        for number in ["+7 (8) 495 123-45-67", "+370 (8) 5 212 3456", "+36 (06) 1 234 5678", "+1 (1) 212 555 0100"] {
            assert_eq!(normalized(number), None, "{number}");
        }
        assert_eq!(normalized("+7 (812) 123-45-67").as_deref(), Some("+78121234567"));
        assert_eq!(normalized("+33 (1) 42 68 53 00").as_deref(), Some("+33142685300"));
    }

    #[test]
    fn the_refusal_says_which_zero_is_wrong() {
        let message = |phone| normalize_phone_number(phone).map_err(|refused| refused.message.to_string());
        assert_eq!(message("+39 (0)6 1234 5678"), Err("must be in international form, without the (0)".to_owned()));
        assert_eq!(
            message("+49 030 1234567"),
            Err("must be in international form, without the zero after the country code".to_owned())
        );
    }
}
