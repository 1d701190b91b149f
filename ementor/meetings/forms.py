"""What the fields that a page sends mean: an item, its settings, times and the words of a case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext

from ementor import i18n
from ementor.errors import Invalid
from ementor.languages import LANGUAGES
from ementor.meetings import services
from ementor.meetings.domain import floor
from ementor.meetings.domain import run as runs
from ementor.meetings.domain.agenda import (
    MAX_STEPS,
    MIN_CLOCK_S,
    MIN_SIZE,
    TICKS,
    CaseField,
    ItemSettings,
    Mode,
    Step,
    StepSpeaker,
)
from ementor.meetings.domain.modes import RULES
from ementor.meetings.domain.run import Command, Run
from ementor.meetings.modes import FIELDS, fields_of
from ementor.meetings.services import starting
from ementor.programmes import library
from ementor.web import number

Values = Mapping[str, str]

MAX_VERSIONS = 2000
"""A page tries again each eight seconds: so many are four hours without an answer."""
JUST_NOW = timedelta(hours=3)
"""A start that long ago is today's, not tomorrow's."""


def minutes(values: Values) -> int:
    """Return the planned minutes; the range is the agenda's rule."""
    text = values.get("minutes", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise Invalid(str(services.REFUSALS[runs.Refusal.MINUTES]), field="minutes")
    return int(text)


def mode(values: Values) -> Mode:
    """Return the mode of an item."""
    try:
        return Mode(values.get("mode", ""))
    except ValueError:
        raise Invalid(gettext("Choose a format for the item."), field="mode") from None


def own(values: Values, name: str) -> Mapping[str, str]:
    """Return somebody's own words, the same in every language."""
    return services.own_words(plain(values, name))


def plain(values: Values, name: str) -> str:
    """Return what was written, without the spaces around and what cannot be seen."""
    text = values.get(name, "").replace("\r\n", "\n")
    return "".join(char for char in text if char == "\n" or (ord(char) >= 32 and ord(char) != 127)).strip()


def kept(values: Values, item_id: int, owner_id: int, what: str) -> runs.Keep:
    """Return the wish to write down what of a case is written down."""
    if what not in set(CaseField):
        raise Invalid(gettext("Something went wrong. Reload the page."), field="text")
    seen = versions(values, "text") or ()
    return runs.Keep(owner_id, CaseField(what), plain(values, "text"), item_id, seen)


def versions(values: Values, name: str) -> tuple[str, ...] | None:
    """Return the versions that the text ``name`` may have grown from; None where the page tells none."""
    seen = values.get(f"seen-{name}")
    if seen is None:
        return None
    found = tuple(seen.split(","))
    if len(found) > MAX_VERSIONS or not all(re.fullmatch(r"[0-9]{1,9}-[0-9a-f]{8}", one) for one in found):
        raise Invalid(gettext("Something went wrong. Reload the page."), field=name)
    return found


def owners(person: int, run: Run, *, named: bool) -> Command:
    """Return the wish to take somebody's case up too, or not after all."""
    others = tuple(each for each in floor.upcoming(run) if each != person)
    return runs.NameOwners((*others, person) if named else others)


def times(values: Values, run: Run, now: datetime) -> runs.SetTimes:
    """Return the wish for a start and a locked end; what is left empty is taken away."""
    starts_at = run.schedule.starts_at if run.started else None
    if not run.started:
        starts_at = time_of_day(values, "starts_at", now - JUST_NOW)
    return runs.SetTimes(starts_at, time_of_day(values, "must_end_at", run.started_at or starts_at or now))


def typed_time(values: Values, name: str) -> str:
    """Return a time as it was typed, 15:30; of an hour that comes twice the second has a plus: 3:30+."""
    text = values.get(name, "").strip()
    return f"{text}+" if text and values.get(f"{name}_again") else text


def hour_twice(now: datetime) -> tuple[datetime, datetime] | None:
    """Return between which local times the clocks go back in the group's zone soon, or have just done so."""
    zone, step = ZoneInfo(i18n.zone()), timedelta(minutes=15)
    at = (now - JUST_NOW).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    for instant in (at + ahead * step for ahead in range(4 * 36)):
        later = (instant + step).astimezone(zone)
        back = (instant.astimezone(zone).utcoffset() or step) - (later.utcoffset() or step)
        if back > timedelta():
            return later.replace(tzinfo=None), later.replace(tzinfo=None) + back
    return None


def time_of_day(values: Values, name: str, after: datetime) -> datetime | None:
    """Return the first instant past ``after`` that is this time in the group's zone; None for no time.

    When the clocks go back, an hour comes twice: meant is the first that is ahead, or by choice the second.
    """
    text = typed_time(values, name)
    if not text:
        return None
    found = re.fullmatch(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])(\+)?", text)
    if not found:
        raise Invalid(gettext("Enter a time such as 15:30."), field=name)
    zone = ZoneInfo(i18n.zone())
    local = after.astimezone(zone)
    hour, minute = int(found[1]), int(found[2])
    for days, fold in product((0, 1), (1,) if found[3] else (0, 1)):
        day = local.date() + timedelta(days=days)
        wall = datetime(day.year, day.month, day.day, hour, minute, fold=fold, tzinfo=zone)
        at = wall.astimezone(UTC)
        if at > after:
            break
    if at.astimezone(zone).time() != wall.time():
        raise Invalid(gettext("The clocks go forward that night, so this time doesn't exist."), field=name)
    return at


