//! The hosts of a team's event type: who is free, and who holds a booking.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::engine::{Slot, SlotQuery, Unavailable, check_owner_bookable, slots_of_owner};
use crate::state::{Booking, EventType, EventTypeHost, SchedulingType, State};

/// The hosts of a booking: the one who is shown, and those who meet together with that one.
pub(crate) type ChosenHosts = (i64, Vec<i64>);

/// The event type as if it were this user's own.
fn for_host(event: &EventType, host: i64) -> EventType {
    EventType { owner: host, team: None, ..event.clone() }
}

/// The hosts who attend every booking, and those of whom one does. All hosts of a collective event type attend, of a round robin
/// only mandatory ones.
fn by_attendance(event: &EventType, hosts: Vec<EventTypeHost>) -> (Vec<EventTypeHost>, Vec<EventTypeHost>) {
    let together = event.team.as_ref().is_some_and(|of| of.scheduling == SchedulingType::Collective);
    hosts.into_iter().partition(|host| together || host.mandatory)
}

/// All free slots, in order: of a team, those at which everyone who has to attend is free, and one of the others if there are
/// such.
pub(crate) fn slots(state: &State, event: &EventType, search: &SlotQuery<'_>, among: Option<&[i64]>) -> Vec<Slot> {
    if event.team.is_none() {
        return slots_of_owner(state, event, search);
    }
    let (fixed, round_robin) = by_attendance(event, chosen(state, event, among));
    let of_host = |host: &EventTypeHost| slots_of_owner(state, &for_host(event, host.user), search);
    let has = |list: &[Slot], slot: &Slot| list.iter().any(|known| known.start == slot.start);
    let mut found: Vec<Slot> = Vec::new();
    for host in &round_robin {
        let new: Vec<Slot> = of_host(host).into_iter().filter(|slot| !has(&found, slot)).collect();
        found.extend(new);
    }
    for (nth, host) in fixed.iter().enumerate() {
        let own = of_host(host);
        match round_robin.is_empty() && nth == 0 {
            true => found = own,
            false => found.retain(|slot| has(&own, slot)),
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

/// The hosts, or those among them who are named.
fn chosen(state: &State, event: &EventType, among: Option<&[i64]>) -> Vec<EventTypeHost> {
    let hosts = state.hosts_of(event).into_iter();
    hosts.filter(|host| among.is_none_or(|among| among.contains(&host.user))).collect()
}

/// Chooses the hosts of a booking, or says why there are none.
pub(crate) fn choose(
    state: &State,
    event: &EventType,
    start: Timestamp,
    end: Timestamp,
    moving: Option<&str>,
) -> Result<ChosenHosts, Unavailable> {
    let (fixed, round_robin) = by_attendance(event, state.hosts_of(event));
    let mut refused = Unavailable::HostsTaken;
    let mut is_free =
        |host: &EventTypeHost| match check_owner_bookable(state, &for_host(event, host.user), start, end, moving) {
            Ok(()) => true,
            Err(Unavailable::Taken | Unavailable::HostsTaken) => false,
            Err(other) => {
                refused = other;
                false
            }
        };
    let all_free = fixed.iter().filter(|host| !is_free(host)).count() == 0;
    let free: Vec<&EventTypeHost> = round_robin.iter().filter(|host| is_free(host)).collect();
    let next = free.into_iter().min_by_key(|host| round_robin_rank(state, event, host));
    if !all_free || next.is_none() && !round_robin.is_empty() {
        return Err(refused);
    }
    let mut attending = fixed.iter().chain(next).map(|host| host.user);
    let host = attending.next().ok_or(refused)?;
    Ok((host, attending.collect()))
}

/// The order of hosts in turns: the highest priority, then the fewest bookings.
fn round_robin_rank(state: &State, event: &EventType, host: &EventTypeHost) -> (Reverse<usize>, usize) {
    let holds = |b: &&Booking| b.host == host.user || b.other_hosts.contains(&host.user);
    let held = state.bookings.iter().filter(|b| b.event_type == event.id && b.status.is_live()).filter(holds);
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

/// The round-robin host of a booking: one who is not mandatory.
pub(crate) fn round_robin_host(state: &State, event: &EventType, booking: &Booking) -> i64 {
    let fixed: Vec<i64> = by_attendance(event, state.hosts_of(event)).0.iter().map(|host| host.user).collect();
    let mut attending = std::iter::once(&booking.host).chain(&booking.other_hosts);
    attending.find(|host| !fixed.contains(host)).copied().unwrap_or(booking.host)
}

/// The host that a booking is assigned to next: another round-robin host who is free at its time.
pub(crate) fn another(state: &State, event: &EventType, booking: &Booking) -> Option<i64> {
    let (_, hosts) = by_attendance(event, state.hosts_of(event));
    let free = hosts.iter().filter(|host| {
        !booking.is_held_by(host.user) && is_free(state, event, host.user, booking.start, booking.end, &booking.uid)
    });
    free.min_by_key(|host| round_robin_rank(state, event, host)).map(|host| host.user)
}
