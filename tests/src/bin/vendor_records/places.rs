//! Municipalities that don't exist, in prefectures that do, with their 町字 and medical institutions.

use crate::{numbers::verified, random::Random};

/// A municipality and what its ledger needs.
pub(crate) struct Municipality {
    pub(crate) prefecture: &'static str,
    /// 都道府県番号
    prefecture_number: &'static str,
    pub(crate) city: &'static str,
    /// 実施機関番号 of the municipality itself, and of the prefecture for 精神通院医療
    agency: &'static str,
    prefecture_agency: &'static str,
    sections: &'static [&'static str],
    buildings: &'static [&'static str],
    pub(crate) hospitals: &'static [Institution],
    pub(crate) psychiatric: &'static [Institution],
    pub(crate) pharmacies: &'static [Institution],
    pub(crate) visiting_nurses: &'static [Institution],
}

/// 指定自立支援医療機関
#[derive(Clone)]
pub(crate) struct Institution {
    /// 種別
    pub(crate) kind: &'static str,
    pub(crate) name: &'static str,
    /// 所在地
    pub(crate) address: &'static str,
}

/// 住所 in the payload's five parts; digits half-width, for the vendor to write its way.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) prefecture: String,
    pub(crate) city: String,
    pub(crate) section: String,
    pub(crate) house_number: String,
    pub(crate) detail: String,
}

impl Municipality {
    /// 公費負担者番号: 法別番号, 都道府県番号, 実施機関番号, 検証番号
    pub(crate) fn registration_number(&self, law: &str) -> String {
        let agency = if law == "21" { self.prefecture_agency } else { self.agency };
        verified(&format!("{law}{}{agency}", self.prefecture_number))
    }

    pub(crate) fn draw_address(&self, random: &mut Random) -> Address {
        let (block, house) = (random.between(1, 40), random.between(1, 30));
        let house_number = match random.between(1, 3) {
            1 => format!("{block}-{house}"),
            2 => format!("{}番地{}", block * 10 + 3, house),
            _ => format!("{block}番{house}号"),
        };
        let detail = if random.chance(35) {
            format!("{}{}{:02}", random.pick(self.buildings), random.between(1, 9), random.between(1, 8))
        } else {
            String::new()
        };
        Address {
            prefecture: self.prefecture.into(),
            city: self.city.into(),
            section: (*random.pick(self.sections)).into(),
            house_number,
            detail,
        }
    }
}

const fn hospital(name: &'static str, address: &'static str) -> Institution {
    Institution { kind: "病院・診療所", name, address }
}

const fn pharmacy(name: &'static str, address: &'static str) -> Institution {
    Institution { kind: "薬局", name, address }
}

const fn visiting_nurse(name: &'static str, address: &'static str) -> Institution {
    Institution { kind: "訪問看護", name, address }
}

/// A suburban city in 埼玉県.
pub(crate) const MIDORIGAHARA: Municipality = Municipality {
    prefecture: "埼玉県",
    prefecture_number: "11",
    city: "緑ヶ原市",
    agency: "801",
    prefecture_agency: "601",
    sections: &[
        "本町1丁目",
        "本町2丁目",
        "栄町",
        "緑が丘3丁目",
        "東緑ヶ原",
        "大字上野原",
        "大字下野原字南",
        "若葉台5丁目",
    ],
    buildings: &["コーポ青葉", "メゾン緑", "ハイツ若葉 ", "県営上野原住宅2-"],
    hospitals: &[
        hospital("緑ヶ原市立総合病院", "埼玉県緑ヶ原市本町１－１"),
        hospital("医療法人若葉会　若葉台整形外科", "埼玉県緑ヶ原市若葉台５－１０"),
        hospital("埼玉武蔵野医科大学病院", "埼玉県武蔵沢市中央１－２－３"),
    ],
    psychiatric: &[
        hospital("医療法人清風会　緑ヶ原病院", "埼玉県緑ヶ原市大字上野原８００"),
        hospital("本町メンタルクリニック", "埼玉県緑ヶ原市本町２－５－６"),
        hospital("こころの診療所　栄町", "埼玉県緑ヶ原市栄町３－４"),
    ],
    pharmacies: &[
        pharmacy("みどり薬局　本町店", "埼玉県緑ヶ原市本町２－５－８"),
        pharmacy("若葉調剤薬局", "埼玉県緑ヶ原市若葉台５－１２"),
    ],
    visiting_nurses: &[visiting_nurse("訪問看護ステーションひまわり", "埼玉県緑ヶ原市栄町７－１")],
};

/// A small town in 北海道; its 都道府県番号 begins with 0.
pub(crate) const SHIRAKABA: Municipality = Municipality {
    prefecture: "北海道",
    prefecture_number: "01",
    city: "北野郡白樺町",
    agency: "817",
    prefecture_agency: "601",
    sections: &["東1条南2丁目", "西3条北1丁目", "字白樺", "字北野", "緑町", "栄町4丁目"],
    buildings: &["公営住宅白樺団地2棟", "グループホームすずらん", "コーポポプラ"],
    hospitals: &[
        hospital("白樺町立病院", "北海道北野郡白樺町東１条南１丁目"),
        hospital("北央医科大学病院", "北海道北央市中央２条１丁目"),
        hospital("道北こども医療センター", "北海道北央市緑町５丁目"),
    ],
    psychiatric: &[
        hospital("北央こころの病院", "北海道北央市西１０条３丁目"),
        hospital("医療法人すずらん　白樺クリニック", "北海道北野郡白樺町緑町１２番地"),
    ],
    pharmacies: &[
        pharmacy("しらかば薬局", "北海道北野郡白樺町東１条南２丁目"),
        pharmacy("北央ファーマシー大学前店", "北海道北央市中央２条２丁目"),
    ],
    visiting_nurses: &[visiting_nurse("訪問看護ステーションすずらん", "北海道北野郡白樺町緑町１３番地")],
};

/// A city in 長野県.
pub(crate) const HOTAKAZAWA: Municipality = Municipality {
    prefecture: "長野県",
    prefecture_number: "20",
    city: "穂高沢市",
    agency: "805",
    prefecture_agency: "602",
    sections: &["中央1丁目", "大手2丁目", "梓川町", "大字穂高", "大字沢渡", "城山町"],
    buildings: &["穂高ハイツ", "市営城山住宅A-", "サンライズ中央 "],
    hospitals: &[
        hospital("穂高沢中央病院", "長野県穂高沢市中央1-2-3"),
        hospital("長野県立高原こども病院", "長野県高原市大字北野1,234番地"),
        hospital("医療法人梓会 梓川クリニック", "長野県穂高沢市梓川町5-6"),
    ],
    psychiatric: &[
        hospital("城山病院", "長野県穂高沢市城山町10-1"),
        hospital("大手町こころのクリニック", "長野県穂高沢市大手2-3-4"),
    ],
    pharmacies: &[
        pharmacy("㈱ほたか薬局 中央店", "長野県穂高沢市中央1-2-5"),
        pharmacy("あずさ調剤薬局", "長野県穂高沢市梓川町5-8"),
    ],
    visiting_nurses: &[visiting_nurse("訪問看護ステーションりんどう", "長野県穂高沢市大手2-9")],
};
