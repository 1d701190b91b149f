"""Updates whose keystrokes are joined do what they did."""

from __future__ import annotations

from typing import Any

import pycrdt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ementor.notes import wire
from ementor.notes.places import PartMap
from ementor.notes.runs import joined
from ementor.notes.writing import seed_of
from ementor.notes.yjs import merge

PARTS = ("item-1", "item-2")
SEEDS = merge(map(seed_of, PARTS))

strokes = st.tuples(
    st.integers(0, 2),  # who
    st.sampled_from(PARTS),
    st.integers(0, 40),
    st.sampled_from(["a", "b", "ö", "ő", "…", "🦊", "\n", "two", ""]),
    st.integers(1, 5),  # keystrokes on from there
    st.booleans(),  # all others see it
)


def typed(what: list[Any]) -> list[bytes]:
    """Return the updates of three who type, see each other now and then, and delete (no letters) a place."""
    docs = [pycrdt.Doc[Any](client_id=2**20 + number) for number in range(3)]
    sent, news = [SEEDS], [list[bytes]() for _ in docs]
    for doc in docs:
        doc.apply_update(SEEDS)
    for who, part, place, letters, times, is_seen in what:
        text = docs[who].get(part, type=pycrdt.Text)
        starts = [at for at, byte in enumerate(str(text).encode()) if byte & 0xC0 != 0x80]
        at = starts[min(place, len(starts) - 1)]
        for _ in range(times):
            before = docs[who].get_state()
            if letters:
                text.insert(at, letters)
                at += len(letters.encode())
            elif len(starts) > 1:
                del text[starts[0] : starts[1]]
                break
            sent.append(docs[who].get_update(before))
            news[who].append(sent[-1])
        for other, doc in enumerate(docs):
            if is_seen and other != who:
                for each in news[who]:
                    doc.apply_update(each)
        if is_seen:
            news[who] = []
    return sent


@given(st.lists(strokes, max_size=30))
def test_joined_keystrokes_are_the_same_notes_in_the_same_places(what: list[Any]) -> None:
    sent = typed(what)
    whole = merge(sent)
    contents, fewer = joined(whole)
    for_all, for_fewer = pycrdt.Doc[Any](), pycrdt.Doc[Any]()
    for_all.apply_update(whole)
    for_fewer.apply_update(fewer)
    for part in PARTS:
        said = [str(doc.get(part, type=pycrdt.Text)) for doc in (for_all, for_fewer)]
        assert said[0] == said[1]
    assert for_all.get_update() == for_fewer.get_update()
    read, of_all, of_fewer = wire.read_update(whole, trusted=True), PartMap(), PartMap()
    assert wire.read_update(fewer, trusted=True).structs == [
        struct._replace(at=again.at, to=again.to)
        for struct, again in zip(contents.structs, wire.read_update(fewer).structs, strict=True)
    ]
    of_all.take(of_all.settle(read.structs), read.halves)
    of_fewer.take(of_fewer.settle(contents.structs), contents.halves)
    assert vars(of_all) == vars(of_fewer)


def test_what_is_typed_on_is_one_struct() -> None:
    sent = typed([(0, "item-1", 0, "ö", 5, True), (0, "item-1", 5, "a", 4, True)])
    contents, fewer = joined(merge(sent))
    assert [struct.length for struct in contents.structs if struct.client >= 2**20] == [9]
    assert len(fewer) < len(merge(sent)) / 2


def test_what_has_gaps_is_not_read() -> None:
    sent = typed([(0, "item-1", 0, "a", 5, True)])
    with pytest.raises(wire.InvalidUpdate):
        joined(merge([sent[1], sent[3]]))


def test_what_is_cut_short_cannot_be_read_wherever_it_is_cut() -> None:
    update = merge(typed([(0, "item-1", 0, "ő", 5, False), (0, "item-1", 9, "a", 5, False)]))
    assert update[-1] == 0  # nothing is deleted, which is not read here
    for end in range(len(update) - 1):
        with pytest.raises(wire.InvalidUpdate):
            joined(update[:end])
