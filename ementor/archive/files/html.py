"""Blocks as a whole HTML file, which stands alone: nothing in it is asked for from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby

from ementor.archive.files.pieces import Entry, clean, tree
from ementor.blocks import Block, Heading, Item, Kind, Paragraph, Quote, Run, Runs, Table

_MARKS = {"insight": "insight", "next_step": "next-step"}
_STYLE = """
:root { color-scheme: light dark; font: 1rem/1.55 system-ui, sans-serif; }
body { margin: 0 auto; padding: 1.5rem; max-width: 42rem; overflow-wrap: anywhere; }
h1, h2, h3, h4 { line-height: 1.25; margin: 1.6em 0 .4em; }
h2 { border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding-bottom: .2em; }
blockquote { margin: .8em 0; padding-left: 1em; border-left: 3px solid #1f6b4f; }
table { border-collapse: collapse; }
th, td { border: 1px solid; padding: .25em .8em; text-align: start; }
mark { color: inherit; background: none; border-bottom: 3px solid #d9a400; }
mark.next-step { border-bottom-color: #1f6b4f; }
ul.tasks { list-style: none; padding-left: 1em; }
@media print { body { max-width: none; padding: 0; } h1, h2, h3, h4 { break-after: avoid; } }
"""


def write(blocks: Iterable[Block], *, title: str, author: str, locale: str) -> str:
    """Return the blocks as a file. It says itself, too, that nothing in it may run."""
    return (
        f'<!doctype html>\n<html lang="{escape(locale)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f'<meta name="author" content="{_line(author)}">\n'
        f"<title>{_line(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(_written(blocks))
        + "\n</main>\n</body>\n</html>\n"
    )


def _written(blocks: Iterable[Block]) -> Iterator[str]:
    for is_item, some in groupby(blocks, lambda block: isinstance(block, Item)):
        if is_item:
            yield _list(tree(block for block in some if isinstance(block, Item)))
        else:
            yield from map(_block, some)


def _block(block: Block) -> str:
    match block:
        case Heading(level, runs, anchor):
            tag, place = f"h{min(level, 6)}", f' id="{escape(anchor)}"' if anchor else ""
            return f'<{tag} dir="auto"{place}>{_runs(runs)}</{tag}>'
        case Paragraph(runs):
            return f'<p dir="auto">{_runs(runs)}</p>'
        case Quote(runs, who):
            name = f"<strong><bdi>{_line(who)}</bdi>:</strong><br>" if who else ""
            return f'<blockquote><p dir="auto">{name}{_runs(runs)}</p></blockquote>'
        case Table(head, rows):
            heads = "".join(f'<th scope="col">{_runs(cell)}</th>' for cell in head)
            lines = ("".join(f"<td>{_runs(cell)}</td>" for cell in row) for row in rows)
            body = "".join(f"<tr>{line}</tr>" for line in lines)
            return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
        case Item():
            raise TypeError


def _list(entries: Iterable[Entry]) -> str:
    lists = ((kind, list(some)) for kind, some in groupby(entries, lambda entry: entry.item.kind))
    return "\n".join(_list_of(kind, some) for kind, some in lists)


def _list_of(kind: Kind, entries: list[Entry]) -> str:
    tag = "ol" if kind is Kind.NUMBER else "ul"
    how = ' class="tasks"' if kind is Kind.TASK else ""
    return f"<{tag}{how}>\n" + "\n".join(map(_entry, entries)) + f"\n</{tag}>"


def _entry(entry: Entry) -> str:
    words = _runs(entry.item.runs)
    if entry.item.kind is Kind.TASK:
        ticked = " checked" if entry.item.checked else ""
        words = f'<label><input type="checkbox" disabled{ticked}> {words}</label>'
    return f'<li dir="auto">{words}{_list(entry.below)}</li>'


def _runs(runs: Runs) -> str:
    return "".join(map(_run, runs))


def _run(run: Run) -> str:
    words = escape(clean(run.text)).replace("\n", "<br>")
    if run.italic:
        words = f"<em>{words}</em>"
    if run.bold:
        words = f"<strong>{words}</strong>"
    if run.mark in _MARKS:
        words = f'<mark class="{_MARKS[run.mark]}">{words}</mark>'
    if run.link:
        rel = "" if run.link.startswith("#") else ' rel="noopener noreferrer nofollow"'
        words = f'<a href="{escape(run.link)}"{rel}>{words}</a>'
    return words


def _line(text: str) -> str:
    return escape(" ".join(clean(text).split()))
