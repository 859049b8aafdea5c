//! The operation table: the properties of each operation for the pipeline, from its `x-calcom` policy.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fmt::Write,
};

use serde_json::Value;

use super::{
    access::Access,
    pages::{pages, steps},
};

/// The methods of a path item. Its other keys are not operations.
pub(super) const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// A constant for each scope that an operation names.
fn scopes(document: &Value) -> Result<String, Box<dyn Error>> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let items = paths.filter_map(|(_, item)| item.as_object()).flatten();
    let listed = items.filter_map(|(_, operation)| operation["x-calcom"]["scopes"].as_array()).flatten();
    let names: BTreeSet<&str> = listed.filter_map(Value::as_str).collect();
    let mut code = String::from("impl Scope {\n");
    for name in &names {
        writeln!(code, "/// `{name}`.\npub const {name}: Self = Self::known({name:?});")?;
    }
    writeln!(code, "/// Every scope that an operation of the document names, in the order of names.")?;
    writeln!(
        code,
        "pub const ALL: &'static [Self] = &[{}];\n}}",
        names.iter().map(|name| format!("Self::{name}, ")).collect::<String>()
    )?;
    Ok(code)
}

pub(super) fn operations(document: &Value) -> Result<String, Box<dyn Error>> {
    let mut rows = BTreeMap::new();
    for (path, item) in document["paths"].as_object().ok_or("no paths")? {
        for (method, operation) in item.as_object().ok_or("a path item is not an object")? {
            if METHODS.contains(&method.as_str()) {
                let id = operation["operationId"].as_str().ok_or_else(|| format!("{method} {path} has no id"))?;
                rows.insert(id, (method, path, operation));
            }
        }
    }
    let mut code = String::from("static OPERATIONS: &[Operation] = &[\n");
    for (index, (id, (method, path, operation))) in rows.into_iter().enumerate() {
        let rivals = overlapping_paths(document, method, path);
        let row = row(document, (id, method, path), operation, &rivals)?;
        writeln!(code, "Operation {{ index: {index}, has_path_params: {}, {row} }},", path.contains('{'))?;
    }
    code.push_str("];\n");
    code.push_str(&scopes(document)?);
    writeln!(code, "static SPLIT_TAGS: &[(&str, &str)] = &{:?};", Vec::from_iter(split_tags(document)))?;
    Ok(code)
}

/// The partitioned cache tags, each with its parameter.
fn split_tags(document: &Value) -> BTreeSet<(&str, &str)> {
    let items = document["paths"].as_object().into_iter().flatten().filter_map(|(_, item)| item.as_object());
    let policies = items.flatten().map(|(_, operation)| &operation["x-calcom"]["cache"]);
    policies.filter_map(|cache| cache["tag"].as_str().zip(cache["by"].as_str())).collect()
}

/// Paths that the value of a path parameter can match by accident: `/v2/schedules/default` for
/// `/v2/schedules/{scheduleId}`, or `/v2/bookings/by-seat/{seatUid}` for `/v2/bookings/{bookingUid}/attendees`.
fn overlapping_paths<'a>(document: &'a Value, method: &str, path: &str) -> Vec<&'a str> {
    let is_value = |part: &&str| part.starts_with('{');
    let reaches = |other: &str| {
        let (mine, theirs): (Vec<_>, Vec<_>) = (path.split('/').collect(), other.split('/').collect());
        let mut parts = mine.iter().zip(&theirs);
        mine.len() == theirs.len()
            && parts.clone().all(|(mine, theirs)| mine == theirs || is_value(mine) || is_value(theirs))
            && parts.any(|(mine, theirs)| is_value(mine) && !is_value(theirs))
    };
    document["paths"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(other, item)| item.get(method).is_some() && reaches(other))
        .map(|(other, _)| other.as_str())
        .collect()
}

/// Where a response has its items: `data` is a list, or has the list of a page, or an object of lists by key, or has such an object as its one property.
fn items(document: &Value, response: &Value, paged_list: Option<Vec<String>>) -> Option<String> {
    let resolved = |schema: &Value| match schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
        Some(name) => document["components"]["schemas"][name].clone(),
        None => schema.clone(),
    };
    let holds_lists = |schema: &Value| resolved(&schema["additionalProperties"])["type"] == "array";
    let answer = resolved(&response["content"]["application/json"]["schema"]);
    let data = resolved(&answer["properties"]["data"]);
    if data["type"] == "array" {
        return Some("ItemsPath::At(&[\"data\"])".to_owned());
    }
    if holds_lists(&data) {
        return Some("ItemsPath::ByKey(&[\"data\"])".to_owned());
    }
    if let Some(steps) = paged_list {
        return Some(format!("ItemsPath::At(&{steps:?})"));
    }
    let properties = data["properties"].as_object().filter(|properties| properties.len() == 1)?;
    let (name, schema) = properties.iter().next()?;
    holds_lists(&resolved(schema)).then(|| format!("ItemsPath::ByKey(&[\"data\", {name:?}])"))
}

