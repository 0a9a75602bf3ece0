//! The schemes (制度) of public medical subsidies, told apart by the payer number's first two digits (法別番号).

use chrono::{Datelike, NaiveDate};
use serde::Serialize;

/// A scheme. Its id is what a profile's `scheme` results in and what a summary counts by.
///
/// ```
/// use pmh_core::Scheme;
/// let scheme = Scheme::from_id("seishin").unwrap();
/// assert_eq!((scheme.id(), scheme.name(), scheme.number()), ("seishin", "精神通院医療", Some(21)));
/// assert!(scheme.is_jiritsu() && scheme.is_national() && !Scheme::Local.is_national());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// 結核医療 (10, 11).
    Kekkaku,
    /// 更生医療 (15).
    Kosei,
    /// 育成医療 (16).
    Ikusei,
    /// 精神通院医療 (21).
    Seishin,
    /// 養育医療 (23).
    Yoiku,
    /// 小児慢性特定疾病医療費 (52).
    Shoman,
    /// 特定医療費(指定難病) (54).
    Nanbyo,
    /// Local schemes, 地方単独事業 (40–49 and 80–99, unless a profile names its own).
    Local,
}

impl Scheme {
    /// Every scheme, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::Kekkaku,
        Self::Kosei,
        Self::Ikusei,
        Self::Seishin,
        Self::Yoiku,
        Self::Shoman,
        Self::Nanbyo,
        Self::Local,
    ];

    /// The id in profiles and reports.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Kekkaku => "kekkaku",
            Self::Kosei => "kosei",
            Self::Ikusei => "ikusei",
            Self::Seishin => "seishin",
            Self::Yoiku => "yoiku",
            Self::Shoman => "shoman",
            Self::Nanbyo => "nanbyo",
            Self::Local => "local",
        }
    }

    /// The scheme with this id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.id() == id)
    }

    /// The name as certificates print it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Kekkaku => "結核医療",
            Self::Kosei => "更生医療",
            Self::Ikusei => "育成医療",
            Self::Seishin => "精神通院医療",
            Self::Yoiku => "養育医療",
            Self::Shoman => "小児慢性特定疾病医療費",
            Self::Nanbyo => "特定医療費（指定難病）",
            Self::Local => "医療費助成",
        }
    }

    /// The payer numbers' first two digits (法別番号); `None` for schemes that have several.
    #[must_use]
    pub fn number(self) -> Option<u8> {
        match self {
            Self::Kosei => Some(15),
            Self::Ikusei => Some(16),
            Self::Seishin => Some(21),
            Self::Yoiku => Some(23),
            Self::Shoman => Some(52),
            Self::Nanbyo => Some(54),
            Self::Kekkaku | Self::Local => None,
        }
    }

    /// Whether payer numbers of this scheme may begin with this number; `local` has those that a profile names for local schemes.
    pub(crate) fn has_number(self, number: u8, local: Option<&[u8]>) -> bool {
        match (self, local) {
            (Self::Kekkaku, _) => matches!(number, 10 | 11),
            (Self::Local, Some(local)) => local.contains(&number),
            (Self::Local, None) => matches!(number, 40..=49 | 80..=99),
            _ => self.number() == Some(number),
        }
    }

    /// One of the three 自立支援医療 schemes: gender `"0"`, copayment in `common` alone.
    #[must_use]
    pub fn is_jiritsu(self) -> bool {
        matches!(self, Self::Kosei | Self::Ikusei | Self::Seishin)
    }

    /// A scheme of the state: recipient numbers have 7 digits with a check digit.
    #[must_use]
    pub fn is_national(self) -> bool {
        self != Self::Local
    }
}

/// The day before the same day `years` later: the last day of a period of that many whole years.
pub(crate) fn last_day_of_years(start: NaiveDate, years: i32) -> Option<NaiveDate> {
    anniversary(start, years)?.pred_opt()
}

/// The same day `years` later; 29 February counts as 1 March where there is none.
#[inline(never)]
pub(crate) fn anniversary(date: NaiveDate, years: i32) -> Option<NaiveDate> {
    let year = date.year().checked_add(years)?;
    date.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, 3, 1))
}
