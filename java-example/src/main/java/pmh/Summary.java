package pmh;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The numbers of a run: {@code read} = {@code accepted} + {@code excluded} + {@code rejected}. */
public final class Summary {
    private final Map<?, ?> members;

    Summary(Map<?, ?> members) {
        this.members = members;
    }

    /** Records read. */
    public long read() {
        return number("read");
    }

    /** Records in the payload. */
    public long accepted() {
        return number("accepted");
    }

    /** Records left out: their validity ended before the processing date, or the profile leaves them out. */
    public long excluded() {
        return number("excluded");
    }

    /** Records left out because of an error. */
    public long rejected() {
        return number("rejected");
    }

    /** Findings that let their record pass. */
    public long warnings() {
        return number("warnings");
    }

    /** Whether the input was read to its end. <b>Where false the payload is not "all records" and must not be sent.</b> */
    public boolean complete() {
        return Boolean.TRUE.equals(members.get("complete"));
    }

    /** Findings by code. */
    public Map<String, Long> byCode() {
        return numbers("byCode");
    }

    /** Accepted records by scheme. */
    public Map<String, Long> byScheme() {
        return numbers("byScheme");
    }

    /** How often the parts of the profile were used, as {@code wasm/ABI.md} describes it; empty unless the options asked for it. */
    public Optional<Map<?, ?>> usage() {
        return Optional.ofNullable((Map<?, ?>) members.get("usage"));
    }

    /** Acknowledged findings by code, which no other number counts; empty without acknowledgements. */
    public Map<String, Long> acknowledgedByCode() {
        Map<?, ?> counts = (Map<?, ?>) members.get("acknowledged");
        return counts == null ? Collections.emptyMap() : numbers(counts, "byCode");
    }

    /** Acknowledged findings by entry, in the order of the options; empty without acknowledgements. */
    public List<Long> acknowledgedByEntry() {
        Map<?, ?> counts = (Map<?, ?>) members.get("acknowledged");
        List<Long> numbers = new ArrayList<>();
        if (counts != null) {
            ((List<?>) counts.get("byEntry")).forEach(value -> numbers.add(((Number) value).longValue()));
        }
        return Collections.unmodifiableList(numbers);
    }

    private long number(String member) {
        return ((Number) members.get(member)).longValue();
    }

    private Map<String, Long> numbers(String member) {
        return numbers(members, member);
    }

    private static Map<String, Long> numbers(Map<?, ?> members, String member) {
        Map<String, Long> numbers = new LinkedHashMap<>();
        ((Map<?, ?>) members.get(member))
                .forEach((key, value) -> numbers.put((String) key, ((Number) value).longValue()));
        return Collections.unmodifiableMap(numbers);
    }

    @Override
    public String toString() {
        return members.toString();
    }
}
