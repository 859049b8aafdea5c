//! Pure conversions between the versions: no request is made here, and nothing is remembered.
//!
//! Each returns a [`Converted`] value with what it cost. `to_v1` reads what V2 answers, `to_v2` says a V1 thing in V2's
//! terms; `request`s are what V1's bodies and queries become.

mod booking;
mod booking_patch;
mod booking_request;
mod event_type;
mod event_type_parts;
mod form;
mod location;
mod me;
mod schedule;
mod slots;
mod table;
mod webhook;

pub use booking::{created_to_v1 as created_booking_to_v1, to_v1 as booking_to_v1, to_v2 as booking_to_v2};
pub use booking_patch::{Step, cancel as cancel_booking, patch as patch_booking};
pub use booking_request::{BookingCall, create as create_booking};
pub use event_type::{
    create as create_event_type, patch as patch_event_type, to_v1 as event_type_to_v1, to_v2 as event_type_to_v2,
};
pub use form::NoForm;
pub use me::to_v1 as user_to_v1;
pub use schedule::{
    create as create_schedule, patch as patch_schedule, to_v1 as schedule_to_v1, to_v2 as schedule_to_v2,
};
pub use slots::{SlotsCall, query as slots_query, to_v1 as slots_to_v1};
pub use webhook::{create as create_webhook, patch as patch_webhook, to_v1 as webhook_to_v1, to_v2 as webhook_to_v2};

pub(crate) use table::says_nothing;

use self::{
    form::{by_table, object},
    table::{Use, Way, convert},
};
use super::{Converted, shape::Object};

/// From an answer's JSON, so that what the bindings do not know is reported too.
pub(crate) trait FromV2: Sized {
    fn from_v2(from: &Object) -> Result<Converted<Self>, NoForm>;
}

macro_rules! from_v2 {
    ($($type:ty: $table:expr;)+) => {$(
        impl FromV2 for $type {
            fn from_v2(from: &Object) -> Result<Converted<Self>, NoForm> {
                convert($table, Way::ToV1, Use::Read, from).map_err(|error| NoForm(error.to_string()))
            }
        }
    )+};
}

from_v2! {
    super::types::User: me::TABLE;
    super::types::EventType: event_type::TABLE;
    super::types::Schedule: schedule::TABLE;
    super::types::Booking: booking::TABLE;
    super::types::Webhook: webhook::TABLE;
}
