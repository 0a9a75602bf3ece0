//! Conversions as properties: every day in every notation, and what check digits find.

#![expect(clippy::expect_used, reason = "a test that cannot go on stops")]

use chrono::{Datelike, Days, NaiveDate};
use pmh_core::convert::{
    check_digit,
    date::{DateError, Era, Notation, read},
    name, number,
};
use proptest::prelude::*;

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day")
}

/// Name, short name, letter, digit, first day; written down a second time on purpose.
fn eras() -> [(&'static str, &'static str, &'static str, u32, NaiveDate); 5] {
    [
        ("明治", "明", "M", 1, day(1868, 1, 25)),
        ("大正", "大", "T", 2, day(1912, 7, 30)),
        ("昭和", "昭", "S", 3, day(1926, 12, 25)),
        ("平成", "平", "H", 4, day(1989, 1, 8)),
        ("令和", "令", "R", 5, day(2019, 5, 1)),
    ]
}

/// Every way to write a day, with the notation that reads it.
fn writings(date: NaiveDate) -> Vec<(Notation, String)> {
    let (y, m, d) = (date.year(), date.month(), date.day());
    let mut all = vec![
        (Notation::Gregorian, format!("{y:04}-{m:02}-{d:02}")),
        (Notation::Gregorian, format!("{y}/{m}/{d}")),
        (Notation::Gregorian, format!("{y}.{m}.{d}")),
        (Notation::Gregorian, format!("{y:04}{m:02}{d:02}")),
        (Notation::Gregorian, format!("{y}年{m}月{d}日")),
    ];
    let era = eras().into_iter().rev().find(|(.., first)| *first <= date).expect("an era");
    let (name, short, letter, digit, first) = era;
    let e = y - first.year() + 1;
    all.push((Notation::Era, format!("{name}{e}年{m}月{d}日")));
    all.push((Notation::Era, format!("{name}{e:>2}年{m:>2}月{d:>2}日")));
    all.push((Notation::Era, format!("{letter}{e}.{m}.{d}")));
    all.push((Notation::Era, format!("{}{e:02}.{m:02}.{d:02}", letter.to_lowercase())));
    all.push((Notation::Era, format!("{short}{e}/{m}/{d}")));
    if e == 1 {
        all.push((Notation::Era, format!("{name}元年{m}月{d}日")));
    }
    if e <= 99 {
        all.push((Notation::Era, format!("{letter}{e:02}{m:02}{d:02}")));
        all.push((Notation::EraNumber, format!("{digit}{e:02}{m:02}{d:02}")));
    }
    all
}

fn full_width(text: &str) -> String {
    let wide =
        |c: char| if c.is_ascii_graphic() { char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c) } else { c };
    text.chars().map(wide).collect()
}

/// Each day from the change of calendar to the end of 2099, written in each notation, is read as that day by that notation alone.
#[test]
fn every_day_in_every_notation() {
    let first = day(1873, 1, 1);
    let mut date = first;
    while date.year() < 2100 {
        for (notation, text) in writings(date) {
            assert_eq!(read(&text, &[notation]), Ok(date), "{text}");
            assert_eq!(read(&full_width(&text), &[notation]), Ok(date), "{text} in full width");
            for other in Notation::ALL.into_iter().filter(|other| *other != notation) {
                assert_eq!(read(&text, &[other]), Err(DateError::Notation), "{text} as {other:?}");
            }
        }
        date = date + Days::new(if date.year() < 2030 { 1 } else { 17 });
    }
}

/// A day written with the era before or after its own names its own.
#[test]
fn the_days_around_each_change_of_era() {
    for (index, (name, .., first)) in eras().into_iter().enumerate().skip(1) {
        let (before, .., first_before) = eras()[index - 1];
        let last = first.pred_opt().expect("a day");
        assert_eq!(Era::of(first).map(Era::name), Some(name));
        assert_eq!(Era::of(last).map(Era::name), Some(before));
        let late = format!(
            "{before}{}年{}月{}日",
            first.year() - first_before.year() + 1,
            first.month(),
            first.day()
        );
        let right = Era::of(first).expect("an era");
        assert_eq!(read(&late, &[Notation::Era]), Err(DateError::OutsideEra(right)), "{late}");
        let early = format!("{name}元年{}月{}日", last.month(), last.day());
        let right = Era::of(last).expect("an era");
        assert_eq!(read(&early, &[Notation::Era]), Err(DateError::OutsideEra(right)), "{early}");
    }
}

