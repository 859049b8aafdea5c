//! What is not denied: not at once, not by a rival who does not exclude it, not at a deadline.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    tests::{broken, is_send, looks_until, once, refusal, row, saw},
    *,
};
use crate::error::{ErrorDetailsBuilder, FieldError};

/// A refusal for the content, which no booking that stands could cause.
fn of_content() -> Error {
    let field = FieldError { field: "topic".to_owned(), message: "error_required_field".to_owned() };
    Error::Validation(ErrorDetailsBuilder::new().status(400).fields(vec![field]).build())
}

fn any_other() -> Error {
    Error::Validation(ErrorDetailsBuilder::new().status(400).message(Some("Something else".to_owned())).build())
}

#[test]
fn a_refusal_for_the_content_says_nothing_of_an_attempt_that_is_open() {
    for former in [Former::Never, Former::Perhaps] {
        let (mut once, now) = once(Kind::Pending, 1, former);
        once.sending(now);
        once.sent(now, Sent::Lost(None));
        once.sending(now);
        once.sent(now, Sent::Refused(of_content()));
        assert!(matches!(once.next(now).step, Step::Look { .. }), "{former:?}");
        once.looked(now, now, saw(vec![]));
        assert!(matches!(once.next(now).step, Step::Look { .. }), "{former:?}");
        assert!(once.at_deadline(now).is_none());
        let (then, step) = looks_until(&mut once, now, &Sight::default());
        assert!(matches!(step, Step::Finish(Verdict::Refused(_))), "{former:?}: {step:?}");
        assert!(then.duration_since(now) >= once.terms.timing.settle);
    }
}

#[test]
fn that_nothing_left_this_machine_says_nothing_of_an_attempt_that_is_open() {
    for former in [Former::Never, Former::Perhaps] {
        let (mut once, now) = once(Kind::Pending, 1, former);
        once.sending(now);
        once.sent(now, Sent::Lost(None));
        once.sending(now);
        once.sent(now, Sent::NotSent(broken()));
        assert!(once.at_deadline(now).is_none(), "{former:?}");
        let (then, step) = looks_until(&mut once, now, &Sight::default());
        assert!(is_send(&step), "{former:?}: {step:?}");
        assert!(then.duration_since(now) >= once.terms.timing.settle, "{former:?}");
    }
}

#[test]
fn of_the_refusals_of_an_own_key_only_those_for_the_content_are_believed_after_one_look() {
    for (error, at_once) in [(of_content(), true), (any_other(), false), (refusal("booking_conflict_error"), false)] {
        let (mut once, now) = once(Kind::Seated, 1, Former::Perhaps);
        once.looked(now, now, saw(vec![]));
        for _ in 0..8 {
            once.sending(now);
            once.sent(now, Sent::Refused(error.clone()));
        }
        let (then, step) = looks_until(&mut once, now, &Sight::default());
        assert!(matches!(step, Step::Finish(Verdict::Refused(_))), "{error:?}: {step:?}");
        assert_eq!(then.duration_since(now) < once.terms.timing.settle, at_once, "{error:?}");
    }
}

#[test]
fn a_rival_says_nothing_of_a_booking_that_can_stand_beside_it() {
    let rival = Sight { rival: true, rival_at_start: true, ..Sight::default() };
    for kind in [Kind::Pending, Kind::Seated, Kind::PendingSeries, Kind::Unread] {
        let (mut once, now) = once(kind, 1, Former::Never);
        once.sending(now);
        once.sent(now, Sent::Lost(None));
        once.sending(now);
        once.sent(now, Sent::Refused(refusal("booking_conflict_error")));
        once.looked(now, now, Ok(rival.clone()));
        let (then, step) = looks_until(&mut once, now, &rival);
        assert!(matches!(step, Step::Finish(Verdict::Refused(_))), "{kind:?}: {step:?}");
        assert!(then.duration_since(now) >= once.terms.timing.settle, "{kind:?}");
    }
}

#[test]
fn a_series_that_lost_a_race_is_denied_when_its_first_rows_would_show_unless_a_rival_has_the_first() {
    for (kind, rival, at_once) in [
        (Kind::Series, false, false),
        (Kind::Series, true, true),
        (Kind::PendingSeries, true, false),
        (Kind::Plain, false, true),
    ] {
        let (mut once, now) = once(kind, if kind.is_series() { 4 } else { 1 }, Former::Never);
        once.sending(now);
        once.sent(now, Sent::Refused(refusal("booking_conflict_error")));
        let sight = Sight { rival, rival_at_start: rival, ..Sight::default() };
        let Step::Look { wide, .. } = once.next(now).step else { panic!("{kind:?}") };
        assert_eq!(wide, kind == Kind::Series, "{kind:?}");
        let (then, step) = looks_until(&mut once, now, &sight);
        assert!(matches!(step, Step::Finish(Verdict::Refused(_))), "{kind:?}: {step:?}");
        assert_eq!(then.duration_since(now) < Duration::from_secs(1), at_once, "{kind:?}, rival {rival}");
    }
}

#[test]
fn a_deadline_tells_no_series_whose_length_is_not_known_while_it_may_still_grow() {
    let now = Instant::now();
    let mut once =
        Once::new(Kind::Unread, None, Timing::of(&crate::service::Settings::default()), Former::Perhaps, now);
    once.sees(true);
    let part = saw(vec![row(0, 0, Some(1), None, true), row(1, 1, Some(1), None, true)]);
    once.looked(now, now, part.clone());
    assert!(once.at_deadline(now).is_none());
    let (then, step) = looks_until(&mut once, now, &part.unwrap());
    assert!(matches!(step, Step::Finish(Verdict::Booked { .. })) && once.at_deadline(then).is_some());
}
