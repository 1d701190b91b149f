"""Bring this next time: wishes of one's own, shown to the group or not, and put on an agenda."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import force_locale, gettext
from sqlalchemy import and_, select

from ementor import clock
from ementor.accounts import services as accounts
from ementor.accounts.models import User
from ementor.archive.services import when_sealed
from ementor.database import MAX_ID, db, transactional
from ementor.errors import Conflict, Invalid, NotFound
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.groups.models import Membership
from ementor.languages import LANGUAGES
from ementor.meetings import services as meetings
from ementor.meetings.domain.agenda import MAX_TITLE, Mode, Text
from ementor.meetings.domain.run import AddItem, Run
from ementor.meetings.models import Meeting
from ementor.series import opening, services
from ementor.series.models import Wish

MAX_TEXT = 300
MAX_OPEN = 10
MINUTES = 10


@dataclass(frozen=True)
class One:
    """A wish as its viewer may see it; ``meeting_id`` is the one on whose agenda it is."""

    id: int
    person: int
    name: str
    text: str
    shown: bool
    meeting_id: int | None


def of_group(group_id: int, me: int | None) -> tuple[One, ...]:
    """Return the wishes that somebody sees, in the order they came; of None those that are shown.

    A wish whose meeting has ended is over; one whose item was taken off the agenda, or which the meeting
    never came to, is open again.
    What is not shown is not read for anybody else, nor what was wished by who has left. Asks no rights.
    """
    is_member = and_(
        Membership.group_id == Wish.group_id,
        Membership.user_id == Wish.user_id,
        Membership.ended_at.is_(None),
    )
    query = (
        select(Wish, Meeting.ended_at)
        .join(Membership, is_member)
        .outerjoin(Meeting, Meeting.id == Wish.meeting_id)
        .where(Wish.group_id == group_id, Wish.shown | (Wish.user_id == (me or 0)))
        .order_by(Wish.id)
        .execution_options(populate_existing=True)
    )
    runs: dict[int, Run] = {}
    found = []
    for wish, ended_at in db.session.execute(query):
        if ended_at is None:
            taken = wish.meeting_id if _is_on_agenda(wish, runs) else None
            found.append(One(wish.id, wish.user_id, wish.user.name, wish.text, wish.shown, taken))
    return tuple(found)


def _is_on_agenda(wish: Wish, runs: dict[int, Run] | None = None) -> bool:
    if wish.meeting_id is None:
        return False
    known = {} if runs is None else runs
    if wish.meeting_id not in known:
        known[wish.meeting_id] = meetings.run_of(wish.meeting_id)
    return known[wish.meeting_id].item_by_id(wish.item_id) is not None


@transactional
def write(group_id: int, text: str, *, actor: User) -> None:
    """Note a wish, for its author alone; the same words again are no second one.

    Raises NotFound, Invalid, or Conflict for who has many open ones already.
    """
    policy.require_member(actor, group_id)
    groups.lock_group(group_id)
    text = accounts.visible_text(text)
    if not text:
        raise Invalid(gettext("Write what you would like to talk about."), field="text")
    if len(text) > MAX_TEXT:
        raise Invalid(gettext("Please shorten this to at most %(n)d characters.", n=MAX_TEXT), field="text")
    mine = [one for one in of_group(group_id, actor.id) if one.person == actor.id and one.meeting_id is None]
    if text in {one.text for one in mine}:
        return
    if len(mine) >= MAX_OPEN:
        raise Conflict(gettext("You already have %(n)d open wishes. Delete one first.", n=MAX_OPEN))
    wish = Wish(group_id=group_id, user_id=actor.id, text=text, shown=False, created_at=clock.now())
    wish.meeting_id = wish.item_id = None
    db.session.add(wish)
    db.session.flush()
    services.told(group_id)


@transactional
def show(group_id: int, wish_id: int, shown: bool, *, actor: User) -> None:
    """Show one's own wish to the group, or take it back; twice is once.

    Raises NotFound, or Conflict once it is on an agenda.
    """
    wish = _own(group_id, wish_id, actor)
    if wish.shown == shown:
        return
    if not shown and _is_on_agenda(wish):
        raise Conflict(gettext("This wish is already on the agenda."))
    wish.shown = shown
    _tell(group_id, actor)


@transactional
def delete(group_id: int, wish_id: int, *, actor: User) -> None:
    """Delete one's own wish; what is on an agenda stays there. Twice is once. Raises NotFound."""
    policy.require_member(actor, group_id)
    groups.lock_group(group_id)
    wish = _wish(group_id, wish_id)
    if wish is None or wish.user_id != actor.id:
        return  # it is gone, or it was never there for them
    was_shown = wish.shown
    db.session.delete(wish)
    db.session.flush()
    services.told(group_id)
    if was_shown:
        _tell(group_id, actor)


