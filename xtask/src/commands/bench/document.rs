//! Writes what was measured to `docs/performance.md`, between its two marks, and as a plot beside it.

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use pmh_xtask::{Error, Result, workspace_root};

use super::contenders::ENGINE;
use super::delivery::Delivery;
use super::process::{Spent, median};
use super::targets::{self, Target};

const BEGIN: &str = "<!-- measured: cargo xtask bench -->";
const END: &str = "<!-- /measured -->";

/// Everything that a run measured.
pub(crate) struct Figures {
    pub(crate) records: u64,
    pub(crate) rounds: usize,
    /// Bytes of the input.
    pub(crate) input: u64,
    /// Bytes of a record's payload.
    pub(crate) output: u64,
    /// Each contender's turns.
    pub(crate) rows: Vec<(&'static str, Vec<Spent>)>,
    /// Whole processes that have next to nothing to do.
    pub(crate) start_up: Vec<(&'static str, Vec<Spent>)>,
    /// Bytes of the module, and compressed.
    pub(crate) module: (u64, Option<u64>),
    pub(crate) growth: Vec<Growth>,
    pub(crate) delivery: Option<Delivery>,
    /// Microseconds from a profile's bytes to the first record's payload.
    pub(crate) first_record: Option<u64>,
}

/// The middle of one of the things that processes took.
pub(crate) fn median_of(spent: &[Spent], what: impl Fn(&Spent) -> Duration) -> Option<Duration> {
    median(spent.iter().map(what))
}

/// One contender at a hundredth, a tenth and all of the records.
pub(crate) struct Growth {
    pub(crate) name: &'static str,
    pub(crate) counts: [u64; 3],
    pub(crate) spent: Vec<Spent>,
}

/// Processor time a record in nanoseconds: the middle, and the least and the most.
struct PerRecord {
    median: u64,
    least: u64,
    most: u64,
}

impl PerRecord {
    fn of(spent: &[Spent], records: u64) -> Self {
        let times = || spent.iter().map(|spent| nanoseconds(spent.processor) / records.max(1));
        Self {
            median: median(times()).unwrap_or(0).max(1),
            least: times().min().unwrap_or(0),
            most: times().max().unwrap_or(0),
        }
    }

    /// Records a second of one core.
    fn throughput(&self) -> u64 {
        1_000_000_000 / self.median
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// `numerator / denominator` with two decimals.
fn ratio(numerator: u64, denominator: u64) -> String {
    let hundredths = numerator.saturating_mul(100) / denominator.max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Milliseconds with one decimal.
fn milliseconds(time: Duration) -> String {
    let tenths = time.as_micros() / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Puts the tables between the marks of the document, and the plot beside it.
pub(crate) fn write(figures: &Figures, machine: &[String]) -> Result<()> {
    let docs = workspace_root().join("docs");
    let file = docs.join("performance.md");
    let text = fs::read_to_string(&file).map_err(Error::while_doing(file.display()))?;
    let Some((before, after)) =
        text.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)))
    else {
        return Err(Error::new(format!("{} has no place for the figures", file.display())));
    };
    let text = format!("{before}{BEGIN}\n{}{END}{after}", tables(figures, machine));
    fs::write(&file, text).map_err(Error::while_doing(file.display()))?;
    let plot = docs.join("performance.svg");
    fs::write(&plot, svg(figures)).map_err(Error::while_doing(plot.display()))?;
    println!("{}\n{}", file.display(), plot.display());
    Ok(())
}

fn tables(figures: &Figures, machine: &[String]) -> String {
    let Figures { records, rounds, input, output, .. } = figures;
    let mut text = String::new();
    let mut line = |words: String| {
        let _ = writeln!(text, "{words}");
    };
    line(format!(
        "{records} records, {} bytes each in and {output} out, {rounds} rounds, in turns.\n",
        input / records.max(&1)
    ));
    for words in machine {
        line(format!("- {words}"));
    }
    line("\n| | records/s of a core | MB/s in | µs a record (least–most) | elapsed s | peak MiB | engine is … times as fast |".into());
    line("|---|---:|---:|---:|---:|---:|---:|".into());
    let engine = figures.rows.iter().find(|(name, _)| *name == ENGINE);
    let engine = engine.map_or(1, |(_, spent)| PerRecord::of(spent, *records).median);
    for (name, spent) in &figures.rows {
        let per = PerRecord::of(spent, *records);
        let elapsed = median(spent.iter().map(|spent| spent.elapsed)).unwrap_or_default();
        let memory = median(spent.iter().map(|spent| spent.memory)).unwrap_or(0);
        line(format!(
            "| {name} | {} | {} | {} ({}–{}) | {}.{:02} | {} | {} |",
            per.throughput(),
            per.throughput() * (input / records.max(&1)) / 1_000_000,
            ratio(per.median, 1_000),
            ratio(per.least, 1_000),
            ratio(per.most, 1_000),
            elapsed.as_secs(),
            elapsed.subsec_millis() / 10,
            memory >> 20,
            ratio(per.median, engine),
        ));
    }
    line("\n![Records a second of one core](performance.svg)\n".into());
    line("| whole process | elapsed ms | processor ms |\n|---|---:|---:|".into());
    for (name, spent) in &figures.start_up {
        let what =
            if name.starts_with("pmh explain") { (*name).to_owned() } else { format!("one record: {name}") };
        let elapsed = median(spent.iter().map(|spent| spent.elapsed)).unwrap_or_default();
        let processor = median(spent.iter().map(|spent| spent.processor)).unwrap_or_default();
        line(format!("| {what} | {} | {} |", milliseconds(elapsed), milliseconds(processor)));
    }
    if !figures.growth.is_empty() {
        line("\n| growth | processor time | peak memory |\n|---|---:|---:|".into());
    }
    for Growth { name, counts: [least, _, most], spent } in &figures.growth {
        if let [first, tenth, all] = spent[..] {
            line(format!(
                "| {name} | {most} records take {} times as long as a tenth | {most} records take {} KiB more than {least} |",
                ratio(nanoseconds(all.processor), nanoseconds(tenth.processor)),
                all.memory.saturating_sub(first.memory) >> 10,
            ));
        }
    }
    if let Some(Delivery { records, bytes, sync, curl }) = &figures.delivery {
        line(format!(
            "\n{records} records, {} MB: `pmh sync` sends them from its spool in {} ms, `curl` posts the file in {} ms.",
            bytes / 1_000_000,
            milliseconds(*sync),
            milliseconds(*curl),
        ));
    }
    let (raw, compressed) = figures.module;
    let compressed =
        compressed.map_or_else(|| "not measured".to_owned(), |bytes| format!("{} KiB", bytes >> 10));
    line(format!("\n`pmh.wasm`: {} KiB, {compressed} with Brotli.\n", raw >> 10));
    line("Ratios are of processor time a record unless said otherwise; more is better where the bound is a least.\n".into());
    line("| target | bound | measured | |\n|---|---:|---:|---|".into());
    for Target { what, bound, measured } in targets::all(figures) {
        let (measured, reached) = measured.unwrap_or_else(|| ("not measured".to_owned(), false));
        line(format!("| {what} | {bound} | {measured} | {} |", if reached { "✓" } else { "✗" }));
    }
    line(String::new());
    text
}

/// Bars of records a second, on a logarithmic scale: each grid line is ten times the one before.
fn svg(figures: &Figures) -> String {
    const LEFT: u64 = 250;
    const DECADE: u64 = 130;
    let rows = u64::try_from(figures.rows.len()).unwrap_or(0);
    let (width, height) = (LEFT + 4 * DECADE + 90, rows * 28 + 40);
    let mut plot = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    for (decade, label) in [(0, "100"), (1, "1,000"), (2, "10,000"), (3, "100,000"), (4, "1,000,000")] {
        let x = LEFT + decade * DECADE;
        let bottom = height - 24;
        let _ = writeln!(
            plot,
            "<path d=\"M{x} 8V{bottom}\" stroke=\"#ccc\"/><text x=\"{x}\" y=\"{}\" text-anchor=\"middle\" fill=\"#555\">{label}</text>",
            height - 8
        );
    }
    for (number, (name, spent)) in (0_u64..).zip(&figures.rows) {
        let throughput = PerRecord::of(spent, figures.records).throughput();
        let y = 14 + number * 28;
        let fill = if *name == ENGINE { "#1565c0" } else { "#90a4ae" };
        let bar = decades(throughput.max(100) / 100, DECADE);
        let _ = writeln!(
            plot,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{name}</text><rect x=\"{LEFT}\" y=\"{y}\" width=\"{bar}\" height=\"18\" fill=\"{fill}\"/><text x=\"{}\" y=\"{}\">{throughput}</text>",
            LEFT - 8,
            y + 14,
            LEFT + bar + 6,
            y + 14
        );
    }
    plot + "</svg>\n"
}

/// The logarithm to base 10, times `scale`, without floats: whole decades, and the rest by halving the mantissa's square.
fn decades(value: u64, scale: u64) -> u64 {
    // log10 from log2 with 10 fractional bits: 2^10 · log2(value) / log2(10)
    let mut fraction = u128::from(value.max(1)) << 32;
    let mut log2 = 0_u64;
    while fraction >= 2 << 32 {
        fraction >>= 1;
        log2 += 1 << 10;
    }
    for bit in (0..10).rev() {
        fraction = (fraction * fraction) >> 32;
        if fraction >= 2 << 32 {
            fraction >>= 1;
            log2 += 1 << bit;
        }
    }
    // log2(10) · 2^10 = 3401.65
    log2 * scale / 3_402
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_has_two_decimals() {
        assert_eq!(ratio(7, 4), "1.75");
        assert_eq!(ratio(1, 0), "1.00");
    }

    #[test]
    fn a_decade_is_as_long_as_the_next() {
        for (value, expected) in [(1, 0), (10, 100), (100, 200), (1_000, 300), (10_000, 400)] {
            assert!(decades(value, 100).abs_diff(expected) <= 1, "{value}: {}", decades(value, 100));
        }
        assert!(decades(31, 100).abs_diff(149) <= 1);
    }
}
