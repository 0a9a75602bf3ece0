//! The options that say what a file of records is like.

use std::{path::PathBuf, sync::Arc};

use clap::Args;

use super::{Delimiter, Encoding, Format, Shape};
use crate::{failure::Result, table::Layout};

/// What the command line says of the records.
#[derive(Debug, Clone, Args)]
pub struct ShapeArgs {
    #[arg(long, value_name = "json|ndjson|csv|fixed", value_enum)]
    input_format: Option<Format>,
    #[arg(long, value_name = "utf-8|shift_jis", value_enum, default_value_t)]
    encoding: Encoding,
    #[arg(long, value_name = ",|;|tab", value_enum, allow_hyphen_values = true)]
    delimiter: Option<Delimiter>,
    #[arg(long)]
    no_header: bool,
    #[arg(long, value_name = "FILE")]
    columns: Option<PathBuf>,
}

impl ShapeArgs {
    /// The shape, with its column table read. A column table says that the records have a fixed length.
    ///
    /// # Errors
    ///
    /// As [`Layout::load`].
    pub fn shape(&self) -> Result<Shape> {
        let columns = self.columns.as_deref().map(Layout::load).transpose()?.map(Arc::new);
        Ok(Shape {
            format: self.input_format.or(columns.as_ref().map(|_| Format::Fixed)),
            encoding: self.encoding,
            delimiter: self.delimiter,
            header: !self.no_header,
            columns,
        })
    }
}
