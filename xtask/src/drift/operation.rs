//! The operations of a document.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Document, DocumentError, Node};
use crate::codegen::METHODS;

/// Methods without an operation in our document.
const OTHER_METHODS: [&str; 3] = ["head", "options", "trace"];

/// The headers of credentials and version, which are not compared as parameters.
const AUTHORIZATION: &str = "authorization";
const CLIENT: [&str; 2] = ["x-cal-client-id", "x-cal-secret-key"];
const VERSION: &str = "cal-api-version";

/// An operation of a document.
pub struct DocumentedOperation<'a> {
    /// Method and route, in the spelling of the document.
    pub name: String,
    pub version: String,
    /// `required`, `optional` or `none`.
    pub credentials: &'static str,
    /// The parameters of path, query and header, without version and credentials.
    pub parameters: BTreeMap<ParameterKey, Parameter<'a>>,
    pub request: Option<Body<'a>>,
    /// The success statuses.
    pub statuses: BTreeSet<String>,
    pub response: Option<Body<'a>>,
}

/// The location and name of a parameter. In a path it is the position, because the name is not sent.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ParameterKey {
    Path(usize),
    /// A path parameter that the path does not contain, an error of published documents.
    Stray(String),
    Query(String),
    Header(String),
}

pub struct Parameter<'a> {
    /// `query take`.
    pub place: String,
    pub required: bool,
    pub schema: Option<Node<'a>>,
}

pub struct Body<'a> {
    pub media: &'a str,
    pub required: bool,
    pub schema: Option<Node<'a>>,
}

/// The operations of a document, by method and route without parameter names.
pub fn operations(document: &Document) -> Result<BTreeMap<String, DocumentedOperation<'_>>, DocumentError> {
    let root = document.root();
    root.object()?;
    let mut operations = BTreeMap::new();
    // A key without a leading slash is an extension.
    for (path, item) in root.require("paths")?.fields()?.filter(|(path, _)| path.starts_with('/')) {
        let item = item.resolve()?;
        for (method, operation) in item.fields()? {
            if METHODS.contains(&method) || OTHER_METHODS.contains(&method) {
                let name = format!("{} {path}", method.to_uppercase());
                let key = format!("{} {}", method.to_uppercase(), route(path));
                let read = read(name, path, &item, &operation)?;
                if let Some(twin) = operations.insert(key, read) {
                    return Err(operation.error(format!("is the same route as {}", twin.name)));
                }
            }
        }
    }
    Ok(operations)
}

fn route(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn read<'a>(
    name: String,
    path: &str,
    item: &Node<'a>,
    operation: &Node<'a>,
) -> Result<DocumentedOperation<'a>, DocumentError> {
    operation.object()?;
    let mut parameters = BTreeMap::new();
    let (mut version, mut authorization) = (None, None);
    // Parameters of the operation come last, because they replace those of the path.
    for parameter in item.list("parameters")?.into_iter().chain(operation.list("parameters")?) {
        let parameter = parameter.resolve()?;
        let name = parameter.require("name")?.text()?;
        let place = parameter.require("in")?.text()?;
        let required = parameter.value["required"] == true;
        let key = match (place, name.to_ascii_lowercase().as_str()) {
            ("header", VERSION) => {
                version = Some(documented_version(&parameter));
                continue;
            }
            ("header", AUTHORIZATION) => {
                authorization = Some(required);
                continue;
            }
            ("header", client) if CLIENT.contains(&client) => {
                authorization = authorization.or(Some(false));
                continue;
            }
            ("path", _) => {
                match path.split('/').position(|part| part.strip_prefix('{') == Some(&format!("{name}}}"))) {
                    Some(position) => ParameterKey::Path(position),
                    None => ParameterKey::Stray(name.to_owned()),
                }
            }
            ("query", _) => ParameterKey::Query(name.to_owned()),
            ("header", lower) => ParameterKey::Header(lower.to_owned()),
            ("cookie", _) => continue,
            (other, _) => {
                return Err(parameter.error(format!("is in {other:?}: path, query, header and cookie are known")));
            }
        };
        let schema = parameter.get("schema").or(media(&parameter)?.and_then(|(_, content)| content.get("schema")));
        let required = required || matches!(key, ParameterKey::Path(_));
        parameters.insert(key, Parameter { place: format!("{place} {name}"), required, schema });
    }
    let (statuses, response) = answers(operation)?;
    Ok(DocumentedOperation {
        name,
        version: version.unwrap_or_else(|| "none".to_owned()),
        credentials: credentials(operation, authorization)?,
        parameters,
        request: operation.get("requestBody").map(|body| body_of(&body.resolve()?)).transpose()?.flatten(),
        statuses,
        response,
    })
}

