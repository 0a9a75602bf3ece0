//! Findings and results for people: grouped by code, then by field, limited, aligned.
//!
//! One mistake of an export gives as many findings as there are records: they are one line with a count and a few examples.
//! The report has each of them.
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

/// How many lines are shown for one code.
const SHOWN: usize = 20;

/// How many with `-v`, when each finding has a line.
const SHOWN_VERBOSE: usize = 1000;

/// How many records of one cause are named, and how many as examples if there are more.
const RECORDS: usize = 20;
const EXAMPLES: usize = 5;

/// How many lines of all codes together.
const SHOWN_IN_ALL: usize = 20_000;

/// How many characters of a text are shown.
const SHOWN_CHARACTERS: usize = 400;

/// Findings of one code.
struct Group {
    count: usize,
    lines: Vec<Line>,
    help: Vec<String>,
}

/// Findings that differ only in their record: one cause.
struct Line {
    place: String,
    said: String,
    count: usize,
    /// The first of them.
    records: Vec<String>,
}

impl Line {
    fn of(finding: &Finding, lang: Lang) -> Self {
        let records = record(finding, lang).into_iter().collect();
        Self { place: place(finding, lang), said: said(finding, lang), count: 1, records }
    }

    /// Takes a finding of the same cause.
    fn take(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.records.extend(other.records);
        self.records.truncate(RECORDS);
    }

    /// Whether only examples are shown.
    fn is_shortened(&self) -> bool {
        !self.records.is_empty() && self.count > self.records.len()
    }

    fn shown(&self, lang: Lang) -> String {
        let Self { place, said, count, records } = self;
        let what = if place.is_empty() { said.clone() } else { format!("{place}: {said}") };
        let comma = match lang {
            Lang::En => ", ",
            Lang::Ja => "、",
        };
        let examples = || records.iter().take(EXAMPLES).map(String::as_str).collect::<Vec<_>>().join(comma);
        match (records.as_slice(), lang) {
            ([], _) if *count == 1 => what,
            ([record], _) if *count == 1 && place.is_empty() => format!("{record}: {what}"),
            ([record], _) if *count == 1 => format!("{record} {what}"),
            ([], Lang::En) => format!("{what} ({count} findings)"),
            ([], Lang::Ja) => format!("{what} {count}件"),
            (_, Lang::En) if self.is_shortened() => {
                format!("{what} ({count} findings, such as {}…)", examples())
            }
            (_, Lang::Ja) if self.is_shortened() => format!("{what} {count}件(例: {}…)", examples()),
            (records, Lang::En) => format!("{what} ({count} findings: {})", records.join(comma)),
            (records, Lang::Ja) => format!("{what} {count}件({})", records.join(comma)),
        }
    }
}

/// In which order findings are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Error,
    Warning,
    Acknowledged,
}

