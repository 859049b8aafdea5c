//! The fake as a program: `calcom-fake --port 7000 --seed seed.json`.

use std::{
    error::Error,
    fs,
    io::{self, Write, stdout},
    path::PathBuf,
    process::ExitCode,
};

use calcom_fake::{ControlServer, Recorder, Seed};
use lexopt::{Arg, Parser, ValueExt};

const USAGE: &str = "usage: calcom-fake [OPTION]...

Plays the Cal.com API v2 on loopback. It prints the base URL and the key of the first user, one a line, as CALCOM_API_URL=...
and CALCOM_API_KEY=..., and ends on SIGINT or SIGTERM. Control routes are below /__fake/, a page is at /.

  --port PORT        the port; without it, or with 0, a free one
  --seed FILE        users, event types, bookings and webhooks, as JSON
  --recorded-seed    the users and event types of the recorded server
  --play FOLDER      answer from the recordings in a folder only
  --record URL       be a proxy in front of this service, and record the exchanges without persons and secrets
  --into FOLDER      where --record writes; default: recordings
  --version          print the version
  --help             print this
";

/// What the arguments ask for.
#[derive(Default)]
struct Arguments {
    port: u16,
    seed: Option<PathBuf>,
    recorded_seed: bool,
    play: Option<PathBuf>,
    record: Option<String>,
    into: Option<PathBuf>,
    version: bool,
    help: bool,
}

impl Arguments {
    fn parse() -> Result<Self, lexopt::Error> {
        let mut arguments = Self::default();
        let mut parser = Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("port") => {
                    let port = parser.value()?.parse();
                    arguments.port = port.map_err(|_| "--port: must be a number from 0 to 65535")?;
                }
                Arg::Long("seed") => arguments.seed = Some(parser.value()?.into()),
                Arg::Long("recorded-seed") => arguments.recorded_seed = true,
                Arg::Long("play") => arguments.play = Some(parser.value()?.into()),
                Arg::Long("record") => arguments.record = Some(parser.value()?.string()?),
                Arg::Long("into") => arguments.into = Some(parser.value()?.into()),
                Arg::Long("version") | Arg::Short('V') => arguments.version = true,
                Arg::Long("help") | Arg::Short('h') => arguments.help = true,
                _ => return Err(argument.unexpected()),
            }
        }
        let modes =
            [arguments.seed.is_some(), arguments.recorded_seed, arguments.play.is_some(), arguments.record.is_some()];
        if modes.iter().filter(|given| **given).count() > 1 {
            return Err("only one of --seed, --recorded-seed, --play and --record".into());
        }
        if arguments.into.is_some() && arguments.record.is_none() {
            return Err("--into needs --record".into());
        }
        Ok(arguments)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = match Arguments::parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("error: {error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    if arguments.help {
        print!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    if arguments.version {
        println!("calcom-fake {}", env!("CARGO_PKG_VERSION"));
        return ExitCode::SUCCESS;
    }
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let ended = ended()?;
    let port = arguments.port;
    let on_port = |error: io::Error| match error.kind() {
        io::ErrorKind::AddrInUse => io::Error::new(error.kind(), format!("port {port}: {error}")),
        _ => error,
    };
    if let Some(service) = &arguments.record {
        let folder = arguments.into.unwrap_or_else(|| "recordings".into());
        let recorder = Recorder::start_on(port, service, &folder).await.map_err(on_port)?;
        print(&format!("CALCOM_API_URL={}\n", recorder.url()))?;
        ended.await;
        recorder.idle().await;
        eprintln!("recorded {} exchanges in {}", recorder.recorded().len(), folder.display());
        if recorder.lost() > 0 {
            eprintln!(
                "{} requests were not recorded: the service did not answer them, or writing failed",
                recorder.lost()
            );
        }
        return Ok(());
    }
    let server = match (&arguments.play, &arguments.seed) {
        (Some(folder), _) => ControlServer::from_recordings(port, folder).await.map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => error,
            kind => io::Error::new(kind, format!("{}: {error}", folder.display())),
        }),
        (None, Some(file)) => {
            let named = |error: &dyn Error| format!("{}: {error}", file.display());
            let text = fs::read_to_string(file).map_err(|error| named(&error))?;
            let seed = Seed::from_json(&text).map_err(|error| named(&error))?;
            ControlServer::start(port, seed).await
        }
        (None, None) if arguments.recorded_seed => ControlServer::start(port, Seed::recorded()).await,
        (None, None) => ControlServer::start(port, Seed::default()).await,
    };
    let server = server.map_err(on_port)?;
    print(&format!("CALCOM_API_URL={}\nCALCOM_API_KEY={}\n", server.url(), server.fake().api_key()))?;
    ended.await;
    let fake = server.fake();
    server.stop().await;
    let (requests, unconfirmed) = (fake.requests().len(), fake.ledger().unconfirmed().count());
    eprintln!("ended after {requests} requests; changes whose client received no complete response: {unconfirmed}");
    Ok(())
}

/// Prints at once, also into a pipe.
fn print(text: &str) -> io::Result<()> {
    let mut out = stdout();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Waits for SIGINT or SIGTERM.
#[cfg(unix)]
fn ended() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
fn ended() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a handler the program ends at once, too.
        let _ = tokio::signal::ctrl_c().await;
    })
}
