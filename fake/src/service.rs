//! Which service is played: its contract, and whether it has teams.

use calcom::Contract;

/// The service that is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Service {
    pub(crate) contract: Contract,
    /// The community's server, which has no teams and no organizations.
    pub(crate) community: bool,
}

impl Service {
    pub(crate) const HOSTED: Self = Self { contract: Contract::Hosted, community: false };
    pub(crate) const SELF_HOSTED: Self = Self { contract: Contract::SelfHosted, community: false };

    /// Whether the service has this path at all.
    pub(crate) fn serves(self, path: &str) -> bool {
        // The last ones are older routes of OAuth 2.
        const OF_TEAMS: [&str; 5] =
            ["/teams", "/organizations", "/routing-forms", "/router", "/auth/oauth2/clients/{clientId}/"];
        let starts = |area: &str| path.get(..area.len()).is_some_and(|start| start.eq_ignore_ascii_case(area));
        !self.community || !OF_TEAMS.iter().any(|area| starts(area))
    }
}
