//! Moments of an exchange.

/// The moment of an exchange at which the connection is reset. See [`Fault::reset`](super::super::Fault::reset).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResetPoint {
    /// Before the service receives any part of the request: no effect.
    BeforeRequest,
    /// After the service has received a part of the request: no effect.
    MidRequest,
    /// After the service has received the complete request, which it processes to its end.
    InFlight,
    /// After the service has processed the request, in place of the response.
    AfterEffect,
    /// In the middle of the response.
    MidResponse,
}
