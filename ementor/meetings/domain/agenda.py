"""Items of an agenda and their time boxes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from ementor.meetings.domain.modes import RULES, ModeRules
from ementor.meetings.domain.modes import Mode as Mode

MAX_ITEMS = 40
MIN_MINUTES = 1
MAX_MINUTES = 240
MAX_TITLE = 120
MAX_PROMPT = 600
MAX_STEPS = 12
MIN_SIZE, MAX_SIZE = 2, 4

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


class StepSpeaker(StrEnum):
    """Who speaks in a step of a turn."""

    SPEAKER = "speaker"
    """Whose turn it is: in a case clinic the case owner."""
    OTHERS = "others"
    """The others, freely; whose turn it is listens."""
    EACH = "each"
    """The others, one after the other."""
    NOBODY = "nobody"


class CaseField(StrEnum):
    """What is written down in a step, for the record."""

    QUESTION = "question"
    NEXT_STEP = "next_step"


@dataclass(frozen=True)
class Step:
    """A timed part of a turn. ``seconds`` are its share where the turn's time is divided."""

    title: Text
    seconds: int
    who: StepSpeaker = StepSpeaker.SPEAKER
    keeps: CaseField | None = None


@dataclass(frozen=True)
class ItemSettings:
    """The settings of an item beside its mode; each mode reads its own."""

    turn_s: int | None = None
    """A turn's seconds, steps and all; None divides the item's minutes."""
    auto: bool = False
    """Steps, turns and at last the item go on by themselves at zero."""
    steps: tuple[Step, ...] = ()
    """What each turn of a round, each case, or each one's time in pairs goes through."""
    size: int = 2
    """How many talk together in pairs mode."""
    each: bool = False
    """In pairs: the time is divided among them, one after the other."""
    least_heard: bool = False
    """In open talk: of those who raised a hand, who has spoken least is next."""

    @property
    def has_seats(self) -> bool:
        """In pairs: one after the other has the others' attention."""
        return self.each or bool(self.steps)


PLAIN = ItemSettings()
TICKS = tuple(setting.name for setting in fields(ItemSettings) if setting.type is bool)
"""The settings that are on or off: each is a box in the form of an item, with the same name."""


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
    how: ItemSettings = PLAIN

    @property
    def planned_s(self) -> int:
        return self.minutes * 60

    @property
    def rules(self) -> ModeRules:
        return RULES[self.mode]


Agenda = tuple[Item, ...]


def turn_seconds(shared_s: int, people: int) -> int:
    """Return how long each turn of a round lasts: its time less the hand-overs, shared equally."""
    people = max(people, 1)
    return max(MIN_CLOCK_S, (shared_s - HANDOVER_S * people) // people)


def turn_length_s(item: Item, people: int, shared_s: int) -> int:
    """Return how long a turn of ``item`` lasts when so many share ``shared_s``.

    A single case has its item for itself, with no hand-over; pairs hand over where nobody waits.
    """
    if item.how.turn_s is not None:
        turn_s = item.how.turn_s
    elif item.rules.has_pairs or (item.rules.names_owners and people <= 1):
        turn_s = shared_s // max(people, 1)
    else:
        turn_s = turn_seconds(shared_s, people)
    return max(turn_s, least_turn_s(item))


def least_turn_s(item: Item) -> int:
    """Return what a turn lasts at least: its steps have clocks too."""
    return MIN_CLOCK_S * max(1, len(item.how.steps))


def step_lengths_s(steps: Sequence[Step], turn_s: int) -> tuple[int, ...]:
    """Divide a turn among its steps by their shares, in fives; together they are the turn.

    No step is under ten seconds, unless the turn is too short for all of them.
    """
    if not steps:
        return ()
    least = min(MIN_CLOCK_S, turn_s // len(steps))
    whole = sum(step.seconds for step in steps) or len(steps)
    lengths = [max(least, round(turn_s * step.seconds / whole / 5) * 5) for step in steps]
    while (rest := turn_s - sum(lengths)) != 0:
        longest = max(range(len(steps)), key=lambda place: lengths[place])
        lengths[longest] += max(rest, least - lengths[longest])
    return tuple(lengths)


def item_by_id(agenda: Sequence[Item], item_id: int | None) -> Item | None:
    """Return the item, or None when it has gone."""
    return next((item for item in agenda if item.id == item_id), None)


def index_of(agenda: Sequence[Item], item_id: int | None) -> int | None:
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
        **({"how": how_to_data(item.how)} if item.how != PLAIN else {}),
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
        how=how_from_data(data.get("how", {})),
    )


def how_to_data(how: ItemSettings) -> Data:
    """Return the settings as JSON can hold them."""
    return {
        "turn_s": how.turn_s,
        "steps": [
            {
                "title": dict(step.title),
                "seconds": step.seconds,
                "who": step.who.value,
                "keeps": step.keeps.value if step.keeps else None,
            }
            for step in how.steps
        ],
        "size": how.size,
        **{name: getattr(how, name) for name in TICKS},
    }


def how_from_data(data: Data) -> ItemSettings:
    """Return the settings that ``how_to_data`` wrote, also an older version of it."""
    ticks: Data = {name: data.get(name, False) for name in TICKS}
    return ItemSettings(
        turn_s=data.get("turn_s"),
        steps=tuple(
            Step(
                title=step["title"],
                seconds=step["seconds"],
                who=StepSpeaker(step.get("who", "speaker")),
                keeps=CaseField(step["keeps"]) if step.get("keeps") else None,
            )
            for step in data.get("steps", ())
        ),
        size=data.get("size", 2),
        **ticks,
    )
