//! `/health` for probes and `/metrics` for Prometheus, on a loopback address, over plain HTTP.
//!
//! It tells numbers and times, takes nothing, and is reachable from this machine alone.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use chrono::{DateTime, Utc};
use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{CONTENT_TYPE, HeaderValue},
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use pmh_core::rules;
use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use tokio::net::{TcpListener, TcpStream};

use super::status::{Facts, Status};
use crate::failure::{Failure, Result, Words, reason};

/// The type of Prometheus's text form, as `OpenMetrics` has it.
const METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

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
        loop {
            match listener.accept().await {
                Ok((stream, _)) => drop(tokio::spawn(connection(stream, Arc::clone(&status)))),
                // out of file handles, most likely: they come back
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    });
    Ok(bound)
}

async fn connection(stream: TcpStream, status: Arc<Status>) {
    let answer = service_fn(move |request| {
        let reply = answer(&request, &status.now());
        async { Ok::<_, Infallible>(reply) }
    });
    let mut server = hyper::server::conn::http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(10)).keep_alive(false);
    // whoever hangs up early gets nothing
    let _ = server.serve_connection(TokioIo::new(stream), answer).await;
}

fn answer(request: &Request<Incoming>, facts: &Facts) -> Response<Full<Bytes>> {
    let (status, kind, body) = match (request.method(), request.uri().path()) {
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
        "1 where the last run ended with exit code 0, or there was none yet",
        facts.healthy.into(),
    );
    gauge("running", "1 while a run is under way", facts.running.into());
    gauge("start_timestamp_seconds", "When the service started", seconds(facts.since));
    gauge("last_run_timestamp_seconds", "When the last run began; 0 for never", seconds(facts.last_begun));
    gauge(
        "last_accepted_timestamp_seconds",
        "When PMH last accepted a set; 0 for never",
        seconds(facts.last_accepted),
    );
    gauge("next_run_timestamp_seconds", "When the next run is due", seconds(facts.next));
    let runs = Family::<[(&str, String); 1], Counter<u64, AtomicU64>>::default();
    for (exit, count) in &facts.runs {
        runs.get_or_create(&[("exit", exit.to_string())]).inc_by(*count);
    }
    registry.register("runs", "Runs since the start, by exit code", runs);
    let mut text = String::new();
    // writing into a text can't fail
    let _ = encode(&mut text, &registry);
    text
}