#[test]
fn days_that_do_not_exist() {
    for text in [
        "2023-02-29",
        "1900-02-29",
        "2024-13-01",
        "2024-04-31",
        "2024-00-10",
        "2024-01-00",
        "令和6年2月30日",
        "H25.2.29",
        "5060230",
    ] {
        assert_eq!(read(text, &Notation::ALL), Err(DateError::NoSuchDay), "{text}");
    }
    for text in ["明治5年12月31日", "1872-12-31", "M01.01.25"] {
        assert_eq!(read(text, &Notation::ALL), Err(DateError::Before1873), "{text}");
    }
    for text in [
        "",
        "1/8/2023",
        "20-1-1",
        "令和5年8月",
        "令和5年8月1",
        "R5-8/1",
        "6010101",
        "2023-8-001",
        "令和の元年",
        "9999999999",
    ] {
        assert_eq!(read(text, &Notation::ALL), Err(DateError::Notation), "{text}");
    }
    assert_eq!(read("9999-12-31", &[Notation::Gregorian]), Ok(day(9999, 12, 31)));
}

/// Every number that differs from this one in one digit.
fn with_one_digit_changed(digits: &str) -> Vec<String> {
    let mut all = Vec::new();
    for at in 0..digits.len() {
        for digit in '0'..='9' {
            let changed = format!("{}{digit}{}", &digits[..at], &digits[at + 1..]);
            if changed != digits {
                all.push(changed);
            }
        }
    }
    all
}

/// Σ Pn×Qn mod 11 of the first eleven digits, calculated a second time.
fn remainder(number: &str) -> u32 {
    let digits = number[..11].chars().rev().filter_map(|c| c.to_digit(10));
    digits.zip(1..).map(|(p, n)| p * if n <= 6 { n + 1 } else { n - 5 }).sum::<u32>() % 11
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    /// A changed digit of a My Number is found, with the one exception that the formula has: remainders 0 and 1 share the check digit 0.
    #[test]
    fn a_changed_digit_of_a_my_number(first in "[0-9]{11}") {
        let number = format!("{first}{}", check_digit::my_number(&first).expect("digits"));
        prop_assert!(check_digit::my_number_holds(&number));
        for changed in with_one_digit_changed(&number) {
            let unnoticed = check_digit::my_number_holds(&changed);
            let shared = number.ends_with('0') && changed.ends_with('0') && remainder(&number) != remainder(&changed)
                && remainder(&number) <= 1 && remainder(&changed) <= 1;
            prop_assert_eq!(unnoticed, shared, "{} {}", number, changed);
        }
    }

    /// A changed digit of a payer or recipient number is always found.
    #[test]
    fn a_changed_digit_of_a_number(first in "[0-9]{6,7}") {
        let number = format!("{first}{}", check_digit::number(&first).expect("digits"));
        prop_assert!(check_digit::number_holds(&number));
        for changed in with_one_digit_changed(&number) {
            prop_assert!(!check_digit::number_holds(&changed), "{} {}", number, changed);
        }
    }

    /// What is printed with commas, 円 or in full width is read again.
    #[test]
    fn integers_are_read_as_written(value in 0i64..1_000_000_000_000) {
        let plain = value.to_string();
        let mut grouped = String::new();
        for (index, c) in plain.chars().enumerate() {
            if index > 0 && (plain.len() - index) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(c);
        }
        for text in [plain.clone(), grouped.clone(), format!("{grouped}円"), full_width(&grouped), format!("  {plain}　")] {
            prop_assert_eq!(number::integer(&text), Some(value), "{}", text);
        }
    }

    #[test]
    fn whatever_comes_in_nothing_panics(text in any::<String>()) {
        let _ = (read(&text, &Notation::ALL), number::integer(&text), name::split(&text));
        let _ = (check_digit::my_number_holds(&text), check_digit::number_holds(&text));
    }
}
