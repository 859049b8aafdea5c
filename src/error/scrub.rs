//! Cuts out of a text what must not be read in a log: whatever the request carried, and whatever looks like an e-mail
//! address, a token or a URL's query.

/// Shorter values are words of the language as often as they are somebody's data.
const SHORTEST: usize = 3;
const REDACTED: &str = "[redacted]";

/// The values that one request carried.
#[derive(Debug, Default)]
pub(crate) struct Scrubber {
    values: Vec<String>,
}

impl Scrubber {
    /// Adds a value that must not be repeated: a query value, a path parameter, a credential.
    pub(crate) fn value(&mut self, value: &str) {
        let value = value.trim();
        if value.chars().count() >= SHORTEST && !self.values.iter().any(|known| known == value) {
            self.values.push(value.to_owned());
        }
    }

    /// Adds every text of a JSON body, keys of free maps aside.
    pub(crate) fn json(&mut self, body: &serde_json::Value) {
        match body {
            serde_json::Value::String(text) => self.value(text),
            serde_json::Value::Array(items) => items.iter().for_each(|item| self.json(item)),
            serde_json::Value::Object(fields) => fields.values().for_each(|field| self.json(field)),
            _ => {}
        }
    }

    /// `text` without any of the values, nor anything that looks personal.
    pub(crate) fn clean(&self, text: &str) -> String {
        let mut values: Vec<&str> = self.values.iter().map(String::as_str).collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        let mut clean = text.to_owned();
        for value in values {
            if clean.contains(value) {
                clean = clean.replace(value, REDACTED);
            }
        }
        clean.split_inclusive(|c: char| c.is_whitespace() || ",;\"'()<>`".contains(c)).map(word).collect()
    }
}

fn word(word: &str) -> String {
    let core = word.trim_end_matches(|c: char| c.is_whitespace() || ",;:.\"'()<>`".contains(c));
    let tail = &word[core.len()..];
    if let Some((path, query)) = core.split_once('?')
        && path.contains('/')
        && query.contains('=')
    {
        return format!("{path}?{REDACTED}{tail}");
    }
    let (head, value) =
        core.split_once('=').map_or(("", core), |(_, value)| (&core[..core.len() - value.len()], value));
    if is_personal(value) { format!("{head}{REDACTED}{tail}") } else { word.to_owned() }
}

fn is_personal(word: &str) -> bool {
    let mail = word.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'));
    let key = word.starts_with("cal_");
    let jwt = word.len() > 40 && word.starts_with("eyJ");
    let phone = word.strip_prefix('+').is_some_and(|rest| rest.len() > 5 && rest.bytes().all(|b| b.is_ascii_digit()));
    mail || key || jwt || phone
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_request_carried_does_not_come_back() {
        let mut scrub = Scrubber::default();
        scrub.json(&serde_json::json!({"attendee": {"name": "Erika Muster"}, "guests": ["x"]}));
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
    }
}
