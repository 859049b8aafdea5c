//! Whose client a request may use.

use super::super::super::exchange::Request;
use super::super::super::reply::Reply;
use super::super::super::state::{ManagedUser, PlatformClient, State};

/// The platform organization of the caller: its own, or that of the client that manages the caller.
pub(super) fn organization(state: &State, request: &Request) -> Option<i64> {
    let user = request.user()?;
    let managed = state.managed_users.iter().find(|managed| managed.user == user);
    let by_client =
        managed.and_then(|managed| state.platform_client(&managed.client)).map(|client| client.organization);
    let member = || {
        let of_user = state.memberships.iter().filter(|m| m.user == user);
        of_user.map(|m| m.team).find(|team| state.team(*team).is_some_and(|team| team.is_organization))
    };
    by_client.or_else(member)
}

/// The client of the path, if it is one of the caller's organization.
pub(crate) fn client_of_path(state: &State, request: &Request) -> Result<PlatformClient, Reply> {
    let wanted = request.param("clientId");
    let Some(client) = state.platform_client(wanted) else {
        return Err(Reply::exception(404, "OAuthClientGuard - OAuth client not found."));
    };
    let refused = |message: &str| Err(Reply::exception(403, message));
    match organization(state, request) {
        None => refused("OAuthClientGuard - No organization associated with the user."),
        Some(org) if org != client.organization => {
            refused("OAuthClientGuard - Client is not part of the organization of the user.")
        }
        Some(_) => Ok(client.clone()),
    }
}

/// The managed user of the path.
pub(super) fn found(state: &State, request: &Request) -> Result<ManagedUser, Reply> {
    let client = client_of_path(state, request)?;
    let Some(id) = request.id_param("userId") else {
        return Err(Reply::exception(400, "Validation failed (numeric string is expected)"));
    };
    let found = state.managed_users.iter().find(|managed| managed.client == client.id && managed.user == id);
    found.cloned().ok_or_else(|| Reply::exception(404, format!("User with ID {id} is not part of this OAuth client.")))
}
