//! The two sides of the benches: the same calls through this crate and handwritten with reqwest and serde, against a server
//! with recorded responses and almost no cost.

#![allow(missing_docs)]

pub mod answers;
pub mod by_hand;
pub mod figure;
pub mod server;

use calcom::{
    ApiKey, Client, ClientBuilder,
    facade::{BookingFilter, EventTypeFilter},
    model::CreateBooking,
};

/// The side that makes a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The facade with breaker and limiter, without the cache.
    Facade,
    /// The facade with breaker, limiter and cache, which stores the response.
    FacadeWithCache,
    ByHand,
}

impl Side {
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "facade" => Some(Self::Facade),
            "everything_on" => Some(Self::FacadeWithCache),
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

    /// The number of calls of the two runs that are compared to count instructions.
    pub fn runs(self) -> (u32, u32) {
        match self {
            Self::GetMe | Self::CreateBooking => (50, 450),
            Self::ListEventTypes => (20, 120),
            Self::ListBookings => (5, 25),
        }
    }

    /// The aims for the instructions of the facade relative to handwritten code, without and with the cache.
    pub fn aims(self) -> (&'static str, &'static str) {
        match self {
            Self::GetMe | Self::CreateBooking => ("at most 0.90", "at most 1.00"),
            Self::ListEventTypes | Self::ListBookings => ("at most 0.60", "at most 0.65"),
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|case| case.name() == name)
    }
}

/// A client with the defaults for the server at `address`, which reports a quota that no bench exhausts.
pub fn client(address: &str) -> ClientBuilder {
    Client::builder().api_url(format!("http://{address}/v2")).credentials(ApiKey::new(KEY))
}

/// Both sides, for one server.
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
            facade: client.bypass_cache(),
            everything_on: client.refresh_cache(),
            by_hand: by_hand::Client::new(url, KEY)?,
        })
    }

    /// Makes one call. Returns the number of items in the response.
    pub async fn call(&self, case: Case, side: Side) -> anyhow::Result<usize> {
        match side {
            Side::Facade => call_facade(&self.facade, case).await,
            Side::FacadeWithCache => call_facade(&self.everything_on, case).await,
            Side::ByHand => self.by_hand.call(case).await,
        }
    }
}

async fn call_facade(client: &Client, case: Case) -> anyhow::Result<usize> {
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
