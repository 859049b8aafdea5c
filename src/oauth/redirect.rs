//! Reading the redirect with which the browser returns: a code, or an error.

use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;

use super::{OAuthError, Refusal, login::PendingLogin, pkce::is_same_secret};

/// The longest redirect that is read, in bytes.
const MAX_REDIRECT_BYTES: usize = 16 << 10;
/// The parameters that are read. Others are ignored, as RFC 6749 says.
const NAMES: [&str; 4] = ["code", "state", "error", "error_description"];

/// Reads the code of a redirect: its query, or the whole address.
///
/// # Errors
///
/// [`OAuthError::StateMismatch`] if the redirect is not that of `login`; whatever else it has is not looked at then.
/// [`OAuthError::Refused`] for an error, [`OAuthError::Redirect`] for anything else.
pub(super) fn read_code(login: &PendingLogin, redirect: &str) -> Result<SecretString, OAuthError> {
    if redirect.len() > MAX_REDIRECT_BYTES {
        return Err(OAuthError::Redirect("it is too long"));
    }
    let query = query_of(redirect);
    let mut found: [Option<String>; 4] = [const { None }; 4];
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let Some(at) = NAMES.iter().position(|known| *known == name) else { continue };
        if found[at].replace(value.into_owned()).is_some() {
            return Err(OAuthError::Redirect("a parameter stands in it twice"));
        }
    }
    let [code, state, error, description] = found;
    let known = login.state().expose_secret();
    // A login that lost its state recognizes no redirect.
    if known.is_empty() || !is_same_secret(known, &state.unwrap_or_default()) {
        return Err(OAuthError::StateMismatch);
    }
    let given = |text: &String| !text.is_empty();
    match (code.filter(given), error.filter(given)) {
        (Some(code), None) => Ok(SecretString::from(code)),
        (_, Some(error)) => {
            let refusal = Refusal::new(error.as_str().into());
            Err(OAuthError::Refused(match description.filter(given) {
                Some(reason) => refusal.reason(reason.as_str().into()),
                None => refusal,
            }))
        }
        (None, None) => Err(OAuthError::Redirect("it has neither a code nor an error")),
    }
}

/// The query of an address or of a path. A text that begins with the name of a parameter is a query, in which a question mark
/// is a letter like others.
fn query_of(redirect: &str) -> &str {
    let redirect = redirect.trim().split('#').next().unwrap_or_default();
    let is_query = redirect.chars().find(|letter| "=&?:/".contains(*letter)).is_some_and(|first| "=&".contains(first));
    match redirect.split_once('?') {
        Some((_, query)) if !is_query => query,
        _ => redirect,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{OAuthErrorCode, OAuthReason},
        *,
    };

    fn login() -> PendingLogin {
        PendingLogin::restore("the-state", Some("the-verifier"))
    }

    fn code(redirect: &str) -> Result<String, OAuthError> {
        read_code(&login(), redirect).map(|code| code.expose_secret().to_owned())
    }

    #[test]
    fn a_code_is_read_from_the_query_or_the_whole_address() {
        for redirect in [
            "code=a%2Fb&state=the-state",
            "?state=the-state&code=a%2Fb&session=1",
            "https://example.org/back?x=1&code=a%2Fb&state=the-state#top",
            "/back;v=1?code=a%2Fb&state=the-state&next=/home?page=2",
            "code=a%2Fb&state=the-state&next=/home?page=2",
            " ?code=a%2Fb&state=the-state\n",
        ] {
            assert_eq!(code(redirect).expect(redirect), "a/b");
        }
    }

    #[test]
    fn an_error_is_typed_and_its_state_is_checked_first() {
        let error = code(
            "error=invalid_request&error_description=Requested+scope+exceeds+the+client%27s+registered+scopes&state=the-state",
        );
        let Err(OAuthError::Refused(refusal)) = error else { panic!("{error:?}") };
        assert_eq!(refusal.code, OAuthErrorCode::InvalidRequest);
        assert_eq!(refusal.reason, Some(OAuthReason::ScopeNotRegistered));
        let forged = code("error=access_denied&state=another");
        assert!(matches!(forged, Err(OAuthError::StateMismatch)), "{forged:?}");
    }

    #[test]
    fn a_redirect_without_its_state_or_with_a_repeated_parameter_is_refused() {
        for redirect in ["code=a", "code=a&state=", "code=a&state=the-stat", "code=a&state=the-state2", ""] {
            assert!(matches!(code(redirect), Err(OAuthError::StateMismatch)), "{redirect}");
        }
        for redirect in ["code=a&code=b&state=the-state", "code=a&state=the-state&state=x", "state=the-state"] {
            assert!(matches!(code(redirect), Err(OAuthError::Redirect(_))), "{redirect}");
        }
        let long = format!("code={}&state=the-state", "a".repeat(MAX_REDIRECT_BYTES));
        assert!(matches!(code(&long), Err(OAuthError::Redirect(_))));
    }

    #[test]
    fn a_login_whose_state_was_lost_recognizes_no_redirect() {
        let lost = PendingLogin::restore("", Some("the-verifier"));
        for redirect in ["code=a", "code=a&state=", "error=access_denied", "code=a&state=the-state"] {
            let read = read_code(&lost, redirect);
            assert!(matches!(read, Err(OAuthError::StateMismatch)), "{redirect}");
        }
    }

    proptest! {
        #[test]
        fn garbage_is_never_a_code_and_is_never_shown(garbage in ".{0,300}") {
            let error = code(&garbage).expect_err("it has no state");
            prop_assert!(matches!(error, OAuthError::StateMismatch | OAuthError::Redirect(_)));
        }

        #[test]
        fn unknown_error_and_description_of_a_redirect_are_not_shown(error in "[ -~]{1,80}", reason in "[ -~]{0,80}") {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("error", &error)
                .append_pair("error_description", &reason)
                .append_pair("state", "the-state")
                .finish();
            let refused = code(&query).expect_err("it is an error");
            let text = format!("{refused} {refused:?}");
            for written in [&error, &reason].into_iter().filter(|text| text.bytes().any(|b| b.is_ascii_digit() || b == b'<')) {
                let is_known = matches!(OAuthReason::from(written.as_str()), OAuthReason::Other(_));
                prop_assert!(!is_known || written.len() < 4 || !text.contains(written.as_str()), "{text}");
            }
        }

        #[test]
        fn any_code_comes_back_as_it_was_given(given in "[ -~]{1,200}", state in "[A-Za-z0-9_-]{1,50}") {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("code", &given)
                .append_pair("state", &state)
                .finish();
            let login = PendingLogin::restore(&state, None);
            let code = read_code(&login, &query).expect("it is the redirect of this login");
            prop_assert_eq!(code.expose_secret(), given.as_str());
        }
    }
}
