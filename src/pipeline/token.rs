//! The token of each attempt, if the credentials are a provider of tokens.

use jiff::Timestamp;
use tokio::time::{Instant, timeout_at};

use super::{context::RequestContext, local_errors};
use crate::{
    Error, Result,
    auth::{ProvidedToken, TokenProvider},
    operation::CredentialPolicy,
};

/// The provider that a request asks for its token.
pub(super) fn provider<'a>(context: &RequestContext<'a>) -> Option<&'a dyn TokenProvider> {
    let is_sent = context.request.operation.credentials != CredentialPolicy::Refused;
    context.pipeline().endpoint.credentials().token_provider().filter(|_| is_sent)
}

/// The token of the next attempt.
///
/// # Errors
///
/// The error of a provider that gives none before the deadline.
pub(super) async fn fetch(provider: &dyn TokenProvider, deadline: Instant) -> Result<ProvidedToken> {
    match timeout_at(deadline, provider.token()).await {
        Ok(token) => token.map_err(|error| local_errors::no_token(&error)),
        Err(_) => Err(local_errors::no_token_in_time()),
    }
}

/// Whether the token expired while its request waited for a permit.
pub(super) fn expired_meanwhile(token: &ProvidedToken) -> bool {
    token.has_expired(Timestamp::now())
}

/// A token to send a request again with, which the service rejected for its token. It is one of the same consent: a request is
/// never repeated for another user.
///
/// # Errors
///
/// The error of a provider that can give no token any more.
pub(super) async fn replace(
    provider: &dyn TokenProvider,
    rejected: &ProvidedToken,
    deadline: Instant,
) -> Result<Option<ProvidedToken>, Error> {
    match timeout_at(deadline, provider.replace(rejected)).await {
        Ok(Ok(fresh)) => Ok(fresh.filter(|fresh| fresh.is_of_same_consent(rejected) && !fresh.is_same(rejected))),
        Ok(Err(error)) => Err(local_errors::no_token(&error)),
        Err(_) => Err(local_errors::no_token_in_time()),
    }
}
