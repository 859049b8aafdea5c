//! Cuts out of a text what must not be read in a log: whatever the request carried, and whatever looks like an e-mail
//! address, a telephone number, a token, a URL's query or a person's name.
//!
//! Every rule marks ranges of the original text, and what the marks cover is replaced at the end: one rule cannot hide from
//! another what it looks for. The work is bounded: texts are cut to a few KB first, and a value of any length costs a few
//! comparisons with the sorted suffixes of the text.

#[cfg(test)]
mod bounds;
mod marks;
mod names;
mod shapes;
mod words;

use std::collections::HashSet;

use percent_encoding::{percent_decode_str, utf8_percent_encode};

pub(super) use marks::cut;
use marks::{Marks, REDACTED, Suffixes};
use words::{is_common, is_of_the_api};

use crate::pipeline::request::UNRESERVED;

/// Shorter values are also parts of words: they are cut out where they stand alone.
const LONG: usize = 5;
/// So many bytes of a text are looked at, and half of them are shown: a value that begins in what is shown is found although
/// it ends behind that.
const LOOKED_AT: usize = 4096;
/// No path of a field is longer.
const LONGEST_PATH: usize = 256;
/// Stands between texts that are scrubbed together.
const BETWEEN: char = '\u{1}';

/// The values that one request carried.
#[derive(Debug, Default)]
pub(crate) struct Scrubber {
    /// What is nowhere the name of a field: credentials, ids, what stood in the query.
    secrets: HashSet<String>,
    /// What stood in the body.
    texts: HashSet<String>,
}

impl Scrubber {
    /// Adds a value that must not be repeated, in each form in which it could be: a path parameter, a credential.
    pub(crate) fn value(&mut self, value: &str) {
        add(&mut self.secrets, value);
    }

    /// Adds every value of a URL's query, as it is written and as it is meant.
    pub(crate) fn query(&mut self, query: &str) {
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            if !is_of_the_api(name, value) {
                let meant = percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned();
                self.value(value);
                self.value(&meant);
                if is_name(name) {
                    add_parts(&mut self.secrets, &meant);
                }
            }
        }
    }

    /// Adds every text of a JSON body; keys aside, the API's own words, and words that every text has.
    pub(crate) fn json(&mut self, body: &serde_json::Value) {
        self.texts("", body);
    }

    fn texts(&mut self, field: &str, value: &serde_json::Value) {
        match value {
            serde_json::Value::String(text) if is_of_the_api(field, text) => {}
            serde_json::Value::String(text) if is_common(text) && !is_name(field) && !words::holds_secret(field) => {}
            serde_json::Value::String(text) => {
                add(&mut self.texts, text);
                if is_name(field) {
                    add_parts(&mut self.texts, text);
                }
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| self.texts(field, item)),
            serde_json::Value::Object(fields) => fields.iter().for_each(|(name, value)| self.texts(name, value)),
            _ => {}
        }
    }

    /// `text` without any of the values, nor anything that looks personal, and cut where it is long.
    pub(crate) fn clean(&self, text: &str) -> String {
        self.clean_all([text]).pop().unwrap_or_default()
    }

    /// As [`clean`](Self::clean), for several texts at once: the values are looked for in all of them together.
    pub(crate) fn clean_all<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> Vec<String> {
        self.clean_with(texts, true)
    }

    fn clean_with<'t>(&self, texts: impl IntoIterator<Item = &'t str>, names: bool) -> Vec<String> {
        let mut all = String::new();
        let mut parts = Vec::new();
        for text in texts {
            let from = all.len();
            all.push_str(cut(text, LOOKED_AT));
            parts.push((from..all.len(), text.len() > LOOKED_AT));
            all.push(BETWEEN);
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
        parts.into_iter().map(|(part, is_cut)| marks.apply(&all, part, LOOKED_AT / 2, is_cut)).collect()
    }

    /// As [`clean`](Self::clean), for the path of a field: what can be names of fields and nothing else stays, although
    /// a text of the body may read the same.
    pub(crate) fn path(&self, path: &str) -> String {
        let is_known = || self.secrets.iter().any(|secret| path.contains(secret.as_str()));
        if path.len() <= LONGEST_PATH && names_in(path).all(is_field) && !is_known() {
            return path.to_owned();
        }
        // The beginning of a value is not known for what it is: it is cut afterwards.
        let clean = self.clean_with([path], false).pop().unwrap_or_default();
        cut(&clean, LONGEST_PATH).to_owned()
    }
}

/// Marks every place of a value; where it is short, only those where it stands alone. A word of which it is a part is marked
/// with it.
fn mark_value(suffixes: &Suffixes<'_>, value: &str, marks: &mut Marks) {
    let text = suffixes.text();
    let is_short = value.len() < LONG && value.is_ascii();
    suffixes.find(value, |at| {
        let word = marks::word_around(text, at.clone());
        if is_short && word != at { true } else { marks.add(word) }
    });
}

