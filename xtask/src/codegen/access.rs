//! Checks what the policy of an operation says of access: scopes of OAuth tokens, role, permission and plan.

use serde_json::Value;

pub const KEYS: [&str; 4] = ["scopes", "role", "permission", "plan"];

const ROLES: [&str; 5] = ["team member", "team admin", "team owner", "organization member", "organization admin"];
const PLANS: [&str; 2] = ["essentials", "scale"];

/// What is wrong in this policy.
pub fn problems(policy: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    let is_scope = |scope: &Value| {
        let name = scope.as_str().unwrap_or_default();
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    };
    let are_said = match &policy["scopes"] {
        Value::Array(scopes) => scopes.iter().all(is_scope),
        Value::String(word) => word == "closed" || word == "unknown",
        _ => false,
    };
    if !are_said {
        problems.push("x-calcom.scopes is a list of scopes, closed or unknown".to_owned());
    }
    if policy["scopes"] != "unknown" && policy["hosted"] == false {
        problems.push("x-calcom.scopes is unknown: only the hosted service publishes scopes".to_owned());
    }
    for (key, known) in [("role", &ROLES[..]), ("plan", &PLANS)] {
        if policy.get(key).is_some_and(|word| !known.iter().any(|known| word == known)) {
            problems.push(format!("x-calcom.{key} is one of {}", known.join(", ")));
        }
    }
    if policy.get("permission").is_some_and(|permission| permission.as_str().is_none_or(|it| !it.contains('.'))) {
        problems.push("x-calcom.permission has a resource and an action with a dot between".to_owned());
    }
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scopes_are_said_and_the_words_are_known() {
        for policy in [
            json!({"scopes": []}),
            json!({"scopes": ["TEAM_BOOKING_READ"], "role": "team admin", "permission": "team.update", "plan": "scale"}),
            json!({"scopes": "closed"}),
            json!({"scopes": "unknown", "hosted": false}),
        ] {
            assert_eq!(problems(&policy), Vec::<String>::new(), "{policy}");
        }
        for policy in [
            json!({}),
            json!({"scopes": ["booking"]}),
            json!({"scopes": "open"}),
            json!({"scopes": [], "hosted": false}),
            json!({"scopes": [], "role": "owner"}),
            json!({"scopes": [], "plan": "gold"}),
            json!({"scopes": [], "permission": "update"}),
        ] {
            assert_eq!(problems(&policy).len(), 1, "{policy}");
        }
    }
}