fn row(
    document: &Value,
    (id, method, path): (&str, &str, &str),
    operation: &Value,
    rivals: &[&str],
) -> Result<String, Box<dyn Error>> {
    let policy = &operation["x-calcom"];
    let text = |key: &str| policy[key].as_str().ok_or_else(|| format!("{id}: x-calcom.{key} is missing"));
    let variant = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    let cache = match &policy["cache"] {
        Value::Null => "None".to_owned(),
        cache => {
            let ttl = cache["ttl"].as_u64().ok_or_else(|| format!("{id}: cache.ttl"))?;
            format!(
                "Some(CachePolicy {{ tag: {:?}, ttl: Duration::from_secs({ttl}), empty_ttl: Duration::from_secs({}), \
                 partition_by: {:?}, day_range: {:?} }})",
                cache["tag"].as_str().ok_or_else(|| format!("{id}: cache.tag"))?,
                cache["empty-ttl"].as_u64().unwrap_or(ttl),
                cache["by"].as_str(),
                cache["days"][0].as_str().zip(cache["days"][1].as_str()),
            )
        }
    };
    let invalidates: Vec<_> =
        policy["invalidates"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let success = operation["responses"]
        .as_object()
        .into_iter()
        .flatten()
        .find_map(|(status, _)| status.parse::<u16>().ok())
        .ok_or_else(|| format!("{id}: no answer"))?;
    let hosted = &policy["hosted"];
    let contract = |key: &str, name: &str| (policy[key] != false).then(|| format!("Contract::{name}"));
    let contracts = [contract("hosted", "Hosted"), contract("self-hosted", "SelfHosted")];
    let names = |list: &Value| {
        let names = list.as_array().into_iter().flatten();
        names.filter_map(|name| name.as_str().or(name["name"].as_str()).map(str::to_owned)).collect::<Vec<_>>()
    };
    let is_list = |parameter: &Value| parameter["schema"]["type"] == "array";
    let own_lists: Vec<_> = operation["parameters"].as_array().into_iter().flatten().filter(|it| is_list(it)).collect();
    let second = hosted["parameters"].as_array().into_iter().flatten().filter(|it| !is_list(it));
    let single_in_hosted: Vec<_> = second
        .filter(|it| own_lists.iter().any(|list| list["name"] == it["name"]))
        .filter_map(|it| it["name"].as_str())
        .collect();
    let own: Vec<_> = operation["parameters"].as_array().into_iter().flatten().map(|it| it["name"].clone()).collect();
    let parameters = names(&hosted["parameters"])
        .into_iter()
        .filter(|name| !own.contains(&Value::from(name.as_str())))
        .map(|name| format!("({name:?}, Contract::Hosted)"))
        .chain(names(&hosted["without"]).into_iter().map(|name| format!("({name:?}, Contract::SelfHosted)")));
    let pages = pages(document, method, operation);
    Ok(format!(
        "id: {id:?}, method: Method::{}, path: {path:?}, version: {:?}, hosted_version: {:?}, contracts: &[{}], \
         parameters: &[{}], single_in_hosted: &{single_in_hosted:?}, credentials: CredentialPolicy::{}, \
         {}, resend: Resend::{}, cache: {cache}, invalidates: &{invalidates:?}, area: {:?}, success: {success}, \
         takes_slot: {}, proves_deletion: {}, items: {}, pages: &[{}], overlapping_paths: &{rivals:?}",
        variant(method),
        policy["version"].as_str(),
        match hosted {
            Value::Null => policy["version"].as_str(),
            hosted => hosted["version"].as_str(),
        },
        contracts.into_iter().flatten().collect::<Vec<_>>().join(", "),
        parameters.collect::<Vec<_>>().join(", "),
        variant(text("credentials")?),
        Access::of(policy).row(),
        variant(text("resend")?),
        text("area")?,
        policy["takes-slot"].as_bool().unwrap_or(false),
        policy["gone"].as_bool().unwrap_or(false),
        match items(document, &operation["responses"][success.to_string().as_str()], steps(document, operation)) {
            Some(items) if method == "get" || !pages.is_empty() => format!("Some({items})"),
            _ => "None".to_owned(),
        },
        pages,
    ))
}
