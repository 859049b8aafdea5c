//! The session: whom the tools work for, and what they offer.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
};

use super::{reply::ToolReply, text::same_address};
use crate::{
    model::{Booking, EventTypeId},
    service::Service,
};

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
    pub(super) service: Service,
    pub(super) session: String,
    pub(super) event_types: Vec<(EventTypeId, String)>,
    pub(super) attendee: Option<String>,
    /// The number of times that this session has cancelled what was booked for a set of arguments.
    pub(super) cancelled: Arc<Mutex<HashMap<String, u32>>>,
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
        self.attendee = Some(email.into().trim().to_owned());
        self
    }

    /// The booking service.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// Whether the session may see and change a booking.
    pub(super) fn may_see(&self, booking: &Booking) -> bool {
        self.attendee
            .as_deref()
            .is_none_or(|attendee| booking.attendees.iter().any(|it| same_address(&it.email, attendee)))
    }

    /// Refuses an event type that is not offered.
    pub(super) fn check_event_type(&self, id: EventTypeId) -> Result<(), ToolReply> {
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
