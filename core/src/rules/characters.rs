//! 32xx: the characters of names, kana and addresses.

use super::rules;
use crate::{
    characters::{Class, is_katakana},
    convert::is_space,
    eval::At,
    finding::Detail,
    payload::Field,
    record::{Findings, Record},
};

rules! {
    /// No field may hold a character of a private use area (外字).
    ///
    /// - Why: such a code has a shape only on the system that defined it; a hospital sees another character or none.
    /// - Source: The Unicode Standard, 23.5: U+E000–U+F8FF, planes 15 and 16.
    /// - Bad: a name with U+E123.
    /// - Good: the same name with a character of JIS X 0213 or the 行政事務標準文字's Unicode value.
    ///
    /// # 日本語
    ///
    /// どの項目にも、私用領域の文字(外字)が含まれていてはいけません。
    ///
    /// - 理由: 外字の字形は登録したシステムでしか表示できず、医療機関では別の文字や空白になります。
    /// - 根拠: Unicode標準 23.5(U+E000〜U+F8FF、第15・16面)。
    /// - 誤りの例: U+E123を含む氏名。
    /// - 正しい例: JIS X 0213などの標準の文字に置き換えた氏名。
    PRIVATE_USE = "PMH3201", Error fixed {
        title: "private use character", "外字";
        message: "the text holds a private use character (gaiji)", "外字(私用領域の文字)が含まれています";
        help: "replace it by a standard character, in the ledger or by a `replace` step",
            "台帳または `replace` で標準の文字に置き換えてください";
    }

    /// No field may hold a replacement character, a control character, an invisible character or a noncharacter. Line breaks are fine on the
    /// certificate's face.
    ///
    /// - Why: U+FFFD stands where a character was lost in a conversion, so the text is no longer the person's name; the others, a BOM among them,
    ///   are traces of a broken export.
    /// - Source: The Unicode Standard, 23.1, 23.2, 23.7, 23.8.
    /// - Bad: `山�太郎`
    /// - Good: `山田太郎`
    ///
    /// # 日本語
    ///
    /// どの項目にも、置換文字・制御文字・目に見えない文字・非文字が含まれていてはいけません(券面の改行は除きます)。
    ///
    /// - 理由: U+FFFDは変換で文字が失われた箇所を示し、本来の氏名ではなくなっています。その他の文字(BOMなど)は、出力の誤りで混入したものと考えられます。
    /// - 根拠: Unicode標準 23.1、23.2、23.7、23.8。
    /// - 誤りの例: `山�太郎`
    /// - 正しい例: `山田太郎`
    UNREADABLE = "PMH3202", Error fixed {
        title: "unreadable character", "読めない文字";
        message: "the text holds a replacement, control or other unreadable character",
            "置換文字・制御文字など、読めない文字が含まれています";
        help: "correct the text in the ledger; check the character encoding of the export",
            "台帳の内容と、出力時の文字コードを確認してください";
    }

    /// Names, kana and addresses must be full-width.
    ///
    /// - Why: the API asks for 全角日本語; a search by name at the counter would miss half-width text.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, `lastName` and following.
    /// - Bad: `ﾔﾏﾀﾞ`, `Smith`, `1-2-3`
    /// - Good: `ヤマダ`, `Ｓｍｉｔｈ`, `１－２－３`
    ///
    /// # 日本語
    ///
    /// 氏名・カナ・住所は全角でなければなりません。
    ///
    /// - 理由: APIでは全角日本語と定められています。半角のままでは氏名での検索に一致しません。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)の `lastName` ほか。
    /// - 誤りの例: `ﾔﾏﾀﾞ`、`Smith`、`1-2-3`
    /// - 正しい例: `ヤマダ`、`Ｓｍｉｔｈ`、`１－２－３`
    HALF_WIDTH = "PMH3203", Error fixed {
        title: "half-width character", "半角文字";
        message: "the text holds a half-width character", "半角文字が含まれています";
        help: "add the step `fullwidth` (for kana `katakana`) to the profile",
            "プロファイルに `fullwidth`(カナの場合は `katakana`)を追加してください";
    }

    /// Kana fields may hold full-width katakana alone (with ー, ・, a space, full-width letters, digits and hyphens).
    ///
    /// - Why: the reading is what a hospital's reception compares.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, `lastNameKana` (全角日本語カナ).
    /// - Bad: `やまだ`, `山田`
    /// - Good: `ヤマダ`
    ///
    /// # 日本語
    ///
    /// カナの項目に使えるのは、全角カタカナ(および「ー」「・」、空白、全角の英数字とハイフン)だけです。
    ///
    /// - 理由: 医療機関の受付で照合される読みがなです。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)の `lastNameKana`(全角日本語カナ)。
    /// - 誤りの例: `やまだ`、`山田`
    /// - 正しい例: `ヤマダ`
    NOT_KATAKANA = "PMH3204", Error fixed {
        title: "not katakana", "カタカナではない文字";
        message: "the kana holds a character that is not full-width katakana", "カナに全角カタカナ以外の文字が含まれています";
        help: "correct the reading, or add the step `katakana` to the profile",
            "読みがなを直すか、プロファイルに `katakana` を追加してください";
    }

    /// Text should be composed: no combining marks.
    ///
    /// - Why an error: `か` with U+3099 looks like `が` but is another text, so searches and comparisons fail. It comes from files that passed
    ///   through macOS.
    /// - Source: Unicode Standard Annex 15.
    /// - Bad: U+30CF U+309A
    /// - Good: U+30D1 (パ)
    ///
    /// # 日本語
    ///
    /// 濁点などは、結合文字ではなく合成済みの文字でなければなりません。
    ///
    /// - 理由: `か` に結合用の濁点(U+3099)を付けたものは `が` と同じに見えますが別の文字列で、検索や照合に一致しないため、エラーとしています。macOSを経由したファイルで生じます。
    /// - 根拠: Unicode標準附属書15。
    /// - 誤りの例: U+30CF U+309A
    /// - 正しい例: U+30D1 (パ)
    COMBINING_MARK = "PMH3205", Error {
        title: "combining mark", "結合文字";
        message: "the text holds a combining mark", "結合文字(合成されていない濁点など)が含まれています";
        help: "add the step `compose` to the profile", "プロファイルに `compose` を追加してください";
    }

    /// Text should be free of variation selectors (異体字セレクタ).
    ///
    /// - Why a warning: the base character stays readable, but a receiver that does not know the sequence shows it in another shape or
    ///   with a blank behind.
    /// - Source: UTS 37 (Ideographic Variation Database); U+FE00–U+FE0F, U+E0100–U+E01EF.
    /// - Bad: `葛` with U+E0100
    /// - Good: `葛`
    ///
    /// # 日本語
    ///
    /// 異体字セレクタは含まれていないことが望まれます。
    ///
    /// - 理由: 基底の文字は読めるため警告にとどめていますが、対応していない受け手では別の字形になったり、余分な空白が表示されたりします。
    /// - 根拠: UTS 37(U+FE00〜U+FE0F、U+E0100〜U+E01EF)。
    /// - 誤りの例: `葛` にU+E0100が続く。
    /// - 正しい例: `葛`
    VARIATION_SELECTOR = "PMH3206", Warning {
        title: "variation selector", "異体字セレクタ";
        message: "the text holds a variation selector", "異体字セレクタが含まれています";
        help: "ask whether the character may be written without it", "セレクタなしの文字で表記できるか確認してください";
    }

    /// Text should not hold a compatibility ideograph (CJK互換漢字) that has a unified twin, or a radical that looks like an ideograph.
    ///
    /// - Why a warning: programs that normalise text turn it into the twin, so the name is not the same on both sides. The twelve
    ///   ideographs of the block that are unified ones (﨑 among them) are fine. Radicals (U+2E80–U+2FDF, ⼭ for 山) come out of PDF files.
    /// - Source: The Unicode Standard, 18.1, 18.2; Unicode Standard Annex 15.
    /// - Bad: U+FA19 (神 in its old shape)
    /// - Good: U+795E (神)
    ///
    /// # 日本語
    ///
    /// 統合漢字に対応するCJK互換漢字や、漢字に似た部首の文字は使わないことが望まれます。
    ///
    /// - 理由: 正規化を行うプログラムでは統合漢字に置き換わり、双方で氏名が一致しなくなります。読める文字ではあるため、警告にとどめています。ブロック内の12字の統合漢字(﨑など)は問題ありません。部首の文字(U+2E80〜U+2FDF、「山」に似た「⼭」など)は、PDFからの転記で混入します。
    /// - 根拠: Unicode標準 18.1、18.2、附属書15。
    /// - 誤りの例: U+FA19(「神」の旧字形)
    /// - 正しい例: U+795E(神)
    COMPATIBILITY_IDEOGRAPH = "PMH3207", Warning {
        title: "compatibility ideograph", "互換漢字";
        message: "the text holds a CJK compatibility ideograph or a radical", "CJK互換漢字または部首の文字が含まれています";
        help: "replace it by the unified character where the person agrees", "可能であれば統合漢字に置き換えてください";
    }

    /// Names may have 100 characters, parts of the address 200.
    ///
    /// - Why: longer text is never a name; fields were joined by mistake.
    /// - Source: a decision of this project, wider than 住民基本台帳's fields.
    /// - Bad: a name of 150 characters.
    /// - Good: a name of 10.
    ///
    /// # 日本語
    ///
    /// 氏名は100文字、住所の各項目は200文字以内です。
    ///
    /// - 理由: これより長い氏名や住所は考えにくく、項目の連結誤りと思われます。
    /// - 根拠: 本プロジェクトの決定(住民基本台帳の項目より余裕を持たせています)。
    /// - 誤りの例: 150文字の氏名。
    /// - 正しい例: 10文字の氏名。
    TOO_LONG = "PMH3208", Error fixed {
        title: "text too long", "文字数の超過";
        message: "the text is longer than {} characters", "文字数が{}文字を超えています";
        help: "check the profile's pointer and the ledger", "プロファイルの参照先と台帳の内容を確認してください";
    }

    /// Names and addresses should not begin or end with a space.
    ///
    /// - Why a warning: fixed-width exports pad with spaces, and the padded name is another text than the name.
    /// - Source: a decision of this project.
    /// - Bad: `山田　`
    /// - Good: `山田`
    ///
    /// # 日本語
    ///
    /// 氏名や住所の前後に空白がないことが望まれます。
    ///
    /// - 理由: 固定長の出力では空白が補われることがあり、そのままでは本来の氏名と異なる文字列になるため、警告としています。
    /// - 根拠: 本プロジェクトの決定。
    /// - 誤りの例: `山田　`
    /// - 正しい例: `山田`
    EDGE_SPACE = "PMH3209", Warning {
        title: "space at an end", "前後の空白";
        message: "the text begins or ends with a space", "文字列の前または後に空白があります";
        help: "add the step `trim` to the profile", "プロファイルに `trim` を追加してください";
    }
}

