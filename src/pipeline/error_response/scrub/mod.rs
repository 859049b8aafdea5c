//! Removes from a text what must not reach a log: values of the request, and everything that looks like an e-mail address, a
//! telephone number, a token, a URL's query or a person's name.
//!
//! Every rule marks ranges of the original text, and the marked ranges are replaced at the end, so that rules do not affect
//! each other. The work is bounded: texts are cut to a few KB first, and a value of any length costs a few comparisons with
//! the sorted suffixes of the text.

#[cfg(test)]
mod bounds;
mod marks;
mod names;
#[cfg(test)]
mod path_parameters;
mod shapes;
mod words;

use std::collections::HashSet;

use http::HeaderValue;
use percent_encoding::{percent_decode_str, utf8_percent_encode};

pub(super) use marks::cut;
use marks::{Marks, REDACTED, Suffixes};
pub(crate) use shapes::is_key;
use words::{is_api_word, is_common, is_row_id};

use crate::pipeline::request::UNRESERVED;

/// A shorter value is removed only if it is a word by itself, because it can be a part of other words.
const MIN_SUBSTRING_BYTES: usize = 5;
/// The bytes of a text that are scanned. Half of them are shown, so that a value that begins in the shown half is found even if
/// it ends beyond it.
const MAX_SCANNED_BYTES: usize = 4096;
/// The bound on the path of a field.
const MAX_PATH_BYTES: usize = 256;
/// Separates texts that are scrubbed together.
const SEPARATOR: char = '\u{1}';

/// The values that one request carried.
#[derive(Debug, Default)]
pub(crate) struct Scrubber {
    /// Values that are never the name of a field: credentials, ids, values of the query.
    secrets: HashSet<String>,
    /// Texts of the body.
    texts: HashSet<String>,
}

impl Scrubber {
    /// Adds a value that must not be shown, in every encoding: a path parameter, a credential.
    pub(crate) fn add_secret(&mut self, value: &str) {
        add(&mut self.secrets, value);
    }

    /// Adds the value of a header, and its parts.
    pub(crate) fn add_header(&mut self, value: &HeaderValue) {
        words::header_texts(value).iter().for_each(|text| self.add_secret(text));
    }

    /// Adds a path parameter, encoded, unless it is a word of the API or the number of a row.
    pub(crate) fn add_path_parameter(&mut self, name: &str, value: &str) {
        if !is_api_word(name, value) && !is_row_id(name, value) {
            self.add_secret(&percent_decode_str(value).decode_utf8_lossy());
        }
    }

    /// Adds every value of a URL's query, encoded and decoded.
    pub(crate) fn add_query(&mut self, query: &str) {
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            if !is_api_word(name, value) && !is_row_id(name, value) {
                let meant = percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned();
                self.add_secret(value);
                self.add_secret(&meant);
                if is_name(name) {
                    add_parts(&mut self.secrets, &meant);
                }
            }
        }
    }

    /// Adds every text of a JSON body, except keys, words of the API and common words.
    pub(crate) fn add_json(&mut self, body: &serde_json::Value) {
        self.add_texts("", body);
    }

    fn add_texts(&mut self, field: &str, value: &serde_json::Value) {
        match value {
            serde_json::Value::String(text) if is_api_word(field, text) => {}
            serde_json::Value::String(text) if is_common(text) && !is_name(field) && !words::holds_secret(field) => {}
            serde_json::Value::String(text) => {
                add(&mut self.texts, text);
                if is_name(field) {
                    add_parts(&mut self.texts, text);
                }
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| self.add_texts(field, item)),
            serde_json::Value::Object(fields) => fields.iter().for_each(|(name, value)| self.add_texts(name, value)),
            _ => {}
        }
    }

    /// `text` without the values and without anything that looks personal, cut if it is long.
    pub(crate) fn scrub(&self, text: &str) -> String {
        self.scrub_all([text]).pop().unwrap_or_default()
    }

    /// As [`scrub`](Self::scrub), for several texts, in which the values are searched for together.
    pub(crate) fn scrub_all<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> Vec<String> {
        self.scrub_with(texts, true)
    }

    fn scrub_with<'t>(&self, texts: impl IntoIterator<Item = &'t str>, names: bool) -> Vec<String> {
        let mut all = String::new();
        let mut parts = Vec::new();
        for text in texts {
            let from = all.len();
            all.push_str(cut(text, MAX_SCANNED_BYTES));
            parts.push((from..all.len(), text.len() > MAX_SCANNED_BYTES));
            all.push(SEPARATOR);
        }
        let mut marks = Marks::default();
        shapes::mark(&all, &mut marks);
        if names {
            names::mark(&all, &mut marks);
        }
        let suffixes = Suffixes::new(&all);
        self.secrets.iter().chain(&self.texts).for_each(|value| mark_value(&suffixes, value, &mut marks));
        shapes::named(&all).iter().for_each(|value| suffixes.find(value, |at| marks.add(at)));
        let marks = marks.merged();
        parts.into_iter().map(|(part, is_cut)| marks.apply(&all, part, MAX_SCANNED_BYTES / 2, is_cut)).collect()
    }

    /// As [`scrub`](Self::scrub), for the path of a field. A path of field names stays, even if a text of the body is the same.
    pub(crate) fn scrub_path(&self, path: &str) -> String {
        let is_known = || self.secrets.iter().any(|secret| path.contains(secret.as_str()));
        if path.len() <= MAX_PATH_BYTES && names_in(path).all(is_field) && !is_known() {
            return path.to_owned();
        }
        // Cut after scrubbing, because the beginning of a value would not be recognized.
        let clean = self.scrub_with([path], false).pop().unwrap_or_default();
        cut(&clean, MAX_PATH_BYTES).to_owned()
    }
}

