//! Who and what must not be recorded, and what stands there instead: the same for the same, wherever it appears.

use std::collections::HashMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// What is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Key,
    Token,
    Secret,
    Email,
    Phone,
    Name,
    /// A part of somebody's name.
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
/// Fields that name a person where the object is one.
const NAMES: [&str; 4] = ["name", "firstName", "lastName", "displayName"];
/// Fields whose value looks like an address, and is none.
const NO_ADDRESSES: [&str; 2] = ["icsUid", "iCalUID"];
/// Objects that are persons whatever else they hold.
const PERSONS: [&str; 9] =
    ["attendee", "attendees", "hosts", "host", "organizer", "owner", "user", "users", "responses"];

/// A dictionary of what was replaced by what.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disguise {
    /// In the order in which they were learned.
    known: Vec<Known>,
    at: HashMap<String, usize>,
    numbers: HashMap<Kind, usize>,
}

#[derive(Clone, Debug)]
struct Known {
    kind: Kind,
    original: String,
    replacement: String,
}

impl Disguise {
    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }

    /// What was learned after the first `count`.
    pub(crate) fn since(&self, count: usize) -> impl Iterator<Item = &str> {
        self.known.iter().skip(count).map(|known| known.original.as_str())
    }

    /// What this stands for.
    pub(crate) fn original(&self, replacement: &str) -> Option<&str> {
        self.known.iter().find(|known| known.replacement == replacement).map(|known| known.original.as_str())
    }

    /// Originals and replacements of whole things, in the order in which they were learned.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let whole = self.known.iter().filter(|known| known.kind != Kind::FirstName);
        whole.map(|known| (known.original.as_str(), known.replacement.as_str()))
    }

    fn learn(&mut self, kind: Kind, original: &str) {
        let original = original.trim();
        if original.is_empty() || self.at.contains_key(original) {
            return;
        }
        let number = self.numbers.entry(kind).or_default();
        *number += 1;
        let replacement = match kind {
            Kind::Key => format!("cal_redacted_{number}"),
            Kind::Token => format!("token_redacted_{number}"),
            Kind::Secret => format!("secret_redacted_{number}"),
            Kind::Email => format!("person{number}@example.com"),
            Kind::Phone => format!("+1555{number:07}"),
            Kind::Name => format!("Person {number}"),
            Kind::FirstName => format!("Somebody{number}"),
            Kind::Username => format!("user{number}"),
        };
        self.at.insert(original.to_owned(), self.known.len());
        self.known.push(Known { kind, original: original.to_owned(), replacement });
        if kind == Kind::Name {
            for word in original.split_whitespace().filter(|word| *word != original && word.chars().count() > 1) {
                self.learn(Kind::FirstName, word);
            }
        }
    }

    pub(crate) fn learn_header(&mut self, name: &str, value: &str) {
        match name.to_ascii_lowercase().as_str() {
            "authorization" => {
                let token = value.split_once(' ').map_or(value, |(_, token)| token);
                self.learn(if token.starts_with("cal_") { Kind::Key } else { Kind::Token }, token);
            }
            "x-cal-secret-key" | "x-cal-client-id" => self.learn(Kind::Secret, value),
            _ => {}
        }
    }

    pub(crate) fn learn_query(&mut self, query: &str) {
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "attendeeName" => self.learn(Kind::Name, &value),
                "username" => self.learn(Kind::Username, &value),
                "usernames" => value.split(',').for_each(|value| self.learn(Kind::Username, value)),
                name => self.learn_field(name, &value, false),
            }
        }
    }

    pub(crate) fn learn_body(&mut self, body: &Value) {
        self.learn_value("", body);
    }

    fn learn_value(&mut self, field: &str, value: &Value) {
        match value {
            Value::String(text) => self.learn_looks(text),
            Value::Array(items) => items.iter().for_each(|item| self.learn_value(field, item)),
            Value::Object(fields) => {
                let is_person =
                    PERSONS.contains(&field) || fields.contains_key("email") || fields.contains_key("username");
                for (name, value) in fields {
                    match value {
                        Value::String(text) => self.learn_field(name, text, is_person),
                        // A name in parts, or a field with a label around it.
                        Value::Object(parts) if is_person && name == "name" => {
                            let texts = parts.values().filter_map(Value::as_str);
                            texts.for_each(|text| self.learn(Kind::Name, text));
                        }
                        value => self.learn_value(name, value),
                    }
                    self.learn_looks(name);
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
            self.learn(Kind::Secret, text);
        } else if TOKENS.contains(&name) {
            self.learn(if text.starts_with("cal_") { Kind::Key } else { Kind::Token }, text);
        } else if name.to_ascii_lowercase().contains("phone") && text.chars().filter(char::is_ascii_digit).count() > 6 {
            self.learn(Kind::Phone, text);
        } else if is_person && name == "username" {
            self.learn(Kind::Username, text);
        } else if is_person && NAMES.contains(&name) && !text.contains('@') {
            self.learn(Kind::Name, text);
        } else {
            self.learn_looks(text);
        }
    }

    /// What can be told by its looks: addresses, numbers, keys, tokens.
    fn learn_looks(&mut self, text: &str) {
        let is_part = |c: char| c.is_alphanumeric() || "@._+%-".contains(c);
        for word in text.split(|c| !is_part(c)).map(|word| word.trim_matches(['.', '-', '%'])) {
            let mail = word.replace("%40", "@");
            if let Some((user, host)) = mail.split_once('@')
                && !user.is_empty()
                && host.contains('.')
            {
                self.learn(Kind::Email, &mail);
            } else if let Some(at) = word.find("cal_")
                && word.len() > at + 8
                && !word[..at].ends_with(char::is_alphanumeric)
            {
                self.learn(Kind::Key, &word[at..]);
            } else if word.len() > 40 && word.starts_with("eyJ") {
                self.learn(Kind::Token, word);
            }
        }
        for (at, _) in text.match_indices('+') {
            let digits: String = text[at + 1..].chars().take_while(char::is_ascii_digit).collect();
            if (7..=15).contains(&digits.len()) {
                self.learn(Kind::Phone, &format!("+{digits}"));
            }
        }
    }

    /// A text without what was learned, as it stands and as it stands in a URL.
    pub(crate) fn hide(&self, text: &str) -> String {
        self.hide_kinds(text, |_| true)
    }

    /// A body without it: every text, and every key of an object that is an address, a number or a key.
    pub(crate) fn hide_body(&self, body: &Value) -> Value {
        match body {
            Value::String(text) => {
                // One word of somebody's name alone can be a word of the API.
                let words = text.contains(char::is_whitespace);
                self.hide_kinds(text, |kind| words || kind != Kind::FirstName).into()
            }
            Value::Array(items) => items.iter().map(|item| self.hide_body(item)).collect(),
            Value::Object(fields) => {
                let of_key = |kind| !matches!(kind, Kind::Name | Kind::FirstName | Kind::Username);
                let hidden = fields.iter().map(|(name, value)| (self.hide_kinds(name, of_key), self.hide_body(value)));
                Value::Object(hidden.collect())
            }
            other => other.clone(),
        }
    }

    fn hide_kinds(&self, text: &str, counts: impl Fn(Kind) -> bool) -> String {
        let known = self.known.iter().filter(|known| counts(known.kind));
        substitute(text, known.map(|known| (known.original.as_str(), known.replacement.as_str())))
    }
}

/// A text in which each of these words has become the other, as it stands and as it stands in a URL; the longest first,
/// and never a part of a longer word.
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
        let mut disguise = Disguise::default();
        disguise.learn_header("Authorization", "Bearer cal_live_secret");
        disguise.learn_query("attendeeEmail=ada%40example.org&username=adal");
        disguise.learn_body(&json!({
            "attendee": { "name": "Ada Love", "email": "ada@example.org", "phoneNumber": "+4915112345678" },
            "hosts": [{ "name": "Bo", "username": "adal" }],
            "name": "Working hours", "secret": "s3cr3t",
        }));
        assert_eq!(disguise.hide("Bearer cal_live_secret"), "Bearer cal_redacted_1");
        assert_eq!(disguise.hide("attendeeEmail=ada%40example.org"), "attendeeEmail=person1%40example.com");
        assert_eq!(disguise.hide("/adal/30min, /adaline"), "/user1/30min, /adaline");
        assert_eq!(
            disguise.hide_body(&json!({
                "title": "30 min between Ada Love and Bo", "notes": "Ask Ada, not Adam: +4915112345678",
                "name": "Working hours", "secret": "s3cr3t", "weekStart": "Ada", "ada@example.org": 1, "Bo": 2,
            })),
            json!({
                "title": "30 min between Person 1 and Person 2", "notes": "Ask Somebody1, not Adam: +15550000001",
                "name": "Working hours", "secret": "secret_redacted_1", "weekStart": "Ada", "person1@example.com": 1,
                "Bo": 2,
            })
        );
        assert_eq!(disguise.original("person1@example.com"), Some("ada@example.org"));
    }

    #[test]
    fn a_replacement_is_not_replaced_again() {
        let mut disguise = Disguise::default();
        disguise.learn_query("usernames=example,person1");
        disguise.learn_body(&json!("person1@example.com wrote to ada@example.org"));
        let hidden = disguise.hide("person1@example.com wrote to ada@example.org about example");
        assert_eq!(hidden, "person1@example.com wrote to person2@example.com about user1");
    }

    #[test]
    fn names_with_blanks_are_found_in_queries() {
        let mut disguise = Disguise::default();
        disguise.learn_query("attendeeName=J%C3%B6rg+Muster");
        assert_eq!(disguise.hide("attendeeName=J%C3%B6rg+Muster"), "attendeeName=Person+1");
        assert_eq!(disguise.hide("attendeeName=J%C3%B6rg%20Muster"), "attendeeName=Person%201");
    }
}
