//! Executes a call by the name of its tool.

use serde_json::Value;

use super::{names, reply::ToolReply, session::Tools};

impl Tools {
    /// Executes a call: the name of a tool and its arguments, as the model wrote them.
    ///
    /// It ends within the deadline of the service ([`Settings::deadline`](crate::service::Settings::deadline)). Every
    /// failure is a reply.
    pub async fn call(&self, name: &str, arguments: Value) -> ToolReply {
        let reply = match name {
            names::FIND_SLOTS => self.find_slots(arguments).await,
            names::BOOK => self.book(arguments).await,
            names::MOVE => self.reschedule(arguments).await,
            names::CANCEL => self.cancel(arguments).await,
            names::LOOK_UP => self.look_up(arguments).await,
            _ => Err(ToolReply::failed(format!("There is no such tool. There are: {}.", names::NAMES.join(", ")))),
        };
        reply.unwrap_or_else(|failure| failure)
    }
}
