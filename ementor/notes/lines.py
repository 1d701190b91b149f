"""Kept notes as lines to be corrected in a plain field, back again, and what has changed between two texts.

A line is a block: "# " and "## " begin a heading, "- ", "1. ", "[ ] " and "[x] " an item of a list, two
spaces before that set it one level deeper. What a line looks like inside (bold, links, marks) is not in it:
lines, and words in them, that are left as they were keep it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import groupby

from ementor import blocks
from ementor.blocks import Heading, Item, Kind, Paragraph, Runs
from ementor.notes import blocks as notes_blocks
from ementor.notes import rendering
from ementor.notes.blocks import ADDED, LINE_BREAK, REMOVED
from ementor.notes.kept import from_html
from ementor.notes.wire import MAX_DEPTH

MAX_PAIRS = 50_000
"""Pairs of equal words or lines that are looked at: in a text with more only its ends are compared."""
HEADINGS = {1: "heading", 2: "subheading"}
_LINE = re.compile(
    r"(?P<indent>[ \t]*)(?:(?:[-*] )?\[(?P<tick>[ xX]?)\] |(?P<bullet>[-*•] )|(?P<number>\d{1,4}[.)] )"
    r"|(?P<signs>#{1,3} ))?(?P<words>.*)"
)
_NUMBER = re.compile(r"^( *)\d+\. ")
_WORD = re.compile(r"^\s+|(?:\w+|[^\w\s])\s*")

Block = blocks.Heading | blocks.Paragraph | blocks.Item


def lines_of(html: str) -> str:
    """Return kept HTML as lines."""
    return "\n".join("\n".join(lines) for lines in _numbered(_blocks(html)))


def corrected(html: str, text: str) -> str:
    """Return the HTML of ``text``, which somebody made of the lines of ``html``."""
    before = _blocks(html)
    old = [(place, line) for place, lines in enumerate(_numbered(before)) for line in lines]
    new = [line.rstrip() for line in text.split("\n")]
    all_lines = Counter(place for place, _ in old)
    made: list[Block] = []
    at = start = 0
    for old_at, new_at, size in _matches(_keys(line for _, line in old), _keys(new)):
        changed = (
            before[old[start][0] : old[old_at][0] if old_at < len(old) else None] if start < len(old) else ()
        )
        made += _dressed(changed, [_block(line) for line in new[at:new_at] if line.strip()])
        whole = Counter(place for place, _ in old[old_at : old_at + size])
        for offset in range(size):
            place = old[old_at + offset][0]
            if whole[place] != all_lines[place]:
                made += _dressed(before[place : place + 1], [_block(new[new_at + offset])])
            elif offset == 0 or old[old_at + offset - 1][0] != place:
                made.append(before[place])
        start, at = old_at + size, new_at + size
    return rendering.html_of(map(_of_document, made))


def compared(before: str, after: str) -> tuple[str, str]:
    """Return both as HTML: ``before`` with what is gone marked in it, ``after`` with what is new."""
    old, new = ([(block, _words(block.runs)) for block in _blocks(html)] for html in (before, after))
    kept_old, kept_new = set[tuple[int, int]](), set[tuple[int, int]]()
    start = at = 0
    whole = _matches([_text(block) for block, _ in old], [_text(block) for block, _ in new])
    for old_at, new_at, size in whole:
        some_old = [(place, n) for place in range(start, old_at) for n in range(len(old[place][1]))]
        some_new = [(place, n) for place in range(at, new_at) for n in range(len(new[place][1]))]
        same = _matches(
            [old[place][1][n].key for place, n in some_old], [new[place][1][n].key for place, n in some_new]
        )
        for one, other, length in same:
            kept_old.update(some_old[one : one + length])
            kept_new.update(some_new[other : other + length])
        for offset in range(size):
            kept_old.update((old_at + offset, n) for n in range(len(old[old_at + offset][1])))
            kept_new.update((new_at + offset, n) for n in range(len(new[new_at + offset][1])))
        start, at = old_at + size, new_at + size
    return _marked(old, kept_old, REMOVED), _marked(new, kept_new, ADDED)


@dataclass(frozen=True)
class _Word:
    """A word with the space behind it, as it looks."""

    key: str
    runs: Runs


def _blocks(html: str) -> tuple[Block, ...]:
    return tuple(one for one in from_html(html, below=0) if isinstance(one, (Heading, Paragraph, Item)))


def _text(block: Block) -> str:
    return "".join(run.text for run in block.runs)


def _numbered(all_blocks: Iterable[Block]) -> Iterator[list[str]]:
    """Yield the lines of each block, items with a number counted."""
    counts: dict[int, int] = {}
    for block in all_blocks:
        sign, indent = "", ""
        if isinstance(block, Item):
            indent = "  " * block.depth
            counts = {depth: n for depth, n in counts.items() if depth <= block.depth}
            counts[block.depth] = counts.get(block.depth, 0) + 1 if block.kind is Kind.NUMBER else 0
            ticked = "[x] " if block.checked else "[ ] "
            sign = {Kind.BULLET: "- ", Kind.NUMBER: f"{counts[block.depth]}. ", Kind.TASK: ticked}[block.kind]
        else:
            counts = {}
            if isinstance(block, Heading):
                sign = "#" * block.level + " "
        first, *more = _text(block).split("\n")
        yield [(indent + sign + first).rstrip(), *(line.rstrip() for line in more)]


def _keys(lines: Iterable[str]) -> list[str]:
    """Return lines as they are compared: a number that moved along is the same line."""
    return [_NUMBER.sub(r"\g<1>1. ", line) for line in lines]


def _block(line: str) -> Block:
    """Return the block that a line somebody typed is."""
    found = _LINE.fullmatch(line)
    assert found is not None  # it has no line end, and each of its pieces may be empty
    runs = blocks.plain(found["words"].strip())
    if found["signs"]:
        return Heading(min(len(found["signs"]) - 1, max(HEADINGS)), runs)
    kind = Kind.TASK if found["tick"] is not None else Kind.BULLET if found["bullet"] else Kind.NUMBER
    if kind is Kind.NUMBER and not found["number"]:
        return Paragraph(runs)
    depth = len(found["indent"].replace("\t", "  ")) // 2
    return Item(kind, runs, min(depth, MAX_DEPTH), checked=found["tick"] in {"x", "X"})


def _dressed(old: Sequence[Block], new: Sequence[Block]) -> list[Block]:
    """Return new blocks whose words look as they did in the old ones."""
    before = [word for block in old for word in _words(block.runs)]
    after = [(place, word) for place, block in enumerate(new) for word in _words(block.runs)]
    runs: dict[int, list[blocks.Run]] = {place: [] for place in range(len(new))}
    looks = {
        new_at + offset: before[old_at + offset].runs
        for old_at, new_at, size in _matches([one.key for one in before], [word.key for _, word in after])
        for offset in range(size)
    }
    for n, (place, word) in enumerate(after):
        space = word.runs[-1].text[len(word.runs[-1].text.rstrip()) :]
        look = looks.get(n)
        if look:
            last = replace(look[-1], text=look[-1].text.rstrip() + space)
            runs[place] += [*look[:-1], last]
        else:
            runs[place] += word.runs
    return [replace(block, runs=_joined(runs[place])) for place, block in enumerate(new)]


def _joined(runs: Iterable[blocks.Run]) -> Runs:
    alike = groupby(runs, lambda run: replace(run, text=""))
    return tuple(replace(look, text="".join(run.text for run in some)) for look, some in alike)


def _words(runs: Runs) -> list[_Word]:
    text = "".join(run.text for run in runs)
    whose = [place for place, run in enumerate(runs) for _ in run.text]

    def pieces(start: int, end: int) -> Iterator[blocks.Run]:
        while start < end:
            stop = bisect_right(whose, whose[start], start, end)
            yield replace(runs[whose[start]], text=text[start:stop])
            start = stop

    return [_Word(found[0].strip(), tuple(pieces(*found.span()))) for found in _WORD.finditer(text)]


def _matches(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return where both are the same, as (place, place, length), in order; the last one is both ends."""
    counts = Counter(new)
    if sum(counts[one] for one in old) <= MAX_PAIRS:
        same = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
        return [(one.a, one.b, one.size) for one in same]
    shorter = min(len(old), len(new))
    head = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    tail = next((n for n in range(shorter - head) if old[-1 - n] != new[-1 - n]), shorter - head)
    return [(0, 0, head), (len(old) - tail, len(new) - tail, tail), (len(old), len(new), 0)]


