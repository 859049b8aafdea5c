//! Cuts out of a text what must not be read in a log: whatever the request carried, and whatever looks like an e-mail
//! address, a telephone number, a token or a URL's query.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Shorter values are also parts of words: they are cut out where they stand alone.
const LONG: usize = 5;
/// A `+` followed by this many digits is a telephone number.
const PHONE: usize = 7;
const REDACTED: &str = "[redacted]";
const PLAIN: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What comes before a uid, a token or a key in the service's own words: `booking with uid=NEW`, which is not the one that
/// the request named.
const NAMED: [&str; 4] = ["uid=", "token=", "secret=", "key="];

/// Fields whose values are words of the API, where they are single words.
const WORDS: [&str; 16] = [
    "days",
    "format",
    "integration",
    "interval",
    "language",
    "sortCreated",
    "sortCreatedAt",
    "sortEnd",
    "sortStart",
    "sortUpdatedAt",
    "status",
    "timeZone",
    "triggers",
    "type",
    "unit",
    "weekStart",
];

/// The values that one request carried.
#[derive(Debug, Default)]
pub(crate) struct Scrubber {
    /// What is nowhere the name of a field: credentials, ids, what stood in the query.
    secrets: Vec<String>,
    /// What stood in the body.
    texts: Vec<String>,
}

impl Scrubber {
    /// Adds a value that must not be repeated, in each form in which it could be: a path parameter, a credential.
    pub(crate) fn value(&mut self, value: &str) {
        add(&mut self.secrets, value);
    }

    /// Adds every value of a URL's query, as it is written and as it is meant.
    pub(crate) fn query(&mut self, query: &str) {
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            if !(WORDS.contains(&name) && is_word(value)) {
                self.value(value);
                self.value(&percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy());
            }
        }
    }

    /// Adds every text of a JSON body; keys aside, and the API's own words.
    pub(crate) fn json(&mut self, body: &serde_json::Value) {
        self.texts(body, false);
    }

    fn texts(&mut self, value: &serde_json::Value, may_be_word: bool) {
        match value {
            serde_json::Value::String(text) if may_be_word && is_word(text) => {}
            serde_json::Value::String(text) => add(&mut self.texts, text),
            serde_json::Value::Array(items) => items.iter().for_each(|item| self.texts(item, may_be_word)),
            serde_json::Value::Object(fields) => {
                fields.iter().for_each(|(name, value)| self.texts(value, WORDS.contains(&name.as_str())));
            }
            _ => {}
        }
    }

    /// `text` without any of the values, nor anything that looks personal.
    pub(crate) fn clean(&self, text: &str) -> String {
        let clean = without_any(text, self.secrets.iter().chain(&self.texts).map(String::as_str).collect());
        let clean = without_phones(&clean);
        let clean: String = clean.split_inclusive(char::is_whitespace).map(without_query).collect();
        without_any(&clean, named(&clean))
    }

    /// As [`clean`](Self::clean), for the path of a field: what can be names of fields and nothing else stays, although
    /// a text of the body may read the same.
    pub(crate) fn path(&self, path: &str) -> String {
        let is_known = || self.secrets.iter().any(|secret| path.contains(secret.as_str()));
        if names(path).all(is_field) && !is_known() { path.to_owned() } else { self.clean(path) }
    }
}

/// Adds a value in each form in which it could be repeated.
fn add(values: &mut Vec<String>, value: &str) {
    let value = value.trim();
    let encoded = utf8_percent_encode(value, &PLAIN).to_string();
    let quoted = serde_json::Value::from(value).to_string();
    let quoted = quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned();
    for form in [value.to_owned(), encoded.replace("%20", "+"), encoded, quoted] {
        // Two letters are a name (`Li`, `Bo`) only with a capital; beyond ASCII one letter can be.
        let is_name = form.starts_with(|first: char| first.is_uppercase()) && form.len() > 1;
        let is_long = form.len() > 2 || !form.is_ascii();
        if (is_long || is_name) && !values.contains(&form) {
            values.push(form);
        }
    }
}

