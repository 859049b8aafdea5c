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
