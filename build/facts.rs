//! Facts of the document about an operation that progenitor ignores: its area, the order of its parameters, and the parts
//! that only one of the services has.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{access::Access, pages::pages, table::METHODS};

pub(super) struct Facts<'d> {
    pub(super) area: &'d str,
    /// The parameters of the query, in the order of the document.
    queries: Vec<&'d str>,
    /// The note on the only service that has the operation.
    only: Option<&'static str>,
    /// The notes on parameters that only one service has.
    parameters: BTreeMap<&'d str, &'static str>,
    versions: Versions<'d>,
    access: Access<'d>,
    resend: &'d str,
    /// Whether it lists its items page by page.
    pub(super) is_paged: bool,
}

/// The version that each contract is sent; `None` if the contract lacks the operation.
pub(super) struct Versions<'d> {
    self_hosted: Option<Option<&'d str>>,
    hosted: Option<Option<&'d str>>,
}

impl<'d> Versions<'d> {
    pub(super) fn of(policy: &'d Value) -> Self {
        let own = policy["version"].as_str();
        let second = if policy["hosted"].is_object() { policy["hosted"]["version"].as_str() } else { own };
        let has = |contract: &str| policy[contract] != false;
        Self { self_hosted: has("self-hosted").then_some(own), hosted: has("hosted").then_some(second) }
    }

    /// The versions of both contracts in words: `2024-08-13`, or `2026-02-25, self-hosted 2024-08-13`.
    pub(super) fn text(&self) -> String {
        let word = |version: Option<&str>| version.map_or("none".to_owned(), |version| format!("`{version}`"));
        match (self.hosted, self.self_hosted) {
            (Some(hosted), Some(own)) if hosted != own => format!("{}, self-hosted {}", word(hosted), word(own)),
            (Some(version), _) | (None, Some(version)) => word(version),
            (None, None) => String::new(),
        }
    }
}

const HOSTED: &str = "Only the hosted service has it.";
const SELF_HOSTED: &str = "Only servers of one's own have it.";

/// The facts of every operation, by id.
pub(super) fn facts(document: &Value) -> BTreeMap<&str, Facts<'_>> {
    let items = document["paths"].as_object().into_iter().flatten().filter_map(|(_, item)| item.as_object());
    items
        .flatten()
        .filter(|(method, _)| METHODS.contains(&method.as_str()))
        .filter_map(|(method, operation)| {
            let is_paged = !pages(document, method, operation).is_empty();
            Some((operation["operationId"].as_str()?, Facts::of(operation, is_paged)?))
        })
        .collect()
}

impl<'d> Facts<'d> {
    fn of(operation: &'d Value, is_paged: bool) -> Option<Self> {
        let policy = &operation["x-calcom"];
        let own = names(&operation["parameters"]);
        let second = names(&policy["hosted"]["parameters"]);
        let only = match (&policy["hosted"], &policy["self-hosted"]) {
            (Value::Bool(false), _) => Some(SELF_HOSTED),
            (_, Value::Bool(false)) => Some(HOSTED),
            _ => None,
        };
        let hosted = second.iter().filter(|name| !own.contains(name)).map(|name| (*name, HOSTED));
        let without = policy["hosted"]["without"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let parameters = hosted.chain(without.map(|name| (name, SELF_HOSTED))).collect();
        let queries = own.iter().chain(second.iter().filter(|name| !own.contains(name))).copied().collect();
        Some(Self {
            area: policy["area"].as_str()?,
            queries,
            only,
            parameters,
            versions: Versions::of(policy),
            access: Access::of(policy),
            resend: policy["resend"].as_str()?,
            is_paged,
        })
    }

    /// The position of a query parameter in the document.
    pub(super) fn position(&self, parameter: &str) -> usize {
        self.queries.iter().position(|name| *name == parameter).unwrap_or(usize::MAX)
    }

    /// The note on a parameter that only one of the services has.
    pub(super) fn parameter_note(&self, name: &str) -> Option<&'static str> {
        self.parameters.get(name).copied()
    }

    /// The text below the documentation of the method.
    pub(super) fn note(&self) -> String {
        let only = self.only.map(|only| format!("\n\n{only}")).unwrap_or_default();
        format!(
            "{only}\n\n* API version: {}\n* OAuth scope: {}\n{}* Sent again after an unknown outcome: {}\n{}* Cargo feature: `{}`",
            self.versions.text(),
            self.access.scopes(),
            self.access.below().map(|line| format!("* {line}\n")).unwrap_or_default(),
            match self.resend {
                "safe" => "yes, it changes nothing",
                "idempotent" => "yes, a repetition changes nothing more",
                _ => "no",
            },
            if self.is_paged { "* All pages: [`stream`](crate::raw::Request::stream)\n" } else { "" },
            self.area
        )
    }
}

fn names(parameters: &Value) -> Vec<&str> {
    parameters.as_array().into_iter().flatten().filter_map(|parameter| parameter["name"].as_str()).collect()
}
