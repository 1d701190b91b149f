"""The pictures of the help page: a name each, and the part of a page 380 pixels wide that it shows.

``make screenshots`` makes them of the room as it is: for each of ``IN``, light and dark.
"""

from __future__ import annotations

from ementor.languages import SOURCE

WIDTH = 380
HEIGHTS = {"join": 400, "turn": 584, "talk": 584, "private": 400, "record": 400}
SCHEMES = ("light", "dark")
IN = ("fi", "sv", "en")


def file_of(name: str, locale: str, scheme: str) -> str:
    """Return a picture's file in ``static/``; a language without pictures of its own has the English ones."""
    return f"img/help/{name}-{locale if locale in IN else SOURCE}-{scheme}.webp"
