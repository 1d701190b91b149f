"""The HTML that is kept of notes, read back as blocks: what is not of its tags is text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser
from typing import Any

from ementor.blocks import Block, Heading, Item, Kind, Paragraph, Run, Runs
from ementor.notes.blocks import COLLECTED
from ementor.notes.wire import is_safe_link

Attributes = list[tuple[str, str | None]]
_LEVELS = {"h3": 1, "h4": 2}
_MARKS = {name: mark for mark, name in COLLECTED.items()}


PIECE = 20_000
"""So many letters are read before the first blocks are there."""


def from_html(html: str, *, below: int = 3) -> tuple[Block, ...]:
    """Return the blocks of kept HTML; its headings stand below one of level ``below``."""
    return tuple(read(html, below=below))


def read(html: str, *, below: int = 3) -> Iterator[Block]:
    """Yield the same, and read no further than is asked for."""
    reader = _Reader(below)
    for start in range(0, len(html), PIECE):
        reader.feed(html[start : start + PIECE])
        yield from reader.taken()
    reader.close()
    reader.end()
    yield from reader.taken()


class _Reader(HTMLParser):
    """Collects blocks from the tags that ``document`` writes."""

    def __init__(self, below: int) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._below = below
        self._make: Callable[[Runs], Block] | None = None
        """Makes the block that is open of its runs."""
        self._runs: list[Run] = []
        self._lists: list[Kind] = []
        self._around: list[tuple[str, dict[str, Any]]] = []
        """The open tags on words, and what each says of them."""

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        said = dict(attrs)
        match tag:
            case "p" if self._in_item:
                if self._runs:  # in an older shape an item had several
                    self._add("\n")
            case "p":
                self._begin(Paragraph)
            case "h3" | "h4":
                self._begin(partial(Heading, self._below + _LEVELS[tag]))
            case "ul" | "ol":
                self.end()
                tasks = "tasks" in (said.get("class") or "").split()
                self._lists.append(Kind.NUMBER if tag == "ol" else Kind.TASK if tasks else Kind.BULLET)
            case "li":
                kind = self._lists[-1] if self._lists else Kind.BULLET
                depth, checked = max(len(self._lists) - 1, 0), said.get("data-checked") == "true"
                self._begin(partial(Item, kind, depth=depth, checked=checked))
            case "br":
                self._add("\n")
            case "strong":
                self._around.append((tag, {"bold": True}))
            case "em":
                self._around.append((tag, {"italic": True}))
            case "a":
                href = said.get("href")
                self._around.append((tag, {"link": href if is_safe_link(href) else None}))
            case "mark":
                self._around.append((tag, {"mark": _MARKS.get(said.get("class") or "")}))

    def handle_endtag(self, tag: str) -> None:
        if tag in {"h3", "h4", "li"} or (tag == "p" and not self._in_item):
            self.end()
        elif tag in {"ul", "ol"}:
            self.end()
            del self._lists[-1:]
        else:
            opened = [at for at, (name, _) in enumerate(self._around) if name == tag]
            del self._around[slice(opened[-1], opened[-1] + 1) if opened else slice(0)]

    def handle_data(self, data: str) -> None:
        words = data.replace("\r\n", " ").replace("\n", " ")
        if self._make or words.strip():
            self._add(words)

    def taken(self) -> list[Block]:
        """Return the blocks that have ended since this was asked last."""
        taken, self.blocks = self.blocks, []
        return taken

    def end(self) -> None:
        """End the block that is open. A heading without words is none."""
        make, runs = self._make, tuple(self._runs)
        self._make, self._runs = None, []
        block = make(runs) if make else None
        if block and (runs or not isinstance(block, Heading)):
            self.blocks.append(block)

    @property
    def _in_item(self) -> bool:
        return isinstance(self._make, partial) and self._make.func is Item

    def _begin(self, make: Callable[[Runs], Block]) -> None:
        self.end()
        self._make = make

    def _add(self, words: str) -> None:
        self._make = self._make or Paragraph
        run = Run(words)
        for _, said in self._around:
            run = replace(run, **said)
        last = self._runs[-1] if self._runs else None
        if last and replace(last, text=words) == run:
            self._runs[-1] = replace(last, text=last.text + words)
        else:
            self._runs.append(run)
