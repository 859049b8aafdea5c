//! Reading a response with tokens. Only a field of another form than expected is left out, because the refresh token that they
//! replace is used up.

use serde_json::{Map, Value};

use crate::operation::Scopes;

/// The fields of a response with tokens.
pub(super) type TokenFields = Map<String, Value>;

/// The envelope of the tokens of managed users.
#[cfg(feature = "platform")]
#[derive(Clone, serde::Deserialize)]
pub(super) struct EnvelopedTokens {
    pub(super) data: TokenFields,
}

/// A token; `None` if it is no text.
pub(super) fn read_token(fields: &TokenFields, name: &str) -> Option<String> {
    fields.get(name).and_then(Value::as_str).map(|token| token.trim().to_owned()).filter(|token| !token.is_empty())
}

/// A whole number, which may be written as a fraction or as a text.
pub(super) fn read_number(fields: &TokenFields, name: &str) -> Option<i64> {
    match fields.get(name)? {
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => text.trim().parse().ok().or_else(|| whole(text.trim().parse().ok()?)),
        _ => None,
    }
}

/// The whole part of a number, at most the largest one.
#[allow(clippy::cast_possible_truncation)]
fn whole(number: f64) -> Option<i64> {
    number.is_finite().then_some(number as i64)
}

/// The scopes, as a text or as a list of texts.
pub(super) fn read_scopes(fields: &TokenFields, name: &str) -> Option<Scopes> {
    match fields.get(name)? {
        Value::String(text) => text.parse().ok(),
        Value::Array(names) => {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            names.join(" ").parse().ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> TokenFields {
        TokenFields::from_iter([("field".to_owned(), value)])
    }

    #[test]
    fn a_number_is_read_from_any_form_and_never_from_something_else() {
        for (written, read) in [
            (json!(1800), Some(1800)),
            (json!(1800.9), Some(1800)),
            (json!("1800"), Some(1800)),
            (json!(" 1800.0 "), Some(1800)),
            (json!(1e18), Some(1_000_000_000_000_000_000)),
            (json!(1e30), Some(i64::MAX)),
            (json!(-5), Some(-5)),
            (json!("soon"), None),
            (json!("inf"), None),
            (json!(null), None),
            (json!([1800]), None),
        ] {
            assert_eq!(read_number(&fields(written.clone()), "field"), read, "{written}");
        }
        assert_eq!(read_number(&fields(json!(1)), "other"), None);
    }

    #[test]
    fn a_token_is_a_text_that_is_not_empty() {
        for (written, read) in
            [(json!(" a "), Some("a")), (json!(""), None), (json!(" "), None), (json!(7), None), (json!(["a"]), None)]
        {
            assert_eq!(read_token(&fields(written.clone()), "field").as_deref(), read, "{written}");
        }
    }

    #[test]
    fn scopes_are_a_text_or_a_list() {
        let both = "BOOKING_READ PROFILE_READ".parse::<Scopes>().ok();
        for written in [json!("PROFILE_READ BOOKING_READ"), json!(["BOOKING_READ", "PROFILE_READ", 7])] {
            assert_eq!(read_scopes(&fields(written.clone()), "field"), both, "{written}");
        }
        assert_eq!(read_scopes(&fields(json!({})), "field"), None);
    }
}
