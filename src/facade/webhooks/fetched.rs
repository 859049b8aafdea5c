//! A page of webhooks, and how many items it came with: what cannot be read is part of a full page, too.

use serde::{Deserialize, Deserializer};

use crate::{
    model::{Extra, FromWire, Webhook},
    pipeline::UnreadItem,
    raw::types,
};

#[derive(Clone)]
pub(super) struct FetchedPage {
    pub(super) webhooks: Vec<Webhook>,
    unread: usize,
}

impl FetchedPage {
    /// How many items came.
    pub(super) fn came(&self) -> u32 {
        u32::try_from(self.webhooks.len() + self.unread).unwrap_or(u32::MAX)
    }
}

impl<'de> Deserialize<'de> for FetchedPage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(|webhooks| Self { webhooks, unread: 0 })
    }
}

impl FromWire for FetchedPage {
    type Wire = Vec<types::Webhook>;

    fn from_wire(wire: Self::Wire, extra: Extra) -> Self {
        Self { webhooks: Vec::from_wire(wire, extra), unread: 0 }
    }

    fn attach_extra(&mut self, extra: Extra) {
        self.webhooks.attach_extra(extra);
    }

    fn attach_unread(&mut self, unread: Vec<UnreadItem>, read: usize) -> bool {
        self.unread = unread.len();
        read > 0
    }

    fn footprint(&self) -> usize {
        size_of::<Self>() + self.webhooks.footprint()
    }
}
