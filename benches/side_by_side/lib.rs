//! What the benches compare: the same call through this crate and written by hand with reqwest and serde, against a server
//! that answers with recorded answers and costs next to nothing.

#![allow(missing_docs)]

pub mod answers;
pub mod by_hand;
pub mod figure;
pub mod server;

use calcom::{
    ApiKey, Client, ClientBuilder, Config,
    facade::{BookingFilter, EventTypeFilter},
    model::CreateBooking,
};

/// Which way a call takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Through breaker and limiter, past the cache.
    Facade,
    /// With everything on: through the cache too, where the answer is kept for the next caller.
    EverythingOn,
    ByHand,
}

impl Side {
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "facade" => Some(Self::Facade),
            "everything_on" => Some(Self::EverythingOn),
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

    /// How many calls the two runs make that are compared to count instructions.
    pub fn runs(self) -> (u32, u32) {
        match self {
            Self::GetMe | Self::CreateBooking => (50, 450),
            Self::ListEventTypes => (20, 120),
            Self::ListBookings => (5, 25),
        }
    }

    /// What the facade may cost in instructions, over what is written by hand; and what it may cost with everything on.
    pub fn aims(self) -> (&'static str, &'static str) {
        match self {
            Self::GetMe | Self::CreateBooking => ("at most 1.15", "at most 1.20"),
            Self::ListEventTypes | Self::ListBookings => ("at most 1.05", "at most 1.05"),
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|case| case.name() == name)
    }
}

/// A client of the server at `address`, with all stations on and a quota that no bench can use up.
pub fn client(address: &str) -> ClientBuilder {
    let mut config = Config::default();
    config.rate_limit.per_minute = Some(60_000_000);
    Client::builder().config(config).api_url(format!("http://{address}/v2")).credentials(ApiKey::new(KEY))
}

/// Both ways to call, against one server.
pub struct Callers {
    facade: Client,
    everything_on: Client,
    by_hand: by_hand::Client,
}

const KEY: &str = "cal_live_0123456789abcdef0123456789abcdef";

impl Callers {
    pub fn new(address: &str) -> anyhow::Result<Self> {
        let url = format!("http://{address}/v2");
        let client = client(address).build()?;
        Ok(Self {
            facade: client.clone().bypass_cache(),
            everything_on: client.refresh_cache(),
            by_hand: by_hand::Client::new(url, KEY)?,
        })
    }

    /// Calls once, and says how many things came.
    pub async fn call(&self, case: Case, side: Side) -> anyhow::Result<usize> {
        match side {
            Side::Facade => through_the_facade(&self.facade, case).await,
            Side::EverythingOn => through_the_facade(&self.everything_on, case).await,
            Side::ByHand => self.by_hand.call(case).await,
        }
    }
}

async fn through_the_facade(client: &Client, case: Case) -> anyhow::Result<usize> {
    Ok(match case {
        Case::GetMe => client.me().get().await?.time_zone.len(),
        Case::CreateBooking => {
            let wanted = CreateBooking::new(1, by_hand::START.parse()?, "Alice Attendee", "alice@example.org")
                .time_zone("Europe/Rome")
                .language("it")
                .metadata("crm", "42");
            client.bookings().create(&wanted).await?.attendees.len()
        }
        Case::ListEventTypes => client.event_types().list(&EventTypeFilter::default()).await?.len(),
        Case::ListBookings => {
            let mut filter = BookingFilter::default();
            filter.take = Some(250);
            client.bookings().list(&filter).await?.items.len()
        }
    })
}
