//! A server of the Model Context Protocol over standard input and output: an assistant finds times, books, moves, cancels and
//! looks up appointments. It ends when its input ends.
//!
//! By default it runs on an embedded fake of the service. With `CALCOM_API_KEY` (and `CALCOM_API_URL` for another server) it
//! works on the service: the model then books real appointments. `CALCOM_SESSION` names the conversation, so that a server
//! that is started again finds what the same conversation booked; without it each run is a conversation of its own.

use std::{error::Error, sync::Arc};

use calcom::{
    ApiKey, Client,
    facade::EventTypeFilter,
    service::{IdempotencyKey, Service, Settings},
    tools::{ToolDefinition, Tools},
};
use calcom_fake::{FakeCalcom, FakeEventType, FakeUser};
use rmcp::{
    ErrorData, RoleServer, ServerHandler, ServiceExt,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation, ListToolsResult,
        PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool, ToolAnnotations,
    },
    service::RequestContext,
    transport::stdio,
};
use serde_json::Value;

/// The tools, as the protocol has them.
#[derive(Clone)]
struct Appointments(Tools);

impl ServerHandler for Appointments {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("calcom", env!("CARGO_PKG_VERSION")))
            .with_instructions("Find times, book, move, cancel and look up appointments in a Cal.com calendar.")
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.0.definitions().into_iter().map(tool).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let reply = self.0.call(&request.name, request.arguments.map_or(Value::Null, Value::Object)).await;
        let content = vec![ContentBlock::text(reply.text)];
        let result = if reply.is_error { CallToolResult::error(content) } else { CallToolResult::success(content) };
        Ok(result.into())
    }
}

fn tool(definition: ToolDefinition) -> Tool {
    let schema = match definition.input_schema {
        Value::Object(schema) => schema,
        _ => serde_json::Map::new(),
    };
    let hints = ToolAnnotations::new()
        .read_only(definition.read_only)
        .destructive(definition.destructive)
        .idempotent(true)
        .open_world(true);
    Tool::new(definition.name, definition.description, Arc::new(schema)).with_annotations(hints)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let session = std::env::var("CALCOM_SESSION").unwrap_or_else(|_| IdempotencyKey::random().as_str().to_owned());
    // Standard output is the protocol's; what is for people goes to standard error.
    if std::env::var_os("CALCOM_API_KEY").is_some() {
        let client = Client::from_env()?;
        let event_types = client.event_types().list(&EventTypeFilter::default()).await?;
        let tools = Tools::new(Service::new(client), session);
        let offered = event_types.iter().filter(|event_type| !event_type.hidden());
        let tools =
            offered.fold(tools, |tools, it| tools.event_type(it.id, format!("{}, {} minutes", it.title, it.length)));
        return serve(tools).await;
    }
    eprintln!("CALCOM_API_KEY is not set: using an embedded fake of the service.");
    let fake = FakeCalcom::builder()
        .user(FakeUser::new("johndoe").time_zone("Europe/Berlin"))
        .event_type(FakeEventType::new("johndoe", "consultation", 30).title("Consultation"))
        .start()
        .await;
    let client = Client::builder().credentials(ApiKey::new(fake.api_key())).api_url(fake.url()).build()?;
    let clock = fake.clock();
    let service = Service::with_settings(client, Settings::default().now(move || clock.now()));
    let consultation = fake.event_type_id("johndoe", "consultation");
    serve(Tools::new(service, session).event_type(consultation, "Consultation, 30 minutes")).await?;
    eprint!("What the fake has really done:\n{}", fake.ledger());
    Ok(())
}

/// Serves until the input ends.
async fn serve(tools: Tools) -> Result<(), Box<dyn Error>> {
    let service = tools.service().clone();
    match Appointments(tools).serve(stdio()).await {
        Ok(running) => {
            running.waiting().await?;
        }
        // The input ended before a client said anything.
        Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => {}
        Err(error) => return Err(error.into()),
    }
    // Watches for doubles come to an end.
    service.idle().await;
    Ok(())
}
