//! Names to draw from: frequent ones, put together at random, so that nobody real is meant.

use crate::random::Random;

/// A name with its reading. `given` is empty where the person has a name of one part.
#[derive(Clone)]
pub(crate) struct Name {
    pub(crate) family: String,
    pub(crate) given: String,
    pub(crate) family_kana: String,
    pub(crate) given_kana: String,
}

impl Name {
    pub(crate) fn new(family: Pair, given: Pair) -> Self {
        Self {
            family: family.0.into(),
            given: given.0.into(),
            family_kana: family.1.into(),
            given_kana: given.1.into(),
        }
    }

    /// 氏名 in one, with a full-width space where it has two parts.
    pub(crate) fn whole(&self) -> String {
        joined(&self.family, &self.given)
    }

    /// 氏名カナ in one.
    pub(crate) fn whole_kana(&self) -> String {
        joined(&self.family_kana, &self.given_kana)
    }
}

fn joined(family: &str, given: &str) -> String {
    if given.is_empty() { family.into() } else { format!("{family}　{given}") }
}

/// What is written, and how it is read.
pub(crate) type Pair = (&'static str, &'static str);

const FAMILIES: [Pair; 55] = [
    ("佐藤", "サトウ"),
    ("鈴木", "スズキ"),
    ("高橋", "タカハシ"),
    ("髙橋", "タカハシ"),
    ("田中", "タナカ"),
    ("伊藤", "イトウ"),
    ("渡辺", "ワタナベ"),
    ("渡邊", "ワタナベ"),
    ("山本", "ヤマモト"),
    ("中村", "ナカムラ"),
    ("小林", "コバヤシ"),
    ("加藤", "カトウ"),
    ("吉田", "ヨシダ"),
    ("山田", "ヤマダ"),
    ("佐々木", "ササキ"),
    ("山口", "ヤマグチ"),
    ("松本", "マツモト"),
    ("井上", "イノウエ"),
    ("木村", "キムラ"),
    ("林", "ハヤシ"),
    ("斎藤", "サイトウ"),
    ("齋藤", "サイトウ"),
    ("清水", "シミズ"),
    ("山崎", "ヤマザキ"),
    ("山﨑", "ヤマサキ"),
    ("阿部", "アベ"),
    ("森", "モリ"),
    ("池田", "イケダ"),
    ("橋本", "ハシモト"),
    ("石川", "イシカワ"),
    ("山下", "ヤマシタ"),
    ("小川", "オガワ"),
    ("石井", "イシイ"),
    ("長谷川", "ハセガワ"),
    ("後藤", "ゴトウ"),
    ("岡田", "オカダ"),
    ("近藤", "コンドウ"),
    ("前田", "マエダ"),
    ("藤田", "フジタ"),
    ("遠藤", "エンドウ"),
    ("青木", "アオキ"),
    ("坂本", "サカモト"),
    ("村上", "ムラカミ"),
    ("太田", "オオタ"),
    ("金子", "カネコ"),
    ("藤井", "フジイ"),
    ("福田", "フクダ"),
    ("西村", "ニシムラ"),
    ("三浦", "ミウラ"),
    ("竹内", "タケウチ"),
    ("中川", "ナカガワ"),
    ("岡本", "オカモト"),
    ("一ノ瀬", "イチノセ"),
    ("五十嵐", "イガラシ"),
    ("原", "ハラ"),
];

const GIVEN_BEFORE_1960: [Pair; 18] = [
    ("和子", "カズコ"),
    ("幸子", "サチコ"),
    ("節子", "セツコ"),
    ("洋子", "ヨウコ"),
    ("恵子", "ケイコ"),
    ("キヨ", "キヨ"),
    ("ハツエ", "ハツエ"),
    ("トミ子", "トミコ"),
    ("よし江", "ヨシエ"),
    ("清", "キヨシ"),
    ("勇", "イサム"),
    ("正", "タダシ"),
    ("茂", "シゲル"),
    ("博", "ヒロシ"),
    ("昭", "アキラ"),
    ("三郎", "サブロウ"),
    ("義雄", "ヨシオ"),
    ("勝利", "カツトシ"),
];

const GIVEN_BEFORE_1995: [Pair; 20] = [
    ("裕子", "ユウコ"),
    ("由美子", "ユミコ"),
    ("直美", "ナオミ"),
    ("久美子", "クミコ"),
    ("智子", "トモコ"),
    ("真由美", "マユミ"),
    ("めぐみ", "メグミ"),
    ("愛", "アイ"),
    ("彩", "アヤ"),
    ("純一", "ジュンイチ"),
    ("健一", "ケンイチ"),
    ("誠", "マコト"),
    ("哲也", "テツヤ"),
    ("大輔", "ダイスケ"),
    ("健太", "ケンタ"),
    ("翔太", "ショウタ"),
    ("拓也", "タクヤ"),
    ("学", "マナブ"),
    ("太郎", "タロウ"),
    ("花子", "ハナコ"),
];

const GIVEN_LATER: [Pair; 18] = [
    ("陽翔", "ハルト"),
    ("蓮", "レン"),
    ("湊", "ミナト"),
    ("大翔", "ヒロト"),
    ("悠真", "ユウマ"),
    ("颯太", "ソウタ"),
    ("樹", "イツキ"),
    ("結愛", "ユア"),
    ("陽菜", "ヒナ"),
    ("葵", "アオイ"),
    ("凛", "リン"),
    ("さくら", "サクラ"),
    ("美桜", "ミオ"),
    ("結衣", "ユイ"),
    ("ひなた", "ヒナタ"),
    ("心春", "コハル"),
    ("琉生", "ルイ"),
    ("ジェームズ", "ジェームズ"),
];

const FOREIGN: [(Pair, Pair); 8] = [
    (("ＮＧＵＹＥＮ", "グエン"), ("ＶＡＮ　ＡＮＨ", "ヴァン　アン")),
    (("ＳＭＩＴＨ", "スミス"), ("ＪＯＨＮ　ＰＡＵＬ", "ジョン　ポール")),
    (("ＳＡＮＴＯＳ", "サントス"), ("ＭＡＲＩＡ　ＣＲＵＺ", "マリア　クルズ")),
    (("ＫＩＭ", "キム"), ("ＭＩＮＪＵＮ", "ミンジュン")),
    (("ＳＨＲＥＳＴＨＡ", "シュレスタ"), ("ＲＡＭ　ＢＡＨＡＤＵＲ", "ラム　バハドゥル")),
    (("ＷＡＮＧ", "ワン"), ("ＬＩ", "リー")),
    (("ＳＩＬＶＡ", "シルヴァ"), ("ＰＥＤＲＯ　ＨＥＮＲＩＱＵＥ", "ペドロ　エンリケ")),
    (("Ｏ’ＢＲＩＥＮ", "オブライエン"), ("ＭＡＲＹ－ＡＮＮ", "メアリー・アン")),
];

/// A name as people born in that year bear it; one of about twenty is a foreign resident's in Latin letters.
pub(crate) fn draw(random: &mut Random, birth_year: u16) -> Name {
    if random.chance(5) {
        let &(family, given) = random.pick(&FOREIGN);
        return Name::new(family, given);
    }
    let given: &[Pair] = match birth_year {
        ..1960 => &GIVEN_BEFORE_1960,
        1960..1995 => &GIVEN_BEFORE_1995,
        _ => &GIVEN_LATER,
    };
    Name::new(*random.pick(&FAMILIES), *random.pick(given))
}

/// A given name of an adult.
pub(crate) fn draw_adult_given(random: &mut Random) -> Pair {
    *random.pick(&GIVEN_BEFORE_1995)
}
