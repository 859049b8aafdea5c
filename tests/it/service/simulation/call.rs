//! One appointment, and all that its callers do and meet.

use std::time::Duration;

use calcom::model::CreateBooking;
use calcom::service::{Appointment, BookedAppointment, Outcome, Service, Ticket};
use tokio::time::{Instant, sleep, timeout};

use super::DEADLINE;

/// What one caller was told in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The uids of what was booked: of a seat the seat's.
    Booked(Vec<String>),
    NotBooked(String),
    Unknown(Box<Ticket>),
}

impl Told {
    pub fn by(outcome: Outcome<BookedAppointment>, ticket: &Ticket) -> Self {
        match outcome {
            Outcome::Done(booked) => Self::Booked(super::super::again::named(&booked)),
            Outcome::NotDone(why) => Self::NotBooked(why.to_string()),
            Outcome::Unknown(unknown) => Self::Unknown(Box::new(unknown.ticket.unwrap_or(ticket.clone()))),
        }
    }
}

/// One caller: when it comes, when its future is dropped or its process killed, and when it comes again.
#[derive(Debug, Clone)]
pub struct Plan {
    pub at: Duration,
    pub cut: Vec<Cut>,
    /// Whether what comes in the end is carried on in the background.
    pub carries_on: bool,
}

#[derive(Debug, Clone, Copy)]
pub struct Cut {
    pub after: Duration,
    pub again: Duration,
    /// Killed: what comes again is another process, which says so if `says`.
    pub killed: bool,
    pub says: bool,
}

impl Plan {
    /// As how many callers it appears: one that comes again after its process was killed, and does not say so, is another.
    pub fn processes(&self) -> usize {
        1 + self.cut.iter().filter(|cut| cut.killed && !cut.says).count()
    }
}

pub fn plans(random: &mut fastrand::Rng) -> Vec<Plan> {
    let callers = [1, 1, 2, 2, 2, 3][random.usize(0..6)];
    let together = random.bool();
    let mut plans = Vec::new();
    for at in 0..callers {
        let wait = if at == 0 {
            0
        } else if together {
            random.u64(0..120)
        } else {
            random.u64(0..10_000)
        };
        let mut cut = Vec::new();
        while random.u32(0..100) < 25 && cut.len() < 3 {
            let millis = |random: &mut fastrand::Rng, most| Duration::from_millis(random.u64(0..most));
            let most = if random.bool() { 700 } else { 20_000 };
            let killed = random.bool();
            let after = millis(random, most);
            let again = millis(random, 3_000);
            cut.push(Cut { after, again, killed, says: killed && random.bool() });
        }
        plans.push(Plan { at: Duration::from_millis(wait), cut, carries_on: random.u32(0..10) == 0 });
    }
    plans
}

/// Carries one plan out; what was told in the end, and how long the last call took.
pub async fn call(plan: Plan, booking: CreateBooking, key: String, process: impl Fn() -> Service) -> (Told, Duration) {
    sleep(plan.at).await;
    let asked = |says: bool| {
        let asked = Appointment::new(booking.clone()).key(key.clone()).deadline(DEADLINE);
        let asked = if plan.carries_on { asked.continue_in_background() } else { asked };
        if says { asked.after_crash() } else { asked }
    };
    let ticket = asked(false).ticket();
    let (mut service, mut says) = (process(), false);
    for cut in &plan.cut {
        let began = Instant::now();
        if let Ok(outcome) = timeout(cut.after, service.book(asked(says))).await {
            return (Told::by(outcome, &ticket), began.elapsed());
        }
        sleep(cut.again).await;
        if cut.killed {
            service = process();
        }
        says = cut.says;
    }
    let began = Instant::now();
    let outcome = service.book(asked(says)).await;
    (Told::by(outcome, &ticket), began.elapsed())
}
