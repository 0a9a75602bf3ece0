package bench;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.BufferedOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The same mapping written by hand for this one layout: Jackson, plain methods, networknt's validator with the API's own schema. */
public final class Handwritten {
  private static final Map<String, String> SCHEMES = Map.of("15", "更生医療", "16", "育成医療", "21", "精神通院医療");
  private static final Pattern ERA_DATE =
      Pattern.compile("(令和|平成|昭和|大正)(元|[0-9]{1,2})年([0-9]{1,2})月([0-9]{1,2})日");
  private static final Pattern PRIVATE_USE = Pattern.compile("[\\p{Co}]");
  private static final ObjectMapper JSON = new ObjectMapper();

  private record Era(String name, LocalDate begins) {}

  private static final Era[] ERAS = {
    new Era("令和", LocalDate.of(2019, 5, 1)),
    new Era("平成", LocalDate.of(1989, 1, 8)),
    new Era("昭和", LocalDate.of(1926, 12, 25)),
    new Era("大正", LocalDate.of(1912, 7, 30)),
  };

  private Handwritten() {}

  private static LocalDate date(String text) {
    Matcher matcher = ERA_DATE.matcher(text);
    if (!matcher.matches()) throw new IllegalArgumentException("no date");
    int years = matcher.group(2).equals("元") ? 1 : Integer.parseInt(matcher.group(2));
    for (Era era : ERAS) {
      if (era.name.equals(matcher.group(1))) {
        int year = era.begins.getYear() + years - 1;
        return LocalDate.of(year, Integer.parseInt(matcher.group(3)), Integer.parseInt(matcher.group(4)));
      }
    }
    throw new IllegalArgumentException("no era");
  }

  private static String eraDate(LocalDate date) {
    for (Era era : ERAS) {
      if (!date.isBefore(era.begins)) {
        int years = date.getYear() - era.begins.getYear() + 1;
        return era.name + (years == 1 ? "元" : years) + "年" + date.getMonthValue() + "月" + date.getDayOfMonth() + "日";
      }
    }
    throw new IllegalArgumentException("before all eras");
  }

  private static String fullWidth(String text) {
    StringBuilder wide = new StringBuilder(text.length());
    for (int at = 0; at < text.length(); at++) {
      char letter = text.charAt(at);
      wide.append(letter == ' ' ? '　' : letter > ' ' && letter < 0x7F ? (char) (letter + 0xFEE0) : letter);
    }
    return wide.toString();
  }

  private static String family(String name) {
    int at = name.indexOf('　');
    return at < 0 ? name : name.substring(0, at);
  }

  private static String given(String name) {
    int at = name.indexOf('　');
    return at < 0 ? "－" : name.substring(at + 1);
  }

  private static ObjectNode limit(ObjectNode limits, String sector) {
    return limits.putObject(sector).putNull("burdenRatio").putNull("amount").putNull("perDayOrMonth").putNull("limitedNumberOfTimes");
  }

  private static ObjectNode map(JsonNode record) {
    JsonNode patient = record.get("受診者");
    JsonNode address = patient.get("住所");
    JsonNode copayment = record.get("負担");
    String name = patient.get("氏名").textValue();
    String kana = patient.get("氏名カナ").textValue();
    String detail = address.get("方書").isNull() ? "" : fullWidth(address.get("方書").textValue());
    LocalDate birth = date(patient.get("生年月日").textValue());
    LocalDate start = date(record.get("有効期間").get("開始").textValue());
    LocalDate end = date(record.get("有効期間").get("終了").textValue());
    String yen = copayment.get("上限月額").textValue();
    ObjectNode element = JSON.createObjectNode();
    element.set("myNumber", record.get("個人番号"));
    element.put("lastName", family(name)).put("firstName", given(name));
    element.put("lastNameKana", family(kana)).put("firstNameKana", given(kana));
    element.set("addressPref", address.get("都道府県"));
    element.set("addressCity", address.get("市区町村"));
    element.set("addressSection", address.get("町字"));
    element.set("addressHouseNumber", address.get("番地"));
    element.put("addressDetail", detail).put("birthDate", birth.toString()).put("gender", "0");
    element.set("medicalSubsidyRegistrationNumber", record.get("公費負担者番号"));
    element.set("medicalSubsidyCertificationNumber", record.get("受給者番号"));
    ObjectNode limits = element.putObject("copaymentLimit");
    ObjectNode common = limit(limits, "common");
    if (yen == null) {
      common.put("burdenRatio", 10);
    } else {
      common.put("amount", Integer.parseInt(yen.replace(",", ""))).put("perDayOrMonth", "2");
    }
    limit(limits, "hospitalization");
    limit(limits, "outpatient");
    limit(limits, "pharmacy");
    element.put("certificationStartDate", start.toString()).put("certificationEndDate", end.toString());
    certificate(element.putObject("certificateAllItems"), record, detail, birth, eraDate(start) + "から" + eraDate(end) + "まで");
    return element;
  }

