//! Who may call an operation: scopes of OAuth tokens, roles and plans.

use std::fmt;

/// The scopes that an OAuth token needs for an operation.
///
/// The scopes of a client's operations together are what the client asks its users for. A scope is a second layer: role and
/// permission of the user are checked too.
///
/// ```
/// use calcom::operation::{OAuthScopes, Operation};
///
/// let needed = |id| Operation::find(id).expect("the document has this operation").scopes;
/// assert_eq!(needed("list_bookings"), OAuthScopes::OneOf(&["BOOKING_READ"]));
/// assert_eq!(needed("create_booking"), OAuthScopes::Any);
/// assert!(needed("list_bookings").allow(&["BOOKING_READ", "PROFILE_READ"]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums)]
pub enum OAuthScopes {
    /// Any token, whatever its scopes.
    Any,
    /// A token with one of these scopes.
    OneOf(&'static [&'static str]),
    /// No token: the operation is closed to OAuth clients.
    Closed,
    /// Not known, because only the hosted service publishes its scopes.
    Unknown,
}

impl OAuthScopes {
    /// Returns the scopes of which a token needs one; none unless they are [`OneOf`](Self::OneOf).
    #[must_use]
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::OneOf(scopes) => scopes,
            Self::Any | Self::Closed | Self::Unknown => &[],
        }
    }

    /// Whether a token with these scopes may call the operation. A scope of organizations (`ORG_BOOKING_READ`) includes that of
    /// teams (`TEAM_BOOKING_READ`). Returns false if the scopes are [`Unknown`](Self::Unknown).
    #[must_use]
    pub fn allow(self, granted: &[&str]) -> bool {
        let is_granted = |needed: &&str| {
            granted.iter().any(|scope| {
                let of_organization = scope.strip_prefix("ORG_");
                scope == needed || of_organization.is_some_and(|rest| needed.strip_prefix("TEAM_") == Some(rest))
            })
        };
        match self {
            Self::Any => true,
            Self::OneOf(needed) => needed.iter().any(is_granted),
            Self::Closed | Self::Unknown => false,
        }
    }
}

/// The least role that an operation asks of the caller. A higher role passes, and an administrator of the organization passes
/// in each of its teams at the routes of the organization.
///
/// ```
/// use calcom::operation::{LeastRole, Operation};
///
/// let needs_admin = |operation: &Operation| operation.role == Some(LeastRole::TeamAdmin);
/// assert!(Operation::all().iter().any(needs_admin));
/// assert_eq!(LeastRole::TeamAdmin.to_string(), "team admin");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LeastRole {
    /// A member of the team.
    TeamMember,
    /// An administrator of the team.
    TeamAdmin,
    /// An owner of the team.
    TeamOwner,
    /// A member of the organization.
    OrganizationMember,
    /// An administrator of the organization.
    OrganizationAdmin,
}

impl fmt::Display for LeastRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TeamMember => "team member",
            Self::TeamAdmin => "team admin",
            Self::TeamOwner => "team owner",
            Self::OrganizationMember => "organization member",
            Self::OrganizationAdmin => "organization admin",
        })
    }
}

/// The least plan that an operation asks of a platform customer; the plans in ascending order.
///
/// ```
/// use calcom::operation::PlatformPlan;
///
/// assert!(PlatformPlan::Essentials < PlatformPlan::Scale);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PlatformPlan {
    /// `ESSENTIALS`.
    Essentials,
    /// `SCALE`.
    Scale,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_of_organizations_includes_that_of_teams_and_no_other() {
        let team = OAuthScopes::OneOf(&["TEAM_BOOKING_READ"]);
        assert!(team.allow(&["ORG_BOOKING_READ"]) && team.allow(&["PROFILE_READ", "TEAM_BOOKING_READ"]));
        for other in ["ORG_BOOKING_WRITE", "BOOKING_READ", "ORG_TEAM_BOOKING_READ", ""] {
            assert!(!team.allow(&[other]), "{other}");
        }
        assert!(!OAuthScopes::OneOf(&["ORG_BOOKING_READ"]).allow(&["TEAM_BOOKING_READ"]));
        let every = ["BOOKING_READ", "ORG_BOOKING_READ"];
        assert!(OAuthScopes::Any.allow(&[]));
        assert!(!OAuthScopes::Closed.allow(&every) && !OAuthScopes::Unknown.allow(&every));
    }
}
