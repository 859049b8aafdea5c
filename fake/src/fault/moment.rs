//! When in an exchange something goes wrong.

/// Where in an exchange a connection is reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Moment {
    /// Before anything of the request has reached the service: no effect.
    BeforeRequest,
    /// When a part of the request has reached the service: no effect.
    MidRequest,
    /// When the whole request has reached the service, which works on it to its end.
    InFlight,
    /// When the service has done its work, in the place of the answer.
    AfterEffect,
    /// In the middle of the answer.
    MidAnswer,
}