/// The characters that a field may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    /// Full-width text.
    FullWidth,
    /// Full-width katakana.
    Katakana,
}

const NAME_LENGTH: usize = 100;
const ADDRESS_LENGTH: usize = 200;

/// Names, kana and addresses.
const TEXTS: [(Field, Script, usize); 8] = [
    (Field::LastName, Script::FullWidth, NAME_LENGTH),
    (Field::FirstName, Script::FullWidth, NAME_LENGTH),
    (Field::LastNameKana, Script::Katakana, NAME_LENGTH),
    (Field::FirstNameKana, Script::Katakana, NAME_LENGTH),
    (Field::AddressCity, Script::FullWidth, ADDRESS_LENGTH),
    (Field::AddressSection, Script::FullWidth, ADDRESS_LENGTH),
    (Field::AddressHouseNumber, Script::FullWidth, ADDRESS_LENGTH),
    (Field::AddressDetail, Script::FullWidth, ADDRESS_LENGTH),
];

/// Checks names, kana and addresses.
pub(super) fn check(record: &Record<'_>, findings: &mut Findings) {
    for (field, script, longest) in TEXTS {
        let Some(text) = record.text(field) else { continue };
        let at = record.at(field);
        let classes = Classes::of(text);
        classes.report(at, findings);
        if classes.has(Class::LineBreak) {
            findings.add(&UNREADABLE, at);
        }
        if classes.has(Class::HalfWidth) {
            findings.add(&HALF_WIDTH, at);
        }
        if script == Script::Katakana && text.chars().any(|c| !is_katakana(c) && !Class::of(c).is_refused()) {
            findings.add(&NOT_KATAKANA, at);
        }
        if text.len() > longest && text.chars().count() > longest {
            findings.add_with(&TOO_LONG, at, Detail::Number(longest as u64));
        }
        if text.starts_with(is_space) || text.ends_with(is_space) {
            findings.add(&EDGE_SPACE, at);
        }
    }
}

