//! An external document: read with limits, and traversed with JSON pointers, which errors contain.

use std::{fmt, fs::File, io::Read, path::Path};

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// The largest file that is read. The published documents have about 1 MB.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// The longest chain of references.
const MAX_HOPS: usize = 32;

/// The reason for which a document cannot be compared, and its place.
#[derive(Debug)]
pub struct DocumentError {
    document: String,
    pointer: String,
    problem: String,
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer.as_str() {
            "" => write!(f, "{}: {}", self.document, self.problem),
            pointer => write!(f, "{}: {pointer} {}", self.document, self.problem),
        }
    }
}

impl DocumentError {
    /// Creates an error at a place that is not a JSON pointer.
    pub fn new(document: &str, place: &str, problem: &str) -> Self {
        Self { document: document.to_owned(), pointer: place.to_owned(), problem: problem.to_owned() }
    }
}

impl std::error::Error for DocumentError {}

/// A document, with its name in errors.
pub struct Document {
    name: String,
    root: Value,
}

impl Document {
    pub fn new(name: &str, root: Value) -> Self {
        Self { name: name.to_owned(), root }
    }

    /// Reads the JSON file at `path`.
    pub fn read(path: &Path) -> Result<Self, DocumentError> {
        let name = path.display().to_string();
        let failed = |problem: String| DocumentError { document: name.clone(), pointer: String::new(), problem };
        let mut bytes = Vec::new();
        let read = File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
        if read.map_err(|error| failed(error.to_string()))? as u64 > MAX_BYTES {
            return Err(failed(format!("has more than {MAX_BYTES} bytes")));
        }
        let root = serde_json::from_slice(&bytes).map_err(|error| failed(format!("is not JSON: {error}")))?;
        Ok(Self { name, root })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn root(&self) -> Node<'_> {
        Node { document: self, value: &self.root, pointer: String::new() }
    }
}

/// A node of a document.
#[derive(Clone)]
pub struct Node<'a> {
    document: &'a Document,
    pub value: &'a Value,
    pointer: String,
}

impl<'a> Node<'a> {
    pub fn get(&self, key: &str) -> Option<Self> {
        self.value.get(key).map(|value| self.child(key, value))
    }

    /// The child at `key`, or an error if it is missing.
    pub fn require(&self, key: &str) -> Result<Self, DocumentError> {
        self.get(key).ok_or_else(|| self.child(key, self.value).error("is missing"))
    }

    pub fn object(&self) -> Result<&'a Map<String, Value>, DocumentError> {
        self.value.as_object().ok_or_else(|| self.expected("an object"))
    }

    pub fn text(&self) -> Result<&'a str, DocumentError> {
        self.value.as_str().ok_or_else(|| self.expected("a string"))
    }

    /// The fields of an object, in the order of the document.
    pub fn fields(&self) -> Result<impl Iterator<Item = (&'a str, Self)>, DocumentError> {
        let this = self.clone();
        Ok(self.object()?.iter().map(move |(key, value)| (key.as_str(), this.child(key, value))))
    }

    pub fn items(&self) -> Result<Vec<Self>, DocumentError> {
        let items = self.value.as_array().ok_or_else(|| self.expected("a list"))?;
        Ok(items.iter().enumerate().map(|(index, value)| self.child(&index.to_string(), value)).collect())
    }

    /// The items of the list at `key`. Empty if there is no list.
    pub fn list(&self, key: &str) -> Result<Vec<Self>, DocumentError> {
        self.get(key).map_or(Ok(Vec::new()), |list| list.items())
    }

    /// The target of this reference, or the node itself if it is not a reference.
    pub fn resolve(&self) -> Result<Self, DocumentError> {
        let mut at = self.clone();
        for _ in 0..MAX_HOPS {
            match at.reference()? {
                None => return Ok(at),
                Some(target) => at = target,
            }
        }
        Err(self.error(format!("is a reference of more than {MAX_HOPS} steps")))
    }

    /// The target of `$ref`, if this is a reference.
    pub fn reference(&self) -> Result<Option<Self>, DocumentError> {
        let Some(reference) = self.get("$ref") else { return Ok(None) };
        let text = reference.text()?;
        let pointer = text
            .strip_prefix('#')
            .ok_or_else(|| reference.error(format!("is {text:?}: only references inside the document are followed")))?;
        // A reference is a URL, so that its pointer can be percent-encoded.
        let decoded = percent_decode_str(pointer).decode_utf8_lossy();
        let found = [pointer, &*decoded].into_iter().find_map(|it| Some((it, self.document.root.pointer(it)?)));
        match found {
            Some((pointer, value)) => Ok(Some(Node { document: self.document, value, pointer: pointer.to_owned() })),
            None => Err(reference.error(format!("is {text:?}, which the document does not have"))),
        }
    }

    pub fn document_root(&self) -> Self {
        self.document.root()
    }

    /// Identifies a node: equal if two paths lead to the same node.
    pub fn identity(&self) -> usize {
        std::ptr::from_ref(self.value) as usize
    }

    pub fn error(&self, problem: impl Into<String>) -> DocumentError {
        DocumentError { document: self.document.name.clone(), pointer: self.pointer.clone(), problem: problem.into() }
    }

    fn child(&self, key: &str, value: &'a Value) -> Self {
        let key = key.replace('~', "~0").replace('/', "~1");
        Self { document: self.document, value, pointer: format!("{}/{key}", self.pointer) }
    }

    fn expected(&self, what: &str) -> DocumentError {
        let kind = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        self.error(format!("is {kind}, not {what}"))
    }
}
