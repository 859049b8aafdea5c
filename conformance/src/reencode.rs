//! The JSON of an operation, decoded through its generated type and encoded again.

use calcom::raw::types;
use serde::{Serialize, de::DeserializeOwned};

include!(concat!(env!("OUT_DIR"), "/reencode.rs"));

/// An error names the place.
fn round_trip<T: DeserializeOwned + Serialize>(json: &[u8]) -> Result<serde_json::Value, String> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let value: T = serde_path_to_error::deserialize(&mut reader).map_err(|error| error.to_string())?;
    serde_json::to_value(value).map_err(|error| error.to_string())
}
