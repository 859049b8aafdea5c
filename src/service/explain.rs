//! Making the most of a refusal: the service has one text for "taken", "closed" and "busy elsewhere". As far as the
//! caller may look, this tells them apart, and names other times.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, civil::Time, tz::TimeZone};
use tokio::time::timeout_at;

use super::{
    NotDone, Problem, Service, SlotsOf, Ticket, Wishes, deadline::Deadline, event_type::Rules, lookup::Lookup,
};
use crate::{Client, Result, model::Booking, raw::types};

/// What a refusal is about.
pub(super) struct About<'a> {
    pub(super) ticket: &'a Ticket,
    pub(super) rules: Option<&'a Rules>,
    pub(super) lookup: &'a Lookup,
    /// The same person's booking of the time, where a look has shown it.
    pub(super) same_person: Option<Booking>,
}

impl Service {
    /// Adds to `not_done` what a look around tells, as long as there is time.
    pub(super) async fn explain(&self, not_done: &mut NotDone, about: About<'_>, deadline: &Deadline, suggest: usize) {
        let time_is_up = deadline.at();
        let ticket = about.ticket;
        let about_time = not_done.problem().is_about_time();
        if matches!(
            not_done.problem(),
            Problem::NotAvailable | Problem::SlotTaken | Problem::SeatsFull | Problem::AlreadyBooked
        ) && let Ok(Some((problem, booking))) =
            timeout_at(time_is_up, self.why(about, not_done.problem(), deadline)).await
            && let Some(first) = not_done.problems.first_mut()
        {
            *first = problem;
            not_done.booking = booking.map(Box::new);
        }
        if suggest > 0 && about_time {
            let zone = TimeZone::UTC;
            let after = ticket.start.max((self.settings().now)());
            let wishes = Wishes::in_zone(zone).after(after.checked_add(Duration::from_secs(1)).unwrap_or(after));
            let of = SlotsOf::event_type(ticket.event_type_id);
            let client = self.budget_client(deadline).refresh_cache();
            if let Ok(Ok(free)) = timeout_at(time_is_up, self.walk(&client, &of, suggest, &wishes)).await {
                not_done.next_free = free;
            }
        }
    }

    /// What the refusal means, and the same person's booking that stands in the way.
    async fn why(&self, about: About<'_>, said: &Problem, deadline: &Deadline) -> Option<(Problem, Option<Booking>)> {
        if let Some(booking) = about.same_person {
            return Some((Problem::AlreadyBooked, Some(booking)));
        }
        if matches!(said, Problem::SeatsFull | Problem::AlreadyBooked) {
            return None;
        }
        let client = self.lookup_client(deadline);
        if let Some(booking) = about.lookup.in_the_way(&client).await.ok()? {
            return Some(if about.lookup.is_the_same_persons(&booking) {
                (Problem::AlreadyBooked, Some(booking))
            } else {
                (Problem::SlotTaken, None)
            });
        }
        let rules = about.rules.filter(|_| *said == Problem::NotAvailable)?;
        let start = about.ticket.start;
        let end = start.checked_add(SignedDuration::from_mins(rules.length)).ok()?;
        let open = is_open(&client, rules, start, end).await.ok()??;
        (!open).then_some((Problem::OutOfHours, None))
    }
}

/// Whether the host works then; unknown where there are several hosts.
async fn is_open(client: &Client, rules: &Rules, start: Timestamp, end: Timestamp) -> Result<Option<bool>> {
    if rules.hosts.len() != 1 {
        return Ok(None);
    }
    let schedule = match rules.schedule {
        Some(id) => Some(client.raw().get_schedule(id).await?.into_inner().data),
        None => client.raw().get_default_schedule().await?.into_inner().data,
    };
    Ok(schedule.and_then(|schedule| within_hours(&schedule, start, end)))
}

fn within_hours(schedule: &types::Schedule, start: Timestamp, end: Timestamp) -> Option<bool> {
    let zone = TimeZone::get(&schedule.time_zone).ok()?;
    let (start, end) = (start.to_zoned_datetime(zone.clone()), end.to_zoned_datetime(zone));
    let date = start.date().to_string();
    let day = start.strftime("%A").to_string();
    let fits = |from: &Option<String>, to: &Option<String>| -> Option<bool> {
        let (from, to): (Time, Time) = (from.as_ref()?.parse().ok()?, to.as_ref()?.parse().ok()?);
        let ends = if end.date() == start.date() { end.time() } else { Time::MAX };
        Some(from <= start.time() && ends <= to)
    };
    let mut overrides = schedule.overrides.iter().filter(|it| it.date.as_deref() == Some(&date)).peekable();
    if overrides.peek().is_some() {
        return Some(overrides.any(|it| fits(&it.start_time, &it.end_time) == Some(true)));
    }
    let hours = schedule.availability.iter().filter(|hours| hours.days.contains(&day));
    let mut open = false;
    for hours in hours {
        open |= fits(&hours.start_time, &hours.end_time)?;
    }
    Some(open)
}
