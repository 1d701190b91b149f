"""Read the programmes and their ready meetings, each text in Finnish, Swedish and English."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
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
    purpose: Text
    """What happens in it, as one sentence."""
    bring: Text
    """What continues "Bring ..."; empty when there is nothing to bring."""
    task: Text
    """What to do after it, before the next one; empty for nothing."""
    optional: bool
    minutes: int
    own_closing: Text
    items: tuple[TemplateItem, ...]


@dataclass(frozen=True)
class Programme:
    """A series of ready meetings. ``short`` and ``lead`` are its name and purpose where room is scarce."""

    id: str
    name: Text
    short: Text
    lead: Text
    purpose: Text
    rhythm: Text
    weeks: int
    """Weeks from one meeting to the next, unless the group chooses others."""
    weeks_each: tuple[int, ...]
    """Weeks before the second meeting, the third and so on, where they differ; after these come ``weeks``."""
    group_min: int
    group_max: int
    templates: tuple[Template, ...]

    def gaps(self, count: int) -> tuple[int, ...]:
        """Return the weeks before each of ``count`` meetings: 0 before the first."""
        return (0, *self.weeks_each, *repeat(self.weeks, count))[:count]


@cache
def read() -> dict[str, Any]:
    """Return the programmes: names, meetings, items."""
    return _file("programmes.json")


@cache
def formats() -> dict[str, Any]:
    """Return further single meetings, each a known format, and settings for items of the programmes."""
    return _file("formats.json")


@cache
def descriptions() -> dict[str, Any]:
    """Return what tells about a programme or meeting before it is held: purpose, what to bring, rhythm."""
    return _file("meetings.json")


def _file(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((DATA / name).read_text(encoding="utf-8"))
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
            described = descriptions()["meetings"][key]
            found[key] = Template(
                key=key,
                programme=programme["id"],
                programme_name=programme["name"],
                number=number,
                of=len(meetings),
                title={lang: LENGTH.sub("", title) for lang, title in meeting["title"].items()},
                purpose=described["purpose"],
                bring=described.get("bring", {}),
                task=meeting.get("task", {}),
                optional=meeting.get("optional", False),
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
def programmes() -> tuple[Programme, ...]:
    """Return every programme in the order of the file: the one of single meetings is last."""
    found = []
    for programme in read()["programmes"]:
        described = descriptions()["programmes"][programme["id"]]
        found.append(
            Programme(
                id=programme["id"],
                name=programme["name"],
                short=described.get("short", programme["name"]),
                lead=described["lead"],
                purpose=programme["purpose"],
                rhythm=described["rhythm"],
                weeks=described["weeks"],
                weeks_each=tuple(described.get("weeks_each", ())),
                group_min=programme["group_min"],
                group_max=programme["group_max"],
                templates=tuple(each for each in templates().values() if each.programme == programme["id"]),
            )
        )
    return tuple(found)


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
