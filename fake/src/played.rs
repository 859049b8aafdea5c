//! The operations that the fake plays.

use calcom::operation::Operation;

use super::api;

/// The names of the operations that the fake plays: its answers depend on its state, and writes change it. All others answer an
/// example unless the test gives an answer.
///
/// ```
/// let played = calcom_fake::played_operations();
/// assert!(played.contains(&"create_booking"));
/// assert!(!played.contains(&"get_insights_kpi_stats"));
/// ```
pub fn played_operations() -> Vec<&'static str> {
    let routes = api::tables().iter().flat_map(|table| table.iter());
    let mut played: Vec<&str> =
        routes.map(|route| route.operation).filter(|name| Operation::find(name).is_some()).collect();
    played.sort_unstable();
    played.dedup();
    played
}
