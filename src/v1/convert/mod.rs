//! Pure conversions between V1 and V2. They send nothing and keep no state.
//!
//! Each function returns a [`Converted`] value with its losses. The functions `.._to_v1` convert resources of V2 to V1's
//! form, `.._to_v2` convert them back. The functions named after calls (`create_booking`, `slots_query`) convert V1's
//! bodies and queries to V2's.
//!
//! ```
//! use calcom::v1::{convert, types::CreateEventType};
//!
//! # fn main() -> Result<(), convert::ConversionError> {
//! let mut event_type = CreateEventType::new("Check-up", "check-up", 30);
//! event_type.position = Some(2);
//! let converted = convert::create_event_type(&event_type)?;
//! assert_eq!(converted.length_in_minutes.get(), 30);
//! assert_eq!(converted.losses[0].field, "position");
//! # Ok(()) }
//! ```

mod booking;
mod booking_patch;
mod booking_request;
mod by_table;
mod event_type;
mod event_type_parts;
mod form_fields;
mod lenient;
mod location;
mod me;
mod membership;
mod schedule;
mod slots;
mod table;
mod team;
mod team_event_type;
mod webhook;

pub use booking::{created_to_v1 as created_booking_to_v1, to_v1 as booking_to_v1, to_v2 as booking_to_v2};
pub use booking_patch::{PatchStep, cancel as cancel_booking, patch as patch_booking};
pub use booking_request::{BookingRequest, create as create_booking};
pub use by_table::ConversionError;
pub use event_type::{
    create as create_event_type, patch as patch_event_type, to_v1 as event_type_to_v1, to_v2 as event_type_to_v2,
};
pub use me::to_v1 as user_to_v1;
pub use membership::{create as create_membership, patch as patch_membership, to_v1 as membership_to_v1};
pub use schedule::{
    create as create_schedule, patch as patch_schedule, to_v1 as schedule_to_v1, to_v2 as schedule_to_v2,
};
pub use slots::{SlotsRequest, query as slots_query, to_v1 as slots_to_v1};
pub use team::{create as create_team, patch as patch_team, to_v1 as team_to_v1};
pub use team_event_type::{create as create_team_event_type, patch as patch_team_event_type};
pub use webhook::{create as create_webhook, patch as patch_webhook, to_v1 as webhook_to_v1, to_v2 as webhook_to_v2};

pub(crate) use table::is_blank;

use self::{
    by_table::{convert_by_table, to_object},
    table::{ConversionDirection, Purpose, convert},
};
use super::{Converted, schema::JsonObject};

/// Converts the JSON of a response. Fields that the generated types do not have are reported as losses too.
pub(crate) trait FromV2: Sized {
    fn from_v2(from: &JsonObject) -> Result<Converted<Self>, ConversionError>;
}

macro_rules! from_v2 {
    ($($type:ty: $table:expr;)+) => {$(
        impl FromV2 for $type {
            fn from_v2(from: &JsonObject) -> Result<Converted<Self>, ConversionError> {
                convert($table, ConversionDirection::ToV1, Purpose::Read, from).map_err(|error| ConversionError(error.to_string()))
            }
        }
    )+};
}

from_v2! {
    super::types::User: me::TABLE;
    super::types::EventType: event_type::TABLE;
    super::types::Schedule: schedule::TABLE;
    super::types::Booking: booking::TABLE;
    super::types::Membership: membership::TABLE;
    super::types::Team: team::TABLE;
    super::types::Webhook: webhook::TABLE;
}
