"""What the card in the middle of the room shows, as data: plain Python, tested as rules.

``stage_of`` says what one viewer sees at one instant. Templates only print it: which headline, whose
place, which buttons in which order is decided here. A stage has nothing in it but what is shown, so two
viewers who see the same have equal stages, and one rendering serves both: see ``parts``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ementor.meetings.cards.acts import Acts, acts
from ementor.meetings.cards.mode import ModeCard, Written, mode_card, written
from ementor.meetings.cards.queue import Queue, queue
from ementor.meetings.cards.view import View
from ementor.meetings.cards.words import N_, Own, Value, clock, duration
from ementor.meetings.domain import floor, lengths
from ementor.meetings.domain.agenda import MIN_TURN_S, StepSpeaker
from ementor.meetings.domain.run import Run
from ementor.meetings.modes import name_of

LONG_S = 10 * 60 - 1
"""Past this the digits in the ring are five."""


@dataclass(frozen=True)
class Eyebrow:
    """The line above the headline: where we are."""

    title: str | None = None
    mode: Value | None = None
    parts: tuple[Value, ...] = ()
    paused: bool = False


@dataclass(frozen=True)
class Top:
    """What asks to be answered, and the eyebrow. The same for everybody."""

    alone: bool
    """No facilitator is here, so somebody else may take over."""
    absent_since: datetime | None
    ends_itself_at: datetime | None
    """When the meeting ends by itself unless somebody says that it goes on."""
    eyebrow: Eyebrow


@dataclass(frozen=True)
class Ring:
    """The clock as it is first drawn; timer.js goes on."""

    over: bool
    long: bool
    left: str
    of: Value
    gone: float
    """How much of the ring is gone, from 0 to 1."""


@dataclass(frozen=True)
class Say:
    """What the card says to the viewer, and nobody else's business."""

    headline: Value
    who: tuple[Value, ...] | None
    """Who speaks in the step under way; None where there are no steps."""
    task: Value | None
    task_is_own: bool
    cost: Value | None
    """What the turns ahead take, before the first of them."""
    round_s: int | None
    """The same in seconds, for the instant at which they would be over."""
    little_time: bool
    place: Value | None
    """Where the viewer is in the order."""
    soon: bool


@dataclass(frozen=True)
class Stage:
    """The card in the middle of the room."""

    phase: str
    mode: str | None
    mine: bool
    """The viewer has the word."""
    top: Top
    ring: Ring
    say: Say
    card: ModeCard | None
    written: tuple[Written, ...]
    acts: Acts
    queue: Queue
    invites: bool


@dataclass(frozen=True)
class Shared:
    """What of the card in the middle is no person's own."""

    top: Top
    ring: Ring
    queue: Queue


def stage_of(view: View, shared: Shared | None = None) -> Stage:
    """Return what the card in the middle shows to the viewer; ``shared`` is what others see of it too."""
    shared = shared or Shared(top(view), ring(view), queue(view))
    return Stage(
        phase=view.phase,
        mode=str(view.item.mode) if view.live and view.item else None,
        mine=view.live and view.me in (view.run.speaker, view.run.voice),
        top=shared.top,
        ring=shared.ring,
        say=said(view),
        card=mode_card(view) if view.live else None,
        written=written(view) if view.live else (),
        acts=acts(view),
        queue=shared.queue,
        invites=view.phase == "before" and view.viewer.leads,
    )


# Top


def top(view: View) -> Top:
    run = view.run
    led = any(person.facilitator for person in view.here)
    return Top(
        alone=not led and not run.closed,
        absent_since=absent_since(view),
        ends_itself_at=view.offers.closes_at if view.live else None,
        eyebrow=eyebrow(view),
    )


def absent_since(view: View) -> datetime | None:
    """Return since when no facilitator is here, as far as known. Before the start nobody is late."""
    run = view.run
    left = [
        run.left_at[person.id]
        for person in view.people.values()
        if person.facilitator and run.left_at.get(person.id)
    ]
    if run.schedule.starts_at and not run.started:
        left.append(run.schedule.starts_at)
    return max(left, default=None)


