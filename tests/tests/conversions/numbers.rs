//! Whole numbers as ledgers write them, and that no text makes a conversion panic.

use pmh_core::convert::{
    check_digit,
    date::{Notation, read},
    name, number,
};
use proptest::prelude::*;

use crate::{cases, full_width};

#[test]
fn amounts_as_ledgers_write_them() {
    for (text, value) in [
        ("10,000", 10_000),
        ("１００００", 10_000),
        ("10000円", 10_000),
        ("￥10,000", 10_000),
        ("¥0", 0),
        ("002500", 2_500),
        ("　２，５００円　", 2_500),
        ("-500", -500),
        ("△500", -500),
        ("999,999,999,999,999,999", 999_999_999_999_999_999),
    ] {
        assert_eq!(number::integer(text), Some(value), "{text}");
    }
    for text in [
        "",
        " ",
        "円",
        "-",
        "5千円",
        "1万",
        "約5000",
        "1,00",
        "1,0000",
        ",100",
        "100,",
        "1,,000",
        "10.0",
        "1e4",
        "10 000",
        "--5",
        "+5",
        "五千",
        "1000円円",
        "9999999999999999999",
        "0x10",
        "①",
    ] {
        assert_eq!(number::integer(text), None, "{text}");
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

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
    fn whatever_comes_in_nothing_panics(text in prop_oneof![any::<String>(), "[0-9０-９]{0,40}", "[-0-9,.円¥年月日元/MTSHR令和]{0,30}"]) {
        let _ = (read(&text, &Notation::ALL), number::integer(&text), name::split(&text));
        let _ = (check_digit::my_number_holds(&text), check_digit::number_holds(&text));
    }
}
