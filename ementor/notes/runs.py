"""Updates of the log with keystrokes joined: what somebody typed on is one struct, as if it were pasted.

The library joins them itself, but only once it has let in all of an update: with 100 000 keystrokes
that takes 0.4 s at a stretch, and reading them one by one takes as long again.
"""

from __future__ import annotations

from ementor.notes.wire import MAX_CLIENT, MAX_CLOCK, Contents, Reader, Struct, encoded, read_struct

_LETTERS_AFTER, _AND_BEFORE = 0x84, 0x40
"""The first byte of a struct of letters that stands after something; its bit for: before something, too."""


def joined(update: bytes) -> tuple[Contents, bytes]:
    """Return the structs of a checked update, and an update that does the same; both with keystrokes joined.

    Raises InvalidUpdate for what cannot be read: what an older version let in, or an update with gaps.
    """
    reader, contents = Reader(update), Contents()
    clients = reader.count(least_bytes=2)
    pieces = [encoded(clients)]
    for _ in range(clients):
        left, client, clock = reader.count(), reader.number(MAX_CLIENT), reader.number(MAX_CLOCK)
        contents.starts[client], known, written = clock, len(contents.structs), list[bytes]()
        while left:
            struct = read_struct(reader, contents, client, clock)
            more = _typed_on(reader, struct, left - 1) if struct.has_letters and struct.length == 1 else []
            if more:
                letter = struct.to - 1
                while update[letter] & 0xC0 == 0x80:  # it has several bytes
                    letter -= 1
                letters = b"".join((update[letter : struct.to], *more))
                written += update[struct.at : letter - 1], encoded(len(letters)), letters
                struct = struct._replace(length=1 + len(more))
            else:
                written.append(update[struct.at : struct.to])
            contents.structs.append(struct)
            clock += struct.length
            left -= struct.length if more else 1
        pieces += (*map(encoded, (len(contents.structs) - known, client, contents.starts[client])), *written)
    return contents, b"".join((*pieces, update[reader.at :]))


def _typed_on(reader: Reader, first: Struct, most: int) -> list[bytes]:
    """Read on, and return the letters that follow, each one right after the last and before the same."""
    data, at, clock = reader.data, reader.at, first.clock
    start = bytes([_LETTERS_AFTER | (_AND_BEFORE if first.right else 0)]) + encoded(first.client)
    end = b"".join(map(encoded, first.right or ()))
    letters = list[bytes]()
    while len(letters) < most:
        expected = start + encoded(clock) + end
        if not data.startswith(expected, at):
            break
        at += len(expected)
        if len(data) < at + 2:  # it is cut short: whoever reads the struct says so
            break
        to = at + 1 + data[at]
        if not (data[at] == 1 or (data[at] == 2 and data[at + 1] >= 0xC2)):  # one letter of one UTF-16 unit
            break
        letters.append(data[at + 1 : to])
        reader.at, at, clock = to, to, clock + 1
    return letters
