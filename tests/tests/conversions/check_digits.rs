//! What check digits find and what they miss, exhaustively.
//!
//! Whether a mistake is noticed depends on the digits that it touches, their places, and what the other digits add up to, modulo 11
//! or 10. All of these are run through, so nothing is sampled; the explanations of PMH3102, PMH3105 and PMH3107 say what is shown here.

use pmh_core::convert::check_digit;

/// Σ Pn×Qn mod 11 of the first eleven digits, calculated a second time.
fn remainder(digits: &[u8]) -> u32 {
    let weights = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
    digits.iter().zip(weights).map(|(digit, weight)| u32::from(*digit) * weight).sum::<u32>() % 11
}

/// The sum of products' digits mod 10 of the digits before the last, calculated a second time.
fn total(digits: &[u8]) -> u32 {
    let doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
    let before = digits.iter().rev().skip(1).enumerate();
    before
        .map(|(n, digit)| if n % 2 == 0 { doubled[usize::from(*digit)] } else { u32::from(*digit) })
        .sum::<u32>()
        % 10
}

fn text(digits: &[u8]) -> String {
    digits.iter().map(|digit| char::from(b'0' + digit)).collect()
}

/// Numbers of `length` digits with these digits in these places, one for each value that `sum` takes; two of the other places are filled as it needs.
fn one_for_each_sum(
    length: usize,
    fixed: &[(usize, u8)],
    modulus: u32,
    sum: fn(&[u8]) -> u32,
) -> Vec<Vec<u8>> {
    let free: Vec<usize> = (0..length - 1).filter(|at| fixed.iter().all(|(place, _)| place != at)).collect();
    let mut found: Vec<Vec<u8>> = Vec::new();
    for filling in 0..100u8 {
        let mut digits = vec![0; length];
        (digits[free[0]], digits[free[1]]) = (filling / 10, filling % 10);
        for (place, digit) in fixed {
            digits[*place] = *digit;
        }
        if found.iter().all(|other| sum(other) != sum(&digits)) {
            found.push(digits);
        }
    }
    assert_eq!(found.len(), modulus as usize, "not every sum was made");
    found
}

fn with_check_digit(mut digits: Vec<u8>, calculate: fn(&str) -> Option<u8>) -> Vec<u8> {
    let last = digits.len() - 1;
    digits[last] = calculate(&text(&digits[..last])).expect("digits");
    digits
}

fn my_number_sum(digits: &[u8]) -> u32 {
    remainder(&digits[..11])
}

/// One changed digit of a My Number goes unnoticed where the remainder goes from 0 to 1 or back, since both have the check digit 0: in each of the first
/// eleven places in 18 of 990 cases (one in 55), in the last place never.
#[test]
fn one_changed_digit_of_a_my_number() {
    for place in 0..11 {
        let (mut missed, mut all) = (0, 0);
        for old in 0..10 {
            for digits in one_for_each_sum(12, &[(place, old)], 11, my_number_sum) {
                let digits = with_check_digit(digits, check_digit::my_number);
                assert!(check_digit::my_number_holds(&text(&digits)), "{digits:?}");
                for new in (0..10).filter(|new| *new != old) {
                    let mut changed = digits.clone();
                    changed[place] = new;
                    let unnoticed = check_digit::my_number_holds(&text(&changed));
                    let sums = [my_number_sum(&digits), my_number_sum(&changed)];
                    assert!(sums[0] != sums[1], "a changed digit always changes the remainder: {changed:?}");
                    assert_eq!(unnoticed, sums.iter().all(|sum| *sum <= 1), "{digits:?} {changed:?}");
                    all += 1;
                    missed += i32::from(unnoticed);
                }
            }
        }
        assert_eq!((missed, all), (18, 990), "place {place}");
    }
    for digits in one_for_each_sum(12, &[], 11, my_number_sum) {
        let digits = with_check_digit(digits, check_digit::my_number);
        for new in (0..10).filter(|new| *new != digits[11]) {
            let changed = [&digits[..11], &[new]].concat();
            assert!(!check_digit::my_number_holds(&text(&changed)), "{changed:?}");
        }
    }
}

