//! Bodies of operations whose services take two forms.

use serde::Serialize;

use crate::contract::Contract;

/// Seals [`FormOf`]: only generated types implement it.
pub trait GeneratedBody {}

/// A body of an operation whose services take two forms: `Body` itself, or the hosted service's form of it.
///
/// The type of the body decides the version of the request. `Body` is sent with the version of self-hosted servers, which the
/// hosted service has too. The other form is sent with the version of the hosted service; on a self-hosted server it fails with
/// [`Error::Unsupported`](crate::Error::Unsupported) before anything is sent.
///
/// [`Request::version`](super::Request::version) sets another version, whatever the body is, and so does
/// [`Config::versions`](crate::Config::versions) if it names a version of neither form. If that names the version of the
/// hosted service for a self-hosted server, both bodies are sent to it.
///
/// ```no_run
/// # #[cfg(feature = "event-types")]
/// # async fn example(client: calcom::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use calcom::raw::types;
///
/// let both = types::CreateEventType::new("Call", "call", 30.try_into()?).disable_guests(true);
/// client.raw().create_event_type(&both).await?;
/// let hosted = types::HostedCreateEventType::new("Call", "call", 30.try_into()?).private_note_enabled(true);
/// client.raw().create_event_type(&hosted).await?;
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no body of this operation",
    label = "not `{Body}`, and not the hosted service's form of it"
)]
pub trait FormOf<Body>: Serialize + GeneratedBody {
    /// The service whose form the body has.
    const FORM: Contract;
}
