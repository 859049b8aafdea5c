//! The cost of an error is linear in the size of its body: instructions are counted at two sizes. Slow, and needs valgrind:
//! runs with `CALCOM_LONG`.

use std::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_error_cost");

/// The number of instructions for the error of a response of this shape and size.
fn instructions(shape: &str, bytes: usize) -> u64 {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null", PROGRAM, shape, &bytes.to_string()]);
    let output = valgrind.output().expect("valgrind: Debian's package of that name");
    let report = String::from_utf8_lossy(&output.stderr);
    let counted = report.lines().find_map(|line| line.split("Collected : ").nth(1)?.trim().parse().ok());
    counted.unwrap_or_else(|| panic!("{shape}: {report}"))
}

#[test]
fn an_error_costs_no_more_for_each_byte_of_a_large_body_than_of_a_small_one() {
    if std::env::var_os("CALCOM_LONG").is_none() {
        return;
    }
    let shapes = Command::new(PROGRAM).output().unwrap().stdout;
    for shape in String::from_utf8(shapes).unwrap().lines() {
        let [none, small, large] = [0, 16 << 10, 256 << 10].map(|bytes| instructions(shape, bytes));
        // The cost of the program without a response is subtracted.
        let growth = (large - none) as f64 / (small.saturating_sub(none)).max(1) as f64;
        println!("{shape}: {none}, {small}, {large}: 16 times the bytes cost {growth:.1} times as much");
        assert!(growth < 24.0, "{shape}: {growth}");
    }
}
