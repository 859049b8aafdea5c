//! Some hundred appointments of the fault matrix; `cargo xtask faults` books ten thousand.

use calcom_conformance::matrix::{self, Caller, Plan, Report};
use tokio::runtime::Builder;

fn run(plan: Plan) -> Report {
    let report = matrix::run(plan, || Builder::new_current_thread().enable_all().start_paused(true).build()).unwrap();
    println!("{report}{}", report.unknown.join("\n"));
    report
}

#[test]
fn nobody_is_lied_to_and_nothing_is_damaged_whatever_the_network_does() {
    let report = run(Plan { appointments: 600, ..Plan::default() });
    let service = report.of(Caller::Service);
    assert_eq!(service.all, 600);
    assert!(service.is_clean(), "{report}");
    assert!(report.unknown_share() < 0.02, "{report}");
    // To say "not booked" every time would be no lie either.
    assert!(service.free > 250 && service.needless * 50 < service.free, "{report}");
    // The same misfortunes show what they are worth on clients that know no better.
    assert!(report.of(Caller::Never).failure_but_booked > 100, "{report}");
    let thrice = report.of(Caller::Thrice);
    assert!(thrice.failure_but_booked > 50 && thrice.doubles > 0 && thrice.torn > 0, "{report}");
}

#[test]
fn what_an_open_circuit_keeps_from_being_looked_up_is_unknown_and_never_a_lie() {
    let report = run(Plan { appointments: 240, breaker: true, callers: &[Caller::Service], ..Plan::default() });
    let service = report.of(Caller::Service);
    assert_eq!(service.all, 240);
    assert!(service.is_clean(), "{report}");
}
