"""Letters that were written off the record stay off it, wherever their line ends up.

A line end says whether its line is off the record. Whoever deletes it, or puts the line on the
record, cannot know of letters that are still under way into that line. Only who has written
them may: their update then says so too.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from ementor.notes import wire
from ementor.notes.places import Settled
from ementor.notes.yjs import Doc, doc_of, ended, index_of, line_end, new_client, text_of

OFF_CLIENTS = range(2**32, 2**33)
"""Client ids of letters that were written off the record. A page's other id is below."""


def own_lines(doc: Doc, settled: Settled, contents: wire.Contents, *, within_s: float) -> bytes | None:
    """Give letters a line of their own off the record, where their line is on it; return that update.

    ``doc`` has what is ``settled`` of an update already, and takes in what is returned: None when all
    is well. Raises wire.TooMuch when it takes more than ``within_s`` of the processor.
    """
    copy, began = doc, time.thread_time()
    for part, client, first, last in _letters(settled, contents.deletes):
        text = text_of(copy, part)
        at, end = (index_of(text, client, clock) for clock in (first, last))
        line = line_end(text, end)
        said = line.get("off_record")
        if said or (said is False and contents.puts_on_record):
            continue
        if copy is doc:
            copy = doc_of(doc.get_update(), new_client(doc.get_state()))
            text = text_of(copy, part)
        words = str(text).encode()
        end += len(words[end:].decode()[:1].encode())
        text.insert(end, "\n", ended() | {"off_record": True})
        # Pages tidy up formats that look needless, each by itself: what is on the record has to say
        # so, or it would be off it once two of them have taken away the same.
        own_end = words.index(b"\n", end) + 1
        text.format(own_end, own_end + 1, {"off_record": False})
        if at and words[at - 1 : at] != b"\n":
            text.insert(at, "\n", ended() | line)
        if time.thread_time() - began > within_s:
            raise wire.TooMuch("letters off the record")
    if copy is doc:
        return None
    more: bytes = copy.get_update(doc.get_state())
    doc.apply_update(more)
    return more


def _letters(
    settled: Settled, deleted: dict[int, list[tuple[int, int]]]
) -> Iterator[tuple[str, int, int, int]]:
    """Yield part, client, first and last clock of what was written off the record in one go, and is there."""
    runs: list[tuple[str, int, int, int]] = []
    for struct, part in settled:
        if struct.client not in OFF_CLIENTS or not struct.has_letters:
            continue
        last = struct.clock + struct.length - 1
        if runs and struct.left == (runs[-1][1], runs[-1][3]) and struct.clock == runs[-1][3] + 1:
            runs[-1] = (*runs[-1][:3], last)
        else:
            runs.append((part, struct.client, struct.clock, last))
    for part, client, first, last in runs:
        for start, length in (*deleted.get(client, ()), (last + 1, 0)):
            if first < min(start, last + 1):
                yield part, client, first, min(start, last + 1) - 1
            first = max(first, start + length)
