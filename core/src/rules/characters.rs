//! 32xx: the characters of names, kana and addresses.

use super::{Severity, Text, rules};
use crate::{
    characters::{Class, Level, is_katakana, is_substitute},
    convert::is_space,
    eval::At,
    finding::Detail,
    payload::Field,
    record::{Findings, Record},
};

rules! {
    /// No field may hold a character that a municipality or a vendor registered itself (外字): U+E000–U+F8FF and plane 15. Plane 16 is
    /// PMH3211.
    ///
    /// - Why: such a code has a shape only on the system that defined it; a hospital sees another character or none.
    /// - Source: The Unicode Standard, 23.5 (private use). That it is refused is a decision of this project.
    /// - Bad: a name with U+E123.
    /// - Good: the same name with a standard character that the municipality has chosen, the one that the certificate prints.
    ///
    /// # 日本語
    ///
    /// どの項目にも、市区町村や事業者が独自に登録した文字(外字。U+E000〜U+F8FFと第15面)が含まれていてはいけません。第16面の文字はPMH3211で扱います。
    ///
    /// - 理由: 外字の字形は登録したシステムでしか表示できず、医療機関の画面では別の文字や「〓」、空白になることがあります。
    /// - 根拠: Unicode標準 23.5(私用領域)。送信を認めないことは本ソフトウェアの基準です。
    /// - 誤りの例: U+E123を含む氏名。
    /// - 正しい例: 庁内で定めた代替文字に置き換え、受給者証の印字とそろえた氏名。
    PRIVATE_USE = "PMH3201", Error fixed {
        title: "private use character", "外字が含まれている";
        message: "the text holds a private use character (gaiji)", "外字(私用領域の文字)が含まれています";
        help: "choose a character in its place by your office's rules, the one that the certificate prints",
            "代わりの文字を庁内の取決めに従って決め、受給者証の印字とそろえてください";
        system: "let the export use its substitutes (縮退), or write the chosen character with `replace`",
            "代替文字(縮退)での出力、または `replace` で置き換えてください";
    }

    /// No field may hold a replacement character, a control character, an invisible character or a noncharacter. Line breaks are fine on the
    /// certificate's face.
    ///
    /// - Why: U+FFFD marks where a character was lost in a conversion, so the text is no longer the person's name; the others, a BOM among them,
    ///   are traces of a broken export.
    /// - Source: The Unicode Standard, 23.1, 23.2, 23.7, 23.8.
    /// - Bad: `山�太郎`
    /// - Good: `山田太郎`
    ///
    /// # 日本語
    ///
    /// どの項目にも、置換文字・制御文字・目に見えない文字・文字ではない符号位置が含まれていてはいけません(券面の改行は除きます)。
    ///
    /// - 理由: U+FFFDは変換で文字が失われた箇所を示し、本来の氏名ではなくなっています。その他の文字(BOMなど)は、出力の誤りで混入したものと考えられます。
    /// - 根拠: Unicode標準 23.1、23.2、23.7、23.8。
    /// - 誤りの例: `山�太郎`
    /// - 正しい例: `山田太郎`
    UNREADABLE = "PMH3202", Error fixed {
        title: "unreadable character", "読めない文字";
        message: "the text holds a replacement, control or other unreadable character{}",
            "置換文字・制御文字など、読めない文字が含まれています{}";
        help: "compare with the register, and enter the text again", "受給者台帳の文字を確認し、読めない文字を入力し直してください";
        system: "check the character encoding of the export", "出力時の文字コードを確認してください";
    }

    /// Names and their readings must be full-width. Addresses are PMH3212.
    ///
    /// - Why: the API asks for 全角日本語 and 全角日本語カナ. A half-width `?`, `*` or `_` is
    ///   PMH3210: to make it full-width would hide that a character was lost.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, `lastName`, `firstName`, `lastNameKana`, `firstNameKana`.
    /// - Bad: `ﾔﾏﾀﾞ`, `Smith`
    /// - Good: `ヤマダ`, `Ｓｍｉｔｈ`
    ///
    /// # 日本語
    ///
    /// 氏名とそのカナは全角でなければなりません。住所はPMH3212で扱います。
    ///
    /// - 理由: APIでは全角日本語(カナは全角日本語カナ)と定められています。半角の「?」「*」「_」は、全角にすると文字の欠落が分からなくなるため、PMH3210で扱います。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)の `lastName`、`firstName`、`lastNameKana`、`firstNameKana`。
    /// - 誤りの例: `ﾔﾏﾀﾞ`、`Smith`
    /// - 正しい例: `ヤマダ`、`Ｓｍｉｔｈ`
    HALF_WIDTH = "PMH3203", Error fixed {
        title: "half-width character", "半角文字が含まれている";
        message: "the text holds a half-width character{}", "半角文字が含まれています{}";
        help: "the register may stay as it is; ask the system's people to convert it", "受給者台帳の修正は不要です。システム担当に変換を依頼してください";
        system: "add the step `fullwidth` (for kana `katakana`) to the profile",
            "プロファイルに `fullwidth`(カナの場合は `katakana`)を追加してください";
    }

    /// Kana fields may hold only full-width katakana, ー, ・, iteration marks, a full-width space, full-width letters and digits, and the signs
    /// － ． ， ’ ＝.
    ///
    /// - Why: the API asks for 全角日本語カナ.
    /// - Often: another dash in place of ー, such as U+2212 or U+2015 (a `replace` step unifies them); a former or common name in brackets after
    ///   the reading, as in `ヤマダ（スズキ）`; the register has kanji in its kana column.
    /// - Source: 医療助成対象者情報同期API仕様 0.0.1, `lastNameKana` (全角日本語カナ); which signs count as kana is a decision of this project.
    /// - Bad: `やまだ`, `山田`
    /// - Good: `ヤマダ`
    ///
    /// # 日本語
    ///
    /// カナの項目に使えるのは、全角カタカナ、「ー」「・」「ヽ」「ヾ」、全角の空白・英数字、全角の「－」「．」「，」「’」「＝」だけです。
    ///
    /// - 理由: APIで全角カナと定められているためです。
    /// - よくある原因: 長音「ー」の代わりに「−」(U+2212)や「―」(U+2015)が使われている(`replace` で統一できます)。「ヤマダ（スズキ）」のように旧氏・通称が括弧書きされている。カナの欄に漢字が入っている。
    /// - 根拠: 医療助成対象者情報同期API仕様(0.0.1)の `lastNameKana`(全角日本語カナ)。使用できる記号の範囲は本ソフトウェアの基準です。
    /// - 誤りの例: `やまだ`、`山田`
    /// - 正しい例: `ヤマダ`
    NOT_KATAKANA = "PMH3204", Error fixed {
        title: "not katakana", "カタカナではない文字";
        message: "the kana holds a character that is not full-width katakana", "カナに全角カタカナ以外の文字が含まれています";
        help: "is another dash used for ー, or does the kana hold brackets or kanji?",
            "「ー」(長音)が別の記号でないか、括弧や漢字が混じっていないか確認してください";
        system: "hiragana needs the step `katakana`, other dashes and brackets `replace`",
            "ひらがなは `katakana`、長音に似た記号や括弧は `replace` で直せます";
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
        title: "combining mark", "濁点などが結合文字になっている";
        message: "the text holds a combining mark", "結合文字(合成されていない濁点など)が含まれています";
        help: "the register may stay as it is; ask the system's people to convert it", "受給者台帳の修正は不要です。システム担当に変換を依頼してください";
        system: "add the step `compose` to the profile", "プロファイルに `compose` を追加してください";
    }

    /// Text should be free of variation selectors (異体字セレクタ).
    ///
    /// - Why a warning: the base character stays readable, but a receiver that does not know the sequence shows it in another shape or
    ///   with a blank after it.
    /// - Source: UTS 37 (Ideographic Variation Database); U+FE00–U+FE0F, U+E0100–U+E01EF.
    /// - Bad: `葛` with U+E0100
    /// - Good: `葛`
    ///
    /// # 日本語
    ///
    /// 異体字セレクタは含まれていないのが適切です。
    ///
    /// - 理由: 元の漢字は読めるため警告にとどめていますが、対応していない受信側のシステムでは別の字形になったり、余分な空白が表示されたりします。
    /// - 根拠: UTS 37(U+FE00〜U+FE0F、U+E0100〜U+E01EF)。
    /// - 誤りの例: `葛` にU+E0100が続く。
    /// - 正しい例: `葛`
    VARIATION_SELECTOR = "PMH3206", Warning {
        title: "variation selector", "異体字セレクタが含まれている";
        message: "the text holds a variation selector", "異体字セレクタが含まれています";
        help: "ask whether the character may be written without it", "セレクタなしの文字で表記できるか確認してください";
        system: "once a character is chosen, write it with a `replace` step", "文字が決まったら、`replace` で置き換えてください";
    }

    /// Text should not hold a compatibility ideograph (CJK互換漢字) that has a unified twin, or a radical that looks like an ideograph.
    ///
    /// - Why a warning: programs that normalise text turn it into the twin, so the name may not be the same at both ends. The twelve
    ///   ideographs of the block that are unified ones (﨑 among them) are fine. Radicals (U+2E80–U+2FDF, ⼭ for 山) come out of PDF files.
    /// - Source: The Unicode Standard, 18.1, 18.2; Unicode Standard Annex 15.
    /// - Bad: U+FA19 (神 in its old shape)
    /// - Good: U+795E (神)
    ///
    /// # 日本語
    ///
    /// 統合漢字に対応するCJK互換漢字や、漢字に似た部首の文字は使わないようにしてください。
    ///
    /// - 理由: 正規化を行うプログラムでは統合漢字に置き換わり、送信側と受信側で氏名が一致しなくなることがあります。読める文字ではあるため、警告にとどめています。ブロック内の12字の統合漢字(﨑など)は問題ありません。部首の文字(U+2E80〜U+2FDF、「山」に似た「⼭」など)は、PDFからの転記で混入します。
    /// - 根拠: Unicode標準 18.1、18.2、附属書15。
    /// - 誤りの例: U+FA19(「神」の旧字形)
    /// - 正しい例: U+795E(神)
    COMPATIBILITY_IDEOGRAPH = "PMH3207", Warning {
        title: "compatibility ideograph", "互換漢字・部首の文字が含まれている";
        message: "the text holds a CJK compatibility ideograph or a radical", "CJK互換漢字または部首の文字が含まれています";
        help: "write the unified character if the person agrees", "本人の了解を得られる場合は、統合漢字に置き換えてください";
        system: "once a character is chosen, write it with a `replace` step", "文字が決まったら、`replace` で置き換えてください";
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
    /// - 根拠: 本ソフトウェアの基準(住民基本台帳の項目より余裕を持たせています)。
    /// - 誤りの例: 150文字の氏名。
    /// - 正しい例: 10文字の氏名。
    TOO_LONG = "PMH3208", Error fixed {
        title: "text too long", "文字数の超過";
        message: "the text is longer than {} characters", "文字数が{}文字を超えています";
        help: "check whether other text was entered in the field", "別の内容が入力されていないか、受給者台帳を確認してください";
        system: "if many have it, check which column the profile reads", "多数の場合は、プロファイルの読み取り位置を確認してください";
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
    /// 氏名や住所の前後には、空白がないようにしてください。
    ///
    /// - 理由: 固定長の出力では空白が補われることがあり、そのままでは本来の氏名と異なる文字列になるため、警告としています。
    /// - 根拠: 本ソフトウェアの基準(公表資料に定めなし)。
    /// - 誤りの例: `山田　`
    /// - 正しい例: `山田`
    EDGE_SPACE = "PMH3209", Warning {
        title: "space at an end", "前後に空白がある";
        message: "the text begins or ends with a space", "先頭または末尾に空白があります";
        help: "the register may stay as it is; ask the system's people to convert it", "受給者台帳の修正は不要です。システム担当に変換を依頼してください";
        system: "add the step `trim` to the profile", "プロファイルに `trim` を追加してください";
    }

    /// A name should not hold a sign that systems write in place of a lost character: `?`, `*`, `_`, 〓, ■, □, ●, ◆ and their like, half-width or
    /// full-width.
    ///
    /// - Why an error: the name is no longer the person's, and to make the sign full-width would only hide the loss. Most often a character that
    ///   CP932 (the Shift JIS of Windows) lacks became `?` when the file was written, or a 外字 was printed as 〓.
    /// - Source: a decision of this project.
    /// - Bad: `?夫`, `〓田`
    /// - Good: `濵夫`
    ///
    /// # 日本語
    ///
    /// 氏名に、失われた文字の代わりに出力される記号(「?」「*」「_」「〓」「■」「□」「●」「◆」など。半角・全角を問いません)が含まれていてはいけません。
    ///
    /// - 理由: 本来の氏名ではなくなっており、記号を全角にしても元の文字は戻らないため、エラーとしています。多くは、CP932(WindowsのシフトJIS)にない文字が出力時に「?」になったもの、または外字が「〓」と出力されたものです。
    /// - 根拠: 本ソフトウェアの基準です。
    /// - 誤りの例: `?夫`、`〓田`
    /// - 正しい例: `濵夫`
    SUBSTITUTE = "PMH3210", Error {
        title: "lost character", "失われた文字の代わりの記号";
        message: "the name holds a sign that replaces a lost character; was it lost in an export to CP932?",
            "氏名に、失われた文字の代わりと思われる記号が含まれています。CP932(シフトJIS)での出力で失われた可能性があります";
        help: "compare the name with the register", "受給者台帳の氏名と比べ、異なる文字を確認してください";
        system: "export in UTF-8, or with substitutes (縮退)", "UTF-8での出力、または代替文字(縮退)での出力に改めてください";
    }

    /// No field may hold a character of plane 16 (U+100000–U+10FFFD), where 行政事務標準文字 (MJ+) has the characters that it adds.
    ///
    /// - Why: systems that conform to the standard share these characters, so unlike a 外字 of one's own (PMH3201) they are known; but Unicode
    ///   itself gives the code points no meaning, and no published text says that PMH or a hospital can show them.
    /// - Source: The Unicode Standard, 23.5 (private use); デジタル庁, 地方公共団体情報システムにおける文字の標準化. That it is refused is a decision of this project.
    /// - Bad: a name with U+100042.
    /// - Good: the same name with the character of JIS X 0213 that the system's reduced output (縮退) gives.
    ///
    /// # 日本語
    ///
    /// どの項目にも、行政事務標準文字(MJ+)の追加文字が置かれる第16面(U+100000〜U+10FFFD)の文字が含まれていてはいけません。
    ///
    /// - 理由: 標準準拠システムの間では共通の文字であり、独自の外字(PMH3201)とは異なりますが、Unicodeでは意味の定められていない私用領域にあり、PMHや医療機関の画面で表示できるかどうかは公表資料で確認できません。
    /// - 根拠: Unicode標準 23.5(私用領域)、デジタル庁「地方公共団体情報システムにおける文字の標準化」。送信を認めないことは本ソフトウェアの基準です。
    /// - 誤りの例: U+100042を含む氏名。
    /// - 正しい例: 業務システムの縮退(代替文字)出力による、JIS X 0213の文字を使った氏名。
    ADDED_STANDARD = "PMH3211", Error fixed {
        title: "added standard character", "行政事務標準文字の追加文字";
        message: "the text holds a character of plane 16, which 行政事務標準文字 uses for its added characters",
            "行政事務標準文字の追加文字と思われる、第16面の文字が含まれています";
        help: "choose a character in its place by your office's rules, the one that the certificate prints",
            "代わりの文字を庁内の取決めに従って決め、受給者証の印字とそろえてください";
        system: "let the export use its substitutes (縮退), or write the chosen character with `replace`",
            "代替文字(縮退)での出力、または `replace` で置き換えてください";
    }

    /// Addresses should be full-width.
    ///
    /// - Why a warning: the API asks for full-width text only in names and readings; of the parts of the address it says nothing, and a later
    ///   published version shows an address with half-width digits. But one notation for all is easier to compare.
    /// - Source: a decision of this project; 医療助成対象者情報同期API仕様 0.0.1 is silent on it.
    /// - Bad: `1-2-3`, `見本ハイツ101`
    /// - Good: `１－２－３`, `見本ハイツ１０１`
    ///
    /// # 日本語
    ///
    /// 住所は全角にするのが適切です。
    ///
    /// - 理由: APIで全角と定められているのは氏名とそのカナだけで、住所については定めがなく、後に公表された版には半角数字の住所の例もあるため、警告としています。表記を全角にそろえると照合しやすくなります。
    /// - 根拠: 本ソフトウェアの基準です(医療助成対象者情報同期API仕様(0.0.1)には定めがありません)。
    /// - 誤りの例: `1-2-3`、`見本ハイツ101`
    /// - 正しい例: `１－２－３`、`見本ハイツ１０１`
    HALF_WIDTH_ADDRESS = "PMH3212", Warning {
        title: "half-width character in an address", "住所に半角文字がある";
        message: "the address holds a half-width character", "住所に半角文字が含まれています";
        help: "the register may stay as it is; ask the system's people to convert it", "受給者台帳の修正は不要です。システム担当に変換を依頼してください";
        system: "add the step `fullwidth`, or switch this rule off to keep the register's notation",
            "`fullwidth` を追加してください。受給者台帳の表記のままでよければ、この検査を無効にできます";
    }

    /// Characters of a name, a reading, an address or the certificate were replaced by the table of characters that the profile or the site supplies.
    ///
    /// - Why a warning: what is sent is not what the register says, letter by letter. Each field that was changed is listed with the number of its replaced
    ///   characters, so that a table that changes more than was meant is seen. A site that has gone through them may switch this rule off.
    /// - Source: a decision of this project; the table is the profile's (`characterTable`) or the configuration's (`character_table`).
    /// - Bad: a name with U+E000, if the table has a character for it.
    /// - Good: a name that the register has in standard characters.
    ///
    /// # 日本語
    ///
    /// 氏名・カナ・住所・券面の文字が、プロファイルまたは設定で指定した文字の対応表によって置き換えられました。
    ///
    /// - 理由: 受給者台帳の文字とは異なる文字が送信されるため、警告としています。置き換えた項目ごとに文字数を示すので、想定より多く置き換わっていないか確認できます。確認が済んだら、この検査を無効にできます。
    /// - 根拠: 本ソフトウェアの基準です(対応表は、プロファイルの `characterTable` または設定の `character_table`)。
    /// - 誤りの例: 対応表にあるU+E000を含む氏名。
    /// - 正しい例: 受給者台帳でも標準の文字を使っている氏名。
    SUBSTITUTED = "PMH3213", Warning {
        title: "characters replaced", "文字の置き換え";
        message: "characters replaced by the table of characters: {}", "文字の対応表により {} 文字を置き換えました";
        help: "nothing to do if the name or address may be written so", "この表記で差し支えなければ、対応は不要です";
        system: "correct the table if it changes more than it should", "想定外の置き換えがあれば、対応表を直してください";
    }

    /// Names, readings and addresses should keep to the characters that the profile names (`characters`): JIS X 0208 or JIS X 0213.
    ///
    /// - Why a warning: no published text says which characters the readers of PMH show, and what they can't show may be blank or 〓 at a hospital. The rule is
    ///   off as long as the profile names no standard.
    /// - Source: JIS X 0208, JIS X 0213. That a site keeps to one of them is its own decision.
    /// - Bad: `髙橋`, if the profile asks for JIS X 0208 or JIS X 0213.
    /// - Good: `高橋`
    ///
    /// # 日本語
    ///
    /// 氏名・カナ・住所は、プロファイルの `characters` で指定した規格(JIS X 0208またはJIS X 0213)の文字であることが望まれます。
    ///
    /// - 理由: PMHや医療機関の画面で表示できる文字の範囲は公表資料で確認できず、表示できない文字は空白や「〓」になることがあるため、警告としています。プロファイルで規格を指定しない限り、検査しません。
    /// - 根拠: JIS X 0208、JIS X 0213。どの規格に収めるかは各自治体の判断です。
    /// - 誤りの例: JIS X 0208またはJIS X 0213を指定した場合の `髙橋`
    /// - 正しい例: `高橋`
    OUTSIDE_LEVEL = "PMH3214", Warning {
        title: "character outside of the chosen standard", "指定した規格にない文字";
        message: "the text holds a character outside of {}", "{} にない文字が含まれています";
        help: "decide with which character the name or address is sent; the printed certificate may keep its own",
            "送信に使う文字を決めてください(紙の受給者証の表記を変える必要はありません)";
        system: "add the character to the table of characters (`characterTable`), or export the reduced form (縮退)",
            "文字の対応表(`characterTable`)に追加するか、縮退(代替文字)出力を使ってください";
    }
}

/// The characters that a field may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    /// A name: full-width text.
    Name,
    /// A reading: full-width katakana.
    Katakana,
    /// A part of the address: full-width text, as a matter of taste.
    Address,
}

const NAME_LENGTH: usize = 100;
const ADDRESS_LENGTH: usize = 200;

/// Names, kana and addresses.
const TEXTS: [(Field, Script, usize); 8] = [
    (Field::LastName, Script::Name, NAME_LENGTH),
    (Field::FirstName, Script::Name, NAME_LENGTH),
    (Field::LastNameKana, Script::Katakana, NAME_LENGTH),
    (Field::FirstNameKana, Script::Katakana, NAME_LENGTH),
    (Field::AddressCity, Script::Address, ADDRESS_LENGTH),
    (Field::AddressSection, Script::Address, ADDRESS_LENGTH),
    (Field::AddressHouseNumber, Script::Address, ADDRESS_LENGTH),
    (Field::AddressDetail, Script::Address, ADDRESS_LENGTH),
];

/// Checks names, kana and addresses.
pub(super) fn check(record: &Record<'_>, findings: &mut Findings) {
    // a loop over the table: unrolled it would be eight times as many bytes of the module
    for &(field, script, longest) in core::hint::black_box(&TEXTS) {
        let Some(text) = record.text(field) else { continue };
        let at = record.at(field);
        let classes = Classes::of(text);
        classes.report(at, findings);
        if classes.has(Class::LineBreak) {
            let words = Text { en: "; a line break", ja: "(改行)" };
            findings.add_with(&UNREADABLE, at, Detail::Words(words));
        }
        // advice to make a sign full-width would make it worse; but only an error keeps it from being sent
        let substituted = script != Script::Address && text.contains(is_substitute);
        if substituted {
            findings.add(&SUBSTITUTE, at);
        }
        let told = substituted && findings.severity(&SUBSTITUTE) == Severity::Error;
        let counts = |c: &char| !(told && is_substitute(*c));
        match script {
            Script::Address if classes.has(Class::HalfWidth) => findings.add(&HALF_WIDTH_ADDRESS, at),
            Script::Address => {}
            _ if classes.has(Class::HalfWidth) => {
                let mut half =
                    text.chars().filter(counts).filter(|c| Class::of(*c) == Class::HalfWidth).peekable();
                if half.peek().is_some() {
                    let space = half.all(|c| c != ' ' && c.is_whitespace());
                    let words = Text {
                        en: "; a space other than U+3000",
                        ja: "(全角の空白(U+3000)以外の空白)",
                    };
                    let detail = if space { Detail::Words(words) } else { Detail::Nothing };
                    findings.add_with(&HALF_WIDTH, at, detail);
                }
            }
            _ => {}
        }
        let is_other = |c: char| !is_katakana(c) && !Class::of(c).is_refused();
        if script == Script::Katakana && text.chars().filter(counts).any(is_other) {
            findings.add(&NOT_KATAKANA, at);
        }
        if let Some(level) = record.level
            && text.chars().filter(counts).any(|c| is_outside(level, c))
        {
            let name = level.name();
            findings.add_with(&OUTSIDE_LEVEL, at, Detail::Words(Text { en: name, ja: name }));
        }
        if text.len() > longest && text.chars().count() > longest {
            findings.add_with(&TOO_LONG, at, Detail::Number(longest as u64));
        }
        if text.starts_with(is_space) || text.ends_with(is_space) {
            findings.add(&EDGE_SPACE, at);
        }
    }
}

/// Whether a character is outside of a level, and no other rule speaks of it.
#[inline(never)]
fn is_outside(level: Level, c: char) -> bool {
    matches!(Class::of(c), Class::Plain | Class::Compatibility) && !level.has(c)
}

/// Checks a text of the certificate's face: any width, line breaks allowed.
#[inline]
pub(crate) fn check_text(text: &str, at: At<'_>, findings: &mut Findings) {
    Classes::of(text).report(at, findings);
}

/// The classes that occur in a text, a bit each.
#[derive(Debug, Clone, Copy, Default)]
struct Classes(u16);

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
            (Class::Plane16, &ADDED_STANDARD),
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