def eyebrow(view: View) -> Eyebrow:
    run, item, step, course = view.run, view.item, view.step, view.run.course
    if view.phase == "before":
        return Eyebrow(parts=(N_("Not started yet"),))
    if run.closed_at:
        return Eyebrow(parts=(N_("Ended at %(time)s", time=run.closed_at),))
    if item is None:
        return Eyebrow(paused=run.paused)
    parts: list[Value] = []
    if run.has_turns and run.speaker is not None:
        if len(run.order) > 1 or not step:
            parts.append(N_("turn %(n)s of %(all)s", n=(run.place or 0) + 1, all=len(run.order)))
    elif view.seat is not None:
        parts.append(N_("turn %(n)s of %(all)s", n=view.seat + 1, all=floor.seats(run)))
    elif not step:
        place = run.agenda.index(item) + 1
        parts.append(N_("item %(n)s of %(all)s", n=place, all=len(run.agenda)))
    if step:
        parts.append(N_("step %(n)s of %(all)s", n=(course.step or 0) + 1, all=len(course.steps_s)))
    is_titled = run.has_turns or run.groups or view.speaker or step
    return Eyebrow(
        title=view.say(item.title) if is_titled else None,
        mode=None if is_titled else name_of(item.mode),
        parts=tuple(parts),
        paused=run.paused,
    )


def ring(view: View) -> Ring:
    if not (view.live and view.item):
        minutes = view.planned_min
        return Ring(over=False, long=False, left=str(minutes), of=N_("minutes"), gone=0.0)
    allotted_s, elapsed_s = view.run.course.allotted_s, view.run.elapsed_s(view.now)
    left_s = allotted_s - elapsed_s
    return Ring(
        over=left_s < 0,
        long=left_s < 0 or left_s > LONG_S,
        left=("+" if left_s < 0 else "") + clock(_up(abs(left_s))),
        of=N_("of %(time)s", time=duration(allotted_s)),
        gone=round(min(elapsed_s / (allotted_s or 1), 1), 4),
    )


