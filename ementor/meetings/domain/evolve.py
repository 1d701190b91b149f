"""How a run goes on with each event: what a fact means."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import reduce

from ementor.meetings.domain import agenda as agendas
from ementor.meetings.domain import course as courses
from ementor.meetings.domain import schedule as schedules
from ementor.meetings.domain.agenda import Data, Item, Keeps, Mode
from ementor.meetings.domain.commands import Role
from ementor.meetings.domain.course import Course, Groups, without
from ementor.meetings.domain.kinds import CLOCK_KINDS, ITEM_KINDS, MOVE_KINDS, TURN_KINDS, Event, Kind
from ementor.meetings.domain.schedule import Mended
from ementor.meetings.domain.state import MAX_REMOVED, Run
from ementor.meetings.domain.values import replace
from ementor.texts import both_texts


def replay(events: Iterable[Event]) -> Run:
    """Return the run that a log tells of."""
    return reduce(evolve, events, Run())


def evolve(run: Run, event: Event) -> Run:
    """Return the run as it is after ``event``."""
    before, number = run, run.number + 1
    schedule = schedules.after(run, event)
    run = replace(heard(run, event.at), number=number, at=event.at, schedule=schedule)
    if event.kind in MOVE_KINDS:
        run = replace(run, moved_number=number, flow_number=number)
    elif event.kind in CLOCK_KINDS:
        run = replace(run, flow_number=number)
    if event.kind in ITEM_KINDS:
        run = replace(run, item_number=number)
    if event.kind not in TURN_KINDS:
        run = replace(run, beside_number=number)
    at, data, course = event.at, event.data, run.course
    match event.kind:
        case Kind.PLANNED:
            agenda = tuple(agendas.item_from_data(item) for item in data["agenda"])
            last = max((item.id for item in agenda), default=0)
            return replace(run, agenda=agenda, last_item_id=last, started_last=data.get("started_last"))
        case Kind.PERSON_CAME:
            return came(run, data["person"])
        case Kind.PERSON_LEFT:
            run = left(run, data["person"], datetime.fromisoformat(data["seen_at"]))
            return gone(run, data["person"]) if data.get("for_good") else run
        case Kind.PEOPLE_MERGED:
            return merged(run, data["kept"], data["gone"])
        case Kind.ROLE_GIVEN:
            return with_role(run, data["person"], data["role"])
        case Kind.TOUCHED:
            return run
        case (
            Kind.ITEM_ADDED
            | Kind.ITEM_CHANGED
            | Kind.ITEM_MOVED
            | Kind.ITEM_REMOVED
            | Kind.ITEM_RESTORED
            | Kind.ITEM_SKIPPED
            | Kind.ITEM_UNSKIPPED
        ):
            return evolve_agenda(run, event)
        case Kind.STARTED:
            return replace(run, started_at=at, planned_end_at=at + timedelta(seconds=data["planned_s"]))
        case Kind.ITEM_ENTERED:
            entered = course.enter(data["item"], data["allotted_s"], tuple(data["order"]), at)
            item = run.item_by_id(data["item"])
            if item and item.rules.has_pairs:  # drawn when the item was held before
                entered = replace(entered, groups=run.pairings.get(item.id, ()))
            run = replace(run, hands=())
            if course.item_id is None:
                return replace(run, course=entered)
            run = run.moved_to(entered, at).unskipped(entered.item_id)
            return joined(run) if run.has_pairs else run  # who came since the draw
        case Kind.TURN_GIVEN | Kind.TURN_PASSED | Kind.TURN_POSTPONED | Kind.ROUND_OVER:
            return evolve_turn(run, event)
        case Kind.STEP_ENTERED if data["step"] < len(course.steps_s):
            return run.moved_to(course.enter_step(data["step"], at), at)
        case Kind.STEP_ENTERED:  # of a turn that another log told of
            return run
        case Kind.VOICE_GIVEN:
            return run.moved_to(replace(course.running(at), asked=(*course.asked, data["person"])), at)
        case Kind.SEAT_TAKEN:
            taken = course.take_seat(data["seat"], data["allotted_s"], tuple(data["steps_s"]), at)
            return run.moved_to(taken, at)
        case Kind.SEATS_OVER:
            return run.moved_to(course.end_seats(data["seats"], at), at)
        case Kind.FLOOR_OPENED:
            return run.moved_to(replace(course, speaker=None), at)
        case Kind.TURN_LENGTH_SET:
            return turn_length_set(run, data["turn_s"], at)
        case Kind.PAIRS_DRAWN:
            return paired(run, tuple(tuple(group) for group in data["groups"]))
        case Kind.HAND_RAISED:
            return replace(run, hands=(*run.hands, data["person"]))
        case Kind.HAND_LOWERED:
            return replace(run, hands=without_hand(run, data["person"]))
        case Kind.KEPT:
            key = data["item"], data["owner"], Keeps(data["what"])
            return replace(run, kept={**run.kept, key: data["text"]})
        case Kind.ORDER_CHANGED:
            return replace(run, course=course.with_order(tuple(data["order"])))
        case Kind.PAUSED:
            return replace(run, course=course.pause(at))
        case Kind.RESUMED:
            return replace(run, course=course.running(at))
        case Kind.EXTENDED:
            return replace(run, course=course.extend(data["allotted_s"]))
        case Kind.WENT_BACK:
            return went_back(run, at)
        case Kind.REVEALED:
            return replace(run, revealed=True)
        case Kind.CLOSED:
            return replace(run, closed_at=at)
        case Kind.REOPENED:
            return replace(run, closed_at=None)
        case Kind.PLAN_SPREAD | Kind.ITEM_DROPPED | Kind.BREAK_ADDED | Kind.STAYED_LONGER | Kind.SCRIPT_ENDED:
            return evolve_plan(run, event)
        case Kind.PLAN_UNDONE:
            return unmended(run, before.schedule.mended)
        case Kind.TIMES_SET | Kind.BREAK_REFUSED | Kind.IDLE_ASKED | Kind.WENT_ON:
            return run  # the schedule has it


def evolve_plan(run: Run, event: Event) -> Run:
    """Return the run after something was done for its end's sake."""
    data = event.data
    match event.kind:
        case Kind.PLAN_SPREAD:
            return with_all_minutes(run, data["minutes"])
        case Kind.ITEM_DROPPED:
            item = run.item_by_id(data["item"])
            return run.with_item(replace(item, skipped=True)) if item else run
        case Kind.BREAK_ADDED:
            item = agendas.item_from_data(data["item"])
            agenda = agendas.with_item_at(run.agenda, data["place"], item)
            return replace(run, agenda=agenda, last_item_id=max(run.last_item_id, item.id))
        case Kind.SCRIPT_ENDED:
            run = with_all_minutes(run, [(data["item"], data["minutes"])])
            return replace(run, planned_end_at=datetime.fromisoformat(data["until"]))
    if "allotted_s" in data:
        run = replace(run, course=run.course.allot_item(data["allotted_s"]))
    return replace(run, planned_end_at=datetime.fromisoformat(data["end_at"]))


