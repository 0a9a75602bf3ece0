//! The way to the endpoint, step by step: name, TCP, TLS or proxy, an answer, certificates, clock.

use std::{
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    time::Duration,
};

use chrono::{DateTime, Utc};
use pmh_core::rules::{self, Text};
use reqwest::{Response, header::DATE};
use url::Url;

use super::Examination;
use crate::{
    config::{Config, Endpoint},
    failure::{Failure, Result, Words, reason},
    send, text, tls,
};

/// A certificate that expires sooner is worth a warning.
const DAYS: u64 = 30;

/// A clock that differs by more is worth a warning.
const SKEW: i64 = 60;

/// The steps after the name and TCP.
const LATER: [(&str, &Text); 3] = [
    ("endpoint", &text::CHECK_ENDPOINT),
    ("certificate", &text::CHECK_CERTIFICATE),
    ("clock", &text::CHECK_CLOCK),
];

/// Goes the way as far as it leads.
pub(super) fn examine(seen: &mut Examination, config: &Config) -> Result<()> {
    let endpoint = &config.endpoint;
    // with a proxy, it is the proxy that looks up the endpoint's name
    let first = endpoint.proxy.as_ref().unwrap_or(&endpoint.url);
    let addresses = resolve(first);
    let named = addresses.as_ref().map(|addresses| shown(addresses)).map_err(Clone::clone);
    seen.note("name", &text::CHECK_NAME, named);
    let connected = if let Ok(addresses) = &addresses {
        seen.note("tcp", &text::CHECK_TCP, connect(first, addresses, endpoint.connect_timeout))
    } else {
        seen.skip("tcp", &text::CHECK_TCP);
        false
    };
    if !connected {
        for (name, title) in LATER {
            seen.skip(name, title);
        }
        return Ok(());
    }
    let observed = tls::Observed::default();
    let asked = Utc::now();
    let answer = ask(endpoint, &observed)?;
    let (status, date) = match &answer {
        Ok(answer) => (Ok(answer.status().as_u16()), date(answer)),
        Err(failure) => (Err(failure.clone()), None),
    };
    let [endpoint_check, certificate_check, clock_check] = LATER;
    let answered = status.map(|status| {
        let via = endpoint.proxy.as_ref().map(|proxy| format!(", proxy {proxy}")).unwrap_or_default();
        Words::new(format!("answers (status {status}{via})"), format!("応答あり(ステータス {status}{via})"))
    });
    seen.note(endpoint_check.0, endpoint_check.1, answered);
    match observed.days() {
        Some(days) if days < DAYS => {
            let failure = Failure::new(&rules::CERTIFICATE_EXPIRES, days + 1);
            seen.note(certificate_check.0, certificate_check.1, Err(failure));
        }
        Some(days) => {
            let words = Words::new(format!("holds for {days} days"), format!("有効期限まで {days} 日"));
            seen.note(certificate_check.0, certificate_check.1, Ok(words));
        }
        None => seen.skip(certificate_check.0, certificate_check.1),
    }
    match date.map(|date| skew(date, asked, Utc::now())) {
        Some(skew) if skew > SKEW => {
            seen.note(clock_check.0, clock_check.1, Err(Failure::new(&rules::CLOCK_SKEW, skew)));
        }
        Some(skew) => {
            let words = Words::new(format!("differs by {skew} s"), format!("ずれ {skew} 秒"));
            seen.note(clock_check.0, clock_check.1, Ok(words));
        }
        None => seen.skip(clock_check.0, clock_check.1),
    }
    Ok(())
}

fn place(url: &Url) -> (String, u16) {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    (host, url.port_or_known_default().unwrap_or_default())
}

fn unreachable(url: &Url, why: &Words) -> Failure {
    use rules::Lang::{En, Ja};
    let (host, port) = place(url);
    let words =
        Words::new(format!("{host}:{port} ({})", why.get(En)), format!("{host}:{port}({})", why.get(Ja)));
    Failure::new(&rules::UNREACHABLE, words)
}

fn resolve(url: &Url) -> Result<Vec<SocketAddr>> {
    let unknown = Words::new("the name cannot be resolved", "名前解決に失敗しました");
    let found: Vec<SocketAddr> = place(url).to_socket_addrs().map(Iterator::collect).unwrap_or_default();
    if found.is_empty() { Err(unreachable(url, &unknown)) } else { Ok(found) }
}

fn shown(addresses: &[SocketAddr]) -> Words {
    let addresses: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
    Words::from(addresses.join(", "))
}

fn connect(url: &Url, addresses: &[SocketAddr], limit: Duration) -> Result<Words> {
    let mut why = Words::from("");
    for address in addresses {
        match TcpStream::connect_timeout(address, limit) {
            Ok(_) => return Ok(Words::from(address)),
            Err(error) => why = reason(&error),
        }
    }
    Err(unreachable(url, &why))
}

/// Asks the endpoint something harmless, the way that a run goes: same client, same trust, same proxy, but no token.
fn ask(endpoint: &Endpoint, observed: &tls::Observed) -> Result<Result<Response>> {
    let client = match tls::client(endpoint, Some(observed)).and_then(|tls| send::http(endpoint, tls)) {
        Ok(client) => client,
        Err(failure) => return Ok(Err(failure)),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::internal(error.kind()))?;
    let limit = endpoint.connect_timeout.saturating_mul(3);
    let request = client.head(endpoint.url.clone()).timeout(limit);
    let answer = runtime.block_on(async { request.send().await });
    Ok(answer.map_err(|error| Failure::new(&rules::UNREACHABLE, send::unreachable(&endpoint.url, &error))))
}

fn date(answer: &Response) -> Option<DateTime<Utc>> {
    let text = answer.headers().get(DATE)?.to_str().ok()?;
    DateTime::parse_from_rfc2822(text).ok().map(|date| date.to_utc())
}

/// Seconds by which a date lies outside the span in which the answer was made; dates have whole seconds.
fn skew(date: DateTime<Utc>, asked: DateTime<Utc>, answered: DateTime<Utc>) -> i64 {
    let early = (asked - date).num_seconds().saturating_sub(1);
    let late = (date - answered).num_seconds();
    early.max(late).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_answer_is_no_skew() {
        let at = |second: i64| DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap();
        assert_eq!(skew(at(5), at(0), at(10)), 0);
        assert_eq!(skew(at(0), at(0), at(0)), 0);
        assert_eq!(skew(at(100), at(0), at(10)), 90);
        assert_eq!(skew(at(-100), at(0), at(10)), 99);
    }
}