def _up(seconds: float) -> int:
    return int(-(-seconds // 1))


# What is said to the viewer


def said(view: View) -> Say:
    run = view.run
    task, is_own = _task(view)
    place, soon = place_in_order(view)
    turns = turns_ahead(run)
    is_short = view.may_run and run.has_turns and turns > 0 and lengths.turn_s(run) < MIN_TURN_S
    return Say(
        headline=headline(view),
        who=who_speaks(view) if view.step else None,
        task=task,
        task_is_own=is_own,
        cost=cost(run, turns) if turns else None,
        round_s=lengths.round_s(run) if turns else None,
        little_time=is_short,
        place=place,
        soon=soon,
    )


def turns_ahead(run: Run) -> int:
    """Return how many turns a round has that has not begun, or each group of pairs; 0 elsewhere."""
    if floor.round_ready(run):
        return len(run.order)
    return floor.seats(run) if floor.seats_ready(run) else 0


def headline(view: View) -> Value:
    """Return the card's headline: who speaks, or what is to be done first."""
    run, step = view.run, view.step
    if view.phase == "before":
        return N_("Ready when you are")
    if view.phase == "closed":
        return N_("The meeting has ended")
    if step:
        return Own(view.say(step.title), is_name=False)
    if floor.round_ready(run) and run.names_owners:
        return N_("Case: %(name)s", name=Own(view.following.name)) if view.following else N_("Whose case?")
    if floor.round_ready(run) and view.following:
        if view.following.id == view.me:
            return N_("You begin the round")
        return N_("%(name)s begins the round", name=Own(view.following.name))
    if view.my_group:
        return N_("You are with %(names)s", names=others_of(view, view.my_group))
    if view.mine:
        if view.practice or view.speaker is None:
            return N_("It is your turn")
        return N_("Your turn, %(name)s", name=Own(view.speaker.name))
    if view.speaker:
        return N_("%(name)s is speaking", name=Own(view.speaker.name))
    if run.has_turns and floor.round_is_over(run):
        return N_("Everyone has had a turn")
    return Own(view.say(view.item.title), is_name=False) if view.item else ""


def cost(run: Run, turns: int) -> Value:
    """Return what so many turns take, in words."""
    minutes = max(1, round(lengths.round_s(run) / 60))
    if turns == 1:
        return N_("One turn, about %(n)s min", n=minutes)
    each = duration(lengths.turn_s(run))
    return N_("%(n)s people, %(time)s each: about %(all)s min in total", n=turns, time=each, all=minutes)


def others_of(view: View, group: tuple[int, ...]) -> Value:
    """Return the names of the others in a group: "Ben, Gus and Eve"."""
    names = [person.name for one in group if one != view.me and (person := view.person(one))]
    if len(names) < 2:
        return "".join(names)
    return N_("%(names)s and %(last)s", names=", ".join(names[:-1]), last=names[-1])


def who_speaks(view: View) -> tuple[Value, ...]:
    """Return who speaks in the step under way, as said to the viewer."""
    run, step = view.run, view.step
    if step is None:
        return ()
    owner = view.speaker
    if view.my_group:
        seat = run.course.seat or 0
        owner = view.person(view.my_group[seat]) if seat < len(view.my_group) else owner
        if owner is None:
            return (N_("This time is for all of you."),)
    is_me = owner is not None and owner.id == view.me
    name = Own(owner.name) if owner else None
    match step.who:
        case StepSpeaker.SPEAKER:
            if is_me:
                return (N_("You have the floor."),)
            return (N_("%(name)s has the floor.", name=name),) if name else ()
        case StepSpeaker.EACH:
            voice = view.person(run.voice)
            if run.voice == view.me:
                first = N_("Now you.")
            elif voice:
                first = N_("Now %(name)s.", name=Own(voice.name))
            else:
                first = N_("The others, one by one.")
            return (first, N_("You answer.")) if is_me else (first,)
        case StepSpeaker.OTHERS:
            if is_me:
                return (N_("You listen, with your microphone off."),)
            return (N_("The others talk; %(name)s listens.", name=name),) if name else ()
    return (N_("Everybody is quiet and writes for themselves."),)


def _task(view: View) -> tuple[Value | None, bool]:
    """Return what is to be done, and whether it is the agenda's own text."""
    run, item = view.run, view.item
    if view.live and item:
        prompt = view.say(item.prompt)
        return (None, False) if run.names_owners and run.course.step else (prompt or None, True)
    if view.phase == "before":
        if not view.may_run:
            return N_(
                "The facilitator starts the meeting. You can already look at the agenda and the notes."
            ), False
        return N_(
            "%(n)s min in total. Invite the others, look through the agenda, then start.", n=view.planned_min
        ), False
    thanks: tuple[Value, ...] = (N_("Thank you. The record is kept."),)
    if not view.practice:
        thanks = (*thanks, " ", N_("It opens here in a moment."))
    if run.schedule.closed_itself:
        return (N_("It ended automatically because nobody answered."), " ", *thanks), False
    return thanks, False


def place_in_order(view: View) -> tuple[Value | None, bool]:
    """Return where the viewer is in the order, and whether it is soon their turn."""
    run, me = view.run, view.me
    if not view.live:
        return None, False
    goes_round = run.has_turns and not run.names_owners
    if goes_round and me in run.order:
        is_next = view.following is not None and view.following.id == me
        if view.mine:
            return N_("Take the time you need. Nobody will cut you off."), False
        if is_next and floor.round_ready(run):
            return None, False  # the headline says so
        if is_next:
            return N_("You are next"), True
        if me in view.upcoming or floor.round_ready(run):
            return _number(floor.line(run).index(me), len(run.order)), False
        return N_("You passed") if me in run.course.passed else N_("You have had your turn"), False
    if view.offers.free and run.schedule.free_until:
        ends = run.schedule.free_until
        return N_("The meeting ends automatically at %(time)s. The room asks first.", time=ends), False
    if goes_round:
        return N_("You are not in this round"), False
    if me in view.queue:
        if view.queue[0] == me:
            return N_("You are next"), True
        return _number(view.queue.index(me), len(view.queue)), False
    return None, False


def _number(place: int, of: int) -> Value:
    return N_("You are number %(n)s of %(all)s", n=place + 1, all=of)