/// Checks a text of the certificate's face: any width, line breaks allowed.
#[inline]
pub(crate) fn check_text(text: &str, at: At<'_>, findings: &mut Findings) {
    Classes::of(text).report(at, findings);
}

/// The classes that occur in a text, a bit each.
#[derive(Debug, Clone, Copy, Default)]
struct Classes(u8);

impl Classes {
    fn of(text: &str) -> Self {
        let mut found = 0;
        let mut rest = text.as_bytes();
        loop {
            // what most text is of, told by its bytes
            if let Some((utf8, behind)) = rest.split_first_chunk()
                && Class::is_plain(*utf8)
            {
                rest = behind;
                continue;
            }
            if let [b' '..=b'~', behind @ ..] = rest {
                found |= 1 << Class::HalfWidth as u8;
                rest = behind;
                continue;
            }
            let at = text.len().saturating_sub(rest.len());
            let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else { return Self(found) };
            found |= 1 << Class::of(c) as u8;
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
    }

    /// True where the text has nothing that [`Self::report`] speaks of.
    fn is_clean(self) -> bool {
        self.0 & !(1 << Class::Plain as u8 | 1 << Class::HalfWidth as u8 | 1 << Class::LineBreak as u8) == 0
    }

    fn has(self, class: Class) -> bool {
        self.0 & (1 << class as u8) != 0
    }

    #[inline]
    fn report(self, at: At<'_>, findings: &mut Findings) {
        if !self.is_clean() {
            self.report_each(at, findings);
        }
    }

    #[cold]
    fn report_each(self, at: At<'_>, findings: &mut Findings) {
        let all = [
            (Class::PrivateUse, &PRIVATE_USE),
            (Class::Unreadable, &UNREADABLE),
            (Class::Combining, &COMBINING_MARK),
            (Class::Variation, &VARIATION_SELECTOR),
            (Class::Compatibility, &COMPATIBILITY_IDEOGRAPH),
        ];
        for (_, rule) in all.into_iter().filter(|(class, _)| self.has(*class)) {
            findings.add(rule, at);
        }
    }
}
