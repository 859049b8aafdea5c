//! What a call takes over from those before that worked on the same key, as the lease on it tells.

use std::time::Duration;

use tokio::time::Instant;

use super::{appointment::Former, note::Note};
use crate::{model::BookingUid, state::Lease};

/// What a call takes over from those before that worked on the same key.
pub(super) struct Inherited {
    pub(super) former: Former,
    pub(super) died: Option<Instant>,
    /// The bookings that they left word of.
    pub(super) uids: Vec<BookingUid>,
    /// One of them that was of other content.
    pub(super) used_for: Option<BookingUid>,
    /// Whether they left nothing open, as far as the lease tells.
    pub(super) settled: bool,
    /// What is left for the next one if nothing is sent.
    pub(super) note: Leave,
}

/// What is left for the next call.
pub(super) struct Leave(Option<Note>);

impl Leave {
    pub(super) fn write(&self) -> Option<String> {
        self.0.as_ref().and_then(Note::write)
    }
}

impl Inherited {
    pub(super) fn from(grants: &[Lease], former: Former, digest: &str) -> Self {
        let (mut idle, mut notes, mut open) = (None, Vec::new(), false);
        for granted in grants {
            match granted.note.as_deref().and_then(Note::read) {
                Some(note) => notes.push(note),
                // The holder before was dropped or died, or did not find out: what it sent may still be on its way.
                None if granted.token != 1 => {
                    open = true;
                    let since = granted.idle.unwrap_or_default();
                    idle = Some(idle.map_or(since, |idle: Duration| idle.min(since)));
                }
                None => {}
            }
        }
        // Who says that a process died says nothing of when: it need not be the one that the lease knows of.
        let since = idle.filter(|_| former != Former::Died).and_then(|idle| Instant::now().checked_sub(idle));
        let former = match former {
            _ if open => Former::Died,
            // Another call has worked on it first.
            Former::Never if !notes.is_empty() => Former::Perhaps,
            former => former,
        };
        let booked = notes.iter().find(|note| note.uid.is_some()).cloned();
        // That nothing stands says nothing of a process that died: it may not have been in the store.
        let nothing = (former != Former::Died).then(|| Note::nothing(digest));
        let ours_may_stand = open || notes.iter().any(|note| note.uid.is_some() && note.is_about(digest));
        let mut of_others = notes.iter().filter(|note| !note.is_about(digest));
        let mut uids: Vec<BookingUid> = notes.iter().filter_map(|note| note.uid.clone()).collect();
        uids.dedup();
        Self {
            former,
            died: since,
            used_for: if ours_may_stand { None } else { of_others.find_map(|note| note.uid.clone()) },
            uids,
            settled: !open,
            note: Leave(booked.or(nothing)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn booked(uid: &str) -> Option<String> {
        Note::booked("d", uid.into()).write()
    }

    fn nothing() -> Option<String> {
        Note::nothing("d").write()
    }

    #[tokio::test(start_paused = true)]
    async fn a_name_that_was_held_and_has_no_note_was_left_open_wherever_that_is_known() {
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
            let inherited = Inherited::from(&grants, Former::Perhaps, "d");
            assert_eq!((inherited.former, inherited.settled), (Former::Died, false), "{grants:?}");
            assert!(inherited.note.write().is_none(), "what is open stays open");
            assert_eq!(inherited.died.map(|died| died.elapsed()), Some(Duration::from_secs(idle)));
        }
        let inherited = Inherited::from(&[first.clone(), first], Former::Perhaps, "d");
        assert_eq!((inherited.former, inherited.settled), (Former::Perhaps, true));
        assert_eq!(inherited.note.write(), nothing());
    }

    #[tokio::test(start_paused = true)]
    async fn what_any_note_says_to_be_booked_is_taken_over() {
        let here = Lease::new(2, booked("a"), Some(MINUTE));
        for grants in
            [[here.clone(), Lease::new(1, None, None)], [Lease::new(9, nothing(), Some(MINUTE)), here.clone()]]
        {
            let inherited = Inherited::from(&grants, Former::Perhaps, "d");
            assert_eq!(inherited.uids, ["a".into()]);
            assert!(inherited.used_for.is_none());
            assert_eq!(inherited.note.write(), booked("a"));
            assert_eq!(Inherited::from(&grants, Former::Perhaps, "other").used_for, Some("a".into()));
        }
        assert_eq!(Inherited::from(&[here, Lease::new(3, booked("b"), None)], Former::Perhaps, "d").uids.len(), 2);
    }

    #[test]
    fn a_key_that_was_used_otherwise_is_refused_at_once_only_if_its_own_content_cannot_stand_beside() {
        let other = Lease::new(2, Note::booked("other", "b".into()).write(), Some(MINUTE));
        for (beside, used_for) in [
            (Lease::new(1, None, None), Some("b".into())),
            (Lease::new(2, nothing(), Some(MINUTE)), Some("b".into())),
            (Lease::new(2, booked("a"), Some(MINUTE)), None),
            (Lease::new(2, None, Some(MINUTE)), None),
        ] {
            assert_eq!(Inherited::from(&[other.clone(), beside.clone()], Former::Perhaps, "d").used_for, used_for);
            assert_eq!(Inherited::from(&[beside, other.clone()], Former::Perhaps, "d").used_for, used_for);
        }
    }

    #[test]
    fn a_key_made_for_an_appointment_that_another_call_has_worked_on_is_not_new() {
        for note in [nothing(), booked("a")] {
            let lease = Lease::new(2, note, Some(MINUTE));
            assert_eq!(Inherited::from(&[lease], Former::Never, "d").former, Former::Perhaps);
        }
        assert_eq!(Inherited::from(&[Lease::new(1, None, None)], Former::Never, "d").former, Former::Never);
    }

    #[tokio::test(start_paused = true)]
    async fn a_process_that_is_said_to_be_dead_may_have_died_after_the_one_that_the_lease_knows_of() {
        tokio::time::sleep(MINUTE).await;
        let open = Lease::new(2, None, Some(MINUTE));
        assert!(Inherited::from(std::slice::from_ref(&open), Former::Died, "d").died.is_none());
        assert!(Inherited::from(&[open], Former::Perhaps, "d").died.is_some());
    }

    #[test]
    fn who_says_that_a_process_died_is_believed_whatever_a_note_says_and_leaves_no_word_that_nothing_stands() {
        for lease in [Lease::new(1, None, None), Lease::new(2, nothing(), Some(MINUTE))] {
            let inherited = Inherited::from(&[lease], Former::Died, "d");
            assert_eq!(inherited.former, Former::Died);
            assert!(inherited.note.write().is_none());
        }
    }
}
