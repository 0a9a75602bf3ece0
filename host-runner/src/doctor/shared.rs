//! What two configurations share by mistake: ledger, spool folder, input, token.

use std::{
    fs,
    path::{Path, PathBuf},
};

use pmh_core::rules;

use crate::{
    config::{Config, TokenSource},
    escape::printable,
    failure::Failure,
    trust::parent,
};

/// How many configurations of the same folder are looked at.
const MOST: usize = 100;

/// How large one may be.
const MAX_SIZE: u64 = 1 << 20;

/// Compares a configuration with the others that were given and with those in its folder.
pub(super) fn found(path: &Path, config: &Config, given: &[(&Path, &Config)]) -> Vec<Failure> {
    let own = real(path);
    let siblings = siblings(parent(path));
    let beside = siblings.iter().map(|(path, config)| (path.as_path(), config));
    let mut looked_at = vec![own];
    let mut failures = Vec::new();
    for (other, theirs) in given.iter().copied().chain(beside) {
        let place = real(other);
        if looked_at.contains(&place) {
            continue;
        }
        looked_at.push(place);
        let keys = common(config, theirs);
        if !keys.is_empty() {
            let words = format!("{} ({})", printable(&other.display().to_string()), keys.join(", "));
            failures.push(Failure::new(&rules::SHARED, words));
        }
    }
    failures
}

/// The other configurations of a folder: whatever `*.toml` is one.
fn siblings(folder: &Path) -> Vec<(PathBuf, Config)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .filter(|path| {
            fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= MAX_SIZE)
        })
        .collect();
    paths.sort();
    paths.truncate(MOST);
    let read = |path: PathBuf| {
        let config = Config::parse(&fs::read_to_string(&path).ok()?, folder).ok()?;
        Some((path, config))
    };
    paths.into_iter().filter_map(read).collect()
}

/// The keys whose values lead to the same place.
fn common(ours: &Config, theirs: &Config) -> Vec<&'static str> {
    let places = [
        ("ledger.path", &ours.ledger.path, &theirs.ledger.path),
        ("ledger.spool_dir", &ours.ledger.spool_dir, &theirs.ledger.spool_dir),
        ("input.path", &ours.input.path, &theirs.input.path),
    ];
    let mut keys: Vec<_> = places
        .into_iter()
        .filter(|(_, ours, theirs)| real(ours) == real(theirs))
        .map(|(key, ..)| key)
        .collect();
    let token = match (&ours.endpoint.token, &theirs.endpoint.token) {
        (TokenSource::File(ours), TokenSource::File(theirs)) => real(ours) == real(theirs),
        (ours, theirs) => ours == theirs,
    };
    if token {
        keys.push("endpoint.token");
    }
    // the same records and token for another endpoint, such as a test environment, are no danger
    if ours.endpoint.url != theirs.endpoint.url {
        keys.retain(|key| key.starts_with("ledger."));
    }
    keys
}

/// The place that a path leads to; of a file that doesn't exist yet, its folder's.
fn real(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default();
    fs::canonicalize(path)
        .or_else(|_| fs::canonicalize(parent(path)).map(|folder| folder.join(name)))
        .unwrap_or_else(|_| path.to_owned())
}
