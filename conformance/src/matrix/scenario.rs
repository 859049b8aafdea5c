//! What is crossed with what: kinds of event types, faults, rivals. The same seed gives the same appointments.

use std::{fmt, time::Duration};

use super::fault::Fault;

/// A kind of event type, and the state of its slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Shape {
    /// Stands at once.
    Plain,
    /// Waits for the host.
    Pending,
    /// Four times, every week.
    Recurring,
    /// Four times, every week, and waits for the host.
    RecurringPending,
    /// A seat in an empty slot.
    SeatedEmpty,
    /// A seat beside somebody else.
    SeatedOthers,
}

impl Shape {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Plain, Self::Pending, Self::Recurring, Self::RecurringPending, Self::SeatedEmpty, Self::SeatedOthers];

    /// How many rows an appointment has.
    pub fn rows(self) -> usize {
        if matches!(self, Self::Recurring | Self::RecurringPending) { 4 } else { 1 }
    }

    pub(super) fn is_seated(self) -> bool {
        matches!(self, Self::SeatedEmpty | Self::SeatedOthers)
    }
}

impl fmt::Display for Shape {
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

/// Somebody else who wants the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rival {
    /// Nobody.
    None,
    /// Has it already; of seats, the last ones.
    JustBefore,
    /// Comes at the same moment, or so much later.
    AtOnce(Duration),
    /// Has the third time of a series.
    Third,
}

/// One appointment and all that befalls it.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its number.
    pub number: usize,
    /// What is booked.
    pub shape: Shape,
    /// What befalls the first request.
    pub fault: Fault,
    /// What befalls those after it.
    pub later: Vec<Fault>,
    /// Who else wants it.
    pub rival: Rival,
}

/// Out of a hundred, so many further requests of an appointment are struck.
const AGAIN: u32 = 20;

/// So many appointments. Where `stalls`, what strikes them is that the whole service stands still; else it is alive.
pub(super) fn scenarios(seed: u64, number: usize, stalls: bool) -> Vec<Scenario> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut scenarios = Vec::with_capacity(number);
    for at in 0..number {
        // Shapes and faults go round, so that every pair of them comes; rivals come by chance.
        let shape = Shape::ALL[at % Shape::ALL.len()];
        let fault = if !stalls {
            Fault::ALIVE[(at / Shape::ALL.len()) % Fault::ALIVE.len()]
        } else if at % 16 == 0 {
            Fault::Stalled(Duration::from_millis(random.u64(3_000..40_000)))
        } else {
            Fault::None
        };
        let rival = match random.u32(0..100) {
            0..10 => Rival::JustBefore,
            10..25 => Rival::AtOnce(Duration::from_millis(random.u64(0..400))),
            25..45 if shape.rows() > 1 => Rival::Third,
            _ => Rival::None,
        };
        let later = (0..4).map(|_| if random.u32(0..100) < AGAIN { again(&mut random) } else { Fault::None }).collect();
        scenarios.push(Scenario { number: at, shape, fault, later, rival });
    }
    scenarios
}

/// A fault for a request that is sent again, where the connection was there the first time.
fn again(random: &mut fastrand::Rng) -> Fault {
    loop {
        let fault = Fault::ALIVE[random.usize(1..Fault::ALIVE.len())];
        if !matches!(fault, Fault::Refused | Fault::RefusedFirst) {
            return fault;
        }
    }
}
