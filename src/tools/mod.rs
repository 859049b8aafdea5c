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
//! - **Book once.** The key of a booking is made of the session, the event type, the start and the attendee's address.
//!   The model neither knows nor chooses it. A call that is repeated, with another spelling of the name too, finds the
//!   first booking. A booking that this session cancelled can be made again.
//! - **Be told the truth.** A reply says "booked", "not booked" with what to do next, or "not known yet" with the advice
//!   to repeat the call. Every reply is a text; [`ToolReply::is_error`] marks those of calls that did not do what was
//!   asked.
//! - **See what was asked for.** Replies have times, states and uids. They have no names, addresses or titles.
//!   [`Tools::attendee`] limits the session to the bookings of one attendee; without it a booking is reached by its uid
//!   alone, and none are listed.

mod arguments;
mod book;
mod change;
mod definitions;
mod find;
mod text;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
};

use serde_json::Value;

pub use definitions::ToolDefinition;

use crate::{
    model::{Booking, EventTypeId},
    service::Service,
};

/// The reply to a call: a text for the model.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ToolReply {
    /// What happened, and what the model can do next.
    pub text: String,
    /// Whether the call did not do what was asked.
    pub is_error: bool,
}

impl ToolReply {
    fn done(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_error: false }
    }

    fn failed(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_error: true }
    }
}

/// A booking service as tools of one session: one conversation with one person.
///
/// It is cheap to clone; clones are one session.
///
/// ```no_run
/// # fn example(service: calcom::service::Service) {
/// use calcom::tools::Tools;
///
/// let tools = Tools::new(service, "call-4711").event_type(7, "Check-up, 20 minutes");
/// assert_eq!(tools.definitions().len(), 5);
/// # }
/// ```
#[derive(Clone)]
#[must_use]
pub struct Tools {
    service: Service,
    session: String,
    event_types: Vec<(EventTypeId, String)>,
    attendee: Option<String>,
    /// The number of times that this session has cancelled what was booked for a set of arguments.
    cancelled: Arc<Mutex<HashMap<String, u32>>>,
}

impl Tools {
    /// The tools of a session. The same session after a restart has the same keys.
    pub fn new(service: Service, session: impl Into<String>) -> Self {
        Self { service, session: session.into(), event_types: Vec::new(), attendee: None, cancelled: Arc::default() }
    }

    /// Offers an event type; the model reads its number and this description. If none is offered, the model may name any.
    pub fn event_type(mut self, id: impl Into<EventTypeId>, description: impl Into<String>) -> Self {
        self.event_types.push((id.into(), description.into()));
        self
    }

    /// Limits the session to one attendee, whose address the program has verified: appointments are booked for this address
    /// only, others are not found, and the attendee's own can be listed.
    pub fn attendee(mut self, email: impl Into<String>) -> Self {
        self.attendee = Some(email.into());
        self
    }

    /// The booking service.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// Executes a call: the name of a tool and its arguments, as the model wrote them.
    ///
    /// It ends within the deadline of the service ([`Settings::deadline`](crate::service::Settings::deadline)). Every
    /// failure is a reply.
    pub async fn call(&self, name: &str, arguments: Value) -> ToolReply {
        let reply = match name {
            definitions::FIND_SLOTS => self.find_slots(arguments).await,
            definitions::BOOK => self.book(arguments).await,
            definitions::MOVE => self.reschedule(arguments).await,
            definitions::CANCEL => self.cancel(arguments).await,
            definitions::LOOK_UP => self.look_up(arguments).await,
            _ => {
                Err(ToolReply::failed(format!("There is no such tool. There are: {}.", definitions::NAMES.join(", "))))
            }
        };
        reply.unwrap_or_else(|failure| failure)
    }

    /// Whether the session may see and change a booking.
    fn may_see(&self, booking: &Booking) -> bool {
        self.attendee
            .as_deref()
            .is_none_or(|attendee| booking.attendees.iter().any(|it| text::same_address(&it.email, attendee)))
    }

    /// Refuses an event type that is not offered.
    fn check_event_type(&self, id: EventTypeId) -> Result<(), ToolReply> {
        if self.event_types.is_empty() || self.event_types.iter().any(|(offered, _)| *offered == id) {
            return Ok(());
        }
        let offered: Vec<String> = self.event_types.iter().map(|(id, text)| format!("{} ({text})", id.0)).collect();
        Err(ToolReply::failed(format!("eventTypeId: is not offered. Offered are: {}.", offered.join("; "))))
    }
}

/// Shows neither the session nor the attendee.
impl fmt::Debug for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tools").field("event_types", &self.event_types.len()).finish_non_exhaustive()
    }
}
