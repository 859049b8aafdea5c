//! Scenarios: combinations of event types, faults and rivals. The same seed gives the same scenarios.

use std::{fmt, time::Duration};

use super::fault::Fault;

/// A kind of event type, and the state of its slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BookingShape {
    /// A booking without confirmation.
    Plain,
    /// A booking that needs confirmation.
    Pending,
    /// A weekly series of four.
    Recurring,
    /// A weekly series of four that needs confirmation.
    RecurringPending,
    /// A seat in an empty slot.
    SeatedEmpty,
    /// A seat in a slot with another attendee.
    SeatedOthers,
}

impl BookingShape {
    /// All variants.
    pub const ALL: [Self; 6] =
        [Self::Plain, Self::Pending, Self::Recurring, Self::RecurringPending, Self::SeatedEmpty, Self::SeatedOthers];

    /// The number of bookings of an appointment.
    pub fn rows(self) -> usize {
        if matches!(self, Self::Recurring | Self::RecurringPending) { 4 } else { 1 }
    }

    pub(super) fn is_seated(self) -> bool {
        matches!(self, Self::SeatedEmpty | Self::SeatedOthers)
    }
}

impl fmt::Display for BookingShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "plain",
            Self::Pending => "pending",
            Self::Recurring => "recurring",
            Self::RecurringPending => "recurring + confirmation",
            Self::SeatedEmpty => "seated, empty slot",
            Self::SeatedOthers => "seated, others in",
        })
    }
}

/// Another booker for the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rival {
    /// No rival.
    None,
    /// A rival that books before; of seats, the last ones.
    Earlier,
    /// A rival that books at the same moment, or this much later.
    Simultaneous(Duration),
    /// A rival that has booked the third time of a series.
    Third,
}

/// One appointment with its faults and rival.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The number of the appointment.
    pub number: usize,
    /// The kind of booking.
    pub shape: BookingShape,
    /// The fault of the first request.
    pub fault: Fault,
    /// The faults of later requests.
    pub later: Vec<Fault>,
    /// The rival.
    pub rival: Rival,
}

/// The percentage of retries that have a fault.
const RETRY_FAULT_PERCENT: u32 = 20;

/// Makes `number` scenarios. With `stalls`, the faults are stalls of the whole service.
pub(super) fn scenarios(seed: u64, number: usize, stalls: bool) -> Vec<Scenario> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut scenarios = Vec::with_capacity(number);
    for at in 0..number {
        // Kinds and faults are enumerated, so that each pair occurs. Rivals are random.
        let shape = BookingShape::ALL[at % BookingShape::ALL.len()];
        let fault = if !stalls {
            Fault::ALIVE[(at / BookingShape::ALL.len()) % Fault::ALIVE.len()]
        } else if at % 16 == 0 {
            Fault::Stalled(Duration::from_millis(random.u64(3_000..40_000)))
        } else {
            Fault::None
        };
        let rival = match random.u32(0..100) {
            0..10 => Rival::Earlier,
            10..25 => Rival::Simultaneous(Duration::from_millis(random.u64(0..400))),
            25..45 if shape.rows() > 1 => Rival::Third,
            _ => Rival::None,
        };
        let later = (0..4)
            .map(|_| if random.u32(0..100) < RETRY_FAULT_PERCENT { again(&mut random) } else { Fault::None })
            .collect();
        scenarios.push(Scenario { number: at, shape, fault, later, rival });
    }
    scenarios
}

/// The fault of a retry.
fn again(random: &mut fastrand::Rng) -> Fault {
    loop {
        let fault = Fault::ALIVE[random.usize(1..Fault::ALIVE.len())];
        if !matches!(fault, Fault::Refused | Fault::RefusedFirst) {
            return fault;
        }
    }
}
