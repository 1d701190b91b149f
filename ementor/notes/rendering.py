"""Blocks of the notes as HTML of known tags only, escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from typing import Any

from ementor.notes.blocks import ADDED, COLLECTED, LINE_BREAK, REMOVED, Block, Run
from ementor.notes.wire import is_safe_link

_LISTS = {"bullet": "ul", "number": "ol", "task": 'ul class="tasks"'}
_HEADINGS = {"heading": "h3", "subheading": "h4"}
_MARK_TAGS = {"strong": "strong", "em": "em"}
_CHANGED = {ADDED: "ins", REMOVED: "del"}


@dataclass
class _Item:
    """A block of a list, with the items below it."""

    block: Block
    below: list[_Item] = field(default_factory=list)


def _groups(blocks: Iterable[Block]) -> Iterator[Block | list[_Item]]:
    """Yield the blocks, those of lists as trees; an item stands at most one step below the one before."""
    for is_list, some in groupby(blocks, lambda block: block.kind in _LISTS):
        if not is_list:
            yield from some
            continue
        top: list[_Item] = []
        path: list[_Item] = []
        for block in some:
            while path and path[-1].block.depth >= block.depth:
                path.pop()
            item = _Item(block)
            (path[-1].below if path else top).append(item)
            path.append(item)
        yield top


def html_of(blocks: Iterable[Block]) -> str:
    """Return blocks as HTML of known tags only, escaped."""
    return "".join(map(_html_group, _groups(blocks)))


def _html_group(group: Block | list[_Item]) -> str:
    if isinstance(group, Block):
        tag = _HEADINGS.get(group.kind or "", "p")
        return f"<{tag}>{''.join(_html_runs(group.runs))}</{tag}>"
    return "".join(_html_list(kind, items) for kind, items in _of_one_kind(group))


def _of_one_kind(items: Iterable[_Item]) -> Iterator[tuple[str, list[_Item]]]:
    for kind, some in groupby(items, lambda item: item.block.kind):
        yield kind or "", list(some)


def _html_list(kind: str, items: list[_Item]) -> str:
    tag = _LISTS[kind]
    return f"<{tag}>{''.join(map(_html_item, items))}</{tag.split()[0]}>"


def _html_item(item: _Item) -> str:
    inside = f"<p>{''.join(_html_runs(item.block.runs))}</p>" + (
        _html_group(item.below) if item.below else ""
    )
    if item.block.kind != "task":
        return f"<li>{inside}</li>"
    # A box that cannot be pressed, read out as one: no form control in a kept record.
    checked = "true" if item.block.checked else "false"
    box = f'<span class="box" role="checkbox" aria-checked="{checked}" aria-disabled="true"'
    words = escape(" ".join(item.block.words.split()))
    return f'<li data-checked="{checked}">{box} aria-label="{words}"></span>{inside}</li>'


def _html_runs(runs: list[Run]) -> Iterator[str]:
    for around, some in groupby(
        runs, lambda run: [mark for mark in (*COLLECTED, *_CHANGED) if mark in run[1]]
    ):
        words = "".join(map(_html_run, some))
        for mark in around:
            tag = _CHANGED.get(mark, "mark")
            name = f' class="{COLLECTED[mark]}"' if mark in COLLECTED else ""
            words = f"<{tag}{name}>{words}</{tag}>"
        yield words


def _html_run(run: Run) -> str:
    text, marks = run
    words = escape(text).replace(LINE_BREAK, "<br>")
    for mark, tag in _MARK_TAGS.items():
        if mark in marks:
            words = f"<{tag}>{words}</{tag}>"
    href = _href(marks)
    if href:
        words = f'<a href="{escape(href)}" rel="noopener noreferrer nofollow">{words}</a>'
    return words


def _href(marks: dict[str, Any]) -> str | None:
    href = marks.get("link")
    return href if isinstance(href, str) and is_safe_link(href) else None
