//! Whom a ledger belongs to: one endpoint, one municipality, one key, one spool folder.
//!
//! What could harm unseen: a configuration that was copied for another town and still names the first one's ledger, so that
//! its guards compare with the wrong set; a key that was deleted and made anew; two ledgers that sweep each other's payloads.
//! Each is refused until a person passes it once, by name; the ledger then takes over the new one and notes who passed.

use std::{fs, io::Write, path::Path};

use chrono::Utc;
use pmh_core::rules::{self, Rule};
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::{Ledger, chain, who::Who};
use crate::{
    atomic_file::AtomicFile,
    config::Config,
    failure::{Failure, Result, Words},
    key::Key,
    spool,
};

/// The name of the marker in the spool folder.
pub(crate) const MARKER: &str = "owner";

/// Whom a configuration speaks for.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// The endpoint's URL.
    pub endpoint: &'a str,
    /// The municipality's name.
    pub site: Option<&'a str>,
    /// The name of the key; none if there is no key yet.
    pub key: Option<&'a str>,
}

/// A ledger that is open for this configuration.
#[derive(Debug)]
pub struct Bound {
    /// The ledger.
    pub ledger: Ledger,
    /// Its key.
    pub key: Key,
    /// What was passed this once.
    pub passed: Vec<Failure>,
}

/// What the marker of a spool folder says.
#[derive(Debug, Serialize, Deserialize)]
struct Marker {
    ledger: String,
    path: String,
}

impl Ledger {
    /// Opens the ledger of a configuration with its key, and takes the spool folder for it.
    ///
    /// # Errors
    ///
    /// As [`Ledger::open`] and [`Key::load`]; `PMH6507` to `PMH6509` if ledger, spool or key belong to another one and
    /// that isn't passed.
    pub fn open_bound(config: &Config, pass: &[&'static Rule]) -> Result<Bound> {
        let paths = &config.ledger;
        let (endpoint, site) = (config.endpoint.url.as_str(), config.site.as_deref());
        // looked at before it is opened for writing, which would bring another one's up to date
        if let Some(kept) = Self::read(&paths.path)?
            && let Some(stranger) = kept.elsewhere(endpoint, site)?
            && !pass.contains(&stranger.rule)
        {
            return Err(stranger);
        }
        let mut ledger = Self::open(&paths.path)?;
        let key = Key::read(paths)?;
        let name = key.as_ref().map(Key::name_text);
        let owner = Owner { endpoint, site, key: name.as_deref() };
        let passed = ledger.strangers(owner, &paths.spool_dir)?;
        if let Some(stranger) = passed.iter().find(|stranger| !pass.contains(&stranger.rule)) {
            return Err(stranger.clone());
        }
        let key = key.map_or_else(|| Key::load(paths), Ok)?;
        let name = key.name_text();
        ledger.bind(Owner { key: Some(&name), ..owner }, &passed)?;
        ledger.mark(&paths.spool_dir)?;
        Ok(Bound { ledger, key, passed })
    }

    /// Everything that belongs to another one; empty if all is well.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn strangers(&self, owner: Owner<'_>, spool_dir: &Path) -> Result<Vec<Failure>> {
        let mut strangers = Vec::new();
        strangers.extend(self.elsewhere(owner.endpoint, owner.site)?);
        if let Some(key) = self.fact("key")?.filter(|key| Some(key.as_str()) != owner.key) {
            let words = match owner.key {
                None => Words::new("missing", "鍵がありません"),
                Some(other) => Words::from(format_args!("{other} ≠ {key}")),
            };
            strangers.push(Failure::new(&rules::KEY_ELSEWHERE, words));
        }
        strangers.extend(self.other_spool(spool_dir)?);
        Ok(strangers)
    }

