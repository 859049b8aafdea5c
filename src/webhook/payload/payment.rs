//! Payments in payloads.

use serde_json::Value;

use super::define::payload;

payload! {
    /// The payment of a booking: `BOOKING_PAYMENT_INITIATED`, `BOOKING_PAID`, and `MEETING_*`.
    ///
    /// ```
    /// use calcom::webhook::Event;
    ///
    /// let event = Event::parse(
    ///     r#"{"triggerEvent":"BOOKING_PAID","payload":{"uid":"kgiKeoVgk6NpALrVxDhWeY","paymentId":5,
    ///         "paymentData":{"id":5,"amount":4500,"currency":"eur","success":true,"refunded":false}}}"#,
    /// )?;
    /// let payment = event.booking().and_then(|booking| booking.payment_data.as_ref());
    /// assert_eq!(payment.and_then(|payment| payment.amount), Some(4500));
    /// # Ok::<(), calcom::webhook::ParseError>(())
    /// ```
    WebhookPayment {
        /// The id.
        id: Option<i64> = "id" shown,
        /// The uid, which is part of the link of the payment page.
        uid: Option<String> = "uid",
        /// The payment app: `stripe`.
        app_id: Option<String> = "appId" shown,
        /// The id of the booking.
        booking_id: Option<i64> = "bookingId" shown,
        /// The amount in the currency's smallest unit (cents).
        amount: Option<i64> = "amount" shown,
        /// The fee of the service, in the same unit.
        fee: Option<i64> = "fee" shown,
        /// The currency's ISO 4217 code, in either case.
        currency: Option<String> = "currency" shown,
        /// Whether it has been paid.
        success: Option<bool> = "success" shown,
        /// Whether it has been paid back.
        refunded: Option<bool> = "refunded" shown,
        /// When it is taken: `ON_BOOKING`, or `HOLD` for a fee of those who do not come.
        payment_option: Option<String> = "paymentOption" shown,
        /// The id at the payment app.
        external_id: Option<String> = "externalId",
        /// The data of the payment app, in its own form.
        data: Option<Value> = "data",
    }
}
