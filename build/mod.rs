//! The generator: reads the document, and writes the table of all operations and the bindings of the enabled areas.

mod access;
mod browser;
mod constructors;
mod debug;
mod examples;
mod facts;
mod fields;
mod forms;
mod index;
mod kinds;
mod lenient;
mod open;
mod page_items;
mod pages;
mod parts;
mod patch;
mod prose;
mod records;
mod references;
mod rewrite;
mod setters;
mod table;

use std::{
    collections::{BTreeSet, HashSet},
    env,
    error::Error,
    fs,
    path::Path,
};

use progenitor::{CrateVers, GenerationSettings, Generator, HooksMode, InterfaceStyle};
use serde_json::Value;

use references::references;
use rewrite::is_module;
use table::METHODS;

const DOCUMENT: &str = "openapi/calcom-v2.json";

pub(super) fn run() -> Result<(), Box<dyn Error>> {
    let mut document = document(Path::new(DOCUMENT))?;
    let out = env::var("OUT_DIR")?;
    // The table contains the operations of disabled areas too. Untyped requests need their rows, and the check of paths does.
    fs::write(Path::new(&out).join("operations.rs"), table::operations(&document)? + &fields::lists(&document))?;
    fs::write(Path::new(&out).join("index.md"), index::index(&document, is_enabled)?)?;
    drop_disabled_areas(&mut document);
    let file = bindings(&document)?;
    let (types, methods) = file.items.into_iter().partition(|item| is_module(item, "types"));
    let unparse =
        |items| prettyplease::unparse(&syn::File { shebang: None, frontmatter: None, attrs: Vec::new(), items });
    // There are two files, because the types do not depend on the client and the methods do.
    fs::write(Path::new(&out).join("types.rs"), unparse(types))?;
    fs::write(Path::new(&out).join("methods.rs"), unparse(methods))?;
    Ok(())
}

pub(super) fn document(path: &Path) -> Result<Value, Box<dyn Error>> {
    Ok(serde_json::from_str(&fs::read_to_string(path)?)?)
}

/// The types and methods of every operation in the document.
pub(super) fn bindings(document: &Value) -> Result<syn::File, Box<dyn Error>> {
    let mut whole = document.clone();
    add_second_form_parameters(&mut whole);
    let parts = parts::add_schemas(&mut whole);
    let spec = serde_json::from_value(whole)?;
    let mut settings = GenerationSettings::default();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_hooks(HooksMode::Expected)
        // Ordered maps give the same bytes for the same request, in each attempt and process.
        .with_map_type("::std::collections::BTreeMap")
        .with_crate("jiff", CrateVers::parse("1.0.0").ok_or("the version of jiff")?, None);
    let tokens = Generator::new(&settings).generate_tokens(&spec)?;
    let mut file: syn::File = syn::parse2(tokens)?;
    kinds::dispatch_on_kind(&mut file);
    patch::rewrite_cleared_fields(&mut file, document)?;
    prose::document_types(&mut file, document);
    let (requests, schemas) = (request_schemas(document), &document["components"]["schemas"]);
    constructors::constructors(&mut file, &requests, schemas);
    examples::examples(&mut file, &prose::bodies(document), &requests, schemas)?;
    debug::redact(&mut file);
    parts::connect(&mut file, document, &parts);
    lenient::accept_null_for_lists(&mut file, &requests);
    open::rewrite_open_enums(&mut file, document);
    records::implement(&mut file)?;
    rewrite::replace_client(&mut file, &facts::facts(document), &forms::forms(document))?;
    file.items.extend(browser::methods(document));
    page_items::implementations(&mut file, document)?;
    Ok(file)
}

/// Adds the parameters of the second form to each operation.
fn add_second_form_parameters(document: &mut Value) {
    let items = document["paths"].as_object_mut().into_iter().flatten().filter_map(|(_, item)| item.as_object_mut());
    for operation in items.flatten().filter(|(key, _)| METHODS.contains(&key.as_str())).map(|(_, operation)| operation)
    {
        let second = operation.pointer_mut("/x-calcom/hosted/parameters").map(Value::take).unwrap_or_default();
        let Some(own) = operation.get_mut("parameters").and_then(Value::as_array_mut) else { continue };
        for parameter in second.as_array().into_iter().flatten() {
            if !own.iter().any(|known| known["name"] == parameter["name"]) {
                own.push(parameter.clone());
            }
        }
    }
}

/// Whether the cargo feature of an area is enabled.
fn is_enabled(area: &str) -> bool {
    env::var_os(format!("CARGO_FEATURE_{}", area.to_uppercase().replace('-', "_"))).is_some()
}

/// Removes the operations of areas whose cargo feature is disabled, and the schemas that are not used then.
fn drop_disabled_areas(document: &mut Value) {
    let is_open = |operation: &Value| operation["x-calcom"]["area"].as_str().is_some_and(is_enabled);
    if let Some(paths) = document["paths"].as_object_mut() {
        paths.retain(|_, item| {
            let Some(item) = item.as_object_mut() else { return false };
            item.retain(|key, operation| !METHODS.contains(&key.as_str()) || is_open(operation));
            METHODS.iter().any(|method| item.contains_key(*method))
        });
    }
    if let Some(paths) = document[browser::PATHS].as_object_mut() {
        paths.retain(|_, item| item["get"]["x-feature"].as_str().is_some_and(is_enabled));
    }
    let mut used = BTreeSet::new();
    references(&document["paths"], document, &mut used);
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.retain(|name, _| used.contains(name));
    }
}

/// The names of all schemas in request bodies, nested ones included.
fn request_schemas(document: &Value) -> HashSet<String> {
    let mut names = BTreeSet::new();
    for item in document["paths"].as_object().into_iter().flatten().map(|(_, item)| item) {
        for operation in item.as_object().into_iter().flatten().map(|(_, operation)| operation) {
            references(&operation["requestBody"], document, &mut names);
            references(&operation["x-calcom"]["hosted"]["body"], document, &mut names);
        }
    }
    names.into_iter().collect()
}
