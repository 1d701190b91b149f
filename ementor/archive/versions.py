"""A record as JSON data, and back: also from version 1, whose rows stay as they were written.

Version 2: {"version": 2} and the fields of ``meetings.record.Record``; an instant is ISO 8601 in UTC,
and "sections" holds what each section's ``keep`` returned, by its key.
Version 1 was one flat object and knew people by name only:
{"version": 1, "title": Text, "group": str, "started_at", "ended_at", "quiet_since" (absent in old ones),
 "revealed": bool, "people": [name], "roles": {name: role} (absent in old ones),
 "agenda": [{"id", "mode", "title": Text, "prompt": Text, "minutes", "actual_minutes" | None, "skipped"}],
 "cases": [{"item", "title": Text, "name" | None, "question", "next_step"}] (absent in old ones),
 "notes": [{"item" | None, "title": Text | None, "html", "markdown"}],
 "questions": [{"key", "text": Text, "answers": [{"name" | None, "text"}]}],
 "scale": Text, "picture": [5 counts] | None, "steps": [{"name", "text"}],
 "outside": {"html", "markdown"} | None (absent in old ones),
 "marked": {"insight" | "next_step": [{"part", "title": Text | None, "text"}]} (absent in old ones)}
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ementor.archive.sections import SECTIONS
from ementor.meetings.record import Attendee, Record
from ementor.reflections.sections import STEPS
from ementor.texts import both_texts

VERSION = 2
INSTANTS = ("started_at", "ended_at", "quiet_since")


def to_data(record: Record) -> dict[str, Any]:
    """Return the record as JSON data of the present version."""
    data = asdict(record)
    instants = {name: data[name] and data[name].isoformat() for name in INSTANTS}
    return {"version": VERSION, **data, **instants}


def from_data(data: Mapping[str, Any], readers: Callable[[], Mapping[int, str]]) -> Record:
    """Return the record that the data holds. ``readers``, asked for version 1 only: id → name today."""
    if data["version"] == 1:
        data = _from_version_1(data, _ids(data["people"], readers()))
    sections = data["sections"]
    return Record(
        title=data["title"],
        group=data["group"],
        started_at=_instant(data["started_at"]),
        ended_at=datetime.fromisoformat(data["ended_at"]),
        quiet_since=_instant(data["quiet_since"]),
        revealed=data["revealed"],
        people=tuple(Attendee(**one) for one in data["people"]),
        sections={
            one.key: one.read(sections[one.key]) for one in SECTIONS if one.read and one.key in sections
        },
    )


def with_one_person(
    data: Mapping[str, Any], kept: int, gone: int, readers: Callable[[], Mapping[int, str]]
) -> dict[str, Any]:
    """Return a record's data in which all that is ``gone``'s is ``kept``'s; their names stay as they were.

    Who was there twice was there once, and has one next step, with both texts.
    """
    if data["version"] == 1:
        data = to_data(from_data(data, readers))
    sections, steps = dict(data["sections"]), STEPS.key
    if sections.get(steps):
        sections[steps] = _once(sections[steps], "person", kept, gone, "text", both_texts)
    people = _once(data["people"], "id", kept, gone, "role", lambda mine, theirs: mine or theirs)
    return {**data, "people": people, "sections": _renamed(sections, kept, gone)}


def _once(
    rows: Iterable[Mapping[str, Any]],
    key: str,
    kept: int,
    gone: int,
    field: str,
    both: Callable[[Any, Any], Any],
) -> list[dict[str, Any]]:
    """Return the rows with one for the two: ``both`` makes one of what they have in ``field``."""
    rows = list(rows)
    mine, theirs = (next((row for row in rows if row[key] == person), None) for person in (kept, gone))
    if mine is None or theirs is None:
        return [{**row, key: kept} if row is theirs else dict(row) for row in rows]
    one = {**mine, field: both(mine[field], theirs[field])}
    return [one if row is mine else dict(row) for row in rows if row is not theirs]


def _renamed(data: Any, kept: int, gone: int) -> Any:
    """Return the data with another id wherever a person's stands."""
    if isinstance(data, Mapping):
        renamed = {key: _renamed(value, kept, gone) for key, value in data.items()}
        return renamed | {"person": kept} if data.get("person") == gone else renamed
    return [_renamed(each, kept, gone) for each in data] if isinstance(data, list | tuple) else data


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _ids(names: list[str], readers: Mapping[int, str]) -> dict[str, int]:
    """Return name → id for the names that one was there with, and that one reader has now."""
    then, now = Counter(names), Counter(readers.values())
    return {name: person for person, name in readers.items() if then[name] == now[name] == 1}


def _from_version_1(old: Mapping[str, Any], ids: Mapping[str, int]) -> dict[str, Any]:
    """Return version 1 as version 2."""

    def by(one: dict[str, Any]) -> dict[str, Any]:
        return one | {"person": ids.get(one["name"])}

    outside, marked, roles = old.get("outside"), old.get("marked", {}), old.get("roles", {})
    return {
        **{key: old[key] for key in ("title", "group", "started_at", "ended_at", "revealed")},
        "quiet_since": old.get("quiet_since"),
        "people": [{"id": ids.get(name), "name": name, "role": roles.get(name)} for name in old["people"]],
        "sections": {
            "agenda": old["agenda"],
            "notes": {
                "parts": old["notes"],
                "outside": {"item": None, "title": None, **outside} if outside else None,
                "insights": marked.get("insight", []),
                "next_steps": marked.get("next_step", []),
            },
            "reflection": {
                "questions": [one | {"answers": list(map(by, one["answers"]))} for one in old["questions"]],
                "scale": old["scale"],
                "picture": {"counts": old["picture"]} if old["picture"] else None,
            },
            "steps": list(map(by, old["steps"])),
            "cases": list(map(by, old.get("cases", []))),
        },
    }
