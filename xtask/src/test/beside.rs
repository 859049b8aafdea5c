//! Builds and runs packages that use reqwest by themselves beside the crate, each with TLS features of its own: neither may make
//! the other fail.

use std::{fs, process::Command};

use anyhow::Result;

use super::fresh::profiles;
use crate::{
    process::{cargo, run},
    workspace::Workspace,
};

/// A package, by the features of both.
struct Beside {
    name: &'static str,
    /// What follows the path of `calcom`.
    calcom: &'static str,
    /// What follows the version of `reqwest`.
    reqwest: &'static str,
    /// Whether the client of the crate is built first. Only `rustls-ring` needs that, and says so.
    calcom_first: bool,
}

const PACKAGES: &[Beside] = &[
    Beside { name: "beside-no-tls", calcom: "", reqwest: ", default-features = false", calcom_first: false },
    Beside { name: "beside-defaults", calcom: "", reqwest: "", calcom_first: false },
    Beside {
        name: "beside-native-tls",
        calcom: "",
        reqwest: ", default-features = false, features = [\"native-tls\"]",
        calcom_first: false,
    },
    Beside {
        name: "beside-both-native-tls",
        calcom: ", default-features = false, features = [\"native-tls\", \"slots\"]",
        reqwest: ", default-features = false",
        calcom_first: false,
    },
    Beside {
        name: "beside-ring",
        calcom: ", default-features = false, features = [\"rustls-ring\", \"slots\"]",
        reqwest: ", default-features = false",
        calcom_first: true,
    },
];

/// A program with a client of each. A client that has no TLS would fail otherwise than for want of a connection.
const PROGRAM: &str = r#"
fn own() -> reqwest::Client {
    reqwest::Client::new()
}

fn calcom() -> calcom::Client {
    let builder = calcom::Client::builder().credentials(calcom::ApiKey::new("cal_live_beside"));
    builder.api_url("https://localhost:9").max_attempts(1).build().unwrap()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (own, calcom) = if CALCOM_FIRST {
        let calcom = calcom();
        (own(), calcom)
    } else {
        (own(), calcom())
    };
    // Nothing listens there.
    let error = own.get("http://localhost:9").send().await.unwrap_err();
    assert!(error.is_connect(), "{error:?}");
    let error = calcom.connect().await.unwrap_err();
    assert!(matches!(error, calcom::Error::Transport(..)), "{error:?}");
}
"#;

/// Builds and runs all packages.
pub fn run_all(workspace: &Workspace) -> Result<()> {
    PACKAGES.iter().try_for_each(|package| package.run(workspace))
}

impl Beside {
    fn run(&self, workspace: &Workspace) -> Result<()> {
        let Self { name, calcom, reqwest, calcom_first } = self;
        let folder = workspace.target.join(name);
        fs::create_dir_all(folder.join("src"))?;
        let program = format!("const CALCOM_FIRST: bool = {calcom_first};\n{PROGRAM}");
        fs::write(folder.join("src/main.rs"), program)?;
        let (root, profiles) = (workspace.root.display().to_string(), profiles(&workspace.root)?);
        let manifest = format!(
            "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[dependencies]\n\
             calcom = {{ path = {root:?}{calcom} }}\nreqwest = {{ version = \"0.13\"{reqwest} }}\n\
             tokio = {{ version = \"1\", features = [\"macros\", \"rt\"] }}\n\n[workspace]\n\n{profiles}"
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        fs::copy(workspace.root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        run(cargo(&folder).args(["build", "--target-dir"]).arg(&workspace.target))?;
        run(&mut Command::new(workspace.target.join("debug").join(name)))
    }
}
