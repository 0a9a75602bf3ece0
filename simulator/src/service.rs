//! What is answered to one request: the checks of the API in their order, the answers that were told, and the lists
//! under `/_simulator/`.
//!
//! It must never answer with a value of a body, and never register what wasn't judged to be right.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{
    ALLOW, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, EXPECT, HeaderMap, HeaderName, HeaderValue,
    LOCATION, RETRY_AFTER,
};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use serde::Serialize;
use serde_json::json;

use crate::answer::{Answer, Moment, RetryAfter};
use crate::book::Book;
use crate::contract::Contract;
use crate::refusal::Refusal;
use crate::{API_PATH, Config, body};

/// What all connections share.
pub(crate) struct State {
    pub(crate) config: Config,
    pub(crate) contract: Arc<Contract>,
    pub(crate) book: Book,
}

/// The connection is to be closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut")]
pub(crate) struct Cut;

type Reply = Response<Full<Bytes>>;

/// Answers one request.
pub(crate) async fn answer(state: Arc<State>, request: hyper::Request<Incoming>) -> Result<Reply, Cut> {
    let (head, body) = request.into_parts();
    if head.uri.path().starts_with("/_simulator/") {
        return Ok(control(&state, &head, body).await);
    }
    let number = state.book.arrived(head.method.as_str(), head.uri.path());
    if head.method != Method::POST {
        return refuse(&state, number, &head, body, Refusal::Method).await;
    }
    if head.uri.path() != API_PATH {
        return refuse(&state, number, &head, body, Refusal::Path).await;
    }
    let told = state.book.next_answer().unwrap_or_else(|| state.config.answer.clone());
    if told != Answer::Normal {
        state.book.note(number, |request| request.told = Some(told.clone()));
    }
    let reply = match told {
        Answer::Normal => return judge(&state, number, &head, body).await,
        Answer::Late(seconds) => {
            let reply = judge(&state, number, &head, body).await;
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            return reply;
        }
        Answer::Cut(moment) => {
            match moment {
                Moment::Before => {}
                Moment::During => take_half(body).await,
                Moment::After => drop(judge(&state, number, &head, body).await),
            }
            state.book.note(number, |request| request.status = None);
            return Err(Cut);
        }
        Answer::Hang => {
            drain(&head, body).await;
            return pending().await;
        }
        Answer::Garbage => {
            drain(&head, body).await;
            let page = "<!DOCTYPE html><title>not the answer you expect</title>";
            with(Response::new(Full::from(page)), CONTENT_TYPE, "text/html")
        }
        Answer::Status { status, retry_after } => {
            drain(&head, body).await;
            told_status(
                StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
                retry_after,
            )
        }
    };
    state.book.note(number, |request| request.status = Some(reply.status().as_u16()));
    Ok(reply)
}

/// The normal answer: checks the head, then the body, and registers what is right.
async fn judge(state: &State, number: u64, head: &Parts, body: Incoming) -> Result<Reply, Cut> {
    if let Err(refusal) = check_head(&state.config, &head.headers) {
        return refuse(state, number, head, body, refusal).await;
    }
    match body::judge(Arc::clone(&state.contract), state.config.keep_bodies, body).await {
        Ok(accepted) => {
            let serial_number = state.book.register(number, accepted);
            let reply = json_reply(StatusCode::OK, &json!({ "serialNumber": serial_number }));
            state.book.note(number, |request| {
                request.status = Some(reply.status().as_u16());
                request.serial_number = Some(serial_number);
            });
            Ok(reply)
        }
        Err(refusal) => refused(state, number, &refusal),
    }
}

fn check_head(config: &Config, headers: &HeaderMap) -> Result<(), Refusal> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let token = text(AUTHORIZATION).and_then(|value| value.split_once(' '));
    if !token.is_some_and(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && token == config.token) {
        return Err(Refusal::Token);
    }
    if !text(CONTENT_TYPE).is_some_and(is_json) {
        return Err(Refusal::ContentType);
    }
    if headers.get(CONTENT_ENCODING).is_some_and(|value| value != "identity") {
        return Err(Refusal::ContentEncoding);
    }
    Ok(())
}

/// `application/json`, with `charset=utf-8` as the only parameter it may have.
fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"))
        && parts.all(|part| {
            part.split_once('=').is_some_and(|(name, value)| {
                name.eq_ignore_ascii_case("charset") && value.trim_matches('"').eq_ignore_ascii_case("utf-8")
            })
        })
}

