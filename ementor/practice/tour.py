"""The tour: what happens in it, step by step, by the room's own rules.

There is no meeting. The page itself holds the log of what was done and when, as ``listen:1764…``;
each time the server adds what follows and works out the run anew. Whoever forges a log forges
a room that only they see.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ementor.meetings.domain import run as runs
from ementor.meetings.domain.agenda import Item, ItemSettings, Mode
from ementor.meetings.domain.run import Command, Run

AINO, BJORN, YOU, CHARLIE = 1, 2, 3, 4
COMPANIONS = {AINO: "Aino Esimerkki", BJORN: "Björn Exempel", CHARLIE: "Charlie Example"}
"""Whose family names say in three languages that there is no such person."""

TURN_S = 60
"""A turn. The companions say little, so that the tour is over in about a minute."""
TALK = 2
CLOSING = 3
AGENDA = (
    Item(
        id=1,
        mode=Mode.ROUND,
        title={"fi": "Alkukierros", "sv": "Inledningsrunda", "en": "Opening round"},
        prompt={
            "fi": "Miten voit tänään? Lause tai pari.",
            "sv": "Hur mår du i dag? En mening eller två.",
            "en": "How are you today? A sentence or two.",
        },
        minutes=5,
        how=ItemSettings(turn_s=TURN_S),
    ),
    Item(
        id=TALK,
        mode=Mode.OPEN,
        title={"fi": "Mitä mielessä?", "sv": "Vad tänker du på?", "en": "What is on your mind?"},
        prompt={
            "fi": "Kysy tai kerro, mitä haluat.",
            "sv": "Fråga eller berätta vad du vill.",
            "en": "Ask or tell whatever you like.",
        },
        minutes=5,
    ),
    Item(
        id=CLOSING,
        mode=Mode.REFLECTION,
        title={"fi": "Loppureflektio", "sv": "Avslutande reflektion", "en": "Closing reflection"},
        prompt={},
        minutes=2,
    ),
)

STEPS: dict[str, tuple[Command, ...]] = {
    "agenda": (
        runs.PlanAgenda(AGENDA),
        *(runs.PersonCame(person) for person in (AINO, BJORN, YOU, CHARLIE)),
        runs.Start(),
    ),
    "listen": (runs.GiveWord(AINO),),
    "soon": (runs.GiveWord(BJORN),),
    "turn": (runs.GiveWord(YOU),),
    "hand": (runs.EnterItem(TALK), runs.GiveWord(AINO)),
    "notes": (runs.LowerHand(YOU), runs.Next()),
    "closing": (runs.EnterItem(CLOSING),),
    "done": (),
}
"""What happens in the room at the beginning of each step; what cannot happen any more does not."""
ORDER = tuple(STEPS)
ALL = len(ORDER) - 1
"""Steps to do; after them the tour is done."""

PRESSES: dict[str, Command] = {
    "next": runs.Next(),
    "pass": runs.Pass(),
    "postpone": runs.Postpone(),
    "raise_hand": runs.RaiseHand(YOU),
    "lower_hand": runs.LowerHand(YOU),
    "others": runs.Next(),
}
"""What the visitor may press, as in the room. "others": the companions do what is theirs."""

READ_S, HAND_ON_S, HEAR_S, THANK_S = 10, 8, 5, 3
"""Until the companions go on by themselves: while there is something to read, and in quick answer."""

ENTRY = re.compile(r"([a-z_]{1,12}):([0-9]{13})")
MOST = 80
"""Entries in a log; whoever plays on begins anew."""
LASTS = timedelta(hours=12)

Log = tuple[tuple[str, int], ...]
"""Name and milliseconds since 1970 of each step and press."""


@dataclass(frozen=True)
class Scene:
    """Where the visitor is: the room, the step and how far they are in it."""

    run: Run
    log: Log
    step: str
    did: str
    """What the visitor has done of the step: "" nothing yet, "handed", "raised", "word", "spoke"."""

    @property
    def number(self) -> int:
        """Return which step it is, from 1."""
        return ORDER.index(self.step) + 1

    @property
    def after_s(self) -> int | None:
        """Return after how many seconds the companions go on; None when they wait for the visitor."""
        return {
            ("listen", ""): READ_S,
            ("soon", ""): HAND_ON_S,
            ("turn", "handed"): HEAR_S,
            ("hand", "raised"): HEAR_S,
            ("hand", "spoke"): THANK_S,
        }.get((self.step, self.did))


def scene(log: Log) -> Scene:
    """Work out the room from the log."""
    run = Run()
    for name, ms in log:
        for command in STEPS.get(name) or (PRESSES[name],) if name not in ("done",) else ():
            run = _after(run, command, datetime.fromtimestamp(ms / 1000, UTC))
    names = [name for name, _ in log]
    place = max(place for place, name in enumerate(names) if name in STEPS)
    return Scene(run, log, names[place], _did(run, names[place], names[place + 1 :]))


def _after(run: Run, command: Command, at: datetime) -> Run:
    try:
        events = runs.decide(run, command, at)
    except runs.Refused:
        return run
    for event in events:
        run = runs.evolve(run, event)
    return run


def _did(run: Run, step: str, since: list[str]) -> str:
    if step == "turn":
        return "" if run.speaker == YOU else "handed"
    if step == "hand":
        if run.speaker == YOU:
            return "word"
        if YOU in run.hands:
            return "raised"
        return "spoke" if "next" in since else ""
    return ""


def begin(now: datetime) -> Log:
    """Return the log of a tour that begins."""
    return (("agenda", _ms(now)),)


def after(log: Log, press: str, now: datetime) -> Log:
    """Return the log after a press: a button of the room, or of the tour: "on", "again" (back), "others".

    Anything else, and what cannot be just now, changes nothing.
    """
    at = _ms(now)
    here = scene(log)
    if press == "others" and here.after_s is not None and here.did != "raised":
        press = "on"
    if press == "on":
        return (*log, (ORDER[here.number], at)) if here.number < len(ORDER) else log
    if press == "again":
        before = ORDER[max(here.number - 2, 0)]
        start = next(place for place, (name, _) in enumerate(log) if name == before)
        return (*log[:start], (before, at))
    if press not in PRESSES or (press == "others" and here.did != "raised"):
        return log
    return (*log, (press, at)) if _may(here.run, press) else log


def _may(run: Run, press: str) -> bool:
    """Tell whether the room lets somebody who does not facilitate press that."""
    return press in ("others", "raise_hand", "lower_hand") or run.speaker == YOU


def read(text: str, now: datetime) -> Log:
    """Return the log that a page sent; of one that is not to be believed, a tour that begins."""
    entries = text.split(" ", MOST)
    found = [ENTRY.fullmatch(entry) for entry in entries]
    log = tuple((match[1], int(match[2])) for match in found if match)
    names = [name for name, _ in log]
    times = [ms for _, ms in log]
    steps = [name for name in names if name in STEPS]
    believed = (
        len(log) == len(entries) <= MOST
        and set(names) <= {*STEPS, *PRESSES}
        and names[0] == ORDER[0]
        and steps == list(ORDER[: len(steps)])
        and times == sorted(times)
        and _ms(now - LASTS) <= times[0]
        and times[-1] <= _ms(now)
    )
    return log if believed else begin(now)


def write(log: Log) -> str:
    """Return the log as the page keeps it."""
    return " ".join(f"{name}:{ms}" for name, ms in log)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