def unmended(run: Run, before: Mended | None) -> Run:
    """Return the run with its plan as it was ``before`` it was mended last."""
    if before is None:
        return run
    run = with_all_minutes(run, before.minutes)
    run = replace(run.unskipped(before.dropped), planned_end_at=before.planned_end_at)
    if before.allotted_s is not None:
        run = replace(run, course=run.course.allot_item(before.allotted_s))
    if before.added is not None and before.added not in run.course.visited:
        run = replace(run, agenda=agendas.without(run.agenda, before.added))
    return run


def with_all_minutes(run: Run, minutes: Iterable[Sequence[int]]) -> Run:
    for item_id, given in minutes:
        item = run.item_by_id(item_id)
        if item is not None:
            run = changed(run, item, {"minutes": given})
    return run


def came(run: Run, person: int) -> Run:
    """Let somebody in, and in a round put them at the end of the order."""
    if person not in run.present:
        run = replace(run, present=(*run.present, person))
    run = replace(run, left_at={who: at for who, at in run.left_at.items() if who != person})
    return joined(run)


def left(run: Run, person: int, seen_at: datetime) -> Run:
    """Let somebody out. They keep their place in a round, as they are often back at once."""
    present = tuple(other for other in run.present if other != person)
    hands = without_hand(run, person)
    return replace(run, present=present, hands=hands, left_at={**run.left_at, person: seen_at})


