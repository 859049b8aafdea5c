//! Compares the operations of two documents.

use std::collections::BTreeMap;

use super::{
    document::{Document, DocumentError, Node},
    finding::{Change, Finding},
    operation::{Body, DocumentedOperation, Parameter, operations},
    schema::SchemaWalk,
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

    fn operation(
        &mut self,
        ours: &DocumentedOperation<'_>,
        theirs: &DocumentedOperation<'_>,
    ) -> Result<(), DocumentError> {
        let statuses = |of: &DocumentedOperation<'_>| of.statuses.iter().cloned().collect::<Vec<_>>().join(", ");
        for (change, ours, theirs) in [
            (Change::Version, ours.version.clone(), theirs.version.clone()),
            (Change::Credentials, ours.credentials.to_owned(), theirs.credentials.to_owned()),
            (Change::Status, statuses(ours), statuses(theirs)),
        ] {
            if ours != theirs {
                self.report("operation", change, Some(ours), Some(theirs));
            }
        }
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
            self.need(place, Requirement { ours: parameter.required, theirs: other.required });
            self.schema(place, parameter.schema.as_ref(), other.schema.as_ref())?;
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
                self.need(place, Requirement { ours: ours.required, theirs: theirs.required });
                self.schema(place, ours.schema.as_ref(), theirs.schema.as_ref())
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
        ours: Option<&Node<'a>>,
        theirs: Option<&Node<'a>>,
    ) -> Result<(), DocumentError> {
        let nodes = |node: Option<&Node<'a>>| node.cloned().into_iter().collect::<Vec<_>>();
        let mut report = |at: &str, change, ours, theirs| self.report(at, change, ours, theirs);
        SchemaWalk::new(&mut report, place != "response").described(place, &nodes(ours), &nodes(theirs))
    }
}