/// Refuses before the body was read.
async fn refuse(
    state: &State,
    number: u64,
    head: &Parts,
    body: Incoming,
    refusal: Refusal,
) -> Result<Reply, Cut> {
    drain(head, body).await;
    refused(state, number, &refusal)
}

fn refused(state: &State, number: u64, refusal: &Refusal) -> Result<Reply, Cut> {
    let status = refusal.status();
    state.book.note(number, |request| {
        request.status = status.map(|status| status.as_u16());
        request.code = Some(refusal.code().to_owned());
        request.message = Some(refusal.to_string());
    });
    match status.ok_or(Cut)? {
        // The API gives this answer no body.
        status @ StatusCode::UNAUTHORIZED => Ok(empty(status)),
        status => {
            let body = json!({ "code": refusal.code(), "message": refusal.to_string() });
            let reply = json_reply(status, &body);
            Ok(if status == StatusCode::METHOD_NOT_ALLOWED { with(reply, ALLOW, "POST") } else { reply })
        }
    }
}

fn told_status(status: StatusCode, retry_after: Option<RetryAfter>) -> Reply {
    let reply = match status {
        StatusCode::BAD_REQUEST => {
            json_reply(status, &json!({ "code": "SIM0000", "message": "the simulator was told to refuse" }))
        }
        status if status.is_redirection() => with(empty(status), LOCATION, API_PATH),
        status => empty(status),
    };
    match retry_after {
        None => reply,
        Some(RetryAfter::Seconds(seconds)) => with(reply, RETRY_AFTER, &seconds.to_string()),
        Some(RetryAfter::Text(text)) => with(reply, RETRY_AFTER, &text),
    }
}

/// Reads a body to its end and forgets it. A sender that waits for leave to send the body is answered at once.
async fn drain(head: &Parts, mut body: Incoming) {
    if !head.headers.contains_key(EXPECT) {
        while let Some(Ok(_)) = body.frame().await {}
    }
}

async fn take_half(mut body: Incoming) {
    let half = body.size_hint().exact().unwrap_or(0) / 2;
    let mut taken = 0;
    while let Some(Ok(frame)) = body.frame().await {
        taken += frame.data_ref().map_or(0, |piece| u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if taken >= half {
            break;
        }
    }
}

/// The lists, and the queue of answers.
async fn control(state: &State, head: &Parts, body: Incoming) -> Reply {
    let (allowed, path) = match head.uri.path() {
        path @ ("/_simulator/registrations" | "/_simulator/requests") => (Method::GET, path),
        path @ "/_simulator/answers" => (Method::POST, path),
        _ => return empty(StatusCode::NOT_FOUND),
    };
    if head.method != allowed {
        return with(empty(StatusCode::METHOD_NOT_ALLOWED), ALLOW, allowed.as_str());
    }
    match path {
        "/_simulator/registrations" => json_reply(StatusCode::OK, &state.book.registrations()),
        "/_simulator/requests" => json_reply(StatusCode::OK, &state.book.requests()),
        _ => {
            let Ok(body) = Limited::new(body, 1 << 20).collect().await else {
                return empty(StatusCode::PAYLOAD_TOO_LARGE);
            };
            match serde_json::from_slice::<Vec<Answer>>(&body.to_bytes()) {
                Ok(answers) => json_reply(StatusCode::OK, &json!({ "queued": state.book.queue(answers) })),
                Err(error) => json_reply(StatusCode::BAD_REQUEST, &json!({ "message": error.to_string() })),
            }
        }
    }
}

fn empty(status: StatusCode) -> Reply {
    let mut reply = Response::new(Full::default());
    *reply.status_mut() = status;
    reply
}

fn json_reply(status: StatusCode, value: &impl Serialize) -> Reply {
    match serde_json::to_vec(value) {
        Ok(text) => {
            let mut reply = with(Response::new(Full::from(text)), CONTENT_TYPE, "application/json");
            *reply.status_mut() = status;
            reply
        }
        Err(_) => empty(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// Adds a header; a value that can't stand in one is left out.
fn with(mut reply: Reply, name: HeaderName, value: &str) -> Reply {
    if let Ok(value) = HeaderValue::from_str(value) {
        reply.headers_mut().insert(name, value);
    }
    reply
}
