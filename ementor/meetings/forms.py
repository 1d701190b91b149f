"""The room's buttons: what each asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from flask_babel import gettext

from ementor.errors import Invalid
from ementor.meetings import services
from ementor.meetings.domain import run as runs
from ementor.meetings.domain.agenda import Mode
from ementor.meetings.domain.run import Command, Run

Values = Mapping[str, str]


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
