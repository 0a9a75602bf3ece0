//! Receipts: the end of the ledger's chain, signed, to be kept off this machine.
//!
//! Whoever can write to the ledger can also compute its whole chain anew or cut off its end. A receipt from before shows it.
//! The form is minisign's (Ed25519): a plain JSON file, and its signature beside it in a `.minisig` that the stock `minisign -V`
//! verifies. It holds counts, times, serial numbers and keyed hashes, and nothing that describes a person.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use chrono::Utc;
use minisign::{KeyPair, PublicKeyBox, SecretKeyBox, SignatureBox};
use pmh_core::rules;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    atomic_file::AtomicFile,
    config::Config,
    failure::{Exit, Failure, Result, Words},
    ledger::{Attempt, Head, Ledger, Request, Run},
    text,
    time::written,
    trust::{self, Role},
    ui::{Form, Ui},
};

/// What is signed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Receipt {
    /// The ledger's own name.
    ledger: String,
    site: Option<String>,
    endpoint: Option<String>,
    made_at: String,
    version: &'static str,
    /// Where the chain ended.
    head: Head,
    /// One run with everything about it.
    run: Option<Detail>,
}

#[derive(Serialize)]
struct Detail {
    #[serde(flatten)]
    run: Run,
    requests: Vec<Request>,
    attempts: Vec<Attempt>,
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    crate::changes::beside(path, ending)
}

/// Writes a file that must not exist yet.
fn write_new(path: &Path, content: &str) -> Result<()> {
    if path.exists() {
        return Err(Failure::new(&rules::FILE_EXISTS, path.display()));
    }
    write(path, content)
}

fn write(path: &Path, content: &str) -> Result<()> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(content.as_bytes())
        .map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, path, &error))?;
    file.commit()
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| Failure::file(&rules::FILE_UNREADABLE, path, &error))
}

/// Makes a pair of keys: `key` is secret (0600, without a password), `key.pub` is for those who verify.
///
/// # Errors
///
/// `PMH6307` if one of the files exists already, `PMH6306` if it can't be written.
pub fn keygen(key: &Path, ui: Ui) -> Result<Exit> {
    let public = beside(key, "pub");
    if public.exists() {
        return Err(Failure::new(&rules::FILE_EXISTS, public.display()));
    }
    let failed = |error: minisign::PError| Failure::internal(error.to_string());
    let pair = KeyPair::generate_unencrypted_keypair().map_err(failed)?;
    let secret = Zeroizing::new(pair.sk.to_box(Some("pmh receipts")).map_err(failed)?.into_string());
    write_new(key, &secret)?;
    write(&public, &pair.pk.to_box().map_err(failed)?.into_string())?;
    say(&[("key", &text::KEY_SECRET, key), ("publicKey", &text::KEY_PUBLIC, &public)], ui)
}

