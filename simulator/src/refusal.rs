//! Why a request is refused: the simulator's own codes (`SIM` + 4 digits), since PMH's aren't published.
//!
//! It must never carry a value of a body: an index, a place and a keyword of the schema are all it may say.

use hyper::StatusCode;

/// One reason, in the order of the checks.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("the method is not POST")]
    Method,
    #[error("there is nothing at this path")]
    Path,
    #[error("the bearer token is missing or wrong")]
    Token,
    #[error("the content type is not application/json in utf-8")]
    ContentType,
    #[error("the content encoding is not identity")]
    ContentEncoding,
    #[error("the body begins with a byte order mark")]
    ByteOrderMark,
    #[error("the body is not utf-8 at byte {at}")]
    NotUtf8 { at: u64 },
    #[error("the body is not json at line {line}, column {column}")]
    NotJson { line: usize, column: usize },
    #[error("the body is not an array")]
    NotAnArray,
    #[error("/{index}: an object has the same key twice")]
    DuplicateKey { index: u64 },
    #[error("/{index}{pointer}: fails {keyword}")]
    Schema { index: u64, pointer: String, keyword: String },
    #[error("the body broke off")]
    Broken,
}

impl Refusal {
    /// The status that is answered, none where the connection is gone.
    pub(crate) fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Method => Some(StatusCode::METHOD_NOT_ALLOWED),
            Self::Path => Some(StatusCode::NOT_FOUND),
            Self::Token => Some(StatusCode::UNAUTHORIZED),
            Self::Broken => None,
            _ => Some(StatusCode::BAD_REQUEST),
        }
    }

    /// The code that stands in the answer's body.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Method => "SIM0001",
            Self::Path => "SIM0002",
            Self::Token => "SIM0003",
            Self::ContentType => "SIM0004",
            Self::ContentEncoding => "SIM0005",
            Self::ByteOrderMark => "SIM0006",
            Self::NotUtf8 { .. } => "SIM0007",
            Self::NotJson { .. } => "SIM0008",
            Self::NotAnArray => "SIM0009",
            Self::DuplicateKey { .. } => "SIM0010",
            Self::Schema { .. } => "SIM0011",
            Self::Broken => "SIM0012",
        }
    }
}
