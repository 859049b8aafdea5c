//! The program `replay`: its last line and its exit status.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

fn replay(folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_replay")).arg(folder).output().unwrap()
}

fn last_line(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).lines().last().unwrap_or_default().to_owned()
}

fn recordings() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/recordings")
}

#[test]
fn the_program_ends_with_0_if_all_exchanges_are_read() {
    let output = replay(&recordings());
    let last = last_line(&output);
    assert!(output.status.success() && last.ends_with(" passed, 0 failed"), "{last}");
}

#[test]
fn the_program_names_failed_exchanges_and_ends_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let area = folder.path().join("me");
    fs::create_dir(&area).unwrap();
    let good = fs::read_to_string(recordings().join("me/get-after-patch.json")).unwrap();
    fs::write(area.join("good.json"), &good).unwrap();
    fs::write(area.join("bad.json"), good.replace("\"weekStart\"", "\"firstDay\"")).unwrap();
    let output = replay(folder.path());
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("me/bad: "));
    assert_eq!(last_line(&output), "1 passed, 1 failed");
}

#[test]
fn the_program_fails_for_a_folder_without_recordings() {
    let folder = tempfile::tempdir().unwrap();
    assert!(!replay(folder.path()).status.success());
}
