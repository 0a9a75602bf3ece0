//! 35xx and 42xx: the copayment limit (自己負担上限額).

use chrono::NaiveDate;

use super::rules;
use crate::{
    eval::At,
    payload::{FIELDS, Field, SECTOR_ITEMS, SECTORS},
    record::{Findings, Record},
    scheme::Scheme,
};

rules! {
    /// A burden ratio (負担率) is 0 to 100 percent.
    ///
    /// - Why: nothing else is a percentage of a bill.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, `burdenRatio`.
    /// - Bad: `1000`
    /// - Good: `10`
    ///
    /// # 日本語
    ///
    /// 負担率は0〜100(%)です。
    ///
    /// - 理由: 医療費に対する割合であり、これ以外の値はあり得ません。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)の `burdenRatio`。
    /// - 誤りの例: `1000`
    /// - 正しい例: `10`
    RATIO_RANGE = "PMH3501", Error fixed {
        title: "burden ratio out of range", "負担率が範囲外";
        message: "the burden ratio is not 0 to 100 percent", "負担率が0〜100ではありません";
        help: "check the copayment limit in the register", "受給者台帳の自己負担の欄を確認してください";
        system: "check whether an amount is mapped to the ratio", "金額を負担率に対応付けていないか確認してください";
    }

    /// An amount (負担上限額) is 0 to 99,999,999 yen.
    ///
    /// - Why: a limit cannot be negative, and a larger one is a date or a number that was mapped by mistake.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, `amount`; the upper end is a decision of this project.
    /// - Bad: `-1`
    /// - Good: `10000`
    ///
    /// # 日本語
    ///
    /// 負担上限額は0〜99,999,999円です。
    ///
    /// - 理由: 負の値はあり得ず、これより大きい値は日付や番号の対応付け誤りと考えられます。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)の `amount`(上限は本ソフトウェアの基準)。
    /// - 誤りの例: `-1`
    /// - 正しい例: `10000`
    AMOUNT_RANGE = "PMH3502", Error fixed {
        title: "amount out of range", "金額が範囲外";
        message: "the amount is not 0 to 99,999,999 yen", "金額が0〜99,999,999円ではありません";
        help: "check the copayment limit in the register", "受給者台帳の自己負担の欄を確認してください";
        system: "if many have it, check which column the profile reads", "多数の場合は、プロファイルの読み取り位置を確認してください";
    }

    /// `perDayOrMonth` (日額/月額) is `"1"` a day, `"2"` a month, or null.
    ///
    /// - Why: the API knows no other code.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, `perDayOrMonth`. The source's text for `pharmacy` is garbled and read like the others.
    /// - Bad: `"月"`
    /// - Good: `"2"`
    ///
    /// # 日本語
    ///
    /// `perDayOrMonth` は、日額 `"1"`、月額 `"2"`、またはnullです。
    ///
    /// - 理由: APIではこれ以外の値は定められていません。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)の `perDayOrMonth`(`pharmacy` は資料の記載に乱れがあるため、ほかの区分と同じ扱いとします)。
    /// - 誤りの例: `"月"`
    /// - 正しい例: `"2"`
    PERIOD_CODE = "PMH3503", Error fixed {
        title: "unknown code for day or month", "日額・月額のコードが不正";
        message: "the code for a day or a month is not 1 or 2", "日額・月額の区分が1または2ではありません";
        help: "the register may stay as it is; ask the system's people to convert it", "受給者台帳の修正は不要です。システム担当に変換を依頼してください";
        system: "convert it in the profile with `map`", "プロファイルの `map` で変換してください";
    }

    /// `limitedNumberOfTimes` (月ごとの利用回数の上限) is a number of one to three digits, as text.
    ///
    /// - Why: it counts visits in a month.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, `limitedNumberOfTimes`; the length is a decision of this project.
    /// - Bad: `"5回"`
    /// - Good: `"5"`
    ///
    /// # 日本語
    ///
    /// `limitedNumberOfTimes` は、1〜3桁の数字の文字列です。
    ///
    /// - 理由: 月ごとの利用回数を表す項目です。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)の `limitedNumberOfTimes`(桁数は本ソフトウェアの基準)。
    /// - 誤りの例: `"5回"`
    /// - 正しい例: `"5"`
    TIMES_FORM = "PMH3504", Error fixed {
        title: "number of times malformed", "利用回数の形式の誤り";
        message: "the number of times is not 1 to 3 digits", "利用回数の上限が1〜3桁の数字ではありません";
        help: "check the copayment limit in the register", "受給者台帳の自己負担の欄を確認してください";
        system: "leave it out if there is no limit", "上限がない場合は値を設定しないでください";
    }

    /// If `common` has an item, the other three must not have it, and the other way round.
    ///
    /// - Why an error: with two limits for the same care a hospital cannot know which one to apply.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, `copaymentLimit.common`.
    /// - Bad: `common.amount` 5000 and `outpatient.amount` 2500
    /// - Good: only `common.amount` 5000
    ///
    /// # 日本語
    ///
    /// `common` に値がある項目は、入院・入院外・薬局では値を設定してはいけません(逆も同様です)。
    ///
    /// - 理由: 同じ医療に2つの上限があると、医療機関はどちらを適用すべきか判断できないため、エラーとしています。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)の `copaymentLimit.common`。
    /// - 誤りの例: `common.amount` が5000、`outpatient.amount` が2500
    /// - 正しい例: `common.amount` の5000だけ
    COMMON_AND_SECTOR = "PMH4201", Error {
        title: "common and sector limit together", "共通欄と入院・入院外・薬局欄の両方に値がある";
        message: "`common` and a sector both have this item", "同じ項目が `common`(共通)と、入院・入院外・薬局のいずれかの両方にあります";
        help: "check how the certificate prints the limit", "受給者証の上限額の記載を確認してください";
        system: "fill `common` or the sectors, not both", "どちらか一方だけを設定してください";
    }

    /// The three 自立支援医療 schemes use only `common`.
    ///
    /// - Why an error: they make no difference between inpatient, outpatient and pharmacy, and 資料5 says that the sectors are not filled.
    /// - Source: 障害者福祉システム等標準化検討会 第2回合同WT 資料5, API連携仕様の詳細.
    /// - Bad: `outpatient.amount` 2500 for 精神通院医療
    /// - Good: `common.amount` 2500
    ///
    /// # 日本語
    ///
    /// 自立支援医療の3制度では、`common` だけを使います。
    ///
    /// - 理由: 入院・入院外・薬局の別に自己負担上限額を設けておらず、資料5で「当領域は設定しない」とされているため、エラーとしています。
    /// - 根拠: 障害者福祉システム等標準化検討会 第2回合同WT 資料5のAPI連携仕様の詳細。
    /// - 誤りの例: 精神通院医療で `outpatient.amount` が2500
    /// - 正しい例: `common.amount` が2500
    SECTOR_IN_JIRITSU = "PMH4202", Error {
        title: "sector limit", "自立支援医療で共通欄以外に値がある";
        message: "this scheme uses only `common`, but a sector has a value",
            "この制度では `common`(共通)だけを使いますが、入院・入院外・薬局の項目に値があります";
        help: "the register may stay as it is; ask the system's people to convert it", "受給者台帳の修正は不要です。システム担当に変換を依頼してください";
        system: "map the limit to `common`", "自己負担上限額を `common` に対応付けてください";
    }

    /// An amount needs to say whether it holds for a day or a month.
    ///
    /// - Why an error: 500 yen a day and 500 yen a month are not the same, and the counter cannot tell which is meant.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, `perDayOrMonth`.
    /// - Bad: `amount` 5000, `perDayOrMonth` null
    /// - Good: `amount` 5000, `perDayOrMonth` `"2"`
    ///
    /// # 日本語
    ///
    /// 金額を設定する場合は、日額か月額かを示さなければなりません。
    ///
    /// - 理由: 1日500円と1か月500円では意味が異なり、窓口では区別できないため、エラーとしています。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)の `perDayOrMonth`。
    /// - 誤りの例: `amount` が5000、`perDayOrMonth` がnull
    /// - 正しい例: `amount` が5000、`perDayOrMonth` が `"2"`
    AMOUNT_WITHOUT_PERIOD = "PMH4203", Error {
        title: "amount without day or month", "日額・月額の指定がない金額";
        message: "an amount is given, but not whether it is for a day or a month", "金額がありますが、日額・月額の区分がありません";
        help: "check whether the limit is for a day or a month", "上限額が日額か月額かを確認してください";
        system: "give `perDayOrMonth` (\"2\" for 自立支援医療)", "`perDayOrMonth` を設定してください(自立支援医療では月額の \"2\")";
    }

    /// A certificate usually has some copayment limit.
    ///
    /// - Why a warning: 中間所得層 without 重度かつ継続 have no limit of their own, so nothing at all is right for them; for others it is mostly a field that was not
    ///   mapped. A record that says so by a value isn't warned of: a `map` of `amount` or `burdenRatio` whose entry for that code is `null`. A period without an
    ///   amount is PMH4207.
    /// - Source: 障害者総合支援法施行令 第35条; 資料5 gives `burdenRatio` where the limit is set as a ratio.
    /// - Bad: all items of `copaymentLimit` null for a person of 低所得1
    /// - Good: `common.amount` 2500; or `"amount": {"from": "/所得区分", "map": {"低1": 2500, "中間2": null}}` for 中間2
    ///
    /// # 日本語
    ///
    /// 受給者証には、通常、自己負担上限額または負担率の記載があります。
    ///
    /// - 理由: 中間所得層で重度かつ継続に該当しない方には固有の上限がなく、すべて空欄で差し支えありません。それ以外の方では対応付けの漏れの可能性があるため、警告としています。上限がないことをレコードの値で示せる場合、つまり `amount` または `burdenRatio` の `map` で該当するコードを `null` に対応付けた場合は、警告しません。区分だけがあって金額がない場合は、PMH4207とします。
    /// - 根拠: 障害者総合支援法施行令 第35条。第2回合同WT 資料5では、負担上限が割合で定められている場合に `burdenRatio` を設定するとされています。
    /// - 誤りの例: 低所得1の方で、`copaymentLimit` のすべてがnull
    /// - 正しい例: `common.amount` が2500。または、中間2の方について `"amount": {"from": "/所得区分", "map": {"低1": 2500, "中間2": null}}`
    NO_LIMIT = "PMH4205", Warning {
        title: "no copayment limit", "自己負担上限額・負担率がない";
        message: "no copayment limit or ratio is given", "自己負担上限額も負担率もありません";
        help: "nothing to do for 中間所得層 without 重度かつ継続; else check the register",
            "中間所得層で重度かつ継続に該当しない方は対応不要です。それ以外は受給者台帳を確認してください";
        system: "if many have it, check `copaymentLimit`; a `null` in a `map` says that there is none",
            "多数の場合は `copaymentLimit` を確認してください。上限がない区分は、`map` で `null` とします";
    }

    /// The monthly limits of 自立支援医療 are 0, 2,500, 5,000, 10,000 and 20,000 yen.
    ///
    /// - Why a warning: municipalities may relieve people further, but most other amounts are typing mistakes.
    /// - Source: 障害者総合支援法施行令 第35条 (生活保護 0, 低所得1 2,500, 低所得2 5,000, 中間所得層 5,000 and 10,000 for 重度かつ継続) and its transitional provisions,
    ///   until 2027-03-31 (一定所得以上 20,000 for 重度かつ継続; 中間所得層 of 育成医療 5,000 and 10,000).
    /// - Bad: `1000`
    /// - Good: `10000`
    ///
    /// # 日本語
    ///
    /// 自立支援医療の月額の負担上限は、0・2,500・5,000・10,000・20,000円です。
    ///
    /// - 理由: 自治体独自の軽減もあり得ますが、ほかの金額の多くは入力誤りのため、警告としています。
    /// - 根拠: 障害者総合支援法施行令 第35条(生活保護0円、低所得1 2,500円、低所得2 5,000円、重度かつ継続の中間所得層 5,000円・10,000円)および令和9年3月31日までの経過的特例(重度かつ継続の一定所得以上 20,000円、育成医療の中間所得層 5,000円・10,000円)。
    /// - 誤りの例: `1000`
    /// - 正しい例: `10000`
    UNUSUAL_AMOUNT = "PMH4206", Warning {
        title: "unusual amount", "通常と異なる金額";
        message: "the amount is none of the scheme's limits", "制度で定められた上限額のいずれとも異なります";
        help: "nothing to do if the certificate prints it so; else correct the register",
            "受給者証の記載どおりであれば対応不要です。異なる場合は受給者台帳を直してください";
        system: "if many have it, check which column the profile reads", "多数の場合は、プロファイルの読み取り位置を確認してください";
    }

    /// A period needs the amount, or the number of times, that it is for.
    ///
    /// - Why a warning: a day or a month says nothing on its own. Most often the amount's column was renamed or isn't mapped, while the period is a constant of the
    ///   profile; a hospital then sees no limit and takes too much. But the amount may be missing rightly, for 中間所得層 without 重度かつ継続: then let the profile leave
    ///   the period out as well, with a `when`.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, `perDayOrMonth`; that the two go together is a decision of this project.
    /// - Bad: `amount` null, `perDayOrMonth` `"2"`
    /// - Good: `amount` 5000, `perDayOrMonth` `"2"`; both null
    ///
    /// # 日本語
    ///
    /// 日額・月額の区分を設定する場合は、その金額または回数が必要です。
    ///
    /// - 理由: 区分だけでは意味がありません。多くは、区分をプロファイルで固定している一方、金額の列名が変わったか対応付けが漏れているものです。医療機関には上限がないように見え、徴収しすぎることになります。ただし、中間所得層で重度かつ継続に該当しない方のように金額がなくて正しい場合もあるため、警告としています。その場合は `when` で区分も設定しないようにしてください。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)の `perDayOrMonth`。両方を必要とすることは本ソフトウェアの基準です。
    /// - 誤りの例: `amount` がnull、`perDayOrMonth` が `"2"`
    /// - 正しい例: `amount` が5000、`perDayOrMonth` が `"2"`。または両方ともnull
    PERIOD_WITHOUT_AMOUNT = "PMH4207", Warning {
        title: "day or month without an amount", "金額のない日額・月額の区分";
        message: "a day or a month is given, but neither an amount nor a number of times", "日額・月額の区分がありますが、金額も回数もありません";
        help: "check whether the certificate prints a limit", "受給者証に上限額の記載があるか確認してください";
        system: "if it does, map the amount; if not, leave the period out with `when`",
            "記載があれば金額を対応付け、なければ `when` で区分も省いてください";
    }

    /// In 自立支援医療 the limit is monthly, without a number of times, and the burden ratio is 0 or 10 percent.
    ///
    /// - Why a warning: anything else is most often a value of another column; but municipalities may relieve people in ways of their own.
    /// - Source: 障害者総合支援法 第58条 and 同法施行令 第35条 (monthly limits, 10 percent; 生活保護 pays nothing).
    /// - Bad: `perDayOrMonth` `"1"`, `limitedNumberOfTimes` `"2"` or `burdenRatio` 30 for 更生医療
    /// - Good: `perDayOrMonth` `"2"`
    ///
    /// # 日本語
    ///
    /// 自立支援医療の自己負担上限は月額で、回数の上限はなく、負担率は0%または10%です。
    ///
    /// - 理由: それ以外の値の多くは、別の列の値を設定したものです。ただし、自治体独自の軽減もあり得るため、警告としています。
    /// - 根拠: 障害者総合支援法 第58条、同法施行令 第35条(月額の上限、1割負担。生活保護は負担なし)。
    /// - 誤りの例: 更生医療で、`perDayOrMonth` が `"1"`、`limitedNumberOfTimes` が `"2"`、または `burdenRatio` が30
    /// - 正しい例: `perDayOrMonth` が `"2"`
    UNUSUAL_LIMIT = "PMH4208", Warning {
        title: "unusual kind of limit", "通常と異なる自己負担の定め";
        message: "自立支援医療 has monthly limits, no number of times, and a ratio of 0 or 10 percent",
            "自立支援医療の上限は月額で、回数の上限はなく、負担率は0%または10%です";
        help: "nothing to do if the certificate prints it so; else correct the register",
            "受給者証の記載どおりであれば対応不要です。異なる場合は受給者台帳を直してください";
        system: "if many have it, check which column the profile reads", "多数の場合は、プロファイルの読み取り位置を確認してください";
    }

    /// The limit of 20,000 yen is transitional, and no approval with it should run past 2027-03-31 (令和9年3月31日).
    ///
    /// - Why a warning: prefectures differ. Some approve until that day at most, others print the whole period with a note; and the measure has been prolonged
    ///   before. What the law says on the day is for the office to know.
    /// - Source: the transitional measure (経過的特例) of 障害者総合支援法施行令 for 一定所得以上 with 重度かつ継続, as municipalities publish it; the article was not verified.
    /// - Bad: 20,000 yen until `2027-09-30`
    /// - Good: 20,000 yen until `2027-03-31`
    ///
    /// # 日本語
    ///
    /// 上限額20,000円は経過的特例によるもので、令和9年3月31日(2027-03-31)を超える有効期間は通常ありません。
    ///
    /// - 理由: 同日までの支給認定とする都道府県と、注記を付けて1年間の期間を記載する都道府県があり、特例が延長されたこともあるため、警告としています。
    /// - 根拠: 障害者総合支援法施行令の経過的特例(重度かつ継続の一定所得以上)。自治体の公表資料によります(条項は確認できていません)。
    /// - 誤りの例: 20,000円で、終期が `2027-09-30`
    /// - 正しい例: 20,000円で、終期が `2027-03-31`
    TRANSITIONAL_AMOUNT = "PMH4209", Warning {
        title: "20,000 yen too late", "経過的特例の期限を超える20,000円";
        message: "the limit of 20,000 yen is transitional until 2027-03-31, and the validity runs past it",
            "上限額20,000円は令和9年3月31日までの経過的特例ですが、有効期間がその後まで続いています";
        help: "check how your prefecture handles it; nothing to do if the certificate was issued so",
            "都道府県の取扱いを確認してください。このとおり交付している場合は対応不要です";
        system: "once that is clear, this rule can be switched off in the profile", "取扱いを確認できたら、プロファイルでこの検査を無効にできます";
    }
}

