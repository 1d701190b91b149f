"""Close a meeting and keep its record; undo that for a minute; then let the rest go."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakSet

from flask_babel import gettext
from sqlalchemy import Engine, delete, select

from ementor import clock
from ementor.accounts.models import User
from ementor.archive.models import Record, RecordReader
from ementor.database import after_commit, db, transactional, truncate_journal
from ementor.errors import Conflict, NotAllowed, NotFound
from ementor.groups import policy
from ementor.groups import services as groups
from ementor.meetings import presence, series
from ementor.meetings import services as meetings
from ementor.meetings.domain.agenda import Keeps
from ementor.meetings.domain.run import REOPEN_S, Close, Reopen, Run
from ementor.meetings.domain.values import replace
from ementor.meetings.models import Meeting, MeetingEvent, Presence
from ementor.notes import services as notes
from ementor.notes.document import GENERAL, OUTSIDE, fragment_name
from ementor.notes.models import NoteUpdate, OwnNoteUpdate
from ementor.reflections import services as reflections
from ementor.reflections.models import SCALE, Reflection, Sharing
from ementor.reflections.services import Mine
from ementor.writings import services as writings

SEAL_AFTER = timedelta(seconds=REOPEN_S + 2)
"""A little longer than the undo lasts, so that an undo in its last second is not overtaken."""

log = logging.getLogger(__name__)
_in_journal: WeakSet[Engine] = WeakSet()
"""The databases whose journal still holds what was let go of."""


@dataclass(frozen=True)
class Kept:
    """A record as one of its readers may see it.

    ``data`` is as in ``models.Record``. ``private`` are the reader's own words, by question,
    ``writings`` what they wrote in an agenda item: its title, words and answers, and
    ``own_notes`` their own notes, as HTML of known tags.
    Before the seal, what was never revealed is not in ``data``: a wrong press of "end"
    would otherwise show it.
    """

    meeting: Meeting
    data: dict[str, Any]
    private: dict[str, str]
    own_notes: str
    writings: tuple[tuple[dict[str, str], str, dict[str, int]], ...]
    sealed: bool
    may_reopen: bool
    facilitates: bool


@transactional
def close_and_keep(meeting_id: int, *, actor: User, seen: int | None = None) -> Run:
    """End the meeting and keep its record, both or neither; twice is once.

    Raises NotFound, NotAllowed, or Conflict when the meeting has not started.
    """
    meeting = locked(meetings.get_meeting(meeting_id, actor=actor).id)
    run = meetings.act(meeting_id, Close(), actor=actor, seen=seen)
    if run.closed:
        _end(meeting, run)
    return run


@transactional
def close_by_itself(meeting_id: int, *, quiet_since: datetime | None) -> Run:
    """End a meeting that nobody has ended, and keep its record: for the system, see ``idle``.

    ``quiet_since`` is for the record to tell; free talk ends without a word.
    """
    meeting = locked(meeting_id)
    run = meetings.record(meeting_id, Close(itself=True), actor_id=None)
    _end(meeting, run, quiet_since=quiet_since)
    return run


@transactional
def reopen(meeting_id: int, *, actor: User, seen: int | None = None) -> Run:
    """Take back the end within a minute; all is as it was. Raises NotFound, NotAllowed or Conflict."""
    meeting = locked(meetings.get_meeting(meeting_id, actor=actor).id)
    if meeting.sealed:
        policy.require_facilitator(actor, meeting.group_id)
        raise Conflict(gettext("The end of a meeting can be undone for a minute only."))
    run = meetings.act(meeting_id, Reopen(), actor=actor, seen=seen)
    if not run.closed:
        meeting.ended_at = None
        ended = select(Meeting.id).where(Meeting.group_id == meeting.group_id, Meeting.ended_at.is_not(None))
        groups.close_to_new(meeting.group_id, closed=db.session.scalars(ended).first() is not None)
        db.session.execute(delete(RecordReader).where(RecordReader.meeting_id == meeting_id))
        db.session.execute(delete(Record).where(Record.meeting_id == meeting_id))
        presence.come_in_again(meeting_id)
        run = meetings.run_of(meeting_id)
    return run


def when_sealed(function: Callable[[Meeting], None]) -> Callable[[Meeting], None]:
    """Let a feature above this one hear of a meeting whose end can no longer be undone."""
    _hear_of_sealed.append(function)
    return function


_hear_of_sealed: list[Callable[[Meeting], None]] = []


@transactional
def seal(meeting_id: int) -> bool:
    """Let go of what the record does not hold, once the end can no longer be undone.

    Dropped are who spoke how long (the log of events), what was deleted from the notes or
    off the record (their updates), who was connected, who was ready with writing and what of
    it they put into the notes, and whose an unnamed answer or a number was. Private words,
    own notes and next steps stay. Answers whether this call did it.
    """
    meeting = locked(meeting_id)
    if meeting.sealed or not meeting.ended_at or clock.now() - meeting.ended_at < SEAL_AFTER:
        return False
    run = meetings.run_of(meeting_id)
    _keep(meeting, run)
    record = db.session.get_one(Record, meeting_id)
    # An edit that crossed the end on another process was acknowledged, so it belongs here.
    record.data = record.data | _written(meeting_id, run)
    unkept = notes.keep_own(meeting_id)
    series.remember(meeting, run)
    reflections.forget_shared(meeting_id)
    writings.forget_live(meeting_id)
    # What cannot be shown even as plain text stays where it is: whoever looks after the server has the log.
    notes_log = (NoteUpdate,) if notes.is_kept_whole(meeting_id) else ()
    for model in (MeetingEvent, Presence, *notes_log):
        db.session.execute(delete(model).where(model.meeting_id == meeting_id))
    own = (OwnNoteUpdate.meeting_id == meeting_id, OwnNoteUpdate.owner_id.not_in(unkept))
    db.session.execute(delete(OwnNoteUpdate).where(*own))
    meeting.sealed = True
    for hear in _hear_of_sealed:
        hear(meeting)
    after_commit(notes.forget, meeting_id)
    return True


def seal_due() -> list[int]:
    """Seal every meeting that ended more than a minute ago; answers which.

    One that cannot be sealed does not keep the others from it, and is tried again. What was
    let go of leaves the journal on disk too; when a reader holds that, at the next call.
    """
    due = db.session.scalars(
        select(Meeting.id).where(Meeting.sealed.is_(False), Meeting.ended_at < clock.now() - SEAL_AFTER)
    ).all()
    db.session.commit()
    sealed = []
    for meeting_id in due:
        try:
            if seal(meeting_id):
                sealed.append(meeting_id)
        except Exception:
            log.exception("meeting %d cannot be sealed", meeting_id)
    if sealed:
        _in_journal.add(db.engine)
    if db.engine in _in_journal and truncate_journal():
        _in_journal.discard(db.engine)
    return sealed


def kept(meeting_id: int, *, actor: User) -> Kept:
    """Return the record for one who was in the meeting.

    Raises NotFound for strangers and while the meeting goes on, NotAllowed for members
    of the group who were not there.
    """
    meeting = meetings.get_meeting(meeting_id, actor=actor)
    record = db.session.get(Record, meeting_id, populate_existing=True)
    if not meeting.ended_at or record is None:
        raise NotFound(gettext("There is no record yet: the meeting is still going on."))
    if db.session.get(RecordReader, (meeting_id, actor.id)) is None:
        raise NotAllowed(gettext("The record of a meeting is for those who were there."))
    member = policy.require_member(actor, meeting.group_id)
    return Kept(
        meeting=meeting,
        data=record.data if meeting.sealed or record.data["revealed"] else _unrevealed(record.data),
        private=_private(reflections.mine(meeting_id, actor.id)),
        own_notes=notes.own_html(meeting_id, actor=actor),
        writings=_writings(meeting_id, actor.id, record.data),
        sealed=meeting.sealed,
        may_reopen=policy.leads(member) and not meeting.sealed,
        facilitates=policy.keeps(member),
    )


def locked(meeting_id: int) -> Meeting:
    """Return the meeting, held so that nobody writes to it before this transaction ends."""
    query = select(Meeting).where(Meeting.id == meeting_id).with_for_update(of=Meeting)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def _end(meeting: Meeting, run: Run, *, quiet_since: datetime | None = None) -> None:
    _keep(meeting, run, quiet_since=quiet_since)
    # Who has not been here until now has something to ask the group first.
    groups.close_to_new(meeting.group_id, closed=True)


def _keep(meeting: Meeting, run: Run, *, quiet_since: datetime | None = None) -> None:
    """Write the record, unless it is there."""
    if db.session.get(Record, meeting.id, populate_existing=True):
        return
    ended_at = run.closed_at or clock.now()
    meeting.ended_at = ended_at
    readers = {*run.people, *writings.writers(meeting.id), *_took_part(meeting)}
    names = db.session.execute(select(User.id, User.name).where(User.id.in_(readers))).all()
    data = {
        "version": 1,
        "title": dict(meeting.title),
        "group": meeting.group.name,
        "started_at": run.started_at.isoformat() if run.started_at else None,
        "ended_at": ended_at.isoformat(),
        "quiet_since": quiet_since.isoformat() if quiet_since else None,
        "revealed": run.revealed,
        "people": sorted((name for _, name in names), key=str.casefold),
        "roles": {name: run.roles[user_id].value for user_id, name in names if user_id in run.roles},
        "agenda": _agenda(_while_people_were_there(run), ended_at),
        "cases": _cases(run),
        **_written(meeting.id, run),
        **_shared(meeting),
    }
    db.session.add(Record(meeting_id=meeting.id, kept_at=clock.now(), data=data))
    db.session.flush()
    db.session.add_all(RecordReader(meeting_id=meeting.id, user_id=user_id) for user_id, _ in names)


def _took_part(meeting: Meeting) -> set[int]:
    """Return who did something in the meeting, also without ever having had a line to the room."""
    begun = select(Reflection.user_id).where(Reflection.meeting_id == meeting.id)
    pressed = select(MeetingEvent.actor_id).where(MeetingEvent.meeting_id == meeting.id)
    wrote = select(NoteUpdate.author_id).where(NoteUpdate.meeting_id == meeting.id)
    own = select(OwnNoteUpdate.owner_id).where(OwnNoteUpdate.meeting_id == meeting.id)
    return {
        person
        for query in (begun, pressed, wrote, own)
        for person in db.session.scalars(query)
        if person is not None
    }


def _while_people_were_there(run: Run) -> Run:
    """Return the run closed when the last one left, if it closed itself in an empty room."""
    if not run.schedule.closed_itself or run.present or not run.left_at:
        return run
    return replace(run, closed_at=max(run.left_at.values()))


def _agenda(run: Run, ended_at: datetime) -> list[dict[str, Any]]:
    return [
        {
            "id": item.id,
            "mode": item.mode.value,
            "title": dict(item.title),
            "prompt": dict(item.prompt),
            "minutes": item.minutes,
            "actual_minutes": (
                round(run.actual_s(item, ended_at) / 60)
                if run.state_of(item) in {"done", "now"} or run.actual_s(item, ended_at)
                else None
            ),
            "skipped": item.skipped,
        }
        for item in run.agenda
    ]


def _cases(run: Run) -> list[dict[str, Any]]:
    """Return the key question and the next step of each case, as they were written down in it."""
    owners = {(item_id, owner) for (item_id, owner, _), text in run.kept.items() if text}
    query = select(User.id, User.name).where(User.id.in_({owner for _, owner in owners}))
    names = dict(db.session.execute(query).all())
    return [
        {
            "item": item.id,
            "title": dict(item.title),
            "name": names.get(owner),
            **{what.value: run.kept.get((item.id, owner, what), "") for what in Keeps},
        }
        for item in run.agenda
        for item_id, owner in sorted(owners)
        if item_id == item.id
    ]


def _written(meeting_id: int, run: Run) -> dict[str, Any]:
    """Return what was written: the general notes, then item by item, also of removed ones.

    Beside that, what may be told outside, and what was marked in any of these.
    """
    html, markdown = notes.html_of(meeting_id), notes.markdown_of(meeting_id)
    removed = [item for _, item in run.removed]
    parts: list[tuple[str, int | None, dict[str, str] | None]] = [(GENERAL, None, None)]
    parts += [(fragment_name(item.id), item.id, dict(item.title)) for item in (*run.agenda, *removed)]
    texts = {part: {"html": html[part], "markdown": markdown.get(part, "")} for part in html}
    titles = {part: title for part, _, title in parts}
    return {
        "notes": [
            {"item": item_id, "title": title, **texts[part]}
            for part, item_id, title in parts
            if part in texts
        ],
        "outside": texts.get(OUTSIDE),
        "marked": {
            mark: [{"part": part, "title": titles.get(part), "text": words} for part, words in found]
            for mark, found in notes.collected_of(meeting_id).items()
        },
    }


def _shared(meeting: Meeting) -> dict[str, Any]:
    """Return what people marked as shared; revealed or not, they said that it is kept."""
    questions = reflections.questions_of(meeting)
    shown = reflections.seen_by_all(meeting.id)
    return {
        "questions": [
            {
                "key": key,
                "text": dict(text),
                "answers": [{"name": one.name, "text": one.text} for one in shown.answers.get(key, ())],
            }
            for key, text in questions.items()
            if key != SCALE
        ],
        "scale": dict(questions[SCALE]),
        "picture": list(shown.picture.counts) if shown.picture else None,
        "steps": [{"name": one.name, "text": one.text} for one in shown.steps],
    }


def _unrevealed(data: dict[str, Any]) -> dict[str, Any]:
    questions = [question | {"answers": []} for question in data["questions"]]
    return data | {"questions": questions, "picture": None, "steps": []}


def _private(mine: Mine) -> dict[str, str]:
    return {
        question: text
        for question, text in mine.texts.items()
        if text and mine.sharings[question] is Sharing.PRIVATE and question != SCALE
    }


def _writings(
    meeting_id: int, reader_id: int, data: dict[str, Any]
) -> tuple[tuple[dict[str, str], str, dict[str, int]], ...]:
    titles = {item["id"]: item["title"] for item in data["agenda"]}
    kept = writings.kept(meeting_id, reader_id)
    return tuple((titles.get(item_id, {}), text, answers) for item_id, text, answers in kept)
