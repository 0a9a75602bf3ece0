//! The program `pmh`, built together with the tests that start it, so that both come of one build.

use std::process::ExitCode;

fn main() -> ExitCode {
    pmh_runner::cli::main(std::env::args_os())
}
