"""What people do in a meeting: start one, press its buttons, come and go.

Every change is an event in the meeting's log, saved before anybody hears of it.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial, reduce
from weakref import WeakKeyDictionary

from flask_babel import gettext, lazy_gettext
from sqlalchemy import Engine, Select, and_, bindparam, func, select

from ementor import clock, live
from ementor.accounts.models import SignIn, User
from ementor.database import MAX_ID, after_commit, db, is_writing, transactional
from ementor.errors import Conflict, Invalid, NotFound
from ementor.groups import policy
from ementor.groups.models import Membership
from ementor.held import Statement, held
from ementor.meetings.domain import run as runs
from ementor.meetings.domain.agenda import MAX_ITEMS, MAX_MINUTES, MAX_PROMPT, MAX_TITLE
from ementor.meetings.domain.run import Command, Event, Kind, Run, Why
from ementor.meetings.models import Meeting, MeetingEvent

RUNS_IN_MEMORY = 1000
MAX_EVENTS_EACH = 4000
"""A whole meeting has hundreds. Past this one person is playing with it, and can only end it; the
others go on. What the system tells by itself counts as one more person."""

BEYOND_LIMIT = (runs.Close, runs.Reopen, runs.AskIdle, runs.PersonCame, runs.PersonLeft, runs.MergePeople)

REFUSALS = {
    Why.ALREADY_PLANNED: lazy_gettext("This meeting has its agenda already."),
    Why.NOTHING_PLANNED: lazy_gettext("Add an item to the agenda first."),
    Why.NOT_STARTED: lazy_gettext("Start the meeting first."),
    Why.CLOSED: lazy_gettext("The meeting has ended."),
    Why.TOO_LATE: lazy_gettext("It is too late to undo that."),
    Why.GONE: lazy_gettext("Somebody has taken that item off the agenda."),
    Why.DONE: lazy_gettext("What has been cannot be moved or deleted."),
    Why.NO_NEXT: lazy_gettext("This is the last item. End the meeting when you are ready."),
    Why.NO_TURNS: lazy_gettext("There are no turns in this item."),
    Why.NO_SPEAKER: lazy_gettext("It is nobody's turn now."),
    Why.NOBODY_HERE: lazy_gettext("Nobody is here yet."),
    Why.NOT_HERE: lazy_gettext("That person is not here."),
    Why.LAST_IN_ORDER: lazy_gettext("This is the last turn already."),
    Why.ROUND_OVER: lazy_gettext("The round is over."),
    Why.ROUND_RUNNING: lazy_gettext("The round has begun; its order stays."),
    Why.WRONG_ORDER: lazy_gettext("Somebody came or left meanwhile. Please try again."),
    Why.NOTHING_TO_UNDO: lazy_gettext("There is nothing to go back to."),
    Why.EMPTY: lazy_gettext("Give the item a title."),
    Why.TOO_LONG: lazy_gettext(
        "That is too long: a title may have %(title)d characters and a prompt %(prompt)d.",
        title=MAX_TITLE,
        prompt=MAX_PROMPT,
    ),
    Why.TOO_MANY: lazy_gettext("An agenda may have %(n)d items at most.", n=MAX_ITEMS),
    Why.MINUTES: lazy_gettext("Give whole minutes, from 1 to %(n)d.", n=MAX_MINUTES),
    Why.END_PASSED: lazy_gettext("That end has passed already. Choose a later time, or leave it empty."),
    Why.END_FAR: lazy_gettext("That is more than 12 hours after the start. Check both times."),
    Why.END_LOCKED: lazy_gettext("This meeting must end on time. Take that end away first to stay longer."),
    Why.STEPS: lazy_gettext(
        "A turn and each of its steps last from 10 seconds to %(n)d minutes.", n=MAX_MINUTES
    ),
    Why.NOBODY_NAMED: lazy_gettext("Choose first whose case it is."),
    Why.NO_PAIRS: lazy_gettext("Draw the groups first."),
    Why.PAIRS_RUNNING: lazy_gettext("The groups have begun. You can still let two people swap."),
    Why.NO_QUEUE: lazy_gettext("Hands are raised in open talk."),
    Why.NOT_ASKED: lazy_gettext("This belongs to a case that is not on the table."),
}
INVALID = {
    *(Why.EMPTY, Why.TOO_LONG, Why.TOO_MANY, Why.MINUTES, Why.STEPS),
    *(Why.END_PASSED, Why.END_FAR),
}


Wish = Callable[[Run], Command]
Check = Callable[[Meeting], None]
_checks: dict[type[Command], list[Check]] = {}
Look = Callable[[Meeting, User], None]
_asked_once_ended: list[Look] = []

_memory: WeakKeyDictionary[Engine, OrderedDict[int, Run]] = WeakKeyDictionary()


# Finding


def get_meeting(meeting_id: int, *, actor: User, hold: bool = False) -> Meeting:
    """Return the meeting as it is in the database now; NotFound for strangers.

    Once it has ended, NotAllowed for members who may not read its record: what there was in the room is
    still there for a minute. ``hold`` keeps others from ending it until this transaction is over.
    """
    return _found(meeting_id, actor, hold=hold)[0]


def once_ended(function: Look) -> Look:
    """Let a feature above this one refuse a member a meeting that has ended, by raising NotAllowed."""
    _asked_once_ended.append(function)
    return function


_MEETING = (
    select(Meeting).where(Meeting.id == bindparam("meeting_id")).execution_options(populate_existing=True)
)
_HELD = _MEETING.with_for_update(read=True, key_share=True, of=Meeting)


def _found(meeting_id: int, actor: User, *, hold: bool = False) -> tuple[Meeting, Membership]:
    meeting = None
    if 0 < meeting_id <= MAX_ID:  # what no column holds, the database would not even look for
        query = _HELD if hold else _MEETING
        meeting = db.session.scalars(query, {"meeting_id": meeting_id}).one_or_none()
    if meeting is None:
        raise NotFound(gettext("There is no such page, or it belongs to another group."))
    member = policy.require_member(actor, meeting.group_id)
    if meeting.ended_at is not None:
        for look in _asked_once_ended:
            look(meeting, actor)
    return meeting, member


def newest_meeting(group_id: int) -> Meeting:
    """Return the group's newest meeting. Asks no rights. Raises NotFound."""
    query = select(Meeting).where(Meeting.group_id == group_id).order_by(Meeting.id.desc()).limit(1)
    meeting = db.session.scalars(query).first()
    if meeting is None:
        raise NotFound(gettext("This group has no meeting yet."))
    return meeting


