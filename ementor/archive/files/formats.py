"""The formats of a file to take along. All of it is plain data, so that a thread of its own can write it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ementor.archive.files import docx, html, markdown, zips
from ementor.blocks import Block

TYPES = {
    "md": "text/markdown",
    "html": "text/html",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "zip": "application/zip",
}
TEXTS = ("md", "html", "docx")
"""What a ZIP has of each document."""


@dataclass(frozen=True)
class Paper:
    """A document to write. ``name`` is its file's, without the ending; ``at`` is when it was as it is."""

    name: str
    title: str
    author: str
    locale: str
    at: datetime
    blocks: tuple[Block, ...]


def written(kind: str, papers: Sequence[Paper], folder: str = "") -> bytes:
    """Return the first paper as a file, or as ``zip`` all of them in every format, in a folder."""
    if kind != "zip":
        return _written(kind, papers[0])
    return zips.pack(_files(papers, folder), max(paper.at for paper in papers))


def _files(papers: Sequence[Paper], folder: str) -> Iterator[tuple[str, bytes]]:
    taken: set[str] = set()
    for paper in papers:
        name, number = paper.name, 1
        while name in taken:
            number += 1
            name = f"{paper.name}-{number}"
        taken.add(name)
        for kind in TEXTS:
            yield f"{folder}/{name}.{kind}".lstrip("/"), _written(kind, paper)


def _written(kind: str, paper: Paper) -> bytes:
    about = {"title": paper.title, "author": paper.author, "locale": paper.locale}
    match kind:
        case "md":
            return markdown.write(paper.blocks).encode()
        case "html":
            return html.write(paper.blocks, **about).encode()
        case _:
            return docx.write(paper.blocks, at=paper.at, **about)