/// Prints the files that were written.
fn say(files: &[(&str, &'static rules::Text, &Path)], ui: Ui) -> Result<Exit> {
    if ui.form == Form::Json {
        let object: serde_json::Map<String, serde_json::Value> = files
            .iter()
            .map(|(name, _, path)| ((*name).to_owned(), path.display().to_string().into()))
            .collect();
        ui.print(serde_json::Value::Object(object))?;
    } else if !ui.quiet {
        for (_, label, path) in files {
            ui.print(format_args!("{}: {}", ui.say(label), path.display()))?;
        }
    }
    Ok(Exit::Done)
}

/// Writes a receipt and its signature beside it.
///
/// # Errors
///
/// As [`Ledger::read`]; `PMH6510` if the chain is broken already, `PMH6515` if the key can't be used, `PMH6207` if others can
/// read it, `PMH6505` if there is no such run, `PMH6307` if the file exists.
pub fn make(config: &Config, key: &Path, run: Option<i64>, output: &Path, ui: Ui) -> Result<Exit> {
    let pem = trust::read_text(key, Role::Secret, &rules::FILE_UNREADABLE)?;
    let no_key = || Failure::new(&rules::RECEIPT_KEY, key.display());
    let secret = SecretKeyBox::from_string(&pem).map_err(|_| no_key())?;
    let secret = secret.into_unencrypted_secret_key().map_err(|_| no_key())?;
    let ledger = Ledger::read(&config.ledger.path)?
        .ok_or_else(|| Failure::new(&rules::NO_SUCH_RUN, run.unwrap_or_default()))?;
    // what is signed is what was verified
    if let Some(fault) = ledger.chain_faults()?.into_iter().next() {
        return Err(fault);
    }
    let detail = |run| {
        Ok(Detail { run: ledger.run(run)?, requests: ledger.requests(run)?, attempts: ledger.attempts(run)? })
    };
    let (endpoint, site) = ledger.bound_to()?;
    let receipt = Receipt {
        ledger: ledger.name()?,
        site,
        endpoint,
        made_at: written(Utc::now()),
        version: env!("CARGO_PKG_VERSION"),
        head: ledger.head()?,
        run: run.map(detail).transpose()?,
    };
    let mut text = serde_json::to_string_pretty(&receipt).map_err(Failure::internal)?;
    text.push('\n');
    let trusted =
        format!("pmh ledger {} entry {} {}", receipt.ledger, receipt.head.number, receipt.head.hash);
    let signature = minisign::sign(
        None,
        &secret,
        io::Cursor::new(&text),
        Some(&trusted),
        Some("signature of a pmh receipt"),
    )
    .map_err(|error| Failure::internal(error.to_string()))?;
    let signature_path = beside(output, "minisig");
    write_new(output, &text)?;
    write(&signature_path, &signature.into_string())?;
    say(
        &[("receipt", &text::RECEIPT_MADE, output), ("signature", &text::RECEIPT_SIGNATURE, &signature_path)],
        ui,
    )
}

/// What a verified receipt says.
#[derive(Debug, Deserialize)]
pub struct Signed {
    ledger: String,
    head: SignedHead,
    #[serde(default)]
    run: Option<SignedRun>,
}

#[derive(Debug, Deserialize)]
struct SignedHead {
    number: i64,
    hash: String,
}

#[derive(Debug, Deserialize)]
struct SignedRun {
    id: i64,
}

impl Signed {
    /// Reads a receipt, once its signature is right.
    ///
    /// # Errors
    ///
    /// `PMH6513` if the signature is wrong, `PMH6515` if the key is no public key, `PMH6301` if a file can't be read.
    pub fn read(receipt: &Path, key: &Path) -> Result<Self> {
        let public = PublicKeyBox::from_string(&read(key)?)
            .and_then(PublicKeyBox::into_public_key)
            .map_err(|_| Failure::new(&rules::RECEIPT_KEY, key.display()))?;
        let (text, path) = (read(receipt)?, beside(receipt, "minisig"));
        let forged = || {
            let path = receipt.display();
            Failure::new(
                &rules::RECEIPT_MISMATCH,
                Words::new(format!("{path} (signature)"), format!("{path}(署名)")),
            )
        };
        let signature = SignatureBox::from_string(&read(&path)?).map_err(|_| forged())?;
        minisign::verify(&public, &signature, io::Cursor::new(&text), true, false, false)
            .map_err(|_| forged())?;
        serde_json::from_str(&text).map_err(|_| forged())
    }

    /// In what the ledger isn't what the receipt says: nothing if it only has grown since.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn differences(&self, ledger: &Ledger) -> Result<Vec<Failure>> {
        let differ = |en: String, ja: String| Failure::new(&rules::RECEIPT_MISMATCH, Words::new(en, ja));
        let Self { ledger: name, head: SignedHead { number, hash }, run } = self;
        if ledger.name()? != *name {
            return Ok(vec![differ("another ledger".into(), "別の送信台帳です".into())]);
        }
        let mut differences = Vec::new();
        match ledger.entry_hash(*number)? {
            Some(kept) if kept == *hash => {}
            // forgotten with old runs: what comes after it is still chained to it
            None if *number < ledger.forgotten_to()? => {}
            None if *number == 0 => {}
            Some(_) => {
                differences.push(differ(
                    format!("entry {number} was changed"),
                    format!("記録 {number} が変更されています"),
                ));
            }
            None => {
                differences.push(differ(
                    format!("entry {number} is missing"),
                    format!("記録 {number} がありません"),
                ));
            }
        }
        if let Some(SignedRun { id }) = run
            && ledger.run(*id).is_err()
            && *number >= ledger.forgotten_to()?
        {
            differences.push(differ(format!("run {id} is missing"), format!("実行 {id} がありません")));
        }
        Ok(differences)
    }

    /// There is no ledger at all.
    #[must_use]
    pub fn missing(&self) -> Failure {
        Failure::new(&rules::RECEIPT_MISMATCH, Words::new("there is no ledger", "送信台帳がありません"))
    }
}
