"""What a mode needs beside clock and speaker: steps, groups, a case's words, fair time."""

from __future__ import annotations

from dataclasses import dataclass

from ementor.meetings.cards.view import Button, Person, View
from ementor.meetings.cards.words import N_, Value, duration
from ementor.meetings.domain import floor, lengths
from ementor.meetings.domain.agenda import MIN_TURN_S, CaseField
from ementor.meetings.modes import SHOWN

KEPT: tuple[CaseField, ...] = (CaseField.QUESTION, CaseField.NEXT_STEP)
MAX_KEPT_SHOWN = 600


@dataclass(frozen=True)
class Choice:
    """Somebody whose case may be taken up."""

    name: str
    button: Button | None


@dataclass(frozen=True)
class StepLine:
    title: str
    length: Value
    state: str
    """"now", "done" or ""."""


@dataclass(frozen=True)
class GroupLine:
    """Who talks together, and whose time it is among them."""

    people: tuple[tuple[Person, bool], ...]
    mine: bool


@dataclass(frozen=True)
class Written:
    """The words of a case: as a text, and as a field for those who may write now."""

    id: str
    action: str
    label: Value
    text: str
    writes: bool
    most: int
    """Characters that the field takes."""


@dataclass(frozen=True)
class ModeCard:
    """What the way of holding an item needs beside clock and speaker."""

    meeting_id: int
    fair: Button | None
    """An offer of turns that end in time, ``note`` says how long they are."""
    owners: tuple[Choice, ...] | None
    steps: tuple[StepLine, ...]
    groups: tuple[GroupLine, ...]
    opens_rooms: bool
    swaps: bool
    template: str | None
    """Of the mode's own."""


def mode_card(view: View) -> ModeCard:
    run, item = view.run, view.item
    has_groups = run.has_pairs and bool(run.groups)
    return ModeCard(
        meeting_id=view.meeting_id,
        fair=fair_turn(view),
        owners=owners(view),
        steps=step_lines(view),
        groups=group_lines(view) if has_groups else (),
        opens_rooms=has_groups and view.may_run,
        swaps=has_groups and view.may_run and len(run.groups) > 1,
        template=SHOWN[item.mode].template if item else None,
    )


def fair_turn(view: View) -> Button | None:
    """Return the offer of turns in which the round ends in time."""
    fair_s = lengths.fair_turn_s(view.run, view.now) if view.may_run else None
    if not fair_s:
        return None
    left = lengths.turns_left(view.run, view.now)
    note: Value = N_("Turns left: %(n)s, %(time)s each to end on time.", n=left, time=duration(fair_s))
    if fair_s < MIN_TURN_S:
        note = (note, " ", N_("Pairs or a longer item would give everyone more time."))
    return Button("use_turn_length", N_("Use"), note=note)


def owners(view: View) -> tuple[Choice, ...] | None:
    """Return whose case it may be; None where that is not asked."""
    run = view.run
    if not run.names_owners or view.step or not (view.may_run or run.order):
        return None
    found = []
    for person in view.people.values():
        on = person.id in run.order
        if not (person.present or on):
            continue
        if view.may_run and (not on or person.id in floor.upcoming(run)):
            name = "unname_owner" if on else "name_owner"
            kind = "quiet small-pick on" if on else "quiet small-pick"
            found.append(
                Choice(person.name, Button(name, person.name, kind=kind, about=("person", person.id)))
            )
        elif on:
            found.append(Choice(person.name, None))
    return tuple(found)


def step_lines(view: View) -> tuple[StepLine, ...]:
    run, item, course = view.run, view.item, view.run.course
    lengths_s = course.steps_s or lengths.lengths_ahead(run)
    if item is None or not (view.step or floor.round_ready(run) or floor.seats_ready(run)):
        return ()
    return tuple(
        StepLine(view.say(one.title), duration(length), _step_state(place, course.step))
        for place, (one, length) in enumerate(zip(item.how.steps, lengths_s, strict=False))
    )


def _step_state(place: int, now: int | None) -> str:
    if now is None:
        return ""
    return "now" if place == now else "done" if place < now else ""


def group_lines(view: View) -> tuple[GroupLine, ...]:
    return tuple(
        GroupLine(
            tuple(
                (person, place == view.seat)
                for place, person in enumerate(view.people[one] for one in group if one in view.people)
            ),
            mine=view.me in group,
        )
        for group in view.run.groups
    )


def written(view: View) -> tuple[Written, ...]:
    """Return what is written down in the case on the table."""
    run, item, speaker = view.run, view.item, view.speaker
    if not run.names_owners or item is None or speaker is None:
        return ()
    found = []
    for what in KEPT:
        is_question = what is CaseField.QUESTION
        text = run.kept_words(item.id, speaker.id, what)
        asked = view.step is not None and view.step.keeps == what
        found.append(
            Written(
                id=f"{item.id}-{speaker.id}-{what}",
                action=f"/m/{view.meeting_id}/case/{item.id}/{speaker.id}/{what}",
                label=N_("Key question") if is_question else N_("%(name)s's next step", name=speaker.name),
                text=text,
                writes=asked and (view.may_run or view.mine),
                most=max(MAX_KEPT_SHOWN, len(text)),
            )
        )
    return tuple(found)
