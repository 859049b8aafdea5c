//! Generates ids and uids: counters from 1, and random texts from the seed of the fake. A replay can set the next ones.

use std::collections::{HashMap, VecDeque};

/// The kind of an id. Each kind has a counter of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdKind {
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
    Team,
    Membership,
    OutOfOffice,
    Attribute,
    AttributeOption,
    AttributeAssignment,
    Invite,
    PlatformClient,
    PlatformSecret,
    Token,
    Connection,
    Calendar,
    VerifiedContact,
    VerificationCode,
    Request,
}

#[derive(Clone, Debug)]
pub struct Ids {
    random: fastrand::Rng,
    last: HashMap<IdKind, i64>,
    coming_ids: HashMap<IdKind, VecDeque<i64>>,
    coming_uids: HashMap<IdKind, VecDeque<String>>,
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
    pub fn number(&mut self, kind: IdKind) -> i64 {
        if let Some(id) = self.coming_ids.get_mut(&kind).and_then(VecDeque::pop_front) {
            self.reserve(kind, id);
            return id;
        }
        let last = self.last.entry(kind).or_default();
        *last += 1;
        *last
    }

    /// Makes the next number larger than `id`.
    pub fn reserve(&mut self, kind: IdKind, id: i64) {
        let last = self.last.entry(kind).or_default();
        *last = (*last).max(id);
    }

    /// A booking uid: 22 characters, without similar-looking ones.
    pub fn short(&mut self, kind: IdKind) -> String {
        const ALPHABET: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        self.take_next(kind)
            .unwrap_or_else(|| (0..22).map(|_| char::from(ALPHABET[self.random.usize(..ALPHABET.len())])).collect())
    }

    /// A version 4 UUID.
    pub fn uuid(&mut self, kind: IdKind) -> String {
        self.take_next(kind).unwrap_or_else(|| {
            let bits = (self.random.u128(..) & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
            let hex = format!("{bits:032x}");
            format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
        })
    }

    /// `len` lower-case hex characters.
    pub fn hex(&mut self, kind: IdKind, len: usize) -> String {
        self.take_next(kind).unwrap_or_else(|| (0..len).map(|_| self.random.digit(16)).collect())
    }

    /// `len` digits.
    pub fn digits(&mut self, kind: IdKind, len: usize) -> String {
        self.take_next(kind).unwrap_or_else(|| (0..len).map(|_| self.random.digit(10)).collect())
    }

    fn take_next(&mut self, kind: IdKind) -> Option<String> {
        self.coming_uids.get_mut(&kind).and_then(VecDeque::pop_front)
    }

    /// Sets the next uid of this kind.
    pub fn set_next_uid(&mut self, kind: IdKind, uid: String) {
        self.coming_uids.entry(kind).or_default().push_back(uid);
    }

    /// Sets the next number of this kind.
    pub fn set_next_number(&mut self, kind: IdKind, id: i64) {
        self.coming_ids.entry(kind).or_default().push_back(id);
    }

    /// Discards the set ids that were not used.
    pub fn clear_next(&mut self) {
        self.coming_ids.clear();
        self.coming_uids.clear();
    }
}
