//! `/health` for probes and `/metrics` for Prometheus, on a loopback address, over plain HTTP.
//!
//! It tells numbers and times, takes nothing, and is reachable from this machine only. What would look well and be wrong:
//! clients that connect and say nothing until the service has no file handles left for the night; a web page whose name
//! leads to this machine and that reads along.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use chrono::{DateTime, Utc};
use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{CONTENT_TYPE, HOST, HeaderValue},
    http::uri::Authority,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use pmh_core::rules;
use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge, info::Info},
    registry::Registry,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};

use super::status::{Facts, Status};
use crate::failure::{Failure, Result, Words, reason};

/// The type of Prometheus's text form, as `OpenMetrics` has it.
const METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// How many clients are served at a time; more are turned away.
const CLIENTS: usize = 32;

/// How long a client may take to ask.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a whole connection may last.
const LONGEST: Duration = Duration::from_secs(10);

/// Listens from now on, and gives the address.
pub(super) async fn offer(address: SocketAddr, status: Arc<Status>) -> Result<SocketAddr> {
    let unusable = |error: std::io::Error| {
        use rules::Lang::{En, Ja};
        let reason = reason(&error);
        let words = Words::new(
            format!("serve.listen: {address} ({})", reason.get(En)),
            format!("serve.listen: {address}({})", reason.get(Ja)),
        );
        Failure::new(&rules::CONFIG_VALUE, words)
    };
    let listener = TcpListener::bind(address).await.map_err(unusable)?;
    let bound = listener.local_addr().map_err(unusable)?;
    tokio::spawn(async move {
        let clients = Arc::new(Semaphore::new(CLIENTS));
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let Ok(place) = Arc::clone(&clients).try_acquire_owned() else { continue };
                    let status = Arc::clone(&status);
                    tokio::spawn(async move {
                        // whoever takes longer gets nothing
                        let _ = timeout(LONGEST, connection(stream, status, bound)).await;
                        drop(place);
                    });
                }
                // out of file handles, most likely: they come back
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    });
    Ok(bound)
}

async fn connection(stream: TcpStream, status: Arc<Status>, bound: SocketAddr) {
    let answer = service_fn(move |request| {
        let reply = answer(&request, &status.now(), bound);
        async { Ok::<_, Infallible>(reply) }
    });
    let mut server = hyper::server::conn::http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(PATIENCE).keep_alive(false);
    // a client that hangs up early gets nothing
    let _ = server.serve_connection(TokioIo::new(stream), answer).await;
}

fn answer(request: &Request<Incoming>, facts: &Facts, bound: SocketAddr) -> Response<Full<Bytes>> {
    let own = request.headers().get(HOST).is_some_and(|host| is_own(host, bound));
    let (status, kind, body) = match (request.method(), request.uri().path()) {
        _ if !own => (StatusCode::MISDIRECTED_REQUEST, "text/plain", String::new()),
        (&Method::GET | &Method::HEAD, "/health") => {
            let status = if facts.healthy { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
            (status, "application/json", serde_json::to_string(facts).unwrap_or_default())
        }
        (&Method::GET | &Method::HEAD, "/metrics") => (StatusCode::OK, METRICS, metrics(facts)),
        (_, "/health" | "/metrics") => (StatusCode::METHOD_NOT_ALLOWED, "text/plain", String::new()),
        _ => (StatusCode::NOT_FOUND, "text/plain", String::new()),
    };
    let mut reply = Response::new(Full::from(body));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    reply
}

/// Whether a request is for this machine by one of its own names: another name that leads here is a web page's trick.
fn is_own(host: &HeaderValue, bound: SocketAddr) -> bool {
    let Ok(authority) = Authority::try_from(host.as_bytes()) else { return false };
    let name = authority.host();
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address.parse().is_ok_and(|address: IpAddr| {
            address == bound.ip() || address == Ipv4Addr::LOCALHOST || address == Ipv6Addr::LOCALHOST
        })
}

/// The facts in Prometheus's text form.
fn metrics(facts: &Facts) -> String {
    let mut registry = Registry::with_prefix("pmh");
    let mut gauge = |name: &str, help: &str, value: i64| {
        let gauge = Gauge::<i64>::default();
        gauge.set(value);
        registry.register(name, help, gauge);
    };
    let seconds = |time: Option<DateTime<Utc>>| time.map_or(0, |time| time.timestamp());
    gauge(
        "healthy",
        "1 if the last run was accepted, an acceptance is not older than serve.max_age, and neither run nor service hangs",
        facts.healthy.into(),
    );
    gauge("running", "1 while a run is under way", facts.running.into());
    gauge("start_timestamp_seconds", "When the service started", seconds(facts.since));
    gauge(
        "last_run_timestamp_seconds",
        "When the last run of the ledger began; 0 for never",
        seconds(facts.last_begun),
    );
    gauge(
        "last_missed_timestamp_seconds",
        "The last slot given up since the start; 0 for none",
        seconds(facts.last_missed),
    );
    gauge(
        "last_accepted_timestamp_seconds",
        "When PMH last accepted a set; 0 for never",
        seconds(facts.last_accepted),
    );
    gauge("next_run_timestamp_seconds", "When the next run is due", seconds(facts.next));
    let site = facts.site.clone().unwrap_or_default();
    let service = Info::new(vec![("version", facts.version.to_owned()), ("site", site)]);
    registry.register("service", "The program's version and the site's name", service);
    let runs = Family::<[(&str, String); 1], Counter<u64, AtomicU64>>::default();
    for (exit, count) in &facts.runs {
        runs.get_or_create(&[("exit", exit.clone())]).inc_by(*count);
    }
    registry.register("runs", "Runs of the service since its start, by exit code, or killed", runs);
    let mut text = String::new();
    // writing into a text can't fail
    let _ = encode(&mut text, &registry);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_names_are_answered() {
        let bound = SocketAddr::from(([127, 0, 0, 5], 9464));
        let own = |host: &str| is_own(&HeaderValue::from_str(host).unwrap(), bound);
        for good in ["localhost", "LOCALHOST:1", "127.0.0.1:9464", "127.0.0.5", "[::1]:9464", "[::1]"] {
            assert!(own(good), "{good}");
        }
        for bad in [
            "",
            "example.lg.jp",
            "localhost.example.jp",
            "127.0.0.1.example.jp",
            "127.0.0.2",
            "0.0.0.0",
            "a@b@c",
        ] {
            assert!(!own(bad), "{bad}");
        }
    }
}
