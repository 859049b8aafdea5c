//! Bundles the area files into one document.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use super::{like, parameters};
use crate::unique::UniqueKeys;

/// The keys of a path item that are operations.
pub const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// An operation of a document.
#[derive(PartialEq)]
pub struct Operation<'a> {
    pub path: &'a str,
    pub method: &'a str,
    pub body: &'a Value,
}

impl<'a> Operation<'a> {
    pub fn id(&self) -> &'a str {
        self.body["operationId"].as_str().unwrap_or("?")
    }
}

/// The operations of `document`, in order.
pub fn operations(document: &Value) -> impl Iterator<Item = Operation<'_>> {
    document["paths"].as_object().into_iter().flatten().flat_map(|(path, item)| {
        item.as_object().into_iter().flatten().filter_map(move |(method, body)| {
            METHODS.contains(&method.as_str()).then_some(Operation { path, method, body })
        })
    })
}

/// Bundles the YAML files in `folder`: `calcom.yaml` first, then the areas by name.
pub fn bundle(folder: &Path) -> Result<Value> {
    let mut files: Vec<_> = fs::read_dir(folder)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    let mut head = None;
    let mut parts = Parts::default();
    for file in files {
        let area = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        let text = fs::read_to_string(&file)?;
        let UniqueKeys(content) =
            serde_yaml_ng::from_str(&text).with_context(|| format!("openapi/{area}.yaml is not readable"))?;
        if area == "calcom" {
            head = Some(content);
            continue;
        }
        parts.add_area(&area, content)?;
    }
    parameters::describe(&mut parts.paths, &parts.parameters).context("openapi/common.yaml")?;
    like::expand(&mut parts.schemas)?;
    let mut document = head.context("openapi/calcom.yaml is missing")?;
    document["paths"] = Value::Object(parts.paths);
    document[BROWSER_PATHS] = Value::Object(parts.browser_paths);
    document["components"]["schemas"] = Value::Object(parts.schemas);
    Ok(document)
}

/// The file of what several areas share.
const COMMON: &str = "common";

/// The key of the addresses that only a browser visits. They are no operations.
pub const BROWSER_PATHS: &str = "x-browser-paths";

#[derive(Default)]
struct Parts {
    paths: Map<String, Value>,
    browser_paths: Map<String, Value>,
    schemas: Map<String, Value>,
    /// The descriptions of parameters for all files.
    parameters: Value,
}

impl Parts {
    fn add_area(&mut self, area: &str, mut content: Value) -> Result<()> {
        let feature = content.get("x-feature").cloned();
        if content.get("paths").is_some() && !feature.as_ref().is_some_and(Value::is_string) {
            bail!("openapi/{area}.yaml: x-feature must name the cargo feature of the area");
        }
        for key in content.as_object().into_iter().flatten().map(|(key, _)| key) {
            if !["paths", BROWSER_PATHS, "components", "x-feature", parameters::KEY].contains(&key.as_str()) {
                bail!("openapi/{area}.yaml: `{key}` does not belong in an area");
            }
        }
        let descriptions = content[parameters::KEY].take();
        if area == COMMON {
            self.parameters = descriptions;
        } else if let Some(paths) = content["paths"].as_object_mut() {
            parameters::describe(paths, &descriptions).with_context(|| format!("openapi/{area}.yaml"))?;
        }
        if let Value::Object(items) = content["paths"].take() {
            for (path, mut item) in items {
                for (method, operation) in item.as_object_mut().into_iter().flatten() {
                    if METHODS.contains(&method.as_str()) {
                        let policy = operation["x-calcom"]
                            .as_object_mut()
                            .with_context(|| format!("openapi/{area}.yaml: {method} {path} has no x-calcom"))?;
                        policy.insert("area".to_owned(), json!(feature));
                    }
                }
                let known = self.paths.entry(path.clone()).or_insert_with(|| json!({}));
                for (method, operation) in item.as_object().into_iter().flatten() {
                    if known.get(method).is_some() {
                        bail!("openapi/{area}.yaml: {method} {path} is written twice");
                    }
                    known[method] = operation.clone();
                }
            }
        }
        if let Value::Object(items) = content[BROWSER_PATHS].take() {
            for (path, mut item) in items {
                item["get"]["x-feature"] = json!(feature);
                if self.browser_paths.insert(path.clone(), item).is_some() {
                    bail!("openapi/{area}.yaml: {path} is written twice");
                }
            }
        }
        if let Value::Object(defined) = content["components"]["schemas"].take() {
            for (name, schema) in defined {
                if self.schemas.insert(name.clone(), schema).is_some() {
                    bail!("openapi/{area}.yaml: schema {name} is defined twice");
                }
            }
        }
        Ok(())
    }
}