/// Two neighbouring digits of a My Number that change places go unnoticed in the same one case in 55; the last two, the check digit among them, in
/// 2 of 99.
#[test]
fn two_neighbours_of_a_my_number_swapped() {
    for place in 0..10 {
        let (mut missed, mut all) = (0, 0);
        for (a, b) in pairs() {
            for digits in one_for_each_sum(12, &[(place, a), (place + 1, b)], 11, my_number_sum) {
                let mut swapped = with_check_digit(digits, check_digit::my_number);
                swapped.swap(place, place + 1);
                all += 1;
                missed += i32::from(check_digit::my_number_holds(&text(&swapped)));
            }
        }
        assert_eq!((missed, all), (18, 990), "place {place}");
    }
    let (mut missed, mut all) = (0, 0);
    for digit in 0..10 {
        for digits in one_for_each_sum(12, &[(10, digit)], 11, my_number_sum) {
            let mut swapped = with_check_digit(digits, check_digit::my_number);
            if swapped[11] != digit {
                swapped.swap(10, 11);
                all += 1;
                missed += i32::from(check_digit::my_number_holds(&text(&swapped)));
            }
        }
    }
    assert_eq!((missed, all), (2, 99));
}

fn pairs() -> impl Iterator<Item = (u8, u8)> {
    (0..10).flat_map(|a| (0..10).map(move |b| (a, b))).filter(|(a, b)| a != b)
}

/// One changed digit of a payer or recipient number is always noticed, in every place.
#[test]
fn one_changed_digit_of_a_number() {
    for length in [7, 8] {
        for place in 0..length {
            for old in 0..10 {
                for digits in one_for_each_sum(length, &[(place, old)], 10, total) {
                    let digits = if place < length - 1 {
                        with_check_digit(digits, check_digit::number)
                    } else {
                        digits
                    };
                    if !check_digit::number_holds(&text(&digits)) {
                        continue;
                    }
                    for new in (0..10).filter(|new| *new != old) {
                        let mut changed = digits.clone();
                        changed[place] = new;
                        assert!(!check_digit::number_holds(&text(&changed)), "{digits:?} {changed:?}");
                    }
                }
            }
        }
    }
}

/// Two neighbouring digits of a payer or recipient number that change places are noticed, but for 09 and 90.
#[test]
fn two_neighbours_of_a_number_swapped() {
    for length in [7, 8] {
        for place in 0..length - 1 {
            for (a, b) in pairs() {
                let mut seen = 0;
                for digits in one_for_each_sum(length, &[(place, a), (place + 1, b)], 10, total) {
                    let before_last = place + 1 < length - 1;
                    let digits =
                        if before_last { with_check_digit(digits, check_digit::number) } else { digits };
                    if !check_digit::number_holds(&text(&digits)) {
                        continue;
                    }
                    seen += 1;
                    let mut swapped = digits.clone();
                    swapped.swap(place, place + 1);
                    let unnoticed = check_digit::number_holds(&text(&swapped));
                    assert_eq!(unnoticed, matches!((a, b), (0, 9) | (9, 0)), "{digits:?} {swapped:?}");
                }
                assert_eq!(seen, if place + 1 < length - 1 { 10 } else { 1 });
            }
        }
    }
}

/// Numbers whose check digits are known from elsewhere.
#[test]
fn known_numbers() {
    for (first, last) in [("12345678901", 8), ("00000000000", 0), ("10000000000", 5), ("00000000001", 9)] {
        assert_eq!(check_digit::my_number(first), Some(last), "{first}");
    }
    for (first, last) in [("5401602", 7), ("8813445", 7), ("000001", 8), ("0000000", 0), ("1513801", 9)] {
        assert_eq!(check_digit::number(first), Some(last), "{first}");
    }
    for text in
        ["", "1", "1234567890", "123456789012", "1234567890a", "１２３４５６７８９０１", "-2345678901"]
    {
        assert_eq!(check_digit::my_number(text), None, "{text}");
    }
    for text in ["", "12a", "１２", "-1"] {
        assert_eq!(check_digit::number(text), None, "{text}");
    }
    assert!(
        !check_digit::my_number_holds("")
            && !check_digit::number_holds("")
            && !check_digit::number_holds("7")
    );
}
