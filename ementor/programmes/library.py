"""Read the programme templates: ten programmes, each text in Finnish, Swedish and English."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "programmes.json"
SINGLE = "single"
LENGTH = re.compile(r" \(\d+ min\)$")
"""What the names of single meetings end with; the agenda may soon take another time."""
BLANK = "single-4"

Text = Mapping[str, str]


@dataclass(frozen=True)
class TemplateItem:
    """One item of a ready agenda: ``mode`` as in the room, planned ``minutes``.

    ``form`` is what is filled in where it is written: "step" is the person's next step,
    "self_assessment" its eight statements, and nothing is free words.
    """

    mode: str
    minutes: int
    title: Text
    prompt: Text
    form: str = ""


@dataclass(frozen=True)
class Template:
    """A ready meeting. ``key`` is ``<programme>-<number of the meeting, from 1>``."""

    key: str
    programme: str
    programme_name: Text
    number: int
    of: int
    title: Text
    minutes: int
    own_closing: Text
    items: tuple[TemplateItem, ...]


@cache
def read() -> dict[str, Any]:
    """Return the whole file as it is."""
    data: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return data


@cache
def templates() -> dict[str, Template]:
    """Return every ready meeting by its key."""
    found = {}
    for programme in read()["programmes"]:
        for number, meeting in enumerate(programme["meetings"], start=1):
            key = f"{programme['id']}-{number}"
            found[key] = Template(
                key=key,
                programme=programme["id"],
                programme_name=programme["name"],
                number=number,
                of=len(programme["meetings"]),
                title={lang: LENGTH.sub("", title) for lang, title in meeting["title"].items()},
                minutes=meeting["minutes"],
                own_closing=programme["own_closing"],
                items=tuple(
                    TemplateItem(item["mode"], item["minutes"], item["title"], item["prompt"] or {})
                    for item in meeting["items"]
                ),
            )
    return found


@cache
def to_start_with() -> tuple[Template, ...]:
    """Return what anybody can start now: the single meetings, then each programme's first."""
    every = templates().values()
    single = [template for template in every if template.programme == SINGLE]
    first = [template for template in every if template.programme != SINGLE and template.number == 1]
    return (*single, *first)


def closing_questions() -> tuple[Text, Text, Text]:
    """Return the three standing questions of the closing reflection; the third is answered 1-5."""
    first, second, third = read()["closing"]
    return first, second, third


def ground_rules() -> list[Text]:
    """Return the ground rules a group starts from."""
    return list(read()["ground_rules"])
