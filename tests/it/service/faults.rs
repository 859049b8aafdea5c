//! A thousand appointments of the fault matrix; `cargo xtask faults` books ten thousand.

use calcom::testing::matrix::{self, Caller, Plan};
use tokio::runtime::Builder;

#[test]
fn nobody_is_lied_to_and_nothing_is_damaged_whatever_the_network_does() {
    let plan = Plan { appointments: 1_020, ..Plan::default() };
    let report = matrix::run(plan, || Builder::new_current_thread().enable_all().start_paused(true).build()).unwrap();
    println!("{report}");
    let service = report.of(Caller::Service);
    assert_eq!(service.all, 1_020);
    assert!(service.is_clean(), "{report}");
    assert!(report.unknown_share() < 0.02, "{report}");
    // The same misfortunes show what they are worth on clients that know no better.
    assert!(report.of(Caller::Never).failure_but_booked > 200, "{report}");
    let thrice = report.of(Caller::Thrice);
    assert!(thrice.failure_but_booked > 100 && thrice.doubles > 0 && thrice.torn > 0, "{report}");
}
