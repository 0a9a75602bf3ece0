//! The way to the endpoint, step by step: name, TCP, TLS or proxy, an answer to the token, certificates, clock.

use std::{
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    time::Duration,
};

use chrono::{DateTime, Utc};
use pmh_core::rules::{self, Text};
use reqwest::{
    Response,
    header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderValue},
};
use url::Url;

use super::Examination;
use crate::{
    config::{Config, Endpoint},
    failure::{Failure, Result, Words, reason},
    secret::Token,
    send, text, tls,
};

/// A certificate that expires sooner is worth a warning.
const DAYS: u64 = 30;

/// A revocation list that is outdated sooner is worth a warning: the next night may be too late.
const HOURS: u64 = 24;

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
    // the token's own check has said what is wrong with it
    let token = Token::load(&endpoint.token).and_then(|token| token.header()).ok();
    let is_shown = token.is_some();
    let answer = ask(endpoint, &observed, token)?;
    let date = answer.as_ref().ok().and_then(date);
    let [endpoint_check, certificate_check, clock_check] = LATER;
    let answered = answer.and_then(|answer| judge(Seen::of(&answer), is_shown, endpoint.proxy.as_ref()));
    seen.note(endpoint_check.0, endpoint_check.1, answered);
    match observed.days() {
        Some(days) => drop(seen.note(certificate_check.0, certificate_check.1, holds(days))),
        None => seen.skip(certificate_check.0, certificate_check.1),
    }
    if config.endpoint.crl_file.is_some() {
        match observed.list_hours() {
            Some(hours) => drop(seen.note("revocation", &text::CHECK_REVOCATION, lists_hold(hours))),
            None => seen.skip("revocation", &text::CHECK_REVOCATION),
        }
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

fn holds(days: u64) -> Result<Words> {
    if days < DAYS {
        return Err(Failure::new(&rules::CERTIFICATE_EXPIRES, days.saturating_add(1)));
    }
    Ok(Words::new(format!("holds for {days} days"), format!("有効期限まで {days} 日")))
}

fn lists_hold(hours: u64) -> Result<Words> {
    if hours < HOURS {
        return Err(Failure::new(&rules::CRL_EXPIRES, hours));
    }
    Ok(Words::new(format!("list good for {hours} hours"), format!("失効リストの有効期間 残り {hours} 時間")))
}

fn place(url: &Url) -> (String, u16) {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    (host, url.port_or_known_default().unwrap_or_default())
}

fn unreachable(url: &Url, why: &Words) -> Failure {
    let (host, port) = place(url);
    Failure::new(&rules::UNREACHABLE, Words::because(&Words::from(format_args!("{host}:{port}")), why))
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

/// Asks the endpoint something that registers nothing, the way that a run goes: same client, same trust, same proxy, same
/// token.
fn ask(
    endpoint: &Endpoint,
    observed: &tls::Observed,
    token: Option<HeaderValue>,
) -> Result<Result<Response>> {
    let client = match tls::client(endpoint, Some(observed)).and_then(|tls| send::http(endpoint, tls)) {
        Ok(client) => client,
        Err(failure) => return Ok(Err(failure)),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::internal(error.kind()))?;
    let limit = endpoint.connect_timeout.saturating_mul(3);
    let headers = token.map(|token| (AUTHORIZATION, token)).into_iter().collect();
    let request = client.head(endpoint.url.clone()).headers(headers).timeout(limit);
    let answer = runtime.block_on(async { request.send().await });
    Ok(answer.map_err(|error| Failure::new(&rules::UNREACHABLE, send::unreachable(&endpoint.url, &error))))
}

/// What is seen of an answer: its status, and whether it is a page for people.
#[derive(Debug, Clone, Copy)]
struct Seen {
    status: u16,
    is_page: bool,
}

impl Seen {
    fn of(answer: &Response) -> Self {
        let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let is_page =
            ["text/html", "application/xhtml"].iter().any(|page| kind.to_ascii_lowercase().starts_with(page));
        Self { status: answer.status().as_u16(), is_page }
    }
}

/// What an answer to `HEAD` says of a run. That `HEAD` is not allowed is what an endpoint for `POST` should say.
fn judge(seen: Seen, is_token_shown: bool, proxy: Option<&Url>) -> Result<Words> {
    let Seen { status, is_page } = seen;
    let via = proxy.map(|proxy| format!(", proxy {proxy}")).unwrap_or_default();
    let place = format!("{status}{via}");
    let (status_en, status_ja) = (format!("status {place}"), format!("ステータス {place}"));
    let doubted = |rule, en: &str, ja: &str| {
        Err(Failure::new(rule, Words::new(format!("{status_en}{en}"), format!("{status_ja}{ja}"))))
    };
    match status {
        // without the token that is the right answer
        401 | 403 if is_token_shown => doubted(&rules::TOKEN_DOUBTED, "", ""),
        404 | 410 => {
            doubted(&rules::ENDPOINT_DOUBTED, " (nothing at this path)", "(このパスには何もありません)")
        }
        300..=399 => {
            doubted(&rules::ENDPOINT_DOUBTED, " (redirect, never followed)", "(リダイレクト。従いません)")
        }
        429 | 500 | 502..=599 => doubted(&rules::ENDPOINT_FAILING, "", ""),
        _ if is_page => doubted(&rules::ENDPOINT_DOUBTED, " (an HTML page)", "(HTMLのページ)"),
        _ => {
            let (en, ja) = if is_token_shown {
                ("", "")
            } else {
                ("; asked without the token", "。トークンなしで確認")
            };
            Ok(Words::new(format!("answers ({status_en}){en}"), format!("応答あり({status_ja}){ja}")))
        }
    }
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
    fn a_month_before_its_end_a_certificate_is_a_warning() {
        assert!(holds(30).is_ok());
        let soon = holds(29).unwrap_err();
        assert_eq!(soon.to_string(), "PMH6601: a TLS certificate of the endpoint expires within 30 days");
    }

    #[test]
    fn a_day_before_its_end_a_revocation_list_is_a_warning() {
        assert!(lists_hold(24).is_ok());
        let soon = lists_hold(23).unwrap_err();
        assert_eq!(soon.to_string(), "PMH6614: the revocation list is good for only 23 more hours");
    }

    #[test]
    fn an_answer_tells_what_a_run_would_meet() {
        let code = |status, is_page, shown| {
            judge(Seen { status, is_page }, shown, None).err().map(|failure| failure.rule.code)
        };
        for status in [200, 204, 400, 405, 415, 501] {
            assert_eq!(code(status, false, true), None, "{status}");
        }
        for (status, is_page, shown, expected) in [
            (401, false, true, Some("PMH6606")),
            (403, true, true, Some("PMH6606")),
            (401, false, false, None),
            (404, false, true, Some("PMH6607")),
            (302, false, true, Some("PMH6607")),
            (200, true, true, Some("PMH6607")),
            (405, true, true, Some("PMH6607")),
            (500, true, true, Some("PMH6608")),
            (503, false, true, Some("PMH6608")),
            (429, false, true, Some("PMH6608")),
        ] {
            assert_eq!(code(status, is_page, shown), expected, "{status}");
        }
    }

    #[test]
    fn a_slow_answer_is_no_skew() {
        let at = |second: i64| DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap();
        assert_eq!(skew(at(5), at(0), at(10)), 0);
        assert_eq!(skew(at(0), at(0), at(0)), 0);
        assert_eq!(skew(at(100), at(0), at(10)), 90);
        assert_eq!(skew(at(-100), at(0), at(10)), 99);
    }
}
