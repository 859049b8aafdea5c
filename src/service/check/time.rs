//! The start, the length and the number of occurrences.

use jiff::{SignedDuration, Timestamp, civil::Weekday, tz::TimeZone};

use crate::{
    model::CreateBooking,
    service::{
        Problem,
        event_type::{BookableWindow, EventTypeRules},
    },
};

/// Tolerance for a clock that is wrong.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_secs(60);

/// Checks that the start is not in the past (recording `error-past`), not before the notice, and within the window.
///
/// The service counts the days of a window in a zone that it does not return. The check allows one day more at either
/// end.
pub(super) fn check(request: &CreateBooking, rules: &EventTypeRules, now: Timestamp, problems: &mut Vec<Problem>) {
    let slack = |at: Timestamp| at.checked_sub(CLOCK_TOLERANCE).unwrap_or(Timestamp::MIN);
    if request.start < slack(now) {
        problems.push(Problem::InPast);
        return;
    }
    let soonest = now.checked_add(SignedDuration::from_mins(rules.notice_minutes)).unwrap_or(Timestamp::MAX);
    let today = now.to_zoned_datetime(TimeZone::UTC).date();
    let day = request.start.to_zoned_datetime(TimeZone::UTC).date();
    let days = |days: i64| today.saturating_add(SignedDuration::from_hours(24 * (days + 1)));
    let outside = match rules.window {
        BookableWindow::Open | BookableWindow::Rolling => false,
        BookableWindow::CalendarDays(ahead) => day > days(ahead),
        BookableWindow::BusinessDays(ahead) => day > days(calendar_days(today.weekday(), ahead)),
        BookableWindow::Range(first, last) => {
            let day_before = first.saturating_sub(SignedDuration::from_hours(24));
            day < day_before || day > last.saturating_add(SignedDuration::from_hours(24))
        }
    };
    if request.start < slack(soonest) || outside {
        problems.push(Problem::OutsideWindow);
    }
}

/// The number of calendar days that contain so many business days.
fn calendar_days(mut from: Weekday, business_days: i64) -> i64 {
    let (mut left, mut days) = (business_days, 0);
    while left > 0 {
        from = from.next();
        days += 1;
        if !matches!(from, Weekday::Saturday | Weekday::Sunday) {
            left -= 1;
        }
    }
    days
}

/// Checks the length (recordings `create-length-on-fixed` and `create-variable-20-bad`).
pub(super) fn length(request: &CreateBooking, rules: &EventTypeRules, problems: &mut Vec<Problem>) {
    let Some(minutes) = request.length_in_minutes else { return };
    if rules.length_options.is_empty() {
        let message = format!("must not be given: the event type has one length, {} minutes", rules.length_minutes);
        problems.push(Problem::invalid("lengthInMinutes", message));
    } else if !rules.length_options.contains(&i64::from(minutes)) {
        let lengths: Vec<String> = rules.length_options.iter().map(i64::to_string).collect();
        problems.push(Problem::invalid("lengthInMinutes", format!("must be one of {}", lengths.join(", "))));
    }
}

/// Checks the number of occurrences (recording `create-recurring-count-too-big`).
pub(super) fn recurrence(request: &CreateBooking, rules: &EventTypeRules, problems: &mut Vec<Problem>) {
    let Some(count) = request.recurrence_count else { return };
    match rules.series {
        None => problems.push(Problem::invalid("recurrenceCount", "must not be given: the event type does not recur")),
        Some(series) if i64::from(count) > series.occurrences => {
            let message = format!("must not be more than {}", series.occurrences);
            problems.push(Problem::invalid("recurrenceCount", message));
        }
        Some(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn business_days_exclude_weekends() {
        assert_eq!(calendar_days(Weekday::Friday, 1), 3);
        assert_eq!(calendar_days(Weekday::Monday, 5), 7);
        assert_eq!(calendar_days(Weekday::Sunday, 0), 0);
    }
}
