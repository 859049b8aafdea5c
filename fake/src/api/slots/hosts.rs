//! The hosts of a team's event type: who is free, and who holds a booking.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::engine::{Slot, SlotQuery, Unavailable, check_owner_bookable, slots_of_owner};
use crate::state::{EventType, EventTypeHost, SchedulingType, State};

/// The hosts of a booking: the one who is shown, and those who meet together with that one.
pub(crate) type ChosenHosts = (i64, Vec<i64>);

/// The event type as if it were this user's own.
fn for_host(event: &EventType, host: i64) -> EventType {
    EventType { owner: host, team: None, ..event.clone() }
}

/// All free slots, in order: of a team, those of any host, or of all hosts if they meet together.
pub(crate) fn slots(state: &State, event: &EventType, search: &SlotQuery<'_>, among: Option<&[i64]>) -> Vec<Slot> {
    let Some(of) = &event.team else { return slots_of_owner(state, event, search) };
    let hosts = chosen(state, event, among);
    let together = of.scheduling == SchedulingType::Collective;
    let mut found: Vec<Slot> = Vec::new();
    for (nth, host) in hosts.iter().enumerate() {
        let own = slots_of_owner(state, &for_host(event, *host), search);
        let has = |list: &[Slot], slot: &Slot| list.iter().any(|known| known.start == slot.start);
        match (together, nth) {
            (true, 1..) => found.retain(|slot| has(&own, slot)),
            _ => {
                let new: Vec<Slot> = own.into_iter().filter(|slot| !has(&found, slot)).collect();
                found.extend(new);
            }
        }
    }
    found.sort_by_key(|slot| slot.start);
    found
}

/// Checks whether a time can be booked. A booking with free seats does not make it unavailable.
pub fn check_bookable(
    state: &State,
    event: &EventType,
    start: Timestamp,
    end: Timestamp,
    moving: Option<&str>,
) -> Result<(), Unavailable> {
    if event.team.is_some() {
        return choose(state, event, start, end, moving).map(|_| ());
    }
    check_owner_bookable(state, event, start, end, moving)
}

/// The ids of the hosts, or of those among them who are named.
fn chosen(state: &State, event: &EventType, among: Option<&[i64]>) -> Vec<i64> {
    let hosts = state.hosts_of(event).into_iter().map(|host| host.user);
    hosts.filter(|host| among.is_none_or(|among| among.contains(host))).collect()
}

/// Chooses the hosts of a booking, or says why there are none.
pub(crate) fn choose(
    state: &State,
    event: &EventType,
    start: Timestamp,
    end: Timestamp,
    moving: Option<&str>,
) -> Result<ChosenHosts, Unavailable> {
    let hosts = state.hosts_of(event);
    let mut free = Vec::new();
    let mut refused = Unavailable::HostsTaken;
    for host in &hosts {
        match check_owner_bookable(state, &for_host(event, host.user), start, end, moving) {
            Ok(()) => free.push(host),
            Err(Unavailable::Taken | Unavailable::HostsTaken) => {}
            Err(other) => refused = other,
        }
    }
    let together = event.team.as_ref().is_some_and(|of| of.scheduling == SchedulingType::Collective);
    if free.is_empty() || together && free.len() < hosts.len() {
        return Err(refused);
    }
    if together {
        let all = free.iter().map(|host| host.user);
        return Ok((free[0].user, all.skip(1).collect()));
    }
    let next = free.into_iter().min_by_key(|host| round_robin_rank(state, event, host));
    next.map(|host| (host.user, Vec::new())).ok_or(refused)
}

/// The order of hosts in turns: the highest priority, then the fewest bookings.
fn round_robin_rank(state: &State, event: &EventType, host: &EventTypeHost) -> (Reverse<usize>, usize) {
    let held = state.bookings.iter().filter(|b| b.event_type == event.id && b.host == host.user && b.status.is_live());
    (Reverse(host.rank()), held.count())
}

/// Whether a host is free at a time.
pub(crate) fn is_free(
    state: &State,
    event: &EventType,
    host: i64,
    start: Timestamp,
    end: Timestamp,
    moving: &str,
) -> bool {
    check_owner_bookable(state, &for_host(event, host), start, end, Some(moving)).is_ok()
}

/// The host that a booking is assigned to next: another one who is free at its time.
pub(crate) fn another(state: &State, event: &EventType, booking: &crate::state::Booking) -> Option<i64> {
    let hosts = state.hosts_of(event);
    let free = hosts.iter().filter(|host| {
        host.user != booking.host && is_free(state, event, host.user, booking.start, booking.end, &booking.uid)
    });
    free.min_by_key(|host| round_robin_rank(state, event, host)).map(|host| host.user)
}
