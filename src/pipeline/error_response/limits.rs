//! Reads the rate-limit headers. A response can have several sets, each named after its limit
//! (`X-RateLimit-Limit-Default`). A set without a name is that of a proxy, and is a separate limit.

use std::time::Duration;

use http::{
    HeaderMap, HeaderValue,
    header::{DATE, RETRY_AFTER},
};
use jiff::Timestamp;

use super::scrub::is_key;
use crate::error::RateLimit;

const PREFIX: &str = "x-ratelimit-";
/// The bound on the name of a limit: the longest known one has 44 bytes. Signed tokens are longer.
const MAX_NAME_BYTES: usize = 64;
/// A larger number is a date in seconds since 1970, a smaller one a number of seconds.
const DATE_IN_SECONDS: u64 = 1_000_000_000;
/// A larger number is a date in milliseconds.
const DATE_IN_MILLISECONDS: u64 = 100_000_000_000;
/// The bound on waits, one year, so that adding them to a time cannot overflow.
const MAX_WAIT: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// The limits in the headers, the one with the fewest requests left first.
pub(crate) fn rate_limits(headers: &HeaderMap) -> Vec<RateLimit> {
    let mut limits: Vec<RateLimit> = Vec::new();
    for (name, value) in headers {
        // The names of most headers begin otherwise.
        let name = name.as_str();
        if name.as_bytes().first() != Some(&b'x') {
            continue;
        }
        let Some(rest) = name.strip_prefix(PREFIX) else { continue };
        let Some((kind, name)) = kind_and_name(rest) else { continue };
        let Some(number) = number(value) else { continue };
        let at = match limits.iter().position(|limit| limit.name == name) {
            Some(at) => at,
            // A longer name, or one that repeats a key, is no name of a limit.
            None if name.len() > MAX_NAME_BYTES || is_key(name) => continue,
            None => {
                // Most responses report one limit.
                limits.reserve_exact(1);
                limits.push(RateLimit::named(name));
                limits.len() - 1
            }
        };
        let Some(limit) = limits.get_mut(at) else { continue };
        // Of two headers for one limit the tighter one counts.
        match kind {
            LimitHeader::Limit => limit.limit = Some(limit.limit.map_or(number, |other| other.min(number))),
            LimitHeader::Remaining => limit.remaining = Some(limit.remaining.map_or(number, |other| other.min(number))),
            LimitHeader::Reset => limit.reset = limit.reset.max(Some(wait(number, headers))),
        }
    }
    limits.sort_by_key(|limit| limit.remaining.unwrap_or(u64::MAX));
    limits
}

/// The kind of a limit's header.
#[derive(Clone, Copy)]
enum LimitHeader {
    Limit,
    Remaining,
    Reset,
}

/// Splits `remaining-default`, which follows the prefix, into the kind and the name of the limit, which can be empty.
fn kind_and_name(rest: &str) -> Option<(LimitHeader, &str)> {
    let (kind, rest) = if let Some(rest) = rest.strip_prefix("limit") {
        (LimitHeader::Limit, rest)
    } else if let Some(rest) = rest.strip_prefix("remaining") {
        (LimitHeader::Remaining, rest)
    } else {
        (LimitHeader::Reset, rest.strip_prefix("reset")?)
    };
    let name = if rest.is_empty() { rest } else { rest.strip_prefix('-')? };
    Some((kind, name))
}

/// The delay before a retry: `Retry-After`, or on a 429 the longest reset among the exhausted limits.
pub(super) fn retry_after(status: u16, headers: &HeaderMap, limits: &[RateLimit]) -> Option<Duration> {
    let reset = || {
        let exhausted = limits.iter().filter(|limit| limit.remaining.is_none_or(|left| left == 0));
        exhausted.filter_map(|limit| limit.reset).max()
    };
    retry_after_header(headers).or_else(|| if status == 429 { reset() } else { None })
}

