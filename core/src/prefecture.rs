//! The 47 prefectures (都道府県) in JIS X 0401 order.

use crate::bytes::same;

/// Names in order: number 1 is the first.
///
/// ```
/// assert_eq!(pmh_core::prefecture::PREFECTURES.last(), Some(&"沖縄県"));
/// ```
pub const PREFECTURES: [&str; 47] = [
    "北海道",
    "青森県",
    "岩手県",
    "宮城県",
    "秋田県",
    "山形県",
    "福島県",
    "茨城県",
    "栃木県",
    "群馬県",
    "埼玉県",
    "千葉県",
    "東京都",
    "神奈川県",
    "新潟県",
    "富山県",
    "石川県",
    "福井県",
    "山梨県",
    "長野県",
    "岐阜県",
    "静岡県",
    "愛知県",
    "三重県",
    "滋賀県",
    "京都府",
    "大阪府",
    "兵庫県",
    "奈良県",
    "和歌山県",
    "鳥取県",
    "島根県",
    "岡山県",
    "広島県",
    "山口県",
    "徳島県",
    "香川県",
    "愛媛県",
    "高知県",
    "福岡県",
    "佐賀県",
    "長崎県",
    "熊本県",
    "大分県",
    "宮崎県",
    "鹿児島県",
    "沖縄県",
];

/// The number of a prefecture, 1 to 47.
///
/// ```
/// use pmh_core::prefecture::{PREFECTURES, number};
/// assert_eq!(number("東京都"), Some(13));
/// assert_eq!(number("東京"), None);
/// assert_eq!(PREFECTURES[12], "東京都");
/// ```
#[must_use]
pub fn number(name: &str) -> Option<u8> {
    let is = |known: &str| same(known.as_bytes(), name.as_bytes());
    PREFECTURES.iter().zip(1..).find_map(|(known, number)| is(known).then_some(number))
}

/// Whether a text begins with the name of a prefecture.
pub(crate) fn leads(text: &str) -> bool {
    PREFECTURES.iter().any(|name| text.starts_with(name))
}
