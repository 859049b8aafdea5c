//! Extracts V1's `?apiKey=` from a URL or a query. No URL that the crate sends contains it.

use url::Url;
use url::form_urlencoded;

use super::{V1Error, V1Result};
use crate::ApiKey;

const API_KEY_PARAM: &str = "apiKey";

/// Splits a query into its other pairs and the key.
pub(crate) fn split_query(query: &str) -> (Vec<(String, String)>, Option<ApiKey>) {
    let (mut key, mut pairs) = (None, Vec::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name == API_KEY_PARAM {
            key = (!value.trim().is_empty()).then(|| ApiKey::new(value.into_owned()));
        } else {
            pairs.push((name.into_owned(), value.into_owned()));
        }
    }
    (pairs, key)
}

/// Splits a V1 base URL (`https://api.cal.com/v1?apiKey=...`) into the base URL of V2 and the key.
pub(crate) fn parse_base_url(text: &str) -> V1Result<(String, Option<ApiKey>)> {
    // The text can contain a key, so the error contains no part of it.
    let mut url =
        Url::parse(text.trim()).map_err(|_| V1Error::from(crate::Error::configuration("the V1 base URL is no URL")))?;
    let (pairs, key) = split_query(url.query().unwrap_or_default());
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
        let (url, key) = parse_base_url("https://api.cal.com/v1/?apiKey=cal_live_planted").unwrap();
        assert_eq!(url, "https://api.cal.com/");
        assert!(key.is_some());
        let (url, key) = parse_base_url("https://cal.example.org/api/v1").unwrap();
        assert_eq!((url.as_str(), key.is_some()), ("https://cal.example.org/api", false));
    }

    #[test]
    fn no_error_about_a_base_url_repeats_its_key() {
        for url in ["api.cal.com/v1?apiKey=cal_live_planted", "https://api.cal.com/v1?apiKey=cal_live_planted&x=1"] {
            let error = parse_base_url(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("planted"), "{error:?}");
        }
    }
}
