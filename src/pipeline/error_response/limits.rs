//! Rate-limit headers: several sets may come, each named after its limit (`X-RateLimit-Limit-Default`). A set without a
//! name is another limit than any with one: it is a proxy's.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, header::RETRY_AFTER};

use crate::error::RateLimit;

const PREFIX: &str = "x-ratelimit-";
/// Above this a reset is a date (seconds since 1970), below it a number of seconds.
const DATE: u64 = 1_000_000_000;
/// Above this it is a date in milliseconds.
const DATE_IN_MILLISECONDS: u64 = 100_000_000_000;
/// No wait is believed to be longer than a year: whoever adds it to the time must not run out of numbers.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// Every limit that the headers tell of, the one with the least left first.
pub(crate) fn rate_limits(headers: &HeaderMap) -> Vec<RateLimit> {
    let mut limits: Vec<RateLimit> = Vec::new();
    for (name, value) in headers {
        let Some(rest) = name.as_str().strip_prefix(PREFIX) else { continue };
        let (kind, name) = rest.split_once('-').unwrap_or((rest, ""));
        let Some(number) = value.to_str().ok().and_then(number) else { continue };
        let at = limits.iter().position(|limit| limit.name == name).unwrap_or_else(|| {
            limits.push(RateLimit::named(name));
            limits.len() - 1
        });
        let Some(limit) = limits.get_mut(at) else { continue };
        // Of two that bear one name the tighter one counts.
        match kind {
            "limit" => limit.limit = Some(limit.limit.map_or(number, |other| other.min(number))),
            "remaining" => limit.remaining = Some(limit.remaining.map_or(number, |other| other.min(number))),
            "reset" => limit.reset = limit.reset.max(Some(parse_reset(number))),
            _ => {}
        }
    }
    limits.sort_by_key(|limit| limit.remaining.unwrap_or(u64::MAX));
    limits
}

/// How long to wait: what `Retry-After` says, or on a 429 the longest reset among the exhausted limits.
pub(super) fn retry_after(status: u16, headers: &HeaderMap, limits: &[RateLimit]) -> Option<Duration> {
    let reset = || {
        let exhausted = limits.iter().filter(|limit| limit.remaining.is_none_or(|left| left == 0));
        exhausted.filter_map(|limit| limit.reset).max()
    };
    retry_after_header(headers).or_else(|| if status == 429 { reset() } else { None })
}

/// What `Retry-After` says; of several, which hops can add, the longest.
pub(crate) fn retry_after_header(headers: &HeaderMap) -> Option<Duration> {
    let waits = headers.get_all(RETRY_AFTER).iter().filter_map(|value| {
        let value = value.to_str().ok()?.trim();
        number(value).map(parse_reset).or_else(|| http_date(value))
    });
    waits.max()
}

/// A number as limits are told: whole, with a fraction (rounded up), or the first of a list (`10, 10;w=60`).
fn number(value: &str) -> Option<u64> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits(value) {
        return value.parse().ok();
    }
    let first = value.split([',', ';']).next()?.trim();
    let (whole, fraction) = first.split_once('.').unwrap_or((first, "0"));
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let rounded_up = u64::from(fraction.bytes().any(|digit| digit != b'0'));
    whole.parse::<u64>().ok().map(|whole| whole.saturating_add(rounded_up))
}

fn parse_reset(number: u64) -> Duration {
    let since_1970 = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let wait = if number <= DATE {
        Duration::from_secs(number)
    } else if number <= DATE_IN_MILLISECONDS {
        Duration::from_secs(number).saturating_sub(since_1970())
    } else {
        Duration::from_millis(number).saturating_sub(since_1970())
    };
    wait.min(LONGEST)
}

fn http_date(text: &str) -> Option<Duration> {
    let date = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text).ok()?;
    let wait = date.duration_since(jiff::Timestamp::now());
    Some(Duration::try_from(wait).unwrap_or_default().min(LONGEST))
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
            assert_eq!(number(text), expected, "{text:?}");
        }
    }
}
