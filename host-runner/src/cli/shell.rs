//! What a shell and `man` need of the command line: made of the same words as `--help`, in the chosen language.

use std::{fs, io, path::Path};

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;
use pmh_core::rules::{self, Lang, Text};

use super::Cli;
use crate::{
    failure::{Exit, Failure, Result},
    help,
    ui::{Ui, written},
};

/// The headings that the pages' library writes, and what stands there instead.
const HEADINGS: [(&str, Text); 6] = [
    ("NAME", Text { en: "NAME", ja: "名前" }),
    ("SYNOPSIS", Text { en: "SYNOPSIS", ja: "書式" }),
    ("DESCRIPTION", Text { en: "DESCRIPTION", ja: "説明" }),
    ("Commands", Text { en: "COMMANDS", ja: "コマンド" }),
    ("EXTRA", Text { en: "EXAMPLES AND EXIT CODES", ja: "例と終了コード" }),
    ("VERSION", Text { en: "VERSION", ja: "バージョン" }),
];

/// Prints the definitions for a shell.
pub(super) fn completions(shell: Shell, ui: Ui) -> Result<Exit> {
    let mut definitions = Vec::new();
    clap_complete::generate(shell, &mut command(ui.lang), "pmh", &mut definitions);
    written(io::Write::write_all(&mut io::stdout().lock(), &definitions))?;
    Ok(Exit::Done)
}

/// Writes the manual pages, `pmh.1`, `pmh-sync.1` and so on.
pub(super) fn man(folder: &Path, ui: Ui) -> Result<Exit> {
    let unwritable = |error: &io::Error| Failure::file(&rules::FILE_UNWRITABLE, folder, error);
    fs::create_dir_all(folder).map_err(|error| unwritable(&error))?;
    let mut command = command(ui.lang);
    command.build();
    pages(&command, ui.lang, &mut |name, page| {
        let path = folder.join(name);
        fs::write(&path, page).map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, &path, &error))
    })?;
    Ok(Exit::Done)
}

fn command(lang: Lang) -> Command {
    help::localise(Cli::command(), lang)
}

/// The page of a command, and those of the commands below it.
fn pages(command: &Command, lang: Lang, put: &mut dyn FnMut(&str, String) -> Result<()>) -> Result<()> {
    let full = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let mut page = Vec::new();
    let man = Man::new(command.clone()).manual("PMH").source(concat!("pmh ", env!("CARGO_PKG_VERSION")));
    man.render(&mut page).map_err(|error| Failure::internal(error.kind()))?;
    let page = String::from_utf8(page).map_err(Failure::internal)?;
    put(&format!("{full}.1"), headed(&page, lang))?;
    command.get_subcommands().try_for_each(|sub| pages(sub, lang, put))
}

/// A page with headings in its language.
fn headed(page: &str, lang: Lang) -> String {
    let mut out = String::with_capacity(page.len());
    for line in page.lines() {
        let heading = line.strip_prefix(".SH ").map(|name| name.trim_matches('"'));
        match HEADINGS.iter().find(|(name, _)| Some(*name) == heading) {
            Some((_, text)) => out.extend([".SH \"", text.get(lang), "\"\n"]),
            None => out.extend([line, "\n"]),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_in_one_language() {
        for lang in [Lang::En, Lang::Ja] {
            let mut command = command(lang);
            command.build();
            let (mut names, mut headings) = (Vec::new(), Vec::new());
            pages(&command, lang, &mut |name, page| {
                names.push(name.to_owned());
                headings.extend(page.lines().filter_map(|line| line.strip_prefix(".SH ").map(str::to_owned)));
                Ok(())
            })
            .unwrap();
            assert!(names.len() > 12 && names.contains(&"pmh-profile-trace.1".to_owned()), "{names:?}");
            assert!(headings.len() > 60);
            assert!(headings.iter().all(|heading| heading.is_ascii() == (lang == Lang::En)), "{headings:?}");
        }
    }
}