/// The path of a field, of which only the parts that can be names of fields stay: the others are keys of a map.
pub(crate) fn field_names(path: &str) -> String {
    path.split_inclusive(['.', '[', ']'])
        .map(|part| {
            let name = part.trim_end_matches(['.', '[', ']']);
            if is_field(name) { part.to_owned() } else { REDACTED.to_owned() + &part[name.len()..] }
        })
        .collect()
}

fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split(['.', '[', ']'])
}

/// The values that a text names as such, which can stand in it elsewhere too.
fn named(text: &str) -> Vec<&str> {
    // Of the same length as the text, byte for byte.
    let lower = text.to_ascii_lowercase();
    let values = NAMED.iter().flat_map(|name| lower.match_indices(name).map(|(at, name)| &text[at + name.len()..]));
    let ends = |c: char| !(c.is_ascii_alphanumeric() || "-_.:".contains(c));
    values
        .map(|rest| rest[..rest.find(ends).unwrap_or(rest.len())].trim_end_matches(['.', ':']))
        .filter(|value| !value.is_empty())
        .collect()
}

/// `text` without the values, the longest first, since one can be a part of another.
fn without_any(text: &str, mut values: Vec<&str>) -> String {
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    let mut clean = text.to_owned();
    for value in values {
        if clean.contains(value) {
            clean = without(&clean, value);
        }
    }
    clean
}

/// `text` without `value`; where it is short, only where it stands alone.
fn without(text: &str, value: &str) -> String {
    if value.len() >= LONG || !value.is_ascii() {
        return text.replace(value, REDACTED);
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(value) {
        let (before, after) = (&rest[..at], &rest[at + value.len()..]);
        clean.push_str(before);
        let inside = clean.ends_with(char::is_alphanumeric) || after.starts_with(char::is_alphanumeric);
        clean.push_str(if inside { value } else { REDACTED });
        rest = after;
    }
    clean + rest
}

/// `text` without `+49 30 123456` and its like.
fn without_phones(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('+') {
        let (before, from) = rest.split_at(at);
        clean.push_str(before);
        let end = from.char_indices().skip(1).find(|(_, c)| !(c.is_ascii_digit() || " -.()/".contains(*c)));
        let number = &from[..end.map_or(from.len(), |(at, _)| at)];
        let number = number.trim_end_matches(|c: char| !c.is_ascii_digit());
        if number.bytes().filter(u8::is_ascii_digit).count() >= PHONE {
            clean.push_str(REDACTED);
            rest = &from[number.len()..];
        } else {
            clean.push('+');
            rest = &from[1..];
        }
    }
    clean + rest
}

/// A word without the query of a URL, an address, a key or a token.
fn without_query(word: &str) -> String {
    if let Some((path, query)) = word.split_once('?')
        && path.contains('/')
        && let query = query.trim_end()
        && !query.is_empty()
    {
        return format!("{}?{REDACTED}{}", without_tokens(path), &word[path.len() + 1 + query.len()..]);
    }
    without_tokens(word)
}

fn without_tokens(word: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || "@._+%-".contains(c);
    let mut clean = String::with_capacity(word.len());
    let mut rest = word;
    while !rest.is_empty() {
        let between = rest.find(is_part).unwrap_or(rest.len());
        clean.push_str(&rest[..between]);
        rest = &rest[between..];
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let token = rest[..end].trim_end_matches('.');
        clean.push_str(if is_personal(token) { REDACTED } else { token });
        rest = &rest[token.len()..];
        // The dots that end a sentence.
        let dots = rest.len() - rest.trim_start_matches('.').len();
        clean.push_str(&rest[..dots]);
        rest = &rest[dots..];
    }
    clean
}

fn is_personal(token: &str) -> bool {
    let mail =
        token.replace("%40", "@").split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'));
    let key =
        token.find("cal_").is_some_and(|at| !token[..at].ends_with(char::is_alphanumeric) && token.len() > at + 8);
    let jwt = token.len() > 40 && token.starts_with("eyJ");
    mail || key || jwt
}

fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphabetic() || b"/_-".contains(&byte))
}

