package pmh;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a transformation needs beside its profile. Immutable: each method gives a changed copy. */
public final class PmhOptions {
    /** The language of findings. */
    public enum Lang {
        /** Japanese, the default. */
        JA,
        /** English. */
        EN
    }

    /** The form of the input; UTF-8 always. */
    public enum Input {
        /** The module looks at the first bytes; the default. */
        AUTO,
        /** A JSON array. */
        JSON,
        /** One JSON object a line. */
        NDJSON
    }

    private final Map<String, Object> members;

    private PmhOptions(Map<String, Object> members) {
        this.members = members;
    }

    /** For a vendor's records, which become a payload. The date is the processing date in Japan ({@code Asia/Tokyo}). */
    public static PmhOptions records(LocalDate asOf) {
        return new PmhOptions(Collections.emptyMap()).with("asOf", asOf.toString());
    }

    /** For a finished payload, from any program, which is checked as it is; nothing is written. */
    public static PmhOptions payload(LocalDate asOf) {
        return records(asOf).with("mode", "payload");
    }

    /** The language of findings. */
    public PmhOptions lang(Lang lang) {
        return with("lang", lang.name().toLowerCase(Locale.ROOT));
    }

    /** The form of the input. */
    public PmhOptions input(Input input) {
        return with("input", input.name().toLowerCase(Locale.ROOT));
    }

    /** Findings alone: the payload stays empty. */
    public PmhOptions findingsOnly() {
        return with("payload", false);
    }

    /**
     * Findings that a person has looked at, and that reject nothing until a day; {@code wasm/ABI.md}, "Acknowledgements", has their members.
     *
     * @param hashKey the secret key of their fingerprints, 32 hexadecimal digits
     */
    public PmhOptions acknowledged(List<Map<String, String>> entries, String hashKey) {
        return with("acknowledged", List.copyOf(entries)).with("hashKey", hashKey);
    }

    /** Each finding that can be acknowledged shows its fingerprint; after {@link #acknowledged}, which gives the key. */
    public PmhOptions fingerprints() {
        return with("fingerprints", true);
    }

    private PmhOptions with(String member, Object value) {
        Map<String, Object> changed = new LinkedHashMap<>(members);
        changed.put(member, value);
        return new PmhOptions(changed);
    }

    /** As the module reads them. */
    byte[] json() {
        try {
            return JSON.std.asBytes(members);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
