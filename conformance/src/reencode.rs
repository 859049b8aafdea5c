//! Decodes the JSON of an operation with its generated type, and encodes it again.

use calcom::raw::types;
use serde::{Serialize, de::DeserializeOwned};

include!(concat!(env!("OUT_DIR"), "/reencode.rs"));

/// The error names the JSON path.
fn round_trip<T: DeserializeOwned + Serialize>(json: &[u8]) -> Result<serde_json::Value, String> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let value: T = serde_path_to_error::deserialize(&mut reader).map_err(|error| error.to_string())?;
    serde_json::to_value(value).map_err(|error| error.to_string())
}

/// Decodes a response of an operation with its generated type.
///
/// # Errors
/// The JSON path that cannot be decoded.
pub fn decode_response(operation_id: &str, json: &[u8]) -> Result<(), String> {
    response(operation_id, json).map_or(Ok(()), |decoded| decoded.map(|_| ()))
}
