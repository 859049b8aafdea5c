//! Links that invite to a team.

use serde_json::json;

use super::super::super::exchange::Request;
use super::super::super::outcome::HandlerOutcome;
use super::super::super::reply::Reply;
use super::super::super::state::{IdKind, State, TeamRole};
use super::super::handler::finish;
use super::access::{self, Access};

pub(super) fn create(state: &mut State, request: &Request) -> HandlerOutcome {
    finish(try_create(state, request))
}

/// Each call makes another token.
fn try_create(state: &mut State, request: &Request) -> Result<Reply, Reply> {
    access::team(state, request, Access::Team(TeamRole::Admin))?;
    let token = state.ids.hex(IdKind::Invite, 64);
    let page = &state.booker_url;
    let link = match request.has_param("orgId") {
        true => format!("{page}/signup?token={token}&callbackUrl=/getting-started"),
        false => format!("{page}/teams?token={token}"),
    };
    Ok(Reply::ok(json!({ "token": token, "inviteLink": link })))
}
