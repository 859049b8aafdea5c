//! What a call leaves for the next one that works on the same key: whether it booked, what, and of which content.

use serde::{Deserialize, Serialize};

use crate::model::BookingUid;

/// How a call ended that knows how it ended. One that does not leaves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyNote {
    /// The digest of what was asked for.
    digest: String,
    /// The booking, or the series; nothing if nothing stands.
    pub(crate) uid: Option<BookingUid>,
}

impl KeyNote {
    pub(crate) fn booked(digest: &str, uid: BookingUid) -> Self {
        Self { digest: digest.to_owned(), uid: Some(uid) }
    }

    pub(crate) fn not_booked(digest: &str) -> Self {
        Self { digest: digest.to_owned(), uid: None }
    }

    /// Whether it is about this content; who only looks does not know.
    pub(crate) fn matches(&self, digest: &str) -> bool {
        digest.is_empty() || self.digest.is_empty() || self.digest == digest
    }

    /// What is left where two calls have not waited for each other: what stands, if one of them knows; else nothing, unless
    /// both have found that nothing stands.
    pub(crate) fn merge(ours: Option<&str>, theirs: Option<&str>) -> Option<String> {
        let booked = |text: &&str| Self::decode(text).is_some_and(|note| note.uid.is_some());
        let kept = ours.filter(booked).or(theirs.filter(booked));
        kept.or(ours.and(theirs).and(ours)).map(str::to_owned)
    }

    pub(crate) fn decode(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    pub(crate) fn encode(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_notes_what_stands_is_kept_and_nothing_only_if_both_say_so() {
        let booked = KeyNote::booked("d", "u".into()).encode();
        let nothing = KeyNote::not_booked("d").encode();
        for (ours, theirs, kept) in [
            (&booked, &nothing, &booked),
            (&nothing, &booked, &booked),
            (&booked, &None, &booked),
            (&None, &booked, &booked),
            (&nothing, &nothing, &nothing),
            (&nothing, &None, &None),
            (&None, &nothing, &None),
            (&None, &None, &None),
        ] {
            assert_eq!(KeyNote::merge(ours.as_deref(), theirs.as_deref()), *kept, "{ours:?} {theirs:?}");
        }
    }
}
