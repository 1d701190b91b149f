"""What a posted text, and a choice of its lines, may hold."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from flask_babel import gettext

from ementor.errors import Invalid
from ementor.programmes import library
from ementor.writings.models import MAX_TEXT
from ementor.writings.services import Given


def given(form: Mapping[str, str]) -> Given:
    """Return what ``form`` changes; fields that it lacks stay as they are. Raises Invalid.

    Fields: ``text`` with ``seen`` and ``tab``, ``other`` (``add-`` or ``drop-`` and a digest),
    ``answer-<statement>`` (1–5, empty takes it back) and ``ready`` (``yes`` or ``no``).
    Others are not read.
    """
    ready, other = form.get("ready"), form.get("other")
    if ready not in {None, "yes", "no"} or not re.fullmatch(
        r"(add|drop)-[0-9a-f]{32}", other or "add-" + "0" * 32
    ):
        raise Invalid(gettext("Choose one of the options on the screen."))
    return Given(
        text=_text(form["text"]) if "text" in form else None,
        seen=_number(form["seen"]) if "seen" in form else None,
        tab=tab_of(form.get("tab", "")),
        other=None if other is None else (other.partition("-")[0], other.partition("-")[2]),
        answers={
            str(number): _answer(form[f"answer-{number}"])
            for number in range(1, len(library.self_assessment()) + 1)
            if f"answer-{number}" in form
        },
        ready=None if ready is None else ready == "yes",
    )


def lines(chosen: Sequence[str]) -> list[str]:
    """Return the lines that are to be shared. Raises Invalid when there is none, or too much."""
    found = [text for text in (_clean(line).strip() for line in chosen) if text]
    if not found:
        raise Invalid(gettext("Choose at least one line."))
    if sum(map(len, found)) > MAX_TEXT:
        raise Invalid(gettext("Please shorten this to at most %(n)d characters.", n=MAX_TEXT))
    return found


def _text(value: str) -> str:
    text = _clean(value)
    if len(text) > MAX_TEXT:
        raise Invalid(gettext("Please shorten this to at most %(n)d characters.", n=MAX_TEXT), field="text")
    return text.rstrip()


def _clean(value: str) -> str:
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in lines if char in "\n\t" or char.isprintable() or char > "\x9f")


def _number(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise Invalid(gettext("Something went wrong. Reload the page."))
    return int(value)


def _answer(value: str) -> int | None:
    if value not in {"", "1", "2", "3", "4", "5"}:
        raise Invalid(gettext("Choose a number from 1 to 5."))
    return int(value) if value else None


def tab_of(value: str) -> str:
    """Return what a page calls itself, as autosave.js draws it. Raises Invalid."""
    if not re.fullmatch(r"[a-z0-9]{0,16}", value):
        raise Invalid(gettext("Something went wrong. Reload the page."))
    return value
