//! Opens the records: a file, standard input, or the one file that matches a pattern.
//!
//! JSON and NDJSON go to the module as they are. It must never judge a record: that is the module's work.

mod arguments;
mod proof;
mod watch;

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::ValueEnum;
use indicatif::ProgressBar;
use pmh_core::rules;

use crate::{
    failure::{Failure, Result, Words},
    module::Form,
    table::{Kind, Records},
};

pub use self::{
    arguments::ShapeArgs,
    proof::{Proof, is_ready},
    watch::{Stamp, Watched, settled},
};
pub use crate::table::{Delimiter, Encoding, Layout, Places};

/// How the records are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A JSON array.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// Cells that a comma or another delimiter ends.
    Csv,
    /// Fixed-length records.
    Fixed,
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

/// What is known about the input beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// The format; by the file's name where it isn't said.
    pub format: Option<Format>,
    /// The encoding of a table.
    pub encoding: Encoding,
    /// What ends a cell of a CSV file; by its first lines where it isn't said.
    pub delimiter: Option<Delimiter>,
    /// Whether the first row of a CSV file names its columns.
    pub header: bool,
    /// The columns of fixed-length records.
    pub columns: Option<Arc<Layout>>,
}

impl Default for Shape {
    fn default() -> Self {
        Self { format: None, encoding: Encoding::default(), delimiter: None, header: true, columns: None }
    }
}

impl Shape {
    /// The table that a file is, if it is one.
    fn table(&self, path: &Path) -> Result<Option<Kind>> {
        Ok(match self.format_of(path) {
            Some(Format::Csv) => Some(Kind::Csv { delimiter: self.delimiter, header: self.header }),
            Some(Format::Fixed) => {
                let columns = self.columns.clone();
                let missing = || Words::new("there is no column table", "項目表がありません");
                Some(Kind::Fixed(columns.ok_or_else(|| Failure::new(&rules::FIXED_LAYOUT, missing()))?))
            }
            _ => None,
        })
    }

    /// The format of a file, if it was said or the file's name tells it.
    #[must_use]
    pub fn format_of(&self, path: &Path) -> Option<Format> {
        self.format.or_else(|| Format::of(path))
    }
}

/// Records on their way in.
pub struct Input {
    name: PathBuf,
    form: Form,
    reader: Box<dyn Read + Send>,
    /// What is known of the rows of a table.
    places: Option<Arc<Places>>,
    /// How to read them once more; `None` for what can be read only once.
    source: Option<Source>,
}

/// A regular file that records are read from.
struct Source {
    stamp: Stamp,
    shape: Shape,
    progress: ProgressBar,
}

impl Input {
    /// Opens a file, or standard input for `-`. `progress` follows the bytes read from it.
    ///
    /// # Errors
    ///
    /// `PMH6301` if the file cannot be read, `PMH6324` if it holds fixed-length records and there is no column table.
    pub fn open(path: &Path, shape: &Shape, progress: &ProgressBar) -> Result<Self> {
        let unreadable = |error: io::Error| Failure::file(&rules::FILE_UNREADABLE, path, &error);
        if path == Path::new("-") {
            return Self::reading(Box::new(io::stdin()), path, shape, progress);
        }
        let file = File::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if metadata.is_dir() {
            return Err(unreadable(io::ErrorKind::IsADirectory.into()));
        }
        // a pipe has nothing more to give, and no stamp either
        let stamp = Stamp::read(path, Ok(metadata)).ok();
        if let Some(stamp) = &stamp {
            progress.set_length(stamp.size());
        }
        let input = Self::reading(Box::new(file), path, shape, progress)?;
        Ok(Self {
            source: stamp.map(|stamp| Source { stamp, shape: shape.clone(), progress: progress.clone() }),
            ..input
        })
    }

    /// The records of a file that is watched while it is read.
    ///
    /// # Errors
    ///
    /// `PMH6324` if it holds fixed-length records and there is no column table.
    pub fn watched(file: &Watched, shape: &Shape, progress: &ProgressBar) -> Result<Self> {
        progress.set_length(file.stamp().size());
        let source = Source { stamp: *file.stamp(), shape: shape.clone(), progress: progress.clone() };
        let input = Self::reading(Box::new(file.reader()), file.path(), shape, progress)?;
        Ok(Self { source: Some(source), ..input })
    }

    /// Whether [`Input::again`] may give the records once more.
    #[must_use]
    pub fn is_a_file(&self) -> bool {
        self.source.is_some()
    }

    /// The same file from its beginning, if it has not changed.
    #[must_use]
    pub fn again(&self) -> Option<Self> {
        let Source { stamp, shape, progress } = self.source.as_ref()?;
        progress.reset();
        let again = Self::open(&self.name, shape, progress).ok()?;
        let is_same = again.source.as_ref().is_some_and(|source| source.stamp == *stamp);
        is_same.then_some(again)
    }

    /// Whether the file is still the one that was opened.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        let now = Stamp::of(&self.name).ok();
        self.source.as_ref().is_some_and(|source| now == Some(source.stamp))
    }

    fn reading(
        raw: Box<dyn Read + Send>,
        path: &Path,
        shape: &Shape,
        progress: &ProgressBar,
    ) -> Result<Self> {
        let name = path.to_owned();
        let raw = progress.wrap_read(raw);
        if let Some(kind) = shape.table(path)? {
            let places = Arc::<Places>::default();
            let reader = Box::new(Records::new(raw, kind, shape.encoding, Arc::clone(&places)));
            return Ok(Self { name, form: Form::Ndjson, reader, places: Some(places), source: None });
        }
        let form = match shape.format_of(path) {
            Some(Format::Json) => Form::Json,
            Some(Format::Ndjson) => Form::Ndjson,
            _ => Form::Auto,
        };
        Ok(Self { name, form, reader: Box::new(raw), places: None, source: None })
    }

    /// Why the input that was read is not complete, if its form tells. The module finds such an input incomplete too, but can't
    /// say why.
    #[must_use]
    pub fn cut_off(&self) -> Option<Failure> {
        self.places.as_ref()?.cut_off()
    }

    /// What is worth knowing of the input that was read and stops nothing.
    #[must_use]
    pub fn notes(&self) -> Vec<Failure> {
        self.places.as_ref().map(|places| places.notes()).unwrap_or_default()
    }

    /// What is known of the rows of a table.
    #[must_use]
    pub fn places(&self) -> Option<Arc<Places>> {
        self.places.clone()
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
    /// `PMH6301` if reading fails, `PMH6212`, `PMH6304`, `PMH6305`, `PMH6321` and `PMH6324` for a table that can't be split into rows.
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
        let opened = Input::open(folder.path(), &Shape::default(), &ProgressBar::hidden());
        assert_eq!(opened.err().unwrap().rule.code, "PMH6301");
    }
}