/// Marks every occurrence of a value, extended to whole words; of a short value only those that are a word.
fn mark_value(suffixes: &Suffixes<'_>, value: &str, marks: &mut Marks) {
    let text = suffixes.text();
    let is_short = value.len() < MIN_SUBSTRING_BYTES && value.is_ascii();
    suffixes.find(value, |at| {
        let word = marks::word_around(text, at.clone());
        if is_short && word != at { true } else { marks.add(word) }
    });
}

/// Adds a value in every encoding.
fn add(values: &mut HashSet<String>, value: &str) {
    let value = value.trim();
    let encoded = utf8_percent_encode(value, &UNRESERVED).to_string();
    let quoted = serde_json::Value::from(value).to_string();
    let quoted = quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned();
    for form in [value.to_owned(), encoded.replace("%20", "+"), encoded, quoted] {
        // Two ASCII letters count as a name (`Li`, `Bo`) only with a capital; beyond ASCII one letter can be a name.
        let is_name = form.starts_with(|first: char| first.is_uppercase()) && form.len() > 1;
        let is_long = form.len() > 2 || !form.is_ascii();
        if is_long || is_name {
            values.insert(form);
        }
    }
}

/// Whether a field holds a person's name.
fn is_name(field: &str) -> bool {
    field.to_ascii_lowercase().ends_with("name")
}

/// Adds the parts of a person's name.
fn add_parts(values: &mut HashSet<String>, name: &str) {
    name.split_whitespace().filter(|part| part.starts_with(char::is_uppercase)).for_each(|part| add(values, part));
}

/// The path of a field, in which only names of fields are shown: the other parts are keys of a map.
pub(crate) fn field_names(path: &str) -> String {
    cut(path, MAX_PATH_BYTES)
        .split_inclusive(['.', '[', ']'])
        .map(|part| {
            let name = part.trim_end_matches(['.', '[', ']']);
            if is_field(name) { part.to_owned() } else { REDACTED.to_owned() + &part[name.len()..] }
        })
        .collect()
}

fn names_in(path: &str) -> impl Iterator<Item = &str> {
    path.split(['.', '[', ']'])
}

