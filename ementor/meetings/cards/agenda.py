"""The agenda's card: its items with what may be done to them, the end, and what is offered about time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from ementor.meetings.cards.acts import end_meeting
from ementor.meetings.cards.view import Button, View, minute, steady
from ementor.meetings.cards.words import N_, Ending, Own, Value
from ementor.meetings.domain import times
from ementor.meetings.domain.agenda import Item
from ementor.meetings.modes import name_of

SHOWN_FROM_MIN = 5
"""So many minutes over plan the ways out show themselves; below that they are folded."""
END_OF_SENTENCE = re.compile(r"[.?!…]\s+")


@dataclass(frozen=True)
class Line:
    """An item of the agenda."""

    id: int
    state: str
    """"done", "now", "coming" or "skipped"."""
    title: str
    mode: Value
    about: str
    """What it is for, in a sentence; empty where its title says it all."""
    minutes: int
    place: int
    took_min: int | None
    """How long it took, or has taken so far; None where that is not told."""
    runs: bool
    """It is under way, and its minutes are counted by timer.js."""
    tools: int | None
    """The meeting's id where the item has its tools."""
    edits: bool
    moves: bool
    buttons: tuple[Button, ...]


@dataclass(frozen=True)
class Sum:
    """The last line: when it ends."""

    phase: str
    """"live", "before" or "closed"."""
    ends_at: datetime | None
    must_end_at: datetime | None
    planned_min: int
    over_min: int


@dataclass(frozen=True)
class Way:
    """One way out when time is short, with the end that it leads to."""

    name: str
    label: Value
    ends: Value
    item_id: int | None = None


@dataclass(frozen=True)
class Offer:
    """What may be done about time from an instant on; timer.js shows the most urgent one."""

    since: datetime
    hidden: bool
    folds: bool = False
    """It waits behind the minutes over plan until there are many of them."""
    text: Value | None = None
    is_soft: bool = False
    ways: tuple[Way, ...] = ()
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True)
class Offers:
    offers: tuple[Offer, ...]
    shown_from_min: int
    """From so many minutes over plan the ways out are shown without being asked for."""
    shown: bool
    """They are so now."""
    folded: bool
    """They wait to be asked for."""
    undo: Value | None
    """What was done last, which can be taken back."""


@dataclass(frozen=True)
class Agenda:
    """The card of the agenda."""

    meeting_id: int
    begins_at: datetime | None
    until: datetime | None
    edits: bool
    """The viewer may edit it."""
    tools: bool
    """They do so now, and each item has its tools."""
    lines: tuple[Line, ...]
    removed: str | None
    """The title of what was taken off last."""
    removed_from: int
    """The place in the agenda where it stood."""
    sum: Sum
    offers: Offers | None
    finish: tuple[Button, ...]


def agenda(view: View) -> Agenda:
    """Return what the agenda's card shows."""
    run = view.run
    begins_at, until = run.started_at or run.schedule.starts_at, times.held_end_at(run) or view.offers.keep_at
    edits = view.may_run and not run.closed
    return Agenda(
        meeting_id=view.meeting_id,
        begins_at=minute(begins_at) if begins_at and until else None,
        until=minute(until) if begins_at and until else None,
        edits=edits,
        tools=edits and view.editing,
        lines=tuple(
            line(view, item, place, tools=edits and view.editing) for place, item in enumerate(run.agenda)
        ),
        removed=view.say(run.removed[-1][1].title) if edits and run.removed else None,
        removed_from=min(run.removed[-1][0], len(run.agenda)) if edits and run.removed else 0,
        sum=summed(view),
        offers=offers(view) if view.live and view.may_run else None,
        finish=finish(view),
    )


