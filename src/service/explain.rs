//! Refining a refusal: the service has one text for "taken", "closed" and "busy elsewhere". Lookups distinguish them if the
//! caller may list, and add other free times.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, civil::Time, tz::TimeZone};
use tokio::time::timeout_at;

use super::{
    NotDone, Problem, Service, SlotPreferences, SlotTarget, Ticket, deadline::Deadline, event_type::EventTypeRules,
    lookup::BookingLookup,
};
use crate::{
    Client, Result,
    model::{Booking, CreateBooking},
    raw::types,
};

/// The context of a refusal.
pub(super) struct RefusalContext<'a> {
    pub(super) ticket: &'a Ticket,
    pub(super) rules: Option<&'a EventTypeRules>,
    pub(super) lookup: &'a BookingLookup,
    /// The same attendee's booking of the time, if a lookup has shown it.
    pub(super) same_attendee: Option<Booking>,
    /// The booking that was asked for: free times are suggested in its zone, and of its length.
    pub(super) request: Option<&'a CreateBooking>,
}

impl Service {
    /// Adds to `not_done` what lookups show before the deadline.
    pub(super) async fn explain_refusal(
        &self,
        not_done: &mut NotDone,
        context: RefusalContext<'_>,
        deadline: &Deadline,
        suggest: usize,
    ) {
        let (ticket, request) = (context.ticket, context.request);
        let about_time = not_done.problem().is_about_time();
        if matches!(
            not_done.problem(),
            Problem::NotAvailable | Problem::SlotTaken | Problem::SeatsFull | Problem::AlreadyBooked
        ) && let Ok(Some((problem, booking))) =
            timeout_at(deadline.at(), self.refine_problem(context, not_done.problem(), deadline)).await
            && let Some(first) = not_done.problems.first_mut()
        {
            *first = problem;
            not_done.booking = booking.map(Box::new);
        }
        if about_time {
            self.add_free_times(not_done, ticket, request, deadline, suggest).await;
        }
    }

    /// Adds free times after the ticket's time, of the length and in the zone of the request.
    pub(super) async fn add_free_times(
        &self,
        not_done: &mut NotDone,
        ticket: &Ticket,
        request: Option<&CreateBooking>,
        deadline: &Deadline,
        n: usize,
    ) {
        if n == 0 {
            return;
        }
        let zone = request.and_then(|it| TimeZone::get(&it.time_zone).ok()).unwrap_or(TimeZone::UTC);
        let after = ticket.start.max((self.settings().now)());
        let preferences =
            SlotPreferences::in_zone(zone).after(after.checked_add(Duration::from_secs(1)).unwrap_or(after));
        let mut target = SlotTarget::event_type(ticket.event_type_id);
        if let Some(minutes) = request.and_then(|it| it.length_in_minutes) {
            target = target.length(minutes);
        }
        let client = self.deadline_client(deadline).map(|client| client.refresh_cache());
        let search = self.search_free_slots(&client, &target, n, &preferences);
        if let Ok(Ok(free)) = timeout_at(deadline.at(), search).await {
            not_done.next_free = free;
        }
    }

    /// The problem that the refusal means, and the same attendee's conflicting booking.
    async fn refine_problem(
        &self,
        context: RefusalContext<'_>,
        problem: &Problem,
        deadline: &Deadline,
    ) -> Option<(Problem, Option<Booking>)> {
        if let Some(booking) = context.same_attendee {
            return Some((Problem::AlreadyBooked, Some(booking)));
        }
        if matches!(problem, Problem::SeatsFull | Problem::AlreadyBooked) {
            return None;
        }
        let client = self.lookup_client(deadline);
        if let Some(booking) = context.lookup.find_conflict(&client).await.ok()? {
            return Some(if context.lookup.has_same_attendee(&booking) {
                (Problem::AlreadyBooked, Some(booking))
            } else {
                (Problem::SlotTaken, None)
            });
        }
        let rules = context.rules.filter(|_| *problem == Problem::NotAvailable)?;
        let start = context.ticket.start;
        let end = start.checked_add(SignedDuration::from_mins(rules.length_minutes)).ok()?;
        let is_open = is_within_hours(&client, rules, start, end).await.ok()??;
        (!is_open).then_some((Problem::OutOfHours, None))
    }
}

/// Whether the time is within the host's hours; unknown if there are several hosts.
async fn is_within_hours(
    client: &Client,
    rules: &EventTypeRules,
    start: Timestamp,
    end: Timestamp,
) -> Result<Option<bool>> {
    if rules.host_ids.len() != 1 {
        return Ok(None);
    }
    let schedule = match rules.schedule_id {
        Some(id) => Some(client.raw().get_schedule(id).await?.into_inner().data),
        None => client.raw().get_default_schedule().await?.into_inner().data,
    };
    Ok(schedule.and_then(|schedule| schedule_includes(&schedule, start, end)))
}

fn schedule_includes(schedule: &types::Schedule, start: Timestamp, end: Timestamp) -> Option<bool> {
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