/// The version: the schema's default, only value or example, or the example or only date of the description.
fn documented_version(parameter: &Node<'_>) -> String {
    let schema = &parameter.value["schema"];
    let only = schema["enum"].as_array().filter(|values| values.len() == 1).map(|values| &values[0]);
    let candidates = [
        Some(&schema["default"]),
        only,
        Some(&schema["const"]),
        Some(&schema["example"]),
        parameter.value.get("example"),
    ];
    if let Some(version) = candidates.into_iter().flatten().find_map(|candidates| candidates.as_str()) {
        return version.to_owned();
    }
    let description = parameter.value["description"].as_str().unwrap_or_default();
    let words = description.split(|c: char| !c.is_ascii_digit() && c != '-');
    let dates: BTreeSet<&str> = words.filter(|word| is_date(word)).collect();
    match dates.iter().next() {
        Some(date) if dates.len() == 1 => (*date).to_owned(),
        _ => "not told".to_owned(),
    }
}

fn is_date(word: &str) -> bool {
    let parts: Vec<usize> = word.split('-').map(str::len).collect();
    parts == [4, 2, 2]
}

/// The credentials: from `security` of the operation or the document, else from the headers, else from `x-auth`.
fn credentials(operation: &Node<'_>, authorization: Option<bool>) -> Result<&'static str, DocumentError> {
    if let Some(security) = operation.get("security").or(operation.document_root().get("security")) {
        let ways = security.items()?;
        let free = ways.iter().map(|way| Ok(way.object()?.is_empty())).collect::<Result<Vec<_>, DocumentError>>()?;
        return Ok(if ways.is_empty() {
            "none"
        } else if free.contains(&true) {
            "optional"
        } else {
            "required"
        });
    }
    Ok(match (authorization, operation.value["x-auth"].as_str()) {
        (Some(true), _) | (None, Some("bearer!")) => "required",
        (Some(false), _) | (None, Some("bearer?")) => "optional",
        (None, _) => "none",
    })
}

fn answers<'a>(operation: &Node<'a>) -> Result<(BTreeSet<String>, Option<Body<'a>>), DocumentError> {
    let (mut statuses, mut response) = (BTreeSet::new(), None);
    if let Some(answers) = operation.get("responses") {
        for (status, answer) in answers.fields()? {
            if status.starts_with('2') {
                statuses.insert(status.to_owned());
                response = response.or(body_of(&answer.resolve()?)?);
            }
        }
    }
    Ok((statuses, response))
}

fn body_of<'a>(node: &Node<'a>) -> Result<Option<Body<'a>>, DocumentError> {
    node.object()?;
    let required = node.value["required"] == true;
    Ok(media(node)?.map(|(media, content)| Body { media, required, schema: content.get("schema") }))
}

/// The JSON content, or the first one.
fn media<'a>(node: &Node<'a>) -> Result<Option<(&'a str, Node<'a>)>, DocumentError> {
    let Some(content) = node.get("content") else { return Ok(None) };
    let all: Vec<_> = content.fields()?.collect();
    let json = all.iter().find(|(media, _)| media.contains("json")).or(all.first());
    if let Some((_, content)) = json {
        content.object()?;
    }
    Ok(json.cloned())
}