def line(view: View, item: Item, place: int, *, tools: bool) -> Line:
    run = view.run
    state, title = run.state_of(item), view.say(item.title)
    runs = state == "now" and view.live
    took_min = None
    if state == "done":
        took_min = round(times.actual_s(run, item, view.now) / 60)
    elif runs:
        took_min = int(times.item_elapsed_s(run, view.now) // 60)
    return Line(
        id=item.id,
        state=state,
        title=title,
        mode=name_of(item.mode),
        about=what_for(view, item),
        minutes=item.minutes,
        place=place,
        took_min=took_min,
        runs=runs,
        tools=view.meeting_id if tools else None,
        edits=tools and state != "done",
        moves=tools and state in ("coming", "skipped"),
        buttons=item_buttons(view, item, state, title) if tools else (),
    )


def what_for(view: View, item: Item) -> str:
    """Return what an item is for: the first sentence of its prompt. A break needs none."""
    text = "" if item.rules.is_rest else view.say(item.prompt).strip().partition("\n")[0].rstrip()
    for end in END_OF_SENTENCE.finditer(text):
        if not text[end.end()].islower():  # an abbreviation goes on in small letters
            return text[: end.start() + 1]
    return text


def item_buttons(view: View, item: Item, state: str, title: str) -> tuple[Button, ...]:
    """Return what may be done to an item, after changing and dragging it."""
    about = ("item", item.id)

    def button(name: str, says: Value, icon: str) -> Button:
        return Button(name, icon=icon, kind="text", says=says, about=about)

    found = []
    if state in ("coming", "skipped"):
        found = [
            button("up", N_("Move up: %(title)s", title=title), "up"),
            button("down", N_("Move down: %(title)s", title=title), "down"),
            button("remove_item", N_("Delete: %(title)s", title=title), "delete"),
        ]
    if view.live and state != "now":
        found.append(button("enter_item", N_("Go to: %(title)s", title=title), "play"))
    if state == "skipped":
        found.append(button("unskip_item", N_("Bring back: %(title)s", title=title), "add"))
    elif state == "coming" or (state == "now" and view.next_item):
        found.append(button("skip_item", N_("Skip: %(title)s", title=title), "skip"))
    return tuple(found)


def summed(view: View) -> Sum:
    run = view.run
    ends_at = run.closed_at or view.ends_at
    phase = "live" if view.live else "closed" if run.closed else "before"
    return Sum(
        phase=phase,
        ends_at=minute(ends_at),
        must_end_at=run.schedule.must_end_at,
        planned_min=view.planned_min if phase == "before" else 0,
        over_min=view.offers.over_min if phase == "live" else 0,
    )


# What is offered about time


def offers(view: View) -> Offers:
    made, first = view.offers, view.offers.first(view.now)
    found = [
        _over(view, made.over_from, hidden=first != "over"),
        _break(view, made.break_from, hidden=first != "break"),
        _long(view, made.long_from, hidden=first != "long"),
    ]
    # An end that people have to leave at is never late by little.
    shown_from_min = 1 if view.run.schedule.must_end_at else SHOWN_FROM_MIN
    shown = made.over_min >= shown_from_min
    return Offers(
        tuple(one for one in found if one),
        shown_from_min=shown_from_min,
        shown=shown,
        folded=first == "over" and not shown,
        undo=plan_undo(view),
    )


def _over(view: View, since: datetime | None, *, hidden: bool) -> Offer | None:
    offers = view.offers
    if since is None:
        return None
    ways = []
    if offers.most_s and offers.short_end_at:
        ends = Ending(minute(offers.short_end_at), most=offers.most_s)
        ways.append(Way("spread_over", N_("Shorten the remaining items"), ends))
    if offers.drop and offers.drop_end_at:
        label = N_("Skip “%(title)s”", title=Own(view.say(offers.drop.title), is_name=False))
        ends = Ending(minute(offers.drop_end_at), less=offers.drop.planned_s)
        ways.append(Way("drop_item", label, ends, offers.drop.id))
    if offers.stay_end_at:
        ends = Ending(minute(offers.stay_end_at), less=-offers.stay_s)
        ways.append(Way("stay_longer", N_("Stay longer"), ends))
    text = None if ways else N_("There is nothing left to shorten.")
    return Offer(steady(since, view.now), hidden, folds=True, text=text, is_soft=True, ways=tuple(ways))


def _break(view: View, since: datetime | None, *, hidden: bool) -> Offer | None:
    if since is None:
        return None
    buttons = (
        Button("take_break", N_("5-minute break after this item")),
        Button("refuse_break", N_("Not now"), kind="text"),
    )
    return Offer(steady(since, view.now), hidden, text=N_("An hour without a break."), buttons=buttons)


def _long(view: View, since: datetime | None, *, hidden: bool) -> Offer | None:
    if since is None:
        return None
    buttons = [Button("next_item", N_("Next item"))] if view.next_item else []
    if not view.run.course.turn_clock:
        kind = "text num" if view.next_item else "quiet num"
        buttons.append(Button("plus_five", N_("+5 min"), kind=kind, says=N_("Add five minutes")))
    text = N_("This item has run over time.")
    return Offer(steady(since, view.now), hidden, text=text, buttons=tuple(buttons))


def plan_undo(view: View) -> Value | None:
    """Return what was done about time last, which can be taken back."""
    done = view.run.schedule.plan_undo
    if done is None:
        return None
    if done.minutes:
        return N_("The remaining items were shortened.")
    if done.dropped:
        item = view.run.item_by_id(done.dropped)
        return N_("Skipped: %(title)s", title=Own(view.say(item.title) if item else "", is_name=False))
    if done.added:
        return N_("A break comes next.")
    return N_("The planned end was moved.")


def finish(view: View) -> tuple[Button, ...]:
    """Return the ways to end before the agenda does."""
    run = view.run
    turns_left = run.has_turns and (view.following or run.speaker is not None)
    if not (view.live and view.viewer.leads and (view.next_item or turns_left)):
        return ()
    end = end_meeting("text")
    since = view.offers.talk_from
    if not view.next_item or since is None:
        return (end,)
    talk = Button(
        "free_talk",
        N_("Stay and talk"),
        kind="text",
        confirm=N_("Stay and talk?"),
        confirm_text=N_(
            "The rest of the agenda is skipped. After 15 minutes without an agenda the meeting ends "
            "automatically."
        ),
        shown_from=since,
        hidden=since > view.now,
    )
    return end, talk
