//! Pseudonyms in recordings: persons and secrets are replaced. The same value gets the same pseudonym everywhere.

use std::collections::HashMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// A kind of value that is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum PseudonymKind {
    Key,
    Token,
    Secret,
    Email,
    Phone,
    Name,
    /// A part of a person's name.
    FirstName,
    Username,
}

/// Fields whose value is a secret.
const SECRETS: [&str; 6] = ["secret", "clientSecret", "client_secret", "password", "hashedKey", "privateKey"];
/// Fields whose value is a token or a key.
const TOKENS: [&str; 8] = [
    "accessToken",
    "access_token",
    "refreshToken",
    "refresh_token",
    "apiKey",
    "api_key",
    "code_verifier",
    "authorization",
];
/// Fields that contain a person's name if the object is a person.
const NAMES: [&str; 4] = ["name", "firstName", "lastName", "displayName"];
/// Fields whose value looks like an e-mail address and is none.
const NO_ADDRESSES: [&str; 2] = ["icsUid", "iCalUID"];
/// Keys of objects that are persons.
const PERSONS: [&str; 9] =
    ["attendee", "attendees", "hosts", "host", "organizer", "owner", "user", "users", "responses"];

/// The pseudonyms of a recording.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pseudonyms {
    /// In the order in which they were added.
    known: Vec<Pseudonym>,
    at: HashMap<String, usize>,
    numbers: HashMap<PseudonymKind, usize>,
}

#[derive(Clone, Debug)]
struct Pseudonym {
    kind: PseudonymKind,
    original: String,
    replacement: String,
}

