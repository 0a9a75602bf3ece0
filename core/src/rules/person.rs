//! 33xx and 41xx: the person's prefecture and gender.

use super::rules;
use crate::{
    payload::Field,
    prefecture,
    record::{Findings, Record},
    scheme::Scheme,
};

rules! {
    /// The prefecture (都道府県名) must be one of the 47, written in full.
    ///
    /// - Why: PMH takes the name, not a code, and `東京` is not `東京都`.
    /// - Source: 地方自治法; JIS X 0401.
    /// - Bad: `東京`
    /// - Good: `東京都`
    ///
    /// # 日本語
    ///
    /// 都道府県名は47都道府県のいずれかで、「都」「道」「府」「県」まで書かれていなければなりません。
    ///
    /// - 理由: APIはコードではなく名称を求めており、`東京` と `東京都` は異なる値です。
    /// - 根拠: 地方自治法、JIS X 0401。
    /// - 誤りの例: `東京`
    /// - 正しい例: `東京都`
    PREFECTURE = "PMH3301", Error fixed {
        title: "not a prefecture", "都道府県名として認識できない";
        message: "the value is not the name of a prefecture", "都道府県名として認識できません";
        help: "enter the prefecture's full name, such as 東京都", "「東京都」のように、都道府県名を省略せずに入力してください";
        system: "convert it in the profile with `map`", "プロファイルの `map` で変換してください";
    }

    /// The gender code (性別) must be `"0"`, `"1"`, `"2"` or `"3"`.
    ///
    /// - Why: the API knows no other.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, `gender`.
    /// - Bad: `"男"`
    /// - Good: `"1"`
    ///
    /// # 日本語
    ///
    /// 性別コードは `"0"`・`"1"`・`"2"`・`"3"` のいずれかでなければなりません。
    ///
    /// - 理由: APIではこれ以外の値は定められていません。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)の `gender`。
    /// - 誤りの例: `"男"`
    /// - 正しい例: `"1"`
    GENDER_CODE = "PMH3302", Error fixed {
        title: "unknown gender code", "性別コードが不正";
        message: "the gender is not one of the codes 0 to 3", "性別が0〜3のコードではありません";
        help: "the register may stay as it is; ask the system's people to convert it", "受給者台帳の修正は不要です。システム担当に変換を依頼してください";
        system: "convert it in the profile with `map`", "プロファイルの `map` で変換してください";
    }

    /// The gender code must fit the scheme: `"0"` for the three 自立支援医療 schemes, `"1"` to `"3"` for the others.
    ///
    /// - Why an error: 自立支援医療 does not manage gender, and デジタル庁 agreed to `"0"`; sending another value would pass on data that the scheme
    ///   may not hold.
    /// - Source: 障害者福祉システム等標準化検討会 第2回合同WT 資料5 (2023-11-24), function IDs 0221278, 0221287, 0221295.
    /// - Bad: `"1"` for 更生医療.
    /// - Good: `"0"` for 更生医療.
    ///
    /// # 日本語
    ///
    /// 性別コードは制度に合っていなければなりません。自立支援医療の3制度は `"0"`、その他の制度は `"1"`〜`"3"` です。
    ///
    /// - 理由: 自立支援医療では性別を管理しておらず、「0:不明」を設定することがデジタル庁と調整されています。制度で管理しない情報を送信しないよう、エラーとしています。
    /// - 根拠: 障害者福祉システム等標準化検討会 第2回合同WT 資料5(令和5年11月24日)、機能ID 0221278、0221287、0221295。
    /// - 誤りの例: 更生医療で `"1"`。
    /// - 正しい例: 更生医療で `"0"`。
    GENDER_SCHEME = "PMH4103", Error {
        title: "gender does not fit the scheme", "性別コードと制度の不一致";
        message: "the gender code does not fit the scheme", "性別コードが制度に合っていません";
        help: "if a scheme other than 自立支援医療 does not manage gender, ask PMH's operator",
            "自立支援医療以外で性別を管理していない制度は、PMHの運用窓口に確認してください";
        system: "leave `gender` out for 自立支援医療", "自立支援医療では、プロファイルの `gender` を外してください";
    }

    /// The parts of an address should each hold their own part: the municipality (市区郡町村名) without the prefecture and with its 市, 区, 町 or 村; the section without
    /// the municipality.
    ///
    /// - Why a warning: the address is shown joined, so it would read 愛知県愛知県…, or lack a part; the person is found all the same.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, `addressPref`, `addressCity` (市区郡町村名), `addressSection`; how it is told is a decision of this project.
    /// - Bad: `addressCity` `愛知県見本市` or `見本`; `addressSection` `見本市中央`
    /// - Good: `addressCity` `見本市`, `addressSection` `中央`
    ///
    /// # 日本語
    ///
    /// 住所の各項目には、それぞれの部分だけを設定するのが適切です。市区郡町村名は都道府県名を含まず「市」「区」「町」「村」まで、町字名は市区郡町村名を含まないようにします。
    ///
    /// - 理由: 各項目をつないで表示すると「愛知県愛知県…」のように重複し、または一部が欠けます。本人の特定には支障がないため、警告としています。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)の `addressPref`、`addressCity`(市区郡町村名)、`addressSection`。判定の方法は本ソフトウェアの基準です。
    /// - 誤りの例: `addressCity` が「愛知県見本市」または「見本」、`addressSection` が「見本市中央」
    /// - 正しい例: `addressCity` が「見本市」、`addressSection` が「中央」
    ADDRESS_PARTS = "PMH4105", Warning {
        title: "parts of the address mixed up", "住所の区分の誤り";
        message: "this part of the address repeats the part before it, or lacks its 市, 区, 町 or 村",
            "住所のこの項目に前の項目の内容が重複しているか、「市」「区」「町」「村」がありません";
        help: "check that each part of the address is entered in its own field", "住所の各欄に、それぞれの部分が入力されているか確認してください";
        system: "map each part from its own column, or cut what is repeated with `replace`",
            "それぞれの列から設定するか、重複する部分を `replace` で除いてください";
    }
}

/// Checks prefecture and gender.
pub(super) fn check(record: &Record<'_>, findings: &mut Findings) {
    if record.text(Field::AddressPref).is_some_and(|name| prefecture::number(name).is_none()) {
        record.report(&PREFECTURE, Field::AddressPref, findings);
    }
    let city = record.text(Field::AddressCity);
    if city.is_some_and(|city| !city.ends_with(['市', '区', '町', '村']) || prefecture::leads(city)) {
        record.report(&ADDRESS_PARTS, Field::AddressCity, findings);
    }
    if city.zip(record.text(Field::AddressSection)).is_some_and(|(city, section)| section.starts_with(city)) {
        record.report(&ADDRESS_PARTS, Field::AddressSection, findings);
    }
    if let Some(gender) = record.text(Field::Gender) {
        if !matches!(gender, "0" | "1" | "2" | "3") {
            record.report(&GENDER_CODE, Field::Gender, findings);
        } else if record.scheme.map(Scheme::is_jiritsu).is_some_and(|jiritsu| jiritsu != (gender == "0")) {
            record.report(&GENDER_SCHEME, Field::Gender, findings);
        }
    }
}
