"""The top of the room: who is here and when it ends; and the instants from which the browser draws."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ementor.languages import LANGUAGES
from ementor.meetings.cards.view import Person, View, minute
from ementor.meetings.domain import floor, times
from ementor.meetings.domain.run import REOPEN_S

FACES = 6


@dataclass(frozen=True)
class Head:
    """The header: the same for everybody who may do the same."""

    meeting_id: int
    invites: bool
    """The link and its code are one press away."""
    language: str
    """The name of the one in which the page is."""
    group: str
    title: str
    live: bool
    ends_at: datetime
    over_min: int
    faces: tuple[Person, ...]
    more: int


def head(view: View, *, group: str, title: str) -> Head:
    return Head(
        meeting_id=view.meeting_id,
        invites=view.viewer.leads and not view.run.closed,
        language=LANGUAGES[view.locale].name,
        group=group,
        title=title,
        live=view.live,
        ends_at=minute(view.ends_at),
        over_min=view.offers.over_min if view.live else 0,
        faces=view.here[:FACES],
        more=max(0, len(view.here) - FACES),
    )


Data = dict[str, str | int | float | None]


def clock_data(view: View, *, time_zone: str, readers: str | None) -> Data:
    """Return the data- attributes of ``#clock-data``, from which timer.js draws; None is left out."""
    run, keep_at = view.run, view.offers.keep_at
    data: Data = {
        "data-now": view.now.isoformat(),
        "data-zone": time_zone,
        "data-phase": view.phase,
        "data-readers": readers,
    }
    if view.live and view.item:
        data |= _running(view)
    else:
        data |= {"data-rest-s": view.planned_min * 60, "data-planned-end": _at(keep_at) or None}
    if run.revealed:
        data["data-revealed"] = 1
    if run.closed_at:
        data["data-until"] = int(run.closed_at.timestamp() + REOPEN_S) * 1000
    return data


def _running(view: View) -> Data:
    run, item, course = view.run, view.item, view.run.course
    if item is None:
        return {}
    talking = view.person(floor.talking(run))
    data: Data = {
        "data-since": _at(course.ticking_since),
        "data-spent-s": course.spent_s,
        "data-allotted-s": course.allotted_s,
        "data-item-since": _at(course.item_clock.since),
        "data-item-spent-s": course.item_clock.spent_s,
        "data-item-allotted-s": course.item_clock.allotted_s,
        "data-wall-since": _at(course.entered_at),
        "data-wall-spent-s": course.item_spent.get(item.id, 0),
        "data-rest-s": times.rest_s(run),
        "data-planned-end": _at(view.offers.keep_at),
        "data-closing-s": times.closing_s(run),
        "data-item": item.id,
        "data-item-title": view.say(item.title),
        "data-speaker": talking.id if talking else "",
        "data-speaker-name": talking.name if talking else "",
        "data-next": next_one(view) or "",
        "data-auto": 1 if item.how.auto and (course.turn_clock or view.next_item) else None,
        "data-half": 1 if run.has_pairs and run.groups and not floor.seats(run) else None,
    }
    if view.step:
        data |= {"data-step": course.step, "data-step-title": view.say(view.step.title)}
    return data


def next_one(view: View) -> int | None:
    """Return whose turn it is next, in the step, the round or the queue."""
    if floor.voices(view.run):
        return floor.voices(view.run)[0]
    if view.following and not view.step:
        return view.following.id
    return view.queue[0] if view.queue else None


def _at(instant: datetime | None) -> str:
    return instant.isoformat() if instant else ""
