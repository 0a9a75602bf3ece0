//! 632x: CSV and fixed-length files. Raised by the runner, explained here with the others.

use super::rules;

rules! {
    /// A row of a CSV file has another number of columns than the header or, without a header, than the other rows; or it has a value
    /// in a column without a name. Columns without a name are allowed at the end of the header, and must be empty.
    ///
    /// - Why: nobody can say which cell belongs to which column, so the record is rejected. Mostly a comma or a line break inside
    ///   a cell that is not in quotation marks.
    /// - Source: RFC 4180, 2.4.
    /// - Bad: `1,見本　太郎,東京都千代田区1,2` under `宛名番号,氏名,住所`
    /// - Good: `1,見本　太郎,"東京都千代田区1,2"`
    ///
    /// # 日本語
    ///
    /// CSVの行の列数が、見出し行(見出しのないファイルではほかの行)と異なるか、見出しのない列に値があります。見出しのない列は、末尾にあり、すべて空のときだけ許されます。
    ///
    /// - 理由: どのセルがどの列の値かを判断できないため、エラーとします。多くの場合、セルの中のカンマや改行が引用符で囲まれていないことが原因です。
    /// - 根拠: RFC 4180 2.4。
    /// - 誤りの例: 見出しが `宛名番号,氏名,住所` で、行が `1,見本　太郎,東京都千代田区1,2`
    /// - 正しい例: `1,見本　太郎,"東京都千代田区1,2"`
    CSV_ROW = "PMH6320", Error fixed {
        title: "CSV row with another number of columns", "CSVの行の列数の誤り";
        message: "this row has another number of columns than it should: {}", "この行の列数が正しくありません({})";
        help: "look at this line of the file for a comma, line break or quotation mark inside a cell, and let the export put such cells in quotation marks",
            "ファイルのこの行に、セルの中のカンマ・改行・引用符がないか確認し、出力側でそのセルを引用符で囲むようにしてください";
    }

    /// The columns of a whole CSV file are not those of its first line: nine of ten rows don't fit the header, or the file has one
    /// column with the given delimiter and several with another.
    ///
    /// - Why: one cause, so one message in place of one per record; with wrong columns no value is what it seems.
    /// - Source: the first lines of the file.
    /// - Bad: a title above the header; `input.delimiter = ","` for a file with tabs.
    /// - Good: the header as the first line, and the delimiter that the file has.
    ///
    /// # 日本語
    ///
    /// CSVファイル全体で、列が1行目と合っていません。行の9割以上が見出し行の列数と合わないか、指定された区切り文字では1列しかなく、別の区切り文字なら複数の列になります。
    ///
    /// - 理由: 原因は1つなので、レコードごとではなく1回だけ知らせます。列が誤っていると、どの値も正しく対応しません。
    /// - 根拠: ファイルの先頭の数行。
    /// - 誤りの例: 見出し行の上に表題がある。タブ区切りのファイルに `input.delimiter = ","` を指定している。
    /// - 正しい例: 1行目が見出し行で、区切り文字の指定がファイルと合っている。
    CSV_COLUMNS = "PMH6321", Error fixed {
        title: "CSV columns do not fit", "CSVの列の不一致";
        message: "the columns of the CSV file do not fit its first line: {}", "CSVファイルの列が1行目と合いません({})";
        help: "let the first line be the header (or set input.header = false, --no-header), and check input.delimiter (--delimiter)",
            "1行目を見出し行にし(見出しがなければ input.header = false または --no-header)、区切り文字の指定(input.delimiter、--delimiter)を確認してください";
    }

    /// Rows without any value were skipped: blank lines, or lines of delimiters only. Blank lines at the end of the file are not
    /// told.
    ///
    /// - Why a warning: such a row holds no record. Spreadsheets leave them behind deleted rows, so look whether a person is missing.
    /// - Source: the file itself.
    /// - Bad: `,,,,` between two records.
    /// - Good: a file that ends after its last record.
    ///
    /// # 日本語
    ///
    /// 値のない行(空行、または区切り文字だけの行)を読み飛ばしました。ファイル末尾の空行は数えません。
    ///
    /// - 理由: 値のない行にレコードはないため、警告にとどめます。表計算ソフトで行の内容を消した跡に残ることがあるため、対象者が欠けていないか確認してください。
    /// - 根拠: ファイルの内容。
    /// - 誤りの例: レコードの間に `,,,,` という行がある。
    /// - 正しい例: 最後のレコードで終わっているファイル。
    CSV_SKIPPED = "PMH6322", Warning fixed {
        title: "empty rows skipped", "空の行の読み飛ばし";
        message: "rows without any value were skipped: {}", "値のない行を読み飛ばしました({})";
        help: "delete these rows in the file, or leave them if no record is missing", "レコードが欠けていないか確認してください。問題がなければ、そのままで構いません";
    }

    /// The delimiter of a CSV file was told by its first lines, and it is not a comma.
    ///
    /// - Why a warning: the columns are what it makes them. Setting it keeps an unusual file from being read another way.
    /// - Source: the first lines of the file, or its line `sep=`.
    /// - Bad: this message every night.
    /// - Good: `input.delimiter = "tab"`
    ///
    /// # 日本語
    ///
    /// CSVファイルの区切り文字を先頭の数行から判断しました。カンマではありません。
    ///
    /// - 理由: 列の分け方は区切り文字で決まるため、警告として知らせます。指定しておけば、判断が変わることはありません。
    /// - 根拠: ファイルの先頭の数行、または `sep=` の行。
    /// - 誤りの例: この表示が毎回出る。
    /// - 正しい例: `input.delimiter = "tab"`
    CSV_DELIMITER = "PMH6323", Warning fixed {
        title: "delimiter detected", "区切り文字の自動判定";
        message: "the file is read with another delimiter than a comma: {}", "カンマ以外の区切り文字で読み取りました({})";
        help: "set input.delimiter (--delimiter) to it", "input.delimiter(--delimiter)に指定してください";
    }

    /// The column table of a fixed-length file cannot be used, or fits no record of the file.
    ///
    /// - Why: with a wrong table every value is cut in the wrong place.
    /// - Source: `host-runner/README.md`, "Fixed-length records".
    /// - Bad: columns that overlap or leave a gap; a record length that is not the file's.
    /// - Good: `name,start,length` and one line per column, one after the other; a filler has no name.
    ///
    /// # 日本語
    ///
    /// 固定長ファイルの項目表を使用できないか、項目表がファイルのどのレコードとも合いません。
    ///
    /// - 理由: 項目表が誤っていると、すべての値が誤った位置で切り出されます。
    /// - 根拠: `host-runner/README.md` の "Fixed-length records"。
    /// - 誤りの例: 項目が重なっている。間が空いている。レコード長がファイルと異なる。
    /// - 正しい例: `name,start,length` の見出しの下に、項目を順に1行ずつ書く。予備の項目は名前を空にする。
    FIXED_LAYOUT = "PMH6324", Error fixed {
        title: "column table not usable", "項目表の不備";
        message: "the column table cannot be used: {}", "項目表を使用できません({})";
        help: "compare the table (input.columns, --columns) with the file's record layout, in bytes, and check the encoding",
            "項目表(input.columns、--columns)をファイルのレコードレイアウト(バイト単位)と照合し、文字コードの指定も確認してください";
    }

    /// A fixed-length record does not fit the column table: it has another length, a column begins inside a character, or a byte is no
    /// character.
    ///
    /// - Why: the values would be cut in the wrong places, so the record is rejected.
    /// - Source: the column table.
    /// - Bad: a line whose trailing spaces were removed; a name that was cut in the middle of a two-byte character.
    /// - Good: a record with all its bytes.
    ///
    /// # 日本語
    ///
    /// 固定長のレコードが項目表と合いません。長さが異なるか、項目の境目が文字の途中にあるか、文字として読めないバイトがあります。
    ///
    /// - 理由: 値が誤った位置で切り出されるため、エラーとします。
    /// - 根拠: 項目表。
    /// - 誤りの例: 行末の空白が取り除かれている。氏名が全角文字の途中で切れている。
    /// - 正しい例: 全バイトがそろったレコード。
    FIXED_RECORD = "PMH6325", Error fixed {
        title: "fixed-length record does not fit", "固定長レコードの不備";
        message: "this record does not fit the column table: {}", "このレコードは項目表と合いません({})";
        help: "look at the export of this record: its length in bytes, and characters that were cut", "このレコードの出力内容(バイト数、文字の途中での切り捨て)を確認してください";
    }

    /// A file of fixed-length records without line ends ends in the middle of a record.
    ///
    /// - Why: the file was cut off, or the record length is not the file's: then every record is cut in the wrong place.
    /// - Source: the column table.
    /// - Bad: a file of 1000 bytes with records of 300 bytes.
    /// - Good: a file of 1200 bytes with records of 300 bytes.
    ///
    /// # 日本語
    ///
    /// 改行のない固定長ファイルが、レコードの途中で終わっています。
    ///
    /// - 理由: ファイルが途中で切れているか、レコード長が異なります。後者の場合は、すべてのレコードが誤った位置で切り出されます。
    /// - 根拠: 項目表。
    /// - 誤りの例: レコード長300バイトで、ファイルが1000バイト。
    /// - 正しい例: レコード長300バイトで、ファイルが1200バイト。
    FIXED_CUT_OFF = "PMH6326", Error fixed {
        title: "file ends inside a record", "レコードの途中で終わるファイル";
        message: "the file ends in the middle of a record: {}", "ファイルがレコードの途中で終わっています({})";
        help: "export or transfer the file again, and compare the record length with the column table", "ファイルの出力または転送をやり直し、レコード長を項目表と照合してください";
    }
}
