//! How a figure is printed: `name: value unit (aim ...)`, one line. `cargo xtask bench` collects these lines from every
//! bench.

/// Prints a figure.
pub fn print(name: &str, value: f64, unit: &str, aim: Option<&str>) {
    let value = if value >= 1000.0 { format!("{value:.0}") } else { format!("{value:.3}") };
    match aim {
        Some(aim) => println!("{name}: {value} {unit} (aim {aim})"),
        None => println!("{name}: {value} {unit}"),
    }
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Says why there is no such figure on this machine.
pub fn unavailable(name: &str, why: &str) {
    println!("{name}: unavailable ({why})");
}

/// The value below which that part of the others is.
pub fn quantile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = (values.len() as f64 * part).ceil() as usize;
    values.get(at.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}
