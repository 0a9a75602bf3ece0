// The same mapping written by hand for this one layout: JSON.parse, plain functions, ajv with the API's own schema, JSON.stringify.
// node handwritten.mjs OPENAPI INPUT OUTPUT
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";
import { parse } from "yaml";

const [openapi, input, output] = process.argv.slice(2);

const SCHEMES = { 15: "更生医療", 16: "育成医療", 21: "精神通院医療" };
const ERAS = [
  ["令和", 2019, "2019-05-01"],
  ["平成", 1989, "1989-01-08"],
  ["昭和", 1926, "1926-12-25"],
  ["大正", 1912, "1912-07-30"],
];
const ERA_DATE = /^(令和|平成|昭和|大正)(元|\d{1,2})年(\d{1,2})月(\d{1,2})日$/;

function isoDate(text) {
  const [, era, year, month, day] = ERA_DATE.exec(text);
  const first = ERAS.find(([name]) => name === era)[1];
  const years = year === "元" ? 1 : Number(year);
  return `${first + years - 1}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
}

function eraDate(iso) {
  const [name, first] = ERAS.find(([, , begins]) => iso >= begins);
  const [year, month, day] = iso.split("-").map(Number);
  const years = year - first + 1;
  return `${name}${years === 1 ? "元" : years}年${month}月${day}日`;
}

const fullWidth = (text) =>
  text.replace(/[ -~]/g, (c) => (c === " " ? "　" : String.fromCharCode(c.charCodeAt(0) + 0xfee0)));

function split(name) {
  const at = name.indexOf("　");
  return at < 0 ? [name, "－"] : [name.slice(0, at), name.slice(at + 1)];
}

const noLimit = () => ({ burdenRatio: null, amount: null, perDayOrMonth: null, limitedNumberOfTimes: null });

function map(record) {
  const { 受診者: patient, 負担: copayment, 保護者: guardian } = record;
  const { 住所: address } = patient;
  const scheme = record.制度.コード;
  const [lastName, firstName] = split(patient.氏名);
  const [lastNameKana, firstNameKana] = split(patient.氏名カナ);
  const addressDetail = address.方書 === null ? "" : fullWidth(address.方書);
  const birthDate = isoDate(patient.生年月日);
  const start = isoDate(record.有効期間.開始);
  const end = isoDate(record.有効期間.終了);
  const amount = copayment.上限月額 === null ? null : Number(copayment.上限月額.replaceAll(",", ""));
  const printed = `${address.都道府県}${address.市区町村}${address.町字}${address.番地}`;
  const certificate = {
    受給者証名称: `自立支援医療受給者証（${SCHEMES[scheme]}）`,
    公費負担者番号: record.公費負担者番号,
    自立支援医療受給者番号: record.受給者番号,
    受診者: {
      氏名: patient.氏名,
      生年月日: eraDate(birthDate),
      住所: addressDetail === "" ? printed : `${printed}　${addressDetail}`,
    },
  };
  if (guardian) {
    certificate.保護者 = { 氏名: guardian.氏名, 受診者との続柄: guardian.続柄, 住所: guardian.住所 };
  }
  certificate.指定医療機関名 = record.医療機関.map(({ 種別, 名称, 所在地 }) => ({ 種別, 名称, 所在地 }));
  certificate.自己負担上限額 = {
    月額: amount === null ? "医療保険の自己負担限度額" : `${amount.toLocaleString("en-US")}円`,
    所得区分: copayment.所得区分,
    重度かつ継続: copayment.重度かつ継続,
  };
  certificate.有効期間 = `${eraDate(start)}から${eraDate(end)}まで`;
  certificate.交付年月日 = record.交付年月日;
  if (scheme !== "21") {
    certificate.公費負担の対象となる障害 = record.障害名;
    certificate.医療の具体的方針 = record.医療の具体的方針;
  }
  certificate.特定疾病療養受給証 = record.特定疾病療養受療証;
  return {
    myNumber: record.個人番号,
    lastName,
    firstName,
    lastNameKana,
    firstNameKana,
    addressPref: address.都道府県,
    addressCity: address.市区町村,
    addressSection: address.町字,
    addressHouseNumber: address.番地,
    addressDetail,
    birthDate,
    gender: "0",
    medicalSubsidyRegistrationNumber: record.公費負担者番号,
    medicalSubsidyCertificationNumber: record.受給者番号,
    copaymentLimit: {
      common: { burdenRatio: amount === null ? 10 : null, amount, perDayOrMonth: amount === null ? null : "2", limitedNumberOfTimes: null },
      hospitalization: noLimit(),
      outpatient: noLimit(),
      pharmacy: noLimit(),
    },
    certificationStartDate: start,
    certificationEndDate: end,
    certificateAllItems: certificate,
  };
}

const digit = (text, at) => text.charCodeAt(at) - 48;

function isMyNumber(text) {
  let sum = 0;
  for (let n = 1; n <= 11; n++) sum += digit(text, 11 - n) * (n <= 6 ? n + 1 : n - 5);
  const rest = sum % 11;
  return digit(text, 11) === (rest <= 1 ? 0 : 11 - rest);
}

function isVerified(text) {
  let total = 0;
  for (let at = text.length - 2, weight = 2; at >= 0; at--, weight = 3 - weight) {
    const product = digit(text, at) * weight;
    total += Math.floor(product / 10) + (product % 10);
  }
  return digit(text, text.length - 1) === (10 - (total % 10)) % 10;
}

const api = parse(readFileSync(openapi, "utf8"));
const ajv = new Ajv2020({ strict: false, formats: { date: /^\d{4}-\d\d-\d\d$/ } });
const isValid = ajv.compile({
  $ref: "#/components/schemas/MedicalSubsidiesTargetPerson",
  components: api.components,
});

const PRIVATE_USE = /[\uE000-\uF8FF]|[\uDB80-\uDBFF][\uDC00-\uDFFF]/;

const isRight = (element, text) =>
  isValid(element) &&
  isMyNumber(element.myNumber) &&
  isVerified(element.medicalSubsidyRegistrationNumber) &&
  isVerified(element.medicalSubsidyCertificationNumber) &&
  !PRIVATE_USE.test(text);

const file = openSync(output, "w");
let rejected = 0;
let piece = [];
let separator = "[";
for (const record of JSON.parse(readFileSync(input, "utf8"))) {
  const element = map(record);
  const text = JSON.stringify(element);
  if (!isRight(element, text)) {
    rejected += 1;
    continue;
  }
  piece.push(separator, text);
  separator = ",";
  if (piece.length >= 512) {
    writeSync(file, piece.join(""));
    piece = [];
  }
}
piece.push(separator === "[" ? "[]" : "]");
writeSync(file, piece.join(""));
closeSync(file);
console.error(`${rejected} rejected`);
