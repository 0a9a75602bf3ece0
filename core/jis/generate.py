#!/usr/bin/env python3
"""Writes the tables of JIS X 0208 and JIS X 0213, and the text that they are tested against.

    python3 core/jis/generate.py > core/src/characters/jis_table.rs
    python3 core/jis/generate.py reference > core/jis/jis-x-0213.txt

The tables come from Python's codecs `iso2022_jp` (JIS X 0208:1990, from Unicode's JIS0208.TXT) and `shift_jis_2004` (JIS X 0213:2004, from
x0213.org's mapping). The reference comes from `SHIFT_JISX0213` of glibc's iconv, which shares no code or data with them; JIS X 0208 is tested
against encoding_rs.
"""

import subprocess
import sys

# One character of the standard, and the code points that programs use for it.
VARIANTS = ["\u2014\u2015", "\u2016\u2225", "\u301c\uff5e", "\u2212\uff0d", "\u00a2\uffe0", "\u00a3\uffe1", "\u00ac\uffe2",
            "\u00a5\uffe5", "\u203e\uffe3", "\\\uff3c"]
VARIANTS_0213 = VARIANTS + ["\u2985\uff5f", "\u2986\uff60", "\u00a6\uffe4"]
FIRST, LAST = 0x4E00, 0x9FFF


def double_bytes():
    leads = [*range(0x81, 0xA0), *range(0xE0, 0xFD)]
    return [bytes([lead, trail]) for lead in leads for trail in range(0x40, 0xFD) if trail != 0x7F]


def decoded(codec, sequences):
    found = set()
    for sequence in sequences:
        try:
            text = sequence.decode(codec)
        except UnicodeDecodeError:
            continue
        found.update([text] if len(text) == 1 else [])
    return found


def with_variants(characters, variants):
    more = {c for same in variants if any(c in characters for c in same) for c in same}
    # ASCII is another class of character: half-width
    return {ord(c) for c in characters | more if ord(c) > 0x7F}


def ranges(code_points):
    out = []
    for point in sorted(code_points):
        if out and out[-1][0] + out[-1][1] + 1 == point and out[-1][1] < 255:
            out[-1][1] += 1
        else:
            out.append([point, 0])
    return out


def array(name, meaning, kind, items, form):
    print(f"\n/// {meaning}\n#[rustfmt::skip]\npub(super) static {name}: [{kind}; {len(items)}] = [")
    line = "   "
    for item in items:
        text = f" {form(item)},"
        if len(line) + len(text) > 110:
            print(line)
            line = "   "
        line += text
    print(f"{line}\n];")


def tables():
    cells = [bytes([row, cell]) for row in range(0x21, 0x7F) for cell in range(0x21, 0x7F)]
    kanji = decoded("iso2022_jp", [b"\x1b$B" + cell + b"\x1b(B" for cell in cells])
    sets = {
        "0208": with_variants(kanji, VARIANTS),
        "0213": with_variants(decoded("shift_jis_2004", double_bytes()), VARIANTS_0213),
    }
    print("//! The characters of JIS X 0208 and JIS X 0213; written by `core/jis/generate.py`.")
    for name, points in sets.items():
        inside = {point for point in points if FIRST <= point <= LAST}
        words = [sum(1 << bit for bit in range(64) if base + bit in inside) for base in range(FIRST, LAST + 1, 64)]
        array(f"KANJI_{name}", f"JIS X {name} from U+4E00, a bit for each code point.", "u64", words,
              lambda word: "0x" + "_".join(f"{word:016X}"[at:at + 4] for at in range(0, 16, 4)))
        rest = ranges(point for point in points - inside if point <= 0xFFFF)
        array(f"STARTS_{name}", f"The first of each range of other characters of JIS X {name}.", "u16",
              [start for start, _ in rest], lambda start: f"0x{start:04X}")
        array(f"LENGTHS_{name}", "How many more each range has.", "u8", [more for _, more in rest], str)
    plane = sorted(point - 0x20000 for point in sets["0213"] if point > 0xFFFF)
    array("PLANE_2", "JIS X 0213 in plane 2, from U+20000.", "u16", plane, lambda point: f"0x{point:04X}")


def reference():
    lines = b"".join(sequence + b"\n" for sequence in double_bytes())
    command = ["iconv", "-c", "-f", "SHIFT_JISX0213", "-t", "UTF-8"]
    text = subprocess.run(command, input=lines, capture_output=True).stdout.decode()
    # where the second byte is no part of the character, it stands behind it
    print("\n".join(sorted({line for line in text.split("\n") if len(line) == 1 and ord(line) > 0x7F and not 0xFF61 <= ord(line) <= 0xFF9F})))


reference() if sys.argv[1:] == ["reference"] else tables()
