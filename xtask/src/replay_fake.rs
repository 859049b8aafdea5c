//! `cargo xtask replay --fake DIR...`: sends recorded requests to the fake and says where its answers differ. The
//! comparing is done in `calcom::testing::agreement`; the recordings under `tests/recordings` are the background.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use calcom::testing::agreement::measure;

/// Replays what lies below `dirs`; fails when more than one exchange in twenty differs.
pub fn run(root: &Path, dirs: &[&str]) -> Result<()> {
    let own = root.join("tests/recordings");
    let judged: Vec<PathBuf> = if dirs.is_empty() { vec![own.clone()] } else { dirs.iter().map(PathBuf::from).collect() };
    let context: Vec<PathBuf> = Some(own).filter(|own| own.is_dir()).into_iter().collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .context("no runtime")?;
    let report = runtime.block_on(measure(&judged, &context)).context("the recordings cannot be replayed")?;
    for (name, differences) in &report.failed {
        println!("{name}");
        for difference in differences {
            println!("    {difference}");
        }
    }
    let (passed, failed) = (report.passed.len(), report.failed.len());
    let given: Vec<String> = report.given.iter().map(|(what, times)| format!("{times} x {what}")).collect();
    println!("given beforehand, because no recording made it: {}", given.join(", "));
    let all = (passed + failed).max(1);
    println!("agreement: {:.1} %", 100.0 * passed as f64 / all as f64);
    println!("{passed} passed, {failed} failed");
    if passed * 100 < all * 95 {
        bail!("less than 95 % of the recorded exchanges agree");
    }
    Ok(())
}
