//! What the policy of an operation says of access: scopes of OAuth tokens, role, permission and plan.

use serde_json::Value;

pub(super) struct Access<'d> {
    scopes: NeededScopes<'d>,
    role: Option<&'d str>,
    permission: Option<&'d str>,
    plan: Option<&'d str>,
}

enum NeededScopes<'d> {
    OneOf(Vec<&'d str>),
    Closed,
    Unknown,
}

impl<'d> Access<'d> {
    pub(super) fn of(policy: &'d Value) -> Self {
        let scopes = match (&policy["scopes"], policy["scopes"].as_str()) {
            (Value::Array(list), _) => NeededScopes::OneOf(list.iter().filter_map(Value::as_str).collect()),
            (_, Some("closed")) => NeededScopes::Closed,
            _ => NeededScopes::Unknown,
        };
        let text = |key: &str| policy[key].as_str();
        Self { scopes, role: text("role"), permission: text("permission"), plan: text("plan") }
    }

    /// The columns of the operation table.
    pub(super) fn row(&self) -> String {
        let scopes = match &self.scopes {
            NeededScopes::OneOf(scopes) if scopes.is_empty() => "Any".to_owned(),
            NeededScopes::OneOf(scopes) => format!("OneOf(&{scopes:?})"),
            NeededScopes::Closed => "Closed".to_owned(),
            NeededScopes::Unknown => "Unknown".to_owned(),
        };
        let variant = |kind: &str, word: Option<&str>| match word {
            Some(word) => format!("Some({kind}::{})", camel(word)),
            None => "None".to_owned(),
        };
        format!(
            "scopes: OAuthScopes::{scopes}, role: {}, permission: {:?}, plan: {}",
            variant("LeastRole", self.role),
            self.permission,
            variant("PlatformPlan", self.plan),
        )
    }

    /// The scopes in words.
    pub(super) fn scopes(&self) -> String {
        match &self.scopes {
            NeededScopes::OneOf(scopes) if scopes.is_empty() => "any token".to_owned(),
            NeededScopes::OneOf(scopes) => {
                scopes.iter().map(|scope| format!("`{scope}`")).collect::<Vec<_>>().join(" or ")
            }
            NeededScopes::Closed => "closed to OAuth tokens".to_owned(),
            NeededScopes::Unknown => "not known".to_owned(),
        }
    }

    /// The least role in words, if the service names one.
    pub(super) fn role(&self) -> Option<&'d str> {
        self.role
    }

    /// Role, permission and plan in words, if the service names one of them.
    pub(super) fn below(&self) -> Option<String> {
        let role = self.role.map(|role| format!("least role: {role}"));
        let permission = self.permission.map(|permission| format!("permission: `{permission}`"));
        let plan = self.plan.map(|plan| format!("plan of platform customers: {plan}"));
        let parts: Vec<String> = [role, permission, plan].into_iter().flatten().collect();
        let text = parts.join(", ");
        let mut letters = text.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect())
    }
}

/// `organization admin` as the name of a variant.
fn camel(words: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    words.split(' ').map(capital).collect()
}
