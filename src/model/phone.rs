//! Phone numbers in the form that the service takes.

use crate::error::FieldError;

/// Removes separators: `+49 30 123456` becomes `+4930123456`. Refuses what is not in international form.
pub(crate) fn normalize_phone_number(phone: &str) -> Result<String, FieldError> {
    // The zero in `(0)` is dialled within the country only. With it the international number is a different one.
    if phone.split_whitespace().collect::<String>().contains("(0)") {
        return Err(FieldError::new("responses.phone", "must be in international form, without the (0)"));
    }
    let number: String = phone.chars().filter(|c| !c.is_whitespace() && !"-()/.".contains(*c)).collect();
    let digits = number.strip_prefix('+').unwrap_or_default();
    let fits =
        (6..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    if fits {
        Ok(number)
    } else {
        Err(FieldError::new("responses.phone", "must be in international form: + and up to 15 digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zero_that_is_dialled_within_a_country_only_is_refused() {
        for number in ["+44 (0)20 7946 0958", "+44(0)2079460958", "+44 ( 0 ) 20 79460958"] {
            assert!(normalize_phone_number(number).is_err(), "{number}");
        }
        assert_eq!(normalize_phone_number("+44 (20) 7946-0958").ok().as_deref(), Some("+442079460958"));
    }
}
