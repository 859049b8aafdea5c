//! What came of it, counted by who called.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    time::Duration,
};

use jiff::Timestamp;

use super::{Callers, Piece, call::Told};

pub struct Appointment {
    pub callers: Callers,
    pub kind: usize,
    pub key: String,
    pub what: String,
    /// Whether another attendee has the time.
    pub taken: bool,
    /// By how many processes it was asked for that know nothing of each other.
    pub processes: usize,
    pub told: Vec<(Told, Duration)>,
    /// What was told after `reconcile`.
    pub settled: Vec<Told>,
    pub standing: HashMap<Timestamp, Vec<String>>,
}

#[derive(Debug, Default, Clone)]
struct Counts {
    appointments: usize,
    calls: usize,
    booked: usize,
    not_booked: usize,
    free: usize,
    free_and_booked: usize,
    unknown: usize,
    unknown_after: usize,
    doubles: usize,
    parts: usize,
    denied_but_stands: usize,
    told_but_not: usize,
    /// Told a uid that was cancelled as a double since.
    other_uid: usize,
    more_than_one_a_caller: usize,
    /// The same, where a process that was killed and does not say so is not counted as another caller.
    more_than_calls: usize,
}

#[derive(Debug, Default)]
pub struct Report {
    counts: BTreeMap<Callers, Counts>,
    took: Vec<Duration>,
    wrong: Vec<String>,
}

impl Report {
    pub fn add(&mut self, piece: &Piece, appointments: Vec<Appointment>) {
        for appointment in appointments {
            let counts = self.counts.entry(appointment.callers).or_default();
            let before = counts.clone();
            counts.add(&appointment);
            self.took.extend(appointment.told.iter().map(|(_, took)| *took));
            if before.lies(appointment.callers) != counts.lies(appointment.callers) {
                let Appointment { what, told, settled, standing, .. } = &appointment;
                self.wrong.push(format!(
                    "{what}\n  told {told:?}\n  then {settled:?}\n  stands {standing:?}\n  in {piece:?}"
                ));
            }
        }
    }

    pub fn join(&mut self, other: Self) {
        for (callers, counts) in other.counts {
            self.counts.entry(callers).or_default().join(&counts);
        }
        self.took.extend(other.took);
        self.wrong.extend(other.wrong);
    }

    pub fn appointments(&self) -> usize {
        self.counts.values().map(|counts| counts.appointments).sum()
    }

    pub fn is_true(&self) -> bool {
        self.counts.iter().all(|(callers, counts)| counts.lies(*callers) == 0)
    }

    /// The share of calls by those who may list that were unknown when their time was up.
    pub fn unknown_share(&self) -> f64 {
        let informed = self.counts.iter().filter(|(callers, _)| callers.may_list());
        let (unknown, calls) =
            informed.fold((0, 0), |(unknown, calls), (_, counts)| (unknown + counts.unknown, calls + counts.calls));
        unknown as f64 / calls.max(1) as f64
    }

    /// The share of appointments whose time was free that stand, by those who may list.
    pub fn booked_share(&self) -> f64 {
        let informed = self.counts.iter().filter(|(callers, _)| callers.may_list());
        let (booked, free) =
            informed.fold((0, 0), |(booked, free), (_, counts)| (booked + counts.free_and_booked, free + counts.free));
        booked as f64 / free.max(1) as f64
    }

    fn quantile(&self, share: f64) -> Duration {
        let mut took = self.took.clone();
        took.sort_unstable();
        took.get(((took.len().max(1) - 1) as f64 * share) as usize).copied().unwrap_or_default()
    }
}

