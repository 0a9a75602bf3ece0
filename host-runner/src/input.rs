//! Opens the records: a file, standard input, or the one file that matches a pattern.
//!
//! JSON and NDJSON go to the module as they are. It must never judge a record: that is the module's work.

mod proof;
mod watch;

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use clap::ValueEnum;
use indicatif::ProgressBar;
use pmh_core::rules;

use crate::{
    csv::CsvRecords,
    failure::{Failure, Result, Words},
    module::Form,
};

pub use self::{
    proof::{Proof, is_ready},
    watch::{Stamp, Watched, settled},
};

/// How the records are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A JSON array.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// Comma-separated values with a header line.
    Csv,
}

impl Format {
    /// The format that a file's name tells; a name that tells none leaves it to the module.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }
}

/// The character encoding of a CSV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Encoding {
    /// UTF-8, with or without BOM.
    #[default]
    #[value(name = "utf-8")]
    Utf8,
    /// `Shift_JIS` with the extensions of Windows (CP932).
    #[value(name = "shift_jis")]
    ShiftJis,
}

impl Encoding {
    /// Its decoder.
    pub(crate) fn decoder(self) -> &'static encoding_rs::Encoding {
        match self {
            Self::Utf8 => encoding_rs::UTF_8,
            Self::ShiftJis => encoding_rs::SHIFT_JIS,
        }
    }
}

/// What is known about the input beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shape {
    /// The format; by the file's name where it isn't said.
    pub format: Option<Format>,
    /// The encoding of a CSV file.
    pub encoding: Encoding,
}

/// Records on their way in.
pub struct Input {
    name: PathBuf,
    form: Form,
    reader: Box<dyn Read + Send>,
    /// The line of a quotation mark that a CSV file never closes; 0 if there is none.
    open_quote: Arc<AtomicU64>,
}

impl Input {
    /// Opens a file, or standard input for `-`. `progress` follows the bytes read from it.
    ///
    /// # Errors
    ///
    /// `PMH6301` if the file cannot be read.
    pub fn open(path: &Path, shape: Shape, progress: &ProgressBar) -> Result<Self> {
        let unreadable = |error: io::Error| Failure::file(&rules::FILE_UNREADABLE, path, &error);
        let raw: Box<dyn Read + Send> = if path == Path::new("-") {
            Box::new(io::stdin())
        } else {
            let file = File::open(path).map_err(unreadable)?;
            let metadata = file.metadata().map_err(unreadable)?;
            if metadata.is_dir() {
                return Err(unreadable(io::ErrorKind::IsADirectory.into()));
            }
            if metadata.is_file() {
                progress.set_length(metadata.len());
            }
            Box::new(file)
        };
        Ok(Self::reading(raw, path, shape, progress))
    }

    /// The records of a file that is watched while it is read.
    #[must_use]
    pub fn watched(file: &Watched, shape: Shape, progress: &ProgressBar) -> Self {
        progress.set_length(file.stamp().size());
        Self::reading(Box::new(file.reader()), file.path(), shape, progress)
    }

    fn reading(raw: Box<dyn Read + Send>, path: &Path, shape: Shape, progress: &ProgressBar) -> Self {
        let raw = progress.wrap_read(raw);
        let open_quote = Arc::new(AtomicU64::new(0));
        let (form, reader): (Form, Box<dyn Read + Send>) = match shape.format.or_else(|| Format::of(path)) {
            None => (Form::Auto, Box::new(raw)),
            Some(Format::Json) => (Form::Json, Box::new(raw)),
            Some(Format::Ndjson) => (Form::Ndjson, Box::new(raw)),
            Some(Format::Csv) => {
                (Form::Ndjson, Box::new(CsvRecords::new(raw, shape.encoding, Arc::clone(&open_quote))))
            }
        };
        Self { name: path.to_owned(), form, reader, open_quote }
    }

    /// Why the input that was read is not complete, if its form tells: a CSV file that ends inside quotation marks. The
    /// module finds such an input incomplete too, but can't name the line.
    #[must_use]
    pub fn cut_off(&self) -> Option<Failure> {
        match self.open_quote.load(Relaxed) {
            0 => None,
            line => Some(Failure::new(&rules::CSV_CUT_OFF, line)),
        }
    }

    /// The form in which the module gets the records.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form
    }

    /// Reads the next piece; 0 at the end.
    ///
    /// # Errors
    ///
    /// `PMH6301` if reading fails, `PMH6304` and `PMH6305` for a CSV file that can't be split into rows.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        loop {
            match self.reader.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => {
                    return read
                        .map_err(|error| Failure::from_io(&rules::FILE_UNREADABLE, &self.name, error));
                }
            }
        }
    }
}

/// The one file that a path or pattern names. Several are refused, since which of them is "all records" can't be guessed.
///
/// # Errors
///
/// `PMH6302` if no file matches, `PMH6303` if several do, `PMH6204` if the pattern is malformed, `PMH6313` for a pipe or a
/// device.
pub fn resolve(pattern: &Path) -> Result<PathBuf> {
    if let Ok(metadata) = pattern.metadata() {
        return if metadata.is_file() {
            Ok(pattern.to_owned())
        } else if metadata.is_dir() {
            Err(Failure::file(&rules::FILE_UNREADABLE, pattern, &io::ErrorKind::IsADirectory.into()))
        } else {
            Err(Failure::new(&rules::INPUT_NOT_A_FILE, pattern.display()))
        };
    }
    let text = pattern.to_string_lossy();
    let found = glob::glob(&text)
        .map_err(|error| Failure::new(&rules::CONFIG_VALUE, format_args!("input.path: {error}")))?;
    let mut files: Vec<PathBuf> =
        found.filter_map(std::result::Result::ok).filter(|path| path.is_file()).collect();
    match (files.len(), files.pop()) {
        (1, Some(file)) => Ok(file),
        (0, _) => Err(Failure::new(&rules::INPUT_NOT_FOUND, &text)),
        (count, _) => Err(Failure::new(
            &rules::INPUT_AMBIGUOUS,
            Words::new(format!("{text} ({count} files)"), format!("{text}({count} 個)")),
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_pattern_must_name_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let pattern = folder.path().join("records-*.ndjson");
        assert_eq!(resolve(&pattern).unwrap_err().rule.code, "PMH6302");
        let first = folder.path().join("records-1.ndjson");
        fs::write(&first, "").unwrap();
        assert_eq!(resolve(&pattern).unwrap(), first);
        fs::write(folder.path().join("records-2.ndjson"), "").unwrap();
        assert_eq!(resolve(&pattern).unwrap_err().rule.code, "PMH6303");
        assert_eq!(resolve(&first).unwrap(), first);
    }

    #[test]
    fn the_name_tells_the_format() {
        assert_eq!(Format::of(Path::new("a.CSV")), Some(Format::Csv));
        assert_eq!(Format::of(Path::new("a.jsonl")), Some(Format::Ndjson));
        assert_eq!(Format::of(Path::new("a.json")), None);
        assert_eq!(Format::of(Path::new("-")), None);
    }

    #[test]
    fn a_folder_is_not_an_input() {
        let folder = tempfile::tempdir().unwrap();
        let opened = Input::open(folder.path(), Shape::default(), &ProgressBar::hidden());
        assert_eq!(opened.err().unwrap().rule.code, "PMH6301");
    }
}
