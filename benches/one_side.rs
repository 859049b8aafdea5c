//! `one_side serve MILLISECONDS` runs the server with this delay. `one_side cases` lists the cases. `one_side CASE SIDE COUNT`
//! makes a call `COUNT` times through one side, after one warm-up call. The difference between two runs is the cost of the
//! calls.

use std::{env, time::Duration};

use anyhow::{Context, Result, bail};
use side_by_side::{Callers, Case, Side, server};

fn main() -> Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", delay] => server::serve(Duration::from_millis(delay.parse()?)),
        ["cases"] => {
            for case in Case::ALL {
                let (short, long) = case.runs();
                let (aim, with_everything) = case.aims();
                println!("{}\t{short}\t{long}\t{aim}\t{with_everything}", case.name());
            }
            Ok(())
        }
        [case, side, count] => {
            let case = Case::from_name(case).context("no such case")?;
            let side = Side::from_name(side).context("no such side")?;
            run(case, side, count.parse()?)
        }
        _ => bail!("one_side serve MILLISECONDS | cases | CASE SIDE COUNT"),
    }
}

fn run(case: Case, side: Side, count: usize) -> Result<()> {
    let server = server::Server::start(&env::current_exe()?)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let callers = Callers::new(&server.address)?;
    runtime.block_on(async {
        for _ in 0..=count {
            if callers.call(case, side).await? == 0 {
                bail!("the answer held nothing");
            }
        }
        Ok(())
    })
}
