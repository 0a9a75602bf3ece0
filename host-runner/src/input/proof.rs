//! What the exporting system says about its own export: a marker that it is complete, and the hash of its bytes.
//!
//! How this could end with success and harm somebody: yesterday's marker beside today's file, the hash of another file in
//! the same list, a hash file that holds no hash. Each of them is refused; none can be passed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use pmh_core::rules;

use super::Stamp;
use crate::failure::{Failure, Result, Words, reason};

/// Hexadecimal digits of a SHA-256.
const DIGITS: usize = 64;

/// Fails unless the marker exists and is not older than the input.
///
/// # Errors
///
/// `PMH6111`.
pub fn is_ready(marker: &Path, input: &Stamp) -> Result<()> {
    let shown = marker.display();
    let modified = fs::metadata(marker).and_then(|metadata| metadata.modified()).map_err(|error| {
        let why = reason(&error);
        let words = [rules::Lang::En, rules::Lang::Ja].map(|lang| format!("{shown}: {}", why.get(lang)));
        let [en, ja] = words;
        Failure::new(&rules::INPUT_NOT_READY, Words::new(en, ja))
    })?;
    if chrono::DateTime::<chrono::Utc>::from(modified) >= input.modified() {
        return Ok(());
    }
    let words = Words::new(
        format!("{shown} is older than the input file"),
        format!("{shown} が入力ファイルより古くなっています"),
    );
    Err(Failure::new(&rules::INPUT_NOT_READY, words))
}

/// The hash that the input should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    file: PathBuf,
    expected: String,
}

impl Proof {
    /// Reads the hash of `input` from a file, as `sha256sum` (GNU and BSD), `Get-FileHash` and `certutil` write it.
    ///
    /// # Errors
    ///
    /// `PMH6301` if the file can't be read, `PMH6112` if no hash, or more than one, may be meant.
    pub fn read(file: &Path, input: &Path) -> Result<Self> {
        let bytes = fs::read(file).map_err(|error| Failure::file(&rules::FILE_UNREADABLE, file, &error))?;
        // a BOM decides: PowerShell writes UTF-16
        let (text, ..) = encoding_rs::UTF_8.decode(&bytes);
        let name = input.file_name().unwrap_or_default().to_string_lossy();
        let Some(expected) = expected(&text, &name) else {
            let file = file.display();
            let words = Words::new(
                format!("{file} doesn't hold exactly one SHA-256 of {name}"),
                format!("{file} から {name} のSHA-256を特定できません"),
            );
            return Err(Failure::new(&rules::INPUT_HASH, words));
        };
        Ok(Self { file: file.to_owned(), expected })
    }

    /// Fails unless this is the hash of the bytes that were read.
    ///
    /// # Errors
    ///
    /// `PMH6112`.
    pub fn confirm(&self, hash: &str) -> Result<()> {
        if self.expected == hash {
            return Ok(());
        }
        let file = self.file.display();
        let words = Words::new(
            format!("the bytes that were read have another one than {file} says"),
            format!("読み取った内容の値が、{file} の値と異なります"),
        );
        Err(Failure::new(&rules::INPUT_HASH, words))
    }
}

/// The only hash in a text, or the only one on a line that names the file.
fn expected(text: &str, name: &str) -> Option<String> {
    let found: Vec<(&str, &str)> = text.lines().filter_map(|line| Some((line, hash_of(line)?))).collect();
    let mut named = found.iter().filter(|(line, _)| names(line, name));
    match (found.as_slice(), named.next(), named.next()) {
        ([(_, hash)], ..) | (_, Some((_, hash)), None) => Some(hash.to_ascii_lowercase()),
        _ => None,
    }
}

/// The hash of a line: its first word (`HEX  name`), its last one (`SHA256 (name) = HEX`), or the one in between.
fn hash_of(line: &str) -> Option<&str> {
    let is_hash = |word: &&str| word.len() == DIGITS && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut words = line.split_whitespace().map(|word| word.trim_start_matches('\\'));
    if line.contains(" = ") { words.rfind(is_hash) } else { words.find(is_hash) }
}

