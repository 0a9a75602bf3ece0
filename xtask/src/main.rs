//! `cargo xtask`: the one entry to everything that a person or a CI does with this repository.
//!
//! Each command is one file in `commands`; what build scripts need as well is in the library.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for people at a terminal")]

mod commands;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use pmh_xtask::{Result, ensure_wasm_toolchain};

/// Builds, tests and shows this repository. Each command first sets up whatever it needs.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Sets up the compiler for pmh.wasm; `cargo build` works on its own from then on
    Setup,
    /// Sends the records of every sample vendor to a simulated PMH, and shows what became of them
    Demo,
    /// Runs every test on every host that this machine has
    Test,
    /// Builds the modules that trap on request, for the hosts' own tests, into target/test-trap
    TestTrap,
    /// Builds the npm package for Node and browsers into target/npm
    Npm,
    /// Leaves what is handed out in target/dist
    Dist {
        /// Sign `SHA256SUMS` with this minisign secret key
        #[arg(long, value_name = "FILE")]
        sign_with: Option<PathBuf>,
    },
    /// Measures the engine beside what would be written by hand, and writes docs/performance.md
    Bench(commands::bench::Arguments),
    /// Looks for inputs that break what must be true of every run
    Fuzz(commands::fuzz::Arguments),
    /// Writes synthetic records to measure with, as many as are asked for
    Workload(commands::workload::Arguments),
}

fn main() -> ExitCode {
    match run(&Arguments::parse().command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Says whether all went well; what did not has been told by then.
fn run(command: &Command) -> Result<bool> {
    let toolchain = ensure_wasm_toolchain()?;
    match command {
        Command::Setup => {
            println!("{}", toolchain.describe());
            Ok(true)
        }
        Command::Demo => commands::demo::run(),
        Command::Test => commands::test::run(&toolchain),
        Command::TestTrap => commands::test_trap::run(&toolchain).map(|folder| {
            println!("{}", folder.display());
            true
        }),
        Command::Npm => commands::npm::run(&toolchain).map(|tarball| {
            println!("{}", tarball.display());
            true
        }),
        Command::Dist { sign_with } => commands::dist::run(&toolchain, sign_with.as_deref()),
        Command::Bench(arguments) => commands::bench::run(&toolchain, arguments),
        Command::Fuzz(arguments) => commands::fuzz::run(arguments),
        Command::Workload(arguments) => commands::workload::run(arguments),
    }
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_well_formed() {
        Arguments::command().debug_assert();
    }
}
