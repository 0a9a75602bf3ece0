//! Days and the ways that municipal systems write them. A [`Day`] is what is written: it need not exist.

/// 元号.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Era {
    kanji: &'static str,
    letter: char,
    number: char,
    first: Day,
}

const fn era(kanji: &'static str, letter: char, number: char, first: Day) -> Era {
    Era { kanji, letter, number, first }
}

/// Latest first.
const ERAS: [Era; 4] = [
    era("令和", 'R', '5', day(2019, 5, 1)),
    era("平成", 'H', '4', day(1989, 1, 8)),
    era("昭和", 'S', '3', day(1926, 12, 25)),
    era("大正", 'T', '2', day(1912, 7, 30)),
];

/// A day of the Gregorian calendar as written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day {
    pub(crate) year: u16,
    pub(crate) month: u16,
    pub(crate) date: u16,
    /// Written in the era that had ended by then (昭和64年1月8日).
    pub(crate) in_ended_era: bool,
}

/// The day of that year, month and day.
pub(crate) const fn day(year: u16, month: u16, date: u16) -> Day {
    Day { year, month, date, in_ended_era: false }
}

impl Day {
    fn last_of_month(self) -> u16 {
        let leap =
            self.year.is_multiple_of(4) && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        match self.month {
            2 => 28 + u16::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    pub(crate) fn next(self) -> Self {
        match (self.month, self.date) {
            (12, 31) => day(self.year + 1, 1, 1),
            (month, last) if last == self.last_of_month() => day(self.year, month + 1, 1),
            (month, today) => day(self.year, month, today + 1),
        }
    }

    fn previous(self) -> Self {
        match (self.month, self.date) {
            (1, 1) => day(self.year - 1, 12, 31),
            (month, 1) => {
                let before = day(self.year, month - 1, 1);
                Self { date: before.last_of_month(), ..before }
            }
            (month, today) => day(self.year, month, today - 1),
        }
    }

    /// The last day of a period of that many months that begins on this day.
    pub(crate) fn last_of_period(self, months: u16) -> Self {
        let months = self.month - 1 + months;
        day(self.year + months / 12, months % 12 + 1, self.date).previous()
    }

    /// The era and the year in it.
    fn era(self) -> (Era, u16) {
        let right = ERAS.iter().position(|era| day(self.year, self.month, self.date) >= era.first).unwrap();
        let era = ERAS[right + usize::from(self.in_ended_era)];
        (era, self.year - era.first.year + 1)
    }

    /// `2026-04-01`
    pub(crate) fn iso(self) -> String {
        format!("{}-{:02}-{:02}", self.year, self.month, self.date)
    }

    /// `2026/4/1`
    pub(crate) fn slash(self) -> String {
        format!("{}/{}/{}", self.year, self.month, self.date)
    }

    /// `20260401`
    pub(crate) fn compact(self) -> String {
        format!("{}{:02}{:02}", self.year, self.month, self.date)
    }

    /// `令和8年4月1日`, first years as 元年
    pub(crate) fn era_kanji(self) -> String {
        match self.era() {
            (era, 1) => format!("{}元年{}月{}日", era.kanji, self.month, self.date),
            (era, year) => format!("{}{year}年{}月{}日", era.kanji, self.month, self.date),
        }
    }

    /// `平25.1.1`
    pub(crate) fn era_one_kanji(self) -> String {
        let (era, year) = self.era();
        format!("{}{year}.{}.{}", era.kanji.chars().next().unwrap(), self.month, self.date)
    }

    /// `H25.1.1`
    pub(crate) fn era_letter(self) -> String {
        let (era, year) = self.era();
        format!("{}{year}.{}.{}", era.letter, self.month, self.date)
    }

    /// `H25.01.01`
    pub(crate) fn era_letter_padded(self) -> String {
        let (era, year) = self.era();
        format!("{}{year:02}.{:02}.{:02}", era.letter, self.month, self.date)
    }

    /// `4250101`: the era's digit, then two digits each
    pub(crate) fn era_number(self) -> String {
        let (era, year) = self.era();
        format!("{}{year:02}{:02}{:02}", era.number, self.month, self.date)
    }
}