@transactional
def bring(group_id: int, wish_id: int, planned_id: int, *, actor: User) -> None:
    """Put a shown wish on the agenda of a date, which is prepared if need be; for those who prepare it.

    Raises as ``take_up`` and ``opening.prepare``.
    """
    policy.require_member(actor, group_id)
    groups.lock_group(group_id)
    _shown(group_id, wish_id)
    take_up(opening.prepare(group_id, planned_id, actor=actor), wish_id, actor=actor)


@transactional
def take_up(meeting: Meeting | meetings.Room, wish_id: int, *, actor: User, place: int | None = None) -> Run:
    """Put a shown wish on a meeting's agenda, before the closing reflection if no place is said.

    For those who run the meeting. Twice is once, also from two people. Raises NotFound, NotAllowed, or
    Conflict when the meeting has ended or its agenda is full.
    """
    policy.require_runner(actor, meeting.group_id)
    groups.lock_group(meeting.group_id)
    wish = _shown(meeting.group_id, wish_id)
    if _is_on_agenda(wish):
        return meetings.run_of(meeting.id)
    title, prompt = _item_of(wish)
    command = AddItem(mode=Mode.OPEN, title=title, prompt=prompt, minutes=MINUTES, place=place)
    run = meetings.act(meeting.id, command, actor=actor)
    wish.meeting_id, wish.item_id = meeting.id, run.last_item_id
    db.session.flush()
    services.told(meeting.group_id)
    return run


@when_sealed
def settle(meeting: Meeting) -> None:
    """Let those wishes be open again whose item the meeting never came to."""
    run = meetings.run_of(meeting.id)
    for wish in db.session.scalars(select(Wish).where(Wish.meeting_id == meeting.id)):
        item = run.item_by_id(wish.item_id)
        if item is None or run.state_of(item) not in {"done", "now"}:
            wish.meeting_id = wish.item_id = None
            services.told(meeting.group_id)


def _item_of(wish: Wish) -> tuple[Text, Text]:
    """Return title and prompt of a wish as an item: its words, and whose they are, in all languages."""
    title = wish.text
    if len(title) > MAX_TITLE:
        title = title[: MAX_TITLE - 1].rsplit(" ", 1)[0] + "…"
    prompt = {}
    for locale in LANGUAGES:
        with force_locale(locale):
            whose = gettext("%(name)s would like to talk about this.", name=wish.user.name)
        prompt[locale] = whose if title == wish.text else f"{wish.text}\n{whose}"
    return meetings.own_words(title), prompt


def _wish(group_id: int, wish_id: int) -> Wish | None:
    wish = db.session.get(Wish, wish_id, populate_existing=True) if 0 < wish_id <= MAX_ID else None
    return wish if wish is not None and wish.group_id == group_id else None


def _own(group_id: int, wish_id: int, actor: User) -> Wish:
    policy.require_member(actor, group_id)
    groups.lock_group(group_id)
    wish = _wish(group_id, wish_id)
    if wish is None or wish.user_id != actor.id:
        raise NotFound(gettext("There is no such wish."))
    return wish


def _shown(group_id: int, wish_id: int) -> Wish:
    wish = _wish(group_id, wish_id)
    if wish is None or not wish.shown or policy.membership_of(wish.user, group_id) is None:
        raise NotFound(gettext("There is no such wish. Its author may have withdrawn it."))
    return wish


def _tell(group_id: int, actor: User) -> None:
    """Let the group's pages know, and the room, where wishes are put on the agenda."""
    db.session.flush()
    services.told(group_id)
    meeting_id = services.open_meeting(group_id)
    if meeting_id is not None:
        meetings.touch(meeting_id, "wishes", actor_id=actor.id)
