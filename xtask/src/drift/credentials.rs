//! The credentials of an operation.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{DocumentError, Node};

pub struct Credentials {
    /// `required`, `optional` or `none`.
    pub need: &'static str,
    /// The alternatives. `None` if the document does not describe them.
    pub ways: Option<BTreeSet<String>>,
}

impl Credentials {
    /// The credentials of two documents as texts, if they differ. Alternatives are compared if both documents have them.
    pub fn difference(&self, other: &Self) -> Option<(String, String)> {
        match (&self.ways, &other.ways) {
            (Some(ours), Some(theirs)) if ours != theirs => {
                let list = |ways: &BTreeSet<String>| ways.iter().cloned().collect::<Vec<_>>().join(" or ");
                Some((format!("{} ({})", self.need, list(ours)), format!("{} ({})", other.need, list(theirs))))
            }
            _ => (self.need != other.need).then(|| (self.need.to_owned(), other.need.to_owned())),
        }
    }
}

/// The credentials: from `security` of the operation or the document, else from the headers, else from `x-auth`.
/// `authorization` says whether a header of credentials is required, if there is one.
pub fn credentials(operation: &Node<'_>, authorization: Option<bool>) -> Result<Credentials, DocumentError> {
    let root = operation.document_root();
    if let Some(security) = operation.get("security").or(root.get("security")) {
        let (mut ways, mut free) = (BTreeSet::new(), false);
        for way in security.items()? {
            match way.object()?.is_empty() {
                true => free = true,
                false => drop(ways.insert(text(&way, &root)?)),
            }
        }
        let need = match (free, ways.is_empty()) {
            (_, true) => "none",
            (true, false) => "optional",
            (false, false) => "required",
        };
        return Ok(Credentials { need, ways: (!ways.is_empty()).then_some(ways) });
    }
    let need = match (authorization, operation.value["x-auth"].as_str()) {
        (Some(true), _) | (None, Some("bearer!")) => "required",
        (Some(false), _) | (None, Some("bearer?")) => "optional",
        (None, _) => "none",
    };
    Ok(Credentials { need, ways: None })
}

/// An alternative: its schemes as they are sent, because their names are not, and their scopes.
fn text(way: &Node<'_>, root: &Node<'_>) -> Result<String, DocumentError> {
    let known = root.get("components").and_then(|components| components.get("securitySchemes"));
    let mut schemes = BTreeMap::new();
    for (name, scopes) in way.fields()? {
        let scheme = known.as_ref().and_then(|known| known.get(name)).map(|scheme| scheme.resolve()).transpose()?;
        let scopes = scopes.items()?.iter().map(|scope| scope.text()).collect::<Result<BTreeSet<_>, _>>()?;
        schemes.insert(scheme.map_or_else(|| Ok(name.to_owned()), |scheme| sent(&scheme))?, scopes);
    }
    let with_scopes = |(scheme, scopes): (String, BTreeSet<&str>)| match scopes.is_empty() {
        true => scheme,
        false => format!("{scheme} [{}]", scopes.into_iter().collect::<Vec<_>>().join(", ")),
    };
    Ok(schemes.into_iter().map(with_scopes).collect::<Vec<_>>().join(" with "))
}

/// A scheme: `http bearer`, `header x-key`, `oauth2`.
fn sent(scheme: &Node<'_>) -> Result<String, DocumentError> {
    let kind = scheme.require("type")?.text()?;
    let lower = |key: &str| Ok(scheme.require(key)?.text()?.to_ascii_lowercase());
    Ok(match kind {
        "http" => format!("http {}", lower("scheme")?),
        "apiKey" if scheme.value["in"] == "header" => format!("header {}", lower("name")?),
        "apiKey" => format!("{} {}", scheme.require("in")?.text()?, scheme.require("name")?.text()?),
        other => other.to_owned(),
    })
}