def _marked(all_words: list[tuple[Block, list[_Word]]], kept: set[tuple[int, int]], mark: str) -> str:
    return rendering.html_of(
        _of_document(block, {n for n in range(len(words)) if (place, n) not in kept}, mark, words)
        for place, (block, words) in enumerate(all_words)
    )


def _of_document(
    block: Block, changed: set[int] | None = None, mark: str = "", words: Sequence[_Word] = ()
) -> notes_blocks.Block:
    """Return a block as the notes have it, the ``changed`` ones of its words marked."""
    shown = notes_blocks.Block()
    if isinstance(block, Heading):
        shown.kind = HEADINGS[min(max(block.level, 1), max(HEADINGS))]
    elif isinstance(block, Item):
        shown.kind, shown.depth, shown.checked = block.kind.value, block.depth, block.checked
    if not changed:
        shown.runs = [_run(run) for run in block.runs]
        return shown
    for n, word in enumerate(words):
        for run in word.runs:
            bare = run.text if n + 1 in changed else run.text.rstrip()
            space = run.text[len(bare) :]
            if n in changed:
                shown.runs += [_run(replace(run, text=bare), mark)] + (
                    [_run(replace(run, text=space))] if space else []
                )
            else:
                shown.runs.append(_run(run))
    return shown


def _run(run: blocks.Run, mark: str = "") -> notes_blocks.Run:
    looks: dict[str, object] = {}
    if run.bold:
        looks["strong"] = True
    if run.italic:
        looks["em"] = True
    if run.link:
        looks["link"] = run.link
    for name in filter(None, (run.mark, mark)):
        looks[name] = True
    return run.text.replace("\n", LINE_BREAK), looks
