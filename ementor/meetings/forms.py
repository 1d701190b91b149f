"""The room's buttons: what each asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext

from ementor import clock, i18n
from ementor.errors import Invalid
from ementor.meetings import services
from ementor.meetings.domain import run as runs
from ementor.meetings.domain.agenda import Mode
from ementor.meetings.domain.run import Command, Run

Values = Mapping[str, str]

JUST_NOW = timedelta(hours=3)
"""A start that long ago is today's, not tomorrow's."""


def command_of(press: str, values: Values, run: Callable[[], Run]) -> Command | None:
    """Return what the button ``press`` asks for; None when there is no such button.

    ``run`` is called for the few that mean something only in the present run. Raises Invalid.
    """
    simple = SIMPLE.get(press)
    if simple is not None:
        return simple
    match press:
        case "shuffle":
            return services.shuffled(run())
        case "give_word":
            return runs.GiveWord(number(values, "person"))
        case "enter_item":
            return runs.EnterItem(number(values, "item"))
        case "skip_item":
            return runs.SkipItem(number(values, "item"))
        case "unskip_item":
            return runs.UnskipItem(number(values, "item"))
        case "remove_item":
            return runs.RemoveItem(number(values, "item"))
        case "move_item":
            return runs.MoveItem(number(values, "item"), number(values, "place"))
        case "up" | "down":
            return step(number(values, "item"), -1 if press == "up" else 1, run())
        case "add_item":
            return runs.AddItem(mode(values), own(values, "title"), own(values, "prompt"), minutes(values))
        case "change_item":
            return changed(values, run())
        case "drop_item":
            return runs.DropItem(number(values, "item"))
        case "set_times":
            return times(values, run(), clock.now())
    return None


SIMPLE: dict[str, Command] = {
    "start": runs.Start(),
    "next_item": runs.NextItem(),
    "back": runs.Back(),
    "next": runs.Next(),
    "pass": runs.Pass(),
    "postpone": runs.Postpone(),
    "pause": runs.Pause(),
    "resume": runs.Resume(),
    "plus_minute": runs.Extend(60),
    "minus_minute": runs.Extend(-60),
    "restore_item": runs.RestoreItem(),
    "reveal": runs.Reveal(),
    "start_short": runs.StartShort(),
    "spread_over": runs.SpreadOver(),
    "stay_longer": runs.StayLonger(),
    "take_break": runs.TakeBreak(),
    "refuse_break": runs.RefuseBreak(),
    "undo_plan": runs.UndoPlan(),
    "plus_five": runs.Extend(300),
    "free_talk": runs.FreeTalk(),
    "go_on": runs.GoOn(),
}


def number(values: Values, name: str) -> int:
    """Return a field that must be a whole number."""
    text = values.get(name, "")
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise Invalid(gettext("The page sent something it should not have."), field=name)
    return int(text)


def minutes(values: Values) -> int:
    """Return the planned minutes; the range is the agenda's rule."""
    text = values.get("minutes", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise Invalid(str(services.REFUSALS[runs.Why.MINUTES]), field="minutes")
    return int(text)


def mode(values: Values) -> Mode:
    """Return the mode of an item."""
    try:
        return Mode(values.get("mode", ""))
    except ValueError:
        raise Invalid(gettext("Choose how the item is held."), field="mode") from None


def own(values: Values, name: str) -> Mapping[str, str]:
    """Return somebody's own words, without the spaces around and what cannot be seen."""
    text = values.get(name, "").replace("\r\n", "\n")
    text = "".join(char for char in text if char == "\n" or (ord(char) >= 32 and ord(char) != 127))
    return services.own_words(text.strip())


def times(values: Values, run: Run, now: datetime) -> Command:
    """Return the wish for a start and a locked end; what is left empty is taken away."""
    starts_at = run.schedule.starts_at if run.started else None
    if not run.started:
        starts_at = time_of_day(values, "starts_at", now - JUST_NOW)
    return runs.SetTimes(starts_at, time_of_day(values, "must_end_at", run.started_at or starts_at or now))


def time_of_day(values: Values, name: str, after: datetime) -> datetime | None:
    """Return the first instant past ``after`` that is this time in the group's zone; None for no time."""
    text = values.get(name, "").strip()
    if not text:
        return None
    found = re.fullmatch(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])", text)
    if not found:
        raise Invalid(gettext("Give a time such as 15:30."), field=name)
    zone = ZoneInfo(i18n.zone())
    local = after.astimezone(zone)
    hour, minute = int(found[1]), int(found[2])
    for days in (0, 1):
        day = local.date() + timedelta(days=days)
        at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)
        if at > after:
            break
    if at.astimezone(zone).hour != hour:
        raise Invalid(gettext("The clocks are put forward that night; there is no such time."), field=name)
    return at


def step(item_id: int, by: int, run: Run) -> Command:
    """Return the wish to move an item one place up or down."""
    ids = [item.id for item in run.agenda]
    return runs.MoveItem(item_id, max(0, ids.index(item_id) + by) if item_id in ids else 0)


def changed(values: Values, run: Run) -> Command:
    """Return the wish to change an item; words left as they were keep their other languages."""
    item_id = number(values, "item")
    item = run.item_by_id(item_id)
    title, prompt = own(values, "title"), own(values, "prompt")
    if item is not None and title.get("") in item.title.values():
        title = item.title
    if item is not None and prompt.get("", "") in (item.prompt.values() or {""}):
        prompt = item.prompt
    return runs.ChangeItem(item_id, mode=mode(values), title=title, prompt=prompt, minutes=minutes(values))