impl Weight {
    fn of(finding: &Finding) -> Self {
        match finding.severity {
            _ if finding.acknowledged.is_some() => Self::Acknowledged,
            Severity::Error => Self::Error,
            _ => Self::Warning,
        }
    }
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
    /// Errors first, what is acknowledged last, then by code.
    groups: BTreeMap<(Weight, String), Group>,
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
        let lang = self.ui.lang;
        let shown = if self.ui.verbose { SHOWN_VERBOSE } else { SHOWN };
        let group = self
            .groups
            .entry((Weight::of(finding), clipped(&finding.code)))
            .or_insert_with(|| Group { count: 0, lines: Vec::new(), help: helps(finding, lang) });
        group.count = group.count.saturating_add(1);
        let line = Line::of(finding, lang);
        // with `-v` each finding has a line
        let same =
            |known: &&mut Line| !self.ui.verbose && (&known.place, &known.said) == (&line.place, &line.said);
        if let Some(known) = group.lines.iter_mut().find(same) {
            known.take(line);
        } else if group.lines.len() < shown && self.lines < SHOWN_IN_ALL {
            self.lines = self.lines.saturating_add(1);
            group.lines.push(line);
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
        for ((weight, code), group) in &self.groups {
            let (style, word) = match weight {
                Weight::Error => (palette.error, &text::ERROR),
                Weight::Warning => (palette.warning, &text::WARNING),
                Weight::Acknowledged => (palette.faint, &text::ACKNOWLEDGED),
            };
            let title = rules::find(code).map_or("", |entry| entry.title.get(lang));
            let count = count(group.count, lang);
            // writing to a string can't fail
            let _ = writeln!(out, "{style}{}[{code}]{style:#} {title} ({count})", self.ui.say(word));
            for line in &group.lines {
                let _ = writeln!(out, "  {}", line.shown(lang));
            }
            let told: usize = group.lines.iter().map(|line| line.count).sum();
            let more = group.count.saturating_sub(told);
            let hint = match lang {
                _ if more == 0 && !group.lines.iter().any(Line::is_shortened) => None,
                Lang::En if more == 0 => {
                    Some("-v shows each record; --report FILE writes them all".to_owned())
                }
                Lang::Ja if more == 0 => {
                    Some("-v で各レコードを表示し、--report FILE ですべて出力できます".to_owned())
                }
                Lang::En => Some(format!("and {more} more; --report FILE writes them all")),
                Lang::Ja => Some(format!("ほか {more} 件(--report FILE ですべて出力できます)")),
            };
            if let Some(hint) = hint {
                let _ = writeln!(out, "  {faint}{hint}{faint:#}");
            }
            // somebody did what there was to do
            let helps = if *weight == Weight::Acknowledged { &[][..] } else { &group.help[..] };
            for help in helps {
                let _ = writeln!(out, "  {faint}{help}{faint:#}");
            }
            out.push('\n');
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
        Lang::En if count == 1 => "1 finding".to_owned(),
        Lang::En => format!("{count} findings"),
        Lang::Ja => format!("指摘{count}件"),
    }
}

/// What to do, a line for each who does it.
fn helps(finding: &Finding, lang: Lang) -> Vec<String> {
    text::helps(&clipped(&finding.help), finding.system_help.as_deref().map(clipped).as_deref(), lang)
}

/// Which record.
fn record(finding: &Finding, lang: Lang) -> Option<String> {
    let ordinal = finding.record?.saturating_add(1);
    let number = match lang {
        Lang::En => format!("record no. {ordinal}"),
        Lang::Ja => format!("{ordinal}件目"),
    };
    let number = match (finding.line, lang) {
        (Some(line), Lang::En) => format!("{number}, line {line}"),
        (Some(line), Lang::Ja) => format!("{number}・{line}行目"),
        (None, _) => number,
    };
    Some(match &finding.record_key {
        Some(key) => format!("{number} ({})", clipped(key)),
        None => number,
    })
}

/// What is wrong; what differs from record to record here gives each finding a line of its own.
fn said(finding: &Finding, lang: Lang) -> String {
    clipped(&finding.message) + &until(finding, lang) + &other(finding, lang)
}

/// The last day of an acknowledgement.
fn until(finding: &Finding, lang: Lang) -> String {
    match (&finding.acknowledged, lang) {
        (None, _) => String::new(),
        (Some(until), Lang::En) => format!(" (until {})", clipped(until)),
        (Some(until), Lang::Ja) => format!("(期限 {})", clipped(until)),
    }
}

/// Where in the record, in the profile or in the input.
fn place(finding: &Finding, lang: Lang) -> String {
    let mut parts = Vec::new();
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
    parts.join(" ")
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
    if let Some(counts) = &summary.acknowledged {
        row(ui.say(&text::ACKNOWLEDGED), counts.findings());
    }
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

    fn ui(lang: Lang, verbose: bool) -> Ui {
        Ui { lang, form: Form::Human, colour: Colour::Never, quiet: false, verbose }
    }

    fn finding(record: u64, source: &str) -> Finding {
        let mut finding: Finding = serde_json::from_str(FINDING).unwrap();
        finding.record = Some(record);
        finding.source = Some(source.to_owned());
        finding
    }

    fn render(ui: Ui, findings: impl IntoIterator<Item = Finding>) -> String {
        let mut human = Human::new(ui, Stream::Stdout);
        for finding in findings {
            human.finding(&finding);
        }
        human.render(&serde_json::from_str(SUMMARY).unwrap(), Palette::default())
    }

    #[test]
    fn findings_of_one_cause_are_one_line_with_a_count() {
        let findings = || {
            let many = (0..284).map(|record| finding(record, "/氏名"));
            many.chain([finding(7, "/住所")])
        };
        let english = render(ui(Lang::En, false), findings());
        assert!(english.starts_with("error[PMH3102]") && english.contains("(285 findings)\n"), "{english}");
        assert!(
            english.contains(
                "\n  /氏名 → /myNumber: m (284 findings, such as record no. 1 (0000000003), record no. 2 "
            ),
            "{english}"
        );
        assert!(english.contains("record no. 5 (0000000003)…)\n"), "{english}");
        assert!(
            english.contains("\n  record no. 8 (0000000003) /住所 → /myNumber: m\n  -v shows"),
            "{english}"
        );
        let japanese = render(ui(Lang::Ja, false), findings());
        assert!(japanese.contains("エラー[PMH3102]") && japanese.contains("(指摘285件)\n"), "{japanese}");
        assert!(
            japanese.contains("\n  /氏名 → /myNumber: m 284件(例: 1件目 (0000000003)、2件目"),
            "{japanese}"
        );
        assert!(japanese.contains("\n  8件目 (0000000003) /住所 → /myNumber: m\n"), "{japanese}");
        assert!(
            japanese.contains("5件目 (0000000003)…)\n") && japanese.contains("  -v で各レコード"),
            "{japanese}"
        );
        assert!(!japanese.contains('\u{1b}'), "{japanese}");
        let verbose = render(ui(Lang::En, true), findings());
        assert_eq!(verbose.matches(") /氏名 → /myNumber: m\n").count(), 284);
    }

    #[test]
    fn up_to_twenty_records_are_all_named() {
        for (records, all) in [(2_usize, true), (20, true), (21, false)] {
            let findings = (0..records as u64).map(|record| finding(record, "/氏名"));
            let shown = render(ui(Lang::Ja, false), findings);
            assert_eq!(shown.matches("件目 (").count(), if all { records } else { 5 }, "{shown}");
            assert_eq!(shown.contains("例: ") || shown.contains("-v "), !all, "{shown}");
        }
    }

    #[test]
    fn what_is_about_no_record_needs_no_example() {
        let mut profile = finding(0, "/fields");
        (profile.record, profile.record_key, profile.target) = (None, None, None);
        let shown = render(ui(Lang::En, false), [profile.clone()]);
        assert!(shown.contains("\n  /fields /fields/myNumber: m\n  → h\n"), "{shown}");
        let shown = render(ui(Lang::En, false), [profile.clone(), profile]);
        assert!(shown.contains("m (2 findings)\n  → h\n"), "{shown}");
    }

    #[test]
    fn causes_are_limited_and_none_is_left_uncounted() {
        // the last two causes have no line of their own, and one of them has two findings
        let fields = (0..22).chain([0, 21]).map(|number| finding(number, &format!("/{number}")));
        let english = render(ui(Lang::En, false), fields);
        assert!(english.contains("(24 findings)") && english.contains("and 3 more"), "{english}");
        assert_eq!(english.matches("/myNumber: m").count(), SHOWN);
        assert!(english.contains(
            "/0 → /myNumber: m (2 findings: record no. 1 (0000000003), record no. 1 (0000000003))"
        ));
        let one = render(ui(Lang::En, false), [finding(0, "/a")]);
        assert!(one.contains("(1 finding)"), "{one}");
    }

    #[test]
    fn desk_and_system_are_told_apart() {
        let mut both = finding(0, "/a");
        both.system_help = Some("s\u{1b}".to_owned());
        let english = render(ui(Lang::En, false), [both.clone()]);
        assert!(english.contains("\n  → desk: h\n  → system: s\\u{1b}\n\n"), "{english}");
        let japanese = render(ui(Lang::Ja, false), [both]);
        assert!(japanese.contains("\n  → 担当課: h\n  → システム担当: s"), "{japanese}");
        let one = render(ui(Lang::Ja, false), [finding(0, "/a")]);
        assert!(one.contains("\n  → h\n"), "{one}");
    }

    #[test]
    fn the_other_record_is_named_if_it_is_known() {
        let line = |other: &str, lang| {
            let text = FINDING.replace("\"help\"", &format!("\"other\":{other},\"help\""));
            said(&serde_json::from_str(&text).unwrap(), lang)
        };
        let known = r#"{"record":16,"recordKey":"0000012345"}"#;
        assert!(line(known, Lang::En).ends_with("m; the other is record no. 17 (0000012345)"));
        assert!(line(known, Lang::Ja).ends_with("m。もう一方は17件目 (0000012345)"));
        assert!(line(r#"{"record":0,"recordKey":null}"#, Lang::En).ends_with("; the other is record no. 1"));
        assert_eq!(line("null", Lang::Ja), "m");
    }

    #[test]
    fn full_width_labels_are_aligned() {
        let table = render(ui(Lang::Ja, false), []);
        let widths: Vec<usize> = table.lines().map(console_width).collect();
        assert!(widths.len() > 5 && widths.windows(2).all(|pair| pair[0] == pair[1]), "{table}{widths:?}");
    }

    fn console_width(line: &str) -> usize {
        line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
    }

    #[test]
    fn what_is_kept_to_be_shown_is_bounded() {
        for (verbose, codes, length) in [(false, 2_000, 1_000), (true, 512, 100_000)] {
            let mut human = Human::new(ui(Lang::En, verbose), Stream::Stdout);
            let mut finding = finding(0, "/a");
            finding.message = "長".repeat(length);
            finding.record_key = Some(finding.message.clone());
            for number in 0..SHOWN_IN_ALL + 500 {
                finding.code = format!("PMH{:04}", number % codes);
                finding.source = Some(number.to_string());
                human.finding(&finding);
            }
            let lines = || human.groups.values().flat_map(|group| &group.lines);
            assert_eq!(lines().count(), SHOWN_IN_ALL);
            let short = |text: &String| text.chars().count() < 3 * SHOWN_CHARACTERS;
            assert!(
                lines().all(|line| short(&line.place) && short(&line.said) && line.records.iter().all(short))
            );
        }
        let mut human = Human::new(ui(Lang::En, false), Stream::Stdout);
        for number in 0..1_000 {
            human.finding(&finding(number, "/a"));
        }
        let lines: Vec<&Line> = human.groups.values().flat_map(|group| &group.lines).collect();
        assert_eq!((lines.len(), lines[0].count, lines[0].records.len()), (1, 1_000, RECORDS));
    }
}