def run_of(meeting_id: int) -> Run:
    """Return how the meeting goes, from its log; of a sealed one nothing is left to tell.

    What is known is kept in memory, and only what has happened since is read: with 500
    events in the log the room was shown three times slower than with five. What a
    transaction writes is known once that is over, as it may yet be rolled back.
    """
    kept = _memory.setdefault(db.engine, OrderedDict())
    run = kept.get(meeting_id, Run())
    events = _events(meeting_id, run.number)
    if run.number and not (events and events[0].at == run.at):
        run, events = Run(), _events(meeting_id, 1)  # this is not the log that we knew
    run = reduce(runs.evolve, events[1:] if run.number else events, run)
    if not is_writing():
        _remember(meeting_id, run)
    return run


def run_at(meeting_id: int, number: int) -> Run:
    """Return how the meeting went when ``number`` was its newest event. Asks no rights."""
    return reduce(runs.evolve, _events(meeting_id, 1)[:number], Run())


def _remember(meeting_id: int, run: Run) -> None:
    kept = _memory.setdefault(db.engine, OrderedDict())
    kept[meeting_id] = run
    kept.move_to_end(meeting_id)
    while len(kept) > RUNS_IN_MEMORY:
        kept.popitem(last=False)


_SINCE = (
    select(MeetingEvent.kind, MeetingEvent.at, MeetingEvent.data)
    .where(MeetingEvent.meeting_id == bindparam("meeting_id"), MeetingEvent.number >= bindparam("first"))
    .order_by(MeetingEvent.number)
)


def _events(meeting_id: int, first: int) -> list[Event]:
    rows = db.session.execute(_SINCE, {"meeting_id": meeting_id, "first": first})
    return [Event(Kind(kind), at, data) for kind, at, data in rows]


def who_is_now(meeting_id: int, person_id: int) -> int:
    """Return who somebody is by now, of whom an older page of the meeting speaks: two may have become one."""
    for kept, gone in merges(meeting_id):
        person_id = kept if person_id == gone else person_id
    return person_id


