//! Scopes of OAuth tokens, sets of them, and the least set that a list of operations needs.

use std::{
    borrow::Cow,
    collections::{BTreeSet, btree_set},
    convert::Infallible,
    fmt,
    str::FromStr,
};

use super::{OAuthScopes, Operation};
use crate::{FieldError, Result, error::refused};

/// A scope of an OAuth token. The set is open: the service adds to it.
///
/// ```
/// use calcom::operation::Scope;
///
/// assert_eq!(Scope::BOOKING_READ.as_str(), "BOOKING_READ");
/// assert_eq!(Scope::from("BOOKING_READ"), Scope::BOOKING_READ);
/// assert_eq!(Scope::ALL.len(), 51);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope(Cow<'static, str>);

impl Scope {
    pub(super) const fn known(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a token with this scope may do what `other` allows: it is the same, or the scope of organizations
    /// (`ORG_BOOKING_READ`) of which `other` is that of teams (`TEAM_BOOKING_READ`).
    #[must_use]
    pub fn includes(&self, other: &Self) -> bool {
        let of_organization = self.0.strip_prefix("ORG_");
        self == other || of_organization.is_some_and(|rest| other.0.strip_prefix("TEAM_") == Some(rest))
    }
}

impl From<&str> for Scope {
    fn from(name: &str) -> Self {
        Self(Cow::Owned(name.to_owned()))
    }
}

impl From<String> for Scope {
    fn from(name: String) -> Self {
        Self(Cow::Owned(name))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A set of scopes. Its text has them in the order of names, with a blank between them.
///
/// ```
/// use calcom::operation::{Scope, Scopes};
///
/// let scopes: Scopes = "PROFILE_READ,BOOKING_READ".parse().unwrap();
/// assert_eq!(scopes, Scopes::from([Scope::BOOKING_READ, Scope::PROFILE_READ]));
/// assert_eq!(scopes.to_string(), "BOOKING_READ PROFILE_READ");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// Returns the least scopes with which a token may call all of these operations.
    ///
    /// Of several scopes that an operation takes, the one that most of the other operations need too is chosen.
    ///
    /// ```
    /// use calcom::operation::{Operation, Scope, Scopes};
    ///
    /// let operations = ["list_slots", "create_booking", "list_bookings", "get_me"];
    /// let scopes = Scopes::least(operations.iter().filter_map(|id| Operation::find(id)))?;
    /// assert_eq!(scopes, Scopes::from([Scope::BOOKING_READ, Scope::PROFILE_READ]));
    /// # Ok::<(), calcom::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Validation`](crate::Error::Validation) with a field error for each operation that takes no OAuth token, or
    /// whose scopes are not known.
    pub fn least(operations: impl IntoIterator<Item = &'static Operation>) -> Result<Self> {
        let (mut open, mut refusals) = (Vec::new(), Vec::new());
        for operation in operations {
            match operation.scopes {
                OAuthScopes::Any => {}
                OAuthScopes::OneOf(names) => open.push(names),
                OAuthScopes::Closed => refusals.push(FieldError::new(operation.id, "takes no OAuth token")),
                OAuthScopes::Unknown => refusals.push(FieldError::new(operation.id, "has scopes that are not known")),
            }
        }
        if !refusals.is_empty() {
            return Err(refused(refusals));
        }
        let mut chosen = Self::default();
        // Operations with one scope first: they leave no choice.
        open.sort_by_key(|names| names.len());
        while let Some(names) = open.iter().find(|names| !chosen.allow(OAuthScopes::OneOf(names))) {
            let uses = |name: &&&str| open.iter().filter(|others| OAuthScopes::OneOf(others).allow(&[**name])).count();
            // The first of several that serve as many: names are listed from the narrowest on.
            let Some(best) = names.iter().rev().max_by_key(uses) else { break };
            chosen.0.insert(Scope::known(best));
        }
        for scope in chosen.0.clone() {
            chosen.0.remove(&scope);
            if !open.iter().all(|names| chosen.allow(OAuthScopes::OneOf(names))) {
                chosen.0.insert(scope);
            }
        }
        Ok(chosen)
    }

    /// Whether a token with these scopes may call an operation that needs `needed`.
    #[must_use]
    pub fn allow(&self, needed: OAuthScopes) -> bool {
        let names: Vec<&str> = self.0.iter().map(Scope::as_str).collect();
        needed.allow(&names)
    }

    /// Whether the set has this scope.
    #[must_use]
    pub fn contains(&self, scope: &Scope) -> bool {
        self.0.contains(scope)
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the scopes in the order of names.
    pub fn iter(&self) -> btree_set::Iter<'_, Scope> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Scopes {
    type Item = &'a Scope;
    type IntoIter = btree_set::Iter<'a, Scope>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<const N: usize> From<[Scope; N]> for Scopes {
    fn from(scopes: [Scope; N]) -> Self {
        Self(scopes.into())
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

/// Reads names that blanks or commas separate, as the service writes them.
impl FromStr for Scopes {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let names = text.split([' ', ',', '\t', '\n']).filter(|name| !name.is_empty());
        Ok(names.map(Scope::from).collect())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, scope) in self.0.iter().enumerate() {
            write!(f, "{}{scope}", if n == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

impl Operation {
    /// Returns the scopes of which an OAuth token needs one; none if the operation takes any token, or takes none.
    ///
    /// ```
    /// use calcom::operation::{Operation, Scope};
    ///
    /// let operation = Operation::find("list_bookings").expect("the document has this operation");
    /// assert_eq!(operation.scopes(), [Scope::BOOKING_READ]);
    /// ```
    #[must_use]
    pub fn scopes(&self) -> Vec<Scope> {
        self.scopes.names().iter().map(|name| Scope::known(name)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn least(ids: &[&str]) -> Result<Scopes> {
        Scopes::least(ids.iter().map(|id| Operation::find(id).expect("an operation of the document")))
    }

    #[test]
    fn the_least_scopes_allow_every_operation_and_none_can_be_left_out() {
        let open = |operation: &&Operation| matches!(operation.scopes, OAuthScopes::Any | OAuthScopes::OneOf(_));
        let all: Vec<_> = Operation::all().iter().filter(open).collect();
        for step in [1, 3, 7, 20] {
            for start in 0..step {
                let some: Vec<_> = all.iter().skip(start).step_by(step).copied().collect();
                let scopes = Scopes::least(some.iter().copied()).expect("they are open");
                assert!(some.iter().all(|operation| scopes.allow(operation.scopes)));
                for one in &scopes {
                    let fewer: Scopes = scopes.iter().filter(|scope| *scope != one).cloned().collect();
                    assert!(!some.iter().all(|operation| fewer.allow(operation.scopes)), "{one} can be left out");
                }
            }
        }
    }

    #[test]
    fn an_operation_without_tokens_is_named() {
        let error = least(&["get_me", "create_oauth2_token"]).expect_err("it is closed");
        assert_eq!(error.field_errors(), [FieldError::new("create_oauth2_token", "takes no OAuth token")]);
        assert_eq!(least(&["create_booking", "list_slots"]).expect("they take any token"), Scopes::default());
    }

    #[test]
    fn a_scope_that_is_not_known_is_kept() {
        let scopes: Scopes = " BOOKING_READ,  NEW_THING_READ ".parse().expect("any text is read");
        assert_eq!(scopes.to_string(), "BOOKING_READ NEW_THING_READ");
        assert!(!Scope::ALL.contains(&Scope::from("NEW_THING_READ")));
    }
}
