//! Prints figures, one a line: `name: value unit (aim ...)`. `cargo xtask bench` collects these lines.

/// Prints a figure.
pub fn print(name: &str, value: f64, unit: &str, aim: Option<&str>) {
    let value = if value >= 1000.0 { format!("{value:.0}") } else { format!("{value:.3}") };
    match aim {
        Some(aim) => println!("{name}: {value} {unit} (aim {aim})"),
        None => println!("{name}: {value} {unit}"),
    }
}

/// The median.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Prints the reason for which this machine cannot measure a figure.
pub fn unavailable(name: &str, why: &str) {
    println!("{name}: unavailable ({why})");
}

/// The value below which this part of the values is.
pub fn quantile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = (values.len() as f64 * part).ceil() as usize;
    values.get(at.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}