impl Pseudonyms {
    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }

    /// The originals that were added after the first `count`.
    pub(crate) fn since(&self, count: usize) -> impl Iterator<Item = &str> {
        self.known.iter().skip(count).map(|known| known.original.as_str())
    }

    /// The original of a pseudonym.
    pub(crate) fn original(&self, replacement: &str) -> Option<&str> {
        self.known.iter().find(|known| known.replacement == replacement).map(|known| known.original.as_str())
    }

    /// Originals and pseudonyms of complete values, in the order in which they were added.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let whole = self.known.iter().filter(|known| known.kind != PseudonymKind::FirstName);
        whole.map(|known| (known.original.as_str(), known.replacement.as_str()))
    }

    fn learn(&mut self, kind: PseudonymKind, original: &str) {
        let original = original.trim();
        if original.is_empty() || self.at.contains_key(original) {
            return;
        }
        let number = self.numbers.entry(kind).or_default();
        *number += 1;
        let replacement = match kind {
            PseudonymKind::Key => format!("cal_redacted_{number}"),
            PseudonymKind::Token => format!("token_redacted_{number}"),
            PseudonymKind::Secret => format!("secret_redacted_{number}"),
            PseudonymKind::Email => format!("person{number}@example.com"),
            PseudonymKind::Phone => format!("+1555{number:07}"),
            PseudonymKind::Name => format!("Person {number}"),
            PseudonymKind::FirstName => format!("Somebody{number}"),
            PseudonymKind::Username => format!("user{number}"),
        };
        self.at.insert(original.to_owned(), self.known.len());
        self.known.push(Pseudonym { kind, original: original.to_owned(), replacement });
        if kind == PseudonymKind::Name {
            for word in original.split_whitespace().filter(|word| *word != original && word.chars().count() > 1) {
                self.learn(PseudonymKind::FirstName, word);
            }
        }
    }

    pub(crate) fn learn_header(&mut self, name: &str, value: &str) {
        match name.to_ascii_lowercase().as_str() {
            "authorization" => {
                let token = value.split_once(' ').map_or(value, |(_, token)| token);
                self.learn(if token.starts_with("cal_") { PseudonymKind::Key } else { PseudonymKind::Token }, token);
            }
            "x-cal-secret-key" | "x-cal-client-id" => self.learn(PseudonymKind::Secret, value),
            _ => {}
        }
    }

    pub(crate) fn learn_query(&mut self, query: &str) {
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "attendeeName" => self.learn(PseudonymKind::Name, &value),
                "username" => self.learn(PseudonymKind::Username, &value),
                "usernames" => value.split(',').for_each(|value| self.learn(PseudonymKind::Username, value)),
                name => self.learn_field(name, &value, false),
            }
        }
    }

    pub(crate) fn learn_body(&mut self, body: &Value) {
        self.learn_value("", body);
    }

    fn learn_value(&mut self, field: &str, value: &Value) {
        match value {
            Value::String(text) => self.learn_patterns(text),
            Value::Array(items) => items.iter().for_each(|item| self.learn_value(field, item)),
            Value::Object(fields) => {
                let is_person =
                    PERSONS.contains(&field) || fields.contains_key("email") || fields.contains_key("username");
                for (name, value) in fields {
                    match value {
                        Value::String(text) => self.learn_field(name, text, is_person),
                        // The name has several parts, or the field is an object with a label.
                        Value::Object(parts) if is_person && name == "name" => {
                            let texts = parts.values().filter_map(Value::as_str);
                            texts.for_each(|text| self.learn(PseudonymKind::Name, text));
                        }
                        value => self.learn_value(name, value),
                    }
                    self.learn_patterns(name);
                }
            }
            _ => {}
        }
    }

    fn learn_field(&mut self, name: &str, text: &str, is_person: bool) {
        if NO_ADDRESSES.contains(&name) {
            return;
        }
        if SECRETS.contains(&name) {
            self.learn(PseudonymKind::Secret, text);
        } else if TOKENS.contains(&name) {
            self.learn(if text.starts_with("cal_") { PseudonymKind::Key } else { PseudonymKind::Token }, text);
        } else if name.to_ascii_lowercase().contains("phone") && text.chars().filter(char::is_ascii_digit).count() > 6 {
            self.learn(PseudonymKind::Phone, text);
        } else if is_person && name == "username" {
            self.learn(PseudonymKind::Username, text);
        } else if is_person && NAMES.contains(&name) && !text.contains('@') {
            self.learn(PseudonymKind::Name, text);
        } else {
            self.learn_patterns(text);
        }
    }

    /// Adds the values that are recognized by their form: addresses, numbers, keys, tokens.
    fn learn_patterns(&mut self, text: &str) {
        let is_part = |c: char| c.is_alphanumeric() || "@._+%-".contains(c);
        for word in text.split(|c| !is_part(c)).map(|word| word.trim_matches(['.', '-', '%'])) {
            let mail = word.replace("%40", "@");
            if let Some((user, host)) = mail.split_once('@')
                && !user.is_empty()
                && host.contains('.')
            {
                self.learn(PseudonymKind::Email, &mail);
            } else if let Some(at) = word.find("cal_")
                && word.len() > at + 8
                && !word[..at].ends_with(char::is_alphanumeric)
            {
                self.learn(PseudonymKind::Key, &word[at..]);
            } else if word.len() > 40 && word.starts_with("eyJ") {
                self.learn(PseudonymKind::Token, word);
            }
        }
        for (at, _) in text.match_indices('+') {
            let digits: String = text[at + 1..].chars().take_while(char::is_ascii_digit).collect();
            if (7..=15).contains(&digits.len()) {
                self.learn(PseudonymKind::Phone, &format!("+{digits}"));
            }
        }
    }

    /// Replaces all originals in a text, in plain and in URL-encoded form.
    pub(crate) fn replace_in(&self, text: &str) -> String {
        self.replace_kinds(text, |_| true)
    }

    /// Replaces all originals in a body: in each text, and in each object key that is an address, a number or an API key.
    pub(crate) fn replace_in_body(&self, body: &Value) -> Value {
        match body {
            Value::String(text) => {
                // A single word of a person's name can be a word of the API.
                let words = text.contains(char::is_whitespace);
                self.replace_kinds(text, |kind| words || kind != PseudonymKind::FirstName).into()
            }
            Value::Array(items) => items.iter().map(|item| self.replace_in_body(item)).collect(),
            Value::Object(fields) => {
                let of_key =
                    |kind| !matches!(kind, PseudonymKind::Name | PseudonymKind::FirstName | PseudonymKind::Username);
                let hidden =
                    fields.iter().map(|(name, value)| (self.replace_kinds(name, of_key), self.replace_in_body(value)));
                Value::Object(hidden.collect())
            }
            other => other.clone(),
        }
    }

    fn replace_kinds(&self, text: &str, counts: impl Fn(PseudonymKind) -> bool) -> String {
        let known = self.known.iter().filter(|known| counts(known.kind));
        substitute(text, known.map(|known| (known.original.as_str(), known.replacement.as_str())))
    }
}

