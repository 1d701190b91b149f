"""What becomes of a text, or of a form's fields, when somebody else wrote there meanwhile: plain rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from zlib import crc32

MAX_PARAGRAPHS = 40
"""In a longer text the place of an older version is not looked for: both texts are kept all the same."""


def version_of(text: str) -> str:
    """Return the bytes of a text in UTF-8 and their CRC-32, as texts.js computes them too."""
    data = text.encode()
    return f"{len(data)}-{crc32(data):08x}"


def merged_text(now: str, text: str, seen: Collection[str]) -> str:
    """Return what stands where ``now`` stood once somebody wrote ``text``.

    ``seen`` are the versions from which it may have grown: what the page showed, and what it sent
    and got no answer for. Where such a version still stands, alone or as whole paragraphs among
    others, ``text`` replaces it. Otherwise both are kept, the later one below; twice is once.
    """
    if text == now or not now or version_of(now) in seen:
        return text
    paragraphs = now.split("\n\n")
    start, end = _place_of(seen, paragraphs)
    if start < end:
        return "\n\n".join([*paragraphs[:start], *([text] if text else []), *paragraphs[end:]])
    if not text or f"\n\n{text}\n\n" in f"\n\n{now}\n\n":
        return now
    return f"{now}\n\n{text}"


def both_texts(one: str, other: str) -> str:
    """Return both texts, the second below the first; a text that stands there already is there once."""
    return merged_text(one, other, ()) if other else one


def _place_of(seen: Collection[str], paragraphs: list[str]) -> tuple[int, int]:
    """Return where the longest of the versions stands among the paragraphs; (0, 0) for nowhere."""
    count = len(paragraphs) if len(paragraphs) <= MAX_PARAGRAPHS else 0
    for size in range(count - 1, 0, -1):
        for start in range(count - size + 1):
            part = "\n\n".join(paragraphs[start : start + size])
            if part and version_of(part) in seen:
                return start, start + size
    return 0, 0


def merged_fields(
    seen: Mapping[str, str], now: Mapping[str, str], wanted: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the fields with what the person changed in them, and those that clash with what stands there.

    ``seen`` is what the form showed. A field left alone takes what stands there ``now``; one that
    somebody else changed meanwhile to something else clashes, and is answered with that.
    """
    fields, clashes = dict(now), {}
    for name, text in wanted.items():
        before, current = seen.get(name, ""), now.get(name, "")
        if text in (before, current):
            continue
        fields[name] = text
        if current != before:
            clashes[name] = current
    return fields, clashes
