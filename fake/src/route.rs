//! An operation of the service: its path, versions, credentials and handler.

use calcom::Contract;

use super::auth::AccessRule;
use super::exchange::Request;
use super::outcome::HandlerOutcome;
use super::service::Service;
use super::state::State;
use super::version::Versions;

/// The rate limit of one route.
#[derive(Clone, Copy)]
pub(crate) struct OwnLimit {
    pub(crate) name: &'static str,
    pub(crate) limit: u64,
    pub(crate) seconds: u64,
}

pub(crate) type Handler = fn(&mut State, &Request) -> HandlerOutcome;

/// An operation of the service.
#[derive(Clone, Copy)]
pub(crate) struct Route {
    pub(crate) operation: &'static str,
    pub(crate) method: &'static str,
    /// Below `/v2`, parameters in braces.
    pub(crate) template: &'static str,
    pub(crate) versions: Versions,
    pub(crate) access: AccessRule,
    /// The rate limit of this route only.
    pub(crate) own_limit: Option<OwnLimit>,
    /// The only service that has it. `None`: both have it.
    pub(crate) only: Option<Contract>,
    pub(crate) handler: Handler,
}

impl Route {
    pub(crate) const fn new(
        operation: &'static str,
        method: &'static str,
        template: &'static str,
        versions: Versions,
        access: AccessRule,
        handler: Handler,
    ) -> Self {
        Self { operation, method, template, versions, access, own_limit: None, only: None, handler }
    }

    /// Makes it a route of one service.
    pub(crate) const fn only_in(mut self, contract: Contract) -> Self {
        self.only = Some(contract);
        self
    }

    pub(crate) fn is_in(&self, service: Service) -> bool {
        self.only.is_none_or(|only| only == service.contract) && service.serves(self.template)
    }

    pub(crate) const fn limited(mut self, name: &'static str, limit: u64, seconds: u64) -> Self {
        self.own_limit = Some(OwnLimit { name, limit, seconds });
        self
    }
}