/// Adds a value in each form in which it could be repeated.
fn add(values: &mut HashSet<String>, value: &str) {
    let value = value.trim();
    let encoded = utf8_percent_encode(value, &UNRESERVED).to_string();
    let quoted = serde_json::Value::from(value).to_string();
    let quoted = quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned();
    for form in [value.to_owned(), encoded.replace("%20", "+"), encoded, quoted] {
        // Two letters are a name (`Li`, `Bo`) only with a capital; beyond ASCII one letter can be.
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

/// The path of a field, of which only the parts that can be names of fields stay: the others are keys of a map.
pub(crate) fn field_names(path: &str) -> String {
    cut(path, LONGEST_PATH)
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

/// Names of fields begin in lower case, indices with a digit.
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
            scrub.clean("Li and Anna know 王伟, not aLima or anAnnalena, when"),
            "[redacted] and [redacted] know [redacted], not aLima or anAnnalena, when"
        );
    }

    #[test]
    fn the_words_of_the_api_stay() {
        let scrub =
            knowing(serde_json::json!({"triggers": ["BOOKING_CREATED", "Erika M."], "timeZone": "Europe/Berlin",
            "availability": [{"days": ["Monday"]}], "type": "a person", "name": "Monday"}));
        assert_eq!(
            scrub.clean("BOOKING_CREATED, Erika M. and a person in Europe/Berlin on Mondays"),
            "BOOKING_CREATED, [redacted] and [redacted] in Europe/Berlin on [redacted]"
        );
    }

    #[test]
    fn words_that_every_text_has_stay_unless_they_are_a_name_or_a_secret() {
        let text = "Too many requests for the one who will pay";
        let scrub = knowing(serde_json::json!({"notes": "many", "reason": "the", "answer": "requ"}));
        assert_eq!(scrub.clean(text), text);
        for (body, shown) in [
            (serde_json::json!({"name": "many"}), "Too [redacted] requests for the one who will pay"),
            (serde_json::json!({"username": "the"}), "Too many requests for [redacted] one who will pay"),
            (serde_json::json!({"webhookSecret": "many"}), "Too [redacted] requests for the one who will pay"),
            (serde_json::json!({"notes": "will"}), "Too many requests for the one who [redacted] pay"),
            (serde_json::json!({"notes": "many requests"}), "Too [redacted] for the one who will pay"),
        ] {
            assert_eq!(knowing(body).clean(text), shown);
        }
        // What stands in a path, a query or a credential says who or what is meant.
        let mut scrub = Scrubber::default();
        scrub.value("many");
        scrub.query("note=the");
        assert_eq!(scrub.clean(text), "Too [redacted] requests for [redacted] one who will pay");
    }

    #[test]
    fn encoded_values_are_the_same_values() {
        let mut scrub = knowing(serde_json::json!({"name": "Erika \"E\" Muster"}));
        scrub.query("attendeeName=J%C3%B6rg+Muster&take=5");
        assert_eq!(
            scrub.clean(r#"Jörg Muster, then J%C3%B6rg+Muster; J%C3%B6rg%20Muster: "Erika \"E\" Muster""#),
            r#"[redacted], then [redacted]; [redacted]: "[redacted]""#
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

    #[test]
    fn an_address_goes_whole_although_a_value_is_part_of_it() {
        let scrub = knowing(serde_json::json!({"a": "example", "b": "smith", "c": "org"}));
        assert_eq!(
            scrub.clean("mail to smith@example.org or <j.smith@mail.example.org>."),
            "mail to [redacted] or <[redacted]>."
        );
        let clean = |text: &str| Scrubber::default().clean(text);
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
    fn a_word_goes_whole_although_a_value_is_part_of_it() {
        let scrub = knowing(serde_json::json!({"name": "Erika Muster", "host": "berger"}));
        assert_eq!(scrub.clean("no time for schoenberger"), "no time for [redacted]");
        assert_eq!(scrub.clean("no time for bergers, schoenbergers"), "no time for [redacted], [redacted]");
        assert_eq!(scrub.clean("(muster) Muster asked"), "(muster) [redacted] asked", "a part of a name is one too");
    }

    #[test]
    fn names_that_the_service_writes_by_itself_are_not_shown() {
        let clean = |text: &str| Scrubber::default().clean(text);
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
    fn a_long_value_is_found_where_the_text_breaks_it_off() {
        let note = "remember that the door is round the corner, ".repeat(200);
        let scrub = knowing(serde_json::json!({ "notes": note }));
        assert_eq!(scrub.clean(&format!("refused: {note}")), "refused: [redacted] ...");
        assert_eq!(scrub.clean(&format!("refused: {}!", &note[..1_000])), "refused: [redacted]!");
        let padded = format!("{}{note}", "- ".repeat(1_000));
        assert!(!scrub.clean(&padded).contains("remember"));
    }

    #[test]
    fn texts_are_cut_and_whatever_they_hold_costs_little() {
        let mut scrub = Scrubber::default();
        (0..10_000).for_each(|n| scrub.value(&format!("value {n}")));
        scrub.value(&"a".repeat(5_000));
        for piece in
            ["key=1 key=2 ", "a", "@", "%40", "+", "name=", "uid=uid=", "Jane ", "?/", "value 7 ", "\"@", "cal_"]
        {
            let text = piece.repeat((256 << 10) / piece.len());
            let clean = scrub.clean(&text);
            assert!(
                clean.len() <= 8 * LOOKED_AT && clean.ends_with('.') | (clean == REDACTED),
                "{piece}: {}",
                clean.len()
            );
        }
    }
}
