//! Findings and results for people: grouped by code, limited, aligned.
//!
//! Memory is bounded, whatever the number and length of findings. What is shown comes from the module's report;
//! control characters in it are not let through to the terminal.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, IsTerminal, Write},
};

use comfy_table::{CellAlignment, Table, presets};
use pmh_core::rules::{self, Lang, Severity};

use crate::{
    escape::printable,
    failure::Result,
    report::{Finding, Summary},
    text,
    ui::{self, Palette, Ui},
};

/// How many findings of one code are shown.
const SHOWN: usize = 20;

/// How many with `-v`.
const SHOWN_VERBOSE: usize = 1000;

/// How many of all codes together.
const SHOWN_IN_ALL: usize = 20_000;

/// How many characters of a text are shown.
const SHOWN_CHARACTERS: usize = 400;

/// Findings of one code.
struct Group {
    count: usize,
    lines: Vec<String>,
    help: String,
}

/// Which stream the findings are shown on: standard error where standard output carries the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Collects findings to show them at the end.
pub struct Human {
    ui: Ui,
    stream: Stream,
    /// Whether the command goes on without it if it can't be shown.
    beside: bool,
    /// Errors first, then by code.
    groups: BTreeMap<(std::cmp::Reverse<Severity>, String), Group>,
    /// Lines of all groups.
    lines: usize,
}

impl Human {
    /// Shows findings on this stream.
    #[must_use]
    pub fn new(ui: Ui, stream: Stream) -> Self {
        Self { ui, stream, beside: false, groups: BTreeMap::new(), lines: 0 }
    }

    /// Shows findings beside the command's work: if they can't be shown, that is told and nothing fails.
    #[must_use]
    pub fn beside(self) -> Self {
        Self { beside: true, ..self }
    }

    /// Whether nothing of it is shown.
    pub(crate) fn is_silent(&self) -> bool {
        self.ui.quiet
    }

    /// Takes a finding.
    pub fn finding(&mut self, finding: &Finding) {
        let shown = if self.ui.verbose { SHOWN_VERBOSE } else { SHOWN };
        let group = self
            .groups
            .entry((std::cmp::Reverse(finding.severity), clipped(&finding.code)))
            .or_insert_with(|| Group { count: 0, lines: Vec::new(), help: clipped(&finding.help) });
        group.count = group.count.saturating_add(1);
        if group.lines.len() < shown && self.lines < SHOWN_IN_ALL {
            self.lines = self.lines.saturating_add(1);
            group.lines.push(line(finding, self.ui.lang));
        }
    }

    /// Shows everything.
    ///
    /// # Errors
    ///
    /// `PMH6306` where the stream can't be written.
    pub fn end(self, summary: &Summary) -> Result<()> {
        if self.ui.quiet {
            return Ok(());
        }
        let shown = ui::written(match self.stream {
            Stream::Stdout => self.write_to(&mut io::stdout().lock(), summary),
            Stream::Stderr => self.write_to(&mut io::stderr().lock(), summary),
        });
        match shown {
            Err(failure) if self.beside => {
                self.ui.warn(&failure);
                Ok(())
            }
            shown => shown,
        }
    }

    fn write_to(&self, out: &mut (impl Write + IsTerminal), summary: &Summary) -> io::Result<()> {
        let palette = self.ui.palette(out);
        out.write_all(self.render(summary, palette).as_bytes())?;
        out.flush()
    }

    /// The text of it all.
    fn render(&self, summary: &Summary, palette: Palette) -> String {
        let lang = self.ui.lang;
        let faint = palette.faint;
        let mut out = String::new();
        for ((severity, code), group) in &self.groups {
            let (style, word) = match severity.0 {
                Severity::Error => (palette.error, &text::ERROR),
                _ => (palette.warning, &text::WARNING),
            };
            let title = rules::find(code).map_or("", |entry| entry.rule.title.get(lang));
            let count = count(group.count, lang);
            // writing to a string can't fail
            let _ = writeln!(out, "{style}{}[{code}]{style:#} {title} ({count})", self.ui.say(word));
            for line in &group.lines {
                let _ = writeln!(out, "  {line}");
            }
            let more = group.count.saturating_sub(group.lines.len());
            if more > 0 {
                let more = match lang {
                    Lang::En => format!("and {more} more; --report FILE writes them all"),
                    Lang::Ja => format!("ほか {more} 件(--report FILE ですべて出力できます)"),
                };
                let _ = writeln!(out, "  {faint}{more}{faint:#}");
            }
            let _ = writeln!(out, "  {faint}→ {}{faint:#}\n", group.help);
        }
        if summary.read == 0 && !summary.complete {
            // nothing was read, and the findings say why
            return out;
        }
        let _ = writeln!(out, "{}", summary_table(summary, self.ui).trim_fmt());
        if !summary.complete {
            let style = palette.error;
            let _ = writeln!(out, "{style}{}{style:#}", self.ui.say(&text::INCOMPLETE));
        }
        out
    }
}

fn count(count: usize, lang: Lang) -> String {
    match lang {
        Lang::En => count.to_string(),
        Lang::Ja => format!("{count}件"),
    }
}

