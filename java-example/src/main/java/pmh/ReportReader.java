package pmh;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Takes a report's bytes, cut anywhere, and hands on each finding once its line is there. */
final class ReportReader extends OutputStream {
    private final Consumer<? super Finding> findings;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private Summary summary;

    ReportReader(Consumer<? super Finding> findings) {
        this.findings = findings;
    }

    /** The findings of a whole report. */
    static List<Finding> findings(byte[] report) {
        List<Finding> found = new ArrayList<>();
        new ReportReader(found::add).write(report, 0, report.length);
        return found;
    }

    /** The last line, once the whole report has been taken. */
    Summary summary() {
        if (summary == null) {
            throw PmhException.Failure.INTERNAL.with("the report has no summary", "集計がありません", null);
        }
        return summary;
    }

    @Override
    public void write(int single) {
        write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        int start = offset;
        for (int at = offset; at < offset + length; at++) {
            if (bytes[at] == '\n') {
                line.write(bytes, start, at - start);
                take(line.toByteArray());
                line.reset();
                start = at + 1;
            }
        }
        line.write(bytes, start, offset + length - start);
    }

    private void take(byte[] json) {
        Map<String, Object> members;
        try {
            members = JSON.std.mapFrom(json);
        } catch (IOException error) {
            throw PmhException.Failure.INTERNAL.with("the report is no NDJSON", "検査結果を読み取れません", null);
        }
        if (members.get("summary") instanceof Map) {
            summary = new Summary((Map<?, ?>) members.get("summary"));
        } else {
            findings.accept(new Finding(members));
        }
    }
}
