//! The server on raw lines: what is no protocol, what ends in the middle, and what a client asks for at the end.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::{process::Stdio, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

const PATIENCE: Duration = Duration::from_secs(30);

struct Server {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Server {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mcp_server"));
        command.env_remove("CALCOM_API_KEY").env_remove("CALCOM_API_URL").env("CALCOM_SESSION", "lines");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, input, output: BufReader::new(output).lines() }
    }

    async fn write(&mut self, bytes: &[u8]) {
        timeout(PATIENCE, self.input.write_all(bytes)).await.unwrap().unwrap();
    }

    async fn say(&mut self, message: &Value) {
        self.write(format!("{message}\n").as_bytes()).await;
    }

    /// The next message with this id, which is a reply.
    async fn reply(&mut self, id: &Value) -> Value {
        loop {
            let line = timeout(PATIENCE, self.output.next_line()).await.unwrap().unwrap();
            let message: Value = serde_json::from_str(&line.unwrap_or_else(|| panic!("no reply to {id}"))).unwrap();
            if message["id"] == *id {
                return message;
            }
        }
    }

    async fn ask(&mut self, id: Value, method: &str, params: Value) -> Value {
        self.say(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).await;
        self.reply(&id).await
    }

    async fn initialize(&mut self) {
        let params = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } });
        let welcome = self.ask(json!(0), "initialize", params).await;
        assert_eq!(welcome["result"]["serverInfo"]["name"], "calcom", "{welcome}");
        self.say(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
    }

    /// Closes the input and waits for the end. Returns whether it ended well, and what was written to standard error.
    async fn end(mut self) -> (bool, String) {
        drop(self.input);
        let mut errors = String::new();
        let stderr = self.child.stderr.as_mut().unwrap();
        timeout(PATIENCE, stderr.read_to_string(&mut errors)).await.unwrap().unwrap();
        (timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap().success(), errors)
    }
}

fn look_up() -> Value {
    json!({ "name": "look_up_appointment", "arguments": { "uid": "unknown" } })
}

#[tokio::test]
async fn lines_that_are_no_protocol_are_passed_over_and_each_kind_of_id_gets_its_reply() {
    let mut server = Server::start();
    server.write(b"not json\n\n{\"half\": \n\xff\xfe\x00\n").await;
    server.initialize().await;
    for line in ["not json", "7", "null", "[]", "{}", "\"text\"", r#"{"jsonrpc":"1.0","id":1,"method":"tools/list"}"#] {
        server.write(format!("{line}\n").as_bytes()).await;
    }
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    server.say(&json!([ping, ping])).await;
    for id in [json!(1), json!("text"), json!(""), json!(-7), json!(9_007_199_254_740_993_i64)] {
        let reply = server.ask(id.clone(), "tools/call", look_up()).await;
        assert_eq!(reply["result"]["isError"], true, "{id}: {reply}");
    }
    let unknown = server.ask(json!(2), "tools/none", json!({})).await;
    assert_eq!(unknown["error"]["code"], -32601, "{unknown}");
    let nameless = server.ask(json!(3), "tools/call", json!({ "arguments": {} })).await;
    assert!(nameless["error"].is_object(), "{nameless}");
    let listed = server.ask(json!(4), "tools/call", json!({ "name": "look_up_appointment", "arguments": [1] })).await;
    assert!(listed["error"].is_object() || listed["result"]["isError"] == true, "{listed}");
    let (is_well, errors) = server.end().await;
    assert!(is_well && !errors.contains("panicked"), "{errors}");
}

#[tokio::test]
async fn a_huge_line_is_refused_or_passed_over_and_the_next_one_is_read() {
    let mut server = Server::start();
    server.initialize().await;
    let huge = "x".repeat(20 * 1024 * 1024);
    server.write(huge.as_bytes()).await;
    server.write(b"\n").await;
    let notes = "x".repeat(3 * 1024 * 1024);
    let arguments = json!({ "eventTypeId": notes });
    let reply = server.ask(json!(1), "tools/call", json!({ "name": "book_appointment", "arguments": arguments })).await;
    let text = reply["result"]["content"][0]["text"].as_str().unwrap();
    assert!(text.len() < 400 && text.contains("eventTypeId: must be a whole number"), "{}", &text[..100]);
    assert!(server.end().await.0);
}

#[tokio::test]
async fn a_call_that_is_made_before_the_input_ends_is_carried_out_and_half_a_line_is_not() {
    let mut server = Server::start();
    server.initialize().await;
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * 7);
    let monday = {
        let mut day = soon.to_zoned_datetime(jiff::tz::TimeZone::get("Europe/Berlin").unwrap()).date();
        while day.weekday() != jiff::civil::Weekday::Monday {
            day = day.tomorrow().unwrap();
        }
        day
    };
    let arguments = json!({ "eventTypeId": 1, "start": format!("{monday}T10:00:00Z"), "name": "Ada Test",
        "email": "ada@example.org", "timeZone": "Europe/Berlin" });
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "book_appointment", "arguments": arguments } });
    server.say(&call).await;
    let second = call.to_string().replace("T10:", "T11:");
    server.write(&second.as_bytes()[..second.len() - 3]).await;
    let (is_well, errors) = server.end().await;
    assert!(is_well, "{errors}");
    // The ledger is written at the end.
    assert_eq!(errors.matches("booked").count(), 1, "{errors}");
    assert!(!errors.contains("in flight") && !errors.contains("panicked"), "{errors}");
}

#[tokio::test]
async fn a_call_that_is_cancelled_leaves_the_server_at_work() {
    let mut server = Server::start();
    server.initialize().await;
    let days = json!({ "eventTypeId": 1, "from": "2030-01-14", "to": "2030-01-18", "timeZone": "Europe/Berlin" });
    server
        .say(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "find_slots", "arguments": days } }))
        .await;
    for id in [json!(1), json!(99), json!("none")] {
        let params = json!({ "requestId": id, "reason": "no longer wanted" });
        server.say(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params })).await;
    }
    let reply = server.ask(json!(2), "tools/call", look_up()).await;
    assert_eq!(reply["result"]["isError"], true, "{reply}");
    assert!(server.end().await.0);
}
