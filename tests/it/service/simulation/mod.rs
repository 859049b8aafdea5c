//! Thousands of appointments, each asked for by one to three callers under one key: processes that share nothing but, in some
//! pieces, a store of leases, which in some of them does not always answer. Their futures are dropped, they are killed and come
//! again, requests and answers are lost, lists fail, lag and hide rows. Two minutes after the last call what was told is
//! compared with what stands.
//!
//! A few hundred in every run; ten thousand with `CALCOM_LONG=1`. Time is paused.

mod bad_store;
mod call;
mod piece;
mod report;

use std::time::Duration;

use calcom_fake::ListLag;
use report::Report;
use tokio::runtime::Builder;

/// The largest time by which lists lag, or hide a row.
pub const LAG: Duration = Duration::from_secs(10);
/// The settling time: above the largest lag by more than it takes to make a series.
pub const SETTLE: Duration = Duration::from_secs(13);
/// The time for a call: above it by enough to settle, send again and settle again.
pub const DEADLINE: Duration = Duration::from_secs(75);
/// How many appointments one fake holds.
const PIECE: usize = 60;

/// Who calls in a piece, and what it meets there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Callers {
    /// They may list, and share nothing.
    Host,
    /// They may list, and share a store.
    HostsWithStore,
    /// They may neither list nor share a store.
    Strangers,
    /// They may not list, and share a store.
    StrangersWithStore,
    /// They may not list, and share a store that does not always answer, and forgets.
    StrangersWithBadStore,
}

impl Callers {
    pub fn may_list(self) -> bool {
        matches!(self, Self::Host | Self::HostsWithStore)
    }
}

/// One piece: what is the same for all its appointments.
#[derive(Debug, Clone)]
pub struct Piece {
    pub seed: u64,
    pub callers: Callers,
    pub production: bool,
    pub listing: ListLag,
    /// Out of a hundred lists, so many fail.
    pub fails: u32,
    pub number: usize,
}

fn pieces(appointments: usize, seed: u64) -> Vec<Piece> {
    let piece = |at: usize| {
        let listing = match at % 4 {
            0 => ListLag::current(),
            1 => ListLag::current().lagging(LAG),
            2 => ListLag::current().lagging_up_to(LAG),
            _ => ListLag::current().hiding(0.4, LAG),
        };
        Piece {
            seed: seed + at as u64,
            callers: match at % 9 {
                0 | 2 | 4 => Callers::Host,
                1 | 3 | 5 => Callers::HostsWithStore,
                6 => Callers::Strangers,
                7 => Callers::StrangersWithStore,
                _ => Callers::StrangersWithBadStore,
            },
            production: at.is_multiple_of(2) == (at / 4).is_multiple_of(2),
            listing,
            fails: if at.is_multiple_of(3) { 10 } else { 0 },
            number: PIECE.min(appointments - at * PIECE),
        }
    };
    (0..appointments.div_ceil(PIECE)).map(piece).collect()
}

fn run(pieces: Vec<Piece>) -> Report {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(4);
    let share = |thread: usize| pieces.iter().skip(thread).step_by(threads).cloned().collect::<Vec<_>>();
    let mut report = Report::default();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|thread| {
                let mine = share(thread);
                scope.spawn(move || {
                    let mut report = Report::default();
                    for piece in mine {
                        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
                        runtime.block_on(piece::run(&piece, &mut report));
                    }
                    report
                })
            })
            .collect();
        for worker in workers {
            report.join(worker.join().unwrap());
        }
    });
    report
}

#[test]
fn an_appointment_is_booked_once_and_outcomes_agree_with_the_service_for_all_callers_and_any_number_of_calls() {
    let appointments = if std::env::var_os("CALCOM_LONG").is_some() { 10_000 } else { 360 };
    let seed = std::env::var("CALCOM_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_128);
    let report = run(pieces(appointments, seed));
    println!("lists lag up to {LAG:?}, settling time {SETTLE:?}, deadline {DEADLINE:?}\n{report}");
    assert_eq!(report.appointments(), appointments);
    assert!(report.is_true(), "{report}");
    assert!(report.unknown_share() <= 0.01, "{report}");
    // To say "unknown" or "not booked" every time would be no lie either.
    assert!(report.booked_share() > 0.85, "{report}");
}
