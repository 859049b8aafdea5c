//! The results of earlier calls under the same key, as the leases on it record them.

use std::time::Duration;

use tokio::time::Instant;

use super::{appointment::PriorUse, note::KeyNote};
use crate::{model::BookingUid, state::Lease};

/// The results of earlier calls under the same key.
pub(super) struct PriorCalls {
    pub(super) prior: PriorUse,
    pub(super) interrupted_at: Option<Instant>,
    /// The bookings that their notes name.
    pub(super) noted_uids: Vec<BookingUid>,
    /// One of them, if it has other content.
    pub(super) other_content_uid: Option<BookingUid>,
    /// Whether they left nothing unresolved, as far as the leases record it.
    pub(super) is_resolved: bool,
    /// The note for the next call if nothing is sent.
    pub(super) note: InitialNote,
}

/// The note for the next call.
pub(super) struct InitialNote(Option<KeyNote>);

impl InitialNote {
    pub(super) fn encode(&self) -> Option<String> {
        self.0.as_ref().and_then(KeyNote::encode)
    }
}

impl PriorCalls {
    pub(super) fn from_leases(grants: &[Lease], prior: PriorUse, digest: &str) -> Self {
        let (mut idle, mut notes, mut open) = (None, Vec::new(), false);
        for lease in grants {
            match lease.note.as_deref().and_then(KeyNote::decode) {
                Some(note) => notes.push(note),
                // The previous holder was dropped, crashed, or did not learn the outcome: its request may still be in
                // flight.
                None if lease.token != 1 => {
                    open = true;
                    let since = lease.idle.unwrap_or_default();
                    idle = Some(idle.map_or(since, |idle: Duration| idle.min(since)));
                }
                None => {}
            }
        }
        // The caller who reports a crash does not say when it happened, and may mean another process than the lease
        // records.
        let interrupted_at =
            idle.filter(|_| prior != PriorUse::Interrupted).and_then(|idle| Instant::now().checked_sub(idle));
        let prior = match prior {
            _ if open => PriorUse::Interrupted,
            // Another call has used the key first.
            PriorUse::None if !notes.is_empty() => PriorUse::Possible,
            prior => prior,
        };
        let booked = notes.iter().find(|note| note.uid.is_some()).cloned();
        // "Nothing booked" is not certain after a crash: the crashed process may not have used the store.
        let nothing = (prior != PriorUse::Interrupted).then(|| KeyNote::not_booked(digest));
        let own_content_may_exist = open || notes.iter().any(|note| note.uid.is_some() && note.matches(digest));
        let mut of_other_content = notes.iter().filter(|note| !note.matches(digest));
        let mut uids: Vec<BookingUid> = notes.iter().filter_map(|note| note.uid.clone()).collect();
        uids.dedup();
        Self {
            prior,
            interrupted_at,
            other_content_uid: if own_content_may_exist {
                None
            } else {
                of_other_content.find_map(|note| note.uid.clone())
            },
            noted_uids: uids,
            is_resolved: !open,
            note: InitialNote(booked.or(nothing)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn booked(uid: &str) -> Option<String> {
        KeyNote::booked("d", uid.into()).encode()
    }

    fn nothing() -> Option<String> {
        KeyNote::not_booked("d").encode()
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_with_an_earlier_holder_and_no_readable_note_makes_the_key_interrupted() {
        tokio::time::sleep(MINUTE).await;
        let (first, noted) = (Lease::new(1, None, None), Lease::new(7, nothing(), Some(MINUTE)));
        let open = Lease::new(2, None, Some(Duration::from_secs(2)));
        let unread = Lease::new(2, Some("?".to_owned()), Some(Duration::from_secs(5)));
        for (grants, idle) in [
            ([open.clone(), first.clone()], 2),
            ([first.clone(), open.clone()], 2),
            ([unread, open], 2),
            ([noted, Lease::new(0, None, None)], 0),
        ] {
            let prior_calls = PriorCalls::from_leases(&grants, PriorUse::Possible, "d");
            assert_eq!((prior_calls.prior, prior_calls.is_resolved), (PriorUse::Interrupted, false), "{grants:?}");
            assert!(prior_calls.note.encode().is_none(), "what is open stays open");
            assert_eq!(prior_calls.interrupted_at.map(|died| died.elapsed()), Some(Duration::from_secs(idle)));
        }
        let prior_calls = PriorCalls::from_leases(&[first.clone(), first], PriorUse::Possible, "d");
        assert_eq!((prior_calls.prior, prior_calls.is_resolved), (PriorUse::Possible, true));
        assert_eq!(prior_calls.note.encode(), nothing());
    }

    #[tokio::test(start_paused = true)]
    async fn a_booking_that_any_note_names_is_read_and_kept_for_the_next_note() {
        let here = Lease::new(2, booked("a"), Some(MINUTE));
        for grants in
            [[here.clone(), Lease::new(1, None, None)], [Lease::new(9, nothing(), Some(MINUTE)), here.clone()]]
        {
            let prior_calls = PriorCalls::from_leases(&grants, PriorUse::Possible, "d");
            assert_eq!(prior_calls.noted_uids, ["a"]);
            assert!(prior_calls.other_content_uid.is_none());
            assert_eq!(prior_calls.note.encode(), booked("a"));
            assert_eq!(
                PriorCalls::from_leases(&grants, PriorUse::Possible, "other").other_content_uid,
                Some("a".into())
            );
        }
        assert_eq!(
            PriorCalls::from_leases(&[here, Lease::new(3, booked("b"), None)], PriorUse::Possible, "d")
                .noted_uids
                .len(),
            2
        );
    }

    #[test]
    fn a_note_of_other_content_is_reported_unless_the_own_content_may_be_booked_too() {
        let other = Lease::new(2, KeyNote::booked("other", "b".into()).encode(), Some(MINUTE));
        for (beside, other_content) in [
            (Lease::new(1, None, None), Some("b".into())),
            (Lease::new(2, nothing(), Some(MINUTE)), Some("b".into())),
            (Lease::new(2, booked("a"), Some(MINUTE)), None),
            (Lease::new(2, None, Some(MINUTE)), None),
        ] {
            assert_eq!(
                PriorCalls::from_leases(&[other.clone(), beside.clone()], PriorUse::Possible, "d").other_content_uid,
                other_content
            );
            assert_eq!(
                PriorCalls::from_leases(&[beside, other.clone()], PriorUse::Possible, "d").other_content_uid,
                other_content
            );
        }
    }

    #[test]
    fn a_made_key_is_possibly_used_if_a_note_of_another_call_exists() {
        for note in [nothing(), booked("a")] {
            let lease = Lease::new(2, note, Some(MINUTE));
            assert_eq!(PriorCalls::from_leases(&[lease], PriorUse::None, "d").prior, PriorUse::Possible);
        }
        assert_eq!(PriorCalls::from_leases(&[Lease::new(1, None, None)], PriorUse::None, "d").prior, PriorUse::None);
    }

    #[tokio::test(start_paused = true)]
    async fn an_interruption_that_the_caller_reports_has_no_time_from_the_lease() {
        tokio::time::sleep(MINUTE).await;
        let open = Lease::new(2, None, Some(MINUTE));
        assert!(
            PriorCalls::from_leases(std::slice::from_ref(&open), PriorUse::Interrupted, "d").interrupted_at.is_none()
        );
        assert!(PriorCalls::from_leases(&[open], PriorUse::Possible, "d").interrupted_at.is_some());
    }

    #[test]
    fn after_a_reported_crash_the_key_is_interrupted_and_the_next_note_does_not_say_not_booked() {
        for lease in [Lease::new(1, None, None), Lease::new(2, nothing(), Some(MINUTE))] {
            let prior_calls = PriorCalls::from_leases(&[lease], PriorUse::Interrupted, "d");
            assert_eq!(prior_calls.prior, PriorUse::Interrupted);
            assert!(prior_calls.note.encode().is_none());
        }
    }
}
