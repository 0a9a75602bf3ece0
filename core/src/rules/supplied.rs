//! 63xx: what a site supplies beside the profile, as files.

use super::rules;

rules! {
    /// The file of the table of characters (`character_table`) must have two code points by line, each character once, and be complete.
    ///
    /// - Why: with an entry that is passed over, or half a file, people would be left out whose names the table was meant for. What a table may replace is PMH9014.
    /// - Source: `docs/operations.md`, "Table of characters and masters".
    /// - Bad: an empty file; a last line without a line break; `E000,高`
    /// - Good: `U+E000,U+9AD8`
    ///
    /// # 日本語
    ///
    /// 文字の対応表のファイル(`character_table`)には、1行に2つのコードポイントを、置き換える文字ごとに1回だけ書きます。ファイルは途中で切れていてはいけません。
    ///
    /// - 理由: 読めない行を無視したり、途中までのファイルを使ったりすると、対応表で置き換えるはずの方がエラーになります。置き換えられる文字についてはPMH9014で扱います。
    /// - 根拠: `docs/operations.ja.md` の「文字の対応表とマスター」。
    /// - 誤りの例: 空のファイル、最後の行に改行のないファイル、`E000,高`
    /// - 正しい例: `U+E000,U+9AD8`
    CHARACTER_TABLE_FILE = "PMH6327", Error fixed {
        title: "file of the table of characters", "文字の対応表のファイル";
        message: "the table of characters cannot be used: {}", "文字の対応表を使用できません: {}";
        help: "correct that line, or copy the file again", "その行を直すか、ファイルを置き直してください";
    }

    /// The file of a master (`[masters]`) must be complete, and have numbers and days in the columns that the configuration names.
    ///
    /// - Why: by half a master, or by the wrong column, nearly everybody's payer number would be wrong; by one that is passed over, nobody's.
    /// - Source: `docs/operations.md`, "Table of characters and masters".
    /// - Bad: an empty file; `number = 4` if the numbers are in column 3; fewer rows than `min_rows`.
    /// - Good: 地単公費マスター as it was downloaded, with the numbers of its columns.
    ///
    /// # 日本語
    ///
    /// マスターのファイル(`[masters]`)は途中で切れておらず、設定で指定した列に番号と日付がなければなりません。
    ///
    /// - 理由: 途中までのマスターや列の指定の誤りがあると、ほぼ全件の公費負担者番号がエラーになります。読めないマスターを無視すると、誤りが1件も見つかりません。
    /// - 根拠: `docs/operations.ja.md` の「文字の対応表とマスター」。
    /// - 誤りの例: 空のファイル、番号が3列目にあるのに `number = 4`、`min_rows` より少ない行数。
    /// - 正しい例: ダウンロードしたままの地単公費マスターと、その列番号の指定。
    MASTER_FILE = "PMH6328", Error fixed {
        title: "file of a master", "マスターのファイル";
        message: "the master cannot be used: {}", "マスターを使用できません: {}";
        help: "copy the file again, or correct the columns in `[masters]`", "ファイルを置き直すか、`[masters]` の列の指定を直してください";
    }
}
