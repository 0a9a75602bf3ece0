//! Numbers with their check digits, worked out from the published rules and not from the core.

/// 個人番号: eleven digits with their check digit (平成26年総務省令第85号 第5条).
pub(crate) fn my_number(eleven: &str) -> String {
    const WEIGHTS: [u32; 11] = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
    let sum: u32 = digits(eleven).zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let check = match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    };
    format!("{eleven}{check}")
}

/// 公費負担者番号 (seven digits before it) or 受給者番号 (six): the digits with their 検証番号.
pub(crate) fn verified(body: &str) -> String {
    let from_the_right: Vec<u32> = digits(body).collect();
    let total: u32 = from_the_right
        .iter()
        .rev()
        .zip([2, 1].into_iter().cycle())
        .map(|(digit, weight)| digit * weight / 10 + digit * weight % 10)
        .sum();
    format!("{body}{}", (10 - total % 10) % 10)
}

/// The number with its last digit put wrong.
pub(crate) fn spoiled(number: &str) -> String {
    let (body, check) = number.split_at(number.len() - 1);
    format!("{body}{}", (check.parse::<u32>().unwrap() + 1) % 10)
}

fn digits(text: &str) -> impl Iterator<Item = u32> {
    text.chars().map(|digit| digit.to_digit(10).unwrap())
}

/// Stops where the functions above don't give what was published.
pub(crate) fn agree_with_published_examples() {
    assert_eq!(my_number("12345678901"), "123456789018");
    assert_eq!(verified("5401602"), "54016027");
    assert_eq!(verified("8813445"), "88134457", "東京都 2024-10: printed as 88134458 by mistake");
}
