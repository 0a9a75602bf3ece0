// The payload's keys in the words of the API's table.

const NAMES: Record<string, string> = {
  myNumber: "個人番号",
  lastName: "氏名(氏)",
  firstName: "氏名(名)",
  lastNameKana: "氏名カナ(氏)",
  firstNameKana: "氏名カナ(名)",
  addressPref: "都道府県",
  addressCity: "市区郡町村",
  addressSection: "町字",
  addressHouseNumber: "番地",
  addressDetail: "方書",
  birthDate: "生年月日",
  gender: "性別",
  medicalSubsidyRegistrationNumber: "公費負担者番号",
  medicalSubsidyCertificationNumber: "受給者番号",
  copaymentLimit: "自己負担上限",
  common: "共通",
  hospitalization: "入院",
  outpatient: "外来",
  pharmacy: "薬局",
  burdenRatio: "負担割合(%)",
  amount: "上限額(円)",
  perDayOrMonth: "日・月の区分",
  limitedNumberOfTimes: "回数の上限",
  certificationStartDate: "有効期間(開始日)",
  certificationEndDate: "有効期間(終了日)",
  certificateAllItems: "券面の全項目",
};

export const japaneseName = (key: string): string | undefined => NAMES[key];
