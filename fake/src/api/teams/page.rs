//! Pages of lists by `take` and `skip`.

use serde_json::{Map, Value, json};

use super::super::super::check::{Checker, ValidationRule};
use super::super::super::exchange::Request;
use super::super::super::reply::Reply;

/// A part of a list.
pub(crate) struct Page {
    take: usize,
    skip: usize,
}

/// The page that a request asks for: at most 250 items, which is the default too.
pub(crate) fn of(request: &Request) -> Result<Page, Reply> {
    let mut query = Map::new();
    for name in ["take", "skip"] {
        if let Some(text) = request.first_query(name) {
            query.insert(name.to_owned(), text.trim().parse::<i64>().map_or(Value::Null, |number| json!(number)));
        }
    }
    // The service fills in the defaults before it checks.
    query.entry("take").or_insert(json!(250));
    query.entry("skip").or_insert(json!(0));
    let query = Value::Object(query);
    let mut checker = Checker::of(&query);
    checker.required("take", &[ValidationRule::Max(250), ValidationRule::Min(1), ValidationRule::Number]);
    checker.required("skip", &[ValidationRule::Min(0), ValidationRule::Number]);
    checker.tree()?;
    let number = |name: &str, default| query.get(name).and_then(Value::as_u64).map_or(default, |n| n as usize);
    Ok(Page { take: number("take", 250), skip: number("skip", 0) })
}

impl Page {
    pub(crate) fn cut(&self, items: impl Iterator<Item = Value>) -> Value {
        items.skip(self.skip).take(self.take).collect()
    }
}
