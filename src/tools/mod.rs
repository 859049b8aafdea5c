//! Tools for language models: find times, book, move, cancel and look up appointments. Feature `tools`.
//!
//! [`Tools`] is a booking service as a set of functions that a model calls: [`Tools::definitions`] has names, descriptions
//! and JSON schemas, [`Tools::call`] executes a call. They fit every interface of that kind, such as the Model Context
//! Protocol (`cargo run -p mcp_server`) and the function calls of model APIs.
//!
//! ```no_run
//! use calcom::{Client, service::Service, tools::Tools};
//! use serde_json::json;
//!
//! # async fn example() -> calcom::Result<()> {
//! let tools = Tools::new(Service::new(Client::from_env()?), "conversation-4711")
//!     .event_type(2026361, "First appointment, 30 minutes")
//!     .attendee("erika@example.com");
//! for tool in tools.definitions() {
//!     println!("{}: {}", tool.name, tool.input_schema);
//! }
//! let arguments = json!({ "eventTypeId": 2026361, "from": "2030-01-15", "to": "2030-01-18", "timeZone": "Europe/Berlin" });
//! let reply = tools.call("find_slots", arguments).await;
//! println!("{}", reply.text);
//! # Ok(()) }
//! ```
//!
//! # What a model can do
//!
//! - **Book once.** The key of a booking is made of the session, the event type, the start and the attendee's address. The
//!   model neither reads nor chooses it. A call that is repeated, with another spelling of the name too, finds the first
//!   booking. A booking that this session cancelled can be made again.
//! - **Learn the outcome.** A reply says "booked", "not booked" with what to do next, or "not known yet" with the advice
//!   to repeat the call. Every reply is a text; [`ToolReply::is_error`] marks those of calls that did not do what was
//!   asked.
//! - **See what was asked for.** Replies have times, states and uids. They have no names, addresses or titles.
//!   [`Tools::attendee`] limits the session to the bookings of one attendee; without it a booking is reached by its uid
//!   alone, and none are listed. Of a booking with seats only the person's seat is moved or cancelled.

mod arguments;
mod book;
mod call;
mod change;
mod definitions;
mod find;
mod names;
mod reply;
mod session;
mod text;

pub use definitions::ToolDefinition;
pub use reply::ToolReply;
pub use session::Tools;
