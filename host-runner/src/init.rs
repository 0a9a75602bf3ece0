//! `pmh init`: a folder in which everything works at once, with synthetic records. It never overwrites.
//!
//! A run refuses files that others can write, so the modes don't depend on the umask.

use std::{
    borrow::Cow,
    fs::{self, OpenOptions},
    io::{self, Write},
    path::Path,
};

use pmh_core::{
    Profile,
    rules::{self, Lang},
};

use crate::{
    escape::printable,
    failure::{Exit, Failure, Result},
    text,
    ui::Ui,
};

/// The files, whose comments are Japanese or English.
fn files(lang: Lang) -> [(&'static str, Cow<'static, str>); 6] {
    let (config, readme) = match lang {
        Lang::Ja => (include_str!("../templates/pmh.ja.toml"), include_str!("../templates/README.ja.md")),
        Lang::En => (include_str!("../templates/pmh.en.toml"), include_str!("../templates/README.en.md")),
    };
    [
        ("pmh.toml", config.into()),
        ("profile.json", include_str!("../templates/profile.json").into()),
        ("profile.tests.json", include_str!("../templates/profile.tests.json").into()),
        ("profile.schema.json", Profile::schema().into()),
        ("records.ndjson", include_str!("../templates/records.ndjson").into()),
        ("README.md", readme.into()),
    ]
}

/// Makes a file that only its owner can write, and everybody can read: nothing in these files is secret.
fn create(path: &Path) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata()?.permissions().mode();
        file.set_permissions(fs::Permissions::from_mode(mode & 0o644 | 0o600))?;
    }
    Ok(file)
}

/// Makes the folder, if there is none, so that only its owner can put files there.
fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o755);
    builder.create(folder)
}

/// Writes the files into a folder, which is created if there is none.
///
/// # Errors
///
/// `PMH6307` if one of them exists already (nothing is written then), `PMH6306` if writing fails.
pub fn init(folder: &Path, ui: Ui) -> Result<Exit> {
    let unwritable = |path: &Path, error: &io::Error| Failure::file(&rules::FILE_UNWRITABLE, path, error);
    make_folder(folder).map_err(|error| unwritable(folder, &error))?;
    let files = files(ui.lang).map(|(name, content)| (folder.join(name), content));
    if let Some((path, _)) = files.iter().find(|(path, _)| path.exists()) {
        return Err(Failure::new(&rules::FILE_EXISTS, path.display()));
    }
    for (path, content) in &files {
        create(path)
            .and_then(|mut file| file.write_all(content.as_bytes()))
            .map_err(|error| unwritable(path, &error))?;
    }
    if !ui.quiet {
        for (path, _) in &files {
            ui.print(printable(&path.display().to_string()))?;
        }
        ui.print(format_args!(
            "{}\n  cd {}\n  pmh sync --config pmh.toml --as-of 2026-04-01 --dry-run",
            ui.say(&text::TRY_IT),
            printable(&folder.display().to_string())
        ))?;
    }
    Ok(Exit::Done)
}
