"""Runs to try rules on: people by name, times in seconds past noon."""

from datetime import UTC, datetime, timedelta

from ementor.meetings.domain.agenda import PLAIN, Item, ItemSettings, Mode
from ementor.meetings.domain.run import (
    Command,
    PersonCame,
    PlanAgenda,
    Refusal,
    Refused,
    Run,
    Start,
    decide,
    evolve,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ADA, BEN, GUS, EVE = 1, 2, 3, 4

Press = tuple[float, Command]


def after(seconds: float) -> datetime:
    """Return the time that many seconds past noon."""
    return NOON + timedelta(seconds=seconds)


def item(mode: str = "open", minutes: int = 10, title: str = "Talk", how: ItemSettings = PLAIN) -> Item:
    return Item(0, Mode(mode), {"": title}, {}, minutes, how=how)


def run_after(run: Run, *presses: Press) -> Run:
    """Return the run after commands given so many seconds past noon."""
    for seconds, command in presses:
        for event in decide(run, command, after(seconds)):
            run = evolve(run, event)
    return run


def planned(*items: Item, people: tuple[int, ...] = (ADA, BEN, GUS)) -> Run:
    """Return a run that is not started, with people who came in that order."""
    run = run_after(Run(), (0, PlanAgenda(items)))
    return run_after(run, *((0, PersonCame(person)) for person in people))


def started(*items: Item, people: tuple[int, ...] = (ADA, BEN, GUS)) -> Run:
    """Return a run that was started at noon and is in its first item."""
    return run_after(planned(*items, people=people), (0, Start()))


def why_not(run: Run, *presses: Press) -> Refusal | None:
    """Return why the last press is refused, or None when it is not."""
    run = run_after(run, *presses[:-1])
    try:
        run_after(run, presses[-1])
    except Refused as refused:
        return refused.why
    return None
