//! V1's `?apiKey=`: taken out of a URL or a query, and never put into one again.

use url::Url;
use url::form_urlencoded;

use super::{Error, Result};
use crate::ApiKey;

const NAME: &str = "apiKey";

/// The pairs of a query, and the key that stood among them.
pub(crate) fn split(query: &str) -> (Vec<(String, String)>, Option<ApiKey>) {
    let (mut key, mut pairs) = (None, Vec::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name == NAME {
            key = (!value.trim().is_empty()).then(|| ApiKey::new(value.into_owned()));
        } else {
            pairs.push((name.into_owned(), value.into_owned()));
        }
    }
    (pairs, key)
}

/// A V1 base URL (`https://api.cal.com/v1?apiKey=...`) as the base URL of V2, and the key that stood in it.
pub(crate) fn base_url(text: &str) -> Result<(String, Option<ApiKey>)> {
    // The text may hold a key, so no part of it may get into the error.
    let mut url =
        Url::parse(text.trim()).map_err(|_| Error::from(crate::Error::configuration("the V1 base URL is no URL")))?;
    let (pairs, key) = split(url.query().unwrap_or_default());
    if !pairs.is_empty() {
        return Err(crate::Error::configuration("the V1 base URL has a query besides apiKey").into());
    }
    url.set_query(None);
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/v1").unwrap_or(path).to_owned();
    url.set_path(&path);
    Ok((url.to_string(), key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_taken_out_of_the_base_url() {
        let (url, key) = base_url("https://api.cal.com/v1/?apiKey=cal_live_planted").unwrap();
        assert_eq!(url, "https://api.cal.com/");
        assert!(key.is_some());
        let (url, key) = base_url("https://cal.example.org/api/v1").unwrap();
        assert_eq!((url.as_str(), key.is_some()), ("https://cal.example.org/api", false));
    }

    #[test]
    fn no_error_about_a_base_url_repeats_its_key() {
        for url in ["api.cal.com/v1?apiKey=cal_live_planted", "https://api.cal.com/v1?apiKey=cal_live_planted&x=1"] {
            let error = base_url(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("planted"), "{error:?}");
        }
    }
}
