"""Items of an agenda and their time boxes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MAX_ITEMS = 40
MIN_MINUTES = 1
MAX_MINUTES = 240
MAX_TITLE = 120
MAX_PROMPT = 600

HANDOVER_S = 10
"""What passing the word costs, counted into every turn of a round."""
MIN_TURN_S = 40
"""Under this a round has too little time each; the room proposes pairs."""
MIN_CLOCK_S = 10
"""No clock is ever set to less."""

Data = dict[str, Any]
"""What JSON can hold."""

Text = Mapping[str, str]
"""``{"fi": …, "sv": …, "en": …}`` from a template, ``{"": "own words"}`` once somebody wrote it."""


class Mode(StrEnum):
    """How an item is held."""

    OPEN = "open"
    ROUND = "round"
    WRITING = "writing"
    PAIRS = "pairs"
    CASE = "case"
    INPUT = "input"
    BREAK = "break"
    REFLECTION = "reflection"


@dataclass(frozen=True)
class Item:
    """One item of an agenda. ``id`` stays its own in the meeting, also after a removal."""

    id: int
    mode: Mode
    title: Text
    prompt: Text
    minutes: int
    skipped: bool = False
    form: str = ""
    """What is filled in while it is written in: as in a ready agenda, else free words."""

    @property
    def planned_s(self) -> int:
        return self.minutes * 60


Agenda = tuple[Item, ...]


def turn_seconds(minutes: int, people: int) -> int:
    """Return how long each turn of a round lasts: the minutes less the hand-overs, shared equally."""
    people = max(people, 1)
    return max(MIN_CLOCK_S, (minutes * 60 - HANDOVER_S * people) // people)


def item_by_id(agenda: Sequence[Item], item_id: int | None) -> Item | None:
    """Return the item, or None when it has gone."""
    return next((item for item in agenda if item.id == item_id), None)


def place_of(agenda: Sequence[Item], item_id: int | None) -> int | None:
    """Return where the item stands, counted from 0, or None when it has gone."""
    return next((place for place, item in enumerate(agenda) if item.id == item_id), None)


def without(agenda: Agenda, item_id: int) -> Agenda:
    """Return the agenda less one item."""
    return tuple(item for item in agenda if item.id != item_id)


def with_item_at(agenda: Agenda, place: int, item: Item) -> Agenda:
    """Return the agenda with ``item`` put in; a place past the end is the end."""
    return (*agenda[:place], item, *agenda[place:])


def with_changed(agenda: Agenda, changed: Item) -> Agenda:
    """Return the agenda with ``changed`` instead of the item of the same id."""
    return tuple(changed if item.id == changed.id else item for item in agenda)


def item_to_data(item: Item) -> Data:
    """Return the item as JSON can hold it."""
    return {
        "id": item.id,
        "mode": item.mode.value,
        "title": dict(item.title),
        "prompt": dict(item.prompt),
        "minutes": item.minutes,
        "skipped": item.skipped,
        "form": item.form,
    }


def item_from_data(data: Data) -> Item:
    """Return the item that ``item_to_data`` wrote, also by an older version of it."""
    return Item(
        id=data["id"],
        mode=Mode(data["mode"]),
        title=data["title"],
        prompt=data.get("prompt", {}),
        minutes=data["minutes"],
        skipped=data.get("skipped", False),
        form=data.get("form", ""),
    )
