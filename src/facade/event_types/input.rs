//! Bodies that create and change event types.

use crate::{
    Error, Result,
    raw::{FormOf, types},
};

/// Input that creates or changes an event type: a value that converts into a `Body`, or a body in the form of the hosted
/// service.
///
/// It is implemented for types that [`TryInto`] converts into a `Body`, such as `&model::CreateEventType` and the generated
/// body itself, and for the generated body in the form of the hosted service.
///
/// ```no_run
/// # async fn example(client: calcom::Client) -> calcom::Result<()> {
/// use calcom::{model::CreateEventType, raw::types};
///
/// let documented = CreateEventType::new("30 Min Meeting", "30min", 30);
/// client.event_types().create(&documented).await?;
///
/// let mut generated = types::CreateEventType::try_from(&documented)?;
/// generated.slug = "30min-later".into();
/// generated.minimum_booking_notice = Some(120);
/// client.event_types().create(generated).await?;
/// # Ok(()) }
/// ```
pub trait EventTypeInput<Body> {
    /// The body that is sent.
    type Form: FormOf<Body>;

    /// Converts into the body.
    ///
    /// # Errors
    ///
    /// [`Error::Validation`] for input that the service would refuse for its form.
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
