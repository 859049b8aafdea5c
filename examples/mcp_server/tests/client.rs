//! A client of the protocol that uses the server as an assistant does.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::{process::Stdio, time::Duration};

use jiff::ToSpan;
use rmcp::{
    RoleClient, ServiceExt,
    model::{CallToolRequestParams, CallToolResult},
    service::RunningService,
    transport::TokioChildProcess,
};
use serde_json::{Value, json};
use tokio::process::Command;

const PATIENCE: Duration = Duration::from_secs(30);

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcp_server"));
    command.env_remove("CALCOM_API_KEY").env_remove("CALCOM_API_URL");
    command
}

async fn call(client: &RunningService<RoleClient, ()>, name: &'static str, arguments: Value) -> (String, bool) {
    let Value::Object(arguments) = arguments else { panic!("no object") };
    let request = CallToolRequestParams::new(name).with_arguments(arguments);
    let result: CallToolResult = tokio::time::timeout(PATIENCE, client.call_tool(request)).await.unwrap().unwrap();
    let text = result.content.first().and_then(|content| content.as_text()).map(|text| text.text.clone());
    (text.unwrap(), result.is_error.unwrap_or_default())
}

#[tokio::test]
async fn an_assistant_finds_a_time_books_it_once_and_cancels() {
    let client = ().serve(TokioChildProcess::new(program()).unwrap()).await.unwrap();
    let tools = client.list_all_tools().await.unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_ref()).collect();
    assert_eq!(
        names,
        ["find_slots", "book_appointment", "move_appointment", "cancel_appointment", "look_up_appointment"]
    );
    assert!(
        tools[1].input_schema.get("properties").is_some_and(|it| it.get("email").is_some() && it.get("key").is_none())
    );

    let today = jiff::ZonedDateTime::now().date();
    let (from, to) = (today.saturating_add(1.day()), today.saturating_add(8.days()));
    let days = json!({ "eventTypeId": 1, "from": from, "to": to, "timeZone": "Europe/Berlin" });
    let (free, failed) = call(&client, "find_slots", days).await;
    assert!(!failed, "{free}");
    let start = free.split_whitespace().find(|word| word.contains('T') && word.contains(':')).unwrap();
    let wanted = json!({ "eventTypeId": 1, "start": start.trim_end_matches(','), "name": "Ada Test",
        "email": "ada@example.org", "timeZone": "Europe/Berlin" });
    let (booked, failed) = call(&client, "book_appointment", wanted.clone()).await;
    assert!(!failed && booked.starts_with("Booked. "), "{booked}");
    let (again, _) = call(&client, "book_appointment", wanted).await;
    let uid = |text: &str| text.split("Appointment ").nth(1).unwrap().split(',').next().unwrap().to_owned();
    assert_eq!(uid(&booked), uid(&again));
    let (cancelled, failed) =
        call(&client, "cancel_appointment", json!({ "uid": uid(&booked), "reason": "ill" })).await;
    assert_eq!((cancelled.as_str(), failed), ("Cancelled.", false));
    let (text, failed) = call(&client, "cancel_appointment", json!({ "id": 7 })).await;
    assert!(failed && text.contains("unknown field `id`"), "{text}");
    client.cancel().await.unwrap();
}

#[tokio::test]
async fn the_server_ends_when_its_input_ends() {
    let mut child = program().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let status = tokio::time::timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
    assert!(status.success(), "{status}");
}