/// Names of fields begin in lower case, indices with a digit.
fn is_field(name: &str) -> bool {
    name.len() <= 40
        && !name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-$".contains(&byte))
        && !is_personal(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knowing(body: serde_json::Value) -> Scrubber {
        let mut scrub = Scrubber::default();
        scrub.json(&body);
        scrub
    }

    #[test]
    fn what_the_request_carried_does_not_come_back() {
        let scrub = knowing(serde_json::json!({"attendee": {"name": "Erika Muster"}, "guests": ["x"]}));
        assert_eq!(scrub.clean("Erika Muster is busy, x is not"), "[redacted] is busy, x is not");
    }

    #[test]
    fn what_looks_personal_does_not_come_through() {
        let clean = Scrubber::default().clean(
            "no client for access token=cal_live_abc, ask jane@example.org (+4915112345678) at /v2/me?email=a@b.cd now",
        );
        assert_eq!(
            clean,
            "no client for access token=[redacted], ask [redacted] ([redacted]) at /v2/me?[redacted] now"
        );
        let clean = Scrubber::default().clean(r#"{"email":"jane@example.org","phone":"+49 30 123-456"}."#);
        assert_eq!(clean, r#"{"email":"[redacted]","phone":"[redacted]"}."#);
        assert_eq!(Scrubber::default().clean("key:cal_live_abc."), "key:[redacted].");
        assert_eq!(
            Scrubber::default().clean("send cal-api-version, 1 + 2 or a+b."),
            "send cal-api-version, 1 + 2 or a+b."
        );
    }

    #[test]
    fn what_the_service_names_by_itself_does_not_come_through() {
        let clean = |text: &str| Scrubber::default().clean(text);
        assert_eq!(
            clean("moved to booking with uid=kgiKeoVgk6N. Reschedule kgiKeoVgk6N, or seatUid=1-2."),
            "moved to booking with uid=[redacted]. Reschedule [redacted], or seatUid=[redacted]."
        );
        assert_eq!(clean("no client for access token=some:thing"), "no client for access token=[redacted]");
    }

    #[test]
    fn short_names_are_cut_out_where_they_stand_alone() {
        let scrub = knowing(serde_json::json!({"name": "Li", "guest": "Anna", "host": "王伟", "language": "en"}));
        assert_eq!(
            scrub.clean("Li and Anna know 王伟, not Lima or Annalena, when"),
            "[redacted] and [redacted] know [redacted], not Lima or Annalena, when"
        );
    }

    #[test]
    fn the_words_of_the_api_stay() {
        let scrub =
            knowing(serde_json::json!({"triggers": ["BOOKING_CREATED", "Erika M."], "timeZone": "Europe/Berlin",
            "availability": [{"days": ["Monday"]}], "type": "a person", "name": "Monday"}));
        assert_eq!(
            scrub.clean("BOOKING_CREATED, Erika M. and a person in Europe/Berlin on Mondays"),
            "BOOKING_CREATED, [redacted] and [redacted] in Europe/Berlin on [redacted]s"
        );
    }

    #[test]
    fn encoded_values_are_the_same_values() {
        let mut scrub = knowing(serde_json::json!({"name": "Erika \"E\" Muster"}));
        scrub.query("attendeeName=J%C3%B6rg+Muster&take=5");
        assert_eq!(
            scrub.clean(r#"Jörg Muster J%C3%B6rg+Muster J%C3%B6rg%20Muster "Erika \"E\" Muster""#),
            r#"[redacted] [redacted] [redacted] "[redacted]""#
        );
    }

    #[test]
    fn a_field_keeps_its_name_though_a_text_is_called_the_same() {
        let mut scrub = knowing(serde_json::json!({"source": "phone", "name": "Erika"}));
        scrub.value("planted-token");
        assert_eq!(scrub.path("attendee.phone"), "attendee.phone");
        assert_eq!(scrub.path("metadata.planted-token"), "metadata.[redacted]");
        assert_eq!(scrub.path("guests[1].Erika.Straße"), "guests[1].[redacted].Straße");
        assert_eq!(scrub.path("metadata.jane@example.org"), "[redacted]");
        assert_eq!(field_names("data.slots.2026-12-01[3].Straße"), "data.slots.2026-12-01[3].[redacted]");
    }
}