def step(item_id: int, by: int, run: Run) -> Command:
    """Return the wish to move an item one place up or down."""
    ids = [item.id for item in run.agenda]
    return runs.MoveItem(item_id, max(0, ids.index(item_id) + by) if item_id in ids else 0)


def added(values: Values) -> runs.AddItem:
    """Return the wish to add an item."""
    return runs.AddItem(
        mode(values),
        own(values, "title"),
        own(values, "prompt"),
        minutes(values),
        how=how(values) or starting.how_of(mode(values), minutes(values), {}),
    )


def changed(values: Values, run: Run) -> runs.ChangeItem:
    """Return the wish to change an item; words left as they were keep their other languages."""
    item_id = number(values, "item")
    item = run.item_by_id(item_id)
    title, prompt = own(values, "title"), own(values, "prompt")
    if item is not None and title.get("") in item.title.values():
        title = item.title
    if item is not None and prompt.get("", "") in (item.prompt.values() or {""}):
        prompt = item.prompt
    settings = how(values)
    if settings is None and item is not None and mode(values) is not item.mode:
        settings = starting.how_of(mode(values), minutes(values), {})
    return runs.ChangeItem(
        item_id, mode=mode(values), title=title, prompt=prompt, minutes=minutes(values), how=settings
    )


# The settings of an item: a form that has them says so by its field ``how``.


def how(values: Values) -> ItemSettings | None:
    """Return the settings given, None where the form has none. Of another mode they are not read."""
    if "how" not in values:
        return None
    fields = fields_of(mode(values))
    steps = steps_of(values) if "steps" in fields else ()
    turn_s = seconds(values, "turn") if "turn" in fields else None
    if RULES[mode(values)].needs_steps:
        ready = [starting.case_steps(each) for each in library.CASE_LENGTHS]
        if not steps or steps in ready or values.get("case_steps") == "eight":
            steps = starting.case_steps((turn_s or minutes(values) * 60) // 60)
    ticks: dict[str, Any] = {
        name: name in values and (name in fields or name not in FIELDS) for name in TICKS
    }
    return ItemSettings(
        turn_s=turn_s,
        steps=steps,
        size=number(values, "size") if "size" in fields and values.get("size") else MIN_SIZE,
        **ticks,
    )


def steps_of(values: Values) -> tuple[Step, ...]:
    """Return the steps whose rows are filled in: ``step-<n>-title``, ``-time`` and ``-who``."""
    found = []
    if plain(values, f"step-{MAX_STEPS}-title"):
        raise Invalid(
            gettext("A turn can have at most %(n)d steps.", n=MAX_STEPS), field=f"step-{MAX_STEPS}-title"
        )
    for row in range(MAX_STEPS):
        title = plain(values, f"step-{row}-title")
        time = seconds(values, f"step-{row}-time")
        if not title and time is None:
            continue
        try:
            who = StepSpeaker(values.get(f"step-{row}-who", "speaker"))
            what = values.get(f"step-{row}-keeps")
            kept = CaseField(what) if what else None
        except ValueError:
            raise Invalid(
                gettext("Choose one of the options on the screen."), field=f"step-{row}-who"
            ) from None
        if not title:
            raise Invalid(gettext("Name each step."), field=f"step-{row}-title")
        texts = step_texts(values, row, title)
        found.append(Step(texts, MIN_CLOCK_S if time is None else time, who, kept))
    return tuple(found)


def step_texts(values: Values, row: int, title: str) -> Mapping[str, str]:
    """Return a step's title; one left as it was keeps its other languages, which the form carries."""
    kept = {name: text for name in LANGUAGES if (text := values.get(f"step-{row}-{name}"))}
    return kept if title in kept.values() else services.own_words(title)


def seconds(values: Values, name: str) -> int | None:
    """Return a length of time given as minutes (``8``, ``1.5``, ``1,5``) or ``1:30``; None when empty."""
    text = values.get(name, "").strip().replace(",", ".")
    if not text:
        return None
    if found := re.fullmatch(r"([0-9]{1,3}):([0-5][0-9])", text):
        return int(found[1]) * 60 + int(found[2])
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", text):
        return round(float(text) * 60)
    raise Invalid(gettext("Enter the time in minutes, such as 8 or 1:30."), field=name)
