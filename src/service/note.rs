//! The note of a call for the next one under the same key: whether it booked, what, and which content.

use serde::{Deserialize, Serialize};

use crate::model::BookingUid;

/// The result of a call whose outcome is known. A call with unknown outcome leaves no note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyNote {
    /// The digest of the content.
    digest: String,
    /// The booking, or the series; `None` if nothing is booked.
    pub(crate) uid: Option<BookingUid>,
}

impl KeyNote {
    pub(crate) fn booked(digest: &str, uid: BookingUid) -> Self {
        Self { digest: digest.to_owned(), uid: Some(uid) }
    }

    pub(crate) fn not_booked(digest: &str) -> Self {
        Self { digest: digest.to_owned(), uid: None }
    }

    /// Whether the note is about this content; an empty digest matches all.
    pub(crate) fn matches(&self, digest: &str) -> bool {
        digest.is_empty() || self.digest.is_empty() || self.digest == digest
    }

    /// Merges the notes of two calls that did not wait for each other: a booking, if one of them names it; else
    /// "nothing booked" only if both say so.
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
    fn merged_notes_keep_a_booking_and_say_not_booked_only_if_both_do() {
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

    #[test]
    fn a_note_matches_its_own_content_and_an_empty_digest_matches_any() {
        for (noted, asked, matches) in [("d", "d", true), ("d", "e", false), ("", "d", true), ("d", "", true)] {
            assert_eq!(KeyNote::not_booked(noted).matches(asked), matches, "{noted:?} and {asked:?}");
        }
    }
}
