//! Compares the operations of two documents.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    document::{Document, DocumentError, Node},
    finding::{Change, Finding},
    operation::{Body, DocumentedOperation, Parameter, operations},
    schema::{SchemaWalk, Side},
};

/// The differences by operation, and the compared operations.
#[derive(Default)]
pub struct Comparison {
    pub findings: Vec<Finding>,
    /// The operations that both documents have, in the spelling of ours.
    pub compared: Vec<String>,
    /// The operations that only our document has.
    pub gone: Vec<String>,
}

pub fn compare(ours: &Document, theirs: &Document) -> Result<Comparison, DocumentError> {
    let (ours, theirs) = (operations(ours)?, operations(theirs)?);
    let mut comparison = Comparison::default();
    for (key, operation) in &ours {
        let mut sink = OperationSink { operation: &operation.name, findings: &mut comparison.findings };
        match theirs.get(key) {
            None => {
                sink.report("operation", Change::OperationGone, None, None);
                comparison.gone.push(operation.name.clone());
            }
            Some(other) => {
                sink.operation(operation, other)?;
                comparison.compared.push(operation.name.clone());
            }
        }
    }
    for (_, operation) in theirs.iter().filter(|(key, _)| !ours.contains_key(*key)) {
        let mut sink = OperationSink { operation: &operation.name, findings: &mut comparison.findings };
        sink.report("operation", Change::OperationNew, None, None);
    }
    Ok(comparison)
}

/// Whether something is required, in either document.
#[derive(Clone, Copy)]
struct Requirement {
    ours: bool,
    theirs: bool,
}

struct OperationSink<'f> {
    operation: &'f str,
    findings: &'f mut Vec<Finding>,
}

impl OperationSink<'_> {
    fn report(&mut self, place: &str, change: Change, ours: Option<String>, published: Option<String>) {
        let (operation, place) = (self.operation.to_owned(), place.to_owned());
        self.findings.push(Finding { operation, place, change, ours, published });
    }

    fn texts(&mut self, place: &str, change: Change, ours: String, theirs: String) {
        if ours != theirs {
            self.report(place, change, Some(ours), Some(theirs));
        }
    }

    fn operation(
        &mut self,
        ours: &DocumentedOperation<'_>,
        theirs: &DocumentedOperation<'_>,
    ) -> Result<(), DocumentError> {
        let statuses = |of: &DocumentedOperation<'_>| of.statuses.iter().cloned().collect::<Vec<_>>().join(", ");
        let versions = |of: &DocumentedOperation<'_>| {
            of.version.as_ref().map_or_else(|| "none".to_owned(), |header| header.versions.clone())
        };
        self.texts("operation", Change::Version, versions(ours), versions(theirs));
        if let (Some(ours), Some(theirs)) = (&ours.version, &theirs.version) {
            self.need("header cal-api-version", Requirement { ours: ours.required, theirs: theirs.required });
        }
        if let Some((ours, theirs)) = ours.credentials.difference(&theirs.credentials) {
            self.report("operation", Change::Credentials, Some(ours), Some(theirs));
        }
        // A document that names none says nothing about them.
        if let Some(published) = &theirs.scopes {
            let names = |scopes: &BTreeSet<String>| match scopes.is_empty() {
                true => "none".to_owned(),
                false => scopes.iter().map(String::as_str).collect::<Vec<_>>().join(" or "),
            };
            let ours = ours.scopes.as_ref().map_or_else(|| "none".to_owned(), names);
            self.texts("operation", Change::Scopes, ours, names(published));
        }
        self.texts("operation", Change::Status, statuses(ours), statuses(theirs));
        self.parameters(&ours.parameters, &theirs.parameters)?;
        self.body("request", ours.request.as_ref(), theirs.request.as_ref())?;
        self.body("response", ours.response.as_ref(), theirs.response.as_ref())
    }

    fn parameters<K: Ord>(
        &mut self,
        ours: &BTreeMap<K, Parameter<'_>>,
        theirs: &BTreeMap<K, Parameter<'_>>,
    ) -> Result<(), DocumentError> {
        for (key, parameter) in theirs {
            if !ours.contains_key(key) {
                let need = if parameter.required { "required" } else { "optional" };
                self.report(&parameter.place, Change::ParameterNew, None, Some(need.to_owned()));
            }
        }
        for (key, parameter) in ours {
            let place = &parameter.place;
            let Some(other) = theirs.get(key) else {
                self.report(place, Change::ParameterGone, None, None);
                continue;
            };
            if *place != other.place && place.starts_with("path ") {
                self.report(place, Change::ParameterRenamed, None, Some(other.place.replacen("path ", "", 1)));
            }
            let need = Requirement { ours: parameter.required, theirs: other.required };
            self.need(place, need);
            self.texts(place, Change::Style, parameter.style.clone(), other.style.clone());
            self.schema(place, need, parameter.schema.as_ref(), other.schema.as_ref())?;
        }
        Ok(())
    }

    fn body(&mut self, place: &str, ours: Option<&Body<'_>>, theirs: Option<&Body<'_>>) -> Result<(), DocumentError> {
        match (ours, theirs) {
            (None, None) => Ok(()),
            (None, Some(theirs)) => {
                self.report(place, Change::BodyNew, None, Some(theirs.media.to_owned()));
                Ok(())
            }
            (Some(_), None) => {
                self.report(place, Change::BodyGone, None, None);
                Ok(())
            }
            (Some(ours), Some(theirs)) if ours.media != theirs.media => {
                self.report(place, Change::Type, Some(ours.media.to_owned()), Some(theirs.media.to_owned()));
                Ok(())
            }
            (Some(ours), Some(theirs)) => {
                let need = Requirement { ours: ours.required, theirs: theirs.required };
                self.need(place, need);
                self.schema(place, need, ours.schema.as_ref(), theirs.schema.as_ref())
            }
        }
    }

    fn need(&mut self, place: &str, need: Requirement) {
        match (need.ours, need.theirs) {
            (false, true) => self.report(place, Change::Required, None, None),
            (true, false) => self.report(place, Change::Optional, None, None),
            _ => {}
        }
    }

    fn schema<'a>(
        &mut self,
        place: &str,
        need: Requirement,
        ours: Option<&Node<'a>>,
        theirs: Option<&Node<'a>>,
    ) -> Result<(), DocumentError> {
        let nodes = |node: Option<&Node<'a>>| node.cloned().into_iter().collect::<Vec<_>>();
        let (ours, theirs) = (nodes(ours), nodes(theirs));
        let side = if place == "response" { Side::Response } else { Side::Request };
        let mut report = |at: &str, change, ours, theirs| self.report(at, change, ours, theirs);
        let mut walk = SchemaWalk::new(&mut report, side);
        match need.ours || need.theirs {
            true => walk.described(place, &ours, &theirs),
            false => walk.optional(place, &ours, &theirs),
        }
    }
}