def merges(meeting_id: int) -> list[tuple[int, int]]:
    """Return who became one with whom while the meeting's log was kept, the oldest first."""
    kind = MeetingEvent.kind == Kind.PEOPLE_MERGED.value
    query = select(MeetingEvent.data).where(MeetingEvent.meeting_id == meeting_id, kind)
    rows = db.session.scalars(query.order_by(MeetingEvent.number))
    return [(data["kept"], data["gone"]) for data in rows]


def standings() -> Select[bool, int, str, int]:
    """Return the one question of everything that is asked many times a second.

    ``sign_in`` and ``meeting_id`` are its parameters. It has one row when that sign-in is good and
    its person in the meeting's group: whether it is open, who they are, their name, and the newest
    number.
    """
    number = select(func.max(MeetingEvent.number)).where(MeetingEvent.meeting_id == Meeting.id)
    belongs = and_(
        Membership.group_id == Meeting.group_id,
        Membership.user_id == User.id,
        Membership.ended_at.is_(None),
    )
    return (
        select(Meeting.ended_at.is_(None), User.id, User.name, func.coalesce(number.scalar_subquery(), 0))
        .select_from(SignIn)
        .join(User, User.id == SignIn.user_id)
        .join(Meeting, Meeting.id == bindparam("meeting_id"))
        .join(Membership, belongs)
        .where(SignIn.token_hash == bindparam("sign_in"))
    )


_STANDING = Statement(standings())


def number_quickly(engine: Engine, meeting_id: int, *, sign_in: str) -> int | None:
    """Return a meeting's newest number to somebody who asks, without a session; None for a stranger."""
    if not 0 < meeting_id <= MAX_ID:
        return None
    with held(engine) as connection:
        rows = connection.rows(_STANDING, {"meeting_id": meeting_id, "sign_in": sign_in})
    return rows[0][3] if rows else None


def engine() -> Engine:
    """Return the database of the app under way, for whoever asks it later without one."""
    return db.engine


def people_of(meeting_ids: list[int]) -> set[tuple[int, int]]:
    """Return meeting and person of all who belong to these meetings, in one query."""
    query = (
        select(Meeting.id, Membership.user_id)
        .join(Membership, Membership.group_id == Meeting.group_id)
        .where(Meeting.id.in_(meeting_ids), Membership.ended_at.is_(None))
    )
    return {(meeting_id, user_id) for meeting_id, user_id in db.session.execute(query)}


def numbers(meeting_ids: list[int]) -> dict[int, int]:
    """Return the newest number of each meeting, in one query.

    It asks for each by itself: SQLite would read the whole log to group it.
    """
    number = select(func.max(MeetingEvent.number)).where(MeetingEvent.meeting_id == Meeting.id)
    query = select(Meeting.id, number.scalar_subquery()).where(Meeting.id.in_(meeting_ids))
    return {meeting_id: newest for meeting_id, newest in db.session.execute(query) if newest}


# Pressing


def before(kind: type[Command]) -> Callable[[Check], Check]:
    """Let a feature above this one refuse a command of that kind, by raising."""

    def register(check: Check) -> Check:
        _checks.setdefault(kind, []).append(check)
        return check

    return register


@transactional
def act(
    meeting_id: int, command: Command, *, actor: User, seen: int | None = None, press: str | None = None
) -> Run:
    """Do ``command`` in a live meeting, and tell the room once it is saved.

    ``seen`` is the event number on the presser's screen: a second "next" from
    the same screen, or one that crosses someone else's, changes nothing.
    ``press`` is the page's name for this press: sent again, it counts once.
    The speaker may hand on, pass or postpone their own turn, a case owner write what is theirs,
    and everybody raise their hand, see that time is up or say that the meeting goes on; all else
    is the facilitators', or everybody's where the group has it so, but for ``LEADING``.
    Raises NotFound, NotAllowed, Invalid, or Conflict when it cannot be done now.
    """
    meeting, member = _found(meeting_id, actor)
    allowed = policy.leads if isinstance(command, runs.LEADING) else policy.may_run
    if not allowed(member):
        run = run_of(meeting_id)
        if runs.overtaken(run, command, seen):
            return run
        if not is_own(command, run, actor.id):
            policy.require_facilitator(actor, meeting.group_id)
    for check in _checks.get(type(command), ()):
        check(meeting)
    return record(meeting_id, command, actor_id=actor.id, seen=seen, press=press)


