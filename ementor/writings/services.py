"""Writing in private, being ready, and putting into the notes what one chooses.

What is written leaves for other eyes only through ``share``, line by line as its author
ticked them; that somebody is ready only as a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from flask_babel import gettext
from sqlalchemy import delete, select

from ementor.accounts.models import User
from ementor.database import MAX_ID, db, transactional
from ementor.errors import Conflict, Invalid, NotFound
from ementor.meetings import services as meetings
from ementor.meetings.domain.agenda import Item
from ementor.meetings.domain.run import Run
from ementor.meetings.models import Meeting
from ementor.notes import services as notes
from ementor.notes.document import fragment_name
from ementor.writings.models import MAX_TEXT, SharedLine, Writing

MAX_OTHER = 4 * MAX_TEXT


@dataclass(frozen=True)
class Given:
    """What somebody changed; None is what they left alone.

    ``seen`` is the number of the text that theirs goes on from, ``tab`` the page it was
    written on. ``other`` says what becomes of the text that was replaced unseen: "add" or
    "drop", and its digest.
    """

    text: str | None = None
    seen: int | None = None
    tab: str = ""
    other: tuple[str, str] | None = None
    answers: Mapping[str, int | None] = field(default_factory=dict)
    ready: bool | None = None


@dataclass(frozen=True)
class WrittenLine:
    """One line of a text, and whether it is in the notes already."""

    text: str
    shared: bool


@dataclass(frozen=True)
class Before:
    """What the same person answered in an earlier meeting of the group: the first time."""

    at: datetime
    answers: Mapping[str, int]


@dataclass(frozen=True)
class MyWriting:
    """What one person has written in one item, for their eyes only."""

    item: Item
    text: str = ""
    number: int = 0
    other: str = ""
    answers: Mapping[str, int] = field(default_factory=dict)
    ready: bool = False
    lines: tuple[WrittenLine, ...] = ()
    before: Before | None = None

    @property
    def other_digest(self) -> str:
        return digest_of(self.other)

    @property
    def shared(self) -> int:
        """How many lines are in the notes."""
        return sum(line.shared for line in self.lines)


@dataclass(frozen=True)
class Desk:
    """What a person has before them: what is written in now, and what they wrote earlier.

    ``ready`` of ``people`` count those who are in the room.
    """

    now: MyWriting | None
    earlier: tuple[MyWriting, ...]
    ready: int
    people: int


def digest_of(text: str) -> str:
    """Return what tells a text from others without holding it."""
    return sha256(text.strip().encode()).hexdigest()[:32]


def desk(meeting_id: int, *, actor: User, kept: int | None = None) -> tuple[Meeting, Run, Desk]:
    """Return what the person has written, with the meeting and its run. Raises NotFound.

    In the ``kept`` item they may be about to have written.
    """
    meeting = meetings.get_meeting(meeting_id, actor=actor)
    run = meetings.run_of(meeting_id)
    rows = {row.item_id: row for row in _rows(meeting_id, actor.id)}
    shared = _shared(meeting_id, actor.id)
    now = run.item if run.item and run.item.rules.is_written_in and not run.closed else None
    earlier = (
        _mine(item, rows.get(item.id), shared)
        for item in _items(run)
        if item != now and _is_mine(item, rows.get(item.id), kept)
    )
    before = _before(meeting, actor.id) if any(map(_is_assessment, _items(run))) else None
    return (
        meeting,
        run,
        Desk(
            now=_with(before, _mine(now, rows.get(now.id), shared)) if now else None,
            earlier=tuple(_with(before, one) for one in earlier),
            ready=len(_ready(meeting_id, now.id) & {*run.present}) if now else 0,
            people=len(run.present),
        ),
    )


def mine(meeting_id: int, item_id: int, *, actor: User) -> tuple[Meeting, MyWriting]:
    """Return what the person has written in one item, with the meeting. Raises NotFound."""
    meeting = meetings.get_meeting(meeting_id, actor=actor)
    row = _row(meeting_id, actor.id, item_id)
    item = _item(meetings.run_of(meeting_id), item_id, row)
    return meeting, _mine(item, row, _shared(meeting_id, actor.id))


@transactional
def save(meeting_id: int, item_id: int, given: Given, *, actor: User) -> MyWriting:
    """Keep what the person changed; saving the same twice changes nothing.

    Of two pages of one person the last one wins, and what it had not seen is kept beside it.
    Raises NotFound, Invalid, or Conflict once the meeting has ended.
    """
    meeting = meetings.get_meeting(meeting_id, actor=actor, hold=True)
    run = meetings.run_of(meeting_id)
    _require_open(meeting, run)
    row = _row(meeting_id, actor.id, item_id, hold=True)
    item = _item(run, item_id, row)
    if row is None:
        row = Writing(meeting_id=meeting_id, user_id=actor.id, item_id=item_id)
        row.text = row.tab = row.other = row.other_tab = ""
        row.number, row.answers, row.ready = 0, {}, False
        db.session.add(row)
    if given.text is not None:
        _write(row, given.text, given)
    if given.other and row.other and given.other[1] == digest_of(row.other):
        _settle(row, add=given.other[0] == "add")
    if given.answers and not _is_assessment(item):
        raise Invalid(gettext("Something went wrong. Reload the page."))
    answers = {key: number for key, number in given.answers.items() if number is not None}
    row.answers = {key: old for key, old in row.answers.items() if key not in given.answers} | answers
    was_ready, row.ready = row.ready, row.ready if given.ready is None else given.ready
    db.session.flush()
    meetings.tell_own_pages(meeting_id, actor.id, given.tab)
    if row.ready != was_ready:
        meetings.touch(meeting_id, "writings", actor_id=actor.id)
    return _mine(item, row, _shared(meeting_id, actor.id))


def _write(row: Writing, text: str, given: Given) -> None:
    if text == row.text:
        return
    own = given.tab and given.tab == row.tab  # it may not have heard that its last text arrived
    unseen = given.seen is not None and given.seen != row.number and not own
    if unseen and row.text and row.text not in text:
        before = "" if given.tab and given.tab == row.other_tab else row.other
        row.other_tab = row.tab if not before or row.tab == row.other_tab else ""
        row.other = "\n\n".join(filter(None, [before, row.text]))
        if len(row.other) > MAX_OTHER:
            raise Conflict(
                gettext("You have also written here in another window. Reload the page to see it.")
            )
    row.text, row.tab = text, given.tab
    row.number += 1


def _settle(row: Writing, *, add: bool) -> None:
    if add and row.other not in row.text:
        text = "\n\n".join(filter(None, [row.text, row.other]))
        if len(text) > MAX_TEXT:
            raise Invalid(gettext("Please shorten this to at most %(n)d characters.", n=MAX_TEXT))
        row.text = text
        row.number += 1
    row.other = row.other_tab = ""


@transactional
def share(meeting_id: int, item_id: int, lines: Sequence[str], *, named: bool, actor: User) -> int:
    """Put lines into the item's notes, for all to see; answers how many were not there yet.

    A line that its author has put there goes there no second time: not by a double press,
    nor by a press from another page. Raises NotFound, Invalid, TooFast, or Conflict once the
    meeting has ended or when the notes are full.
    """
    meeting = meetings.get_meeting(meeting_id, actor=actor, hold=True)
    run = meetings.run_of(meeting_id)
    _require_open(meeting, run)
    row = _row(meeting_id, actor.id, item_id)
    _item(run, item_id, row)
    own = {line.strip() for line in row.text.split("\n")} if row else set()
    if not set(lines) <= own:
        raise Conflict(gettext("Your text has changed since then. Look through it again before you share."))
    there = _shared(meeting_id, actor.id)
    new = [line for line in dict.fromkeys(lines) if (item_id, digest_of(line)) not in there]
    if not new:
        return 0
    for line in new:
        key = SharedLine(meeting_id=meeting_id, user_id=actor.id, item_id=item_id, digest=digest_of(line))
        db.session.add(key)
    db.session.flush()
    notes.say(meeting_id, fragment_name(item_id), new, named=named, actor=actor)
    meetings.tell_own_pages(meeting_id, actor.id)
    return len(new)


def _require_open(meeting: Meeting, run: Run) -> None:
    if meeting.ended_at or run.closed:
        raise Conflict(gettext("The meeting has ended. What you had already saved is kept."))


def _items(run: Run) -> list[Item]:
    return [*run.agenda, *(item for _, item in run.removed)]


def _item(run: Run, item_id: int, row: Writing | None) -> Item:
    """Return an item that is written in, or was: its mode may have been changed since."""
    for item in _items(run):
        if item.id == item_id and (item.rules.is_written_in or row is not None):
            return item
    raise NotFound(gettext("You can no longer write here."))


def _rows(meeting_id: int, user_id: int) -> list[Writing]:
    query = select(Writing).where(Writing.meeting_id == meeting_id, Writing.user_id == user_id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def _row(meeting_id: int, user_id: int, item_id: int, *, hold: bool = False) -> Writing | None:
    if not 0 < item_id <= MAX_ID:
        return None
    key = (meeting_id, user_id, item_id)
    return db.session.get(Writing, key, populate_existing=True, with_for_update=hold or None)


def _mine(item: Item, row: Writing | None, shared: set[tuple[int, str]]) -> MyWriting:
    if row is None:
        return MyWriting(item)
    lines = tuple(
        WrittenLine(line.strip(), (item.id, digest_of(line)) in shared)
        for line in row.text.split("\n")
        if line.strip()
    )
    return MyWriting(item, row.text, row.number, row.other, dict(row.answers), row.ready, lines)


def _is_mine(item: Item, row: Writing | None, kept: int | None) -> bool:
    if row is not None and _holds_words(row):
        return True
    return item.id == kept and (item.rules.is_written_in or row is not None)


def _is_assessment(item: Item) -> bool:
    return item.form == "self_assessment"


def _with(before: Before | None, one: MyWriting) -> MyWriting:
    return replace(one, before=before) if _is_assessment(one.item) else one


def _before(meeting: Meeting, user_id: int) -> Before | None:
    query = (
        select(Meeting.created_at, Writing.answers)
        .join(Writing, Writing.meeting_id == Meeting.id)
        .where(Meeting.group_id == meeting.group_id, Meeting.id < meeting.id, Writing.user_id == user_id)
        .order_by(Meeting.id, Writing.item_id)
    )
    found = (Before(at, answers) for at, answers in db.session.execute(query) if answers)
    return next(found, None)


def _shared(meeting_id: int, user_id: int) -> set[tuple[int, str]]:
    query = select(SharedLine.item_id, SharedLine.digest).where(
        SharedLine.meeting_id == meeting_id, SharedLine.user_id == user_id
    )
    return {(item_id, digest) for item_id, digest in db.session.execute(query)}


def _ready(meeting_id: int, item_id: int) -> set[int]:
    query = select(Writing.user_id).where(
        Writing.meeting_id == meeting_id, Writing.item_id == item_id, Writing.ready
    )
    return set(db.session.scalars(query))


def _holds_words(row: Writing) -> bool:
    return bool(row.text.strip() or row.other or row.answers)


# After the meeting


def writers(meeting_id: int) -> set[int]:
    """Return who has written anything, so that its record is theirs to read."""
    query = select(Writing).where(Writing.meeting_id == meeting_id)
    return {row.user_id for row in db.session.scalars(query) if _holds_words(row)}


def kept(meeting_id: int, user_id: int) -> list[tuple[int, str, dict[str, int]]]:
    """Return item, text and answers of each writing of a person, for their own eyes."""
    rows = sorted(filter(_holds_words, _rows(meeting_id, user_id)), key=lambda row: row.item_id)
    return [
        (row.item_id, "\n\n".join(filter(None, [row.text, row.other])), dict(row.answers)) for row in rows
    ]


def lines_in_notes(row: Writing) -> list[str]:
    """Return the lines of a text that its author has put into the notes, while that is still known."""
    shared = _shared(row.meeting_id, row.user_id)
    lines = map(str.strip, row.text.split("\n"))
    return [line for line in lines if (row.item_id, digest_of(line)) in shared]


@transactional
def forget_live(meeting_id: int) -> None:
    """Drop who was ready and whose the lines in the notes are; private words stay, empty ones go."""
    db.session.execute(delete(SharedLine).where(SharedLine.meeting_id == meeting_id))
    for row in db.session.scalars(select(Writing).where(Writing.meeting_id == meeting_id)):
        if not _holds_words(row):
            db.session.delete(row)
        row.ready = False
