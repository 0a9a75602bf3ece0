//! The command line of the simulator.
//!
//! It must never print anything on standard output but the URL first and the lists last, since a parent process
//! reads both.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use pmh_simulator::{Answer, Config, DEFAULT_TOKEN, Handle, Simulator};
use serde_json::json;

const AFTER_HELP: &str = "\
The first line on standard output is the URL, such as http://127.0.0.1:40123.
Registrations are posted to URL/medicalSubsidiesTargetPersons with the header
`Authorization: Bearer TOKEN`. On Ctrl-C or SIGTERM the last line is a JSON
object with all registrations and requests.

Answers:
  normal       judge the request as PMH would: 200, 400 or 401
  400, 503 …   this status (300 to 599); nothing is registered
  503:30       with `Retry-After: 30`; 503:TEXT for an HTTP-date
  hang         take the body, never answer; nothing is registered
  cut-before   close the connection before the body is read
  cut-during   close it in the middle of the body
  cut-after    judge and register, then close it: the answer is lost
  garbage      200 with what is not the API's answer; nothing is registered
  late:5       judge and register, answer 5 seconds later

While it runs:
  GET URL/_simulator/registrations  what was accepted
  GET URL/_simulator/requests       every request, and what became of it
  POST URL/_simulator/answers       answers for the next requests, used up in
      order before --answer holds again; a JSON array of such objects:
      {\"normal\":true} {\"status\":503,\"retryAfter\":30} {\"hang\":true}
      {\"cut\":\"during\"} {\"garbage\":true} {\"late\":5}

Examples:
  pmh-simulator --listen 127.0.0.1:8080
  pmh-simulator --token-file token --answer 503:30
  curl --data '[{\"status\":503},{\"late\":5}]' http://127.0.0.1:8080/_simulator/answers";

/// Stands in for PMH on a loopback address: checks what is sent against the API, and fails in every way it is told.
#[derive(Parser)]
#[command(version, after_help = AFTER_HELP)]
struct Arguments {
    /// Loopback address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// File with the bearer token to ask for [default: the token is "simulator-token"]
    #[arg(long, value_name = "FILE", conflicts_with = "token_env")]
    token_file: Option<PathBuf>,
    /// Environment variable with the bearer token to ask for
    #[arg(long, value_name = "NAME")]
    token_env: Option<String>,
    /// What to answer to every request that the queue has no answer for
    #[arg(long, value_name = "ANSWER", default_value = "normal")]
    answer: Answer,
    /// Print the URL and no words around it (for a parent process)
    #[arg(long)]
    print_url: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "pmh-simulator: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> io::Result<()> {
    let config = Config {
        listen: arguments.listen,
        token: token(arguments)?,
        answer: arguments.answer.clone(),
        ..Config::default()
    };
    let simulator = Simulator::start(config)?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let signal = end()?;
        writeln!(io::stdout(), "{}", simulator.url())?;
        if !arguments.print_url {
            greet(&simulator)?;
        }
        signal.await;
        io::Result::Ok(())
    })?;
    let lists = json!({ "registrations": simulator.registrations(), "requests": simulator.requests() });
    writeln!(io::stdout(), "{lists}")
}

fn greet(simulator: &Handle) -> io::Result<()> {
    writeln!(
        io::stderr(),
        "PMH is simulated at {}; what it accepted is listed at {}/_simulator/registrations; Ctrl-C ends it",
        simulator.endpoint(),
        simulator.url()
    )
}

fn token(arguments: &Arguments) -> io::Result<String> {
    let invalid = |message: String| io::Error::new(io::ErrorKind::InvalidInput, message);
    let token = match (&arguments.token_file, &arguments.token_env) {
        (Some(file), _) => std::fs::read_to_string(file)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", file.display())))?,
        (None, Some(name)) => std::env::var(name).map_err(|error| invalid(format!("{name}: {error}")))?,
        (None, None) => DEFAULT_TOKEN.to_owned(),
    };
    Ok(token.trim().to_owned())
}

/// Starts to listen for the signals that end the program, and gives what waits for one.
#[cfg(unix)]
fn end() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Starts to listen for the signal that ends the program, and gives what waits for it.
#[cfg(windows)]
fn end() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
