"""Do in a meeting what a person or the system wants: rights, rule, event, commit, then tell the room."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from functools import partial

from flask_babel import gettext
from sqlalchemy import func, insert, select

from ementor import clock, live
from ementor.accounts.models import User
from ementor.database import after_commit, db, rows, transactional
from ementor.errors import Conflict, Invalid
from ementor.groups import policy
from ementor.held import Statement
from ementor.meetings.domain import floor
from ementor.meetings.domain import run as runs
from ementor.meetings.domain.run import By, Command, Refusal, Run
from ementor.meetings.models import Meeting, MeetingEvent
from ementor.meetings.services.access import access_of
from ementor.meetings.services.log import Newest, events_since, remember, run_of
from ementor.meetings.services.refusals import INVALID, REFUSALS

MAX_EVENTS_EACH = 4000
"""A whole meeting has hundreds. Past this one person is playing with it, and can only end it; the
others go on. What the system tells by itself counts as one more person."""

BEYOND_LIMIT = (runs.Close, runs.Reopen, runs.AskIdle, runs.PersonCame, runs.PersonLeft, runs.MergePeople)

Wish = Callable[[Run], Command]
Check = Callable[[Meeting], None]
_checks: dict[type[Command], list[Check]] = {}


def before(kind: type[Command]) -> Callable[[Check], Check]:
    """Let a feature above this one refuse a command of that kind, by raising."""

    def register(check: Check) -> Check:
        _checks.setdefault(kind, []).append(check)
        return check

    return register


_INSERT = Statement(insert(MeetingEvent))


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
    is the facilitators', or everybody's where the group has it so, but for ``By.LEADER``.
    Raises NotFound, NotAllowed, Invalid, or Conflict when it cannot be done now.
    """
    access = access_of(meeting_id, actor=actor)
    allowed = policy.leads if command.by is By.LEADER else policy.may_run
    if not allowed(access):
        run = run_of(meeting_id, access.newest)
        if runs.overtaken(run, command, seen):
            return run
        if not is_own(command, run, actor.id):
            policy.require_facilitator(actor, access.room.group_id)
    for check in _checks.get(type(command), ()):
        check(db.session.get_one(Meeting, meeting_id, populate_existing=True))
    return record(meeting_id, command, actor_id=actor.id, seen=seen, press=press, newest=access.newest)


@transactional
def act_on(meeting_id: int, wish: Wish, *, actor: User) -> Run:
    """Do what ``wish`` makes of the run as it is; when another event comes in between, it is asked again.

    For those who run the meeting. Raises as ``act`` does, and what ``wish`` raises.
    """
    access = access_of(meeting_id, actor=actor)
    if not policy.may_run(access):
        policy.require_facilitator(actor, access.room.group_id)
    return record(meeting_id, wish, actor_id=actor.id, newest=access.newest)


@transactional
def record(
    meeting_id: int,
    command: Command | Wish,
    *,
    actor_id: int | None,
    seen: int | None = None,
    press: str | None = None,
    newest: Newest | None = None,
) -> Run:
    """Do ``command`` without asking rights: for ``act`` and for the system.

    ``newest`` is the newest event, where this transaction has read that already.
    """
    run = run_of(meeting_id, newest)
    if not run.number and db.session.scalar(select(Meeting.sealed).where(Meeting.id == meeting_id)):
        raise Conflict(str(REFUSALS[Refusal.CLOSED]))  # its log is gone and may not begin anew
    if callable(command):
        if run.closed:
            raise Conflict(str(REFUSALS[Refusal.CLOSED]))
        command = command(run)
    if runs.overtaken(run, command, seen) or (press and has_counted(meeting_id, run, press, since=seen or 0)):
        return run
    try:
        events = runs.decide(run, command, clock.now())
    except runs.Refused as refused:
        text = str(REFUSALS[refused.why])
        raise (Invalid(text, INVALID[refused.why]) if refused.why in INVALID else Conflict(text)) from None
    if events and not isinstance(command, BEYOND_LIMIT) and _has_done_too_much(run, meeting_id, actor_id):
        if isinstance(command, runs.Touch):
            return run  # what it tells of is worth more than the telling
        raise Conflict(
            gettext("You have pressed buttons too many times in this meeting. Others can carry on.")
        )
    for event in events:
        run = runs.evolve(run, event)
        data = {**event.data, "press": press} if press else dict(event.data)
        key = {"meeting_id": meeting_id, "number": run.number}
        rows(_INSERT, {**key, "at": event.at, "actor_id": actor_id, "kind": event.kind.value, "data": data})
    if events:
        after_commit(remember, meeting_id, run)
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
        event.data.get("press") == press for event in events_since(meeting_id, since + 1)
    )


def is_own(command: Command, run: Run, person: int) -> bool:
    """Tell whether this is the person's own affair, for which nobody needs to run the meeting."""
    match command.by:
        case By.ANYONE:
            return True  # the rule looks at the clock itself
        case By.SELF:
            return command.whose == person
        case By.SPEAKER:
            return person == run.speaker
        case By.VOICE:
            return person in (run.speaker, run.voice)
    return False


def shuffled(run: Run) -> runs.Shuffle:
    """Return the wish to put the round in an order drawn now."""
    return runs.Shuffle(_drawn(run.order))


def owners_drawn(run: Run) -> runs.NameOwners:
    """Return the wish to take up the cases in an order drawn now."""
    return runs.NameOwners(_drawn(floor.upcoming(run)))


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
