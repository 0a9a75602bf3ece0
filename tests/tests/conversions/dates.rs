//! Dates: every day in every notation, the limits of the eras, days that do not exist.

use chrono::{Datelike, Days, NaiveDate};
use pmh_core::convert::date::{DateError, Era, Notation, read};
use proptest::prelude::*;
use serde_json::json;

use crate::{cases, evaluated, full_width};

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
    if e > 999 {
        return all;
    }
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
        assert_eq!(right.name(), name);
        assert_eq!(read(&late, &[Notation::Era]), Err(DateError::EraEnded(first)), "{late}");
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

/// The ways that the ledgers of the domain write dates, as they stand there.
#[test]
fn notations_of_the_domain() {
    use Notation::{Era as E, EraNumber, Gregorian as G};
    let cases = [
        ("2013-01-01", G, day(2013, 1, 1)),
        ("2013/1/1", G, day(2013, 1, 1)),
        ("20130101", G, day(2013, 1, 1)),
        ("2013年1月1日", G, day(2013, 1, 1)),
        ("平成25年1月1日", E, day(2013, 1, 1)),
        ("H25.1.1", E, day(2013, 1, 1)),
        ("H25.01.01", E, day(2013, 1, 1)),
        ("h25.1.1", E, day(2013, 1, 1)),
        ("平25.1.1", E, day(2013, 1, 1)),
        ("㍻25年1月1日", E, day(2013, 1, 1)),
        ("4250101", EraNumber, day(2013, 1, 1)),
        ("２０１３－０１－０１", G, day(2013, 1, 1)),
        ("平成２５年　１月　１日", E, day(2013, 1, 1)),
        ("Ｈ２５．１．１", E, day(2013, 1, 1)),
        ("４２５０１０１", EraNumber, day(2013, 1, 1)),
        ("令和元年5月1日", E, day(2019, 5, 1)),
        ("令和1年5月1日", E, day(2019, 5, 1)),
        ("R元.5.1", E, day(2019, 5, 1)),
        ("平成元年1月8日", E, day(1989, 1, 8)),
        ("明治6年1月1日", E, day(1873, 1, 1)),
        ("2024-02-29", G, day(2024, 2, 29)),
        ("2000-02-29", G, day(2000, 2, 29)),
        ("令和6年2月29日", E, day(2024, 2, 29)),
        ("9999-12-31", G, day(9999, 12, 31)),
        ("99991231", G, day(9999, 12, 31)),
        ("９９９９年１２月３１日", G, day(9999, 12, 31)),
    ];
    for (text, notation, date) in cases {
        assert_eq!(read(text, &[notation]), Ok(date), "{text}");
        assert_eq!(read(text, &Notation::ALL), Ok(date), "{text} among all notations");
    }
}

/// The last and the first day of each era, a day before and a day after, in every notation of the era that they are written with.
#[test]
fn the_limits_of_each_era() {
    let right = |era: &str| eras().into_iter().map(|(name, ..)| name).position(|name| name == era);
    for (text, expected) in [
        ("明治45年7月29日", Ok(day(1912, 7, 29))),
        ("明治45年7月30日", Err("大正")),
        ("M45.07.30", Err("大正")),
        ("1450730", Err("大正")),
        ("大正元年7月29日", Err("明治")),
        ("大正元年7月30日", Ok(day(1912, 7, 30))),
        ("大正15年12月24日", Ok(day(1926, 12, 24))),
        ("大正15年12月25日", Err("昭和")),
        ("T15.12.25", Err("昭和")),
        ("2151225", Err("昭和")),
        ("昭和元年12月24日", Err("大正")),
        ("昭和元年12月25日", Ok(day(1926, 12, 25))),
        ("昭和64年1月7日", Ok(day(1989, 1, 7))),
        ("昭和64年1月8日", Err("平成")),
        ("S64.1.8", Err("平成")),
        ("3640108", Err("平成")),
        ("平成元年1月7日", Err("昭和")),
        ("平成元年1月8日", Ok(day(1989, 1, 8))),
        ("平成31年4月30日", Ok(day(2019, 4, 30))),
        ("平成31年5月1日", Err("令和")),
        ("H31.5.1", Err("令和")),
        ("4310501", Err("令和")),
        ("令和元年4月30日", Err("平成")),
        ("令和元年5月1日", Ok(day(2019, 5, 1))),
        ("R1.4.30", Err("平成")),
        ("5010430", Err("平成")),
    ] {
        let found = read(text, &Notation::ALL);
        match (found, expected) {
            (Err(DateError::OutsideEra(era)), Err(name)) => {
                assert_eq!(right(era.name()), right(name), "{text}");
            }
            (Err(DateError::EraEnded(date)), Err(name)) => {
                assert_eq!(Era::of(date).map(Era::name), Some(name), "{text}");
            }
            (found, expected) => assert_eq!(found.ok(), expected.ok(), "{text}: {found:?}"),
        }
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    /// Any day up to the open end, in any notation that can write it, in any width and with spaces, is read back.
    #[test]
    fn what_is_written_is_read(days in 0u64..2_968_000, pick in any::<prop::sample::Index>(), wide: bool, spaces in 0usize..4) {
        let date = day(1873, 1, 1) + Days::new(days);
        let all = writings(date);
        let (notation, text) = &all[pick.index(all.len())];
        let text = if wide { full_width(text) } else { text.clone() };
        let text: String = text.chars().flat_map(|c| std::iter::once(c).chain("　 　".chars().take(spaces))).collect();
        prop_assert_eq!(read(&text, &[*notation]), Ok(date), "{}", text);
    }

    /// A date with one digit changed is another day, or none: nothing is guessed and nothing passed over.
    #[test]
    fn a_changed_digit_is_never_passed_over(days in 0u64..83_000, pick in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(), by in 1u8..10) {
        let date = day(1873, 1, 1) + Days::new(days);
        let all = writings(date);
        let mut text = all[pick.index(all.len())].1.clone().into_bytes();
        let digits: Vec<usize> = (0..text.len()).filter(|at| text[*at].is_ascii_digit()).collect();
        let place = digits[place.index(digits.len())];
        text[place] = b'0' + (text[place] - b'0' + by) % 10;
        let text = String::from_utf8(text).expect("a text");
        prop_assert_ne!(read(&text, &Notation::ALL), Ok(date), "{}", text);
    }
}

/// What the certificate's date formats print is read back as the same day.
#[test]
fn printed_dates_are_read_again() {
    let dates: Vec<NaiveDate> = (0..2_400).map(|n| day(1873, 1, 1) + Days::new(n * 38)).collect();
    for format in ["era", "eraShort", "gregorian", "slash"] {
        let texts: Vec<String> = dates.iter().map(NaiveDate::to_string).collect();
        let printed = evaluated(&json!(format!("{{/文|{format}}}")), &texts);
        for (text, date) in printed.iter().zip(&dates) {
            assert_eq!(read(text, &Notation::ALL), Ok(*date), "{text}");
            assert_ne!(*text, date.to_string(), "{format}");
        }
    }
}
