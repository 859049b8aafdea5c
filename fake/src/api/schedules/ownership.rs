//! The caller's default schedule.

use super::super::super::exchange::Request;
use super::super::super::state::{Schedule, State};

pub(super) fn is_default(state: &State, schedule: &Schedule) -> bool {
    state.user(schedule.owner).is_some_and(|user| user.default_schedule == Some(schedule.id))
}

pub(super) fn own_default(state: &State, request: &Request) -> Option<Schedule> {
    let user = request.user().and_then(|id| state.user(id))?;
    user.default_schedule.and_then(|id| state.schedule(id)).cloned()
}
