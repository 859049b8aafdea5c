//! Points of an exchange.

/// The point of an exchange at which the connection is reset. See [`Fault::reset`](super::super::Fault::reset).
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use calcom::model::CreateBooking;
/// use calcom_fake::{FakeCalcom, Fault, ResetPoint};
///
/// let fake = FakeCalcom::recorded_seed().await;
/// let client = fake.client();
/// for (hour, point, is_booked) in [(9, ResetPoint::BeforeRequest, false), (10, ResetPoint::AfterEffect, true)] {
///     fake.fault(Fault::reset(point).on("create_booking"));
///     let start = format!("2026-12-01T{hour:02}:00:00Z").parse().unwrap();
///     assert!(client.bookings().create(&CreateBooking::new(1, start, "Ada", "ada@example.org")).await.is_err());
///     assert_eq!(fake.ledger().unconfirmed().count() == 1, is_booked);
/// }
/// # }
/// ```
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
