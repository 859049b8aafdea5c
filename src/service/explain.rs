//! Making the most of a refusal: the service has one text for "taken", "closed" and "busy elsewhere". As far as the
//! caller may look, this tells them apart, and names other times.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, civil::Time, tz::TimeZone};
use tokio::time::timeout_at;

use super::{
    NotDone, Problem, Service, SlotsOf, Ticket, Wishes, deadline::Deadline, event_type::Rules, lookup::is_live,
};
use crate::{Client, Result, facade::BookingFilter, raw::types};

/// Bookings and hours further away than this do not touch an appointment.
const NEAR: SignedDuration = SignedDuration::from_hours(24);

impl Service {
    /// Adds to `not_done` what a look around tells, as long as there is time.
    pub(super) async fn explain(
        &self,
        not_done: &mut NotDone,
        ticket: &Ticket,
        rules: Option<&Rules>,
        deadline: &Deadline,
        suggest: usize,
    ) {
        let time_is_up = deadline.at();
        if *not_done.problem() == Problem::NotAvailable
            && let Some(rules) = rules
            && let Ok(Some(problem)) = timeout_at(time_is_up, self.why(ticket, rules, deadline)).await
            && let Some(first) = not_done.problems.first_mut()
        {
            *first = problem;
        }
        if suggest > 0 && not_done.problem().is_about_time() {
            let zone = TimeZone::UTC;
            let after = ticket.start.max((self.settings().now)());
            let wishes = Wishes::in_zone(zone).after(after.checked_add(Duration::from_secs(1)).unwrap_or(after));
            let of = SlotsOf::event_type(ticket.event_type_id);
            let client = deadline.client(self.client(), self.budget()).refresh_cache();
            if let Ok(Ok(free)) = timeout_at(time_is_up, self.walk(&client, &of, suggest, &wishes)).await {
                not_done.next_free = free;
            }
        }
    }

    async fn why(&self, ticket: &Ticket, rules: &Rules, deadline: &Deadline) -> Option<Problem> {
        let client = deadline.client(self.client(), self.settings().lookup);
        let end = ticket.start.checked_add(SignedDuration::from_mins(rules.length)).ok()?;
        if is_taken(&client, ticket.start, end).await.ok()? {
            return Some(Problem::SlotTaken);
        }
        let open = is_open(&client, rules, ticket.start, end).await.ok()??;
        (!open).then_some(Problem::OutOfHours)
    }
}

/// Whether one of this caller's bookings stands in the way.
async fn is_taken(client: &Client, start: Timestamp, end: Timestamp) -> Result<bool> {
    let filter = BookingFilter {
        start_time: start.checked_sub(NEAR).ok(),
        end_time: end.checked_add(NEAR).ok(),
        ..BookingFilter::default()
    };
    let near = client.bookings().stream(&filter).collect().await?;
    Ok(near.iter().any(|booking| is_live(booking) && booking.start_time < end && start < booking.end_time))
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