  private static void certificate(ObjectNode certificate, JsonNode record, String detail, LocalDate birth, String period) {
    JsonNode patient = record.get("受診者");
    JsonNode address = patient.get("住所");
    JsonNode copayment = record.get("負担");
    JsonNode guardian = record.get("保護者");
    String scheme = record.get("制度").get("コード").textValue();
    String yen = copayment.get("上限月額").textValue();
    certificate.put("受給者証名称", "自立支援医療受給者証（" + SCHEMES.get(scheme) + "）");
    certificate.set("公費負担者番号", record.get("公費負担者番号"));
    certificate.set("自立支援医療受給者番号", record.get("受給者番号"));
    String printed =
        address.get("都道府県").textValue()
            + address.get("市区町村").textValue()
            + address.get("町字").textValue()
            + address.get("番地").textValue();
    ObjectNode person = certificate.putObject("受診者");
    person.set("氏名", patient.get("氏名"));
    person.put("生年月日", eraDate(birth)).put("住所", detail.isEmpty() ? printed : printed + "　" + detail);
    if (guardian != null) {
      ObjectNode parent = certificate.putObject("保護者");
      parent.set("氏名", guardian.get("氏名"));
      parent.set("受診者との続柄", guardian.get("続柄"));
      parent.set("住所", guardian.get("住所"));
    }
    ArrayNode institutions = certificate.putArray("指定医療機関名");
    for (JsonNode institution : record.get("医療機関")) {
      ObjectNode item = institutions.addObject();
      item.set("種別", institution.get("種別"));
      item.set("名称", institution.get("名称"));
      item.set("所在地", institution.get("所在地"));
    }
    ObjectNode burden = certificate.putObject("自己負担上限額");
    burden.put("月額", yen == null ? "医療保険の自己負担限度額" : String.format("%,d円", Integer.parseInt(yen.replace(",", ""))));
    burden.set("所得区分", copayment.get("所得区分"));
    burden.set("重度かつ継続", copayment.get("重度かつ継続"));
    certificate.put("有効期間", period);
    certificate.set("交付年月日", record.get("交付年月日"));
    if (!scheme.equals("21")) {
      certificate.set("公費負担の対象となる障害", record.get("障害名"));
      certificate.set("医療の具体的方針", record.get("医療の具体的方針"));
    }
    certificate.set("特定疾病療養受給証", record.get("特定疾病療養受療証"));
  }

  private static boolean isMyNumber(String text) {
    int sum = 0;
    for (int n = 1; n <= 11; n++) sum += (text.charAt(11 - n) - '0') * (n <= 6 ? n + 1 : n - 5);
    int rest = sum % 11;
    return text.charAt(11) - '0' == (rest <= 1 ? 0 : 11 - rest);
  }

  private static boolean isVerified(String text) {
    int total = 0;
    for (int at = text.length() - 2, weight = 2; at >= 0; at--, weight = 3 - weight) {
      int product = (text.charAt(at) - '0') * weight;
      total += product / 10 + product % 10;
    }
    return text.charAt(text.length() - 1) - '0' == (10 - total % 10) % 10;
  }

  private static boolean isRight(JsonSchema schema, JsonNode element, String text) {
    return schema.validate(element).isEmpty()
        && isMyNumber(element.get("myNumber").textValue())
        && isVerified(element.get("medicalSubsidyRegistrationNumber").textValue())
        && isVerified(element.get("medicalSubsidyCertificationNumber").textValue())
        && !PRIVATE_USE.matcher(text).find();
  }

  /** Arguments: the API's description, the input, the output. */
  public static void main(String[] arguments) throws IOException {
    JsonNode api = new YAMLMapper().readTree(new File(arguments[0]));
    ObjectNode root = JSON.createObjectNode().put("$ref", "#/components/schemas/MedicalSubsidiesTargetPerson");
    root.set("components", api.get("components"));
    JsonSchema schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(root);
    schema.initializeValidators();
    int rejected = 0;
    try (MappingIterator<JsonNode> records = JSON.readerFor(JsonNode.class).readValues(new File(arguments[1]));
        OutputStream file = new BufferedOutputStream(Files.newOutputStream(Path.of(arguments[2])), 1 << 18);
        JsonGenerator output = JSON.createGenerator(file)) {
      output.writeStartArray();
      while (records.hasNext()) {
        ObjectNode element = map(records.next());
        String text = JSON.writeValueAsString(element);
        if (isRight(schema, element, text)) {
          output.writeRawValue(text);
        } else {
          rejected++;
        }
      }
      output.writeEndArray();
    }
    System.err.println(rejected + " rejected");
  }
}