def gone(run: Run, person: int) -> Run:
    """Let somebody go who does not come back: out of the turns, also of those that "back" returns to."""
    past = tuple(course.without(person) for course in run.past if course.speaker != person)
    run = replace(with_role(run, person, None), course=run.course.without(person), past=past)
    return replace(run, pairings={item: without(drawn, person) for item, drawn in run.pairings.items()})


def merged(run: Run, kept: int, gone: int) -> Run:
    """Return the run in which one of two people has been the other all the while.

    They have one place in each line: where both had one, the earlier, or the one that has the word. What
    both wrote in one case is kept from both.
    """
    if kept == gone:
        return run

    def now(person: int | None) -> int | None:
        return kept if person == gone else person

    present, left_at = courses.once(run.present, kept, gone), dict(run.left_at)
    last = [left_at.pop(each) for each in (kept, gone) if each in left_at]
    if last and kept not in present:
        left_at[kept] = max(last)
    heard_s = dict(run.heard_s)
    if gone in heard_s:
        heard_s[kept] = heard_s.get(kept, 0.0) + heard_s.pop(gone)
    roles = dict(run.roles)
    if gone in roles:
        role = roles.pop(gone)
        roles.setdefault(kept, role)
    words = {key: text for key, text in run.kept.items() if key[1] != gone}
    for (item, owner, what), text in run.kept.items():
        if owner == gone:
            words[item, kept, what] = both_texts(words.get((item, kept, what), ""), text)
    hands = courses.once(run.hands, kept, gone)
    run = replace(run, present=present, left_at=left_at, heard_s=heard_s, roles=roles, kept=words)
    run = replace(run, starter=now(run.starter), started_last=now(run.started_last), hands=hands)
    past = tuple(one.merged(kept, gone) for one in run.past)
    pairings = {item: courses.merged(groups, kept, gone) for item, groups in run.pairings.items()}
    run = replace(run, course=run.course.merged(kept, gone), past=past, pairings=pairings)
    return replace(run, hands=without_hand(run, run.speaker))


def with_role(run: Run, person: int, role: str | None) -> Run:
    """Return the run with somebody's role given or, by None, taken away."""
    roles = {other: had for other, had in run.roles.items() if other != person}
    return replace(run, roles=roles | {person: Role(role)} if role else roles)


def joined(run: Run) -> Run:
    """See to it that everyone present has a turn in a round that is not over, and a group in pairs."""
    if run.has_turns and not run.names_owners and run.course.round_is_open:
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


def without_hand(run: Run, person: int | None) -> tuple[int, ...]:
    return tuple(other for other in run.hands if other != person)


def heard(run: Run, at: datetime) -> Run:
    """Count for whoever has the word the time since the last event."""
    who = run.talking
    if who is None or run.at is None or run.course.ticking_since is None or run.closed:
        return run
    so_far_s = run.heard_s.get(who, 0.0) + max(0.0, (at - run.at).total_seconds())
    return replace(run, heard_s={**run.heard_s, who: so_far_s})


def turn_length_set(run: Run, turn_s: int, at: datetime) -> Run:
    """Give the turns that are left ``turn_s``; the one under way too, while it has not had that much."""
    course = replace(run.course, turn_s=turn_s)
    clock = course.turn_clock
    if clock and course.step is None and clock.elapsed_s(at) < turn_s:
        course = replace(course, turn_clock=clock.allot(turn_s))
    return replace(run, course=course)


