//! The index of all operations for the documentation: a table for each area.

use std::{collections::BTreeMap, error::Error, fmt::Write};

use serde_json::Value;

use super::{access::Access, facts::Versions, table::METHODS};

/// Methods of enabled areas are links; operations of other areas are named.
pub(super) fn index(document: &Value, is_enabled: impl Fn(&str) -> bool) -> Result<String, Box<dyn Error>> {
    let mut areas: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if !METHODS.contains(&method.as_str()) {
                continue;
            }
            let policy = &operation["x-calcom"];
            let id = operation["operationId"].as_str().ok_or("an operation without id")?;
            let area = policy["area"].as_str().ok_or_else(|| format!("{id}: no area"))?;
            let name = if is_enabled(area) { format!("[`{id}`](RawClient::{id})") } else { format!("`{id}`") };
            let only = match (&policy["hosted"], &policy["self-hosted"]) {
                (Value::Bool(false), _) => " (self-hosted only)",
                (_, Value::Bool(false)) => " (hosted only)",
                _ => "",
            };
            let access = Access::of(policy);
            areas.entry(area).or_default().push(format!(
                "| {name} | `{} {path}`{only} | {} | {} | {} |",
                method.to_uppercase(),
                Versions::of(policy).text(),
                access.scopes(),
                access.role().unwrap_or("-"),
            ));
        }
    }
    let mut text = String::new();
    for (area, rows) in areas {
        writeln!(text, "## {area}\n\n| method | route | version | OAuth scope | least role |\n|---|---|---|---|---|")?;
        writeln!(text, "{}\n", rows.join("\n"))?;
    }
    Ok(text)
}