@transactional
def act_on(meeting_id: int, wish: Wish, *, actor: User) -> Run:
    """Do what ``wish`` makes of the run as it is; when another event comes in between, it is asked again.

    For those who run the meeting. Raises as ``act`` does, and what ``wish`` raises.
    """
    meeting = get_meeting(meeting_id, actor=actor)
    policy.require_runner(actor, meeting.group_id)
    return record(meeting_id, wish, actor_id=actor.id)


@transactional
def record(
    meeting_id: int,
    command: Command | Wish,
    *,
    actor_id: int | None,
    seen: int | None = None,
    press: str | None = None,
) -> Run:
    """Do ``command`` without asking rights: for ``act`` and for the system."""
    run = run_of(meeting_id)
    if not run.number and db.session.scalar(select(Meeting.sealed).where(Meeting.id == meeting_id)):
        raise Conflict(str(REFUSALS[Why.CLOSED]))  # its log is gone and may not begin anew
    if callable(command):
        if run.closed:
            raise Conflict(str(REFUSALS[Why.CLOSED]))
        command = command(run)
    if runs.overtaken(run, command, seen) or (press and has_counted(meeting_id, run, press, since=seen or 0)):
        return run
    try:
        events = runs.decide(run, command, clock.now())
    except runs.Refused as refused:
        text = str(REFUSALS[refused.why])
        raise (Invalid(text) if refused.why in INVALID else Conflict(text)) from None
    if events and not isinstance(command, BEYOND_LIMIT) and _has_done_too_much(run, meeting_id, actor_id):
        if isinstance(command, runs.Touch):
            return run  # what it tells of is worth more than the telling
        raise Conflict(gettext("You have pressed too often in this meeting. Others can go on with it."))
    for event in events:
        run = runs.evolve(run, event)
        row = MeetingEvent(meeting_id=meeting_id, number=run.number, actor_id=actor_id)
        row.at, row.kind, row.data = event.at, event.kind, dict(event.data)
        if press:
            row.data["press"] = press
        db.session.add(row)
    if events:
        db.session.flush()
        after_commit(_remember, meeting_id, run)
        after_commit(live.changed, meeting_id, run.number)
    return run


def _has_done_too_much(run: Run, meeting_id: int, actor_id: int | None) -> bool:
    if run.number < MAX_EVENTS_EACH:
        return False  # then nobody has, and nobody needs to be counted
    theirs = (MeetingEvent.meeting_id == meeting_id, MeetingEvent.actor_id == actor_id)
    done = db.session.scalar(select(func.count()).select_from(MeetingEvent).where(*theirs))
    return (done or 0) >= MAX_EVENTS_EACH


def has_counted(meeting_id: int, run: Run, press: str, *, since: int) -> bool:
    """Tell whether something that happened after the event ``since`` came of this ``press``."""
    return run.number > since and any(
        event.data.get("press") == press for event in _events(meeting_id, since + 1)
    )


def is_own(command: Command, run: Run, person: int) -> bool:
    """Tell whether this is the person's own affair, for which nobody needs to run the meeting."""
    match command:
        case runs.TimeUp() | runs.GoOn():
            return True  # the rule looks at the clock itself
        case runs.RaiseHand(whose) | runs.LowerHand(whose):
            return whose == person
        case runs.Keep(owner=owner):
            return owner == person
    if isinstance(command, runs.OWN_TURN):
        return person == run.speaker or (person == run.voice and isinstance(command, runs.Next))
    return False


def shuffled(run: Run) -> runs.Shuffle:
    """Return the wish to put the round in an order drawn now."""
    return runs.Shuffle(_drawn(run.order))


def owners_drawn(run: Run) -> runs.NameOwners:
    """Return the wish to take up the cases in an order drawn now."""
    return runs.NameOwners(_drawn(run.upcoming))


def _drawn(people: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(secrets.SystemRandom().sample(people, len(people)))


@transactional
def touch(meeting_id: int, what: str, *, actor_id: int | None, press: str | None = None) -> Run:
    """Tell the room that something beside the run changed: ``people``, ``reflections``, ``writings``."""
    return record(meeting_id, runs.Touch(what), actor_id=actor_id, press=press)


def tell_own_pages(meeting_id: int, person_id: int, tab: str = "") -> None:
    """Tell a person's pages, once it is over, that something of theirs was saved, and from which of them."""
    after_commit(partial(live.send, meeting_id, "mine", {"tab": tab}, owner_id=person_id))


def own_words(text: str) -> Mapping[str, str]:
    """Return a text that somebody wrote, the same in every language."""
    return {"": text} if text else {}
