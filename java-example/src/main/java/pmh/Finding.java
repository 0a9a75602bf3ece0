package pmh;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One thing that is wrong with a record, the input, the profile or the options. Apart from the record's own key, which
 * the profile names, it shows no value of a record.
 */
public final class Finding {
    /** An error rejects the record; a warning lets it pass. */
    public enum Severity {
        /** The record is not in the payload. */
        ERROR,
        /** The record is in the payload. */
        WARNING
    }

    private final Map<String, Object> members;

    Finding(Map<String, Object> members) {
        this.members = members;
    }

    /** The stable code, {@code PMH} and four digits; {@code docs/rules.md} explains each. */
    public String code() {
        return (String) members.get("code");
    }

    /** Whether the record is rejected. */
    public Severity severity() {
        return "warning".equals(members.get("severity")) ? Severity.WARNING : Severity.ERROR;
    }

    /** The record's index in the input, from 0; empty where the finding is not about one record. */
    public OptionalLong record() {
        return number("record");
    }

    /** The record's own key (宛名番号 or the like), where the profile names one. */
    public Optional<String> recordKey() {
        return text("recordKey");
    }

    /** JSON Pointer (RFC 6901) into the record. */
    public Optional<String> source() {
        return text("source");
    }

    /** JSON Pointer into the record's payload. */
    public Optional<String> target() {
        return text("target");
    }

    /** JSON Pointer into the profile. */
    public Optional<String> profile() {
        return text("profile");
    }

    /** The byte of the input, from 0, at which reading went wrong. */
    public OptionalLong offset() {
        return number("offset");
    }

    /** What is wrong, in the language of the options. */
    public String message() {
        return (String) members.get("message");
    }

    /** What to do, in the language of the options: at the desk, if {@link #systemHelp} says what the people of the system do. */
    public String help() {
        return (String) members.get("help");
    }

    /** What the people of the system do; empty if {@link #help} is for them too. */
    public Optional<String> systemHelp() {
        return text("systemHelp");
    }

    /**
     * The earlier record that this one was compared with, by its index from 0; empty if the finding isn't about two
     * records, or if the other isn't known: it takes a second run over the same input ({@code wasm/ABI.md}).
     */
    public OptionalLong otherRecord() {
        Object record = other().get("record");
        return record == null ? OptionalLong.empty() : OptionalLong.of(((Number) record).longValue());
    }

    /** That record's own key, where it has one. */
    public Optional<String> otherRecordKey() {
        return Optional.ofNullable((String) other().get("recordKey"));
    }

    private Map<?, ?> other() {
        Object other = members.get("other");
        return other instanceof Map ? (Map<?, ?>) other : Map.of();
    }

    /** The last day of the acknowledgement by which it rejects nothing; empty unless it is acknowledged. */
    public Optional<String> acknowledged() {
        return text("acknowledged");
    }

    /** The keyed hash by which it can be acknowledged; empty unless {@link PmhOptions#fingerprints} asks for it. */
    public Optional<String> fingerprint() {
        return text("fingerprint");
    }

    private Optional<String> text(String member) {
        return Optional.ofNullable((String) members.get(member));
    }

    private OptionalLong number(String member) {
        Object value = members.get(member);
        return value == null ? OptionalLong.empty() : OptionalLong.of(((Number) value).longValue());
    }

    /** The finding as one line, for logs. */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder(code()).append(' ').append(members.get("severity"));
        record().ifPresent(index -> line.append(" record ").append(index));
        recordKey().ifPresent(key -> line.append(" key ").append(key));
        source().or(this::target)
                .or(this::profile)
                .filter(place -> !place.isEmpty())
                .ifPresent(place -> line.append(" at ").append(place));
        line.append(": ").append(message());
        systemHelp()
                .ifPresentOrElse(
                        system -> line.append(" (desk: ").append(help()).append("; system: ").append(system),
                        () -> line.append(" (").append(help()));
        return line.append(')').toString();
    }
}
