package pmh;

import java.util.Collections;
import java.util.LinkedHashMap;
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

    private long number(String member) {
        return ((Number) members.get(member)).longValue();
    }

    private Map<String, Long> numbers(String member) {
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