/// Whether a part of a path is the name of a field, which begins in lower case, or an index.
fn is_field(name: &str) -> bool {
    name.len() <= 40
        && !name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-$".contains(&byte))
        && !shapes::is_key(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knowing(body: serde_json::Value) -> Scrubber {
        let mut scrub = Scrubber::default();
        scrub.add_json(&body);
        scrub
    }

    #[test]
    fn values_of_the_request_are_cut_out_of_a_text() {
        let scrub = knowing(serde_json::json!({"attendee": {"name": "Erika Muster"}, "guests": ["x"]}));
        assert_eq!(scrub.scrub("Erika Muster is busy, x is not"), "[redacted] is busy, x is not");
    }

    #[test]
    fn addresses_numbers_and_keys_are_cut_out_of_a_text() {
        let clean = Scrubber::default().scrub(
            "no client for access token=cal_live_abc, ask jane@example.org (+4915112345678) at /v2/me?email=a@b.cd now",
        );
        assert_eq!(
            clean,
            "no client for access token=[redacted], ask [redacted] ([redacted]) at /v2/me?[redacted] now"
        );
        let clean = Scrubber::default().scrub(r#"{"email":"jane@example.org","phone":"+49 30 123-456"}."#);
        assert_eq!(clean, r#"{"email":"[redacted]","phone":"[redacted]"}."#);
        assert_eq!(Scrubber::default().scrub("key:cal_live_abc."), "key:[redacted].");
        assert_eq!(
            Scrubber::default().scrub("send cal-api-version, 1 + 2 or a+b."),
            "send cal-api-version, 1 + 2 or a+b."
        );
    }

    #[test]
    fn what_the_service_names_by_itself_does_not_come_through() {
        let clean = |text: &str| Scrubber::default().scrub(text);
        assert_eq!(
            clean("moved to booking with uid=kgiKeoVgk6N. Reschedule kgiKeoVgk6N, or seatUid=1-2."),
            "moved to booking with uid=[redacted]. Reschedule [redacted], or seatUid=[redacted]."
        );
        assert_eq!(clean("no client for access token=some:thing"), "no client for access token=[redacted]");
    }

    #[test]
    fn short_names_are_cut_out_as_whole_words_only() {
        let scrub = knowing(serde_json::json!({"name": "Li", "guest": "Anna", "host": "王伟", "language": "en"}));
        assert_eq!(
            scrub.scrub("Li and Anna know 王伟, not aLima or anAnnalena, when"),
            "[redacted] and [redacted] know [redacted], not aLima or anAnnalena, when"
        );
    }

    #[test]
    fn values_that_the_api_defines_are_not_cut_out() {
        let scrub =
            knowing(serde_json::json!({"triggers": ["BOOKING_CREATED", "Erika M."], "timeZone": "Europe/Berlin",
            "availability": [{"days": ["Monday"]}], "type": "a person", "name": "Monday"}));
        assert_eq!(
            scrub.scrub("BOOKING_CREATED, Erika M. and a person in Europe/Berlin on Mondays"),
            "BOOKING_CREATED, [redacted] and [redacted] in Europe/Berlin on [redacted]"
        );
    }

    #[test]
    fn words_that_every_text_has_stay_unless_they_are_a_name_or_a_secret() {
        let text = "Too many requests for the one who will pay";
        let scrub = knowing(serde_json::json!({"notes": "many", "reason": "the", "answer": "requ"}));
        assert_eq!(scrub.scrub(text), text);
        for (body, shown) in [
            (serde_json::json!({"name": "many"}), "Too [redacted] requests for the one who will pay"),
            (serde_json::json!({"username": "the"}), "Too many requests for [redacted] one who will pay"),
            (serde_json::json!({"webhookSecret": "many"}), "Too [redacted] requests for the one who will pay"),
            (serde_json::json!({"notes": "will"}), "Too many requests for the one who [redacted] pay"),
            (serde_json::json!({"notes": "many requests"}), "Too [redacted] for the one who will pay"),
        ] {
            assert_eq!(knowing(body).scrub(text), shown);
        }
        // A value of a path, a query or a credential is removed even if it is a common word.
        let mut scrub = Scrubber::default();
        scrub.add_secret("many");
        scrub.add_query("note=the");
        assert_eq!(scrub.scrub(text), "Too [redacted] requests for [redacted] one who will pay");
    }

    #[test]
    fn encoded_values_are_the_same_values() {
        let mut scrub = knowing(serde_json::json!({"name": "Erika \"E\" Muster"}));
        scrub.add_query("attendeeName=J%C3%B6rg+Muster&take=5");
        assert_eq!(
            scrub.scrub(r#"Jörg Muster, then J%C3%B6rg+Muster; J%C3%B6rg%20Muster: "Erika \"E\" Muster""#),
            r#"[redacted], then [redacted]; [redacted]: "[redacted]""#
        );
    }

    #[test]
    fn a_field_keeps_its_name_though_a_text_is_called_the_same() {
        let mut scrub = knowing(serde_json::json!({"source": "phone", "name": "Erika"}));
        scrub.add_secret("planted-token");
        assert_eq!(scrub.scrub_path("attendee.phone"), "attendee.phone");
        assert_eq!(scrub.scrub_path("metadata.planted-token"), "metadata.[redacted]");
        assert_eq!(scrub.scrub_path("guests[1].Erika.Straße"), "guests[1].[redacted].Straße");
        assert_eq!(scrub.scrub_path("metadata.jane@example.org"), "[redacted]");
        assert_eq!(field_names("data.slots.2026-12-01[3].Straße"), "data.slots.2026-12-01[3].[redacted]");
    }

    #[test]
    fn an_address_that_contains_a_sent_value_is_cut_out_whole() {
        let scrub = knowing(serde_json::json!({"a": "example", "b": "smith", "c": "org"}));
        assert_eq!(
            scrub.scrub("mail to smith@example.org or <j.smith@mail.example.org>."),
            "mail to [redacted] or <[redacted]>."
        );
        let clean = |text: &str| Scrubber::default().scrub(text);
        for address in [
            "jane@localhost",
            "\"jane doe\"@mail.example.org",
            "jane%40example.org",
            "o'hara@example.org",
            "jörg@exämple.org",
        ] {
            assert_eq!(clean(&format!("no {address}, sorry")), "no [redacted], sorry", "{address}");
        }
        assert_eq!(clean("cut off at jane.doe@"), "cut off at [redacted]");
        assert_eq!(clean("a @ b, 5 % of it, 1 + 2"), "a @ b, 5 % of it, 1 + 2");
    }

    #[test]
    fn a_word_that_contains_a_sent_value_is_cut_out_whole() {
        let scrub = knowing(serde_json::json!({"name": "Erika Muster", "host": "berger"}));
        assert_eq!(scrub.scrub("no time for schoenberger"), "no time for [redacted]");
        assert_eq!(scrub.scrub("no time for bergers, schoenbergers"), "no time for [redacted], [redacted]");
        assert_eq!(scrub.scrub("(muster) Muster asked"), "(muster) [redacted] asked", "a part of a name is one too");
    }

    #[test]
    fn names_that_the_service_writes_by_itself_are_not_shown() {
        let clean = |text: &str| Scrubber::default().scrub(text);
        for (text, shown) in [
            ("User Jane van Doe is not available", "User [redacted] is not available"),
            (
                "Jane is busy. The host asked Erika Muster-Mann, too",
                "[redacted] is busy. The host asked [redacted], too",
            ),
            ("Hosts Jane Doe, Bo McDonald and Zoë are away", "Hosts [redacted] and [redacted] are away"),
            ("a team with name=Chess club. Try again", "a team with name=[redacted]. Try again"),
            ("host: Hana, (Gil)", "host: [redacted], ([redacted])"),
            ("Google Calendar is not connected for User", "Google Calendar is not connected for User"),
            (
                "429 Too Many Requests, not 431 Request Header Fields Too Large",
                "429 Too Many Requests, not 431 Request Header Fields Too Large",
            ),
            ("Rate Limit Exceeded: Too Many Attempts", "Rate Limit Exceeded: Too Many Attempts"),
            ("414 URI Too Long for Jane Long", "414 URI Too Long for [redacted]"),
            ("the host Long is away", "the host [redacted] is away"),
            (
                "Can't find it: BadRequestException in Europe/Berlin",
                "Can't find it: BadRequestException in Europe/Berlin",
            ),
        ] {
            assert_eq!(clean(text), shown);
        }
    }

    #[test]
    fn a_long_value_is_cut_out_where_a_text_contains_only_its_beginning() {
        let note = "remember that the door is round the corner, ".repeat(200);
        let scrub = knowing(serde_json::json!({ "notes": note }));
        assert_eq!(scrub.scrub(&format!("refused: {note}")), "refused: [redacted] ...");
        assert_eq!(scrub.scrub(&format!("refused: {}!", &note[..1_000])), "refused: [redacted]!");
        let padded = format!("{}{note}", "- ".repeat(1_000));
        assert!(!scrub.scrub(&padded).contains("remember"));
    }

    #[test]
    fn texts_of_any_content_are_cut_to_a_bounded_length() {
        let mut scrub = Scrubber::default();
        (0..10_000).for_each(|n| scrub.add_secret(&format!("value {n}")));
        scrub.add_secret(&"a".repeat(5_000));
        for piece in
            ["key=1 key=2 ", "a", "@", "%40", "+", "name=", "uid=uid=", "Jane ", "?/", "value 7 ", "\"@", "cal_"]
        {
            let text = piece.repeat((256 << 10) / piece.len());
            let clean = scrub.scrub(&text);
            assert!(
                clean.len() <= 8 * MAX_SCANNED_BYTES && clean.ends_with('.') | (clean == REDACTED),
                "{piece}: {}",
                clean.len()
            );
        }
    }
}
