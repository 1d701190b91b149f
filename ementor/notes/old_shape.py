"""Read notes of their first shape (SCHEMA 2), in which blocks were elements around their letters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pycrdt

from ementor.notes.blocks import LINE_BREAK, Block, Run
from ementor.notes.document import Document
from ementor.notes.wire import MAX_DEPTH, PART
from ementor.notes.writing import written

_LISTS = {"bullet_list": "bullet", "ordered_list": "number", "task_list": "task"}
_MARKS = ("strong", "em", "insight", "next_step")


def carried_over(updates: Iterable[bytes]) -> bytes:
    """Return one update of the present shape that has all that these updates had, part by part."""
    old = pycrdt.Doc[Any]()
    for update in updates:
        old.apply_update(update)
    document = Document()
    for part in sorted(name for name in old.keys() if PART.fullmatch(name)):  # noqa: SIM118 - a Doc is no dict
        fragment = old.get(part, type=pycrdt.XmlFragment)
        seed = document.seed([part])
        assert seed is not None
        document.apply(seed)
        try:
            blocks = [block for child in fragment.children for block in _blocks(child)]
        except (TypeError, ValueError, OverflowError):  # something that no editor wrote: its words at least
            blocks = [
                Block(runs=[(words, {})]) for words in re.split("<[^>]*>", str(fragment)) if words.strip()
            ]
        document.apply(written(document.update_since(), part, blocks))
    return document.update_since()


def _blocks(
    element: Any, kind: str | None = None, depth: int = 0, off_record: bool = False
) -> Iterator[Block]:
    if not isinstance(element, pycrdt.XmlElement):
        return
    tag = str(element.tag)
    children = list(element.children)
    if tag == "off_record":
        for child in children:
            yield from _blocks(child, off_record=True)
    elif tag in _LISTS:
        for child in children:
            yield from _item(child, _LISTS[tag], depth, off_record)
    elif tag == "heading":
        level = _attribute(element, "level")
        yield Block("subheading" if level == 4 else "heading", list(_runs(children)), off_record=off_record)
    else:
        yield Block(None, list(_runs(children)), off_record=off_record)


def _item(element: Any, kind: str, depth: int, off_record: bool) -> Iterator[Block]:
    """Yield an item of a list: its paragraphs as lines of one block, then the lists in it."""
    if not isinstance(element, pycrdt.XmlElement):
        return
    item = Block(kind, [], min(depth, MAX_DEPTH), _attribute(element, "checked") is True, off_record)
    inner: list[Block] = []
    for child in element.children:
        if isinstance(child, pycrdt.XmlElement) and str(child.tag) in _LISTS:
            inner += _blocks(child, depth=depth + 1, off_record=off_record)
            continue
        for block in _blocks(child):
            item.runs += [*([(LINE_BREAK, {})] if item.runs else []), *block.runs]
    yield item
    yield from inner


def _attribute(element: Any, name: str) -> Any:
    return next((value for key, value in element.attributes if key == name), None)


def _runs(children: Iterable[Any]) -> Iterator[Run]:
    for child in children:
        if isinstance(child, pycrdt.XmlText):
            for words, marks in child.diff():
                if isinstance(words, str) and words:
                    clean = re.sub("[\0-\x08\x0b-\x1f]", "", words).replace("\n", LINE_BREAK)
                    yield clean, _marks(marks or {})
        elif isinstance(child, pycrdt.XmlElement) and str(child.tag) == "hard_break":
            yield LINE_BREAK, {}


def _marks(old: dict[str, Any]) -> dict[str, Any]:
    marks: dict[str, Any] = {name: True for name in _MARKS if name in old}
    link = old.get("link")
    if isinstance(link, dict) and isinstance(link.get("href"), str):
        marks["link"] = link["href"]
    return marks
