"""The quiet bar: the turn in one line, for whoever looks at something else.

It always says who speaks, or what is held, and what is asked of the viewer; a press leads to where that is
asked. The time left is drawn by timer.js.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from ementor.meetings.cards.stage import headline, others_of, place_in_order, who_speaks
from ementor.meetings.cards.view import Person, View, minute
from ementor.meetings.cards.words import N_, Ending, Own, Value
from ementor.meetings.domain import floor, times
from ementor.meetings.modes import name_of

TURN, WRITING, REFLECTION, RECORD = "turn", "writing", "reflection", "record"
MINE, NEXT, ALONE = "mine", "next", "alone"


@dataclass(frozen=True)
class Bar:
    """The turn in one line."""

    says: Value
    """Who speaks, or what is held."""
    asks: Value | None = None
    """What is asked of the viewer, or what they may expect."""
    tone: str = ""
    """MINE: it is the viewer's turn; NEXT: soon, or it concerns them; ALONE: they write privately."""
    face: Person | None = None
    icon: str = "clock"
    """Where there is no face."""
    to: str = TURN
    """Where a press leads."""
    meeting_id: int = 0
    counts: bool = True
    """There is a time left to show."""
    paused: bool = False


def bar(view: View) -> Bar:
    """Return what the bar says to the viewer."""
    run = view.run
    if not view.live:
        return replace(_outside(view), meeting_id=view.meeting_id, counts=False)
    return replace(_live(view), meeting_id=view.meeting_id, paused=run.paused)


def _outside(view: View) -> Bar:
    """Before the start and after the end."""
    run = view.run
    if view.phase == "closed":
        says = N_("The meeting has ended")
        if view.practice:
            return Bar(says, icon="check")
        return Bar(says, N_("Open the record"), MINE, icon="check", to=RECORD)
    starts = run.schedule.starts_at
    says = N_("Starts at %(time)s", time=starts) if starts else N_("Not started yet")
    if view.may_run:
        return Bar(says, N_("You start the meeting"))
    leads = next((person for person in view.here if person.facilitator), None)
    starter = N_("%(name)s starts the meeting", name=Own(leads.name)) if leads else None
    return Bar(says, starter or N_("The facilitator starts the meeting"))


def _live(view: View) -> Bar:
    run, item = view.run, view.item
    if item is None:
        return Bar(N_("The meeting is under way"))
    rules, title = run.rules, Own(view.say(item.title))
    if rules.is_written_in:
        return Bar(N_("Write alone"), N_("Only you see it"), ALONE, icon="lock", to=WRITING)
    if rules.is_closing:
        if run.revealed:
            return Bar(
                N_("The answers are shown"),
                N_("Read what the group shared"),
                NEXT,
                icon="people",
                to=REFLECTION,
            )
        return Bar(title, N_("Answer alone. You choose what others see."), ALONE, icon="lock", to=REFLECTION)
    if rules.is_rest:
        ends = view.now + timedelta(seconds=max(0, run.course.allotted_s - run.elapsed_s(view.now)))
        back = N_("We continue at %(time)s", time=Ending(minute(ends), less=round(times.rest_s(run))))
        return Bar(title, None if run.paused else back, icon="cup")
    if run.has_pairs:
        return _in_pairs(view, title)
    return _in_turns(view, title)


def _in_pairs(view: View, title: Value) -> Bar:
    run = view.run
    if not run.groups:
        return Bar(title, N_("Groups will be drawn soon"), icon="people")
    if not view.my_group:
        return Bar(title, N_("The others talk in groups"), icon="people")
    says = N_("You are with %(names)s", names=others_of(view, view.my_group))
    other = view.person(next((one for one in view.my_group if one != view.me), None))
    if view.seat is not None:
        now = view.person(view.my_group[view.seat]) if view.seat < len(view.my_group) else None
        if now and now.id == view.me:
            return Bar(says, N_("You have the floor."), MINE, face=other)
        if now:
            return Bar(says, N_("%(name)s has the floor.", name=Own(now.name)), NEXT, face=other)
        return Bar(says, N_("This time is for all of you."), NEXT, face=other)
    return Bar(says, title, NEXT, face=other)


def _in_turns(view: View, title: Value) -> Bar:
    """In a round, a case clinic, an input or open talk."""
    run, me = view.run, view.me
    voice = floor.talking(run)
    if view.step:
        said = who_speaks(view)
        asks = said[0] if said else title
        if voice == me:
            return Bar(headline(view), asks, MINE, icon="reflect")
        return Bar(headline(view), asks, face=view.person(voice), icon="people")
    if view.mine:
        return Bar(N_("It is your turn"), title, MINE, icon="reflect")
    place, soon = place_in_order(view)
    tone = NEXT if soon else ""
    if view.speaker:
        says = N_("%(name)s is speaking", name=Own(view.speaker.name))
        return Bar(says, place or title, tone, face=view.speaker)
    if floor.round_ready(run):
        asks_whose = run.names_owners and not run.order
        return Bar(
            N_("Whose case?") if asks_whose else title, place or N_("Starts soon"), tone, icon="people"
        )
    if run.has_turns and floor.round_is_over(run):
        return Bar(N_("Everyone has had a turn"), title, icon="check")
    return Bar(title, place or name_of(item_mode(view)), tone, icon="hand" if run.has_queue else "people")


def item_mode(view: View) -> str:
    return str(view.item.mode) if view.item else ""
