"""Changes of a run that the events of several subjects lead to."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from ementor.meetings.domain import agenda as agendas
from ementor.meetings.domain.agenda import Data, Item, Mode
from ementor.meetings.domain.course import Course, Groups
from ementor.meetings.domain.state import MAX_PAST, Run
from ementor.meetings.domain.values import replace


def moved_to(run: Run, course: Course, at: datetime) -> Run:
    """Go on with ``course``; "back" returns to the present one."""
    past = (*run.past, run.course.stopped(at))[-MAX_PAST:]
    return replace(run, course=course, past=past)


def with_item(run: Run, item: Item) -> Run:
    return replace(run, agenda=agendas.with_changed(run.agenda, item))


def with_new_item(run: Run, item: Item, place: int) -> Run:
    agenda = agendas.with_item_at(run.agenda, place, item)
    return replace(run, agenda=agenda, last_item_id=max(run.last_item_id, item.id))


def unskipped(run: Run, item_id: int | None) -> Run:
    item = run.item_by_id(item_id)
    return with_item(run, replace(item, skipped=False)) if item and item.skipped else run


def without_hand(run: Run, person: int | None) -> Run:
    """Return the run in which ``person`` has no hand up."""
    return replace(run, hands=tuple(other for other in run.hands if other != person))


def joined(run: Run) -> Run:
    """See to it that everyone present has a turn in a round that is not over, and a group in pairs."""
    if run.rules.takes_everyone and run.course.round_is_open:
        return replace(run, course=run.course.join_round(run.present))
    if run.has_pairs:
        return paired(run, run.course.join_groups(run.present).groups)
    return run


def paired(run: Run, groups: Groups) -> Run:
    """Put people together as ``groups`` says, in the current item."""
    if run.course.item_id is None or groups == run.course.groups:
        return run
    pairings = {**run.pairings, run.course.item_id: groups}
    return replace(run, course=replace(run.course, groups=groups), pairings=pairings)


def with_all_minutes(run: Run, minutes: Iterable[Sequence[int]]) -> Run:
    """Give items, by their ids, other minutes."""
    for item_id, given in minutes:
        item = run.item_by_id(item_id)
        if item is not None:
            run = changed(run, item, {"minutes": given})
    return run


def changed(run: Run, old: Item, data: Data) -> Run:
    """Change an item, and with it the clocks and turns of the course that is in it."""
    new = replace(
        old,
        mode=Mode(data.get("mode", old.mode)),
        title=data.get("title", old.title),
        prompt=data.get("prompt", old.prompt),
        minutes=data.get("minutes", old.minutes),
        how=agendas.how_from_data(data["how"]) if "how" in data else old.how,
    )
    run = with_item(run, new)
    if new.minutes != old.minutes:
        run = replace(
            run,
            course=_with_minutes(run.course, new),
            past=tuple(_with_minutes(course, new) for course in run.past),
        )
    return _in_other_mode(run, new) if new.mode is not old.mode else run


def _with_minutes(course: Course, item: Item) -> Course:
    return course.allot_item(item.planned_s) if course.item_id == item.id else course


def _in_other_mode(run: Run, item: Item) -> Run:
    """Forget the turns that the item had in its old mode, as they no longer mean anything.

    A skipped item may be only in the past.
    """
    past = tuple(course for course in run.past if course.item_id != item.id)
    course = run.course
    if course.item_id == item.id:
        course = course.without_turns(run.present if item.rules.takes_everyone else ())
        run = replace(run, hands=())
    if (course, past) == (run.course, run.past):
        return run
    number = run.number
    return replace(run, course=course, past=past, moved_number=number, flow_number=number, item_number=number)
