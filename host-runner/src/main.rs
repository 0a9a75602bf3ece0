//! The program `pmh`; everything is in the library.

use std::{env, process::ExitCode};

fn main() -> ExitCode {
    pmh_runner::cli::main(env::args_os())
}