const RATIO: usize = 0;
const AMOUNT: usize = 1;
const PERIOD: usize = 2;
const TIMES: usize = 3;
const MOST_YEN: i64 = 99_999_999;
/// 生活保護, 低所得1, 低所得2 and 中間所得層1, 中間所得層2, 一定所得以上.
const USUAL_YEN: [i64; 5] = [0, 2_500, 5_000, 10_000, TRANSITIONAL_YEN];
const TRANSITIONAL_YEN: i64 = 20_000;

/// Checks the copayment limit.
pub(super) fn check(record: &Record<'_>, findings: &mut Findings) {
    for (_, first) in SECTORS {
        check_sector(record, first, findings);
    }
    check_exclusiveness(record, findings);
    let common = Field::CommonRatio as usize;
    let is_there = |index: usize| record.value(index).is_there();
    let any = FIELDS.iter().enumerate().skip(common).take(SECTORS.len() * SECTOR_ITEMS.len());
    if !record.no_limit && !any.map(|(index, _)| index).any(is_there) {
        findings.add(&NO_LIMIT, At { source: None, target: "/copaymentLimit", profile: "/fields" });
    }
    let amount = record.value(Field::CommonAmount as usize).int();
    if !record.scheme.is_some_and(Scheme::is_jiritsu) {
        return;
    }
    if amount.is_some_and(|yen| (0..=MOST_YEN).contains(&yen) && !USUAL_YEN.contains(&yen)) {
        record.report(&UNUSUAL_AMOUNT, Field::CommonAmount, findings);
    }
    if record
        .value(common + RATIO)
        .int()
        .is_some_and(|percent| !matches!(percent, 0 | 10) && (0..=100).contains(&percent))
    {
        record.report_at(&UNUSUAL_LIMIT, common + RATIO, findings);
    }
    if record.value(common + PERIOD).text() == Some("1") {
        record.report_at(&UNUSUAL_LIMIT, common + PERIOD, findings);
    }
    if is_there(common + TIMES) {
        record.report_at(&UNUSUAL_LIMIT, common + TIMES, findings);
    }
    let until = NaiveDate::from_ymd_opt(2027, 3, 31);
    if amount == Some(TRANSITIONAL_YEN) && record.date(Field::EndDate) > until {
        record.report(&TRANSITIONAL_AMOUNT, Field::CommonAmount, findings);
    }
}

