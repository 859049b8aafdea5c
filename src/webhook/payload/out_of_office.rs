//! Payload of out-of-office entries.

use jiff::Timestamp;

use super::{participants::WebhookUser, read::payload};

payload! {
    /// An entered absence (out of office): `OOO_CREATED`.
    OooPayload {
        /// The absence.
        ooo_entry: Option<OooEntry> = "oooEntry" shown,
    }
}

payload! {
    /// An absence.
    OooEntry {
        /// The id.
        id: Option<i64> = "id" shown,
        /// The UUID.
        uuid: Option<String> = "uuid" shown,
        /// When it starts.
        start: Option<Timestamp> = "start" shown,
        /// When it ends.
        end: Option<Timestamp> = "end" shown,
        /// When it was entered.
        created_at: Option<Timestamp> = "createdAt" shown,
        /// When it was last changed.
        updated_at: Option<Timestamp> = "updatedAt" shown,
        /// The notes of the user.
        notes: Option<String> = "notes",
        /// The reason.
        reason: Option<OooReason> = "reason",
        /// The id of the reason.
        reason_id: Option<i64> = "reasonId" shown,
        /// The absent user.
        user: Option<WebhookUser> = "user",
        /// The user who takes over the bookings.
        to_user: Option<WebhookUser> = "toUser",
    }
}

payload! {
    /// The reason of an absence.
    OooReason {
        /// An emoji for it.
        emoji: Option<String> = "emoji",
        /// A translation key of the service, or a text of the user.
        reason: Option<String> = "reason",
    }
}
