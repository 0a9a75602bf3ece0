//! What a run's state can be, and what follows from its tries: pure.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::Serialize;

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It transforms; nothing was sent.
    Preparing,
    /// A guard stopped it; nothing was sent.
    Stopped,
    /// It failed; nothing was sent.
    Failed,
    /// It sends, or a crash ended it while it sent.
    Sending,
    /// PMH accepted all of it.
    Accepted,
    /// PMH refused it.
    Refused,
    /// PMH was not available.
    Unavailable,
    /// Whether PMH accepted it is not known.
    Unknown,
}

impl State {
    const ALL: [(Self, &'static str); 8] = [
        (Self::Preparing, "preparing"),
        (Self::Stopped, "stopped"),
        (Self::Failed, "failed"),
        (Self::Sending, "sending"),
        (Self::Accepted, "accepted"),
        (Self::Refused, "refused"),
        (Self::Unavailable, "unavailable"),
        (Self::Unknown, "unknown"),
    ];

    /// The word that the ledger and JSON have.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }
}

impl ToSql for State {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

impl FromSql for State {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let word = value.as_str()?;
        Self::ALL
            .iter()
            .find(|(_, name)| *name == word)
            .map(|(state, _)| *state)
            .ok_or(FromSqlError::InvalidType)
    }
}

/// What became of one request, by its tries: one that nobody heard of again is unknown, and unknown stays so until
/// the same bytes are accepted. None where it was never tried.
pub(super) fn request_state<'a>(tries: impl IntoIterator<Item = Option<&'a str>>) -> Option<State> {
    let mut state = None;
    for outcome in tries {
        state = Some(match (state, outcome) {
            (Some(State::Accepted), _) | (_, Some("accepted")) => State::Accepted,
            (Some(State::Unknown), _) | (_, None | Some("unknown")) => State::Unknown,
            (_, Some("refused")) => State::Refused,
            (_, Some(_)) => State::Unavailable,
        });
    }
    state
}

/// What became of a run, by its requests: accepted where all are, unknown where one is.
#[must_use]
pub fn run_state(requests: &[Option<State>]) -> State {
    let any = |state| requests.contains(&Some(state));
    if requests.iter().all(|request| *request == Some(State::Accepted)) {
        State::Accepted
    } else if any(State::Unknown) {
        State::Unknown
    } else if any(State::Refused) {
        State::Refused
    } else {
        State::Unavailable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_stays_until_the_same_is_accepted() {
        let state = |tries: &[&str]| {
            request_state(tries.iter().map(|word| Some(*word).filter(|word| !word.is_empty())))
        };
        assert_eq!(state(&[]), None);
        assert_eq!(state(&["unavailable", "refused"]), Some(State::Refused));
        assert_eq!(state(&["refused", "unavailable"]), Some(State::Unavailable));
        for unknown in ["", "unknown"] {
            assert_eq!(state(&[unknown]), Some(State::Unknown));
            assert_eq!(state(&[unknown, "unavailable", "refused"]), Some(State::Unknown));
            assert_eq!(state(&[unknown, "accepted"]), Some(State::Accepted));
            assert_eq!(state(&["accepted", unknown]), Some(State::Accepted));
        }
    }

    #[test]
    fn a_run_is_accepted_where_every_request_is() {
        use State::{Accepted, Refused, Unavailable, Unknown};
        assert_eq!(run_state(&[Some(Accepted), Some(Accepted)]), Accepted);
        assert_eq!(run_state(&[Some(Accepted), None]), Unavailable);
        assert_eq!(run_state(&[Some(Accepted), Some(Refused), None]), Refused);
        assert_eq!(run_state(&[Some(Unknown), Some(Refused)]), Unknown);
        assert_eq!(run_state(&[None]), Unavailable);
    }

    #[test]
    fn every_state_is_written_and_read() {
        for (state, name) in State::ALL {
            assert_eq!(state.name(), name);
            assert_eq!(State::column_result(ValueRef::Text(name.as_bytes())), Ok(state));
        }
    }
}
