//! What the benches compare: the same call through this crate and written by hand with reqwest and serde, against a server
//! that answers with recorded answers and costs next to nothing.

#![allow(missing_docs)]

pub mod answers;
pub mod by_hand;
pub mod figure;
pub mod server;

use calcom::{ApiKey, Client, Config, facade::BookingFilter, model::CreateBooking};

/// Which way a call takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Facade,
    ByHand,
}

impl Side {
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "facade" => Some(Self::Facade),
            "by_hand" => Some(Self::ByHand),
            _ => None,
        }
    }
}

/// The calls that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    GetMe,
    CreateBooking,
    ListEventTypes,
    ListBookings,
}

impl Case {
    pub const ALL: [Self; 4] = [Self::GetMe, Self::CreateBooking, Self::ListEventTypes, Self::ListBookings];

    pub fn name(self) -> &'static str {
        match self {
            Self::GetMe => "get_me",
            Self::CreateBooking => "create_booking",
            Self::ListEventTypes => "list_event_types",
            Self::ListBookings => "list_250_bookings",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|case| case.name() == name)
    }
}

/// Both ways to call, against one server.
pub struct Callers {
    facade: Client,
    by_hand: by_hand::Client,
}

/// As everybody has it, all stations on, but for a quota that no bench can use up, and without answers from the cache.
fn facade(url: &str) -> anyhow::Result<Client> {
    let mut config = Config::default();
    config.rate_limit.per_minute = Some(60_000_000);
    let builder = Client::builder().config(config).api_url(url).credentials(ApiKey::new(KEY));
    Ok(builder.build()?.refresh_cache())
}

const KEY: &str = "cal_live_0123456789abcdef0123456789abcdef";

impl Callers {
    pub fn new(address: &str) -> anyhow::Result<Self> {
        let url = format!("http://{address}/v2");
        Ok(Self { facade: facade(&url)?, by_hand: by_hand::Client::new(url, KEY)? })
    }

    /// Calls once, and says how many things came.
    pub async fn call(&self, case: Case, side: Side) -> anyhow::Result<usize> {
        match side {
            Side::Facade => self.through_the_facade(case).await,
            Side::ByHand => self.by_hand.call(case).await,
        }
    }

    async fn through_the_facade(&self, case: Case) -> anyhow::Result<usize> {
        Ok(match case {
            Case::GetMe => self.facade.me().get().await?.time_zone.len(),
            Case::CreateBooking => {
                let wanted = CreateBooking::new(1, by_hand::START.parse()?, "Alice Attendee", "alice@example.org")
                    .time_zone("Europe/Rome")
                    .language("it")
                    .metadata("crm", "42");
                self.facade.bookings().create(&wanted).await?.attendees.len()
            }
            Case::ListEventTypes => {
                let raw = self.facade.raw();
                raw.list_event_types(None, None, None, None, None, None).await?.data.len()
            }
            Case::ListBookings => {
                let mut filter = BookingFilter::default();
                filter.take = Some(250);
                self.facade.bookings().list(&filter).await?.items.len()
            }
        })
    }
}
