"""Forms of the agenda that were open while somebody else changed the same.

A form says by its field ``since`` which event was the newest when it was shown. What it showed
is read from the log, so only what the person changed is applied.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext
from markupsafe import Markup

from ementor import i18n
from ementor.errors import Changed
from ementor.languages import LANGUAGES, SOURCE
from ementor.meetings import forms, services
from ementor.meetings.domain import run as runs
from ementor.meetings.domain.agenda import MAX_STEPS, PLAIN, TICKS, Item, Mode
from ementor.meetings.domain.run import Command, Run
from ementor.meetings.domain.values import replace
from ementor.texts import merged_fields
from ementor.web import number

Values = Mapping[str, str]

SETTINGS = ("mode", "minutes", "turn", "size", *TICKS)
"""The fields beside its steps from which an item's settings are read."""


# An item


def item_values(item: Item | None, locale: str) -> dict[str, str]:
    """Return what an item's form shows, and sends when it is left alone; None is a new item."""
    how = item.how if item else PLAIN
    mode = item.mode if item else Mode.OPEN
    values = {
        "title": i18n.say(item.title, locale) if item else "",
        "prompt": i18n.say(item.prompt, locale) if item else "",
        "mode": mode.value,
        "minutes": str(item.minutes if item else 10),
        "turn": as_minutes(how.turn_s),
        "size": str(how.size),
        **{name: "on" if getattr(how, name) else "" for name in TICKS},
    }
    for row, step in enumerate(how.steps):
        texts = {name: text for name, text in step.title.items() if name}
        texts |= {"time": as_minutes(step.seconds), "title": i18n.say(step.title, locale)}
        texts |= {"who": step.who.value, "keeps": step.keeps.value if step.keeps else ""}
        values |= {f"step-{row}-{name}": text for name, text in texts.items()}
    return values


def as_minutes(seconds: int | None) -> str:
    """Return a length of time as its field shows it: 8 or 1:30."""
    if seconds is None:
        return ""
    return f"{seconds // 60}:{seconds % 60:02d}" if seconds % 60 else str(seconds // 60)


def merged_item(values: Values, before: Run, run: Run, locale: str) -> Command:
    """Return the wish to add or to change an item by a form that was shown in the run ``before``.

    The same new item twice is once. Raises Invalid, or Changed when somebody else has changed
    the same fields otherwise; without clashes when the item itself has gone.
    """
    if values.get("press") == "add_item":
        wish = forms.added(values)
        wanted = (wish.mode, wish.title, wish.prompt, wish.minutes, wish.how)
        for item in run.agenda:
            is_new = item.id > before.last_item_id
            if is_new and (item.mode, item.title, item.prompt, item.minutes, item.how) == wanted:
                return runs.ChangeItem(item.id)
        return wish
    item_id = number(values, "item")
    current = run.item_by_id(item_id)
    if current is None:
        raise Changed(str(services.REFUSALS[runs.Refusal.GONE]), typed(values), {})
    now = _joined(item_values(current, locale))
    seen = _joined(item_values(before.item_by_id(item_id) or current, locale))
    fields, clashes = merged_fields(seen, now, _joined(values))
    if clashes:
        raise Changed(gettext("Somebody else has changed this in the meantime."), _parted(fields), clashes)
    change = forms.changed({**_parted(fields), "item": str(item_id), "how": "1"}, run)
    same = {name for name in fields if fields[name] == now[name]}
    return replace(
        change,
        mode=None if "mode" in same else change.mode,
        title=None if "title" in same else change.title,
        prompt=None if "prompt" in same else change.prompt,
        minutes=None if "minutes" in same else change.minutes,
        how=None if same.issuperset([*SETTINGS, "steps"]) else change.how,
    )


def typed(values: Values) -> dict[str, str]:
    """Return what somebody typed into an item's form, and nothing else that was posted."""
    return _parted(_joined(values))


def steps_in(text: str) -> list[dict[str, str]]:
    """Return the steps of a clash, to be shown."""
    return [dict(zip(_step_fields(), row, strict=True)) for row in json.loads(text or "[]")]


def _step_fields() -> tuple[str, ...]:
    return ("time", "title", "who", "keeps", *LANGUAGES)


def _joined(values: Values) -> dict[str, str]:
    """Return the fields that are compared: all steps, which move as one is put between, are one."""
    fields = {name: forms.plain(values, name) for name in ("title", "prompt", *SETTINGS)}
    rows = [
        [forms.plain(values, f"step-{row}-{name}") for name in _step_fields()] for row in range(MAX_STEPS + 1)
    ]
    rows = [row for row in rows if row[0] or row[1]]
    return {**fields, "steps": json.dumps(rows) if rows else ""}


def _parted(fields: Values) -> dict[str, str]:
    """Return the fields as the form has them; a box that is not ticked sends nothing."""
    values = {name: text for name, text in fields.items() if name != "steps" and (text or name not in TICKS)}
    for row, step in enumerate(steps_in(fields["steps"])):
        values |= {f"step-{row}-{name}": text for name, text in step.items() if text}
    return values


# The times


def times_values(run: Run) -> dict[str, str]:
    """Return what the form of the times shows."""
    times = {"starts_at": run.schedule.starts_at, "must_end_at": run.schedule.must_end_at}
    if run.started:
        del times["starts_at"]
    return {name: _typed(at) if at else "" for name, at in times.items()}


def _typed(at: datetime) -> str:
    """Return a time as the form has it: of an hour that comes twice, the second has a plus."""
    again = "+" if at.astimezone(ZoneInfo(i18n.zone())).fold else ""
    return i18n.clock_time(at, None, SOURCE) + again


def told_time(text: str) -> Markup | str:
    """Return such a time in words, where it is read and not typed."""
    found = re.fullmatch(r"([0-9]{2}):([0-9]{2})(\+?)", text)
    if not found:
        return text
    time = i18n.shown_time(datetime(2000, 1, 1, int(found[1]), int(found[2])))  # noqa: DTZ001 - as on a clock
    return Markup("%s (%s)") % (time, gettext("after the clocks go back")) if found[3] else time


def merged_times(values: Values, before: Run, run: Run, now: datetime) -> runs.SetTimes:
    """Return the wish for other times. A time left alone stays the instant that it is.

    Raises Invalid, or Changed when somebody else has changed the same time otherwise.
    """
    current = times_values(run)
    wanted = {name: forms.typed_time(values, name).replace(".", ":") for name in current}
    wanted = {name: f"0{text}" if text[1:2] == ":" else text for name, text in wanted.items()}
    fields, clashes = merged_fields(times_values(before), current, wanted)
    if clashes:
        raise Changed(gettext("Somebody else has changed this in the meantime."), fields, clashes)
    wish = forms.times(fields, run, now)
    for name in current:
        if fields[name] == current[name]:
            wish = replace(wish, **{name: getattr(run.schedule, name)})
    return wish