impl Counts {
    fn add(&mut self, appointment: &Appointment) {
        let Appointment { kind, processes, told, settled, standing, taken, .. } = appointment;
        let rows = if *kind >= 3 { 4 } else { 1 };
        let stands = standing.values().any(|uids| !uids.is_empty());
        let whole = standing.len() == rows;
        let all: Vec<&String> = standing.values().flatten().collect();
        self.appointments += 1;
        self.calls += told.len();
        self.doubles += usize::from(standing.values().any(|uids| uids.len() > 1));
        self.parts += usize::from(stands && !whole);
        self.more_than_one_a_caller += usize::from(standing.values().any(|uids| uids.len() > *processes));
        self.more_than_calls += usize::from(standing.values().any(|uids| uids.len() > told.len()));
        self.free += usize::from(!taken);
        self.free_and_booked += usize::from(!taken && whole);
        self.unknown += told.iter().filter(|(told, _)| matches!(told, Told::Unknown(_))).count();
        for told in settled {
            match told {
                Told::Booked(uids) => {
                    self.booked += 1;
                    self.told_but_not += usize::from(!whole);
                    self.other_uid += usize::from(whole && !uids.iter().all(|uid| all.contains(&uid)));
                }
                Told::NotBooked(_) => {
                    self.not_booked += 1;
                    self.denied_but_stands += usize::from(stands);
                }
                Told::Unknown(_) => self.unknown_after += 1,
            }
        }
    }

    fn join(&mut self, other: &Self) {
        self.appointments += other.appointments;
        self.calls += other.calls;
        self.booked += other.booked;
        self.not_booked += other.not_booked;
        self.free += other.free;
        self.free_and_booked += other.free_and_booked;
        self.unknown += other.unknown;
        self.unknown_after += other.unknown_after;
        self.doubles += other.doubles;
        self.parts += other.parts;
        self.more_than_calls += other.more_than_calls;
        self.denied_but_stands += other.denied_but_stands;
        self.told_but_not += other.told_but_not;
        self.other_uid += other.other_uid;
        self.more_than_one_a_caller += other.more_than_one_a_caller;
    }

    /// How much of it is not as it must be.
    fn lies(&self, callers: Callers) -> usize {
        let always = self.denied_but_stands + self.told_but_not;
        match callers {
            // Those who see nothing cannot tell what is unknown to them, nor a part of a series.
            Callers::StrangersWithStore => always + self.doubles,
            Callers::Strangers | Callers::StrangersWithBadStore => always + self.more_than_one_a_caller,
            Callers::Host | Callers::HostsWithStore => always + self.doubles + self.parts + self.unknown_after,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (callers, counts) in &self.counts {
            let who = match callers {
                Callers::Host => "callers who may list, without a store",
                Callers::HostsWithStore => "callers who may list and share a store",
                Callers::Strangers => "callers who can do neither",
                Callers::StrangersWithStore => "callers who may not list and share a store",
                Callers::StrangersWithBadStore => "callers who may not list and share a store that fails and forgets",
            };
            writeln!(f, "{who}: {} appointments, {} calls", counts.appointments, counts.calls)?;
            writeln!(f, "  told booked {}, not booked {}", counts.booked, counts.not_booked)?;
            writeln!(f, "  doubles {}, parts of series {}", counts.doubles, counts.parts)?;
            let Counts { denied_but_stands, told_but_not, other_uid, .. } = counts;
            writeln!(f, "  told not booked that stand {denied_but_stands}, told booked that do not {told_but_not}")?;
            writeln!(f, "  told the uid of a double that lists had hidden, cancelled since {other_uid}")?;
            writeln!(f, "  unknown at the deadline {}, after reconcile {}", counts.unknown, counts.unknown_after)?;
            let (more, strictly) = (counts.more_than_one_a_caller, counts.more_than_calls);
            writeln!(
                f,
                "  more rows than callers {more}; if one that was killed and does not say so is no other: {strictly}"
            )?;
        }
        writeln!(f, "unknown at the deadline, of those who may list: {:.2} %", 100.0 * self.unknown_share())?;
        writeln!(f, "free times that were booked: {:.1} %", 100.0 * self.booked_share())?;
        writeln!(f, "time to an outcome: median {:?}, 99 % {:?}", self.quantile(0.5), self.quantile(0.99))?;
        for wrong in self.wrong.iter().take(5) {
            writeln!(f, "wrong: {wrong}")?;
        }
        Ok(())
    }
}