    /// What says that the ledger is another endpoint's or another municipality's.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn elsewhere(&self, endpoint: &str, site: Option<&str>) -> Result<Option<Failure>> {
        let (other_endpoint, other_site) = self.bound_to()?;
        let other_endpoint = other_endpoint.filter(|other| other != endpoint);
        let other_site = other_site.filter(|other| Some(other.as_str()) != site);
        let other: Vec<String> = other_endpoint.into_iter().chain(other_site).collect();
        Ok((!other.is_empty()).then(|| Failure::new(&rules::LEDGER_ELSEWHERE, other.join(", "))))
    }

    /// Opens a ledger to note something beside a run, unless it belongs to another municipality: then nothing is written to
    /// it. The same one, by name or by having none, may have moved to another endpoint; an unknown endpoint says nothing.
    ///
    /// # Errors
    ///
    /// As [`Ledger::open`]; `PMH6507` if it is another one's.
    pub fn open_own(path: &Path, endpoint: Option<&str>, site: Option<&str>) -> Result<Self> {
        if let Some(kept) = Self::read(path)? {
            let (bound, named) = kept.bound_to()?;
            let moved = named.as_deref() == site;
            let endpoint = endpoint.filter(|_| !moved).or(bound.as_deref()).unwrap_or_default();
            if let Some(stranger) = kept.elsewhere(endpoint, site)? {
                return Err(stranger);
            }
        }
        Self::open(path)
    }

    /// Takes over the endpoint, the site and the key, and notes what changed.
    fn bind(&mut self, owner: Owner<'_>, passed: &[Failure]) -> Result<()> {
        let Owner { endpoint, site, key } = owner;
        let facts = [("endpoint", Some(endpoint)), ("site", site), ("key", key)];
        let mut changed = Vec::new();
        for (name, value) in facts {
            if let (old, Some(value)) = (self.fact(name)?, value)
                && old.as_deref() != Some(value)
            {
                changed.push((name, old, value));
            }
        }
        // a configuration that no longer names the site is passed by a person, too
        let nameless = site.is_none() && self.fact("site")?.is_some();
        if changed.is_empty() && passed.is_empty() && !nameless {
            return Ok(());
        }
        let Who { user, host, .. } = Who::is_me();
        let codes: Vec<&str> = passed.iter().map(|failure| failure.rule.code).collect();
        self.write(|db| {
            if nameless {
                db.execute("DELETE FROM fact WHERE name = 'site'", [])?;
            }
            for (name, _, value) in &changed {
                db.execute(
                    "INSERT OR REPLACE INTO fact (name, value) VALUES (?1, ?2)",
                    params![name, value],
                )?;
            }
            let list: Vec<_> = changed
                .iter()
                .map(|(name, old, new)| serde_json::json!({ "what": name, "before": old, "after": new }))
                .collect();
            let detail = serde_json::json!({ "changes": list, "passed": codes, "user": user, "host": host });
            chain::append(db, Utc::now(), "bound", None, &detail.to_string())
        })
    }

    /// What the ledger knows about itself.
    pub(super) fn fact(&self, name: &str) -> Result<Option<String>> {
        self.checked(|db| {
            db.prepare("SELECT value FROM fact WHERE name = ?1")?
                .query_row([name], |row| row.get(0))
                .optional()
        })
    }

    /// The ledger's own name: random, and the same in its backups.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn name(&self) -> Result<String> {
        Ok(self.fact("ledger")?.unwrap_or_default())
    }

    /// The endpoint and the site that the ledger is bound to.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn bound_to(&self) -> Result<(Option<String>, Option<String>)> {
        Ok((self.fact("endpoint")?, self.fact("site")?))
    }

    /// A spool folder that another ledger, which still exists, uses. A ledger that was moved away and begun anew at the
    /// same place is no other one.
    fn other_spool(&self, folder: &Path) -> Result<Option<Failure>> {
        let Ok(text) = fs::read_to_string(folder.join(MARKER)) else { return Ok(None) };
        let Ok(marker) = serde_json::from_str::<Marker>(&text) else { return Ok(None) };
        let (own, other) = (self.name()?, Path::new(&marker.path));
        let same_place = other == self.place() || !other.exists();
        let stranger = marker.ledger != own && !same_place;
        Ok(stranger.then(|| Failure::new(&rules::SPOOL_ELSEWHERE, other.display())))
    }

    fn place(&self) -> std::path::PathBuf {
        self.path.canonicalize().unwrap_or_else(|_| self.path.clone())
    }

    /// Writes whose the spool folder is.
    fn mark(&self, folder: &Path) -> Result<()> {
        let path = folder.join(MARKER);
        let marker = Marker { ledger: self.name()?, path: self.place().display().to_string() };
        let text = serde_json::to_string(&marker).map_err(Failure::internal)?;
        if fs::read_to_string(&path).is_ok_and(|kept| kept == text) {
            return Ok(());
        }
        spool::make_folder(folder)?;
        let mut file = AtomicFile::create(&path)?;
        file.write_all(text.as_bytes())
            .map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, &path, &error))?;
        file.commit()
    }
}
