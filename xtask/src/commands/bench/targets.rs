//! What is aimed at, beside what was measured.

use std::time::Duration;

use super::contenders::{
    ENGINE, FLOOR, JAQ, JAVA, JQ, MODULE_IN_JAVA, MODULE_IN_NODE, NODE, PROGRAM, PROGRAM_TWICE, PYTHON, VRL,
};
use super::document::{Figures, median_of};
use super::process::Spent;

/// One aim: what it is about, its bound as it is told, and what was measured, as it is told, with whether it was reached.
pub(crate) struct Target {
    pub(crate) what: String,
    pub(crate) bound: String,
    /// `None` where it couldn't be measured on this machine.
    pub(crate) measured: Option<(String, bool)>,
}

/// Hundredths of a ratio.
type Hundredths = u64;

impl Target {
    fn at_least(what: &str, bound: Hundredths, ratio: Option<Hundredths>) -> Self {
        let measured = ratio.map(|ratio| (told(ratio), ratio >= bound));
        Self { what: what.to_owned(), bound: format!("≥ {}", told(bound)), measured }
    }

    fn at_most(what: &str, bound: Hundredths, ratio: Option<Hundredths>) -> Self {
        let measured = ratio.map(|ratio| (told(ratio), ratio <= bound));
        Self { what: what.to_owned(), bound: format!("≤ {}", told(bound)), measured }
    }

    fn below(what: &str, bound: u64, unit: &str, value: Option<u64>) -> Self {
        let measured = value.map(|value| (format!("{value} {unit}"), value <= bound));
        Self { what: what.to_owned(), bound: format!("≤ {bound} {unit}"), measured }
    }
}

/// `12.34`, without zeros at its end.
fn told(ratio: Hundredths) -> String {
    match (ratio / 100, ratio % 100) {
        (whole, 0) => whole.to_string(),
        (whole, rest) if rest % 10 == 0 => format!("{whole}.{}", rest / 10),
        (whole, rest) => format!("{whole}.{rest:02}"),
    }
}

/// How many times as long the second took.
fn ratio(one: Option<Duration>, other: Option<Duration>) -> Option<Hundredths> {
    let (one, other) = (one?.as_micros().max(1), other?.as_micros());
    u64::try_from(other * 100 / one).ok()
}

/// Every aim.
pub(crate) fn all(figures: &Figures) -> Vec<Target> {
    let spent =
        |name: &str| figures.rows.iter().find(|(row, _)| *row == name).map(|(_, spent)| spent.as_slice());
    let processor = |name: &str| median_of(spent(name)?, |spent: &Spent| spent.processor);
    let elapsed = |name: &str| median_of(spent(name)?, |spent: &Spent| spent.elapsed);
    let times = |one: &str, other: &str| ratio(processor(one), processor(other));
    let growth = |name: &str| figures.growth.iter().find(|growth| growth.name == name);
    let memory =
        growth(PROGRAM).and_then(|growth| Some((growth.spent.last()?.memory, growth.spent.first()?.memory)));
    let explain = figures.start_up.first().and_then(|(_, spent)| median_of(spent, |spent| spent.elapsed));
    let (raw, packed) = figures.module;
    let kib = |bytes: u64| bytes.div_ceil(1024);
    vec![
        Target::at_least("engine, all checks on, against the floor", 60, times(ENGINE, FLOOR)),
        Target::at_least("module under wasmtime against the engine", 70, times(PROGRAM, ENGINE)),
        Target::at_least("module in Node against Node by hand", 400, times(MODULE_IN_NODE, NODE)),
        Target::at_least("module in Java against Java by hand", 100, times(MODULE_IN_JAVA, JAVA)),
        Target::at_least("engine against Python by hand", 1_000, times(ENGINE, PYTHON)),
        Target::at_least("engine against jq", 3_000, times(ENGINE, JQ)),
        Target::at_least("engine against jaq", 4_000, times(ENGINE, JAQ)),
        Target::at_least("engine against VRL", 1_000, times(ENGINE, VRL)),
        Target::at_most(
            "ten times the records take … times as long",
            1_050,
            growth(ENGINE).and_then(|growth| {
                let [_, tenth, all] = growth.spent[..] else { return None };
                ratio(Some(tenth.processor), Some(all.processor))
            }),
        ),
        Target::below(
            "memory of `pmh transform`: a hundred times the records need … more",
            32 << 10,
            "KiB",
            memory.map(|(most, least)| most.saturating_sub(least) >> 10),
        ),
        Target::at_least(
            "`--jobs 2` against `--jobs 1`, elapsed",
            170,
            ratio(elapsed(PROGRAM_TWICE), elapsed(PROGRAM)),
        ),
        Target::at_least(
            "`pmh sync` sending a spooled set against `curl` posting the file, elapsed",
            80,
            figures.delivery.as_ref().and_then(|delivery| ratio(Some(delivery.sync), Some(delivery.curl))),
        ),
        Target::below("`pmh.wasm`", 400, "KiB", Some(kib(raw))),
        Target::below("`pmh.wasm`, Brotli", 150, "KiB", packed.map(kib)),
        Target::below(
            "first record after opening a profile, module compiled",
            5_000,
            "µs",
            figures.first_record,
        ),
        Target::below(
            "`pmh explain PMH3101`, whole process",
            50,
            "ms",
            explain.and_then(|elapsed| u64::try_from(elapsed.as_millis()).ok()),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_holds_on_its_side() {
        let reached = |target: Target| target.measured.map(|(_, reached)| reached);
        assert_eq!(reached(Target::at_least("", 60, Some(60))), Some(true));
        assert_eq!(reached(Target::at_least("", 60, Some(59))), Some(false));
        assert_eq!(reached(Target::at_most("", 1_050, Some(1_051))), Some(false));
        assert_eq!(reached(Target::below("", 5, "ms", None)), None);
    }

    #[test]
    fn ratios_are_told_shortly() {
        assert_eq!([60, 1_000, 123, 1_050].map(told), ["0.6", "10", "1.23", "10.5"]);
    }
}