/// One finding: which record, where, what.
fn line(finding: &Finding, lang: Lang) -> String {
    let mut parts = Vec::new();
    if let Some(record) = finding.record {
        let ordinal = record.saturating_add(1);
        parts.push(match lang {
            Lang::En => format!("record no. {ordinal}"),
            Lang::Ja => format!("{ordinal}件目"),
        });
    }
    if let Some(key) = &finding.record_key {
        parts.push(format!("({})", clipped(key)));
    }
    match (&finding.source, &finding.target) {
        (Some(source), Some(target)) => parts.push(format!("{} → {}", clipped(source), clipped(target))),
        (Some(place), None) | (None, Some(place)) => parts.push(clipped(place)),
        (None, None) => {}
    }
    if let (None, Some(place)) = (&finding.record, &finding.profile) {
        parts.push(clipped(place));
    }
    if let Some(offset) = finding.offset {
        parts.push(match lang {
            Lang::En => format!("byte {offset}"),
            Lang::Ja => format!("{offset}バイト目"),
        });
    }
    let message = clipped(&finding.message) + &other(finding, lang);
    if parts.is_empty() { message } else { format!("{}: {message}", parts.join(" ")) }
}

/// The other record of a finding that is about two, if it is known.
fn other(finding: &Finding, lang: Lang) -> String {
    let Some(other) = &finding.other else { return String::new() };
    let ordinal = other.record.saturating_add(1);
    let key = other.record_key.as_deref().map(|key| format!(" ({})", clipped(key))).unwrap_or_default();
    match lang {
        Lang::En => format!("; the other is record no. {ordinal}{key}"),
        Lang::Ja => format!("。もう一方は{ordinal}件目{key}"),
    }
}

/// Printable text, no longer than a person reads.
fn clipped(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}…", printable(text.get(..end).unwrap_or_default())),
        None => printable(text),
    }
}

/// The counts.
fn summary_table(summary: &Summary, ui: Ui) -> Table {
    let mut table = table();
    let mut row = |label: &str, count: u64| {
        table.add_row([label, &count.to_string()]);
    };
    row(ui.say(&text::READ), summary.read);
    row(ui.say(&text::ACCEPTED), summary.accepted);
    for (scheme, count) in &summary.by_scheme.0 {
        row(&format!("  {}", printable(text::scheme(scheme, ui.lang))), *count);
    }
    row(ui.say(&text::EXCLUDED), summary.excluded);
    row(ui.say(&text::REJECTED), summary.rejected);
    row(ui.say(&text::WARNINGS), summary.warnings);
    align_right(&mut table, &[1]);
    table
}

/// A table without lines.
pub(crate) fn table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table
}

/// Numbers stand at the right.
pub(crate) fn align_right(table: &mut Table, columns: &[usize]) {
    for &column in columns {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        report::tests::{FINDING, SUMMARY},
        ui::{Colour, Form},
    };

    fn render(lang: Lang, findings: usize, palette: Palette) -> String {
        let ui = Ui { lang, form: Form::Human, colour: Colour::Never, quiet: false, verbose: false };
        let mut human = Human::new(ui, Stream::Stdout);
        for _ in 0..findings {
            human.finding(&serde_json::from_str(FINDING).unwrap());
        }
        human.render(&serde_json::from_str(SUMMARY).unwrap(), palette)
    }

    #[test]
    fn findings_are_grouped_and_limited_in_both_languages() {
        let english = render(Lang::En, 23, Palette::default());
        assert!(english.starts_with("error[PMH3102]"), "{english}");
        assert!(english.contains("record no. 3 (0000000003) /個人番号 → /myNumber: m"), "{english}");
        assert!(english.contains("and 3 more"), "{english}");
        assert_eq!(english.matches("record no. 3").count(), SHOWN);
        let japanese = render(Lang::Ja, 23, Palette::default());
        assert!(japanese.contains("エラー[PMH3102]") && japanese.contains("(23件)"), "{japanese}");
        assert!(japanese.contains("3件目 (0000000003) /個人番号 → /myNumber: m"), "{japanese}");
        assert!(japanese.contains("ほか 3 件"), "{japanese}");
        assert!(!japanese.contains('\u{1b}'));
    }

    #[test]
    fn the_other_record_is_named_if_it_is_known() {
        let line = |other: &str, lang| {
            let text = FINDING.replace("\"help\"", &format!("\"other\":{other},\"help\""));
            line(&serde_json::from_str(&text).unwrap(), lang)
        };
        let known = r#"{"record":16,"recordKey":"0000012345"}"#;
        assert!(line(known, Lang::En).ends_with(": m; the other is record no. 17 (0000012345)"));
        assert!(line(known, Lang::Ja).ends_with(": m。もう一方は17件目 (0000012345)"));
        assert!(line(r#"{"record":0,"recordKey":null}"#, Lang::En).ends_with("; the other is record no. 1"));
        assert!(line("null", Lang::Ja).ends_with(": m"));
    }

    #[test]
    fn full_width_labels_are_aligned() {
        let table = render(Lang::Ja, 0, Palette::default());
        let widths: Vec<usize> = table.lines().map(console_width).collect();
        assert!(widths.len() > 5 && widths.windows(2).all(|pair| pair[0] == pair[1]), "{table}{widths:?}");
    }

    fn console_width(line: &str) -> usize {
        line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
    }

    #[test]
    fn what_is_kept_to_be_shown_is_bounded() {
        let ui = Ui { lang: Lang::En, form: Form::Human, colour: Colour::Never, quiet: false, verbose: true };
        let mut human = Human::new(ui, Stream::Stdout);
        let mut finding: Finding = serde_json::from_str(FINDING).unwrap();
        finding.message = "長".repeat(100_000);
        finding.record_key = Some(finding.message.clone());
        for number in 0..SHOWN_IN_ALL + 500 {
            finding.code = format!("PMH{:04}", number % 512);
            human.finding(&finding);
        }
        let lines = || human.groups.values().flat_map(|group| &group.lines);
        assert_eq!(lines().count(), SHOWN_IN_ALL);
        assert!(lines().all(|line| line.chars().count() < 3 * SHOWN_CHARACTERS));
    }
}
