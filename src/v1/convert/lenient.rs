//! Deserializes converted objects and reports what the target type does not accept.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::v1::{LossReason, loss::Losses, schema::JsonObject};

/// Deserializes the object as a `T`. Values that `T` does not accept are removed and reported, until the rest is
/// accepted. Values that `T` accepts but does not serialize again are reported too.
pub(crate) fn deserialize_lenient<T: DeserializeOwned + Serialize>(
    object: JsonObject,
    losses: &mut Losses,
) -> Result<T, serde_json::Error> {
    let mut value = Value::Object(object);
    loop {
        let problem = match serde_path_to_error::deserialize::<_, T>(&value) {
            Ok(read) => {
                report_unserialized(&value, &serde_json::to_value(&read)?, String::new(), losses);
                return Ok(read);
            }
            Err(problem) => problem,
        };
        let Some(field) = remove_invalid(&mut value, problem.path()) else { return Err(problem.into_inner()) };
        losses.add(field, LossReason::NotExpressible("the other version has no form for this value"));
    }
}

/// Reports the fields that are missing after deserializing and serializing.
fn report_unserialized(before: &Value, after: &Value, at: String, losses: &mut Losses) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            for (name, value) in before.iter().filter(|(_, value)| !value.is_null()) {
                let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                match after.get(name) {
                    Some(after) => report_unserialized(value, after, at, losses),
                    None => losses.add(at, LossReason::NotExpressible("the other version has no form for this value")),
                }
            }
        }
        (Value::Array(before), Value::Array(after)) => {
            before
                .iter()
                .zip(after)
                .for_each(|(before, after)| report_unserialized(before, after, format!("{at}[]"), losses));
        }
        _ => {}
    }
}

/// Removes the list item, or else the field, at which deserializing failed. `None` if there is none.
fn remove_invalid(value: &mut Value, path: &serde_path_to_error::Path) -> Option<String> {
    use serde_path_to_error::Segment;

    let mut segments = path.iter();
    let Some(Segment::Map { key }) = segments.next() else { return None };
    let object = value.as_object_mut()?;
    if let (Some(Value::Array(items)), Some(Segment::Seq { index })) = (object.get_mut(key), segments.next())
        && *index < items.len()
    {
        items.remove(*index);
        return Some(format!("{key}[]"));
    }
    object.remove(key)?;
    Some(key.clone())
}
