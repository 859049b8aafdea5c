//! `/v2/calendars`: nobody has connected one, so there is none to list and none that belongs to the caller.

use serde_json::{Map, Value, json};

use super::super::auth::Access;
use super::super::check::{Checker, Rule};
use super::super::exchange::Request;
use super::super::pace::Outcome;
use super::super::reply::Reply;
use super::super::route::Route;
use super::super::state::State;
use super::super::version::Versions;
use super::finish;

pub(crate) const ROUTES: &[Route] = &[
    Route::new("list_calendars", "GET", "/calendars", Versions::ANY, Access::Key, list),
    Route::new("list_busy_times", "GET", "/calendars/busy-times", Versions::ANY, Access::Key, busy_times),
];

fn list(_: &mut State, _: &Request) -> Outcome {
    Reply::ok(json!({ "connectedCalendars": [], "destinationCalendar": {} })).into()
}

fn busy_times(_: &mut State, request: &Request) -> Outcome {
    finish(try_busy_times(request))
}

fn try_busy_times(request: &Request) -> Result<Reply, Reply> {
    let mut asked: Map<String, Value> =
        request.query.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    if asked.keys().any(|name| name.starts_with("calendarsToLoad[")) {
        asked.retain(|name, _| !name.starts_with("calendarsToLoad["));
        asked.insert("calendarsToLoad".to_owned(), json!([{}]));
    }
    Checker::of(&Value::Object(asked))
        .required("dateFrom", &[Rule::Date, Rule::String])
        .required("dateTo", &[Rule::Date, Rule::String])
        .required("calendarsToLoad", &[Rule::Array])
        .tree()?;
    Err(Reply::exception(401, "These credentials do not belong to you"))
}