def went_back(run: Run, at: datetime) -> Run:
    """Return to the newest of the past; who has come since then is still here."""
    if not run.past:
        return run
    course = run.course.return_to(run.past[-1], at)
    if course.item_id != run.course.item_id:
        run = replace(run, hands=())
    if course.speaker is not None:  # they may have raised a hand since
        run = replace(run, hands=without_hand(run, course.speaker))
    return joined(replace(run, course=course, past=run.past[:-1]).unskipped(course.item_id))


def evolve_turn(run: Run, event: Event) -> Run:
    """Return the run after the word has gone on."""
    data, course = event.data, run.course
    if event.kind is Kind.TURN_PASSED:
        course = replace(course, passed=course.passed | {data["passed"]})
    person = data.get("person")
    if person is None:
        return run.moved_to(course.end_round(event.at), event.at)
    hands = without_hand(run, person)
    if "order" not in data and not run.names_owners:  # in open talk and an input the clock just runs on
        return replace(run, hands=hands).moved_to(replace(course, speaker=person), event.at)
    order = tuple(data.get("order", (person,)))
    allotted_s = data.get("allotted_s", course.item_clock.allotted_s)
    given = course.give_turn(person, order, allotted_s, tuple(data.get("steps_s", ())), event.at)
    starter = run.starter
    if starter is None and run.round_ready and not run.names_owners:
        starter = person
    return replace(run, hands=hands, starter=starter).moved_to(given, event.at)


def evolve_agenda(run: Run, event: Event) -> Run:
    """Return the run after the agenda was edited."""
    data = event.data
    match event.kind:
        case Kind.ITEM_ADDED:
            item = agendas.item_from_data(data["item"])
            agenda = agendas.with_item_at(run.agenda, data["place"], item)
            return replace(run, agenda=agenda, last_item_id=max(run.last_item_id, item.id))
        case Kind.ITEM_RESTORED:
            for _, item in run.removed[-1:]:
                agenda = agendas.with_item_at(run.agenda, data["place"], item)
                run = replace(run, agenda=agenda, removed=run.removed[:-1])
            return run
    item_id = data["item"]
    found, place = run.item_by_id(item_id), agendas.place_of(run.agenda, item_id)
    if found is None or place is None:
        return run
    rest = agendas.without(run.agenda, item_id)
    match event.kind:
        case Kind.ITEM_CHANGED:
            return changed(run, found, data)
        case Kind.ITEM_MOVED:
            return replace(run, agenda=agendas.with_item_at(rest, data["place"], found))
        case Kind.ITEM_REMOVED:
            removed = (*run.removed, (place, found))[-MAX_REMOVED:]
            return replace(run, agenda=rest, removed=removed)
        case Kind.ITEM_SKIPPED:
            return run.with_item(replace(found, skipped=True))
    return run.unskipped(item_id)


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
    run = run.with_item(new)
    if new.minutes != old.minutes:
        run = replace(
            run,
            course=with_minutes(run.course, new),
            past=tuple(with_minutes(course, new) for course in run.past),
        )
    if new.mode is not old.mode:
        # What was before in this item had turns that no longer mean anything; a skipped one may be
        # only in the past.
        past = tuple(course for course in run.past if course.item_id != new.id)
        course = run.course
        if course.item_id == new.id:
            course = course.without_turns(run.present if new.rules.takes_everyone else ())
            run = replace(run, hands=())
        if (course, past) != (run.course, run.past):
            number = run.number
            numbers = {"moved_number": number, "flow_number": number, "item_number": number}
            run = replace(run, course=course, past=past, **numbers)
    return run


def with_minutes(course: Course, item: Item) -> Course:
    return course.allot_item(item.planned_s) if course.item_id == item.id else course