/// Whether a line is about a file of this name, in whatever folder.
fn names(line: &str, name: &str) -> bool {
    let line = line.trim_end();
    let before = match line.strip_suffix(name) {
        Some(before) => before,
        // SHA256 (name) = HEX
        None => match line.split_once(&format!("{name}) = ")) {
            Some((before, _)) => before,
            None => return false,
        },
    };
    before.ends_with([' ', '\t', '*', '/', '\\', '('])
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn every_usual_form_is_read() {
        let other = HEX.replace('e', "f");
        let upper = HEX.to_uppercase();
        for text in [
            HEX.to_owned(),
            format!("{upper}\r\n"),
            format!("{HEX}  records.csv\n"),
            format!("{HEX} *records.csv\r\n"),
            format!("\\{HEX}  export\\\\records.csv\n"),
            format!("SHA256 (export/records.csv) = {upper}\n"),
            // the name of the only one is not asked for: a file is often renamed
            format!("{HEX}  export-20261122.csv\n"),
            format!("{other}  other-records.csv\n{HEX}  ./records.csv\n{other}  records.csv.bak\n"),
            format!("SHA256 (a.csv) = {other}\nSHA256 (records.csv) = {HEX}\n"),
            format!(
                "SHA256 ハッシュ (対象 C:\\export\\records.csv):\r\n{HEX}\r\nCertUtil: 正常に完了しました。\r\n"
            ),
            format!(
                "\r\nAlgorithm  Hash  Path\r\n---------  ----  ----\r\nSHA256  {upper}  C:\\export\\records.csv\r\n"
            ),
        ] {
            assert_eq!(expected(&text, "records.csv").as_deref(), Some(HEX), "{text}");
        }
    }

    #[test]
    fn what_is_not_clear_is_no_hash() {
        for text in [
            String::new(),
            "records.csv".to_owned(),
            HEX[1..].to_owned(),
            format!("{HEX}0"),
            format!("{HEX}{HEX}  records.csv"),
            HEX.replace('e', "g"),
            format!("{HEX}  a.csv\n{HEX}  b.csv\n"),
            format!("{HEX}  records.csv\n{HEX}  old/records.csv\n"),
        ] {
            assert_eq!(expected(&text, "records.csv"), None, "{text}");
        }
    }

    #[test]
    fn boms_are_read_and_a_wrong_hash_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("records.csv.sha256");
        let utf16: Vec<u8> = format!("\u{feff}{HEX}\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [format!("\u{feff}{HEX}\r\n").into_bytes(), utf16] {
            fs::write(&file, bytes).unwrap();
            let proof = Proof::read(&file, Path::new("records.csv")).unwrap();
            assert_eq!(proof.confirm(HEX), Ok(()));
            assert_eq!(proof.confirm(&HEX.replace('e', "f")).unwrap_err().rule.code, "PMH6112");
        }
        fs::write(&file, "").unwrap();
        assert_eq!(Proof::read(&file, Path::new("a")).unwrap_err().rule.code, "PMH6112");
        fs::remove_file(&file).unwrap();
        assert_eq!(Proof::read(&file, Path::new("a")).unwrap_err().rule.code, "PMH6301");
    }

    #[test]
    fn a_marker_must_not_be_older() {
        let folder = tempfile::tempdir().unwrap();
        let (input, marker) = (folder.path().join("records"), folder.path().join("done"));
        fs::write(&input, "").unwrap();
        let ready = || is_ready(&marker, &Stamp::of(&input).unwrap()).map_err(|failure| failure.rule.code);
        assert_eq!(ready(), Err("PMH6111"));
        fs::write(&marker, "").unwrap();
        let written = Stamp::of(&input).unwrap().modified().into();
        let file = fs::File::options().append(true).open(&marker).unwrap();
        let set = |time: SystemTime| file.set_modified(time).unwrap();
        set(written);
        assert_eq!(ready(), Ok(()));
        set(written + Duration::from_secs(1));
        assert_eq!(ready(), Ok(()));
        set(written - Duration::from_secs(1));
        assert_eq!(ready(), Err("PMH6111"));
    }
}
