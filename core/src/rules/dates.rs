//! 34xx and 40xx: dates against the processing date, each other and the scheme.

use chrono::NaiveDate;

use super::{Severity, Text, rules};
use crate::{
    finding::Detail,
    payload::Field,
    record::{Findings, Record},
    scheme::{self, Scheme},
};

rules! {
    /// The birth date (生年月日) must not lie after the processing date.
    ///
    /// - Why an error: such a date comes from a wrong era or century, and PMH would not find the person by it.
    /// - Source: the order of the dates; a decision of this project.
    /// - Bad: `2062-04-01` on 2026-11-22 (1962 was meant)
    /// - Good: `1962-04-01`
    ///
    /// # 日本語
    ///
    /// 生年月日が処理日より後であってはいけません。
    ///
    /// - 理由: 元号や西暦の上2桁の誤りと考えられ、PMHで本人と照合できません。そのためエラーとしています。
    /// - 根拠: 日付の前後関係(本ソフトウェアの基準)。
    /// - 誤りの例: 処理日が2026-11-22で `2062-04-01` (1962年の誤り)
    /// - 正しい例: `1962-04-01`
    BORN_IN_FUTURE = "PMH3401", Error {
        title: "birth date in the future", "未来の生年月日";
        message: "the birth date lies after the processing date", "生年月日が処理日より後です";
        help: "correct the birth date in the register", "受給者台帳の生年月日を直してください";
        system: "if many have it, check how the export writes its eras", "多数の場合は、出力データの元号の書き方を確認してください";
    }

    /// A person of more than 120 years is unlikely.
    ///
    /// - Why a warning: it is nearly always a wrong era, but not impossible.
    /// - Source: a decision of this project.
    /// - Bad: `1890-01-01` on 2026-11-22
    /// - Good: `1990-01-01`
    ///
    /// # 日本語
    ///
    /// 120歳を超える生年月日は、通常は考えられません。
    ///
    /// - 理由: ほとんどの場合は元号の誤りですが、あり得ないとは言い切れないため警告としています。
    /// - 根拠: 本ソフトウェアの基準(公表資料に定めなし)。
    /// - 誤りの例: 処理日が2026-11-22で `1890-01-01`
    /// - 正しい例: `1990-01-01`
    VERY_OLD = "PMH3402", Warning {
        title: "older than 120 years", "120歳を超える生年月日";
        message: "the person would be more than 120 years old", "120歳を超える生年月日です";
        help: "check the era of the birth date", "生年月日の元号を確認してください";
        system: "if many have it, check how the export writes its eras", "多数の場合は、出力データの元号の書き方を確認してください";
    }

    /// The validity must not start before the person's birth.
    ///
    /// - Why an error: one of the two dates is wrong, or belongs to another person.
    /// - Source: the order of the dates; a decision of this project.
    /// - Bad: born `2020-05-01`, valid from `2019-04-01`
    /// - Good: born `2020-05-01`, valid from `2023-08-01`
    ///
    /// # 日本語
    ///
    /// 有効期間の始期が生年月日より前であってはいけません。
    ///
    /// - 理由: どちらかの日付が誤っているか、別の方のものであるため、エラーとしています。
    /// - 根拠: 日付の前後関係(本ソフトウェアの基準)。
    /// - 誤りの例: 生年月日 `2020-05-01`、始期 `2019-04-01`
    /// - 正しい例: 生年月日 `2020-05-01`、始期 `2023-08-01`
    START_BEFORE_BIRTH = "PMH4001", Error {
        title: "validity starts before birth", "始期が出生前";
        message: "the validity starts before the birth date", "有効期間の始期が生年月日より前です";
        help: "find out which of the two dates is wrong, and correct it", "生年月日と始期のどちらが誤っているか確認し、直してください";
        system: "if many have it, check which column the profile reads", "多数の場合は、プロファイルの読み取り位置を確認してください";
    }

    /// The validity must not end before it starts.
    ///
    /// - Why an error: the certificate would never be valid, so the person would be turned away. It is found even if the end lies before the
    ///   processing date: most often the end's year was mistyped, and without the finding a person who is entitled would be left out unnoticed.
    ///   Certificates that a register marks as revoked in this way can be left out on purpose, with `records.when`.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, `certificationStartDate`, `certificationEndDate`.
    /// - Bad: `2027-08-01` to `2026-12-31`
    /// - Good: `2026-08-01` to `2027-07-31`
    ///
    /// # 日本語
    ///
    /// 有効期間の終期が始期より前であってはいけません。
    ///
    /// - 理由: 一日も有効にならず、窓口で資格を確認できないため、エラーとしています。終期が処理日より前の場合も指摘します。多くは終期の年の入力誤りであり、指摘しなければ、資格のある方が気付かれないまま送信対象から外れます。取り消した認定をこの形で記録している場合は、`records.when` で意図的に除いてください。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)の `certificationStartDate`、`certificationEndDate`。
    /// - 誤りの例: `2027-08-01` から `2026-12-31` まで
    /// - 正しい例: `2026-08-01` から `2027-07-31` まで
    END_BEFORE_START = "PMH4002", Error {
        title: "validity ends before it starts", "終期が始期より前";
        message: "the validity ends before it starts", "有効期間の終期が始期より前です";
        help: "correct the validity in the register", "受給者台帳の有効期間を直してください";
        system: "leave out certificates that are recorded as revoked in this way with `records.when`",
            "取り消した認定をこの形で記録している場合は、`records.when` で除いてください";
    }

    /// A certificate of the three 自立支援医療 schemes is valid for one year at most.
    ///
    /// - Why a warning: the period is set within one year, but it may have been extended by ordinance, and systems treat changes of the period in their own ways.
    /// - Source: 障害者総合支援法施行規則 第43条 (支給認定の有効期間).
    /// - Bad: `2026-04-01` to `2027-09-30`
    /// - Good: `2026-10-01` to `2027-09-30`
    ///
    /// # 日本語
    ///
    /// 自立支援医療(更生医療・育成医療・精神通院医療)の有効期間は、最長1年です。
    ///
    /// - 理由: 有効期間は1年以内で定められますが、法令により延長された場合や、期間の変更や延長の扱いがシステムによって異なる場合があるため、警告としています。
    /// - 根拠: 障害者総合支援法施行規則 第43条(支給認定の有効期間)。
    /// - 誤りの例: `2026-04-01` から `2027-09-30` まで
    /// - 正しい例: `2026-10-01` から `2027-09-30` まで
    VALIDITY_TOO_LONG = "PMH4003", Warning {
        title: "validity over a year", "有効期間が1年超";
        message: "the validity is longer than the scheme's one year", "有効期間が制度の上限の1年を超えています";
        help: "check the end of the validity; nothing to do if it was extended by ordinance",
            "終期を確認してください。法令により延長された場合は対応不要です";
        system: "if many have it, check which column the profile reads", "多数の場合は、プロファイルの読み取り位置を確認してください";
    }

    /// 育成医療 is for people under 18.
    ///
    /// - Why a warning: a person who turns 18 within the period keeps the certificate; from 18 on at its start it should be 更生医療. By law a year of age is
    ///   complete on the day before the birthday, and offices count either way, so one day makes no difference here.
    /// - Often: the guardian's birth date and My Number were exported in place of the child's.
    /// - Source: 障害者総合支援法施行令 第1条の2; 年齢計算ニ関スル法律.
    /// - Bad: a 20-year-old with a new 育成医療 certificate.
    /// - Good: a 6-year-old.
    ///
    /// # 日本語
    ///
    /// 育成医療の対象は18歳未満です。
    ///
    /// - 理由: 有効期間中に18歳になる場合はそのまま有効なため、始期の時点で18歳以上の場合に警告します(通常は更生医療です)。年齢は法律上、誕生日の前日に加算され、誕生日を基準とする取扱いもあるため、1日の差は問いません。
    /// - よくある原因: 保護者の生年月日・個人番号が、受診者のものとして出力されている。
    /// - 根拠: 障害者総合支援法施行令 第1条の2、年齢計算ニ関スル法律。
    /// - 誤りの例: 20歳の方の新しい育成医療受給者証。
    /// - 正しい例: 6歳の方。
    ADULT_IN_IKUSEI = "PMH4004", Warning {
        title: "adult in 育成医療", "18歳以上の育成医療";
        message: "the person is 18 or older at the start of a 育成医療 certificate", "有効期間の始期の時点で18歳以上です";
        help: "check scheme and birth date; is it the guardian's?", "制度と、生年月日が保護者のものでないかを確認してください";
        system: "check that the child's columns are read, not the guardian's", "保護者ではなく、受診者の列を読み取っているか確認してください";
    }

    /// 更生医療 is for people of 18 or older.
    ///
    /// - Why a warning: a younger person should have 育成医療. One day makes no difference, as in PMH4004.
    /// - Source: 障害者総合支援法施行令 第1条の2; 身体障害者福祉法 第4条.
    /// - Bad: a 10-year-old with a 更生医療 certificate.
    /// - Good: a 40-year-old.
    ///
    /// # 日本語
    ///
    /// 更生医療の対象は18歳以上です。
    ///
    /// - 理由: 18歳未満の場合は、通常は育成医療であるため、警告としています。PMH4004と同じく、1日の差は問いません。
    /// - 根拠: 障害者総合支援法施行令 第1条の2、身体障害者福祉法 第4条。
    /// - 誤りの例: 10歳の方の更生医療受給者証。
    /// - 正しい例: 40歳の方。
    MINOR_IN_KOSEI = "PMH4005", Warning {
        title: "minor in 更生医療", "18歳未満の更生医療";
        message: "the person is under 18 at the start of a 更生医療 certificate", "有効期間の始期の時点で18歳未満です";
        help: "check scheme and birth date", "制度と生年月日を確認してください";
        system: "if many have it, check which column the profile reads", "多数の場合は、プロファイルの読み取り位置を確認してください";
    }

    /// A payload should not hold a certificate whose validity ended before the processing date.
    ///
    /// - Why an error: PMH is sent what is valid or will be; an ended certificate could be shown to a hospital as if it counted. Records are left out
    ///   by themselves; this is about payloads that another program wrote.
    /// - Source: 障害者福祉システム等標準化検討会 第2回合同WT 資料5, 論点4.
    /// - Bad: `"certificationEndDate": "2026-03-31"` on 2026-11-22
    /// - Good: `"certificationEndDate": "2027-03-31"`
    ///
    /// # 日本語
    ///
    /// 送信データに、処理日より前に有効期間が終わった受給者証が含まれていてはいけません。
    ///
    /// - 理由: 送信するのは有効なものと将来有効になるものだけです。終了したものが有効なように表示されるおそれがあるため、エラーとしています。レコードからの変換時は自動的に除かれるため、ほかのプログラムが作成した送信データが対象です。
    /// - 根拠: 障害者福祉システム等標準化検討会 第2回合同WT 資料5の論点4。
    /// - 誤りの例: 処理日が2026-11-22で `"certificationEndDate": "2026-03-31"`
    /// - 正しい例: `"certificationEndDate": "2027-03-31"`
    ENDED = "PMH4006", Error {
        title: "validity has ended", "有効期間が終了した受給者証";
        message: "the validity ended before the processing date", "有効期間が処理日より前に終わっています";
        help: "check that the validity in the register is right", "受給者台帳の有効期間が正しいか確認してください";
        system: "leave the certificate out of the payload", "送信データから除いてください";
    }

    /// A validity should not begin far ahead: within a year in 自立支援医療, within five years in other schemes.
    ///
    /// - Why a warning: a certificate for a distant day is nearly always a mistyped year, and would be sent as "valid later" every night until then.
    /// - Source: a decision of this project.
    /// - Bad: a start of `2206-04-01` on 2026-11-22 (2026 was meant)
    /// - Good: `2027-04-01`
    ///
    /// # 日本語
    ///
    /// 有効期間の始期は、あまり先の日付でないようにしてください(自立支援医療は1年以内、その他の制度は5年以内)。
    ///
    /// - 理由: 遠い先の始期のほとんどは年の入力誤りであり、そのままではその日まで「将来有効になるもの」として毎回送信されるため、警告としています。
    /// - 根拠: 本ソフトウェアの基準です。
    /// - 誤りの例: 処理日が2026-11-22で、始期が `2206-04-01` (2026年の誤り)
    /// - 正しい例: `2027-04-01`
    STARTS_FAR_AHEAD = "PMH4007", Warning {
        title: "validity starts far ahead", "遠い先の始期";
        message: "the validity starts more than {} after the processing date", "有効期間の始期が、処理日から{}を超えて先です";
        help: "check the year of the start", "始期の年を確認してください";
        system: "if many have it, check which column the profile reads", "多数の場合は、プロファイルの読み取り位置を確認してください";
    }

    /// A validity should not last longer than ten years.
    ///
    /// - Why a warning: such an end is a mistyped year, or stands for "without end" (9999-12-31, 令和99年12月31日). A hospital is shown this date, and nothing ends
    ///   the entitlement before it.
    /// - Source: a decision of this project.
    /// - Bad: `2026-04-01` to `9999-12-31` in a scheme with a period
    /// - Good: `2026-04-01` to `2027-03-31`
    ///
    /// # 日本語
    ///
    /// 有効期間は、10年を超えないのが通常です。
    ///
    /// - 理由: このような終期は、年の入力誤り、または無期限を表す値(9999-12-31、令和99年12月31日など)と考えられます。医療機関にはこの日付が表示され、その日まで資格が続くものとして扱われるため、警告としています。
    /// - 根拠: 本ソフトウェアの基準です。
    /// - 誤りの例: 期間の定めのある制度で、`2026-04-01` から `9999-12-31` まで
    /// - 正しい例: `2026-04-01` から `2027-03-31` まで
    VALID_FOR_DECADES = "PMH4008", Warning {
        title: "validity over ten years", "10年を超える有効期間";
        message: "the validity ends more than ten years after it starts; does the end stand for \"without end\"?",
            "有効期間の終期が、始期から10年を超えて先です。無期限を表す値ではありませんか";
        help: "check the end; nothing to do if PMH's operator agreed to this date for \"without end\"",
            "終期を確認してください。無期限を表す日付としてPMHの運用窓口に確認済みであれば対応不要です";
        system: "if many have it, check which column the profile reads", "多数の場合は、プロファイルの読み取り位置を確認してください";
    }
}