/// The value of `Retry-After`; the longest of several, which proxies can add.
pub(crate) fn retry_after_header(headers: &HeaderMap) -> Option<Duration> {
    let waits = headers.get_all(RETRY_AFTER).iter().filter_map(|value| {
        let date = || parse_date(value.to_str().ok()?.trim());
        number(value).map(|number| wait(number, headers)).or_else(|| Some(duration_until(date()?, headers)))
    });
    waits.max()
}

/// A number in a limit's header: an integer, one with a fraction (rounded up), or the first of a list (`10, 10;w=60`).
fn number(value: &HeaderValue) -> Option<u64> {
    short_integer(value.as_bytes()).or_else(|| any_number(value.to_str().ok()?))
}

/// An integer of up to 17 digits, as nearly all are written: other bytes in their place do not overflow the sum either.
fn short_integer(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 17 {
        return None;
    }
    let mut number = 0;
    let mut is_integer = true;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        is_integer &= digit <= 9;
        number = number * 10 + u64::from(digit);
    }
    is_integer.then_some(number)
}

#[cold]
fn any_number(value: &str) -> Option<u64> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let first = value.split([',', ';']).next()?.trim();
    let (whole, fraction) = first.split_once('.').unwrap_or((first, "0"));
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let rounded_up = u64::from(fraction.bytes().any(|digit| digit != b'0'));
    whole.parse::<u64>().ok().map(|whole| whole.saturating_add(rounded_up))
}

/// The wait that a number means: seconds, or a date.
fn wait(number: u64, headers: &HeaderMap) -> Duration {
    if number <= DATE_IN_SECONDS {
        return Duration::from_secs(number).min(MAX_WAIT);
    }
    let date = i64::try_from(number).ok().and_then(|number| {
        let is_seconds = number.unsigned_abs() <= DATE_IN_MILLISECONDS;
        if is_seconds { Timestamp::from_second(number).ok() } else { Timestamp::from_millisecond(number).ok() }
    });
    duration_until(date.unwrap_or(Timestamp::MAX), headers)
}

/// The time until a date. It is compared with the `Date` of the response, if there is one, because this machine's clock can
/// be wrong.
fn duration_until(date: Timestamp, headers: &HeaderMap) -> Duration {
    let service_time = headers.get(DATE).and_then(|value| parse_date(value.to_str().ok()?));
    let wait = date.duration_since(service_time.unwrap_or_else(Timestamp::now));
    Duration::try_from(wait).unwrap_or_default().min(MAX_WAIT)
}

