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
FORMATS = Path(__file__).parent / "data" / "formats.json"
"""Further single meetings, each one known way to talk, and settings for items of the programmes."""
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
    how: Mapping[str, Any]
    """The item's settings, as ``meetings.domain.agenda.how_from_data`` reads them."""
    form: str = ""


@dataclass(frozen=True)
class CaseStep:
    """One of the eight steps of a case clinic; ``kind``: owner, round, writing or open."""

    title: Text
    kind: str
    minutes: int


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
def formats() -> dict[str, Any]:
    """Return the other file as it is."""
    data: dict[str, Any] = json.loads(FORMATS.read_text(encoding="utf-8"))
    return data


@cache
def templates() -> dict[str, Template]:
    """Return every ready meeting by its key."""
    found = {}
    settings = {(one["meeting"], one["item"]): one["how"] for one in formats()["settings"]}
    for programme in read()["programmes"]:
        meetings = [*programme["meetings"], *(formats()["meetings"] if programme["id"] == SINGLE else [])]
        for number, meeting in enumerate(meetings, start=1):
            key = f"{programme['id']}-{number}"
            found[key] = Template(
                key=key,
                programme=programme["id"],
                programme_name=programme["name"],
                number=number,
                of=len(meetings),
                title={lang: LENGTH.sub("", title) for lang, title in meeting["title"].items()},
                minutes=meeting["minutes"],
                own_closing=programme["own_closing"],
                items=tuple(
                    TemplateItem(
                        mode=item["mode"],
                        minutes=item["minutes"],
                        title=item["title"],
                        prompt=item["prompt"] or {},
                        how=item.get("how") or settings.get((key, place), {}),
                        form=_form(item),
                    )
                    for place, item in enumerate(meeting["items"])
                ),
            )
    return found


def _form(item: dict[str, Any]) -> str:
    return "step" if item.get("block") == "steps" else str(item.get("form", ""))


@cache
def to_start_with() -> tuple[Template, ...]:
    """Return what anybody can start now: single meetings, the blank one last, then each programme's first."""
    every = templates().values()
    single = [template for template in every if template.programme == SINGLE]
    single.sort(key=lambda template: template.key == BLANK)
    first = [template for template in every if template.programme != SINGLE and template.number == 1]
    return (*single, *first)


def next_of(key: str | None) -> Template | None:
    """Return the next meeting of the programme that ``key`` belongs to; of single ones there is none."""
    template = templates().get(key or "")
    if template is None or template.programme == SINGLE:
        return None
    return templates().get(f"{template.programme}-{template.number + 1}")


CASE_LENGTHS = (20, 30, 45)


@cache
def case_steps(minutes: int) -> tuple[CaseStep, ...]:
    """Return the eight steps of a case clinic, as in the length nearest below ``minutes``."""
    length = max((each for each in CASE_LENGTHS if each <= minutes), default=CASE_LENGTHS[0])
    return tuple(
        CaseStep(step["title"], step["kind"], step["minutes"][str(length)]) for step in read()["case"]
    )


def closing_questions() -> tuple[Text, Text, Text]:
    """Return the three standing questions of the closing reflection; the third is answered 1-5."""
    first, second, third = read()["closing"]
    return first, second, third


@cache
def tech_check() -> Text:
    """Return the title of the item in which a group tries its room."""
    title: Text = next(block["title"] for block in read()["blocks"] if block["key"] == "tech")
    return title


def self_assessment() -> list[Text]:
    """Return the eight statements of the self-assessment, each answered 1-5."""
    return list(read()["self_assessment"])


def ground_rules() -> list[Text]:
    """Return the ground rules a group starts from."""
    return list(read()["ground_rules"])