/// True for the fields in which a limit is given: amounts and ratios.
pub(crate) fn is_limit(index: usize) -> bool {
    SECTORS.iter().any(|(_, first)| [first + RATIO, first + AMOUNT].contains(&index))
}

#[inline(never)]
fn check_sector(record: &Record<'_>, first: usize, findings: &mut Findings) {
    if record.value(first + RATIO).int().is_some_and(|percent| !(0..=100).contains(&percent)) {
        record.report_at(&RATIO_RANGE, first + RATIO, findings);
    }
    if record.value(first + AMOUNT).int().is_some_and(|yen| !(0..=MOST_YEN).contains(&yen)) {
        record.report_at(&AMOUNT_RANGE, first + AMOUNT, findings);
    }
    if record.value(first + PERIOD).text().is_some_and(|code| !matches!(code, "1" | "2")) {
        record.report_at(&PERIOD_CODE, first + PERIOD, findings);
    }
    let times = record.value(first + TIMES).text();
    if times.is_some_and(|times| {
        !(1..=3).contains(&times.len()) || !times.bytes().all(|byte| byte.is_ascii_digit())
    }) {
        record.report_at(&TIMES_FORM, first + TIMES, findings);
    }
    if record.value(first + AMOUNT).int().is_some() && !record.value(first + PERIOD).is_there() {
        record.report_at(&AMOUNT_WITHOUT_PERIOD, first + PERIOD, findings);
    }
    let is_there = |item| record.value(first + item).is_there();
    if is_there(PERIOD) && !is_there(AMOUNT) && !is_there(TIMES) {
        record.report_at(&PERIOD_WITHOUT_AMOUNT, first + AMOUNT, findings);
    }
}

/// `common` or the sectors, item by item; for the three 自立支援医療 schemes `common` alone.
fn check_exclusiveness(record: &Record<'_>, findings: &mut Findings) {
    let jiritsu = record.scheme.is_some_and(Scheme::is_jiritsu);
    let [(_, common), sectors @ ..] = SECTORS;
    for (_, first) in sectors {
        for item in 0..SECTOR_ITEMS.len() {
            if !record.value(first + item).is_there() {
                continue;
            }
            if jiritsu {
                record.report_at(&SECTOR_IN_JIRITSU, first + item, findings);
            } else if record.value(common + item).is_there() {
                record.report_at(&COMMON_AND_SECTOR, first + item, findings);
            }
        }
    }
}
