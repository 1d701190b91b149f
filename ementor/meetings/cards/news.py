"""What is told, once, to those who hear the room and do not see it: lines with keys, the viewer's own.

A line says how things stand, never what happened: a page tells the lines whose keys it did not have before.
So whoever just came hears nothing old, what was missed is told as it stands, and a turn that comes back
is told again. What is new to be told is a line in ``news``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

from ementor.meetings.cards.people import Knocking
from ementor.meetings.cards.stage import others_of, who_speaks
from ementor.meetings.cards.view import View
from ementor.meetings.cards.words import N_, Own, Value, duration
from ementor.meetings.domain import floor
from ementor.meetings.domain.run import Run


@dataclass(frozen=True)
class Line:
    """Something that is told when ``key`` is new to the page."""

    key: str
    text: Value
    within: str | None = None
    """A key that the page had before; where it did not, the line goes without saying."""


@dataclass(frozen=True)
class News:
    """What a page may tell, in the order in which it is heard."""

    lines: tuple[Line, ...]
    has: str
    """More keys, with nothing to be told."""
    marks: bool
    """The viewer hears how much time is left."""


def news(view: View, plan: str = "", waiting: tuple[Knocking, ...] = ()) -> News:
    """Return what the viewer's page may tell; ``plan`` is of ``plan_of``, ``waiting`` are at the door."""
    lines = [*_meeting(view)]
    has = [f"phase-{view.phase}"]
    if view.live and view.item:
        lines += _item(view)
        has.append(_clock_of(view))
    lines += _agenda_and_people(view, plan, waiting)
    has += [f"member-{one}" for one in view.people]
    return News(tuple(lines), " ".join(has), marks=hears_time(view))


def plan_of(run: Run) -> str:
    """Return what is another once the agenda is."""
    items = [(one.id, sorted(one.title.items()), one.mode, one.minutes, one.skipped) for one in run.agenda]
    return f"{crc32(repr(items).encode()):x}"


def hears_time(view: View) -> bool:
    """Tell whether the marks of time are the viewer's business: it is their time, or they keep it."""
    run = view.run
    if not view.live:
        return False
    speaks = floor.talking(run) or run.speaker
    if view.my_group and view.seat is not None:
        speaks = _of_the_seat(view)
    together = speaks is None and (bool(view.my_group) or run.rules.is_written_in or run.rules.is_rest)
    return view.viewer.leads or speaks == view.me or together


def _meeting(view: View) -> Iterator[Line]:
    if view.run.closed:
        yield Line("closed", N_("The meeting has ended"))
    elif view.run.started:
        yield Line("live", N_("The meeting is under way"))


def _item(view: View) -> Iterator[Line]:
    """Yield where the group is, from the whole to the part, and at last its clock."""
    run, item = view.run, view.item
    if item is None:
        return
    at = f"item-{item.id}"
    now = N_("Now: %(title)s", title=Own(view.say(item.title), is_name=False))
    writes = run.rules.is_written_in
    yield Line(at, (now, ". ", N_("Everybody is quiet and writes for themselves.")) if writes else now)
    if view.my_group:
        others = "-".join(map(str, view.my_group))
        yield Line(
            f"with-{item.id}-{others}", N_("You are with %(names)s", names=others_of(view, view.my_group))
        )
    yield from _floor(view, at)
    if floor.round_is_over(run) or floor.seats_are_over(run):
        yield Line(f"over-{item.id}", N_("Everyone has had a turn"))
    if _comes_next(view):
        yield Line(f"next-{item.id}", N_("You are next"))
    yield from _clock(view, at)


def _floor(view: View, at: str) -> Iterator[Line]:
    """Yield the step, and who has the word."""
    run = view.run
    place = f"{at}-{run.speaker}-{view.seat}-{run.course.step}"
    if view.step:
        yield Line(f"step-{place}", Own(view.say(view.step.title), is_name=False))
        said = tuple(part for one in who_speaks(view) for part in (one, " "))[:-1]
        yield Line(f"floor-{place}-{run.voice}", said)
        return
    speaks = _of_the_seat(view) if view.my_group else run.speaker
    person = view.person(speaks)
    if speaks == view.me:
        yield Line(f"floor-{place}", N_("It is your turn"))
    elif person:
        yield Line(f"floor-{place}", N_("%(name)s is speaking", name=Own(person.name)))


def _of_the_seat(view: View) -> int | None:
    """Return whose time it is in the viewer's group."""
    seat = view.seat
    return view.my_group[seat] if seat is not None and seat < len(view.my_group) else None


def _comes_next(view: View) -> bool:
    if floor.voices(view.run):
        return floor.voices(view.run)[0] == view.me
    if view.following and not view.step:
        return view.following.id == view.me
    return bool(view.queue) and view.queue[0] == view.me


def _clock_of(view: View) -> str:
    """Return which clock is shown."""
    course = view.run.course
    return f"clock-{course.item_id}-{course.place}-{course.speaker}-{course.seat}-{course.step}"


def _clock(view: View, at: str) -> Iterator[Line]:
    run = view.run
    if run.paused:
        yield Line(f"paused-{at}", N_("Paused"), within=at)
    else:
        yield Line(f"runs-{at}", N_("The clock is running"), within=f"paused-{at}")
    if run.allotted_s:
        time = N_("The total time is now %(time)s", time=duration(run.allotted_s))
        yield Line(f"time-{_clock_of(view)}-{run.allotted_s}", time, within=_clock_of(view))


def _agenda_and_people(view: View, plan: str, waiting: tuple[Knocking, ...]) -> Iterator[Line]:
    if view.run.revealed:
        yield Line("revealed", N_("The answers are shown to everyone"))
    if view.viewer.leads:
        for one in view.queue:
            person = view.person(one)
            if person and one != view.me:
                yield Line(f"hand-{one}", N_("%(name)s would like to speak", name=Own(person.name)))
    yield Line(f"plan-{plan}", N_("The agenda has changed"))
    newest = [*view.people.values()][-1] if view.people else None
    if newest and newest.id != view.me:
        yield Line(f"member-{newest.id}", N_("%(name)s has joined", name=Own(newest.name)))
    for knock in waiting if view.viewer.leads else ():
        yield Line(f"door-{knock.id}", N_("%(name)s would like to come in", name=Own(knock.name)))
