//! Ids and uids: counters from one, and random texts from a generator that belongs to one fake, so that a seed gives
//! the same uids again. A replay may say beforehand which ones come next.

use std::collections::{HashMap, VecDeque};

/// What an id is for; every kind counts by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    User,
    Schedule,
    AvailabilityRow,
    EventType,
    Booking,
    Attendee,
    Seat,
    Series,
    Reservation,
    Webhook,
    PrivateLink,
    ApiKey,
    Connection,
    Request,
}

#[derive(Clone, Debug)]
pub struct Ids {
    random: fastrand::Rng,
    last: HashMap<Kind, i64>,
    coming_ids: HashMap<Kind, VecDeque<i64>>,
    coming_uids: HashMap<Kind, VecDeque<String>>,
}

impl Ids {
    pub fn seeded(seed: u64) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed),
            last: HashMap::new(),
            coming_ids: HashMap::new(),
            coming_uids: HashMap::new(),
        }
    }

    /// The next number of its kind.
    pub fn number(&mut self, kind: Kind) -> i64 {
        if let Some(id) = self.coming_ids.get_mut(&kind).and_then(VecDeque::pop_front) {
            self.reserve(kind, id);
            return id;
        }
        let last = self.last.entry(kind).or_default();
        *last += 1;
        *last
    }

    /// No number up to `id` will be given again.
    pub fn reserve(&mut self, kind: Kind, id: i64) {
        let last = self.last.entry(kind).or_default();
        *last = (*last).max(id);
    }

    /// A booking uid: 22 characters without the ones that look alike.
    pub fn short(&mut self, kind: Kind) -> String {
        const ALPHABET: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        self.coming(kind)
            .unwrap_or_else(|| (0..22).map(|_| char::from(ALPHABET[self.random.usize(..ALPHABET.len())])).collect())
    }

    /// A version 4 UUID.
    pub fn uuid(&mut self, kind: Kind) -> String {
        self.coming(kind).unwrap_or_else(|| {
            let bits = (self.random.u128(..) & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
            let hex = format!("{bits:032x}");
            format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
        })
    }

    /// `len` lower-case hex characters.
    pub fn hex(&mut self, kind: Kind, len: usize) -> String {
        self.coming(kind).unwrap_or_else(|| (0..len).map(|_| self.random.digit(16)).collect())
    }

    fn coming(&mut self, kind: Kind) -> Option<String> {
        self.coming_uids.get_mut(&kind).and_then(VecDeque::pop_front)
    }

    /// The next uid of this kind will be `uid`.
    pub fn expect_uid(&mut self, kind: Kind, uid: String) {
        self.coming_uids.entry(kind).or_default().push_back(uid);
    }

    /// The next number of this kind will be `id`.
    pub fn expect_number(&mut self, kind: Kind, id: i64) {
        self.coming_ids.entry(kind).or_default().push_back(id);
    }

    /// Forgets what was announced and not used.
    pub fn forget_expected(&mut self) {
        self.coming_ids.clear();
        self.coming_uids.clear();
    }
}
