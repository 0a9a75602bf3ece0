package pmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every vector gives its bytes, payload and report, and the typed view says what the report says. */
class VectorsTest {
    @TestFactory
    Stream<DynamicTest> wholeAndInPieces() throws IOException {
        return Vector.all().stream().map(vector -> DynamicTest.dynamicTest(vector.name, () -> {
            assertEquals(vector.expected(), vector.run(Integer.MAX_VALUE), "in one piece");
            assertEquals(vector.expected(), vector.run(7), "in pieces of 7 bytes");
        }));
    }

    @TestFactory
    Stream<DynamicTest> typed() throws IOException {
        return Vector.all().stream().map(vector -> DynamicTest.dynamicTest(vector.name, () -> {
            List<Map<String, Object>> findings = new ArrayList<>();
            Summary summary;
            try (PmhTransformer transformer =
                    new PmhTransformer(PmhModule.embedded(), vector.profile(), vector.options())) {
                summary = transformer.transform(
                        new ByteArrayInputStream(vector.input()),
                        OutputStream.nullOutputStream(),
                        finding -> findings.add(members(finding)));
            }
            assertEquals(vector.findings(), findings);
            assertEquals(vector.summary(), members(summary, vector.summary().containsKey("acknowledged")));
        }));
    }

    @TestFactory
    Stream<DynamicTest> refusedProfilesAreExceptions() throws IOException {
        List<Vector> refused =
                Vector.all().stream().filter(VectorsTest::isRefused).collect(Collectors.toList());
        assertTrue(refused.size() >= 10, "only " + refused.size());
        return refused.stream().map(vector -> DynamicTest.dynamicTest(vector.name, () -> {
            Map<?, ?> options = vector.members("options");
            PmhOptions said = PmhOptions.records(LocalDate.parse((String) options.get("asOf")))
                    .lang("en".equals(options.get("lang")) ? PmhOptions.Lang.EN : PmhOptions.Lang.JA);
            PmhException thrown =
                    assertThrows(PmhException.class, () -> new PmhTransformer(vector.profile(), said));
            List<Map<String, Object>> findings = new ArrayList<>();
            thrown.findings().forEach(finding -> findings.add(members(finding)));
            assertEquals(vector.findings(), findings);
            assertEquals(findings.get(0).get("code"), thrown.code());
            assertTrue(thrown.getMessage().startsWith(thrown.code()), thrown.getMessage());
        }));
    }

    /** A profile with errors, under options that {@link PmhOptions} can say. */
    private static boolean isRefused(Vector vector) {
        boolean profileErrors = vector.findings().stream()
                .anyMatch(finding -> ((String) ((Map<?, ?>) finding).get("code")).startsWith("PMH90"));
        return profileErrors && Set.of("asOf", "lang").equals(vector.members("options").keySet());
    }

    private static Map<String, Object> members(Finding finding) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("code", finding.code());
        members.put("severity", finding.severity().name().toLowerCase(Locale.ROOT));
        members.put("record", number(finding.record()));
        members.put("recordKey", finding.recordKey().orElse(null));
        members.put("source", finding.source().orElse(null));
        members.put("target", finding.target().orElse(null));
        members.put("profile", finding.profile().orElse(null));
        members.put("offset", number(finding.offset()));
        members.put("message", finding.message());
        members.put("help", finding.help());
        members.put("systemHelp", finding.systemHelp().orElse(null));
        if (finding.code().matches("PMH500[1-6]")) {
            // in a first run the other record isn't known
            assertEquals(OptionalLong.empty(), finding.otherRecord());
            assertEquals(Optional.empty(), finding.otherRecordKey());
            members.put("other", null);
        }
        finding.acknowledged().ifPresent(day -> members.put("acknowledged", day));
        finding.fingerprint().ifPresent(hash -> members.put("fingerprint", hash));
        return members;
    }

    private static Map<String, Object> members(Summary summary, boolean isAcknowledged) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("read", (int) summary.read());
        members.put("accepted", (int) summary.accepted());
        members.put("excluded", (int) summary.excluded());
        members.put("rejected", (int) summary.rejected());
        members.put("warnings", (int) summary.warnings());
        members.put("complete", summary.complete());
        members.put("byCode", numbers(summary.byCode()));
        members.put("byScheme", numbers(summary.byScheme()));
        summary.usage().ifPresent(usage -> members.put("usage", usage));
        if (isAcknowledged) {
            Map<String, Object> counts = new LinkedHashMap<>();
            counts.put("byCode", numbers(summary.acknowledgedByCode()));
            List<Integer> byEntry = new ArrayList<>();
            summary.acknowledgedByEntry().forEach(count -> byEntry.add(count.intValue()));
            counts.put("byEntry", byEntry);
            members.put("acknowledged", counts);
        }
        return members;
    }

    private static Map<String, Integer> numbers(Map<String, Long> numbers) {
        Map<String, Integer> small = new LinkedHashMap<>();
        numbers.forEach((key, value) -> small.put(key, value.intValue()));
        return small;
    }

    private static Integer number(OptionalLong number) {
        return number.isPresent() ? (Integer) (int) number.getAsLong() : null;
    }
}
