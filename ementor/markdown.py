"""People's words in Markdown: shown as they are, never taken for signs. The only escaper."""

from __future__ import annotations

import re

_SIGNS = re.compile(r"[\\`*_\[\]<>#|~&$]")
_BLOCK_START = re.compile(r"^([ \t]*)(?:(?=[-+=])|(\d+)(?=[.)]))", re.MULTILINE)
_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")


def escape(text: str) -> str:
    """Return ``text`` for a paragraph: the same lines, and nothing in them means anything."""
    return escape_starts(_SIGNS.sub(r"\\\g<0>", _LINE_ENDS.sub("\n", text)))


def escape_starts(markdown: str) -> str:
    """Escape what would make a line a list, a rule or a heading. Twice is the same as once.

    For lines put together from several pieces: "1" and ". May" are harmless each.
    """
    return _BLOCK_START.sub(r"\g<1>\g<2>\\", markdown)