/// Replaces words in a text, in plain and in URL-encoded form. Longer words are replaced first; parts of a longer word are
/// not replaced.
pub(crate) fn substitute<'a>(text: &str, words: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut forms: Vec<(String, String)> = Vec::new();
    for (word, other) in words {
        forms.push((word.to_owned(), other.to_owned()));
        let (encoded, encoded_other) = (encode(word), encode(other));
        if encoded != word {
            forms.push((encoded.replace("%20", "+"), encoded_other.replace("%20", "+")));
            forms.push((encoded, encoded_other));
        }
    }
    forms.retain(|(word, _)| !word.is_empty() && text.contains(word.as_str()));
    forms.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
    let mut done = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let before = text[..text.len() - rest.len()].chars().next_back();
        let fits = |word: &str| {
            rest.strip_prefix(word).is_some_and(|after| {
                let joins = |one: Option<char>, other: Option<char>| {
                    one.is_some_and(char::is_alphanumeric) && other.is_some_and(char::is_alphanumeric)
                };
                !joins(before, word.chars().next()) && !joins(word.chars().next_back(), after.chars().next())
            })
        };
        match forms.iter().find(|(word, _)| fits(word)) {
            Some((word, other)) => {
                done.push_str(other);
                rest = &rest[word.len()..];
            }
            None => {
                done.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
    }
    done
}

fn encode(text: &str) -> String {
    const PLAIN: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, &PLAIN).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_same_is_replaced_by_the_same_everywhere() {
        let mut pseudonyms = Pseudonyms::default();
        pseudonyms.learn_header("Authorization", "Bearer cal_live_secret");
        pseudonyms.learn_query("attendeeEmail=ada%40example.org&username=adal");
        pseudonyms.learn_body(&json!({
            "attendee": { "name": "Ada Love", "email": "ada@example.org", "phoneNumber": "+4915112345678" },
            "hosts": [{ "name": "Bo", "username": "adal" }],
            "name": "Working hours", "secret": "s3cr3t",
        }));
        assert_eq!(pseudonyms.replace_in("Bearer cal_live_secret"), "Bearer cal_redacted_1");
        assert_eq!(pseudonyms.replace_in("attendeeEmail=ada%40example.org"), "attendeeEmail=person1%40example.com");
        assert_eq!(pseudonyms.replace_in("/adal/30min, /adaline"), "/user1/30min, /adaline");
        assert_eq!(
            pseudonyms.replace_in_body(&json!({
                "title": "30 min between Ada Love and Bo", "notes": "Ask Ada, not Adam: +4915112345678",
                "name": "Working hours", "secret": "s3cr3t", "weekStart": "Ada", "ada@example.org": 1, "Bo": 2,
            })),
            json!({
                "title": "30 min between Person 1 and Person 2", "notes": "Ask Somebody1, not Adam: +15550000001",
                "name": "Working hours", "secret": "secret_redacted_1", "weekStart": "Ada", "person1@example.com": 1,
                "Bo": 2,
            })
        );
        assert_eq!(pseudonyms.original("person1@example.com"), Some("ada@example.org"));
    }

    #[test]
    fn a_replacement_is_not_replaced_again() {
        let mut pseudonyms = Pseudonyms::default();
        pseudonyms.learn_query("usernames=example,person1");
        pseudonyms.learn_body(&json!("person1@example.com wrote to ada@example.org"));
        let hidden = pseudonyms.replace_in("person1@example.com wrote to ada@example.org about example");
        assert_eq!(hidden, "person1@example.com wrote to person2@example.com about user1");
    }

    #[test]
    fn names_with_blanks_are_found_in_queries() {
        let mut pseudonyms = Pseudonyms::default();
        pseudonyms.learn_query("attendeeName=J%C3%B6rg+Muster");
        assert_eq!(pseudonyms.replace_in("attendeeName=J%C3%B6rg+Muster"), "attendeeName=Person+1");
        assert_eq!(pseudonyms.replace_in("attendeeName=J%C3%B6rg%20Muster"), "attendeeName=Person%201");
    }
}
