//! What event types are made and changed with.

use crate::{
    Error, Result,
    raw::{FormOf, types},
};

/// What an event type is made or changed with: what becomes a `Body`, or the hosted service's form of one.
///
/// Implemented for what [`TryInto`] makes a `Body` of, as `&model::CreateEventType` and the generated body itself, and for the
/// generated body in the form of the hosted service.
pub trait EventTypeInput<Body> {
    /// The body that is sent.
    type Form: FormOf<Body>;

    /// The body.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] for what the service would refuse for its form.
    fn into_body(self) -> Result<Self::Form>;
}

impl<Body, E> EventTypeInput<Body> for E
where
    Body: FormOf<Body>,
    E: TryInto<Body>,
    E::Error: Into<Error>,
{
    type Form = Body;

    fn into_body(self) -> Result<Body> {
        self.try_into().map_err(Into::into)
    }
}

impl EventTypeInput<types::CreateEventType> for types::HostedCreateEventType {
    type Form = Self;

    fn into_body(self) -> Result<Self> {
        Ok(self)
    }
}

impl EventTypeInput<types::UpdateEventType> for types::HostedUpdateEventType {
    type Form = Self;

    fn into_body(self) -> Result<Self> {
        Ok(self)
    }
}
