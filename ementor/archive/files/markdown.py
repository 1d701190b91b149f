"""Blocks as Markdown; what people wrote is shown as they wrote it, never taken for signs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from urllib.parse import quote

from ementor.archive.files.pieces import Entry, clean, tree
from ementor.blocks import Block, Heading, Item, Kind, Paragraph, Quote, Run, Runs, Table
from ementor.markdown import escape, escape_starts

_PLAIN = Run("")
_SPACES = re.compile(r"\s+")
_NO_HREF = re.compile(r"[\s<>\\]")


def write(blocks: Iterable[Block]) -> str:
    """Return the blocks as one text."""
    return "\n\n".join(filter(None, _written(blocks))) + "\n"


def _written(blocks: Iterable[Block]) -> Iterator[str]:
    for is_item, some in groupby(blocks, lambda block: isinstance(block, Item)):
        if is_item:
            yield "\n".join(_list(tree(block for block in some if isinstance(block, Item))))
        else:
            yield from map(_block, some)


def _block(block: Block) -> str:
    match block:
        case Heading(level, runs):
            return f"{'#' * min(level, 6)} {_line(runs)}"
        case Paragraph(runs):
            return _lines(runs)
        case Quote(runs, who):
            words = (Run(f"{who}:", bold=True), Run("\n"), *runs) if who else runs
            return "\n".join(f"> {line}" for line in _lines(words).split("\n"))
        case Table(head, rows):
            rule = " | ".join("---" for _ in head)
            lines = (" | ".join(map(_line, row)) for row in rows)
            return "\n".join(f"| {line} |" for line in (" | ".join(map(_line, head)), rule, *lines))
        case Item():
            raise TypeError


def _list(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield the items of a list; numbers begin anew where another kind stands between."""
    for kind, some in groupby(entries, lambda entry: entry.item.kind):
        for number, entry in enumerate(some, 1):
            start = f"{number}. " if kind is Kind.NUMBER else "- "
            tick = ("[x] " if entry.item.checked else "[ ] ") if kind is Kind.TASK else ""
            lines = "\n".join(filter(None, (tick + _lines(entry.item.runs), *_list(entry.below))))
            yield (start + lines.replace("\n", "\n" + " " * len(start))).rstrip()


def _line(runs: Runs) -> str:
    return _lines(tuple(replace(run, text=_SPACES.sub(" ", run.text)) for run in runs))


def _lines(runs: Runs) -> str:
    """Return runs with their line breaks; nothing in them begins a list, a rule or a heading."""
    pieces = list(_pieces(runs))
    written = ""
    for at, (words, look) in enumerate(pieces):
        before = pieces[at - 1] if at else ("", _PLAIN)
        after = pieces[at + 1] if at + 1 < len(pieces) else ("", _PLAIN)
        shown = escape(words)
        if look.link:
            inside = _signed(shown, look)
            href = _NO_HREF.sub(lambda sign: quote(sign[0]), look.link)
            shown = f"[{inside}](<{href}>)"
            if written.endswith("!"):  # together they would be an image, asked for from elsewhere
                written = written[:-1] + "\\!"
        elif _stands_out(words[0], before[0][-1:], before[1]) and _stands_out(
            words[-1], after[0][:1], after[1]
        ):
            shown = _signed(shown, look)
        written += shown
    return escape_starts(written.strip()).replace("\n", "\\\n")


def _pieces(runs: Runs) -> Iterator[tuple[str, Run]]:
    """Yield words that look alike and how; the spaces around them are pieces of their own, and plain.

    Programs name places in Markdown each in their own way: a link to one is its words.
    """

    def look(run: Run) -> Run:
        link = run.link if run.link and not run.link.startswith("#") else None
        return Run("", run.bold, run.italic, link)

    for how, some in groupby(runs, look):
        words = clean("".join(run.text for run in some))
        bare = words.strip()
        start = words.index(bare)
        for piece, its in ((words[:start], _PLAIN), (bare, how), (words[start + len(bare) :], _PLAIN)):
            if piece:
                yield piece, its


def _signed(words: str, look: Run) -> str:
    stars = "*" * (look.italic + 2 * look.bold)
    return f"{stars}{words}{stars}"


def _stands_out(edge: str, beside: str, its_look: Run) -> bool:
    """Tell whether stars before or after ``edge`` are signs there, by the rules of CommonMark."""
    if _category(edge) not in "PS" or not beside or beside.isspace():
        return True
    return _category(beside) == "P" and its_look == _PLAIN


def _category(letter: str) -> str:
    return unicodedata.category(letter)[0]