const ADULT: i32 = 18;
const OLDEST: i32 = 120;
const LONGEST: i32 = 10;
/// The furthest start in 自立支援医療 and in other schemes, in years, and its words.
const FURTHEST: [(i32, Text); 2] =
    [(1, Text { en: "a year", ja: "1年" }), (5, Text { en: "five years", ja: "5年" })];

/// Checks the three dates.
pub(super) fn check(record: &Record<'_>, findings: &mut Findings) {
    let birth = record.date(Field::BirthDate);
    let start = record.date(Field::StartDate);
    let end = record.date(Field::EndDate);
    if let Some(birth) = birth {
        if birth > record.as_of {
            record.report(&BORN_IN_FUTURE, Field::BirthDate, findings);
        } else if scheme::anniversary(birth, OLDEST + 1).is_some_and(|day| day <= record.as_of) {
            record.report(&VERY_OLD, Field::BirthDate, findings);
        }
    }
    if let (Some(birth), Some(start)) = (birth, start) {
        // offices count the birthday or the day before it
        let birthday = scheme::anniversary(birth, ADULT);
        let adult = birthday.is_some_and(|day| day <= start);
        let minor = birthday.and_then(|day| day.pred_opt()).is_none_or(|day| start < day);
        match record.scheme {
            _ if birth > start => record.report(&START_BEFORE_BIRTH, Field::StartDate, findings),
            Some(Scheme::Ikusei) if adult => record.report(&ADULT_IN_IKUSEI, Field::BirthDate, findings),
            Some(Scheme::Kosei) if minor => record.report(&MINOR_IN_KOSEI, Field::BirthDate, findings),
            _ => {}
        }
    }
    let jiritsu = record.scheme.is_some_and(Scheme::is_jiritsu);
    if let Some(start) = start {
        let [near, far] = FURTHEST;
        let (years, words) = if jiritsu { near } else { far };
        if scheme::anniversary(record.as_of, years).is_some_and(|last| start > last) {
            findings.add_with(&STARTS_FAR_AHEAD, record.at(Field::StartDate), Detail::Words(words));
        }
    }
    if let (Some(start), Some(end)) = (start, end) {
        check_period(record, start, end, jiritsu, findings);
    }
}

fn check_period(
    record: &Record<'_>,
    start: NaiveDate,
    end: NaiveDate,
    jiritsu: bool,
    findings: &mut Findings,
) {
    let is_longer = |years| scheme::last_day_of_years(start, years).is_some_and(|last| end > last);
    if end < start {
        record.report(&END_BEFORE_START, Field::EndDate, findings);
    } else if is_longer(LONGEST) && findings.severity(&VALID_FOR_DECADES) != Severity::Off {
        record.report(&VALID_FOR_DECADES, Field::EndDate, findings);
    } else if jiritsu && is_longer(1) {
        record.report(&VALIDITY_TOO_LONG, Field::EndDate, findings);
    }
    // an error of the period says more than that it has ended
    if end < record.as_of && (end >= start || findings.severity(&END_BEFORE_START) != Severity::Error) {
        record.report(&ENDED, Field::EndDate, findings);
    }
}
