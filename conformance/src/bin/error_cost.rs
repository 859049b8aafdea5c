//! `error_cost SHAPE BYTES`: makes the error of a response of that shape and size, for counting instructions. Without
//! arguments it lists the shapes.

use anyhow::{Context, Result};
use calcom::{__conformance::error_of, operation::Operation};
use http::HeaderMap;

/// A name, the piece that is repeated, and the body around it.
type Shape = (&'static str, &'static str, fn(&str) -> String);

/// Pieces of messages, repeated until the size is reached, and bodies that repeat them.
const SHAPES: &[Shape] = &[
    ("labels", "key=1 key=2 ", message),
    ("same label", "uid=", message),
    ("addresses", "@ a@b.cd ", message),
    ("quotes", "\\\"@", message),
    ("phones", "+4+9 ", message),
    ("names", "Jane van ", message),
    ("queries", "/a?b ", message),
    ("properties", "a property is wrong, ", message),
    ("responses", "responses - {a}error_required_field, ", message),
    ("refusals", "a - b, ", message),
    ("one word", "a", message),
    ("page", "<title>", |text| format!("<html>{text}")),
    ("fields", r#"{"field":"a","message":"b"},"#, |text| {
        format!(r#"{{"error":{{"details":[{}]}}}}"#, text.trim_end_matches(','))
    }),
    ("long fields", "a@", |text| {
        let fields = text.as_bytes().chunks(2 << 10).map(String::from_utf8_lossy);
        let fields: Vec<_> = fields.map(|message| format!(r#"{{"field":"a","message":"{message}"}}"#)).collect();
        format!(r#"{{"error":{{"details":[{}]}}}}"#, fields.join(","))
    }),
    ("tree", r#"{"property":"a","constraints":{"x":"y"}},"#, |text| {
        format!(r#"{{"error":{{"details":{{"errors":[{}]}}}}}}"#, text.trim_end_matches(','))
    }),
];

fn message(text: &str) -> String {
    format!(r#"{{"error":{{"message":"{text}"}}}}"#)
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [shape, bytes] = &arguments[..] else {
        SHAPES.iter().for_each(|(name, ..)| println!("{name}"));
        return Ok(());
    };
    let (_, piece, body) = SHAPES.iter().find(|(name, ..)| name == shape).context("no such shape")?;
    let bytes: usize = bytes.parse()?;
    let body = body(&piece.repeat(bytes / piece.len()));
    let operation = Operation::find("create_booking").context("no such operation")?;
    let error = error_of(operation, 400, &HeaderMap::new(), body.as_bytes());
    println!("{}", error.to_string().len());
    Ok(())
}
