//! The operations of a document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    credentials::{Credentials, credentials},
    document::{Document, DocumentError, Node},
};
use crate::codegen::METHODS;

/// Methods without an operation in our document.
const OTHER_METHODS: [&str; 3] = ["head", "options", "trace"];

/// The headers of credentials and version, which are not compared as parameters.
const AUTHORIZATION: &str = "authorization";
const CLIENT: [&str; 2] = ["x-cal-client-id", "x-cal-secret-key"];
const VERSION: &str = "cal-api-version";
/// The key of an operation that names the scopes.
const SCOPES: &str = "x-oauth-scopes";

/// An operation of a document.
pub struct DocumentedOperation<'a> {
    /// Method and route, in the spelling of the document.
    pub name: String,
    /// The header of the version, if there is one.
    pub version: Option<VersionHeader>,
    pub credentials: Credentials,
    /// The scopes of which an OAuth token needs one, if the document names them.
    pub scopes: Option<BTreeSet<String>>,
    /// All parameters, without version and credentials.
    pub parameters: BTreeMap<ParameterKey, Parameter<'a>>,
    pub request: Option<Body<'a>>,
    /// The success statuses.
    pub statuses: BTreeSet<String>,
    pub response: Option<Body<'a>>,
}

/// The header of the version.
pub struct VersionHeader {
    /// The versions that it takes: the default one, if there is one, then the others.
    pub versions: String,
    pub required: bool,
}

/// The location and name of a parameter. In a path it is the position, because the name is not sent.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ParameterKey {
    Path(usize),
    /// A path parameter that the path does not contain, an error of published documents.
    Stray(String),
    Query(String),
    Header(String),
    Cookie(String),
}

pub struct Parameter<'a> {
    /// `query take`.
    pub place: String,
    pub required: bool,
    /// How a value is written.
    pub style: String,
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
    version_of_openapi(&root)?;
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

/// Checks that the document is of a version that is read.
fn version_of_openapi(root: &Node<'_>) -> Result<(), DocumentError> {
    root.object()?;
    if let Some(swagger) = root.get("swagger") {
        return Err(swagger.error("is the key of an older format: OpenAPI 3 is read"));
    }
    let version = root.require("openapi")?;
    match version.text()? {
        text if text.starts_with("3.") => Ok(()),
        other => Err(version.error(format!("is {other:?}: OpenAPI 3 is read"))),
    }
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
                version = Some(VersionHeader { versions: documented_versions(&parameter), required });
                continue;
            }
            ("header", header) if header == AUTHORIZATION || CLIENT.contains(&header) => {
                authorization = Some(required || authorization == Some(true));
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
            ("cookie", _) => ParameterKey::Cookie(name.to_owned()),
            (other, _) => {
                return Err(parameter.error(format!("is in {other:?}: path, query, header and cookie are known")));
            }
        };
        let content = media(&parameter)?;
        let style = style(&parameter, place, content.as_ref().map(|(media, _)| *media))?;
        let schema = parameter.get("schema").or(content.and_then(|(_, content)| content.get("schema")));
        let required = required || matches!(key, ParameterKey::Path(_));
        parameters.insert(key, Parameter { place: format!("{place} {name}"), required, style, schema });
    }
    let (statuses, response) = answers(operation)?;
    Ok(DocumentedOperation {
        name,
        version,
        credentials: credentials(operation, authorization)?,
        scopes: scopes(operation)?,
        parameters,
        request: operation.get("requestBody").map(|body| body_of(&body.resolve()?)).transpose()?.flatten(),
        statuses,
        response,
    })
}

fn scopes(operation: &Node<'_>) -> Result<Option<BTreeSet<String>>, DocumentError> {
    if operation.get(SCOPES).is_none() {
        return Ok(None);
    }
    operation.list(SCOPES)?.iter().map(|scope| scope.text().map(str::to_owned)).collect::<Result<_, _>>().map(Some)
}

/// The versions: the schema's default, constant or example, or the example, and all values of an enum. If there is none, the
/// only date of the description.
fn documented_versions(parameter: &Node<'_>) -> String {
    let schema = &parameter.value["schema"];
    let candidates = [&schema["default"], &schema["const"], &schema["example"], &parameter.value["example"]];
    let named = candidates.into_iter().find_map(Value::as_str);
    let listed: BTreeSet<&str> = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let others = listed.into_iter().filter(|version| Some(*version) != named);
    let versions: Vec<&str> = named.into_iter().chain(others).collect();
    if !versions.is_empty() {
        return versions.join(" or ");
    }
    let description = parameter.value["description"].as_str().unwrap_or_default();
    let words = description.split(|c: char| !c.is_ascii_digit() && c != '-');
    let dates: BTreeSet<&str> = words.filter(|word| is_date(word)).collect();
    match dates.iter().next() {
        Some(date) if dates.len() == 1 => (*date).to_owned(),
        _ => "not told".to_owned(),
    }
}

/// How a value is written: as a document of a media type, or in a style of OpenAPI.
fn style(parameter: &Node<'_>, place: &str, media: Option<&str>) -> Result<String, DocumentError> {
    if let Some(media) = media.filter(|_| parameter.get("schema").is_none()) {
        return Ok(media.to_owned());
    }
    let usual = if ["query", "cookie"].contains(&place) { "form" } else { "simple" };
    let style = parameter.get("style").map_or(Ok(usual), |style| style.text())?;
    let explode = parameter.value["explode"].as_bool().unwrap_or(style == "form");
    Ok(match explode && style != "deepObject" {
        true => format!("exploded {style}"),
        false => style.to_owned(),
    })
}

fn is_date(word: &str) -> bool {
    let parts: Vec<usize> = word.split('-').map(str::len).collect();
    parts == [4, 2, 2]
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
