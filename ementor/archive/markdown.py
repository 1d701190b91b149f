"""A record as Markdown, to take along: what the group shares, never what is private."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import force_locale, format_decimal, gettext

from ementor import i18n
from ementor.markdown import escape_line
from ementor.meetings.parts import role_name
from ementor.notes.document import OUTSIDE
from ementor.reflections.services import Picture


def markdown_of(data: dict[str, Any], *, time_zone: str, locale: str) -> str:
    """Return the record ``data`` as Markdown in ``locale``; people's words stay their own."""
    with force_locale(locale):
        return "\n\n".join(_blocks(data, time_zone, locale)) + "\n"


def file_name(data: dict[str, Any], *, time_zone: str, locale: str) -> str:
    """Return a name of plain letters, digits and hyphens, whatever the title is."""
    title = unicodedata.normalize("NFKD", i18n.say(data["title"], locale)).encode("ascii", "ignore")
    words = "".join(char if char.isalnum() else " " for char in title.decode().lower()).split()
    ended_on = datetime.fromisoformat(data["ended_at"]).astimezone(ZoneInfo(time_zone)).date()
    return "-".join([ended_on.isoformat(), *words])[:80].rstrip("-") + ".md"


def _blocks(data: dict[str, Any], time_zone: str, locale: str) -> Iterator[str]:
    yield f"# {escape_line(i18n.say(data['title'], locale))}"
    ended_at = datetime.fromisoformat(data["ended_at"])
    started_at = datetime.fromisoformat(data["started_at"] or data["ended_at"])
    start, end = (i18n.clock_time(at, time_zone, locale) for at in (started_at, ended_at))
    yield f"{escape_line(data['group'])}, {i18n.day(started_at, time_zone, locale)}, {start} – {end}"
    if data.get("quiet_since"):
        quiet = i18n.clock_time(datetime.fromisoformat(data["quiet_since"]), time_zone, locale)
        yield gettext(
            "Nobody ended the meeting: it ended by itself. Nothing had happened since %(time)s.", time=quiet
        )
    roles = {name: f" ({role_name(role)})" for name, role in data.get("roles", {}).items()}
    present = (escape_line(name) + roles.get(name, "") for name in data["people"])
    yield f"{gettext('Present')}: {', '.join(present)}"
    yield f"## {gettext('Agenda')}"
    yield "\n".join(_item(item, locale) for item in data["agenda"])
    if data["notes"]:
        yield f"## {gettext('Shared notes')}"
    for note in data["notes"]:
        title = escape_line(i18n.say(note["title"], locale)) if note["title"] else gettext("General notes")
        yield f"### {title}"
        yield str(note["markdown"])
    outside, marked = data.get("outside"), data.get("marked", {})
    if outside:
        yield f"## {gettext('May be told outside')}"
        yield str(outside["markdown"])
    yield from _reflection(data, locale)
    if data.get("cases"):
        yield f"## {gettext('Cases')}"
        yield "\n".join(_case(case) for case in data["cases"])
    insights = [_marked(one, locale) for one in marked.get("insight", ())]
    if insights:
        yield f"## {gettext('Insights')}"
        yield "\n".join(insights)
    steps = [f"- **{escape_line(one['name'])}:** {escape_line(one['text'])}" for one in data["steps"]]
    steps += [_marked(one, locale) for one in marked.get("next_step", ())]
    if steps:
        yield f"## {gettext('Next steps')}"
        yield "\n".join(steps)


def part_name(part: str, title: dict[str, str] | None, locale: str) -> str:
    """Return what a part of the notes is called: its item's title, or the name of a standing part."""
    if title:
        return i18n.say(title, locale)
    return str(gettext("May be told outside") if part == OUTSIDE else gettext("General notes"))


def _case(case: dict[str, Any]) -> str:
    said = [(gettext("Key question"), case["question"]), (gettext("Next step"), case["next_step"])]
    lines = [f"  - {name}: {escape_line(text)}" for name, text in said if text]
    return "\n".join([f"- **{escape_line(case['name'] or '?')}**", *lines])


def _marked(one: dict[str, Any], locale: str) -> str:
    return f"- {escape_line(one['text'])} ({escape_line(part_name(one['part'], one['title'], locale))})"


def _item(item: dict[str, Any], locale: str) -> str:
    if item["skipped"]:
        took = gettext("skipped")
    elif item["actual_minutes"] is None:
        took = gettext("not reached, %(planned)d min planned", planned=item["minutes"])
    else:
        took = gettext(
            "%(actual)d min, %(planned)d min planned",
            actual=item["actual_minutes"],
            planned=item["minutes"],
        )
    return f"1. {escape_line(i18n.say(item['title'], locale))} ({took})"


def _reflection(data: dict[str, Any], locale: str) -> Iterator[str]:
    answered = [question for question in data["questions"] if question["answers"]]
    if answered or data["picture"]:
        yield f"## {gettext('Closing reflection')}"
    for question in answered:
        yield f"### {escape_line(i18n.say(question['text'], locale))}"
        for answer in question["answers"]:
            name = f"**{escape_line(answer['name'])}:**\n" if answer["name"] is not None else ""
            yield _quoted(name + "\n".join(map(escape_line, answer["text"].split("\n"))))
    if data["picture"]:
        picture = Picture(tuple(data["picture"]))
        yield f"### {escape_line(i18n.say(data['scale'], locale))}"
        counts = [f"- {number}: {count}" for number, count in enumerate(picture.counts, 1)]
        mean = format_decimal(round(picture.mean, 1))
        yield "\n".join(counts)
        yield gettext("Mean %(mean)s, %(people)d answers", mean=mean, people=picture.people)


def _quoted(text: str) -> str:
    lines = [line or "\\" for line in text.split("\n")]
    return "\n".join(f"> {line}" + ("  " if line != "\\" else "") for line in lines)