fn parse_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_may_have_a_fraction_or_head_a_list_and_nothing_else() {
        for (text, expected) in [
            ("0", Some(0)),
            (" 59 ", Some(59)),
            ("59.0", Some(59)),
            ("59.01", Some(60)),
            ("10, 10;w=60", Some(10)),
            ("99999999999999999", Some(99_999_999_999_999_999)),
            ("~~~~~~~~~~~~~~~~~", None),
            ("999999999999999999", Some(999_999_999_999_999_999)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551615.5", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("-5", None),
            ("+5", None),
            (".5", None),
            ("5.", None),
            ("1e3", None),
            ("NaN", None),
            ("", None),
            (",", None),
        ] {
            assert_eq!(number(&HeaderValue::from_static(text)), expected, "{text:?}");
        }
    }

    #[test]
    fn a_header_with_none_of_the_three_numbers_makes_no_limit() {
        let mut headers = HeaderMap::new();
        for name in
            ["x-ratelimit-policy-default", "x-ratelimit-limits", "x-ratelimit-", "x-ratelimit-resetting-default"]
        {
            headers.insert(name, "5".parse().unwrap());
        }
        assert_eq!(rate_limits(&headers), []);
        headers.insert("x-ratelimit-remaining-per-minute", "3".parse().unwrap());
        let limits = rate_limits(&headers);
        assert_eq!((limits[0].name.as_str(), limits[0].remaining, limits.len()), ("per-minute", Some(3), 1));
    }

    #[test]
    fn a_name_that_contains_a_key_is_no_name_of_a_limit() {
        let mut headers = HeaderMap::new();
        for name in ["cal_live_0123456789", "booking_local_cal_live_0123456789", "x-cal_0123456789", &"a".repeat(65)] {
            let name = format!("x-ratelimit-limit-{name}").parse::<http::HeaderName>().unwrap();
            headers.insert(name, HeaderValue::from_static("5"));
        }
        assert_eq!(rate_limits(&headers), []);
    }

    #[test]
    fn any_bytes_are_a_number_only_if_it_is_one_and_of_several_the_tighter_one_counts() {
        let mut random = fastrand::Rng::with_seed(7);
        let pieces: [&[u8]; 14] = [
            b"0",
            b"9",
            b"99999999",
            b"1844674407370955",
            b"1615",
            b"1616",
            b" ",
            b"\t",
            b"-",
            b"+",
            b".",
            b",",
            b"\x80",
            b"\xff",
        ];
        for _ in 0..100_000 {
            let bytes: Vec<u8> = (0..random.usize(0..5)).flat_map(|_| pieces[random.usize(0..14)]).copied().collect();
            let Ok(value) = HeaderValue::from_bytes(&bytes) else { continue };
            let text = String::from_utf8_lossy(&bytes);
            let first = text.split(',').next().unwrap_or_default();
            let is_integer = !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit);
            if is_integer {
                assert_eq!(number(&value), text.parse().ok(), "{text:?}");
            } else if !bytes.is_ascii() || !first.trim().starts_with(|digit: char| digit.is_ascii_digit()) {
                assert_eq!(number(&value), None, "{text:?}");
            }
            let mut headers = HeaderMap::new();
            for name in ["x-ratelimit-remaining-default", "x-ratelimit-limit-default", "x-ratelimit-reset-default"] {
                headers.append(name, value.clone());
                headers.append(name, HeaderValue::from_static("100"));
                headers.append(name, value.clone());
            }
            headers.append(RETRY_AFTER, value.clone());
            let limits = rate_limits(&headers);
            let expected = number(&value).map_or(100, |number| number.min(100));
            assert_eq!((limits.len(), limits[0].limit, limits[0].remaining), (1, Some(expected), Some(expected)));
            assert!(limits[0].reset >= Some(Duration::from_secs(100)) && limits[0].reset <= Some(MAX_WAIT));
            assert!(retry_after_header(&headers).is_none_or(|wait| wait <= MAX_WAIT));
        }
    }

    #[test]
    fn the_limit_with_the_fewest_requests_left_comes_first_and_one_that_does_not_say_it_last() {
        let mut headers = HeaderMap::new();
        for (name, number) in [("limit-a", "1"), ("remaining-b", "7"), ("reset-c", "9"), ("remaining-d", "0")] {
            let name = format!("x-ratelimit-{name}").parse::<http::HeaderName>().unwrap();
            headers.insert(name, HeaderValue::from_static(number));
        }
        let limits = rate_limits(&headers);
        assert_eq!(limits.iter().map(|limit| limit.remaining).collect::<Vec<_>>(), [Some(0), Some(7), None, None]);
    }

    #[test]
    fn a_date_is_compared_with_the_date_of_the_response_if_there_is_one() {
        let print = |date| jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&date).unwrap();
        for hours in [-48, -1, 0, 1, 48] {
            let there = Timestamp::from_second(Timestamp::now().as_second() + hours * 3_600).unwrap();
            let reset = there + jiff::SignedDuration::from_secs(20);
            for form in [print(reset), reset.as_second().to_string(), reset.as_millisecond().to_string()] {
                let mut headers = HeaderMap::new();
                headers.insert(DATE, print(there).parse().unwrap());
                headers.insert(RETRY_AFTER, form.parse().unwrap());
                headers.insert("x-ratelimit-reset", form.parse().unwrap());
                let wait = Some(Duration::from_secs(20));
                assert_eq!(retry_after_header(&headers), wait, "{hours} h: {form}");
                let limits = rate_limits(&headers);
                assert!(form.contains("GMT") || limits[0].reset == wait, "{hours} h: {form}: {limits:?}");
            }
        }
    }
}
